//! Ranges that the server is receiving already, or has from somebody else.

use upferry_protocol::{ByteRange, ChunkLimits};
use upferry_sim::{Fate, Kind, Pair, PutRequest, Reply, Setup, SimFile, quick_digest};

const MIB: u64 = 1 << 20;

/// Somebody else stores a part of the file.
fn store_elsewhere(pair: &mut Pair, file: &SimFile, start: u64, end: u64) {
    let range = ByteRange::new(start, end).expect("a range");
    let body = file.slice(range).expect("within the file");
    let url = pair.server.present(pair.now).next().expect("one upload").0.to_owned();
    let put = PutRequest { range, size: file.size(), digest: quick_digest(&body) };
    assert_eq!(pair.server.put(pair.now, &url, put, &body), Reply::NoContent);
}

#[test]
fn a_range_that_the_server_still_reads_is_waited_for() {
    for seed in 0..50 {
        let mut pair = Pair::new(seed);
        pair.network.rule(Kind::Put, 1, 3, Fate::Cut { noticed: false });
        let upload = pair.add_new(SimFile::new("film", 6 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        assert!(pair.now.as_ms() < 30_000, "it takes over after 5 s, not after 30: {:?}", pair.now);
        assert!(pair.checks.sent_in_all() < 50, "{}", pair.checks.sent_in_all());
    }
}

#[test]
fn a_chunk_that_is_stored_in_part_is_planned_anew() {
    for (start, end) in [(0, 64 << 10), (MIB, MIB + (128 << 10)), (5 * MIB, 6 * MIB)] {
        let file = SimFile::new("film", 8 * MIB);
        let mut pair = Pair::new(1);
        pair.network.rule(Kind::Put, 2, 1, Fate::LoseRequest);
        let upload = pair.add_new(file.clone());
        pair.drive_until(|pair| pair.checks.sent(Kind::Create) == 1 && !pair.at_server().is_empty());
        store_elsewhere(&mut pair, &file, start, end);
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn a_second_client_fills_the_same_upload() {
    let file = SimFile::new("film", 40 * MIB);
    let mut pair = Pair::new(1);
    let upload = pair.add_new(file.clone());
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 3);
    for start in (8..40).step_by(2) {
        store_elsewhere(&mut pair, &file, start * MIB, start * MIB + MIB / 2);
    }
    pair.drive();
    pair.assert_delivered(upload);
    let sent: u64 = pair.trace.puts().iter().map(|(_, range)| range.len()).sum();
    assert!(sent < 45 * MIB, "one overlap tells of all: {sent}");
}

#[test]
fn other_bytes_of_somebody_else_are_a_conflict() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 8 * MIB));
    pair.drive_until(|pair| pair.checks.sent(Kind::Create) == 1 && !pair.at_server().is_empty());
    store_elsewhere(&mut pair, &SimFile::new("other", 8 * MIB), 0, MIB);
    pair.drive();
    assert_eq!(pair.state(upload), Some(upferry_engine::State::Failed));
    pair.assert_idle(upload);
}

#[test]
fn too_many_separate_ranges_are_filled_first() {
    let mut setup = Setup::new(1);
    setup.model.max_ranges = 1;
    setup.model.limits = Some(ChunkLimits { unit: MIB, max: 2 * MIB });
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 12 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn bytes_damaged_on_the_way_are_sent_again() {
    let mut pair = Pair::new(1);
    pair.network.rule(Kind::Put, 1, 3, Fate::Corrupt);
    let upload = pair.add_new(SimFile::new("film", 6 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn bytes_damaged_always_are_a_failure() {
    let mut pair = Pair::new(1);
    pair.network.rule(Kind::Put, 0, 1_000, Fate::Corrupt);
    let upload = pair.add_new(SimFile::new("film", 6 * MIB));
    pair.drive();
    assert_eq!(pair.state(upload), Some(upferry_engine::State::Failed));
    assert!(pair.checks.sent(Kind::Put) < 20);
}
