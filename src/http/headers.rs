use std::cell::RefCell;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Headers;

use crate::error::type_error;

/// Where the application's own request headers come from.
#[derive(Debug)]
pub enum HeaderSource {
    /// An object of strings, checked.
    Fixed(Vec<(String, String)>),
    /// A function, async or not, that is asked once until its headers are refused.
    Asked {
        /// The function.
        function: Function,
        /// What it has returned, or will.
        present: RefCell<Option<Promise>>,
    },
}

impl HeaderSource {
    /// Takes the value of a `headers` option.
    ///
    /// # Errors
    /// A `TypeError` that names the option, or the member of it that is no header.
    pub fn parse(path: &str, value: &JsValue) -> Result<Self, JsValue> {
        if let Some(function) = value.dyn_ref::<Function>() {
            return Ok(Self::Asked { function: function.clone(), present: RefCell::new(None) });
        }
        read(path, value).map(Self::Fixed)
    }

    /// The headers to send now.
    ///
    /// # Errors
    /// Whatever the application's function throws or rejects with; it is asked again next time.
    pub async fn headers(&self) -> Result<Vec<(String, String)>, JsValue> {
        match self {
            Self::Fixed(headers) => Ok(headers.clone()),
            Self::Asked { function, present } => {
                let known = present.borrow().clone();
                let promise = match known {
                    Some(promise) => promise,
                    None => {
                        let asked = function.call0(&JsValue::UNDEFINED).map(|value| Promise::resolve(&value))?;
                        present.replace(Some(asked.clone()));
                        asked
                    }
                };
                let result = match JsFuture::from(promise.clone()).await {
                    Ok(value) => read("headers()", &value),
                    Err(error) => Err(error),
                };
                if result.is_err() {
                    let is_present = present.borrow().as_ref().is_some_and(|known| Object::is(known, &promise));
                    if is_present {
                        present.replace(None);
                    }
                }
                result
            }
        }
    }

    /// Forgets what the function has returned; `false` for headers that can't change.
    pub fn forget(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Asked { present, .. } => {
                present.replace(None);
                true
            }
        }
    }
}

fn read(path: &str, value: &JsValue) -> Result<Vec<(String, String)>, JsValue> {
    let is_object = value.is_object() && !Array::is_array(value);
    let Some(object) = is_object.then(|| value.unchecked_ref::<Object>()) else {
        return Err(type_error(&[path, " must be an object of strings"].concat()));
    };
    // The browser knows best what a header may be.
    let check = Headers::new()?;
    let mut headers = Vec::new();
    for entry in Object::entries(object).iter() {
        let entry: Array = entry.unchecked_into();
        let name = entry.get(0).as_string().unwrap_or_default();
        let wrong = |what: &str| type_error(&[path, ".", &name, what].concat());
        let text = entry.get(1).as_string().ok_or_else(|| wrong(" must be a string"))?;
        check.append(&name, &text).map_err(|_| wrong(" is not a valid header"))?;
        headers.push((name, text));
    }
    Ok(headers)
}
