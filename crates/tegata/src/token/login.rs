//! Logins and logouts.

use std::sync::Arc;

use crate::store::Record;
use crate::sync::{Handle, watch};
use crate::token::decision::check_owner;
use crate::token::shared::{Shared, shut_down};
use crate::{Error, ErrorKind, Token};

impl Shared {
    pub(super) async fn log_in(
        self: &Arc<Self>,
        exchange: impl Future<Output = Result<Token, Error>> + Send + 'static,
    ) -> Result<(), Error> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::configuration("a login needs a tokio runtime, and there is none")
        })?;
        let shared = Arc::clone(self);
        let (sender, mut result) = watch::channel(None);
        runtime.spawn(async move {
            sender.send_replace(Some(shared.log_in_here(exchange).await));
        });
        match result
            .wait_for(Option::is_some)
            .await
            .map(|result| result.clone())
        {
            Ok(Some(result)) => result,
            _ => Err(Error::new(ErrorKind::Interrupted, "the login was cut off")),
        }
    }

    async fn log_in_here(
        self: &Arc<Self>,
        exchange: impl Future<Output = Result<Token, Error>>,
    ) -> Result<(), Error> {
        // After a shutdown no task saves any more.
        if self.lock().is_closing {
            return Err(shut_down());
        }
        if let Some(store) = &self.store {
            let lease = store.lease(self.lease_terms()).await?;
            let stored = store.load().await?.map(|record| self.unowned(record));
            check_owner(self.owner().as_ref(), stored.as_ref())?;
            drop(lease);
        }
        let token = exchange.await?;
        {
            let mut flight = self.lock();
            flight.handed_over = Some(Arc::new(token));
            flight.is_login = true;
            flight.is_forgotten = false;
            flight.session += 1;
            flight.backoff.forget();
            flight.forget_denials();
            if let Some(current) = self.current.load().as_ref() {
                current.credential.refuse();
            }
        }
        let mut result = self.wait(None).await;
        if self.lock().is_login {
            // A renewal of the former session was under way.
            self.lock().backoff.forget();
            result = self.wait(None).await;
        }
        if let Err(error) = result {
            let (provider, account) = self.names();
            tracing::warn!(
                target: "tegata", provider, %account, %error,
                "the token of a login could not be saved yet"
            );
        }
        Ok(())
    }

    pub(super) async fn forget(&self) -> Result<(), Error> {
        let known = {
            let mut flight = self.lock();
            flight.is_forgotten = true;
            flight.session += 1;
            flight.is_unsaved = false;
            flight.handed_over = None;
            self.current.store(None);
            flight.newest.as_ref().map_or(0, |newest| newest.version())
        };
        let Some(store) = &self.store else {
            self.lock().newest = None;
            return Ok(());
        };
        let lease = store.lease(self.lease_terms()).await?;
        let stored = store.load().await?.map(|record| self.unowned(record));
        check_owner(self.owner().as_ref(), stored.as_ref())?;
        let newest = stored.map_or(0, |stored| stored.version()).max(known);
        let record = Record::deleted(self.clock.now())
            .with_version(newest.saturating_add(1))
            .with_owner(self.owner());
        store.save(&record).await?;
        self.lock().newest = Some(Arc::new(record));
        drop(lease);
        Ok(())
    }
}
