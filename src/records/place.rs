use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::IdbKeyRange;

/// Whose records: those of one server and, where the application says so, one user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The application's `namespace`.
    pub namespace: String,
    /// The absolute URL of the endpoint.
    pub endpoint: String,
}

impl Place {
    /// The key of what stands here under `last`.
    pub(crate) fn key(&self, last: &JsValue) -> JsValue {
        Array::of3(&self.namespace.as_str().into(), &self.endpoint.as_str().into(), last).into()
    }

    /// All keys that begin with this place: arrays sort after strings.
    pub(crate) fn range(&self) -> Result<IdbKeyRange, JsValue> {
        IdbKeyRange::bound(&self.key(&"".into()), &self.key(&Array::new()))
    }
}
