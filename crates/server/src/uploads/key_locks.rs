//! One request at a time for each idempotency key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::Principal;

type Key = (Principal, String);

/// Locks by key, which exist while somebody holds or awaits them.
#[derive(Default)]
pub(crate) struct KeyLocks {
    locks: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>,
}

impl KeyLocks {
    /// Waits until no other request with the same key is at work.
    pub(crate) async fn lock(&self, principal: &Principal, key: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry((principal.clone(), key.to_owned())).or_default())
        };
        lock.lock_owned().await
    }
}
