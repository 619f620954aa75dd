use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use upferry_engine::Record;
use upferry_protocol::Sha256Digest;
use wasm_bindgen::prelude::*;
use web_sys::{IdbKeyRange, IdbObjectStore};

use super::connection::{BY_EXPIRY, BY_FILE, Connection, STORE};
use super::request::{End, result_of};
use super::saved::handle_in;
use super::{Place, Saved};
use crate::clock::wall_ms;
use crate::js::field;

/// The name of the database.
pub const DATABASE: &str = "upferry";

/// The records of one [`Place`] in a database.
#[derive(Debug)]
pub struct Records {
    database: String,
    place: Place,
    ttl_ms: f64,
    connection: RefCell<Option<Rc<Connection>>>,
}

impl Records {
    /// Makes them; nothing is opened before it is needed. A record is of use for `ttl_ms` from when it was last saved.
    #[must_use]
    pub fn new(database: &str, place: Place, ttl_ms: f64) -> Self {
        Self { database: database.to_owned(), place, ttl_ms, connection: RefCell::default() }
    }

    /// Saves a record, in place of the one with its id, and with it the file's handle: this one, else the one that was
    /// saved before. It is on disk when this succeeds; `true` when a handle is, too (WebKit stores none).
    ///
    /// # Errors
    /// When the browser's storage can't be used or is full.
    pub async fn save(&self, record: Record, handle: Option<JsValue>) -> Result<bool, JsValue> {
        let (end, store, _connection) = self.to_write().await?;
        let updated = wall_ms();
        let before = result_of(&store.get(&record.id.as_str().into())?).await?;
        let created = field(&before, "created").as_f64().unwrap_or(updated);
        let handle = handle.or_else(|| handle_in(&before));
        let mut saved = Saved { record, created, updated, expires: updated + self.ttl_ms, handle };
        if store.put(&saved.to_js(&self.place)).is_err() {
            saved.handle = None;
            store.put(&saved.to_js(&self.place))?;
        }
        end.wait().await?;
        Ok(saved.handle.is_some())
    }

    /// Puts a handle to the record of the upload with this URL, if there is one; `true` when it is saved.
    ///
    /// # Errors
    /// When the browser's storage can't be used, or can't store handles.
    pub async fn keep_handle(&self, upload_url: &str, handle: JsValue) -> Result<bool, JsValue> {
        let (end, store, _connection) = self.to_write().await?;
        let range = self.range()?.into();
        let found: Array = result_of(&store.index(BY_FILE)?.get_all_with_key(&range)?).await?.unchecked_into();
        let mut saved = found.iter().filter_map(|value| Saved::from_js(&value));
        let saved = saved.find(|saved| saved.record.upload_url.as_deref() == Some(upload_url));
        let is_known = saved.is_some();
        if let Some(saved) = saved {
            store.put(&Saved { handle: Some(handle), ..saved }.to_js(&self.place))?;
        }
        end.wait().await?;
        Ok(is_known)
    }

    /// The records of a file with this fingerprint, the most recent first.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn of_file(&self, fingerprint: Sha256Digest) -> Result<Vec<Saved>, JsValue> {
        let key = self.key(&fingerprint.to_hex().into());
        self.read(&IdbKeyRange::only(&key)?).await
    }

    /// All records, the most recent first.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn all(&self) -> Result<Vec<Saved>, JsValue> {
        self.read(&self.range()?).await
    }

    /// Deletes the record with this id, if there is one.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn delete(&self, id: &str) -> Result<(), JsValue> {
        let (end, store, _connection) = self.to_write().await?;
        store.delete(&id.into())?;
        end.wait().await
    }

    /// Deletes all records.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn delete_all(&self) -> Result<(), JsValue> {
        self.delete_range(BY_FILE, &self.range()?).await
    }

    /// Deletes what has expired, of this place and of any other: whoever left it may never come back.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn sweep(&self) -> Result<(), JsValue> {
        self.delete_range(BY_EXPIRY, &IdbKeyRange::upper_bound(&wall_ms().into())?).await
    }

    /// Closes the connection; the next call opens it again.
    pub fn close(&self) {
        drop(self.connection.take());
    }

    async fn read(&self, range: &IdbKeyRange) -> Result<Vec<Saved>, JsValue> {
        let connection = self.connection().await?;
        let index = connection.to_read()?.object_store(STORE)?.index(BY_FILE)?;
        let found: Array = result_of(&index.get_all_with_key(range)?).await?.unchecked_into();
        let mut all: Vec<Saved> = Vec::new();
        for saved in found.iter().filter_map(|value| Saved::from_js(&value)) {
            let at = all.partition_point(|other| other.updated > saved.updated);
            all.insert(at, saved);
        }
        Ok(all)
    }

    async fn delete_range(&self, index: &str, range: &IdbKeyRange) -> Result<(), JsValue> {
        let (end, store, _connection) = self.to_write().await?;
        let keys: Array = result_of(&store.index(index)?.get_all_keys_with_key(range)?).await?.unchecked_into();
        for key in keys.iter() {
            store.delete(&key)?;
        }
        end.wait().await
    }

    async fn to_write(&self) -> Result<(End, IdbObjectStore, Rc<Connection>), JsValue> {
        let connection = self.connection().await?;
        let transaction = connection.to_write()?;
        Ok((End::of_transaction(&transaction), transaction.object_store(STORE)?, connection))
    }

    async fn connection(&self) -> Result<Rc<Connection>, JsValue> {
        let open = self.connection.borrow().clone().filter(|connection| connection.is_open());
        if let Some(connection) = open {
            return Ok(connection);
        }
        let connection = Rc::new(Connection::open(&self.database).await?);
        drop(self.connection.replace(Some(connection.clone())));
        Ok(connection)
    }

    fn key(&self, last: &JsValue) -> JsValue {
        Array::of3(&self.place.namespace.as_str().into(), &self.place.endpoint.as_str().into(), last).into()
    }

    /// All keys that begin with this place: arrays sort after strings.
    fn range(&self) -> Result<IdbKeyRange, JsValue> {
        IdbKeyRange::bound(&self.key(&"".into()), &self.key(&Array::new()))
    }
}
