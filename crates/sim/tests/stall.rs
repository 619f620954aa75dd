//! PUTs that hang, and slow ones that do not.

use upferry_engine::{ChunkSize, Event, State, Time};
use upferry_protocol::ByteRange;
use upferry_sim::{Fate, Faults, Kind, Pair, Reply, Setup, SimFile};

const MIB: u64 = 1 << 20;
const MBIT_PER_MS: u64 = 125;

fn setup(chunk: u64, bandwidth: u64) -> Setup {
    let mut setup = Setup::new(1);
    setup.config.chunk_size = ChunkSize::Fixed(chunk);
    setup.faults = Faults { bandwidth, ..Faults::none() };
    setup
}

fn aborts(pair: &Pair) -> usize {
    pair.trace.outputs().filter(|(_, output)| matches!(output, upferry_engine::Output::Abort(_))).count()
}

/// How long each range that was sent again had to wait for it.
fn waits(pair: &Pair) -> Vec<u64> {
    let puts = pair.trace.puts();
    let again = |(at, range): &(Time, ByteRange)| {
        puts.iter().find(|(later, same)| later > at && same.overlaps(*range)).map(|(later, _)| later.ms_since(*at))
    };
    puts.iter().filter_map(again).collect()
}

#[test]
fn a_slow_put_that_moves_is_never_aborted() {
    for chunk in [MIB, 8 * MIB] {
        let mut pair = Pair::with(setup(chunk, MBIT_PER_MS));
        let upload = pair.add_new(SimFile::new("film", 100 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!((aborts(&pair), pair.checks.sent(Kind::Put)), (0, (100 * MIB).div_ceil(chunk)));
    }
}

#[test]
fn one_that_stalls_is_sent_again() {
    for seed in 0..100 {
        let mut pair = Pair::with(Setup { seed, ..setup(MIB, 10_000) });
        pair.network.rule(Kind::Put, 4, 1, Fate::Stall { answered: false });
        let upload = pair.add_new(SimFile::new("film", 20 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        let waits = waits(&pair);
        assert!(waits.len() == 1 && waits[0] < 90_000, "{waits:?}");
    }
}

#[test]
fn so_is_one_on_a_slow_line() {
    for (chunk, parallel) in [(MIB, 1), (8 * MIB, 1), (8 * MIB, 3)] {
        for seed in 0..20 {
            let mut setup = Setup { seed, ..setup(chunk, MBIT_PER_MS) };
            setup.config.parallel_chunks = Some(parallel);
            let mut pair = Pair::with(setup);
            pair.network.rule(Kind::Put, 3, 1, Fate::Stall { answered: false });
            let upload = pair.add_new(SimFile::new("film", 6 * chunk));
            pair.drive();
            pair.assert_delivered(upload);
            let (waits, takes) = (waits(&pair), u64::from(parallel) * chunk / MBIT_PER_MS);
            assert!(waits.len() == 1 && waits[0] < 90_000 + 5 * takes, "{waits:?}, and one takes {takes}");
        }
    }
}

#[test]
fn all_of_them_stall_again_and_again() {
    for seed in 0..50 {
        let mut pair = Pair::with(Setup { seed, ..setup(MIB, 10_000) });
        for _ in 0..4 {
            pair.network.rule(Kind::Put, 2, 5, Fate::Stall { answered: seed % 2 == 0 });
        }
        let upload = pair.add_new(SimFile::new("film", 20 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn the_answer_of_a_server_that_gave_up_is_no_failure() {
    for seed in 0..50 {
        let mut pair = Pair::with(Setup { seed, ..setup(MIB, 10_000) });
        // It is older than the stall timeout and shows no movement: the server's answer comes first, or the look.
        pair.network.rule(Kind::Put, 1, 3, Fate::Stall { answered: true });
        let upload = pair.add_new(SimFile::new("film", 10 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.told(upload).count(|event| matches!(event, Event::Error(_))), 0);
    }
}

#[test]
fn a_lost_answer_shows_in_the_look() {
    let mut pair = Pair::with(setup(MIB, 10_000));
    pair.network.rule(Kind::Put, 1, 2, Fate::Hang);
    let upload = pair.add_new(SimFile::new("film", 10 * MIB));
    pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
    pair.assert_delivered(upload);
    assert!(pair.now.as_ms() < 60_000, "{:?}", pair.now);
    assert_eq!((pair.checks.sent(Kind::Put), waits(&pair)), (10, vec![]));
}

#[test]
fn a_proxy_that_gathers_bodies_before_it_passes_them_on() {
    for (chunk, parallel) in [(MIB, 1), (MIB, 3), (8 * MIB, 3)] {
        let mut setup = setup(chunk, MBIT_PER_MS / 4);
        setup.config.parallel_chunks = Some(parallel);
        let mut pair = Pair::with(setup);
        pair.network.gathers = true;
        let upload = pair.add_new(SimFile::new("film", 40 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
        let sent: u64 = pair.trace.puts().iter().map(|(_, range)| range.len()).sum();
        assert!(sent < 130 * MIB, "{sent} bytes sent in {} ms", pair.now.as_ms());
    }
}

#[test]
fn a_look_without_an_answer_aborts_nothing_that_moves() {
    for fate in [Fate::LoseAnswer, Fate::LoseRequest, Fate::Hang, Fate::Refuse(Reply::bare(503)), Fate::Garble] {
        for skip in 1..6 {
            let mut setup = setup(8 * MIB, MBIT_PER_MS);
            setup.config.retry.max_attempts = Some(1);
            let mut pair = Pair::with(setup);
            for _ in 0..5 {
                pair.network.rule(Kind::Status, skip, 2, fate.clone());
            }
            let upload = pair.add_new(SimFile::new("film", 48 * MIB));
            pair.drive();
            pair.assert_delivered(upload);
            assert_eq!(pair.checks.sent(Kind::Put), 6, "{fate:?}");
        }
    }
}

#[test]
fn a_chunk_that_stalls_while_nobody_answers_looks_is_given_up() {
    let mut pair = Pair::with(setup(MIB, 10_000));
    pair.network.rule(Kind::Put, 4, 3, Fate::Stall { answered: false });
    pair.network.rule(Kind::Status, 0, 5, Fate::Hang);
    let upload = pair.add_new(SimFile::new("film", 20 * MIB));
    pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
    pair.assert_delivered(upload);
    assert!(pair.now.as_ms() < 300_000, "{:?}", pair.now);
}
