use std::collections::BTreeMap;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use crate::error::type_error;

const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// One member of an options object. Every reader of it fails with a `TypeError` that names it.
#[derive(Debug)]
pub struct Field {
    path: String,
    key: String,
    value: JsValue,
}

/// The members of an options object that are not undefined; `parent` is the path of the object, or empty.
///
/// # Errors
/// A `TypeError` when it is no object.
pub fn fields(what: &str, parent: &str, value: &JsValue) -> Result<Vec<Field>, JsValue> {
    let is_object = value.is_object() && !Array::is_array(value) && !value.is_function();
    let object = is_object.then(|| value.unchecked_ref::<Object>());
    let Some(object) = object else {
        return Err(type_error(&[what, " must be an object"].concat()));
    };
    let entries = Object::entries(object);
    let members = entries.iter().filter_map(|entry| {
        let entry: Array = entry.unchecked_into();
        let key = entry.get(0).as_string()?;
        let path = if parent.is_empty() { key.clone() } else { [parent, ".", &key].concat() };
        Some(Field { path, key, value: entry.get(1) })
    });
    Ok(members.filter(|field| !field.value.is_undefined()).collect())
}

impl Field {
    /// The name within its object.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name with those of the objects around it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value as it is.
    #[must_use]
    pub fn value(&self) -> &JsValue {
        &self.value
    }

    /// The error for a key that means nothing.
    #[must_use]
    pub fn unknown(&self) -> JsValue {
        type_error(&["there is no option ", &self.path].concat())
    }

    /// The error for a value that is not `expected`.
    #[must_use]
    pub fn wrong(&self, expected: &str) -> JsValue {
        type_error(&[&self.path, " must be ", expected].concat())
    }

    /// A string.
    ///
    /// # Errors
    /// For anything else.
    pub fn string(&self) -> Result<String, JsValue> {
        self.value.as_string().ok_or_else(|| self.wrong("a string"))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// For anything else.
    pub fn boolean(&self) -> Result<bool, JsValue> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// A function.
    ///
    /// # Errors
    /// For anything else.
    pub fn function(&self) -> Result<Function, JsValue> {
        self.value.dyn_ref::<Function>().cloned().ok_or_else(|| self.wrong("a function"))
    }

    /// A whole number in a range, which `expected` says in words.
    ///
    /// # Errors
    /// For anything else.
    pub fn integer(&self, least: u64, most: u64, expected: &str) -> Result<u64, JsValue> {
        let number =
            self.value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0 && *number <= MAX_SAFE);
        number.map(|number| number as u64).filter(|n| (least..=most).contains(n)).ok_or_else(|| self.wrong(expected))
    }

    /// A number of bytes, 0 or more.
    ///
    /// # Errors
    /// For anything else.
    pub fn bytes(&self) -> Result<u64, JsValue> {
        self.integer(0, u64::MAX, "a whole number of bytes, 0 or more")
    }

    /// A positive whole number, or `None` for `Infinity`.
    ///
    /// # Errors
    /// For anything else.
    pub fn limit(&self) -> Result<Option<u64>, JsValue> {
        if self.value.as_f64() == Some(f64::INFINITY) {
            return Ok(None);
        }
        self.integer(1, u64::MAX, "a whole number from 1 up, or Infinity").map(Some)
    }

    /// An object of strings.
    ///
    /// # Errors
    /// For anything else.
    pub fn strings(&self) -> Result<BTreeMap<String, String>, JsValue> {
        let mut strings = BTreeMap::new();
        for field in fields(&self.path, &self.path, &self.value)? {
            let text = field.string()?;
            strings.insert(field.key, text);
        }
        Ok(strings)
    }
}
