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
        Self::read("the options of add()", value, true)
    }

    /// Reads the second argument of `resume`, which has only `headers`: all else is as it was.
    ///
    /// # Errors
    /// A `TypeError` that names what is wrong.
    pub fn parse_resume(value: &JsValue) -> Result<Self, JsValue> {
        Self::read("the options of resume()", value, false)
    }

    fn read(what: &str, value: &JsValue, is_new: bool) -> Result<Self, JsValue> {
        let mut options = Self::default();
        if value.is_undefined() {
            return Ok(options);
        }
        for field in fields(what, "", value)? {
            match field.key() {
                "name" if is_new => options.name = Some(field.string()?),
                "metadata" if is_new => options.metadata = field.strings()?,
                "headers" => options.headers = Some(HeaderSource::parse(field.path(), field.value())?),
                _ => return Err(field.unknown()),
            }
        }
        Ok(options)
    }
}
