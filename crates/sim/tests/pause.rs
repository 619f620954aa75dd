//! A pause stops everything at once, in every phase, and a resume goes on from there.

use upferry_engine::State;
use upferry_sim::{Fate, Faults, Kind, Pair, Reply, Setup, SimFile};

const HOUR_MS: u64 = 3_600_000;

/// Pauses after so many steps; `None` if the upload had come to its end before.
fn pause_after(steps: usize, setup: Setup) -> Option<()> {
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 5 << 19));
    for _ in 0..steps {
        pair.step();
    }
    if matches!(pair.state(upload), Some(State::Complete | State::Completing)) {
        return None;
    }
    pair.pause(upload);
    assert_eq!((pair.state(upload), pair.chunks_in_flight()), (Some(State::Paused), 0));
    let sent = pair.checks.sent_in_all();
    pair.drive_bounded(HOUR_MS);
    assert_eq!(pair.state(upload), Some(State::Paused));
    assert_eq!(pair.checks.sent_in_all(), sent, "nothing is sent while it is paused");
    pair.resume(upload);
    pair.drive();
    pair.assert_delivered(upload);
    Some(())
}

#[test]
fn in_every_phase() {
    let phases = (0..).take_while(|&steps| pause_after(steps, Setup::new(5)).is_some()).count();
    assert!(phases > 15, "{phases}");
}

#[test]
fn in_every_phase_of_a_bad_day() {
    for seed in 0..60 {
        let setup = Setup { faults: Faults { echoes: 0, ..Faults::rough(seed) }, ..Setup::new(seed) };
        (0..).take_while(|&steps| pause_after(steps, setup.clone()).is_some()).count();
    }
}

#[test]
fn while_a_retry_is_scheduled() {
    let mut pair = Pair::with(Setup::new(1).without_content());
    pair.network.rule(Kind::Put, 0, 1, Fate::Refuse(Reply::unavailable(60)));
    let upload = pair.add_new(SimFile::new("film", 1 << 20));
    pair.drive_until(|pair| matches!(pair.state(upload), Some(State::Waiting(_))));
    pair.pause(upload);
    pair.drive_bounded(HOUR_MS);
    assert_eq!((pair.state(upload), pair.checks.sent(Kind::Put)), (Some(State::Paused), 1));
    pair.resume(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn tells_the_server() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 8 << 20));
    pair.drive_until(|pair| pair.chunks_in_flight() > 0);
    pair.pause(upload);
    pair.drive_bounded(1_000);
    assert_eq!(pair.at_server()[0].state, upferry_protocol::UploadState::Paused);
    pair.resume(upload);
    pair.drive();
    assert_eq!((pair.checks.sent(Kind::Pause), pair.checks.sent(Kind::Open)), (1, 1));
    pair.assert_delivered(upload);
}

#[test]
fn a_resume_right_after_the_pause() {
    for seed in 0..200 {
        let mut pair = Pair::with(Setup { faults: Faults::rough(seed), ..Setup::new(seed) });
        let upload = pair.add_new(SimFile::new("film", 3 << 20));
        for _ in 0..5 {
            pair.drive_bounded(seed * 7);
            pair.pause(upload);
            pair.resume(upload);
        }
        pair.drive();
        pair.assert_delivered(upload);
    }
}
