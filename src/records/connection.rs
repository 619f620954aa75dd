use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{
    IdbDatabase, IdbFactory, IdbIndexParameters, IdbObjectStoreParameters, IdbOpenDbRequest, IdbTransaction,
    IdbVersionChangeEvent,
};

use super::request::result_of;
use crate::js::object;
use crate::task::on;

pub(super) const STORE: &str = "records";
/// By namespace, endpoint and fingerprint of the file.
pub(super) const BY_FILE: &str = "file";
/// By the time at which a record is no longer of use.
pub(super) const BY_EXPIRY: &str = "expires";
const VERSION: u32 = 1;

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the options of `transaction`, which web-sys does not have.
    type Transactions;

    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Transactions, store: &str, mode: &str, options: &JsValue) -> Result<IdbTransaction, JsValue>;
}

/// An open database. It makes way when another tab wants to delete or upgrade it.
#[derive(Debug)]
#[must_use = "dropping it closes the connection"]
pub(super) struct Connection {
    database: IdbDatabase,
    is_open: Rc<Cell<bool>>,
    _listeners: [EventListener; 2],
}

impl Connection {
    /// Opens the database, made or upgraded as need be.
    ///
    /// # Errors
    /// Where there is no IndexedDB, or it may not be used, or it is of a later version.
    pub(super) async fn open(name: &str) -> Result<Self, JsValue> {
        let factory: IdbFactory = Reflect::get(&js_sys::global(), &"indexedDB".into())?.dyn_into()?;
        let request = factory.open_with_u32(name, VERSION)?;
        let upgrade = on(&request, "upgradeneeded", |event| {
            let event: &IdbVersionChangeEvent = event.unchecked_ref();
            let request = event.target().map(JsCast::unchecked_into::<IdbOpenDbRequest>);
            if let Some(database) = request.and_then(|request| request.result().ok()) {
                // A failure here ends the upgrade, and with it the opening.
                let _ = upgrade(database.unchecked_ref(), event.old_version() as u32);
            }
        });
        let database: IdbDatabase = result_of(&request).await?.unchecked_into();
        drop(upgrade);

        let is_open = Rc::new(Cell::new(true));
        let on_versionchange = on(&database, "versionchange", {
            let (database, is_open) = (database.clone(), is_open.clone());
            move |_| {
                is_open.set(false);
                database.close();
            }
        });
        // The browser closes it when the user clears the site's data.
        let on_close = on(&database, "close", {
            let is_open = is_open.clone();
            move |_| is_open.set(false)
        });
        Ok(Self { database, is_open, _listeners: [on_versionchange, on_close] })
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.get()
    }

    pub(super) fn to_read(&self) -> Result<IdbTransaction, JsValue> {
        self.database.transaction_with_str(STORE)
    }

    /// A transaction that is complete only when it is on disk.
    pub(super) fn to_write(&self) -> Result<IdbTransaction, JsValue> {
        let options = object(&[("durability", "strict".into())]);
        self.database.unchecked_ref::<Transactions>().transaction(STORE, "readwrite", &options)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// The ladder: each step leads from one version to the next.
fn upgrade(database: &IdbDatabase, old: u32) -> Result<(), JsValue> {
    if old < 1 {
        let parameters = IdbObjectStoreParameters::new();
        parameters.set_key_path(&"id".into());
        let store = database.create_object_store_with_optional_parameters(STORE, &parameters)?;
        let file = Array::of3(&"namespace".into(), &"endpoint".into(), &"fingerprint".into());
        let many = IdbIndexParameters::new();
        store.create_index_with_str_sequence_and_optional_parameters(BY_FILE, &file, &many)?;
        store.create_index_with_str_and_optional_parameters(BY_EXPIRY, "expires", &many)?;
    }
    Ok(())
}
