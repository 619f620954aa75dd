//! A captive portal, and other answers that are not the server's.

use upferry_engine::State;
use upferry_protocol::Code;
use upferry_sim::{Fate, Kind, Pair, Reply, Setup, SimFile};

const MIB: u64 = 1 << 20;
const MINUTE_MS: u64 = 60_000;

#[test]
fn an_upload_outlasts_a_portal_at_any_moment() {
    for steps in 0..200 {
        let mut pair = Pair::new(steps);
        let upload = pair.add_new(SimFile::new("film", 5 * MIB));
        for _ in 0..steps {
            pair.step();
        }
        pair.portal_for(10 * MINUTE_MS);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.at_server().len(), 1);
        assert!(pair.now.as_ms() < 23 * MINUTE_MS, "{:?}", pair.now);
    }
}

#[test]
fn a_small_file_too() {
    for size in [0, 1, 300_000] {
        let mut pair = Pair::new(1);
        pair.portal_for(10 * MINUTE_MS);
        let upload = pair.add_new(SimFile::new("note", size));
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn half_an_answer_is_none() {
    for kind in [Kind::Create, Kind::Status, Kind::Put, Kind::Complete] {
        for skip in 0..4 {
            let mut pair = Pair::new(skip.into());
            pair.network.rule(kind, skip, 3, Fate::Garble);
            let upload = pair.add_new(SimFile::new("film", 8 * MIB));
            pair.drive();
            pair.assert_delivered(upload);
            assert_eq!((pair.at_server().len(), pair.checks.sent(Kind::Put)), (1, 8), "{kind:?}: it was stored");
        }
    }
}

#[test]
fn answers_that_come_late() {
    for kind in [Kind::Create, Kind::Put, Kind::Complete] {
        for ms in [5_000, 40_000, 200_000] {
            let mut pair = Pair::new(ms);
            pair.network.rule(kind, 0, 2, Fate::Delay(ms));
            let upload = pair.add_new(SimFile::new("film", 8 * MIB));
            pair.drive();
            pair.assert_delivered(upload);
            assert_eq!((pair.at_server().len(), pair.checks.sent(Kind::Put)), (1, 8));
        }
    }
}

#[test]
fn a_storm_of_errors() {
    let busy = Reply::Problem(Box::new(upferry_protocol::Problem::new(Code::RateLimited, "").retry_after(30)));
    for reply in [Reply::bare(500), Reply::bare(502), Reply::bare(408), Reply::unavailable(20), busy] {
        for steps in 0..60 {
            let mut pair = Pair::with(Setup::new(steps));
            let upload = pair.add_new(SimFile::new("film", 5 * MIB));
            for _ in 0..steps {
                pair.step();
            }
            pair.storm_for(20 * MINUTE_MS, reply.clone());
            pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
            pair.assert_delivered(upload);
            assert!(pair.checks.sent_in_all() < 120, "{reply:?}: {}", pair.checks.sent_in_all());
        }
    }
}
