//! What became of a request without an answer is asked before anything is repeated.

use upferry_sim::{Fate, Kind, Pair, SimFile};

const MIB: u64 = 1 << 20;

fn run(kind: Kind, fate: Fate) -> Pair {
    let mut pair = Pair::new(3);
    pair.network.rule(kind, u32::from(kind == Kind::Put), 1, fate);
    let upload = pair.add_new(SimFile::new("film", 6 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 1);
    pair
}

#[test]
fn a_chunk_whose_answer_is_lost_is_asked_for_and_not_sent_again() {
    for fate in [Fate::LoseAnswer, Fate::Hang] {
        let pair = run(Kind::Put, fate);
        assert_eq!((pair.checks.sent(Kind::Put), pair.checks.sent(Kind::Status)), (6, 1));
    }
}

#[test]
fn a_chunk_that_never_arrived_is_asked_for_and_sent_again() {
    for fate in [Fate::LoseRequest, Fate::Cut { noticed: true }] {
        let pair = run(Kind::Put, fate);
        assert_eq!((pair.checks.sent(Kind::Put), pair.checks.sent(Kind::Status)), (7, 1));
        let (asked, _) = pair.trace.requests(Kind::Status)[0];
        let puts = pair.trace.puts();
        let lost = puts[1].1;
        assert!(puts.iter().any(|&(at, range)| range == lost && at > asked), "the same range again, after the status");
    }
}

#[test]
fn a_creation_without_an_answer_is_repeated_with_its_key() {
    for fate in [Fate::LoseAnswer, Fate::LoseRequest, Fate::Hang, Fate::Duplicate] {
        let pair = run(Kind::Create, fate);
        let creates = pair.trace.requests(Kind::Create);
        assert!(creates.windows(2).all(|pair| pair[0].1 == pair[1].1), "{creates:?}");
    }
}

#[test]
fn completing_without_an_answer_completes_once() {
    for fate in [Fate::LoseAnswer, Fate::LoseRequest, Fate::Hang, Fate::Duplicate] {
        run(Kind::Complete, fate);
    }
}
