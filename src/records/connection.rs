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

/// The store of the records.
pub(crate) const RECORDS: &str = "records";
/// The store of the leases on files, where there are no Web Locks.
pub(crate) const LEASES: &str = "leases";
/// By namespace, endpoint and fingerprint of the file.
pub(super) const BY_FILE: &str = "file";
/// By the time at which it is no longer of use.
pub(super) const BY_EXPIRY: &str = "expires";
const VERSION: u32 = 2;

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the options of `transaction`, which web-sys does not have.
    type Transactions;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Transactions,
        stores: &JsValue,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

/// An open database. It makes way when another tab wants to delete or upgrade it.
#[derive(Debug)]
#[must_use = "dropping it closes the connection"]
pub(crate) struct Connection {
    database: IdbDatabase,
    is_open: Rc<Cell<bool>>,
    _listeners: [EventListener; 2],
}

impl Connection {
    /// Opens the database, made or upgraded as need be; says when that is `blocked` by what another tab has open.
    ///
    /// # Errors
    /// Where there is no IndexedDB, or it may not be used, or it is of a later version.
    pub(super) async fn open(name: &str, blocked: impl Fn() + 'static) -> Result<Self, JsValue> {
        let factory: IdbFactory = Reflect::get(&js_sys::global(), &"indexedDB".into())?.dyn_into()?;
        let request = factory.open_with_u32(name, VERSION)?;
        let on_blocked = on(&request, "blocked", move |_| blocked());
        let on_upgrade = on(&request, "upgradeneeded", |event| {
            let event: &IdbVersionChangeEvent = event.unchecked_ref();
            let request = event.target().map(JsCast::unchecked_into::<IdbOpenDbRequest>);
            if let Some(database) = request.and_then(|request| request.result().ok()) {
                // A failure here ends the upgrade, and with it the opening.
                let _ = upgrade(database.unchecked_ref(), event.old_version() as u32);
            }
        });
        let database: IdbDatabase = result_of(&request).await?.unchecked_into();
        drop((on_blocked, on_upgrade));

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

    pub(super) fn to_read(&self, store: &str) -> Result<IdbTransaction, JsValue> {
        self.database.transaction_with_str(store)
    }

    /// A transaction that is complete only when it is on disk, if it has to be `durable`.
    pub(crate) fn to_write(&self, stores: &[&str], durable: bool) -> Result<IdbTransaction, JsValue> {
        let stores: Array = stores.iter().map(|&store| JsValue::from(store)).collect();
        let options = object(&[("durability", if durable { "strict" } else { "relaxed" }.into())]);
        self.database.unchecked_ref::<Transactions>().transaction(&stores, "readwrite", &options)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// The ladder: each step leads from one version to the next.
fn upgrade(database: &IdbDatabase, old: u32) -> Result<(), JsValue> {
    let file = Array::of3(&"namespace".into(), &"endpoint".into(), &"fingerprint".into());
    let many = IdbIndexParameters::new();
    let store = |name, key: &JsValue| {
        let parameters = IdbObjectStoreParameters::new();
        parameters.set_key_path(key);
        database.create_object_store_with_optional_parameters(name, &parameters)
    };
    if old < 1 {
        let records = store(RECORDS, &"id".into())?;
        records.create_index_with_str_sequence_and_optional_parameters(BY_FILE, &file, &many)?;
        records.create_index_with_str_and_optional_parameters(BY_EXPIRY, "expires", &many)?;
    }
    if old < 2 {
        let leases = store(LEASES, &file)?;
        leases.create_index_with_str_and_optional_parameters(BY_EXPIRY, "expires", &many)?;
    }
    Ok(())
}
