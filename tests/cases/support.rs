use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use js_sys::{Array, Promise, Reflect, Uint8Array};
use upferry_engine::{RECORD_VERSION, Record};
use upferry_protocol::{CreateRequest, Sha256Digest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

/// The value of a JavaScript expression.
pub(super) fn js(expression: &str) -> JsValue {
    js_sys::eval(&["(", expression, ")"].concat()).unwrap()
}

/// A member of whatever it is.
pub(super) fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap()
}

/// The message of an error of this class.
pub(super) fn message_of(error: &JsValue, class: &str) -> String {
    assert_eq!(get(error, "name").as_string().as_deref(), Some(class), "{error:?}");
    get(error, "message").as_string().unwrap()
}

/// Lets some time pass.
pub(super) async fn pause(ms: u32) {
    let promise = js(&format!("new Promise((resolve) => setTimeout(resolve, {ms}))"));
    JsFuture::from(Promise::from(promise)).await.unwrap();
}

/// Waits until it is true.
pub(super) async fn until(what: &str, is_true: impl Fn() -> bool) {
    let limit = js_sys::Date::now() + 20_000.0;
    while !is_true() {
        assert!(js_sys::Date::now() < limit, "never: {what}");
        pause(2).await;
    }
}

/// Both results of futures that are begun in this order.
pub(super) async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    poll_fn(|context| {
        if of_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(context)
        {
            of_a = Some(value);
        }
        if of_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(context)
        {
            of_b = Some(value);
        }
        if of_a.is_some() && of_b.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (of_a.unwrap(), of_b.unwrap())
}

pub(super) fn blob(bytes: &[u8]) -> Blob {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).unwrap()
}

/// Bytes that look random.
pub(super) fn bytes(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub(super) fn record(id: &str) -> Record {
    Record {
        version: RECORD_VERSION,
        id: id.to_owned(),
        fingerprint: Sha256Digest([7; 32]),
        last_modified: 1_700_000_000_000,
        create: CreateRequest {
            size: 5_000_000_000,
            name: "视频.mp4".to_owned(),
            media_type: Some("video/mp4".to_owned()),
            metadata: [("album".to_owned(), "7".to_owned())].into(),
            complete_when_full: true,
        },
        upload_url: Some("https://example.org/uploads/1f".to_owned()),
        expires: None,
    }
}
