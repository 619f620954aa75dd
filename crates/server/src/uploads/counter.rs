//! How much each principal does at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Principal;

/// Counts per principal.
#[derive(Default)]
pub(crate) struct Counter {
    counts: Arc<Mutex<HashMap<Principal, usize>>>,
}

/// One that is counted, until dropped.
pub(crate) struct Counted {
    counts: Arc<Mutex<HashMap<Principal, usize>>>,
    principal: Principal,
}

impl Counter {
    /// Counts one more, unless there are `most` already.
    pub(crate) fn enter(&self, principal: &Principal, most: usize) -> Option<Counted> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(principal).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        counts.insert(principal.clone(), count + 1);
        Some(Counted { counts: Arc::clone(&self.counts), principal: principal.clone() })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.principal) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.principal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_principal_has_its_own_count() {
        let (counter, one, other) = (Counter::default(), Principal::new("one"), Principal::new("other"));
        let first = counter.enter(&one, 1).unwrap();
        assert!(counter.enter(&one, 1).is_none());
        assert!(counter.enter(&other, 1).is_some());
        drop(first);
        assert!(counter.enter(&one, 1).is_some());
    }
}
