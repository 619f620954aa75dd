//! Two tabs with the same file: one sends, the other shows how far that is and takes over.

use upferry_engine::{Event, State, UploadKey, WaitReason};
use upferry_protocol::RangeSet;
use upferry_sim::{FileId, Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;
const ELSEWHERE: Option<State> = Some(State::Waiting(WaitReason::OtherTab));

/// The first tab sends; the second, which is at hand, has the file too.
fn both(setup: Setup, size: u64) -> (Pair, FileId, [UploadKey; 2]) {
    let mut pair = Pair::with(setup);
    let file = pair.file(SimFile::new("film", size));
    let first = pair.add(file);
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 3);
    pair.tab(1);
    let second = pair.add(file);
    (pair, file, [first, second])
}

/// Whether no byte was sent twice.
fn is_frugal(pair: &Pair) -> bool {
    let ranges = pair.trace.puts().into_iter().map(|(_, range)| range);
    let (all, sum) = (ranges.clone().collect::<RangeSet>(), ranges.map(|range| range.len()).sum::<u64>());
    all.covered() == sum
}

#[test]
fn the_second_shows_how_far_the_first_is_and_ends_with_it() {
    let (mut pair, _, [first, second]) = both(Setup::new(1), 60 * MIB);
    let mut shown = Vec::new();
    while pair.step() {
        shown.push((pair.state(second), pair.progress(second).confirmed));
    }
    let waits = shown.iter().filter(|(state, _)| *state == ELSEWHERE);
    let mut steps: Vec<u64> = waits.map(|(_, confirmed)| *confirmed).collect();
    steps.dedup();
    assert!(steps.is_sorted() && steps.len() > 4, "{steps:?}");
    pair.assert_delivered(second);
    pair.tab(0);
    pair.assert_delivered(first);
    assert_eq!((pair.at_server().len(), pair.checks.sent(Kind::Put)), (1, 60));
    assert!(pair.disk.records().is_empty());
}

#[test]
fn it_takes_over_from_one_that_is_killed() {
    for seed in 0..100 {
        let (mut pair, _, [_, second]) = both(Setup::new(seed), 40 * MIB);
        pair.drive_bounded(50 + seed * 20);
        pair.tab(0);
        pair.kill();
        pair.tab(1);
        let killed = pair.now;
        pair.drive_until(|pair| pair.state(second) == Some(State::Complete));
        pair.assert_delivered(second);
        assert_eq!(pair.at_server().len(), 1);
        let took_over = pair.trace.requests(Kind::Status).iter().find(|(at, _)| *at >= killed).map(|(at, _)| *at);
        assert!(took_over.is_some_and(|at| at.ms_since(killed) < 5_000), "{took_over:?}");
    }
}

#[test]
fn it_takes_over_from_one_that_is_put_away() {
    for told in [true, false] {
        for seed in 0..50 {
            let (mut pair, _, [first, second]) = both(Setup::new(seed), 40 * MIB);
            pair.drive_bounded(50 + seed * 20);
            pair.tab(0);
            pair.freeze(told);
            // A page that is not told keeps its lock, until somebody sees that its lease has run out.
            if !told {
                pair.lose_claims(0);
            }
            pair.tab(1);
            pair.drive_until(|pair| pair.state(second) == Some(State::Complete));
            pair.assert_delivered(second);
            pair.tab(0);
            pair.thaw();
            pair.drive();
            pair.assert_delivered(first);
            assert_eq!(pair.at_server().len(), 1);
        }
    }
}

#[test]
fn a_claim_lost_to_the_other_tab() {
    for seed in 0..100 {
        let (mut pair, _, [first, second]) = both(Setup::new(seed), 40 * MIB);
        pair.drive_bounded(50 + seed * 20);
        pair.tab(0);
        pair.lose_claims(0);
        assert_eq!(pair.state(first), ELSEWHERE);
        assert_eq!(pair.chunks_in_flight(), 0);
        pair.drive();
        pair.assert_delivered(first);
        pair.tab(1);
        pair.assert_delivered(second);
        assert_eq!(pair.at_server().len(), 1);
    }
}

#[test]
fn a_claim_that_is_lost_for_a_while() {
    for (seed, ms) in (0..60).zip([0, 10, 1_000, 60_000, 3_600_000].into_iter().cycle()) {
        let mut pair = Pair::new(seed);
        let upload = pair.add_new(SimFile::new("film", 20 * MIB));
        pair.drive_bounded(30 + seed * 30);
        pair.lose_claims(ms);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.at_server().len(), 1);
    }
}

#[test]
fn without_trouble_no_byte_is_sent_twice() {
    for seed in 0..100 {
        let (mut pair, file, _) = both(Setup::new(seed), 40 * MIB);
        pair.drive_bounded(seed * 20);
        pair.tab(2);
        pair.add(file);
        pair.drive();
        assert!(is_frugal(&pair));
        assert_eq!(pair.at_server().len(), 1);
    }
}

#[test]
fn a_pause_in_one_tab_holds_for_both() {
    let (mut pair, _, [first, second]) = both(Setup::new(1), 40 * MIB);
    pair.tab(0);
    pair.pause(first);
    pair.drive_bounded(3_600_000);
    assert_eq!(pair.state(first), Some(State::Paused));
    pair.tab(1);
    assert_eq!(pair.state(second), ELSEWHERE, "who paused it did not mean: go on elsewhere");
    pair.tab(0);
    pair.resume(first);
    pair.drive();
    pair.assert_delivered(first);
}

#[test]
fn a_pause_of_the_one_that_waits_does_not_touch_the_other() {
    let (mut pair, _, [first, second]) = both(Setup::new(1), 40 * MIB);
    pair.drive_bounded(1_000);
    pair.pause(second);
    assert_eq!(pair.state(second), Some(State::Paused));
    pair.tab(0);
    pair.drive_until(|pair| pair.state(first) == Some(State::Complete));
    pair.assert_delivered(first);
    assert_eq!(pair.checks.sent(Kind::Pause), 0);
    pair.tab(1);
    assert_eq!(pair.state(second), Some(State::Paused));
    pair.resume(second);
    pair.drive();
    pair.assert_delivered(second);
    assert_eq!(pair.at_server().len(), 1, "it was there already");
}

#[test]
fn a_cancel_in_the_one_that_waits_does_not_touch_the_other() {
    for lost in [false, true] {
        for seed in 0..30 {
            let (mut pair, _, [first, second]) = both(Setup::new(seed), 40 * MIB);
            pair.drive_bounded(100 + seed * 30);
            let (sends, waits) = if lost { (1, 0) } else { (0, 1) };
            let keys = [first, second];
            pair.tab(0);
            if lost {
                pair.lose_claims(0);
                pair.drive_bounded(1_000);
            }
            pair.tab(waits);
            if pair.state(keys[waits]) != ELSEWHERE {
                // It was the first to claim it again.
                continue;
            }
            pair.cancel(keys[waits]);
            assert_eq!(pair.state(keys[waits]), Some(State::Cancelled));
            pair.drive();
            pair.assert_idle(keys[waits]);
            pair.tab(sends);
            pair.assert_delivered(keys[sends]);
            assert_eq!(pair.told(keys[sends]).count(|event| *event == Event::Restarted), 0);
        }
    }
}

#[test]
fn a_cancel_in_the_one_that_sends_begins_the_other() {
    let (mut pair, _, [first, second]) = both(Setup::new(1), 40 * MIB);
    pair.drive_bounded(1_000);
    pair.tab(0);
    pair.cancel(first);
    pair.tab(1);
    pair.drive_until(|pair| pair.state(second) == Some(State::Complete));
    assert_eq!(pair.at_server().iter().filter(|status| status.digest.is_some()).count(), 1);
}

#[test]
fn small_files_too() {
    for seed in 0..100 {
        let mut pair = Pair::new(seed);
        let file = pair.file(SimFile::new("note", 100_000));
        let first = pair.add(file);
        pair.drive_bounded(seed % 60);
        pair.tab(1);
        let second = pair.add(file);
        let is_done = |pair: &Pair| pair.at_server().iter().any(|status| status.digest.is_some());
        let late = is_done(&pair);
        pair.drive();
        pair.assert_delivered(second);
        pair.tab(0);
        pair.assert_delivered(first);
        assert!(pair.at_server().len() == 1 || late, "seed {seed}");
    }
}

#[test]
fn two_tabs_on_bad_days() {
    for seed in 0..1_000 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut pair = Pair::with(Setup::rough(seed));
        let file = pair.file(SimFile::new("film", rng.u64(0..6 * MIB)));
        let mut keys = [pair.add(file), UploadKey(0)];
        pair.tab(1);
        keys[1] = pair.add(file);
        for _ in 0..rng.u32(0..6) {
            pair.drive_bounded(rng.u64(0..20_000));
            let tab = rng.usize(0..2);
            pair.tab(tab);
            match rng.u32(0..6) {
                0 | 1 => {
                    pair.kill();
                    pair.tab(tab);
                    keys[tab] = pair.add(file);
                }
                2 => pair.freeze_for(rng.u64(0..60_000), rng.bool()),
                3 => pair.lose_claims(rng.u64(0..10_000)),
                4 => {
                    pair.pause(keys[tab]);
                    pair.drive_bounded(rng.u64(0..10_000));
                    pair.resume(keys[tab]);
                }
                _ => {}
            }
        }
        pair.drive();
        for tab in [0, 1] {
            pair.tab(tab);
            pair.assert_delivered(keys[tab]);
        }
    }
}
