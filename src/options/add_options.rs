use std::collections::BTreeMap;

use wasm_bindgen::JsValue;

use super::fields;
use crate::http::HeaderSource;

/// The second argument of `add`.
#[derive(Debug, Default)]
pub struct AddOptions {
    /// The name, where it shall not be the file's own.
    pub name: Option<String>,
    /// Key-value pairs of this upload, beside those of the uploader.
    pub metadata: BTreeMap<String, String>,
    /// Headers of this upload, beside those of the uploader.
    pub headers: Option<HeaderSource>,
}

impl AddOptions {
    /// Reads them; undefined means none.
    ///
    /// # Errors
    /// A `TypeError` that names what is wrong.
    pub fn parse(value: &JsValue) -> Result<Self, JsValue> {
        let mut options = Self::default();
        if value.is_undefined() {
            return Ok(options);
        }
        for field in fields("the options of add()", "", value)? {
            match field.key() {
                "name" => options.name = Some(field.string()?),
                "metadata" => options.metadata = field.strings()?,
                "headers" => options.headers = Some(HeaderSource::parse(field.path(), field.value())?),
                _ => return Err(field.unknown()),
            }
        }
        Ok(options)
    }
}
