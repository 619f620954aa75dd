//! The machine sleeps: what was on its way is dead without a word, and is sent again soon after.

use upferry_engine::{Input, State, Time};
use upferry_sim::{Faults, Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;
const HOUR_MS: u64 = 3_600_000;

fn uploading(seed: u64) -> (Pair, upferry_engine::UploadKey) {
    let mut pair = Pair::with(Setup { seed, ..Setup::new(seed) });
    let upload = pair.add_new(SimFile::new("film", 60 * MIB));
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 5 && pair.chunks_in_flight() == 3);
    (pair, upload)
}

/// When the first chunk left after that moment.
fn next_put(pair: &Pair, after: Time) -> u64 {
    let puts = pair.trace.puts();
    puts.iter().find(|(at, _)| *at >= after).map_or(u64::MAX, |(at, _)| at.ms_since(after))
}

#[test]
fn after_the_word_chunks_flow_within_15_seconds() {
    for seed in 0..200 {
        for ms in [10_000, 5 * 60_000, 8 * HOUR_MS] {
            let (mut pair, upload) = uploading(seed);
            pair.sleep(ms, true);
            let woke = pair.now;
            pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
            pair.assert_delivered(upload);
            assert!(next_put(&pair, woke) < 15_000, "{} ms (seed {seed})", next_put(&pair, woke));
            assert!(pair.now.ms_since(woke) < 60_000, "nothing is left behind: {}", pair.now.ms_since(woke));
        }
    }
}

#[test]
fn without_the_word_it_takes_a_little_longer() {
    for seed in 0..200 {
        for ms in [10_000, 5 * 60_000, 72 * HOUR_MS] {
            let (mut pair, upload) = uploading(seed);
            pair.sleep(ms, false);
            let woke = pair.now;
            pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
            pair.assert_delivered(upload);
            assert!(next_put(&pair, woke) < 90_000, "{} ms (seed {seed})", next_put(&pair, woke));
        }
    }
}

#[test]
fn a_wake_for_no_reason_aborts_nothing_that_moves() {
    for ms in (0..3_000).step_by(7) {
        let faults = Faults { latency_ms: (1, 400), ..Faults::none() };
        let mut pair = Pair::with(Setup { faults, ..Setup::new(ms) });
        let upload = pair.add_new(SimFile::new("film", 20 * MIB));
        pair.drive_bounded(ms);
        pair.feed(Input::Woke);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!((pair.checks.sent(Kind::Put), pair.trace.retries().len()), (20, 0), "woken after {ms} ms");
    }
}

#[test]
fn sleep_is_no_failure_of_the_uploads() {
    for seed in 0..50 {
        let mut setup = Setup::new(seed);
        setup.config.retry.max_attempts = Some(4);
        let mut pair = Pair::with(setup);
        let upload = pair.add_new(SimFile::new("film", 60 * MIB));
        for _ in 0..10 {
            pair.sleep(HOUR_MS, true);
            pair.drive_bounded(5_000);
        }
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn a_stall_after_a_long_sleep_is_seen_as_soon_as_any() {
    let (mut pair, upload) = uploading(1);
    pair.sleep(8 * HOUR_MS, true);
    let sent = pair.checks.sent(Kind::Put);
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > sent + 6);
    pair.network.rule(Kind::Put, 0, 1, upferry_sim::Fate::Stall { answered: false });
    let stalls = pair.now;
    pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
    pair.assert_delivered(upload);
    assert!(pair.now.ms_since(stalls) < 90_000, "{}", pair.now.ms_since(stalls));
}

#[test]
fn asleep_in_every_phase() {
    for steps in 0..400 {
        let mut pair = Pair::new(steps);
        let upload = pair.add_new(SimFile::new("film", 5 * MIB));
        for _ in 0..steps {
            pair.step();
        }
        pair.sleep(steps * 1_000_000, steps % 2 == 0);
        pair.drive();
        pair.assert_delivered(upload);
    }
}
