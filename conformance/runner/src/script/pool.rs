//! Scripted servers that serve one case after another: starting two listeners costs as much as a case.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ScriptServer;

/// How many servers rest before the first of them is used again. A request that a client sends after
/// its case has ended reaches a server that rests, and not the next case.
const RESTING: usize = 16;

/// Servers that are used again. They belong to the runtime on which they were started.
#[derive(Debug, Default)]
pub struct Servers {
    resting: Mutex<VecDeque<Arc<ScriptServer>>>,
}

/// A server for one case. When it is dropped, the server rests.
#[derive(Debug)]
pub struct PooledServer<'s> {
    server: Arc<ScriptServer>,
    home: Option<&'s Servers>,
}

impl Servers {
    /// A server that no other case uses.
    ///
    /// # Errors
    ///
    /// If one has to be started and no port is free.
    pub async fn acquire(&self) -> std::io::Result<PooledServer<'_>> {
        let server = match self.rested() {
            Some(server) => server,
            None => Arc::new(ScriptServer::start().await?),
        };
        Ok(PooledServer {
            server,
            home: Some(self),
        })
    }

    fn rested(&self) -> Option<Arc<ScriptServer>> {
        let mut resting = self.resting();
        if resting.len() < RESTING {
            return None;
        }
        let server = resting.pop_front()?;
        server.clear();
        Some(server)
    }

    fn resting(&self) -> MutexGuard<'_, VecDeque<Arc<ScriptServer>>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PooledServer<'_> {
    /// A server that is not used again.
    pub fn once(server: ScriptServer) -> Self {
        Self {
            server: Arc::new(server),
            home: None,
        }
    }
}

impl Deref for PooledServer<'_> {
    type Target = ScriptServer;

    fn deref(&self) -> &ScriptServer {
        &self.server
    }
}

impl Drop for PooledServer<'_> {
    fn drop(&mut self) {
        if let Some(home) = self.home {
            home.resting().push_back(Arc::clone(&self.server));
        }
    }
}
