use std::rc::Rc;

use js_sys::Array;
use upferry_protocol::Sha256Digest;
use wasm_bindgen::prelude::*;
use web_sys::IdbObjectStore;

use crate::clock::wall_ms;
use crate::js::{field, object};
use crate::records::{End, LEASES, Records, result_of};

/// How long a lease is good for without being renewed. All who look at it have the clock of one machine.
const LEASE_MS: f64 = 15_000.0;

/// The leases of one uploader, in the database of its records: what stands in for Web Locks over plain http. Whoever
/// dies leaves one that runs out.
#[derive(Debug)]
pub(super) struct Leases {
    records: Rc<Records>,
    owner: String,
}

/// A lease that is ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    /// Rises whenever the file gets another holder, so that one who comes back from a sleep sees it.
    epoch: f64,
    /// In milliseconds since 1970.
    pub(super) expires: f64,
}

impl Leases {
    pub(super) fn new(records: Rc<Records>, owner: String) -> Self {
        Self { records, owner }
    }

    /// Takes the lease on a file, if it is free.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub(super) async fn take(&self, file: Sha256Digest) -> Result<Option<Lease>, JsValue> {
        let (end, store) = self.store().await?;
        let stored = result_of(store.get(&self.key(file))?).await?;
        let now = wall_ms();
        let expires = field(&stored, "expires").as_f64().unwrap_or_default();
        // One from further ahead than any is made was made before the clock was set back.
        let is_running = expires > now && expires <= now + LEASE_MS;
        if is_running && !self.is_owner(&stored) {
            return Ok(None);
        }
        let epoch = field(&stored, "epoch").as_f64().unwrap_or_default() + 1.0;
        let lease = self.put(&store, file, epoch)?;
        end.wait().await?;
        Ok(Some(lease))
    }

    /// Makes a lease last from now; `None` when somebody else has taken it meanwhile.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub(super) async fn renew(&self, file: Sha256Digest, lease: Lease) -> Result<Option<Lease>, JsValue> {
        let (end, store) = self.store().await?;
        let stored = result_of(store.get(&self.key(file))?).await?;
        // One that is gone was swept, or the site's data were cleared.
        if stored.is_object() && !self.is_mine(&stored, lease) {
            return Ok(None);
        }
        let lease = self.put(&store, file, lease.epoch)?;
        end.wait().await?;
        Ok(Some(lease))
    }

    /// Lets go of a lease.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub(super) async fn release(&self, file: Sha256Digest, lease: Lease) -> Result<(), JsValue> {
        let (end, store) = self.store().await?;
        let key = self.key(file);
        if self.is_mine(&result_of(store.get(&key)?).await?, lease) {
            store.delete(&key)?;
        }
        end.wait().await
    }

    /// The files that others have leases on.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub(super) async fn of_others(&self) -> Result<Vec<String>, JsValue> {
        let (_end, store) = self.store().await?;
        let range = self.records.place().range()?;
        let all: Array = result_of(store.get_all_with_key(&range)?).await?.unchecked_into();
        let now = wall_ms();
        let running = all.iter().filter(|lease| field(lease, "expires").as_f64() > Some(now) && !self.is_owner(lease));
        Ok(running.filter_map(|lease| field(&lease, "fingerprint").as_string()).collect())
    }

    async fn store(&self) -> Result<(End, IdbObjectStore), JsValue> {
        // After a power cut nobody holds anything.
        let transaction = self.records.database().connection().await?.to_write(&[LEASES], false)?;
        Ok((End::of_transaction(&transaction), transaction.object_store(LEASES)?))
    }

    fn put(&self, store: &IdbObjectStore, file: Sha256Digest, epoch: f64) -> Result<Lease, JsValue> {
        let lease = Lease { epoch, expires: wall_ms() + LEASE_MS };
        let place = self.records.place();
        store.put(&object(&[
            ("namespace", place.namespace.as_str().into()),
            ("endpoint", place.endpoint.as_str().into()),
            ("fingerprint", file.to_hex().into()),
            ("owner", self.owner.as_str().into()),
            ("epoch", epoch.into()),
            ("expires", lease.expires.into()),
        ]))?;
        Ok(lease)
    }

    fn key(&self, file: Sha256Digest) -> JsValue {
        self.records.place().key(&file.to_hex().into())
    }

    fn is_owner(&self, stored: &JsValue) -> bool {
        field(stored, "owner").as_string().as_deref() == Some(self.owner.as_str())
    }

    fn is_mine(&self, stored: &JsValue, lease: Lease) -> bool {
        self.is_owner(stored) && field(stored, "epoch").as_f64() == Some(lease.epoch)
    }
}
