//! A small file goes along with its creation.

use upferry_engine::{Config, Event, FailureCode, Request, State};
use upferry_protocol::{Code, Problem};
use upferry_sim::{Fate, Faults, FileId, Kind, Pair, Reply, Setup, SimFile};

const KIB: u64 = 1 << 10;
/// The server gathers the first before it makes anything of it; the others it stores as they come.
const SIZES: [u64; 4] = [1, 200 * KIB, 257 * KIB, 1 << 20];

fn with_contents(pair: &Pair) -> usize {
    let carries = |request: &Request| matches!(request, Request::Create { content: Some(_), .. });
    pair.trace.requests(Kind::Create).iter().filter(|(_, request)| carries(request)).count()
}

/// The server has one upload, whole.
fn assert_one(pair: &Pair, upload: upferry_engine::UploadKey) {
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 1, "no second upload\n{}", pair.trace);
}

#[test]
fn one_request_for_a_small_file() {
    for size in SIZES {
        let mut pair = Pair::new(1);
        let upload = pair.add_new(SimFile::new("note", size));
        pair.drive();
        assert_one(&pair, upload);
        assert_eq!((pair.checks.sent_in_all(), with_contents(&pair)), (1, 1), "{size}");
    }
}

#[test]
fn neither_for_an_empty_file_nor_for_one_of_two_chunks() {
    for size in [0, (1 << 20) + 1] {
        let mut pair = Pair::new(1);
        let upload = pair.add_new(SimFile::new("note", size));
        pair.drive();
        assert_one(&pair, upload);
        assert_eq!(with_contents(&pair), 0);
    }
}

#[test]
fn whatever_happens_to_the_request() {
    let fates = [
        Fate::LoseRequest,
        Fate::LoseAnswer,
        Fate::Hang,
        Fate::Garble,
        Fate::Delay(120_000),
        Fate::Duplicate,
        Fate::Corrupt,
        Fate::Cut { noticed: true },
        Fate::Cut { noticed: false },
        Fate::Stall { answered: true },
        Fate::Stall { answered: false },
        Fate::Refuse(Reply::bare(500)),
        Fate::Refuse(Reply::unavailable(7)),
        Fate::Refuse(Reply::problem(Code::RateLimited)),
        Fate::RefuseAfter(Reply::bare(502)),
        Fate::RefuseAfter(Reply::bare(504)),
    ];
    for fate in fates {
        for size in SIZES {
            for times in [1, 2, 5] {
                let mut pair = Pair::new(times.into());
                pair.network.rule(Kind::Create, 0, times, fate.clone());
                let upload = pair.add_new(SimFile::new("note", size));
                pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
                assert_one(&pair, upload);
                assert!(pair.checks.sent_in_all() < 20, "{fate:?}: {}", pair.checks.sent_in_all());
                assert!(pair.now.as_ms() < 91_000 + 60_000 * u64::from(times), "{fate:?}: {:?}", pair.now);
            }
        }
    }
}

#[test]
fn a_content_that_hangs_is_given_up_in_time() {
    for fate in [Fate::Hang, Fate::Stall { answered: false }] {
        for size in SIZES {
            let mut pair = Pair::new(1);
            pair.network.rule(Kind::Create, 0, 1, fate.clone());
            let upload = pair.add_new(SimFile::new("note", size));
            pair.drive_until(|pair| pair.state(upload) == Some(State::Complete));
            assert!(pair.now.as_ms() < 91_000, "{fate:?} {size}: {:?}", pair.now);
        }
    }
}

#[test]
fn a_server_that_does_not_take_it_is_asked_once() {
    let mut setup = Setup::new(1);
    setup.model.creates_with_content = false;
    setup.config.max_chunks_in_flight = 1;
    let mut pair = Pair::with(setup);
    let uploads = ["a", "b", "c", "d"].map(|name| pair.add_new(SimFile::new(name, 3_000)));
    pair.drive();
    uploads.into_iter().for_each(|upload| pair.assert_delivered(upload));
    assert_eq!((with_contents(&pair), pair.checks.sent(Kind::Create), pair.checks.sent(Kind::Put)), (1, 5, 4));
}

#[test]
fn so_is_a_proxy_that_does_not_know_the_way() {
    for status in [400, 405, 411, 413, 415, 431] {
        let mut setup = Setup::new(1);
        setup.config.max_chunks_in_flight = 1;
        let mut pair = Pair::with(setup);
        pair.network.rule(Kind::Create, 0, 1, Fate::Refuse(Reply::bare(status)));
        let uploads = ["a", "b", "c"].map(|name| pair.add_new(SimFile::new(name, 3_000)));
        pair.drive();
        uploads.into_iter().for_each(|upload| pair.assert_delivered(upload));
        assert_eq!((with_contents(&pair), pair.checks.sent_in_all()), (1, 7), "{status}");
    }
}

#[test]
fn an_expired_token_is_refreshed_and_the_content_sent_again() {
    let mut pair = Pair::new(1);
    pair.network.token += 1;
    let upload = pair.add_new(SimFile::new("note", 3_000));
    pair.drive();
    assert_one(&pair, upload);
    assert_eq!((pair.refreshes(), with_contents(&pair)), (1, 2));
}

#[test]
fn a_refusal_for_good_is_a_failure() {
    for code in [Code::Forbidden, Code::InvalidRequest] {
        let mut pair = Pair::new(1);
        pair.network.rule(Kind::Create, 0, 2, Fate::Refuse(Reply::Problem(Box::new(Problem::new(code, "")))));
        let upload = pair.add_new(SimFile::new("note", 3_000));
        pair.drive();
        let failed =
            |event: &Event| matches!(event, Event::Error(failure) if failure.code == FailureCode::Server(code));
        assert_eq!((pair.state(upload), pair.told(upload).count(failed)), (Some(State::Failed), 1), "{code:?}");
        pair.assert_idle(upload);
    }
}

#[test]
fn content_that_is_always_damaged_is_a_failure() {
    let mut pair = Pair::new(1);
    pair.network.rule(Kind::Create, 0, 1, Fate::Corrupt);
    pair.network.rule(Kind::Put, 0, 1_000, Fate::Corrupt);
    let upload = pair.add_new(SimFile::new("note", 3_000));
    pair.drive();
    assert_eq!(pair.state(upload), Some(State::Failed));
    pair.assert_idle(upload);
}

/// Does something after every step of an upload with these faults.
fn in_every_phase(act: impl Fn(&mut Pair, FileId, upferry_engine::UploadKey)) {
    for size in SIZES {
        for seed in 0..60 {
            for steps in 0..12 {
                let setup =
                    Setup { faults: Faults { upsets: 0, restarts: 0, ..Faults::rough(seed) }, ..Setup::new(seed) };
                let mut pair = Pair::with(if seed == 0 { Setup::new(0) } else { setup });
                let file = pair.file(SimFile::new("note", size));
                let upload = pair.add(file);
                for _ in 0..steps {
                    pair.step();
                }
                act(&mut pair, file, upload);
            }
        }
    }
}

#[test]
fn a_pause_in_every_phase() {
    in_every_phase(|pair, _, upload| {
        pair.pause(upload);
        let sent = pair.checks.sent_in_all();
        pair.drive_bounded(600_000);
        if pair.state(upload) == Some(State::Paused) {
            assert_eq!(pair.checks.sent_in_all(), sent, "nothing is sent while it is paused");
        }
        pair.resume(upload);
        pair.drive();
        assert_one(pair, upload);
    });
}

#[test]
fn a_cancel_in_every_phase() {
    in_every_phase(|pair, _, upload| {
        // The server is told five times at most.
        pair.network.faults.until = pair.now;
        let was_complete = pair.state(upload) == Some(State::Complete);
        pair.cancel(upload);
        pair.drive();
        if !was_complete {
            assert_eq!(pair.state(upload), Some(State::Cancelled));
            let open = pair.at_server().iter().filter(|status| status.digest.is_none()).count();
            assert_eq!(open, 0, "nothing unfinished is left at the server\n{}", pair.trace);
            assert!(pair.disk.records().is_empty());
        }
        pair.assert_idle(upload);
    });
}

#[test]
fn a_kill_in_every_phase() {
    in_every_phase(|pair, file, _| {
        pair.kill();
        pair.drive_bounded(1_000);
        let done = pair.at_server().iter().filter(|status| status.digest.is_some()).count();
        let forgotten = pair.disk.records().is_empty();
        pair.start();
        let upload = pair.add(file);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.at_server().len(), 1 + if forgotten { done } else { 0 });
    });
}

#[test]
fn contents_are_chunks_in_flight() {
    for max_chunks_in_flight in [1, 2, 5] {
        let config = Config { max_chunks_in_flight, ..Setup::new(1).config };
        let mut pair = Pair::with(Setup { config, ..Setup::new(1) });
        let uploads: Vec<_> = (0..50).map(|number| pair.add_new(SimFile::new(&format!("{number}"), 3_000))).collect();
        pair.drive();
        uploads.into_iter().for_each(|upload| pair.assert_delivered(upload));
        assert_eq!(pair.checks.sent_in_all(), 50);
    }
}
