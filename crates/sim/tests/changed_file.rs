//! A file that has changed is never mixed with what is stored of its old self.

use upferry_engine::{Config, Event, State, Verify};
use upferry_sim::{FileId, Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

/// A pair whose client was killed with at least half of the file stored, and runs again.
fn interrupted(setup: Setup, size: u64) -> (Pair, FileId) {
    let mut pair = Pair::with(setup);
    let file = pair.file(SimFile::new("film", size));
    pair.add(file);
    pair.drive_until(|pair| pair.at_server().iter().any(|status| status.received_bytes > size / 2));
    pair.kill();
    pair.drive();
    pair.start();
    (pair, file)
}

#[test]
fn what_the_samples_of_the_fingerprint_show_is_another_file() {
    let (mut pair, file) = interrupted(Setup::new(1), 12 * MIB);
    pair.file_mut(file).change(0, 10, 99);
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 2, "what was interrupted is left alone");
    assert_eq!(pair.told(upload).count(|event| *event == Event::Restarted), 0);
}

#[test]
fn what_the_gate_finds_begins_anew_and_leaves_the_old_one_alone() {
    for seed in 0..20 {
        let (mut pair, file) = interrupted(Setup::new(seed), 12 * MIB);
        pair.file_mut(file).change(70_000, MIB, 99);
        let before = pair.trace.puts().len();
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.told(upload).count(|event| *event == Event::Restarted), 1);
        let old = pair.at_server().into_iter().find(|status| status.digest.is_none()).unwrap();
        assert!(old.received_bytes < 12 * MIB, "no chunk of the new content went to the old upload");
        assert_eq!(pair.trace.puts()[before..].iter().map(|(_, range)| range.len()).sum::<u64>(), 12 * MIB);
        assert_eq!(pair.disk.records().len(), 1, "and its record stays");
    }
}

#[test]
fn what_only_the_full_verification_finds_is_never_completed() {
    let mut found_late = 0;
    for seed in 0..100 {
        let (mut pair, file) = interrupted(Setup::new(seed), 100 * MIB);
        pair.file_mut(file).change(9 * MIB + 1, 9 * MIB + 2, 99);
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.told(upload).count(|event| *event == Event::Restarted), 1);
        assert_eq!(pair.checks.sent(Kind::Complete), 1, "the old upload is not completed");
        assert_eq!(pair.server.gone() + pair.at_server().len(), 2);
        found_late += pair.server.gone();
    }
    assert!(found_late > 50, "chunks were sent before in most runs: {found_late}");
}

#[test]
fn a_sample_alone_is_what_was_asked_for() {
    let config = Config { verify: Verify::Sample, ..Setup::new(0).config };
    let (mut pair, file) = interrupted(Setup { config, ..Setup::new(1) }, 100 * MIB);
    let before = pair.trace.entries.len();
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    let sent: u64 = pair.trace.puts().iter().map(|(_, range)| range.len()).sum();
    assert!(pair.trace.reads(before).covered() < sent, "not everything was read again");
}

#[test]
fn the_record_that_was_chosen_is_for_its_own_file_only() {
    for (from, to) in [(0, 10), (70_000, 80_000)] {
        let (mut pair, file) = interrupted(Setup::new(1), 12 * MIB);
        let record = pair.disk.records()[0].clone();
        pair.file_mut(file).change(from, to, 99);
        let upload = pair.add_expecting(file, Some(record));
        pair.drive();
        let mismatch =
            |event: &Event| matches!(event, Event::Error(failure) if failure.code.as_str() == "file-mismatch");
        assert_eq!((pair.state(upload), pair.told(upload).count(mismatch)), (Some(State::Failed), 1));
        pair.assert_idle(upload);
        assert_eq!((pair.at_server().len(), pair.disk.records().len()), (1, 1), "what was interrupted is left alone");
    }
}

#[test]
fn a_file_that_cannot_be_read_any_more_is_a_failure_that_can_be_tried_again() {
    let mut pair = Pair::new(1);
    let file = pair.file(SimFile::new("film", 9 * MIB));
    let upload = pair.add(file);
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 2);
    pair.file_mut(file).set_readable(false);
    pair.drive();
    let unreadable =
        |event: &Event| matches!(event, Event::Error(failure) if failure.code.as_str() == "file-unreadable");
    assert_eq!((pair.state(upload), pair.told(upload).count(unreadable)), (Some(State::Failed), 1));
    pair.assert_idle(upload);
    pair.file_mut(file).set_readable(true);
    pair.retry(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn what_a_killed_session_had_on_the_wire_is_compared_too() {
    for seed in 0..300 {
        let mut setup = Setup::new(seed);
        setup.faults.latency_ms = (20, 900);
        setup.faults.bandwidth = 1_000;
        let mut pair = Pair::with(setup);
        let file = pair.file(SimFile::new("film", 9 * MIB));
        pair.add(file);
        pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 4);
        pair.kill();
        let on_its_way = pair.trace.puts().last().unwrap().1;
        pair.file_mut(file).change(on_its_way.start() + 5, on_its_way.start() + 6, 99);
        pair.start();
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
    }
}
