//! Failures that may pass are tried again: later and later, never before the server's `Retry-After`, within limits.

use upferry_engine::{Event, FailureCode, RetryPolicy, State, WaitReason};
use upferry_protocol::Code;
use upferry_sim::{Fate, Kind, Pair, Reply, Setup, SimFile};

fn retries(pair: &Pair, upload: upferry_engine::UploadKey) -> Vec<(u32, u64)> {
    let retry = |event: &Event| {
        if let Event::Retry { attempt, delay_ms, .. } = event { Some((*attempt, *delay_ms)) } else { None }
    };
    pair.told(upload).events.iter().filter_map(retry).collect()
}

#[test]
fn waits_grow_with_jitter_within_bounds() {
    let mut delays_of_third = Vec::new();
    for seed in 0..50 {
        let mut pair = Pair::with(Setup::new(seed).without_content());
        pair.network.rule(Kind::Put, 0, 12, Fate::Refuse(Reply::bare(503)));
        let upload = pair.add_new(SimFile::new("film", 60_000));
        pair.drive();
        pair.assert_delivered(upload);
        let retries = retries(&pair, upload);
        assert_eq!(retries.len(), 12);
        for (&(attempt, delay_ms), expected) in retries.iter().zip(1..) {
            assert_eq!(attempt, expected);
            assert!(delay_ms <= (500 << (attempt - 1)).min(60_000), "{retries:?}");
        }
        delays_of_third.push(retries[2].1);
    }
    delays_of_third.sort_unstable();
    assert!(delays_of_third[10] < 1_000 && delays_of_third[40] > 1_000, "spread: {delays_of_third:?}");
}

#[test]
fn retry_after_is_obeyed() {
    for kind in [Kind::Create, Kind::Put, Kind::Complete] {
        for reply in [Reply::unavailable(90), Reply::Bare { status: 429, retry_after_seconds: Some(90) }] {
            let mut pair = Pair::new(1);
            pair.network.rule(kind, 0, 1, Fate::Refuse(reply));
            let upload = pair.add_new(SimFile::new("film", 3 << 20));
            pair.drive();
            pair.assert_delivered(upload);
            let told = pair.trace.retries();
            let waited =
                pair.trace.requests(kind).into_iter().find(|(at, _)| *at > told[0]).map(|(at, _)| at.ms_since(told[0]));
            assert!(waited.is_some_and(|ms| ms >= 90_000), "{kind:?} after {waited:?}");
        }
    }
}

#[test]
fn too_many_attempts_are_a_failure_that_can_be_tried_again() {
    let mut setup = Setup::new(1);
    setup.config.retry = RetryPolicy { max_attempts: Some(4), ..RetryPolicy::default() };
    let mut pair = Pair::with(setup);
    pair.network.rule(Kind::Create, 0, 4, Fate::LoseRequest);
    let upload = pair.add_new(SimFile::new("film", 3 << 20));
    pair.drive();
    assert_eq!((pair.state(upload), pair.checks.sent(Kind::Create)), (Some(State::Failed), 4));
    let network = |event: &Event| matches!(event, Event::Error(failure) if failure.code == FailureCode::Network && failure.retryable);
    assert_eq!(pair.told(upload).count(network), 1);
    pair.assert_idle(upload);
    pair.retry(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn too_long_without_progress_is_a_failure() {
    let mut setup = Setup::new(1);
    setup.config.retry = RetryPolicy { max_elapsed_ms: Some(600_000), ..RetryPolicy::default() };
    let mut pair = Pair::with(setup);
    pair.network.rule(Kind::Put, 2, 10_000, Fate::Refuse(Reply::bare(500)));
    let upload = pair.add_new(SimFile::new("film", 5 << 20));
    pair.drive();
    let internal =
        |event: &Event| matches!(event, Event::Error(failure) if failure.code == FailureCode::Server(Code::Internal));
    assert_eq!((pair.state(upload), pair.told(upload).count(internal)), (Some(State::Failed), 1));
    assert!((600_000..720_000).contains(&pair.now.as_ms()), "{:?}", pair.now);
}

#[test]
fn progress_forgets_the_failures_before() {
    let mut setup = Setup::new(1);
    setup.config.retry = RetryPolicy { max_attempts: Some(3), ..RetryPolicy::default() };
    setup.config.parallel_chunks = Some(1);
    let mut pair = Pair::with(setup);
    for _ in 0..8 {
        pair.network.rule(Kind::Put, 1, 2, Fate::Refuse(Reply::bare(503)));
    }
    let upload = pair.add_new(SimFile::new("film", 9 << 20));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(retries(&pair, upload).len(), 16);
}

#[test]
fn the_application_is_told_that_it_waits() {
    let mut pair = Pair::with(Setup::new(1).without_content());
    pair.network.rule(Kind::Put, 0, 1, Fate::Refuse(Reply::unavailable(30)));
    let upload = pair.add_new(SimFile::new("film", 1 << 20));
    pair.drive();
    let waits = |event: &Event| *event == Event::State(State::Waiting(WaitReason::Retry));
    assert_eq!(pair.told(upload).count(waits), 1);
    assert_eq!(pair.told(upload).events.last().map(|event| matches!(event, Event::Complete(_))), Some(true));
}

#[test]
fn many_requests_that_fail_at_once_are_one_failure() {
    let mut setup = Setup::new(1);
    setup.config.retry = RetryPolicy { max_attempts: Some(3), ..RetryPolicy::default() };
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 9 << 20));
    pair.drive_until(|pair| pair.chunks_in_flight() == 3);
    pair.restart_server(0);
    pair.drive();
    pair.assert_delivered(upload);
}
