//! The end: completed once, polled while it takes long, and never with bytes missing.

use upferry_engine::{Event, State};
use upferry_protocol::ByteRange;
use upferry_sim::{Fate, Kind, Pair, Reply, Setup, SimFile};

fn slow(completing_ms: u64) -> Setup {
    let mut setup = Setup::new(1);
    setup.model.completing_ms = completing_ms;
    setup
}

#[test]
fn a_long_check_is_polled() {
    let mut pair = Pair::with(slow(60_000));
    let upload = pair.add_new(SimFile::new("film", 3 << 20));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.checks.sent(Kind::Complete), 1);
    assert!((10..30).contains(&pair.checks.sent(Kind::Status)), "{}", pair.checks.sent(Kind::Status));
    assert_eq!(pair.told(upload).count(|event| *event == Event::State(State::Completing)), 1);
}

#[test]
fn a_small_file_completes_with_its_chunk() {
    let mut pair = Pair::with(slow(60_000).without_content());
    let upload = pair.add_new(SimFile::new("film", 3_000));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!((pair.checks.sent(Kind::Put), pair.checks.sent(Kind::Complete)), (1, 0));
}

#[test]
fn a_kill_while_it_completes() {
    for completing_ms in [0, 10_000] {
        let mut pair = Pair::with(slow(completing_ms));
        let file = pair.file(SimFile::new("film", 3 << 20));
        pair.add(file);
        pair.drive_until(|pair| pair.checks.sent(Kind::Complete) > 0);
        pair.drive_bounded(30);
        pair.kill();
        pair.drive_bounded(5_000);
        pair.start();
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!((pair.at_server().len(), pair.checks.sent(Kind::Put)), (1, 3));
    }
}

#[test]
fn bytes_that_the_server_has_lost_are_sent_again() {
    let mut pair = Pair::new(1);
    pair.network.rule(Kind::Complete, 0, 1, Fate::LoseRequest);
    let upload = pair.add_new(SimFile::new("film", 6 << 20));
    pair.drive_until(|pair| pair.checks.sent(Kind::Complete) == 1);
    let url = pair.told(upload).url.clone().unwrap();
    pair.server.lose(&url, ByteRange::new(2 << 20, 3 << 20).unwrap());
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.trace.puts().last().map(|(_, range)| (range.start(), range.end())), Some((2 << 20, 3 << 20)));
}

#[test]
fn a_server_that_is_never_satisfied_is_not_asked_in_a_loop() {
    let mut pair = Pair::new(1);
    pair.network.rule(Kind::Complete, 0, 30, Fate::Refuse(Reply::problem(upferry_protocol::Code::Incomplete)));
    let upload = pair.add_new(SimFile::new("film", 6 << 20));
    pair.drive();
    pair.assert_delivered(upload);
    assert!(pair.now.as_ms() > 10 * 30_000, "with growing waits: {:?}", pair.now);
}

#[test]
fn a_pause_while_it_completes_changes_nothing() {
    let mut pair = Pair::with(slow(20_000));
    let upload = pair.add_new(SimFile::new("film", 3 << 20));
    pair.drive_until(|pair| pair.state(upload) == Some(State::Completing));
    pair.drive_bounded(1_000);
    pair.pause(upload);
    pair.resume(upload);
    pair.drive();
    pair.assert_delivered(upload);
}
