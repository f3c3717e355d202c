//! A store that several caches share.

use std::sync::{Arc, PoisonError};

use shuttle::future::yield_now;
use tegata_model::provider::BoxFuture;
use tegata_model::provider::ErrorExt as _;
use tegata_model::store::{Lease, LeaseTerms, Record};
use tegata_model::sync::timeout;
use tegata_model::{Error, ErrorKind, TokenStore};

use crate::world::World;

pub(crate) struct Store {
    world: World,
    lease: Arc<shuttle::sync::Mutex<bool>>,
}

impl Store {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            world: world.clone(),
            lease: Arc::new(shuttle::sync::Mutex::new(false)),
        }
    }

    async fn take(&self) {
        loop {
            {
                let mut taken = self.lease.lock().unwrap_or_else(PoisonError::into_inner);
                if !std::mem::replace(&mut taken, true) {
                    return;
                }
            }
            yield_now().await;
        }
    }
}

impl TokenStore for Store {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        Box::pin(async {
            yield_now().await;
            Ok(self.world.stored())
        })
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            yield_now().await;
            let mut facts = self.world.facts();
            if let Some(left) = facts.failing_saves.checked_sub(1) {
                facts.failing_saves = left;
                return Err(Error::store("not saved", std::io::Error::other("full")).transient());
            }
            facts.put(record.clone());
            Ok(())
        })
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        Box::pin(async move {
            let turn = timeout(terms.patience, self.take()).await;
            turn.map_err(|_| Error::new(ErrorKind::Store, "leased to another").transient())?;
            let lease = Arc::clone(&self.lease);
            Ok(Lease::new(move || {
                *lease.lock().unwrap_or_else(PoisonError::into_inner) = false;
            }))
        })
    }
}
