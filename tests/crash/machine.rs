//! One machine with a token file, on which processes come and go.

use std::collections::HashSet;
use std::time::SystemTime;

use tegata::store::Record;
use tegata::{Clock as _, FileStore, Token, TokenStore as _};
use tegata_emulator::LogEntry;

use crate::child::{Child, Orders};
use tegata_test_support::loopback::{AISPF_ID, AISPF_SECRET, HOUR, Loopback, WINDOW};
use tegata_test_support::wire::form;
use tegata_test_support::{Flow, soon};

pub(crate) struct Machine {
    pub(crate) loopback: Loopback,
    pub(crate) store: FileStore,
    flow: Flow,
    _folder: tempfile::TempDir,
}

impl Machine {
    /// With a token in its file that is due: Jooto's has expired, AISPF's is about to, for later its refresh
    /// token would be useless.
    pub(crate) async fn with_a_due_token(flow: Flow) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let machine = Self {
            loopback: Loopback::with(|config| config.fujitsu_aispf.rotate = true),
            store: FileStore::new(folder.path().join("tokens").join("account.json")),
            flow,
            _folder: folder,
        };
        machine.grant().await;
        let age = if flow == Flow::JootoOAuth2 {
            HOUR
        } else {
            HOUR - WINDOW
        };
        machine.loopback.advance(age);
        machine.loopback.emulator.clear_log();
        machine
    }

    /// A person, or a new process with client id and secret, gets a first token.
    pub(crate) async fn grant(&self) {
        if self.flow == Flow::JootoOAuth2 {
            let token = self.loopback.token(&self.loopback.app()).await;
            self.store.save(&Record::new(token)).await.expect("saved");
            return;
        }
        let client = self.loopback.aispf_legacy(AISPF_ID, AISPF_SECRET);
        let client = client.store(std::sync::Arc::new(self.store.clone()));
        let client = client.build().expect("valid");
        client.warm_up().await.expect("a token");
    }

    pub(crate) fn process(&self) -> Child {
        self.process_that_ends_at(None)
    }

    pub(crate) fn process_that_ends_at(&self, step: Option<&str>) -> Child {
        Child::start(&Orders {
            file: self.store.path().display().to_string(),
            emulator: self.loopback.emulator.base_url().to_owned(),
            is_aispf: self.flow != Flow::JootoOAuth2,
            end_at: step.map(str::to_owned),
        })
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.loopback.clock.now()
    }

    /// The content of the file, which must be whole.
    pub(crate) async fn stored(&self) -> Token {
        let stored = self.store.load().await.expect("a whole file");
        let stored = stored.expect("a record");
        stored.token().expect("a token").clone()
    }

    /// The requests with a refresh token, each with that token, oldest first.
    pub(crate) fn refreshes(&self) -> Vec<(String, LogEntry)> {
        let requests = self.loopback.token_requests(self.flow.provider());
        let refreshes = requests.into_iter().filter_map(|entry| {
            let token = if self.flow == Flow::JootoOAuth2 {
                let fields = form(&entry);
                let field = fields.iter().find(|(name, _)| *name == "refresh_token");
                field.map(|(_, value)| (*value).to_owned())
            } else {
                let body: serde_json::Value = serde_json::from_str(&entry.body).ok()?;
                body.get("refreshToken")?.as_str().map(str::to_owned)
            };
            token.map(|token| (token, entry))
        });
        refreshes.collect()
    }

    /// How many refresh tokens were sent that had been sent before.
    pub(crate) fn sent_again(&self) -> usize {
        let mut sent = HashSet::new();
        let refreshes = self.refreshes();
        refreshes
            .iter()
            .filter(|(token, _)| !sent.insert(token))
            .count()
    }

    /// Until nothing is left of a save that was cut off, nor of the room that a lease reserved: a process gives
    /// that back on another thread, maybe after it has answered.
    pub(crate) async fn until_tidy(&self) {
        let mut new = self.store.path().as_os_str().to_owned();
        new.push(".new");
        let gone = async {
            while std::path::Path::new(&new).exists() {
                tokio::task::yield_now().await;
            }
        };
        soon("the end of the new file", gone).await;
    }
}
