use std::rc::Rc;

use js_sys::{Array, JSON, Promise};
use upferry::records::{Place, Records, Saved};
use upferry_engine::Record;
use upferry_protocol::Sha256Digest;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use super::support::{js, pause, record};

const GOLDEN: &str = include_str!("../golden/record-v1-expires.json");
const BEFORE_EXPIRY: &str = include_str!("../golden/record-v1.json");
const DAY_MS: f64 = 86_400_000.0;

#[wasm_bindgen(module = "/tests/cases/database.js")]
extern "C" {
    async fn put(name: &str, objects: &Array);
    async fn dump(name: &str) -> JsValue;
    async fn remove(name: &str) -> JsValue;
    async fn upgrade(name: &str);
    #[wasm_bindgen(js_name = watchDurability)]
    fn watch_durability() -> Array;
}

pub(super) fn place(namespace: &str) -> Place {
    Place { namespace: namespace.to_owned(), endpoint: "https://example.org/uploads".to_owned() }
}

/// The records of a database that is this test's own, and empty.
pub(super) async fn fresh(name: &str) -> Records {
    remove(name).await;
    Records::new(name, place("user-7"), 30.0 * DAY_MS)
}

pub(super) fn ids(saved: &[Saved]) -> Vec<&str> {
    saved.iter().map(|saved| saved.record.id.as_str()).collect()
}

/// Two saves are never in the same millisecond.
async fn tick() {
    pause(2).await;
}

#[wasm_bindgen_test]
fn the_golden_record_is_read_and_written() {
    let golden = JSON::parse(GOLDEN).unwrap();
    let saved = Saved::from_js(&golden).unwrap();
    let expires = Some("2023-12-14T22:13:20Z".to_owned());
    assert_eq!(saved.record, Record { expires, ..record("key-1") });
    assert_eq!((saved.created, saved.updated), (1_700_000_000_000.0, 1_700_000_001_000.0));
    assert_eq!(saved.expires, saved.updated + 30.0 * DAY_MS);
    let written = JSON::stringify(&saved.to_js(&place("user-7"))).unwrap();
    assert_eq!(String::from(written), String::from(JSON::stringify(&golden).unwrap()));
}

#[wasm_bindgen_test]
fn a_record_from_before_uploads_expired_is_read() {
    let saved = Saved::from_js(&JSON::parse(BEFORE_EXPIRY).unwrap()).unwrap();
    assert_eq!(saved.record, record("key-1"));
}

#[wasm_bindgen_test]
fn a_record_expires_with_its_time_or_with_the_upload_at_the_server() {
    let expiry = |server: Option<&str>, ttl| {
        let record = Record { expires: server.map(str::to_owned), ..record("a") };
        Saved::expiry(&record, 1_700_000_000_000.0, ttl)
    };
    assert_eq!(expiry(None, DAY_MS), 1_700_086_400_000.0);
    assert_eq!(expiry(None, f64::MAX), f64::MAX);
    // A record is not saved anew for less than a day that the server adds.
    assert_eq!(expiry(Some("2023-11-14T23:13:20Z"), 9.0 * DAY_MS), 1_700_003_600_000.0 + DAY_MS);
    assert_eq!(expiry(Some("2023-11-14T23:13:20Z"), 9_000.0), 1_700_000_009_000.0);
    assert_eq!(expiry(Some("soon"), 9_000.0), 1_700_000_009_000.0);
}

#[wasm_bindgen_test]
fn what_is_no_record_is_passed_over() {
    for value in ["undefined", "null", "7", "'x'", "[]", "{}", "{version: 1}", "{version: 1, id: 'a', record: {}}"] {
        assert_eq!(Saved::from_js(&js(value)), None, "{value}");
    }
    let changes = [
        ("\"version\": 1", "\"version\": 2"),
        ("\"id\": \"key-1\"", "\"id\": \"key-2\""),
        ("5000000000", "-5"),
        ("0707", "07"),
        ("\"created\": 1700000000000", "\"created\": \"then\""),
        ("\"expires\": 1", "\"expired\": 1"),
        ("\"2023-12-14T22:13:20Z\"", "7"),
        ("\"lastModified\": 1700000000000,", ""),
    ];
    for (right, wrong) in changes {
        // The last one is that of the engine's record.
        let (before, after) = GOLDEN.rsplit_once(right).unwrap();
        let value = JSON::parse(&[before, wrong, after].concat()).unwrap();
        assert_eq!(Saved::from_js(&value), None, "{wrong}");
    }
}

#[wasm_bindgen_test]
async fn records_are_found_by_file_and_listed_by_time() {
    let records = fresh("test-find").await;
    assert_eq!(records.all().await.unwrap(), []);
    for id in ["a", "b"] {
        records.save(record(id), None).await.unwrap();
        tick().await;
    }
    let mut other = record("c");
    other.fingerprint = Sha256Digest([8; 32]);
    records.save(other, None).await.unwrap();
    tick().await;

    let before = records.all().await.unwrap();
    assert_eq!(ids(&before), ["c", "b", "a"]);
    records.save(record("a"), None).await.unwrap();
    let after = records.of_file(Sha256Digest([7; 32])).await.unwrap();
    assert_eq!(ids(&after), ["a", "b"]);
    assert_eq!(after[0].created, before[2].created, "it is the first save that counts");
    assert!(after[0].updated > before[2].updated);
    assert_eq!(records.of_file(Sha256Digest([9; 32])).await.unwrap(), []);

    records.delete("a".to_owned()).await.unwrap();
    records.delete("never there".to_owned()).await.unwrap();
    assert_eq!(ids(&records.all().await.unwrap()), ["c", "b"]);
}

#[wasm_bindgen_test]
async fn places_are_kept_apart() {
    let mine = fresh("test-places").await;
    let theirs = Records::new("test-places", place("user-8"), DAY_MS);
    let elsewhere = Place { endpoint: "https://example.org/uploads2".to_owned(), ..place("user-7") };
    let elsewhere = Records::new("test-places", elsewhere, DAY_MS);
    mine.save(record("mine"), None).await.unwrap();
    theirs.save(record("theirs"), None).await.unwrap();
    elsewhere.save(record("elsewhere"), None).await.unwrap();
    assert_eq!(ids(&mine.all().await.unwrap()), ["mine"]);
    assert_eq!(ids(&mine.of_file(Sha256Digest([7; 32])).await.unwrap()), ["mine"]);
    mine.delete_all().await.unwrap();
    assert_eq!(mine.all().await.unwrap(), []);
    assert_eq!(ids(&theirs.all().await.unwrap()), ["theirs"]);
    assert_eq!(ids(&elsewhere.all().await.unwrap()), ["elsewhere"]);
}

#[wasm_bindgen_test]
async fn the_sweep_takes_what_has_expired_whoever_left_it() {
    let records = fresh("test-sweep").await;
    Records::new("test-sweep", place("gone"), 1.0).save(record("old"), None).await.unwrap();
    records.save(record("young"), None).await.unwrap();
    Records::new("test-sweep", place("patient"), f64::MAX).save(record("for ever"), None).await.unwrap();
    tick().await;
    records.sweep().await.unwrap();
    let left = dump("test-sweep").await.as_string().unwrap();
    assert!(!left.contains("\"old\"") && left.contains("\"young\"") && left.contains("\"for ever\""), "{left}");
}

#[wasm_bindgen_test]
async fn unreadable_records_are_passed_over_and_left_alone() {
    let records = fresh("test-unreadable").await;
    records.save(record("good"), None).await.unwrap();
    let late = GOLDEN.replacen("\"version\": 1", "\"version\": 2", 1).replace("key-1", "late");
    let strange = js("{id: 'strange', namespace: 'user-7', endpoint: 'https://example.org/uploads', fingerprint: 'x'}");
    put("test-unreadable", &Array::of3(&JSON::parse(&late).unwrap(), &strange, &js("{id: 'bare'}"))).await;
    assert_eq!(ids(&records.all().await.unwrap()), ["good"]);
    records.sweep().await.unwrap();
    let left = dump("test-unreadable").await.as_string().unwrap();
    for id in ["good", "strange", "bare"] {
        assert!(left.contains(id), "{id}: {left}");
    }
}

#[wasm_bindgen_test]
async fn saves_are_strictly_durable() {
    let records = fresh("test-strict").await;
    let durability = watch_durability();
    records.save(record("a"), None).await.unwrap();
    records.delete("a".to_owned()).await.unwrap();
    let durability: Vec<String> = durability.iter().filter_map(|one| one.as_string()).collect();
    assert_eq!(durability, ["strict", "relaxed"], "what comes back is found out when the server is asked");
}

#[wasm_bindgen_test]
async fn the_connection_makes_way_and_opens_again() {
    let records = fresh("test-way").await;
    records.save(record("a"), None).await.unwrap();
    assert!(remove("test-way").await.is_truthy(), "another tab deletes the database without waiting");
    assert_eq!(records.all().await.unwrap(), []);
    records.save(record("b"), None).await.unwrap();
    assert_eq!(ids(&records.all().await.unwrap()), ["b"]);
}

#[wasm_bindgen_test]
async fn a_database_of_a_later_version_is_left_alone() {
    let records = fresh("test-later").await;
    records.save(record("a"), None).await.unwrap();
    upgrade("test-later").await;
    assert!(records.save(record("b"), None).await.is_err());
    assert!(records.all().await.is_err());
}

#[wasm_bindgen_test]
async fn what_is_asked_for_at_once_is_done_together() {
    let records = Rc::new(fresh("test-many").await);
    records.save(record("first"), None).await.unwrap();
    let transactions = watch_durability();
    let begun = js_sys::Date::now();
    let saves: Array = (0..500)
        .map(|number: u32| {
            let records = records.clone();
            JsValue::from(future_to_promise(async move {
                let saved = records.save(record(&number.to_string()), None).await;
                if number.is_multiple_of(2) { records.delete(number.to_string()).await } else { saved.map(drop) }
                    .map(|()| JsValue::UNDEFINED)
            }))
        })
        .collect();
    JsFuture::from(Promise::all(&saves)).await.unwrap();
    assert!(transactions.length() < 20, "{} transactions", transactions.length());
    console_log!("500 saves and 250 deletes: {} ms", js_sys::Date::now() - begun);
    assert_eq!(records.all().await.unwrap().len(), 251);
}

#[wasm_bindgen_test]
async fn what_is_asked_for_in_turn_is_done_in_turn() {
    let records = Rc::new(fresh("test-turn").await);
    let saved = future_to_promise({
        let records = records.clone();
        async move { records.save(record("a"), None).await.map(JsValue::from) }
    });
    tick().await;
    records.delete("a".to_owned()).await.unwrap();
    JsFuture::from(saved).await.unwrap();
    assert_eq!(records.all().await.unwrap(), []);
}
