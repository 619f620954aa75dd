use upferry::digest::Hasher;
use upferry::file::{Buffers, fingerprint, read};
use upferry_engine::{EffectId, FileError};
use upferry_protocol::{ByteRange, Sha256Digest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{blob, bytes, js};

fn hasher() -> Hasher {
    Hasher::new(std::rc::Rc::new(|| Err(JsValue::NULL)))
}

async fn of(bytes: &[u8]) -> Sha256Digest {
    fingerprint(&blob(bytes), &hasher()).await.unwrap()
}

#[wasm_bindgen_test]
async fn small_files_are_hashed_whole_with_their_size() {
    let digest = of(b"abc").await;
    let by_hand = js_sys::Uint8Array::from(b"\x03\0\0\0\0\0\0\0abc".as_slice());
    assert_eq!(digest, upferry::digest::hash_buffer(&by_hand.buffer()));
    assert_eq!(of(b"").await, upferry::digest::hash_buffer(&js_sys::Uint8Array::new_with_length(8).buffer()));
    let mut content = bytes(256 << 10);
    let before = of(&content).await;
    content[100_000] ^= 1;
    assert_ne!(of(&content).await, before, "every byte counts up to 256 KiB");
}

#[wasm_bindgen_test]
async fn samples_cover_first_and_last_bytes_and_the_size() {
    let mut content = bytes(3 << 20);
    let before = of(&content).await;
    assert_eq!(of(&content).await, before);
    let last = content.len() - 1;
    for at in [0, (16 << 10) - 1, last - (16 << 10) + 1, last] {
        content[at] ^= 1;
        assert_ne!(of(&content).await, before, "byte {at}");
        content[at] ^= 1;
    }
    content[20_000] ^= 1;
    assert_eq!(of(&content).await, before, "between the samples nothing is read");
    content.push(0);
    assert_ne!(of(&content).await, before);
}

#[wasm_bindgen_test]
async fn a_slice_that_is_too_short_is_a_change() {
    let file = blob(&bytes(1000));
    let range = |start, end| ByteRange::new(start, end).unwrap();
    assert_eq!(read(&file, range(100, 400)).await.unwrap().byte_length(), 300);
    assert_eq!(read(&file, range(900, 1001)).await.unwrap_err(), FileError::Changed);
}

#[wasm_bindgen_test]
async fn what_can_not_be_read_is_unreadable() {
    let file = js("Object.assign(new Blob(['abc']), {slice: () => ({arrayBuffer: () => Promise.reject('gone')})})");
    let range = ByteRange::new(0, 3).unwrap();
    assert_eq!(read(file.unchecked_ref(), range).await.unwrap_err(), FileError::Unreadable);
}

#[wasm_bindgen_test]
fn bytes_are_kept_until_they_are_released() {
    let buffers = Buffers::default();
    let (one, two) = (EffectId(1), EffectId(2));
    buffers.begin(one);
    buffers.begin(two);
    assert!(buffers.of(one).is_none());
    buffers.release(two);
    assert!(buffers.keep(one, "one".into()));
    assert!(!buffers.keep(two, "two".into()), "released while it was read");
    assert_eq!(buffers.of(one).unwrap(), "one");
    buffers.release(one);
    assert!(buffers.of(one).is_none() && !buffers.wants(one));
}
