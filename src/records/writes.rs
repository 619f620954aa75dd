use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::slice;

use upferry_engine::Record;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::connection::RECORDS;
use super::request::{End, result_of};
use super::saved::handle_in;
use super::{Database, Place, Saved};
use crate::clock::wall_ms;
use crate::deferred::Deferred;
use crate::js::field;
use crate::task::spawn;

/// A change of the records.
#[derive(Debug)]
pub(super) enum Write {
    Save {
        record: Box<Record>,
        handle: Option<JsValue>,
    },
    Delete(String),
    /// None: it is through when all before it are.
    Nothing,
}

#[derive(Debug)]
struct Asked {
    write: Write,
    has_handle: Cell<bool>,
    done: Deferred,
}

/// The queue of changes. Transactions that write to a store go one after the other, and a durable one waits for the
/// disk: so whatever is asked for while one is under way goes into the next one together.
#[derive(Debug)]
pub(super) struct Writes {
    database: Rc<Database>,
    place: Place,
    ttl_ms: f64,
    waiting: RefCell<Vec<Asked>>,
    is_busy: Cell<bool>,
}

impl Writes {
    pub(super) fn new(database: Rc<Database>, place: Place, ttl_ms: f64) -> Rc<Self> {
        Rc::new(Self { database, place, ttl_ms, waiting: RefCell::default(), is_busy: Cell::new(false) })
    }

    /// Makes a change, after all that were asked for before. A save is on disk when this succeeds; `true` when a handle
    /// is, too.
    ///
    /// # Errors
    /// When the browser's storage can't be used or is full.
    pub(super) async fn make(self: &Rc<Self>, write: Write) -> Result<bool, JsValue> {
        let done = Deferred::new();
        let through = done.promise();
        self.waiting.borrow_mut().push(Asked { write, has_handle: Cell::new(false), done });
        if !self.is_busy.replace(true) {
            let writes = self.clone();
            spawn(async move { writes.work().await });
        }
        JsFuture::from(through).await.map(|has_handle| has_handle.is_truthy())
    }

    /// Waits until all is made that was asked for before.
    pub(super) async fn settled(self: &Rc<Self>) {
        if self.is_busy.get() {
            let _ = self.make(Write::Nothing).await;
        }
    }

    async fn work(&self) {
        loop {
            let asked = self.waiting.take();
            if asked.is_empty() {
                return self.is_busy.set(false);
            }
            let result = self.write(&asked).await;
            // A record that is too much for the disk is not to keep others from being deleted.
            let is_each_alone = result.is_err() && asked.len() > 1;
            for one in &asked {
                let result = if is_each_alone { self.write(slice::from_ref(one)).await } else { result.clone() };
                match result {
                    Ok(()) => one.done.resolve(&one.has_handle.get().into()),
                    Err(error) => one.done.reject(&error),
                }
            }
        }
    }

    /// Makes changes in one transaction.
    async fn write(&self, asked: &[Asked]) -> Result<(), JsValue> {
        if asked.iter().all(|one| matches!(one.write, Write::Nothing)) {
            return Ok(());
        }
        // A record that is back after a power cut is found out when the server is asked for it.
        let durable = asked.iter().any(|one| matches!(one.write, Write::Save { .. }));
        let transaction = self.database.connection().await?.to_write(&[RECORDS], durable)?;
        let (end, store) = (End::of_transaction(&transaction), transaction.object_store(RECORDS)?);
        // All of these are on their way before the first is waited for.
        let mut former = Vec::new();
        for one in asked {
            if let Write::Save { record, .. } = &one.write {
                former.push(result_of(store.get(&record.id.as_str().into())?));
            }
        }
        let mut former = former.into_iter();
        for one in asked {
            match &one.write {
                Write::Save { record, handle } => {
                    let former = match former.next() {
                        Some(former) => former.await?,
                        None => JsValue::UNDEFINED,
                    };
                    let mut saved = self.saved(record, handle.as_ref(), &former);
                    if store.put(&saved.to_js(&self.place)).is_err() {
                        // WebKit can't store a handle.
                        saved.handle = None;
                        store.put(&saved.to_js(&self.place))?;
                    }
                    one.has_handle.set(saved.handle.is_some());
                }
                Write::Delete(id) => drop(store.delete(&id.as_str().into())?),
                Write::Nothing => {}
            }
        }
        end.wait().await
    }

    fn saved(&self, record: &Record, handle: Option<&JsValue>, former: &JsValue) -> Saved {
        let updated = wall_ms();
        let created = field(former, "created").as_f64().unwrap_or(updated);
        let expires = Saved::expiry(record, updated, self.ttl_ms);
        // The file may be given without its handle later.
        let handle = handle.cloned().or_else(|| handle_in(former));
        Saved { record: record.clone(), created, updated, expires, handle }
    }
}
