//! The uploads in use.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::UploadId;
use crate::ledger::{LedgerError, Snapshot};
use crate::uploads::upload::Upload;

type Slot = Arc<OnceCell<Arc<Upload>>>;

/// Every upload that a request uses or has used lately, once: all of its requests share one [`Upload`].
#[derive(Default)]
pub(crate) struct Uploads {
    slots: Mutex<HashMap<UploadId, Slot>>,
}

impl Uploads {
    /// The upload, loaded unless it is in use; `None` when there is no such upload.
    pub(crate) async fn find<F>(
        &self,
        id: UploadId,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<Upload>>, LedgerError>
    where
        F: Future<Output = Result<Option<Snapshot>, LedgerError>>,
    {
        let slot = Arc::clone(self.slots().entry(id).or_default());
        // `Err(None)` stands for "there is none", which must not stay in the slot.
        let found: Result<_, Option<LedgerError>> = slot
            .get_or_try_init(|| async {
                let snapshot = load().await.map_err(Some)?.ok_or(None)?;
                Ok(Arc::new(Upload::new(snapshot)))
            })
            .await
            .cloned();
        match found {
            Ok(upload) => Ok(Some(upload)),
            Err(failed) => {
                // So that asking for ids that don't exist leaves nothing behind. Others may be loading it anew.
                let mut slots = self.slots();
                if slots.get(&id).is_some_and(|held| held.get().is_none() && Arc::strong_count(held) <= 2) {
                    slots.remove(&id);
                }
                failed.map_or(Ok(None), Err)
            }
        }
    }

    /// Puts one down whose row is gone.
    pub(crate) fn forget(&self, id: UploadId) {
        self.slots().remove(&id);
    }

    /// Puts down the uploads that nothing has used for `idle`. Who needs one again loads it again.
    pub(crate) fn put_down(&self, idle: Duration) {
        self.slots().retain(|_, slot| {
            // Only the table can give out another handle, and it is locked: with none out now, none is in use.
            Arc::strong_count(slot) > 1
                || slot.get().is_none_or(|upload| Arc::strong_count(upload) > 1 || upload.unused_for() < idle)
        });
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<UploadId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
