//! Something on the way drops long bodies without a word that a page could read: a shorter length that passes is found.

use upferry_engine::{ChunkSize, Event, FailureCode, State, UploadKey};
use upferry_sim::{Faults, Kind, Pair, Setup, SimFile};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

fn behind(seed: u64, chunk_size: ChunkSize, limit: u64) -> Pair {
    let mut setup = Setup::new(seed);
    setup.config.chunk_size = chunk_size;
    let mut pair = Pair::with(setup);
    pair.network.swallow_above = Some(limit);
    pair
}

fn is_blocked(event: &Event) -> bool {
    matches!(event, Event::Error(failure) if failure.code == FailureCode::BlockedByProxy)
}

fn assert_blocked(pair: &Pair, upload: UploadKey) {
    assert_eq!((pair.state(upload), pair.told(upload).count(is_blocked)), (Some(State::Failed), 1));
    pair.assert_idle(upload);
}

#[test]
fn a_length_that_passes_is_found() {
    for chunk_size in [ChunkSize::Auto, ChunkSize::Fixed(8 * MIB), ChunkSize::Fixed(64 * MIB)] {
        for limit in [128 * KIB, 300 * KIB, MIB, MIB + 1, 5 * MIB] {
            for seed in 0..10 {
                let mut pair = behind(seed, chunk_size, limit);
                let upload = pair.add_new(SimFile::new("film", 100 * MIB));
                pair.drive();
                pair.assert_delivered(upload);
                let swallowed = pair.trace.puts().iter().filter(|(_, range)| range.len() > limit).count();
                let sent = pair.trace.puts().len();
                assert!(swallowed < 40 + sent / 7, "{chunk_size:?} {limit}: {swallowed} of {sent} in vain");
                assert!(pair.now.as_ms() < 600_000, "{chunk_size:?} {limit}: {:?}", pair.now);
            }
        }
    }
}

#[test]
fn a_small_file_above_the_limit_is_sent_in_parts() {
    for size in [200 * KIB, 900 * KIB] {
        let mut pair = behind(1, ChunkSize::Auto, 100 * KIB);
        let upload = pair.add_new(SimFile::new("note", size));
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn where_nothing_passes_it_is_said_after_a_minute() {
    for seed in 0..50 {
        let mut pair = behind(seed, ChunkSize::Auto, 1_000);
        let upload = pair.add_new(SimFile::new("film", 20 * MIB));
        pair.drive_until(|pair| pair.state(upload) == Some(State::Failed));
        assert_blocked(&pair, upload);
        let shortest = pair.trace.puts().into_iter().find(|(_, range)| range.len() == 64 * KIB).map(|(at, _)| at);
        let ms = pair.now.ms_since(shortest.expect("the shortest was tried"));
        assert!((60_000..600_000).contains(&ms), "{ms}");
    }
}

#[test]
fn it_can_be_tried_again_elsewhere() {
    let mut pair = behind(1, ChunkSize::Auto, 1_000);
    let upload = pair.add_new(SimFile::new("film", 20 * MIB));
    pair.drive();
    assert_blocked(&pair, upload);
    pair.network.swallow_above = None;
    pair.retry(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn a_limit_that_goes_is_found_out() {
    let mut pair = behind(1, ChunkSize::Fixed(4 * MIB), MIB);
    let upload = pair.add_new(SimFile::new("film", 400 * MIB));
    pair.drive_until(|pair| pair.progress(upload).confirmed > 20 * MIB);
    pair.network.swallow_above = None;
    pair.drive();
    pair.assert_delivered(upload);
    assert!(pair.trace.puts().iter().any(|(_, range)| range.len() == 4 * MIB));
}

#[test]
fn a_bad_line_never_ends_in_it() {
    for seed in 0..500 {
        let faults = Faults { fates: 200 + (seed % 7) as u32 * 100, upsets: 10, ..Faults::rough(seed) };
        let mut setup = Setup { faults, ..Setup::rough(seed) };
        setup.config.chunk_size = ChunkSize::Fixed(64 * KIB);
        let mut pair = Pair::with(setup);
        let upload = pair.add_new(SimFile::new("film", 2 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.told(upload).count(is_blocked), 0);
    }
}

#[test]
fn nor_does_a_silent_limit_on_a_bad_line() {
    for seed in 0..300 {
        let mut pair = Pair::with(Setup::rough(seed));
        pair.network.swallow_above = Some(100 * KIB);
        let upload = pair.add_new(SimFile::new("film", 2 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        assert!(pair.checks.sent(Kind::Put) > 0);
    }
}

#[test]
fn the_short_end_of_a_file_says_nothing_of_longer_bodies() {
    for seed in 0..200 {
        let faults = Faults { fates: 400, ..Faults::none() };
        let mut setup = Setup { faults, ..Setup::new(seed) };
        setup.config.chunk_size = ChunkSize::Fixed(256 * KIB);
        setup.config.parallel_chunks = Some(5);
        let mut pair = Pair::with(setup);
        pair.network.swallow_above = Some(64 * KIB);
        let upload = pair.add_new(SimFile::new("film", 768 * KIB + 14));
        pair.drive();
        pair.assert_delivered(upload);
    }
}
