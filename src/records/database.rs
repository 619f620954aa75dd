use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::connection::Connection;
use crate::deferred::Deferred;
use crate::task::{after, spawn};

/// The name of the database.
pub const DATABASE: &str = "upferry";

/// How long everything waits for the database to open. What keeps it closed (another tab's unfinished upgrade or
/// deletion, say) may last; uploads go on without it then.
const OPEN_MS: u32 = 5_000;

/// A database, opened when it is needed.
#[derive(Debug)]
pub struct Database {
    name: String,
    connection: RefCell<Option<Rc<Connection>>>,
    opening: RefCell<Option<Rc<Deferred>>>,
}

impl Database {
    /// Makes it; nothing is opened yet.
    #[must_use]
    pub fn new(name: &str) -> Rc<Self> {
        Rc::new(Self { name: name.to_owned(), connection: RefCell::default(), opening: RefCell::default() })
    }

    /// The open database.
    ///
    /// # Errors
    /// When it can't be opened, or not in time. One that opens late is there for the next who asks.
    pub(crate) async fn connection(self: &Rc<Self>) -> Result<Rc<Connection>, JsValue> {
        if let Some(connection) = self.present() {
            return Ok(connection);
        }
        let present = self.opening.borrow().clone();
        let opening = present.unwrap_or_else(|| self.open());
        JsFuture::from(opening.promise()).await?;
        self.present().ok_or(JsValue::UNDEFINED)
    }

    /// Closes the connection; it is opened again when it is needed.
    pub(crate) fn close(&self) {
        drop(self.connection.take());
    }

    fn present(&self) -> Option<Rc<Connection>> {
        self.connection.borrow().clone().filter(|connection| connection.is_open())
    }

    fn open(self: &Rc<Self>) -> Rc<Deferred> {
        let opening = Rc::new(Deferred::new());
        self.opening.replace(Some(opening.clone()));
        let (database, ended) = (self.clone(), opening.clone());
        spawn(async move {
            let late = ended.clone();
            let limit = after(OPEN_MS, move || late.reject(&JsValue::UNDEFINED));
            let blocked = ended.clone();
            let opened = Connection::open(&database.name, move || blocked.reject(&JsValue::UNDEFINED)).await;
            drop(limit);
            drop(database.opening.take());
            match opened {
                Ok(connection) => {
                    drop(database.connection.replace(Some(Rc::new(connection))));
                    ended.resolve(&JsValue::UNDEFINED);
                }
                Err(error) => ended.reject(&error),
            }
        });
        opening
    }
}
