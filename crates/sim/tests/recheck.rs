//! Where nobody notices that a file is rewritten while it is sent, some of it is read again before the upload completes.

use upferry_engine::{Event, FailureCode, State};
use upferry_sim::{Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

fn rechecking(seed: u64) -> Pair {
    let mut setup = Setup::new(seed);
    setup.config.recheck = true;
    Pair::with(setup)
}

fn has_changed(event: &Event) -> bool {
    matches!(event, Event::Error(failure) if failure.code == FailureCode::FileChanged)
}

#[test]
fn a_file_that_stays_is_read_a_little_more() {
    let mut pair = rechecking(1);
    let upload = pair.add_new(SimFile::new("film", 20 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
    let reads = pair.trace.outputs().filter(|(_, output)| matches!(output, upferry_engine::Output::ReadChunk { .. }));
    assert_eq!((reads.count(), pair.checks.sent(Kind::Put)), (24, 20));
}

#[test]
fn a_file_that_is_rewritten_while_it_is_sent_is_a_failure() {
    for seed in 0..50 {
        let mut pair = rechecking(seed);
        let file = pair.file(SimFile::new("film", 20 * MIB));
        let upload = pair.add(file);
        pair.drive_until(|pair| pair.checks.sent(Kind::Put) == 20 && pair.chunks_in_flight() == 1);
        // Not where the fingerprint looks: a program that writes all of it anew.
        pair.file_mut(file).change(2_000, 9 * MIB, seed + 1);
        pair.file_mut(file).change(11 * MIB, 19 * MIB, seed + 1);
        pair.drive();
        assert_eq!((pair.state(upload), pair.told(upload).count(has_changed)), (Some(State::Failed), 1), "seed {seed}");
        assert_eq!(pair.at_server().len(), 0, "a mix of two versions is of no use");
        pair.assert_idle(upload);
        // As it is now it can be sent.
        pair.retry(upload);
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn a_resumed_upload_is_compared_all_the_same() {
    for seed in 0..20 {
        let mut pair = rechecking(seed);
        let file = pair.file(SimFile::new("film", 20 * MIB));
        pair.add(file);
        pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 9);
        pair.kill();
        pair.start();
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.at_server().len(), 1);
    }
}

#[test]
fn a_file_that_can_not_be_read_for_a_moment() {
    let mut pair = rechecking(1);
    let file = pair.file(SimFile::new("film", 20 * MIB));
    let upload = pair.add(file);
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) == 20 && pair.chunks_in_flight() == 1);
    pair.file_mut(file).set_readable(false);
    pair.drive_bounded(1_000);
    pair.file_mut(file).set_readable(true);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn on_bad_days() {
    for seed in 0..300 {
        let mut setup = Setup::rough(seed);
        setup.config.recheck = true;
        let mut pair = Pair::with(setup);
        let upload = pair.add_new(SimFile::new("film", 3 * MIB + seed));
        pair.drive();
        pair.assert_delivered(upload);
    }
}
