use std::rc::Rc;

use js_sys::Array;
use upferry_engine::Record;
use upferry_protocol::Sha256Digest;
use wasm_bindgen::prelude::*;
use web_sys::{IdbKeyRange, IdbTransaction};

use super::connection::{BY_EXPIRY, BY_FILE, LEASES, RECORDS};
use super::request::{End, result_of};
use super::writes::{Write, Writes};
use super::{Database, Place, Saved};
use crate::clock::wall_ms;

/// The records of one [`Place`] in a database.
#[derive(Debug)]
pub struct Records {
    database: Rc<Database>,
    place: Place,
    writes: Rc<Writes>,
}

impl Records {
    /// Makes them; nothing is opened before it is needed. A record is of use for `ttl_ms` from when it was last saved.
    #[must_use]
    pub fn new(database: &str, place: Place, ttl_ms: f64) -> Self {
        let database = Database::new(database);
        let writes = Writes::new(database.clone(), place.clone(), ttl_ms);
        Self { database, place, writes }
    }

    /// The database that they are in.
    #[must_use]
    pub fn database(&self) -> &Rc<Database> {
        &self.database
    }

    /// Whose records they are.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Saves a record, in place of the one with its id, and with it the file's handle: this one, else the one that was
    /// saved before. It is on disk when this succeeds; `true` when a handle is, too (WebKit stores none).
    ///
    /// # Errors
    /// When the browser's storage can't be used or is full.
    pub async fn save(&self, record: Record, handle: Option<JsValue>) -> Result<bool, JsValue> {
        self.writes.make(Write::Save { record: Box::new(record), handle }).await
    }

    /// Puts a handle to the record of the upload with this URL, if there is one; `true` when it is saved.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn keep_handle(&self, upload_url: &str, handle: JsValue) -> Result<bool, JsValue> {
        let mut saved = self.all().await?.into_iter();
        let Some(saved) = saved.find(|saved| saved.record.upload_url.as_deref() == Some(upload_url)) else {
            return Ok(false);
        };
        self.save(saved.record, Some(handle)).await
    }

    /// Deletes the record with this id, if there is one.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn delete(&self, id: String) -> Result<(), JsValue> {
        self.writes.make(Write::Delete(id)).await.map(drop)
    }

    /// Waits until all is saved and deleted that was to be until now.
    pub async fn settled(&self) {
        self.writes.settled().await;
    }

    /// The records of a file with this fingerprint, the most recent first.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn of_file(&self, fingerprint: Sha256Digest) -> Result<Vec<Saved>, JsValue> {
        let key = self.place.key(&fingerprint.to_hex().into());
        self.read(&IdbKeyRange::only(&key)?).await
    }

    /// All records, the most recent first.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn all(&self) -> Result<Vec<Saved>, JsValue> {
        self.read(&self.place.range()?).await
    }

    /// Deletes all that is kept of this place.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn delete_all(&self) -> Result<(), JsValue> {
        let range = self.place.range()?;
        let (end, transaction) = self.to_write().await?;
        transaction.object_store(LEASES)?.delete(&range)?;
        delete_range(&transaction, RECORDS, BY_FILE, &range).await?;
        end.wait().await
    }

    /// Deletes what has expired, of this place and of any other: whoever left it may never come back.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn sweep(&self) -> Result<(), JsValue> {
        let expired = IdbKeyRange::upper_bound(&wall_ms().into())?;
        let (end, transaction) = self.to_write().await?;
        for store in [RECORDS, LEASES] {
            delete_range(&transaction, store, BY_EXPIRY, &expired).await?;
        }
        end.wait().await
    }

    /// Closes the connection; the next call opens it again.
    pub fn close(&self) {
        self.database.close();
    }

    async fn read(&self, range: &IdbKeyRange) -> Result<Vec<Saved>, JsValue> {
        self.settled().await;
        let connection = self.database.connection().await?;
        let index = connection.to_read(RECORDS)?.object_store(RECORDS)?.index(BY_FILE)?;
        let found: Array = result_of(index.get_all_with_key(range)?).await?.unchecked_into();
        let mut all: Vec<Saved> = Vec::new();
        for saved in found.iter().filter_map(|value| Saved::from_js(&value)) {
            let at = all.partition_point(|other| other.updated > saved.updated);
            all.insert(at, saved);
        }
        Ok(all)
    }

    async fn to_write(&self) -> Result<(End, IdbTransaction), JsValue> {
        self.settled().await;
        let transaction = self.database.connection().await?.to_write(&[RECORDS, LEASES], true)?;
        Ok((End::of_transaction(&transaction), transaction))
    }
}

async fn delete_range(
    transaction: &IdbTransaction,
    store: &str,
    index: &str,
    range: &IdbKeyRange,
) -> Result<(), JsValue> {
    let store = transaction.object_store(store)?;
    let keys: Array = result_of(store.index(index)?.get_all_keys_with_key(range)?).await?.unchecked_into();
    for key in keys.iter() {
        store.delete(&key)?;
    }
    Ok(())
}
