//! What may be wrong with a database.

use js_sys::Function;
use upferry::records::Records;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::records::{fresh, ids, place};
use super::support::{js, pause, record};

const GOLDEN: &str = include_str!("../golden/record-v1.json");

#[wasm_bindgen(module = "/tests/cases/database.js")]
extern "C" {
    async fn remove(name: &str) -> JsValue;
    #[wasm_bindgen(js_name = makeFirstVersion)]
    async fn make_first_version(name: &str, record: &JsValue);
    #[wasm_bindgen(js_name = standInTheWay)]
    async fn stand_in_the_way(name: &str, version: u32) -> JsValue;
    #[wasm_bindgen(js_name = failPuts)]
    fn fail_puts(failing: &Function) -> Function;
}

#[wasm_bindgen_test]
async fn a_database_of_the_first_version_is_taken_over() {
    remove("test-ladder").await;
    make_first_version("test-ladder", &js_sys::JSON::parse(GOLDEN).unwrap()).await;
    let records = Records::new("test-ladder", place("user-7"), 1e9);
    assert_eq!(ids(&records.all().await.unwrap()), ["key-1"]);
    records.save(record("b"), None).await.unwrap();
    records.delete_all().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_that_another_tab_keeps_back_is_done_without_and_used_when_it_opens() {
    remove("test-blocked").await;
    make_first_version("test-blocked", &js_sys::JSON::parse(GOLDEN).unwrap()).await;
    let way = stand_in_the_way("test-blocked", 1).await;
    let records = Records::new("test-blocked", place("user-7"), 1e9);
    assert!(records.save(record("a"), None).await.is_err());
    assert!(records.all().await.is_err());
    way.unchecked_into::<Function>().call0(&JsValue::UNDEFINED).unwrap();
    let limit = js_sys::Date::now() + 10_000.0;
    while records.save(record("a"), None).await.is_err() {
        assert!(js_sys::Date::now() < limit, "it never opens");
        pause(5).await;
    }
    assert_eq!(ids(&records.all().await.unwrap()), ["a", "key-1"]);
}

#[wasm_bindgen_test]
async fn what_is_too_much_for_the_disk_keeps_nothing_else_from_it() {
    let records = fresh("test-full").await;
    records.save(record("old"), None).await.unwrap();
    let restore = fail_puts(&js("(object) => object.id === 'large'").unchecked_into());
    let large = records.save(record("large"), None);
    let (large, small, deleted) =
        futures_of(large, records.save(record("small"), None), records.delete("old".to_owned())).await;
    restore.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!((large.is_err(), small.is_ok(), deleted.is_ok()), (true, true, true));
    assert_eq!(ids(&records.all().await.unwrap()), ["small"]);
}

#[wasm_bindgen_test]
async fn a_handle_is_saved_with_the_record_and_stays() {
    let records = fresh("test-handle").await;
    let root = "navigator.storage.getDirectory().then((root) => root.getFileHandle('kept', { create: true }))";
    let handle = JsFuture::from(js_sys::Promise::from(js(root))).await.unwrap();
    assert_eq!(records.save(record("a"), Some(handle.clone())).await, Ok(true));
    assert_eq!(records.save(record("a"), None).await, Ok(true), "it is the same file still");
    let saved = records.all().await.unwrap().remove(0);
    let kept = saved.handle.unwrap();
    assert_eq!(super::support::get(&kept, "name"), "kept");

    // As WebKit does with any handle.
    assert_eq!(records.save(record("b"), Some(js("{ open() {} }"))).await, Ok(false));
    assert_eq!(records.all().await.unwrap().len(), 2);
    assert_eq!(records.keep_handle("https://example.org/uploads/1f", handle).await, Ok(true));
    assert_eq!(records.keep_handle("https://example.org/uploads/2f", kept).await, Ok(false));
}

async fn futures_of<A, B, C>(
    a: impl Future<Output = A>,
    b: impl Future<Output = B>,
    c: impl Future<Output = C>,
) -> (A, B, C) {
    let ((a, b), c) = super::support::both(super::support::both(a, b), c).await;
    (a, b, c)
}
