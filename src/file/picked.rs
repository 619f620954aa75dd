use js_sys::Promise;
use upferry_engine::FileError;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::error::type_error;
use crate::js::{field, object};

#[wasm_bindgen]
extern "C" {
    /// `FileSystemFileHandle`, as far as it is needed.
    type FileHandle;

    #[wasm_bindgen(method, catch, js_name = getFile)]
    fn get_file(this: &FileHandle) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = requestPermission)]
    fn request_permission(this: &FileHandle, mode: &JsValue) -> Result<Promise, JsValue>;
}

/// A file, and what opens it again after a reload where the browser gave that.
#[derive(Clone, Debug)]
pub struct Picked {
    /// The file.
    pub file: Blob,
    /// Its `FileSystemFileHandle`.
    pub handle: Option<JsValue>,
}

impl Picked {
    /// Takes a `File` or a `Blob`.
    ///
    /// # Errors
    /// A `TypeError` for anything else.
    pub fn new(value: &JsValue, what: &str) -> Result<Self, JsValue> {
        // Not `instanceof`: a file may come from a frame with a Blob of its own.
        if value.is_object() && matches!(tag_of(value).as_str(), "[object File]" | "[object Blob]") {
            return Ok(Self { file: value.unchecked_ref::<Blob>().clone(), handle: None });
        }
        Err(type_error(&[what, " takes a File, a Blob or a FileSystemFileHandle"].concat()))
    }

    /// Opens the file of a handle. The browser may ask the person; in some it does so only right after a click.
    ///
    /// # Errors
    /// [`FileError::Unreadable`] when that is refused, or the file is gone.
    pub async fn open(handle: &JsValue) -> Result<Self, FileError> {
        let file_handle = handle.unchecked_ref::<FileHandle>();
        // Firefox and Safari, which have files of the page's own only, do not ask.
        if field(handle, "requestPermission").is_function() {
            let asked = file_handle.request_permission(&object(&[("mode", "read".into())]).into());
            // Whatever the answer, what counts is whether the file can be read.
            if let Ok(asked) = asked {
                let _ = JsFuture::from(asked).await;
            }
        }
        let file = file_handle.get_file().map_err(|_| FileError::Unreadable)?;
        let file = JsFuture::from(file).await.map_err(|_| FileError::Unreadable)?;
        Ok(Self { file: file.unchecked_into(), handle: Some(handle.clone()) })
    }
}

/// Whether a value is a `FileSystemFileHandle`.
#[must_use]
pub fn is_handle(value: &JsValue) -> bool {
    value.is_object() && tag_of(value) == "[object FileSystemFileHandle]"
}

fn tag_of(value: &JsValue) -> String {
    let object: &js_sys::Object = value.unchecked_ref();
    object.to_string().into()
}
