//! Where a fleet keeps its token.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tegata::{FileStore, TokenStore};
use tegata_redis::{RedisStore, redis};

use crate::orders::{STEPS, STEPS_OF_ALL, Where};
use crate::redis_server::RedisServer;

pub(crate) enum Place {
    File(tempfile::TempDir),
    Redis(RedisServer, Box<RedisStore>),
}

impl Place {
    pub(crate) fn file() -> Self {
        Self::File(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn redis() -> Self {
        let server = RedisServer::start();
        let store = RedisStore::builder(server.url()).build("jooto", "chaos");
        Self::Redis(server, Box::new(store.expect("a store")))
    }

    pub(crate) fn describe(&self) -> Where {
        match self {
            Self::File(folder) => Where::File(path(folder.path()).display().to_string()),
            Self::Redis(server, _) => Where::Redis(server.url()),
        }
    }

    pub(crate) fn store(&self) -> Box<dyn TokenStore> {
        match self {
            Self::File(folder) => Box::new(FileStore::new(path(folder.path()))),
            Self::Redis(_, store) => Box::new(RedisStore::clone(store)),
        }
    }

    /// Whether a lease ends although its process lives.
    pub(crate) fn has_leases_that_end(&self) -> bool {
        matches!(self, Self::Redis(..))
    }

    pub(crate) fn steps(&self) -> &'static [&'static str] {
        match self {
            Self::File(_) => &STEPS,
            Self::Redis(..) => &STEPS[..STEPS_OF_ALL],
        }
    }

    /// The stored record.
    pub(crate) fn copy(&self) -> Option<Vec<u8>> {
        match self {
            Self::File(folder) => std::fs::read(path(folder.path())).ok(),
            Self::Redis(server, store) => {
                let get = redis::cmd("GET")
                    .arg(store.key())
                    .query(&mut connection(server));
                get.expect("answered")
            }
        }
    }

    /// Puts an earlier record in its place, as a restored backup does.
    pub(crate) fn restore(&self, copy: &[u8]) {
        match self {
            Self::File(folder) => {
                let (path, beside) = (path(folder.path()), folder.path().join("restored"));
                std::fs::copy(&path, &beside).expect("with its rights");
                std::fs::write(&beside, copy).expect("written");
                std::fs::rename(&beside, &path).expect("restored");
            }
            Self::Redis(server, store) => {
                let mut set = redis::cmd("SET");
                let set = set.arg(store.key()).arg(copy);
                set.exec(&mut connection(server)).expect("answered");
            }
        }
    }

    /// The server answers no writes for so long. A file is slow in the process that writes it.
    pub(crate) fn pause_writes(&self, pause: Duration) {
        if let Self::Redis(server, _) = self {
            let millis = u64::try_from(pause.as_millis()).expect("a few seconds");
            let mut command = redis::cmd("CLIENT");
            let command = command.arg("PAUSE").arg(millis).arg("WRITE");
            command.exec(&mut connection(server)).expect("answered");
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("tokens").join("account.json")
}

fn connection(server: &RedisServer) -> redis::Connection {
    let client = redis::Client::open(server.url()).expect("a URL");
    client.get_connection().expect("connected")
}
