//! Token stores: the trait for applications to implement, and the ready-made ones.

#[cfg(feature = "test-util")]
pub mod contract;
mod file;
mod lease;
mod memory;
mod record;

use std::sync::Arc;
use std::time::SystemTime;

use crate::Error;

pub use crate::provider::ErrorExt;
pub use crate::token::source::BoxFuture;
pub use file::FileStore;
pub use lease::{Lease, LeaseTerms};
pub use memory::MemoryStore;
pub use record::{Owner, Record};

/// Keeps the token of one account beyond the life of the process.
///
/// A refresh token that rotates is good only once, so losing the newest means that a person has to log in
/// again, and using an old one again may end the whole session. The cache therefore works in this order: lease,
/// load, adopt a newer token or exchange, save, hand out, give the lease back. If saving fails, the token is
/// used all the same and saving is tried again, under the same lease, until it succeeds. If the store cannot be
/// leased or loaded, nothing is renewed, unless the source [needs no
/// store](crate::provider::TokenSource::is_self_sufficient): client credentials go on in memory, with a
/// warning.
///
/// [`MemoryStore`] and [`FileStore`] are ready to use. One of your own takes thirty lines; the module
/// `tegata::store::contract` (feature `test-util`) tests it against this description.
///
/// ```
/// use std::sync::Mutex;
/// use tegata::store::{BoxFuture, Record};
/// use tegata::{Error, TokenStore};
///
/// struct InMemory(Mutex<Option<Record>>);
///
/// impl TokenStore for InMemory {
///     fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
///         Box::pin(async { Ok(self.0.lock().expect("not poisoned").clone()) })
///     }
///
///     fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
///         Box::pin(async {
///             *self.0.lock().expect("not poisoned") = Some(record.clone());
///             Ok(())
///         })
///     }
/// }
/// ```
pub trait TokenStore: Send + Sync + 'static {
    /// The record that was saved last, if any.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if there is one that cannot be read.
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>>;

    /// Replaces the record as a whole: a crash leaves the old one or the new one.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if it cannot be written, or if the store knows that the
    /// lease has passed to another process meanwhile.
    ///
    /// # Cancellation
    /// If the future is dropped, the record may be saved or not, but never in part.
    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>>;

    /// The right to renew and to save, which one process at a time has. It waits for its turn.
    ///
    /// A store that can find out in advance that saving would fail should fail here: nothing has been spent
    /// yet. A store that no two processes share needs no lease, which is the default.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store cannot be used, or if another process has the
    /// lease for longer than the [patience](LeaseTerms::patience): the message names the holder.
    ///
    /// # Cancellation
    /// If the future is dropped, the lease is not taken, or given back.
    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        let _ = terms;
        Box::pin(std::future::ready(Ok(Lease::unneeded())))
    }

    /// Logs out: replaces the token by a record that says so, which every process that uses this store
    /// respects until a person logs in again. At the vendor the token stays good until it expires.
    ///
    /// It waits up to 30 s for the lease. With a running [`TokenCache`](crate::TokenCache), call its
    /// [`forget`](crate::TokenCache::forget) instead, which also drops the token from memory.
    ///
    /// # Errors
    /// As [`lease`](Self::lease), [`load`](Self::load) and [`save`](Self::save). A record that cannot be read is
    /// replaced all the same.
    fn delete(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            let lease = self.lease(LeaseTerms::for_a_save()).await?;
            let former = self.load().await.unwrap_or_default();
            let deleted = match &former {
                Some(record) => Record::deleted(SystemTime::now())
                    .with_version(record.version().saturating_add(1))
                    .with_owner(record.owner().cloned()),
                None => Record::deleted(SystemTime::now()),
            };
            self.save(&deleted).await?;
            drop(lease);
            Ok(())
        })
    }

    /// Whether nothing is to be renewed while this store fails, even by a source that
    /// [needs nothing from it](crate::provider::TokenSource::is_self_sufficient).
    ///
    /// By default such a source goes on in memory: a token is issued without a lease and used, and is saved as
    /// soon as the store works again. A store that wraps another one returns the inner store's answer.
    fn is_required(&self) -> bool {
        false
    }
}

/// A store that several clients share.
impl<S: TokenStore + ?Sized> TokenStore for Arc<S> {
    fn load(&self) -> BoxFuture<'_, Result<Option<Record>, Error>> {
        (**self).load()
    }

    fn save<'a>(&'a self, record: &'a Record) -> BoxFuture<'a, Result<(), Error>> {
        (**self).save(record)
    }

    fn lease(&self, terms: LeaseTerms) -> BoxFuture<'_, Result<Lease, Error>> {
        (**self).lease(terms)
    }

    fn delete(&self) -> BoxFuture<'_, Result<(), Error>> {
        (**self).delete()
    }

    fn is_required(&self) -> bool {
        (**self).is_required()
    }
}
