//! An expired token: one refresh for all that wait, and a second refusal waits for the person.

use upferry_engine::{State, WaitReason};
use upferry_sim::{Kind, Pair, SimFile};

const WAITS: Option<State> = Some(State::Waiting(WaitReason::Auth));

#[test]
fn one_refresh_serves_all_requests() {
    let mut pair = Pair::new(1);
    let uploads = ["a", "b", "c"].map(|name| pair.add_new(SimFile::new(name, 6 << 20)));
    pair.drive_until(|pair| pair.chunks_in_flight() >= 5);
    pair.network.token += 1;
    pair.drive();
    uploads.into_iter().for_each(|upload| pair.assert_delivered(upload));
    assert_eq!(pair.refreshes(), 1);
}

#[test]
fn a_refresh_at_any_moment() {
    for ms in (0..1_500).step_by(10) {
        let mut pair = Pair::new(ms);
        let upload = pair.add_new(SimFile::new("film", 6 << 20));
        pair.drive_bounded(ms);
        pair.network.token += 1;
        pair.drive();
        pair.assert_delivered(upload);
        assert!(pair.refreshes() <= 1);
    }
}

#[test]
fn a_second_refusal_waits_until_the_person_tries_again() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 6 << 20));
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 3);
    pair.network.token += 1;
    pair.refresh_is_stale = true;
    pair.drive_bounded(3_600_000);
    assert_eq!((pair.state(upload), pair.refreshes()), (WAITS, 1));
    let sent = pair.checks.sent_in_all();
    pair.drive_bounded(3_600_000);
    assert_eq!(pair.checks.sent_in_all(), sent, "nothing is tried by itself");
    pair.refresh_is_stale = false;
    pair.resume(upload);
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.refreshes(), 2);
}

#[test]
fn an_application_without_credentials_waits_too() {
    let mut pair = Pair::new(1);
    pair.refresh_works = false;
    let upload = pair.add_new(SimFile::new("film", 6 << 20));
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 3);
    pair.network.token += 1;
    pair.drive();
    assert_eq!((pair.state(upload), pair.refreshes()), (WAITS, 1));
    pair.refresh_works = true;
    pair.resume(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn tokens_that_expire_again_and_again() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 600 << 20));
    for _ in 0..20 {
        pair.drive_bounded(3_000);
        pair.network.token += 1;
    }
    pair.drive();
    pair.assert_delivered(upload);
    assert!(pair.refreshes() <= 20);
}

#[test]
fn a_cancelled_upload_waits_for_credentials_too() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 6 << 20));
    pair.drive_until(|pair| pair.chunks_in_flight() > 1);
    pair.network.token += 1;
    pair.cancel(upload);
    pair.drive();
    assert_eq!((pair.state(upload), pair.at_server().len()), (Some(State::Cancelled), 0));
}
