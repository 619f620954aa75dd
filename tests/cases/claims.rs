use std::cell::RefCell;
use std::rc::{Rc, Weak};

use upferry::claims::{Claims, Owner};
use upferry::records::{Place, Records};
use upferry::timer::Timers;
use upferry_engine::{Claim, EffectId, Progress, Sighting, UploadKey};
use upferry_protocol::Sha256Digest;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{both, pause, record, until};

const FILE: Sha256Digest = Sha256Digest([7; 32]);
pub(super) const EFFECT: EffectId = EffectId(1);
pub(super) const KEY: UploadKey = UploadKey(1);

/// What a tab knows: two of them in one page are as far apart as in two.
pub(super) struct Tab {
    pub(super) claims: Claims,
    pub(super) records: Rc<Records>,
    news: RefCell<Vec<(EffectId, Claim)>>,
    sighting: RefCell<Option<Sighting>>,
}

impl Owner for Tab {
    fn claimed(self: Rc<Self>, effect: EffectId, claim: Claim) {
        self.news.borrow_mut().push((effect, claim));
    }

    fn sighting(&self, _: UploadKey) -> Option<Sighting> {
        self.sighting.borrow().clone()
    }
}

impl Tab {
    pub(super) fn open(namespace: &str) -> Rc<Self> {
        let place = Place { namespace: namespace.to_owned(), endpoint: "https://example.org/uploads".to_owned() };
        let records = Rc::new(Records::new("test-claims", place, 1e9));
        let timers = Rc::new(Timers::new(Rc::new(|| Err(JsValue::UNDEFINED))));
        let id = js_sys::Math::random().to_string();
        Rc::new_cyclic(|tab: &Weak<Self>| Self {
            claims: Claims::new(records.clone(), timers, id, tab.clone()),
            records,
            news: RefCell::default(),
            sighting: RefCell::default(),
        })
    }

    pub(super) fn claim(&self) {
        assert!(self.claims.claim(EFFECT, KEY, FILE));
    }

    pub(super) fn sighting_is(&self, confirmed: u64) {
        self.sighting.replace(Some(sighting(confirmed)));
    }

    /// Waits for the next news.
    pub(super) async fn news(&self) -> Claim {
        until("news", || !self.news.borrow().is_empty()).await;
        let (effect, claim) = self.news.borrow_mut().remove(0);
        assert_eq!(effect, EFFECT);
        claim
    }

    pub(super) async fn held_ids(&self) -> Vec<String> {
        let Claim::Held(records) = self.news().await else { panic!("it is not held") };
        records.into_iter().map(|record| record.id).collect()
    }
}

fn sighting(confirmed: u64) -> Sighting {
    let progress = Progress { confirmed, in_flight: 5, total: 5_000_000_000, speed: Some(7.5), eta: None };
    Sighting { record: record("key-1"), progress }
}

#[wasm_bindgen_test]
async fn the_second_waits_until_the_first_lets_go() {
    let (first, second) = (Tab::open("claims-line"), Tab::open("claims-line"));
    first.claim();
    assert!(first.held_ids().await.is_empty());
    second.claim();
    assert_eq!(second.news().await, Claim::Elsewhere(None));

    // What the first has asked for before it lets go is done before the second goes on.
    let saved = first.records.save(record("key-1"), None);
    let (saved, ()) = both(saved, async { first.claims.unclaim(EFFECT) }).await;
    saved.unwrap();
    assert_eq!(second.held_ids().await, ["key-1"]);
    first.claim();
    assert_eq!(first.news().await, Claim::Elsewhere(None));
    second.records.delete_all().await.unwrap();
    second.claims.close();
    assert!(first.held_ids().await.is_empty(), "the records are looked up when it is held, not before");
    first.claims.close();
}

#[wasm_bindgen_test]
async fn who_waits_sees_how_far_it_is() {
    let (first, second) = (Tab::open("claims-progress"), Tab::open("claims-progress"));
    first.sighting_is(1);
    first.claim();
    first.held_ids().await;
    second.claim();
    assert_eq!(second.news().await, Claim::Elsewhere(None));
    assert_eq!(second.news().await, Claim::Elsewhere(Some(Box::new(sighting(1)))));

    // Not everything, but the last word in any case.
    for confirmed in 2..100 {
        first.sighting_is(confirmed);
        first.claims.show(KEY);
    }
    pause(300).await;
    first.claims.show(KEY);
    first.sighting_is(100);
    first.claims.unclaim(EFFECT);
    assert_eq!(second.news().await, Claim::Elsewhere(Some(Box::new(sighting(99)))));
    assert_eq!(second.news().await, Claim::Elsewhere(Some(Box::new(sighting(100)))));
    assert!(second.held_ids().await.is_empty());
    second.claims.close();
}

#[wasm_bindgen_test]
async fn places_do_not_see_each_other() {
    let (first, second) = (Tab::open("claims-one"), Tab::open("claims-two"));
    for tab in [&first, &second] {
        tab.sighting_is(1);
        tab.claim();
        assert!(tab.held_ids().await.is_empty());
    }
    first.claims.show(KEY);
    pause(50).await;
    assert_eq!(first.news.borrow().len() + second.news.borrow().len(), 0);
    first.claims.close();
    second.claims.close();
}

#[wasm_bindgen_test]
async fn a_wait_that_is_given_up_leaves_the_line() {
    let tabs = ["a", "b", "c"].map(|_| Tab::open("claims-leave"));
    for tab in &tabs {
        tab.claim();
        tab.news().await;
    }
    tabs[1].claims.unclaim(EFFECT);
    tabs[0].claims.unclaim(EFFECT);
    assert!(tabs[2].held_ids().await.is_empty());
    assert!(tabs[1].news.borrow().is_empty());
    tabs[2].claims.close();
}

#[wasm_bindgen_test]
async fn uploads_of_one_content_share_their_tabs_claim() {
    let tab = Tab::open("claims-share");
    tab.claim();
    tab.held_ids().await;
    assert!(tab.claims.claim(EffectId(2), UploadKey(2), FILE));
    until("the second one's", || !tab.news.borrow().is_empty()).await;
    assert_eq!(tab.news.take(), [(EffectId(2), Claim::Held(Vec::new()))]);

    let other = Tab::open("claims-share");
    other.claim();
    assert_eq!(other.news().await, Claim::Elsewhere(None));
    tab.claims.unclaim(EFFECT);
    pause(50).await;
    assert!(other.news.borrow().is_empty(), "one of the two still has it");
    tab.claims.unclaim(EffectId(2));
    assert!(other.held_ids().await.is_empty());
    other.claims.close();
}

#[wasm_bindgen_test]
async fn what_comes_back_at_once_has_never_let_go() {
    let (first, second) = (Tab::open("claims-back"), Tab::open("claims-back"));
    first.claim();
    first.held_ids().await;
    second.claim();
    second.news().await;
    first.claims.unclaim(EFFECT);
    first.claim();
    assert!(first.held_ids().await.is_empty());
    pause(50).await;
    assert!(second.news.borrow().is_empty());
    first.claims.close();
    second.claims.close();
}

#[wasm_bindgen_test]
async fn what_another_tab_sends_is_not_free() {
    let (first, second) = (Tab::open("claims-free"), Tab::open("claims-free"));
    first.records.save(record("key-1"), None).await.unwrap();
    let count = async |tab: &Tab| tab.claims.without_others(tab.records.all().await.unwrap()).await.len();
    assert_eq!(count(&second).await, 1);
    first.claim();
    first.held_ids().await;
    assert_eq!((count(&first).await, count(&second).await), (1, 0));
    first.records.delete_all().await.unwrap();
    first.claims.close();
}

#[wasm_bindgen_test]
fn where_nothing_is_kept_no_claim_is_opposed() {
    assert!(!Claims::unopposed().claim(EFFECT, KEY, FILE));
}
