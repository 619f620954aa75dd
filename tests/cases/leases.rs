//! Claims over plain http, where there are no Web Locks.

use js_sys::{Array, Date, JSON};
use upferry_engine::Claim;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::claims::{EFFECT, KEY, Tab};
use super::support::{get, js, pause, record};

#[wasm_bindgen(module = "/tests/cases/database.js")]
extern "C" {
    #[wasm_bindgen(js_name = leases)]
    async fn leases(name: &str) -> JsValue;
    #[wasm_bindgen(js_name = putLease)]
    async fn put_lease(name: &str, lease: &JsValue);
}

/// A page without Web Locks, until it is dropped.
struct Insecure;

impl Insecure {
    fn page() -> Self {
        js("Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })");
        Self
    }
}

impl Drop for Insecure {
    fn drop(&mut self) {
        js("delete navigator.locks");
    }
}

/// The lease of the place, as it is stored.
async fn lease(namespace: &str) -> Option<JsValue> {
    let all: Array = leases("test-claims").await.unchecked_into();
    all.iter().find(|lease| get(lease, "namespace").as_string().as_deref() == Some(namespace))
}

/// Writes one as another uploader would.
async fn leave_lease(namespace: &str, owner: &str, lasts_ms: f64) {
    let expires = Date::now() + lasts_ms;
    let endpoint = "https://example.org/uploads";
    let lease = format!(
        r#"{{"namespace": "{namespace}", "endpoint": "{endpoint}", "fingerprint": "{}", "owner": "{owner}", "epoch": 4, "expires": {expires}}}"#,
        "07".repeat(32)
    );
    put_lease("test-claims", &JSON::parse(&lease).unwrap()).await;
}

#[wasm_bindgen_test]
async fn the_second_waits_until_the_lease_is_let_go() {
    let _page = Insecure::page();
    let (first, second) = (Tab::open("lease-line"), Tab::open("lease-line"));
    first.sighting_is(7);
    first.claim();
    assert!(first.held_ids().await.is_empty());
    second.claim();
    assert_eq!(second.news().await, Claim::Elsewhere(None));
    assert!(matches!(second.news().await, Claim::Elsewhere(Some(_))));
    first.records.save(record("key-1"), None).await.unwrap();
    assert_eq!(second.claims.without_others(second.records.all().await.unwrap()).await, []);

    first.claims.unclaim(EFFECT);
    assert!(matches!(second.news().await, Claim::Elsewhere(Some(_))), "the last word");
    assert_eq!(second.held_ids().await, ["key-1"]);
    second.records.delete_all().await.unwrap();
    second.claims.unclaim(EFFECT);
    while lease("lease-line").await.is_some() {
        pause(5).await;
    }
}

#[wasm_bindgen_test]
async fn the_lease_of_one_who_died_runs_out() {
    let _page = Insecure::page();
    let tab = Tab::open("lease-dead");
    tab.records.all().await.unwrap();
    leave_lease("lease-dead", "dead", 1_000.0).await;
    tab.claim();
    assert_eq!(tab.news().await, Claim::Elsewhere(None));
    let begun = Date::now();
    assert!(tab.held_ids().await.is_empty());
    assert!(Date::now() - begun < 5_000.0, "{} ms", Date::now() - begun);
    assert_eq!(get(&lease("lease-dead").await.unwrap(), "epoch"), 5);
    tab.claims.close();
}

#[wasm_bindgen_test]
async fn a_lease_is_renewed_in_time() {
    let _page = Insecure::page();
    let tab = Tab::open("lease-renewed");
    tab.claim();
    tab.held_ids().await;
    let expires = get(&lease("lease-renewed").await.unwrap(), "expires").as_f64().unwrap();
    assert!(expires > Date::now() + 10_000.0 && expires < Date::now() + 15_001.0);
    while get(&lease("lease-renewed").await.unwrap(), "expires") == expires {
        assert!(Date::now() < expires - 5_000.0, "it is not renewed");
        pause(100).await;
    }
    assert!(tab.claims.may_send(KEY).await);
    tab.claims.close();
}

#[wasm_bindgen_test]
async fn who_has_slept_through_its_lease_sends_nothing_before_it_has_it_again() {
    let _page = Insecure::page();
    let tab = Tab::open("lease-lost");
    tab.claim();
    tab.held_ids().await;
    leave_lease("lease-lost", "another", 1_000.0).await;
    assert!(!tab.claims.may_send(KEY).await);
    assert_eq!(tab.news().await, Claim::Elsewhere(None));
    assert!(tab.held_ids().await.is_empty(), "it is taken back when the other's has run out");
    assert!(tab.claims.may_send(KEY).await);
    tab.claims.close();
}

#[wasm_bindgen_test]
async fn a_lease_that_was_swept_away_is_made_again() {
    let _page = Insecure::page();
    let tab = Tab::open("lease-swept");
    tab.claim();
    tab.held_ids().await;
    tab.records.delete_all().await.unwrap();
    assert!(lease("lease-swept").await.is_none(), "nothing is left of the place");
    assert!(tab.claims.may_send(KEY).await);
    assert!(lease("lease-swept").await.is_some());
    tab.claims.close();
}

#[wasm_bindgen_test]
async fn the_sweep_takes_leases_that_have_run_out() {
    let tab = Tab::open("lease-old");
    tab.records.all().await.unwrap();
    leave_lease("lease-old", "dead", -1.0).await;
    leave_lease("lease-young", "alive", 10_000.0).await;
    tab.records.sweep().await.unwrap();
    assert!(lease("lease-old").await.is_none() && lease("lease-young").await.is_some());
}
