//! An interrupted upload goes on with what is missing, and asks the server for nothing else.

use upferry_engine::{Config, Event, Verify};
use upferry_sim::{FileId, Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

/// A pair whose client was killed when some chunks were stored, and runs again.
fn interrupted(config: Config) -> (Pair, FileId, u64) {
    let mut pair = Pair::with(Setup { config, ..Setup::new(4) });
    let file = pair.file(SimFile::new("film", 20 * MIB));
    pair.add(file);
    pair.drive_until(|pair| pair.at_server().iter().any(|status| status.received_bytes > 8 * MIB));
    pair.kill();
    pair.drive();
    pair.start();
    let stored = pair.at_server()[0].received_bytes;
    (pair, file, stored)
}

#[test]
fn only_the_gaps_are_sent() {
    for verify in [Verify::Full, Verify::Sample] {
        let (mut pair, file, stored) = interrupted(Config { verify, ..Setup::new(0).config });
        let before = pair.trace.puts().len();
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
        let sent: u64 = pair.trace.puts()[before..].iter().map(|(_, range)| range.len()).sum();
        assert_eq!(sent, 20 * MIB - stored);
        assert_eq!((pair.checks.sent(Kind::Create), pair.at_server().len()), (1, 1));
    }
}

#[test]
fn the_url_is_told_again() {
    let (mut pair, file, _) = interrupted(Setup::new(0).config);
    let upload = pair.add(file);
    pair.drive();
    assert_eq!(pair.told(upload).count(|event| matches!(event, Event::Located(_))), 1);
}

#[test]
fn a_full_verification_reads_everything_that_is_stored_before_completing() {
    let (mut pair, file, _) = interrupted(Setup::new(0).config);
    pair.file_mut(file).set_readable(true);
    let before = pair.trace.entries.len();
    pair.add(file);
    pair.drive();
    let read = pair.trace.reads(before);
    assert_eq!(read.covered(), 20 * MIB);
}

#[test]
fn by_the_record_that_was_chosen() {
    let (mut pair, file, _) = interrupted(Setup::new(0).config);
    let record = pair.disk.records()[0].clone();
    let upload = pair.add_expecting(file, Some(record));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 1);
}

#[test]
fn without_records_every_session_is_a_new_one() {
    let (mut pair, file, _) = interrupted(Config { persist: false, ..Setup::new(0).config });
    assert!(pair.disk.records().is_empty());
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 2);
}

#[test]
fn a_record_that_was_not_saved_is_told_and_the_upload_goes_on() {
    let mut setup = Setup::new(1);
    setup.faults.unsaved = 1_000;
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 3 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
    let told = |event: &Event| matches!(event, Event::Error(failure) if failure.code.as_str() == "storage-unavailable");
    assert_eq!(pair.told(upload).count(told), 1);
}
