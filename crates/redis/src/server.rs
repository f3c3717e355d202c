//! The connection to the server: made when it is first needed, and again after it has broken.
//!
//! The client library has a manager that reconnects too. It keeps the result of its last try until it is used,
//! however old that is, and takes a connection that never answers for a good one. With an hour between two
//! renewals, both would occur.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::failure::{Connection as State, Failure};
use crate::handshake::Handshake;

pub(crate) struct Server {
    handshake: Handshake,
    timeout: Duration,
    slot: Mutex<Slot>,
    /// One task at a time connects; the others share its connection.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Slot {
    connection: Option<Connection>,
    /// How many connections there have been.
    number: u64,
}

#[derive(Clone)]
struct Connection {
    connection: MultiplexedConnection,
    number: u64,
    answered: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn new(handshake: Handshake, timeout: Duration) -> Self {
        Self {
            handshake,
            timeout,
            slot: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        }
    }

    /// Sends a command, which must be idempotent.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        if Handle::try_current().is_err() {
            return Err(Failure::no_runtime());
        }
        let mut used = None;
        let answer = timeout(self.timeout, self.ask_twice(command, &mut used)).await;
        answer.unwrap_or_else(|_| {
            // It may be dead without having been closed, which would stay unnoticed for a quarter of an hour.
            self.forget(used);
            Err(Failure::silent(self.timeout))
        })
    }

    /// Repeated only if the connection was found closed, perhaps long ago.
    async fn ask_twice<T: FromRedisValue>(
        &self,
        command: &Cmd,
        used: &mut Option<u64>,
    ) -> Result<T, Failure> {
        let failure = match self.ask_once(command, used).await {
            Err(failure) if failure.connection == State::Ended && used.is_some() => failure,
            answer => return answer,
        };
        tracing::debug!(target: "tegata", why = %failure.text, "connecting to Redis again");
        let again = self.ask_once(command, used).await;
        again.map_err(|failure| Failure {
            unsent: false,
            ..failure
        })
    }

    async fn ask_once<T: FromRedisValue>(
        &self,
        command: &Cmd,
        used: &mut Option<u64>,
    ) -> Result<T, Failure> {
        *used = None;
        let mut connection = self.connection().await.map_err(Failure::unsent)?;
        *used = Some(connection.number);
        let failure = match command.query_async(&mut connection.connection).await {
            Ok(answer) => {
                connection.answered.store(true, Ordering::Relaxed);
                return Ok(answer);
            }
            Err(error) => Failure::from(error),
        };
        if failure.connection != State::Usable {
            self.forget(*used);
        }
        if failure.connection == State::Ended && !connection.answered.load(Ordering::Relaxed) {
            return Err(Failure::closed_at_once());
        }
        Err(failure)
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        if let Some(connection) = self.slot().connection.clone() {
            return Ok(connection);
        }
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.slot().connection.clone() {
            return Ok(connection);
        }
        let opened = self.handshake.connect().await?;
        let mut slot = self.slot();
        slot.number += 1;
        let connection = Connection {
            connection: opened.connection,
            number: slot.number,
            answered: Arc::new(AtomicBool::new(opened.answered)),
        };
        slot.connection = Some(connection.clone());
        Ok(connection)
    }

    /// Drops this connection, if it is still the one in use.
    fn forget(&self, used: Option<u64>) {
        let mut slot = self.slot();
        if used == Some(slot.number) {
            slot.connection = None;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // It is consistent at every point.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
