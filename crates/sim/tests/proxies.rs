//! Something on the way that refuses long bodies.

use upferry_engine::{ChunkSize, Event, FailureCode, Input, State};
use upferry_sim::{Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

fn behind_a_proxy(chunk: u64, body_limit: u64) -> Pair {
    let mut setup = Setup::new(1);
    setup.config.chunk_size = ChunkSize::Fixed(chunk);
    let mut pair = Pair::with(setup);
    pair.network.body_limit = Some(body_limit);
    pair
}

#[test]
fn a_413_without_a_problem_halves_the_chunks() {
    let mut pair = behind_a_proxy(4 * MIB, MIB + 1);
    let upload = pair.add_new(SimFile::new("film", 20 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
    let longer = pair.trace.puts().iter().filter(|(_, range)| range.len() > MIB).count();
    assert!(longer <= 6, "only what is in flight already is longer than what passes: {longer}");
}

#[test]
fn a_limit_below_the_unit_is_said() {
    let mut pair = behind_a_proxy(4 * MIB, 10_000);
    let upload = pair.add_new(SimFile::new("film", 20 * MIB));
    pair.drive();
    let blocked = |event: &Event| matches!(event, Event::Error(failure) if failure.code == FailureCode::BlockedByProxy);
    assert_eq!((pair.state(upload), pair.told(upload).count(blocked)), (Some(State::Failed), 1));
    assert!(pair.checks.sent(Kind::Put) < 30);
    pair.assert_idle(upload);
}

#[test]
fn the_servers_own_limit_is_kept_from_the_start() {
    let mut setup = Setup::new(1);
    setup.config.chunk_size = ChunkSize::Fixed(50 * MIB);
    setup.model.limits = Some(upferry_protocol::ChunkLimits { unit: 64 << 10, max: 2 * MIB });
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 9 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.checks.sent(Kind::Put), 5);
}

#[test]
fn a_file_too_large_for_the_server_is_said_at_once() {
    let mut setup = Setup::new(1);
    setup.model.max_size = MIB;
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", MIB + 1));
    pair.drive();
    let too_large = FailureCode::Server(upferry_protocol::Code::TooLarge);
    let says =
        |event: &Event| matches!(event, Event::Error(failure) if failure.code == too_large && !failure.retryable);
    assert_eq!((pair.state(upload), pair.told(upload).count(says)), (Some(State::Failed), 1));
    assert_eq!(pair.checks.sent_in_all(), 1);
    assert!(pair.disk.records().is_empty(), "there is nothing to go on with in another session");

    pair.server.config_mut().max_size = 2 * MIB;
    pair.feed(Input::Retry(upload));
    pair.drive_until(|pair| !pair.disk.records().is_empty());
    pair.drive();
    assert_eq!(pair.state(upload), Some(State::Complete));
}
