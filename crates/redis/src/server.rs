//! The connection to the server: made when it is first needed, and made anew when it has broken.
//!
//! The client library has a manager that reconnects too. It keeps the outcome of its last try until somebody
//! asks for it, however long ago that was, and takes a connection that never answers for a good one; between
//! two renewals lies an hour, so both would be met.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::failure::Failure;

pub(crate) struct Server {
    client: Client,
    timeout: Duration,
    slot: Mutex<Slot>,
    /// One at a time connects; the others take what it made.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Slot {
    connection: Option<MultiplexedConnection>,
    /// How many there have been.
    number: u64,
}

impl Server {
    pub(crate) fn new(client: Client, timeout: Duration) -> Self {
        Self {
            client,
            timeout,
            slot: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        }
    }

    /// Sends a command, which must be one that can be carried out twice.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        if Handle::try_current().is_err() {
            return Err(Failure::no_runtime());
        }
        let mut used = None;
        let answer = timeout(self.timeout, self.ask_twice(command, &mut used)).await;
        answer.unwrap_or_else(|_| {
            // It may have gone dead without a word, which nobody would notice for a quarter of an hour.
            self.forget(used);
            Err(Failure::silent(self.timeout))
        })
    }

    /// A second time only if the connection was found to have ended, perhaps long ago.
    async fn ask_twice<T: FromRedisValue>(
        &self,
        command: &Cmd,
        used: &mut Option<u64>,
    ) -> Result<T, Failure> {
        let failure = match self.ask_once(command, used).await {
            Err(failure) if failure.ended && used.is_some() => failure,
            answer => return answer,
        };
        tracing::debug!(target: "tegata", why = %failure.text, "connecting to Redis again");
        self.ask_once(command, used).await
    }

    async fn ask_once<T: FromRedisValue>(
        &self,
        command: &Cmd,
        used: &mut Option<u64>,
    ) -> Result<T, Failure> {
        *used = None;
        let (mut connection, number) = self.connection().await?;
        *used = Some(number);
        command.query_async(&mut connection).await.map_err(|error| {
            let failure = Failure::from(error);
            if failure.broken {
                self.forget(*used);
            }
            failure
        })
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), Failure> {
        if let Some(connection) = self.slot().get() {
            return Ok(connection);
        }
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.slot().get() {
            return Ok(connection);
        }
        // The time for it is limited by whoever asks.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut slot = self.slot();
        slot.number += 1;
        slot.connection = Some(connection.clone());
        Ok((connection, slot.number))
    }

    /// Uses this connection no more, if it is still the one in use.
    fn forget(&self, used: Option<u64>) {
        let mut slot = self.slot();
        if used == Some(slot.number) {
            slot.connection = None;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // It is whole at every point.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn get(&self) -> Option<(MultiplexedConnection, u64)> {
        Some((self.connection.clone()?, self.number))
    }
}
