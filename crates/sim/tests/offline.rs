//! Without a network an upload waits, spends nothing of its retries, and goes on as soon as there is one.

use upferry_engine::{Event, Input, RetryPolicy, State, Time, UploadKey, WaitReason};
use upferry_sim::{Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;
const HOUR_MS: u64 = 3_600_000;
const OFFLINE: Option<State> = Some(State::Waiting(WaitReason::Offline));

fn uploading(seed: u64, max_attempts: Option<u32>) -> (Pair, UploadKey) {
    let mut setup = Setup::new(seed);
    setup.config.retry = RetryPolicy { max_attempts, ..RetryPolicy::default() };
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 40 * MIB));
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 5 && pair.chunks_in_flight() == 3);
    (pair, upload)
}

/// How long after that moment the first chunk left.
fn next_put(pair: &Pair, after: Time) -> u64 {
    pair.trace.puts().iter().find(|(at, _)| *at >= after).map_or(u64::MAX, |(at, _)| at.ms_since(after))
}

#[test]
fn with_the_browsers_word_it_goes_on_within_two_seconds() {
    for seed in 0..200 {
        let (mut pair, upload) = uploading(seed, Some(1));
        pair.go_offline(true);
        pair.drive_bounded(HOUR_MS);
        assert_eq!(pair.state(upload), OFFLINE);
        pair.go_online(true);
        let back = pair.now;
        pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
        pair.assert_delivered(upload);
        assert!(next_put(&pair, back) < 2_000, "{} ms (seed {seed})", next_put(&pair, back));
        assert!(pair.now.ms_since(back) < 60_000, "nothing is left behind: {}", pair.now.ms_since(back));
        assert_eq!(pair.trace.retries().len(), 0);
    }
}

#[test]
fn little_is_tried_meanwhile() {
    let (mut pair, upload) = uploading(1, None);
    pair.go_offline(true);
    let sent = pair.checks.sent_in_all();
    pair.drive_bounded(HOUR_MS);
    assert!(pair.checks.sent_in_all() - sent <= 62, "a probe a minute at most: {}", pair.checks.sent_in_all() - sent);
    let told = pair.told(upload).count(|event| *event == Event::State(State::Waiting(WaitReason::Offline)));
    assert_eq!(told, 1, "the state is steady");
}

#[test]
fn without_the_browsers_word_the_retries_find_out() {
    for seed in 0..100 {
        let (mut pair, upload) = uploading(seed, None);
        pair.go_offline(false);
        pair.drive_bounded(10 * 60_000);
        pair.go_online(false);
        let back = pair.now;
        pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
        pair.assert_delivered(upload);
        assert!(next_put(&pair, back) < 65_000, "{} ms (seed {seed})", next_put(&pair, back));
    }
}

#[test]
fn a_word_that_comes_late_helps_at_once() {
    for seed in 0..100 {
        let (mut pair, upload) = uploading(seed, None);
        pair.go_offline(false);
        pair.drive_bounded(10 * 60_000);
        pair.feed(Input::Online(false));
        pair.drive_bounded(1_000);
        pair.go_online(true);
        let back = pair.now;
        pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
        pair.assert_delivered(upload);
        assert!(next_put(&pair, back) < 2_000, "{} ms (seed {seed})", next_put(&pair, back));
    }
}

#[test]
fn a_browser_that_is_wrong_is_not_believed_for_long() {
    for seed in 0..50 {
        let (mut pair, upload) = uploading(seed, Some(1));
        pair.feed(Input::Online(false));
        pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
        pair.assert_delivered(upload);
        assert!(pair.now.as_ms() < 40_000, "{:?}", pair.now);
    }
}

#[test]
fn a_browser_that_is_wrong_from_the_start() {
    for size in [0, 1_000, 20 * MIB] {
        let mut pair = Pair::new(1);
        pair.feed(Input::Online(false));
        let upload = pair.add_new(SimFile::new("film", size));
        pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
        pair.assert_delivered(upload);
        assert!(pair.now.as_ms() < 30_000, "{:?}", pair.now);
    }
}

#[test]
fn in_every_phase() {
    for steps in 0..300 {
        for (noticed, word) in [(true, true), (true, false), (false, true), (false, false)] {
            let mut pair = Pair::new(steps);
            let upload = pair.add_new(SimFile::new("film", 5 * MIB));
            for _ in 0..steps {
                pair.step();
            }
            pair.go_offline_for(steps * 1_000, noticed, word);
            pair.drive();
            pair.assert_delivered(upload);
        }
    }
}

#[test]
fn a_cancel_while_offline_reaches_the_server_later() {
    let (mut pair, upload) = uploading(1, None);
    pair.go_offline(true);
    pair.drive_bounded(1_000);
    pair.cancel(upload);
    assert_eq!(pair.state(upload), Some(State::Cancelled));
    pair.drive_bounded(HOUR_MS);
    assert_eq!(pair.at_server().len(), 1);
    pair.go_online(true);
    pair.drive();
    assert_eq!(pair.at_server().len(), 0);
    pair.assert_idle(upload);
}

#[test]
fn a_pause_while_offline_holds() {
    let (mut pair, upload) = uploading(1, None);
    pair.go_offline(true);
    pair.drive_bounded(1_000);
    pair.pause(upload);
    pair.go_online(true);
    pair.drive_bounded(HOUR_MS);
    assert_eq!(pair.state(upload), Some(State::Paused));
    pair.resume(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn a_day_of_a_bad_line_ends_well() {
    for seed in 0..30 {
        let (mut pair, upload) = uploading(seed, None);
        for _ in 0..40 {
            pair.go_offline_for(30_000 + seed * 1_000, seed % 2 == 0, seed % 3 == 0);
            pair.drive_bounded(60_000);
        }
        pair.drive();
        pair.assert_delivered(upload);
    }
}
