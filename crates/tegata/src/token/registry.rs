//! Many accounts in one process.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::time::Instant;

/// The clients of many accounts, each made when it is first asked for.
///
/// The key identifies the account, such as by provider and client id, or by organization. There is no default,
/// so no account can be served by another's client. Each client has its own token and pauses, so one failing
/// account does not affect the others.
///
/// Give all clients one [`HttpClient`](crate::HttpClient), through [`Settings`](crate::Settings), so that they
/// share connections and TLS settings; an account then costs little more than its token.
///
/// ```
/// use tegata::Registry;
/// # #[derive(Clone)]
/// # struct Client;
/// # fn client_for(tenant: &str) -> Result<Client, tegata::Error> { Ok(Client) }
///
/// let clients: Registry<String, Client> = Registry::new();
/// let client = clients.get_or_try_insert_with("tenant-7", |tenant| client_for(tenant))?;
/// # Ok::<_, tegata::Error>(())
/// ```
pub struct Registry<K, V> {
    entries: RwLock<HashMap<K, Entry<V>>>,
    start: Instant,
}

struct Entry<V> {
    value: V,
    /// When it was last requested, in milliseconds from the registry's start.
    used: AtomicU64,
}

impl<K: Eq + Hash, V: Clone> Registry<K, V> {
    /// An empty registry.
    pub fn new() -> Self {
        Self {
            entries: RwLock::default(),
            start: Instant::now(),
        }
    }

    /// The client of this account, if it has been made.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, account: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let entries = self.read();
        let entry = entries.get(account)?;
        entry.used.store(self.now(), Ordering::Relaxed);
        Some(entry.value.clone())
    }

    /// The client of this account, which is made if there is none. If several callers make it at once, one of
    /// the results is kept and all of them get it.
    ///
    /// # Errors
    /// The error of making it. Nothing is kept then, and the next caller tries again.
    pub fn get_or_try_insert_with<Q, E>(
        &self,
        account: &Q,
        make: impl FnOnce(&Q) -> Result<V, E>,
    ) -> Result<V, E>
    where
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
        K: Borrow<Q>,
    {
        if let Some(value) = self.get(account) {
            return Ok(value);
        }
        // Not under the lock: it would make others wait, and deadlock if it asked for another account.
        let made = make(account)?;
        let used = AtomicU64::new(self.now());
        let mut entries = self.write();
        let entry = entries
            .entry(account.to_owned())
            .or_insert(Entry { value: made, used });
        Ok(entry.value.clone())
    }

    /// Removes an account's client, and returns it: for [`shutdown`](crate::TokenCache::shutdown), or because
    /// its credentials have changed. Callers that still have it can go on using it.
    pub fn evict<Q: Eq + Hash + ?Sized>(&self, account: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.write().remove(account).map(|entry| entry.value)
    }

    /// Removes every client that has not been used for this long, and returns them. Call it from time to time
    /// if accounts come and go, or the registry grows.
    pub fn evict_idle(&self, idle: Duration) -> Vec<V> {
        let oldest = self.now().saturating_sub(millis(idle));
        let mut entries = self.write();
        let evicted = entries.extract_if(|_, entry| entry.used.load(Ordering::Relaxed) < oldest);
        evicted.map(|(_, entry)| entry.value).collect()
    }

    /// How many clients there are.
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn now(&self) -> u64 {
        millis(self.start.elapsed())
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<K, Entry<V>>> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V: Clone> Default for Registry<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for Registry<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Accounts are not secret, but personal data.
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    type Clients = Registry<(&'static str, String), Arc<str>>;

    #[allow(clippy::unnecessary_wraps)] // As the registry wants it.
    fn make(account: &(&'static str, String)) -> Result<Arc<str>, String> {
        Ok(format!("{} {}", account.0, account.1).into())
    }

    fn key(provider: &'static str, client_id: &str) -> (&'static str, String) {
        (provider, client_id.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_is_made_once_for_each_account() {
        let clients = Clients::new();
        let first = clients
            .get_or_try_insert_with(&key("marketo", "a"), make)
            .expect("made");
        let same = clients.get_or_try_insert_with(&key("marketo", "a"), |_| Err("made twice"));
        assert!(Arc::ptr_eq(&first, &same.expect("there already")));
        let other = clients
            .get_or_try_insert_with(&key("jooto", "a"), make)
            .expect("made");
        assert_eq!(
            (&*first, &*other, clients.len()),
            ("marketo a", "jooto a", 2)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_keeps_nothing_and_harms_no_other_account() {
        let clients = Clients::new();
        clients
            .get_or_try_insert_with(&key("marketo", "a"), make)
            .expect("made");
        let failed = clients.get_or_try_insert_with(&key("marketo", "b"), |_| Err("wrong"));
        assert_eq!(failed.expect_err("failed"), "wrong");
        assert!(clients.get(&key("marketo", "b")).is_none());
        assert!(clients.get(&key("marketo", "a")).is_some());
        clients
            .get_or_try_insert_with(&key("marketo", "b"), make)
            .expect("made now");
    }

    #[tokio::test(start_paused = true)]
    async fn making_one_may_ask_for_another() {
        let clients = Clients::new();
        let outer = clients.get_or_try_insert_with(&key("marketo", "a"), |_| {
            clients.get_or_try_insert_with(&key("marketo", "b"), make)
        });
        assert_eq!(&*outer.expect("made"), "marketo b");
        assert_eq!(clients.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_makers_get_the_same_client() {
        let clients = Clients::new();
        let late = clients.get_or_try_insert_with(&key("marketo", "a"), |account| {
            clients.get_or_try_insert_with(account, make)?;
            Ok::<_, String>("the second".into())
        });
        assert_eq!(&*late.expect("made"), "marketo a");
    }

    #[tokio::test(start_paused = true)]
    async fn idle_clients_are_evicted_and_used_ones_stay() {
        let clients = Clients::new();
        for id in ["a", "b", "c"] {
            clients
                .get_or_try_insert_with(&key("marketo", id), make)
                .expect("made");
        }
        tokio::time::advance(Duration::from_secs(60)).await;
        clients.get(&key("marketo", "b"));
        tokio::time::advance(Duration::from_secs(30)).await;
        let mut evicted = clients.evict_idle(Duration::from_secs(45));
        evicted.sort();
        assert_eq!(
            evicted.iter().map(|c| &**c).collect::<Vec<_>>(),
            ["marketo a", "marketo c"]
        );
        assert_eq!(clients.len(), 1);
        assert_eq!(
            clients.evict(&key("marketo", "b")).as_deref(),
            Some("marketo b")
        );
        assert!(clients.is_empty());
    }

    #[test]
    fn debug_shows_no_account() {
        let clients = Clients::new();
        clients
            .get_or_try_insert_with(&key("marketo", "CANARY"), make)
            .expect("made");
        assert!(!format!("{clients:?}").contains("CANARY"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_is_idle_once_it_was_unused_for_that_time() {
        let clients = Clients::new();
        assert!(clients.is_empty());
        clients
            .get_or_try_insert_with(&key("marketo", "a"), make)
            .expect("made");
        assert!(!clients.is_empty());
        let idle = Duration::from_secs(10);
        tokio::time::advance(idle).await;
        assert!(
            clients.evict_idle(idle).is_empty(),
            "asked for just in time"
        );
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(clients.evict_idle(idle).len(), 1);
    }
}
