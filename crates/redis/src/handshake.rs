//! The handshake on a new connection.
//!
//! The client library has its own, which is not used because:
//! * It sends `CLIENT SETINFO`, which is not needed here. Proxies that do not know it (twemproxy) close the
//!   connection, and servers note it for each connection of a user without the right to it (`ACL LOG`).
//! * It takes every error after `AUTH` for a wrong password, even that the server has too many clients.
//! * It drops the code of an error after `SELECT`.

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisConnectionInfo, RedisError};

use crate::failure::{Connection, Failure};

pub(crate) struct Handshake {
    /// Connects with the fewest possible commands.
    client: Client,
    settings: RedisConnectionInfo,
}

/// A connection that can be used.
pub(crate) struct Opened {
    pub(crate) connection: MultiplexedConnection,
    /// Whether the server has answered anything yet.
    pub(crate) answered: bool,
}

impl Handshake {
    /// With the address, TLS, user and database of this client.
    pub(crate) fn of(client: &Client) -> Result<Self, RedisError> {
        let info = client.get_connection_info();
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        let at_first = if settings.protocol().supports_resp3() {
            // With RESP3 the password is part of `HELLO`, and errors keep their code.
            settings.clone().set_db(0)
        } else {
            RedisConnectionInfo::default()
                .set_protocol(settings.protocol())
                .set_skip_set_lib_name()
        };
        Ok(Self {
            client: Client::open(info.clone().set_redis_settings(at_first))?,
            settings,
        })
    }

    /// The caller limits its time.
    pub(crate) async fn connect(&self) -> Result<Opened, Failure> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let address = self.client.get_connection_info().addr();
        let mut connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| named(Failure::of_connecting(error, address)))?;
        let mut answered = self.settings.protocol().supports_resp3();
        if let (false, Some(password)) = (answered, self.settings.password()) {
            self.authenticate(&mut connection, password).await?;
            answered = true;
        }
        if self.settings.db() != 0 {
            let mut select = Cmd::new();
            select.arg("SELECT").arg(self.settings.db());
            let first = if answered { Failure::from } else { failure };
            ask(&select, &mut connection).await.map_err(first)?;
            answered = true;
        }
        Ok(Opened {
            connection,
            answered,
        })
    }

    async fn authenticate(
        &self,
        connection: &mut MultiplexedConnection,
        password: &str,
    ) -> Result<(), Failure> {
        let mut full = Cmd::new();
        full.arg("AUTH").arg(self.settings.username());
        full.arg(password);
        match ask(&full, connection).await {
            // Servers before Redis 6 have no users.
            Err(error)
                if error
                    .detail()
                    .is_some_and(|it| it.contains("wrong number of")) =>
            {
                let mut bare = Cmd::new();
                bare.arg("AUTH").arg(password);
                ask(&bare, connection).await.map_err(failure)
            }
            outcome => outcome.map_err(failure),
        }
    }
}

async fn ask(command: &Cmd, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    command.query_async(connection).await
}

fn failure(error: RedisError) -> Failure {
    named(Failure::from(error))
}

/// A connection that closes here is closed before any answer of the server.
fn named(failure: Failure) -> Failure {
    if failure.connection == Connection::Ended {
        Failure::closed_at_once()
    } else {
        failure
    }
}
