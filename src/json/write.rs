use js_sys::Object;
use upferry_engine::Record;
use upferry_protocol::CreateRequest;
use wasm_bindgen::JsValue;

use crate::js::{object, set, text_or_null};

/// The body of a request that creates an upload.
#[must_use]
pub fn create_request(create: &CreateRequest) -> Object {
    let CreateRequest { size, name, media_type, metadata, complete_when_full } = create;
    let written = object(&[("size", (*size as f64).into()), ("name", name.as_str().into())]);
    if let Some(media_type) = media_type {
        set(&written, "type", &media_type.into());
    }
    if !metadata.is_empty() {
        let pairs = Object::new();
        for (key, value) in metadata {
            set(&pairs, key, &value.into());
        }
        set(&written, "metadata", &pairs);
    }
    set(&written, "completeWhenFull", &(*complete_when_full).into());
    written
}

/// The engine's record.
#[must_use]
pub fn record(record: &Record) -> Object {
    let Record { version, id, fingerprint, last_modified, create, upload_url, expires } = record;
    object(&[
        ("version", (*version).into()),
        ("id", id.as_str().into()),
        ("fingerprint", fingerprint.to_hex().into()),
        ("lastModified", (*last_modified as f64).into()),
        ("create", JsValue::from(create_request(create))),
        ("uploadUrl", text_or_null(upload_url.as_deref())),
        ("expires", text_or_null(expires.as_deref())),
    ])
}
