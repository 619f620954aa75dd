//! A cancel leaves nothing, here or at the server, in whatever phase it comes.

use upferry_engine::{Event, State};
use upferry_sim::{Fate, Faults, Kind, Pair, Setup, SimFile};

fn cancel_after(steps: usize, setup: Setup) -> Option<Pair> {
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 5 << 19));
    for _ in 0..steps {
        pair.step();
    }
    if matches!(pair.state(upload), Some(State::Complete | State::Completing)) {
        return None;
    }
    pair.cancel(upload);
    assert_eq!((pair.state(upload), pair.chunks_in_flight()), (Some(State::Cancelled), 0));
    pair.drive();
    assert_eq!(pair.state(upload), Some(State::Cancelled));
    pair.assert_idle(upload);
    assert!(pair.disk.records().is_empty(), "{}", pair.trace);
    assert!(pair.at_server().is_empty(), "{}", pair.trace);
    Some(pair)
}

#[test]
fn in_every_phase() {
    let phases = (0..).take_while(|&steps| cancel_after(steps, Setup::new(5)).is_some()).count();
    assert!(phases > 15, "{phases}");
}

#[test]
fn in_every_phase_with_a_slow_disk() {
    let setup = Setup { local_ms: 500, ..Setup::new(2) };
    assert!((0..).take_while(|&steps| cancel_after(steps, setup.clone()).is_some()).count() > 15);
}

#[test]
fn while_the_creation_is_in_flight() {
    for fate in [Fate::Deliver, Fate::LoseAnswer, Fate::LoseRequest, Fate::Hang] {
        let mut pair = Pair::new(1);
        pair.network.rule(Kind::Create, 0, 1, fate);
        let upload = pair.add_new(SimFile::new("film", 1 << 20));
        pair.drive_until(|pair| pair.checks.sent(Kind::Create) > 0);
        pair.cancel(upload);
        pair.drive();
        assert!(pair.at_server().is_empty(), "{}", pair.trace);
    }
}

#[test]
fn comes_to_an_end_on_a_bad_day() {
    for seed in 0..200 {
        let faults = Faults { fates: 500, ..Faults::rough(seed) };
        let mut pair = Pair::with(Setup { faults, ..Setup::new(seed) });
        let upload = pair.add_new(SimFile::new("film", 3 << 20));
        pair.drive_bounded(seed * 50);
        pair.cancel(upload);
        pair.drive();
        pair.assert_idle(upload);
        assert!(matches!(pair.state(upload), Some(State::Cancelled | State::Complete)));
    }
}

#[test]
fn adding_the_file_again_is_a_new_upload() {
    let mut pair = Pair::new(1);
    let file = pair.file(SimFile::new("film", 4 << 20));
    let first = pair.add(file);
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 2);
    pair.cancel(first);
    let second = pair.add(file);
    pair.drive();
    pair.assert_delivered(second);
    assert_eq!((pair.server.gone(), pair.at_server().len()), (1, 1));
}

#[test]
fn a_cancelled_upload_is_no_duplicate() {
    let mut pair = Pair::new(1);
    let file = pair.file(SimFile::new("film", 4 << 20));
    let first = pair.add(file);
    pair.drive_until(|pair| pair.checks.sent(Kind::Create) > 0);
    let second = pair.add(file);
    pair.cancel(second);
    pair.drive();
    assert_eq!(pair.state(second), Some(State::Cancelled));
    pair.assert_delivered(first);
}

#[test]
fn nothing_is_told_after_a_cancel() {
    for seed in 0..50 {
        let mut pair =
            Pair::with(Setup { faults: Faults { fates: 0, restarts: 0, ..Faults::rough(seed) }, ..Setup::new(seed) });
        let upload = pair.add_new(SimFile::new("film", 4 << 20));
        pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 2);
        pair.pause(upload);
        pair.cancel(upload);
        pair.drive();
        assert_eq!(pair.told(upload).events.last(), Some(&Event::State(State::Cancelled)));
    }
}
