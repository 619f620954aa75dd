use js_sys::{Array, ArrayBuffer, JsString};
use upferry_protocol::ByteRange;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, MessageChannel};

use super::read::slice;
use crate::js::field;

/// What is kept of a chunk, once it is hashed, to be the body of its request.
///
/// Chromium copies a body in memory, and keeps the copy until its garbage collector finds it: with 16 MiB chunks that is
/// over 1 GiB, whatever the budget. So there the part of the file itself is the body; should the file have changed since it
/// was hashed, the digest says so to the server. Elsewhere the bytes are: Safari hangs on a body that is part of a file.
pub fn body(file: &Blob, range: ByteRange, bytes: ArrayBuffer) -> JsValue {
    match is_chromium().then(|| slice(file, range)) {
        Some(Ok(slice)) => {
            free(&bytes);
            slice.into()
        }
        Some(Err(_)) | None => bytes.into(),
    }
}

/// Chrome, Edge and others of this engine; on iOS they are Safari inside, and say so.
#[must_use]
pub fn is_chromium() -> bool {
    let agent = field(&field(&js_sys::global(), "navigator"), "userAgent");
    agent.dyn_ref::<JsString>().is_some_and(|agent| agent.includes("Chrome/", 0))
}

/// Gives the bytes back at once, not when the garbage collector comes by: what is transferred to a closed port is gone.
fn free(bytes: &ArrayBuffer) {
    if let Ok(channel) = MessageChannel::new() {
        channel.port2().close();
        // One that can't be transferred is collected in time.
        let _ = channel.port1().post_message_with_transferable(&JsValue::NULL, &Array::of1(bytes));
        channel.port1().close();
    }
}
