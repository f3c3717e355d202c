//! Saving a record.

use std::time::SystemTime;

use redis::Cmd;
use tegata::Error;
use tegata::provider::ErrorExt as _;
use tegata::store::Record;

use crate::inner::Inner;
use crate::seen::LastRecord;
use crate::ttl;

/// Any record may be replaced.
const ANY: &str = "*";

/// There must be no record.
const NONE: &str = "";

impl Inner {
    pub(crate) async fn save(&self, record: &Record) -> Result<(), Error> {
        let (leased, last) = {
            let seen = self.seen();
            (seen.lease.is_some(), seen.last.clone())
        };
        match &last {
            LastRecord::NotLoaded if leased => self.write(record, ANY).await,
            LastRecord::NotLoaded | LastRecord::None => self.write(record, NONE).await,
            LastRecord::Stamped(stamp) => self.write(record, stamp).await,
            LastRecord::Damaged { .. } | LastRecord::Foreign => Err(self.unreadable(
                "cannot be saved, for there is one that could not be read and may be of use elsewhere",
            )),
        }
    }

    /// Saves a record that says that the user has logged out.
    pub(crate) async fn delete(&self) -> Result<(), Error> {
        let deleted = Record::deleted(SystemTime::now());
        let loaded = self.load().await;
        let last = self.seen().last.clone();
        match (loaded, last) {
            (Ok(Some(former)), _) => {
                let next = former.version().saturating_add(1);
                let owner = former.owner().cloned();
                self.save(&deleted.with_version(next).with_owner(owner))
                    .await
            }
            (Ok(None), _) => self.save(&deleted).await,
            (Err(_), LastRecord::Damaged { version, stamp }) => {
                let next = version.saturating_add(1);
                self.write(&deleted.with_version(next), &stamp).await
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Replaces the record with the expected stamp. It can be repeated: a repeated save has the same stamp.
    async fn write(&self, record: &Record, expected: &str) -> Result<(), Error> {
        let lease = {
            let seen = self.seen();
            seen.lease.as_ref().map(|held| held.value.clone())
        };
        let written =
            serde_json::to_vec(record).map_err(|_| self.unreadable("cannot be written down"))?;
        let stamp = self.stamp(&written);
        let written = self.settings.sealer.seal(written, &self.keys.token)?;
        let lifetime = ttl::of(record, self.settings.ttl, SystemTime::now())
            .map_or_else(String::new, |ttl| ttl::millis(ttl).to_string());
        let mut command = Cmd::new();
        command
            .arg("EVAL")
            .arg(include_str!("scripts/save.lua"))
            .arg(2)
            .arg(&self.keys.token)
            .arg(&self.keys.lease)
            .arg(lease.as_deref().unwrap_or_default())
            .arg(expected)
            .arg(&stamp)
            .arg(record.version())
            .arg(lifetime)
            .arg(written);
        let (outcome, version): (String, u64) = self
            .server
            .ask(&command)
            .await
            .map_err(|failure| self.failed(&failure, &self.keys.token, "saved"))?;
        if outcome == "saved" {
            tracing::debug!(target: "tegata", key = self.keys.token, version, "token saved");
            let mut seen = self.seen();
            seen.last = LastRecord::Stamped(stamp);
            seen.kept = self.to_go_on_with(record);
            return Ok(());
        }
        Err(self.not_saved(&outcome, record.version(), version, expected))
    }

    /// The script's answer if it has not replaced the record.
    fn not_saved(&self, outcome: &str, version: u64, stored: u64, expected: &str) -> Error {
        let moved = "was not saved, for another process has saved one since it was last loaded: load that \
                     first";
        match outcome {
            "lost" => {
                let why = "was not saved, for the lease was lost: it ran out or the server forgot it, and \
                           another process may have renewed the token since. It can be saved under a new \
                           lease, if no newer one has been";
                self.unreadable(why).transient()
            }
            "older" if expected == ANY => self.unreadable(moved).transient(),
            "older" => self.unreadable(&format!(
                "was not saved, for the record has version {version} and would replace version {stored}: \
                 give it a later version than the one that was loaded (`Record::with_version`)"
            )),
            "moved" => self.unreadable(moved).transient(),
            _ => self.unreadable(
                "was not saved: the value there was not written by this version of this store, and was left \
                 alone: move it away (`RENAME`), or give this store another namespace",
            ),
        }
    }
}
