//! The right to renew.

use std::fmt;
use std::time::Duration;

use crate::Error;
use crate::provider::BoxFuture;

type Prolong = Box<dyn FnMut(Duration) -> BoxFuture<'static, Result<(), Error>> + Send>;

/// For how long a lease is wanted, and how long to wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTerms {
    /// The lease may end by itself after this, counted from when it was given or last
    /// [prolonged](Lease::prolong), so that the end of a process does not lock others out.
    pub lifetime: Duration,
    /// How long to wait while another process has it. Then the store returns an error that names the holder
    /// and, if known, the remaining time.
    pub patience: Duration,
}

impl LeaseTerms {
    /// Terms for one save: 20 s for the save, and 30 s to wait for the lease.
    pub(crate) fn for_a_save() -> Self {
        Self {
            lifetime: Duration::from_secs(20),
            patience: Duration::from_secs(30),
        }
    }
}

/// The right to renew and to save, given back when it is dropped.
#[must_use]
pub struct Lease {
    give_back: Option<Box<dyn FnOnce() + Send>>,
    prolong: Option<Prolong>,
}

impl Lease {
    /// A lease that excludes no other one.
    pub fn unneeded() -> Self {
        Self {
            give_back: None,
            prolong: None,
        }
    }

    /// A lease that lasts until it is dropped, and is given back by this. It is called when the lease is
    /// dropped, so it must not block: slow work belongs into a separate task or thread.
    pub fn new(give_back: impl FnOnce() + Send + 'static) -> Self {
        Self {
            give_back: Some(Box::new(give_back)),
            prolong: None,
        }
    }

    /// The same lease as one that ends by itself unless it is prolonged, by this.
    pub fn prolonged_by(
        mut self,
        prolong: impl FnMut(Duration) -> BoxFuture<'static, Result<(), Error>> + Send + 'static,
    ) -> Self {
        self.prolong = Some(Box::new(prolong));
        self
    }

    /// Whether it ends by itself unless it is prolonged.
    pub(crate) fn ends(&self) -> bool {
        self.prolong.is_some()
    }

    /// Makes it last for this long from now.
    ///
    /// # Errors
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if it has passed to another process, or if the store
    /// cannot be reached; the latter is [transient](Error::is_transient).
    pub async fn prolong(&mut self, lifetime: Duration) -> Result<(), Error> {
        match &mut self.prolong {
            Some(prolong) => prolong(lifetime).await,
            None => Ok(()),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(give_back) = self.give_back.take() {
            give_back();
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_lease_is_given_back_once_when_it_is_dropped() {
        let given_back = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&given_back);
        let lease = Lease::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(given_back.load(Ordering::SeqCst), 0);
        drop(lease);
        assert_eq!(given_back.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_lease_is_prolonged_by_the_function_of_its_store() {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let mut lease = Lease::new(|| {}).prolonged_by(move |lifetime| {
            noted.lock().expect("not poisoned").push(lifetime);
            let passed_on = || Error::new(ErrorKind::Store, "it has passed on");
            let again = noted.lock().expect("not poisoned").len() > 1;
            let result = if again { Err(passed_on()) } else { Ok(()) };
            Box::pin(std::future::ready(result))
        });
        let [first, second] = [1, 2].map(Duration::from_secs);
        lease.prolong(first).await.expect("prolonged");
        let error = lease.prolong(second).await.expect_err("passed on");
        assert_eq!(error.kind(), ErrorKind::Store);
        assert_eq!(*asked.lock().expect("not poisoned"), [first, second]);
    }

    #[tokio::test]
    async fn a_lease_that_lasts_anyway_need_not_be_prolonged() {
        for mut lease in [Lease::unneeded(), Lease::new(|| {})] {
            lease.prolong(Duration::MAX).await.expect("it lasts");
            assert_eq!(format!("{lease:?}"), "Lease(..)");
        }
    }

    #[test]
    fn one_save_may_wait_for_another() {
        let terms = LeaseTerms::for_a_save();
        assert!(terms.patience > terms.lifetime, "{terms:?}");
    }
}
