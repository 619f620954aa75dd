//! Many files: so many at once, none starved, all in the budget.

use upferry_engine::{Config, State};
use upferry_sim::{Pair, Setup, SimFile};

fn add(pair: &mut Pair, count: usize, size: u64) -> Vec<upferry_engine::UploadKey> {
    (0..count).map(|number| pair.add_new(SimFile::new(&format!("{number}.jpg"), size))).collect()
}

fn at_work(pair: &Pair, keys: &[upferry_engine::UploadKey]) -> usize {
    let works = |state| !matches!(state, Some(State::Queued | State::Complete));
    keys.iter().filter(|&&key| works(pair.state(key))).count()
}

#[test]
fn so_many_at_once() {
    for parallel_files in [1, 3, 7] {
        let mut pair = Pair::with(Setup { config: Config { parallel_files, ..Setup::new(1).config }, ..Setup::new(1) });
        let keys = add(&mut pair, 20, 3 << 20);
        let mut most = 0;
        while pair.step() {
            most = most.max(at_work(&pair, &keys));
        }
        assert_eq!(most, parallel_files as usize);
        keys.into_iter().for_each(|key| pair.assert_delivered(key));
    }
}

#[test]
fn of_small_ones_enough_to_fill_the_connections() {
    for (parallel_files, expected) in [(1, 1), (3, 10)] {
        let mut pair = Pair::with(Setup { config: Config { parallel_files, ..Setup::new(1).config }, ..Setup::new(1) });
        let keys = add(&mut pair, 40, 4_000);
        let mut most = 0;
        while pair.step() {
            most = most.max(at_work(&pair, &keys));
        }
        assert_eq!(most, expected);
    }
}

#[test]
fn a_thousand_small_ones() {
    for (setup, requests) in [(Setup::new(1), 1_000), (Setup::new(1).without_content(), 2_000)] {
        let mut pair = Pair::with(setup);
        let keys = add(&mut pair, 1_000, 4_000);
        pair.drive();
        keys.into_iter().for_each(|key| pair.assert_delivered(key));
        assert_eq!(pair.checks.sent_in_all(), requests, "a creation, and a chunk where it does not go along");
    }
}

#[test]
fn files_at_work_share_the_chunks_in_flight() {
    let mut pair = Pair::new(1);
    let keys = add(&mut pair, 3, 60 << 20);
    pair.drive_bounded(6_000);
    let confirmed = keys.iter().map(|&key| pair.progress(key).confirmed).collect::<Vec<_>>();
    let (least, most) = (confirmed.iter().min().unwrap(), confirmed.iter().max().unwrap());
    assert!(least * 2 >= *most, "five places for three files: {confirmed:?}");
    pair.drive();
    keys.into_iter().for_each(|key| pair.assert_delivered(key));
}

#[test]
fn a_paused_file_gives_its_place_to_the_next() {
    let mut pair = Pair::with(Setup { config: Config { parallel_files: 1, ..Setup::new(1).config }, ..Setup::new(1) });
    let keys = add(&mut pair, 3, 5 << 20);
    pair.drive_until(|pair| pair.chunks_in_flight() > 0);
    pair.pause(keys[0]);
    pair.drive();
    pair.assert_delivered(keys[1]);
    pair.assert_delivered(keys[2]);
    assert_eq!(pair.state(keys[0]), Some(State::Paused));
    pair.resume(keys[0]);
    pair.drive();
    pair.assert_delivered(keys[0]);
}

#[test]
fn nothing_starts_by_itself_without_auto_start() {
    let mut pair = Pair::with(Setup { config: Config { auto_start: false, ..Setup::new(1).config }, ..Setup::new(1) });
    let key = add(&mut pair, 1, 5 << 20)[0];
    pair.drive();
    assert_eq!((pair.state(key), pair.checks.sent_in_all()), (Some(State::Queued), 0));
    pair.resume(key);
    pair.drive();
    pair.assert_delivered(key);
}

#[test]
fn many_files_on_bad_days() {
    for seed in 0..100 {
        let mut pair = Pair::with(Setup::rough(seed));
        let keys = add(&mut pair, 6, 700_000);
        pair.drive();
        keys.into_iter().for_each(|key| pair.assert_delivered(key));
    }
}
