use js_sys::{Date, Object};
use upferry_engine::{RECORD_VERSION, Record};
use wasm_bindgen::JsValue;

use super::Place;
use crate::js::{field, object, set};
use crate::json;

const HANDLE: &str = "handle";
const DAY_MS: f64 = 86_400_000.0;

/// A record and when it was written.
#[derive(Clone, PartialEq, Debug)]
pub struct Saved {
    /// The engine's record.
    pub record: Record,
    /// When it was first saved, in milliseconds since 1970.
    pub created: f64,
    /// When it was last saved, in milliseconds since 1970.
    pub updated: f64,
    /// When it is of no use any more, in milliseconds since 1970.
    pub expires: f64,
    /// The file's `FileSystemFileHandle`, where the browser gave one and can store it.
    pub handle: Option<JsValue>,
}

impl Saved {
    /// When a record is of no use any more: `ttl_ms` after it was saved, or when the server has dropped the upload.
    #[must_use]
    pub fn expiry(record: &Record, updated: f64, ttl_ms: f64) -> f64 {
        let at_server = record.expires.as_deref().map_or(f64::NAN, Date::parse);
        // A record is not saved anew for less than a day that the server adds. What is no date counts for nothing.
        (updated + ttl_ms).min(at_server + DAY_MS)
    }

    /// The object that is stored. What the database has to find it by stands outside, the engine's record inside.
    #[must_use]
    pub fn to_js(&self, place: &Place) -> Object {
        let written = object(&[
            ("id", self.record.id.as_str().into()),
            ("version", RECORD_VERSION.into()),
            ("namespace", place.namespace.as_str().into()),
            ("endpoint", place.endpoint.as_str().into()),
            ("fingerprint", self.record.fingerprint.to_hex().into()),
            ("created", self.created.into()),
            ("updated", self.updated.into()),
            ("expires", self.expires.into()),
            ("record", json::record(&self.record).into()),
        ]);
        if let Some(handle) = &self.handle {
            set(&written, HANDLE, handle);
        }
        written
    }

    /// Reads a stored object; `None` for one of a later version, or one that is no record.
    #[must_use]
    pub fn from_js(value: &JsValue) -> Option<Self> {
        if field(value, "version").as_f64() != Some(f64::from(RECORD_VERSION)) {
            return None;
        }
        let record: Record = json::from_js(field(value, "record"))?;
        if record.version != RECORD_VERSION || field(value, "id").as_string().as_deref() != Some(record.id.as_str()) {
            return None;
        }
        Some(Self {
            record,
            created: field(value, "created").as_f64()?,
            updated: field(value, "updated").as_f64()?,
            expires: field(value, "expires").as_f64()?,
            handle: handle_in(value),
        })
    }
}

/// The handle in a stored object.
pub(super) fn handle_in(value: &JsValue) -> Option<JsValue> {
    Some(field(value, HANDLE)).filter(JsValue::is_object)
}
