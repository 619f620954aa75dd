use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use upferry::digest::{HashLost, HashWorker, Hasher, WorkerFactory, hash_buffer, hash_politely};
use upferry::task::after;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Worker;

use super::support::{bytes, js};

/// FIPS 180-4's own examples.
const KNOWN: &[(&str, &str)] = &[
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
];

/// Around the sizes of the pieces that go through wasm memory.
const SIZES: &[usize] = &[1, 55, 56, 64, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, (2 << 20) + 17];

fn buffer(bytes: &[u8]) -> ArrayBuffer {
    Uint8Array::from(bytes).buffer()
}

fn no_worker() -> WorkerFactory {
    Rc::new(|| Err(JsValue::NULL))
}

/// The package's worker, with the module under test in place of the package's.
fn real_worker() -> WorkerFactory {
    Rc::new(|| {
        let source = include_str!("../../js/worker.js").replace("../pkg/upferry.js", "ORIGIN/wasm-bindgen-test.js");
        let start = js("source => new Worker(URL.createObjectURL(new Blob(
            [source.replace('ORIGIN', location.origin)], {type: 'text/javascript'})), {type: 'module'})");
        let start: js_sys::Function = start.unchecked_into();
        start.call1(&JsValue::NULL, &source.into()).map(JsCast::unchecked_into::<Worker>)
    })
}

#[wasm_bindgen_test]
async fn known_digests_come_out_both_ways() {
    let hasher = Hasher::new(no_worker());
    assert!(matches!(hasher, Hasher::WebCrypto(_)), "the tests run in a secure context");
    for &(text, digest) in KNOWN {
        let (_, by_browser) = hasher.sha256(buffer(text.as_bytes())).await.unwrap();
        assert_eq!(by_browser.to_hex(), digest);
        assert_eq!(hash_buffer(&buffer(text.as_bytes())).to_hex(), digest);
    }
}

#[wasm_bindgen_test]
async fn both_ways_agree_at_every_size() {
    let hasher = Hasher::new(no_worker());
    for &size in SIZES {
        let bytes = bytes(size);
        let (same, by_browser) = hasher.sha256(buffer(&bytes)).await.unwrap();
        assert_eq!(same.byte_length() as usize, size);
        assert_eq!(hash_buffer(&same), by_browser, "{size} bytes");
        assert_eq!(hash_politely(&same).await, by_browser, "{size} bytes");
    }
}

#[wasm_bindgen_test]
async fn the_worker_hashes_and_gives_the_bytes_back() {
    let worker = HashWorker::new(real_worker());
    assert!(!worker.is_running(), "it starts with the first buffer");
    let bytes = bytes(3 << 20);
    let taken = buffer(&bytes);
    let (given_back, digest) = worker.sha256(taken.clone()).await.unwrap();
    assert_eq!(taken.byte_length(), 0, "the bytes were handed over, not copied");
    assert_eq!(Uint8Array::new(&given_back).to_vec(), bytes);
    assert_eq!(digest, hash_buffer(&given_back));
    assert!(worker.is_running());
    worker.close();
    assert!(!worker.is_running());
}

#[wasm_bindgen_test]
async fn without_a_worker_it_hashes_in_place() {
    let digest = hash_buffer(&buffer(b"abc"));
    let worker = HashWorker::new(no_worker());
    assert_eq!(worker.sha256(buffer(b"abc")).await.unwrap().1, digest);

    // One that can be made but never comes to life, as under a policy that forbids its script.
    let dead = js("() => new Worker(URL.createObjectURL(new Blob(['throw 1'], {type: 'text/javascript'})))");
    let dead: js_sys::Function = dead.unchecked_into();
    let worker = HashWorker::new(Rc::new(move || dead.call0(&JsValue::NULL).map(JsCast::unchecked_into)));
    let (bytes, by_page) = worker.sha256(buffer(b"abc")).await.unwrap();
    assert_eq!((bytes.byte_length(), by_page), (3, digest), "nothing was handed to it");
    assert!(!worker.is_running());
}

#[wasm_bindgen_test]
async fn a_worker_that_is_closed_loses_what_it_has() {
    // It says that it lives, and nothing more.
    let mute = js("() => new Worker(URL.createObjectURL(new Blob(['postMessage({})'], {type: 'text/javascript'})))");
    let mute: js_sys::Function = mute.unchecked_into();
    let worker = Rc::new(HashWorker::new(Rc::new(move || mute.call0(&JsValue::NULL).map(JsCast::unchecked_into))));
    let closer = worker.clone();
    let timer = after(200, move || closer.close());
    assert_eq!(worker.sha256(buffer(b"abc")).await.unwrap_err(), HashLost);
    drop(timer);
    // From then on it is done here.
    assert_eq!(worker.sha256(buffer(b"abc")).await.unwrap().1, hash_buffer(&buffer(b"abc")));
}
