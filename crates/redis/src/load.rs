//! Loading a record.

use redis::Cmd;
use tegata::provider::ErrorExt as _;
use tegata::store::Record;
use tegata::{Error, ErrorKind, Token};

use crate::failure::Failure;
use crate::inner::Inner;
use crate::seen::LastRecord;
use crate::settings::Unavailable;
use crate::stored::{Format, Stored, Unknown};

/// The stored record, or why it cannot be used, to follow "the token".
struct Unreadable {
    last: LastRecord,
    why: String,
}

impl Inner {
    pub(crate) async fn load(&self) -> Result<Option<Record>, Error> {
        let mut command = Cmd::new();
        command.arg("GET").arg(&self.keys.token);
        let stored: Option<Vec<u8>> = match self.server.ask(&command).await {
            Ok(stored) => stored,
            Err(failure) => return self.load_while_away(&failure),
        };
        let read = stored.as_deref().map(|stored| self.read(stored));
        let mut seen = self.seen();
        match read.transpose() {
            Ok(Some((stamp, record))) => {
                seen.last = LastRecord::Stamped(stamp);
                seen.kept = self.to_go_on_with(&record);
                Ok(Some(record))
            }
            Ok(None) => {
                seen.last = LastRecord::None;
                seen.kept = None;
                Ok(None)
            }
            Err(Unreadable { last, why }) => {
                seen.last = last;
                Err(self.unreadable(&why))
            }
        }
    }

    fn load_while_away(&self, failure: &Failure) -> Result<Option<Record>, Error> {
        let kept = self.seen().kept.clone();
        if !failure.away || kept.is_none() {
            return Err(self.failed(failure, &self.keys.token, "loaded"));
        }
        tracing::warn!(
            target: "tegata", key = self.keys.token, why = %failure.text,
            "going on with the token in memory, for Redis is away"
        );
        Ok(kept)
    }

    /// Stamp and record.
    fn read(&self, value: &[u8]) -> Result<(String, Record), Unreadable> {
        let stored = Stored::parse(value).map_err(|unknown| Unreadable {
            last: LastRecord::Foreign,
            why: match unknown {
                Unknown::Foreign => {
                    "cannot be loaded: the value there was not written by this store, and was left alone: \
                     move it away (`RENAME`), or give this store another namespace"
                        .to_owned()
                }
                Unknown::Format(format) => {
                    format!("has the unknown format {format}: a later version of this crate wrote it")
                }
            },
        })?;
        let damaged = |why| Unreadable {
            last: LastRecord::Damaged {
                version: stored.version,
                stamp: stored.stamp.to_owned(),
            },
            why,
        };
        let payload = self
            .settings
            .sealer
            .open(stored.payload, &self.keys.token)
            .map_err(damaged)?;
        let record = record(&stored, &payload).ok_or_else(|| {
            damaged(
                "is damaged; it was left alone: move it away (`RENAME`) or delete it, after which the user \
                 may have to log in again"
                    .to_owned(),
            )
        })?;
        let version = stored.version;
        tracing::debug!(target: "tegata", key = self.keys.token, version, "token loaded");
        Ok((stored.stamp.to_owned(), record))
    }

    pub(crate) fn unreadable(&self, why: &str) -> Error {
        let text = format!("the token at the Redis key `{}` {why}", self.keys.token);
        Error::new(ErrorKind::Store, text)
    }

    pub(crate) fn to_go_on_with(&self, record: &Record) -> Option<Record> {
        (self.settings.unavailable == Unavailable::GoOn).then(|| record.clone())
    }
}

/// The parser's message is dropped, since it could repeat parts of the token.
fn record(stored: &Stored<'_>, payload: &[u8]) -> Option<Record> {
    match stored.format {
        Format::Token => {
            let token: Token = serde_json::from_slice(payload).ok()?;
            Some(Record::new(token).with_version(stored.version))
        }
        Format::Record => {
            let record: Record = serde_json::from_slice(payload).ok()?;
            let says_something = record.token().is_some() || record.deleted_at().is_some();
            // The unencrypted version is only for the scripts: it could be changed even if the record is
            // encrypted.
            (says_something && record.version() == stored.version).then_some(record)
        }
    }
}
