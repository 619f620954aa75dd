//! Adding the same file twice gives one upload.

use upferry_engine::{Event, State};
use upferry_sim::{Kind, Pair, SimFile};

#[test]
fn the_same_file_at_once() {
    let mut pair = Pair::new(1);
    let file = pair.file(SimFile::new("film", 5 << 20));
    let keys = [pair.add(file), pair.add(file), pair.add(file)];
    pair.drive();
    let survivors: Vec<_> = keys.into_iter().filter(|&key| pair.state(key).is_some()).collect();
    assert_eq!((survivors.len(), pair.at_server().len(), pair.checks.sent(Kind::Put)), (1, 1, 5));
    pair.assert_delivered(survivors[0]);
    for key in keys.into_iter().filter(|key| *key != survivors[0]) {
        assert_eq!(pair.told(key).events.last(), Some(&Event::Duplicate(survivors[0])));
    }
}

#[test]
fn the_same_file_while_it_is_uploading() {
    for ms in (0..1_500).step_by(50) {
        let mut pair = Pair::new(ms);
        let file = pair.file(SimFile::new("film", 9 << 20));
        let first = pair.add(file);
        pair.drive_bounded(ms + 10);
        let second = pair.add(file);
        pair.drive();
        pair.assert_delivered(first);
        assert_eq!(pair.at_server().len(), if pair.state(second).is_some() { 2 } else { 1 });
    }
}

#[test]
fn the_same_content_under_two_names_is_two_uploads() {
    let mut pair = Pair::new(1);
    let uploads = ["视频一.mp4", "视频二.mp4"].map(|name| pair.add_new(SimFile::named(name, "same bytes", 5 << 20)));
    pair.drive();
    uploads.into_iter().for_each(|upload| pair.assert_delivered(upload));
    assert_eq!(pair.at_server().len(), 2);
}

#[test]
fn two_names_of_the_same_content_resume_each_its_own() {
    let mut pair = Pair::new(1);
    let files = ["一", "二"].map(|name| pair.file(SimFile::named(name, "same bytes", 9 << 20)));
    files.into_iter().for_each(|file| {
        pair.add(file);
    });
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 8);
    pair.kill();
    pair.start();
    let again = files.map(|file| pair.add(file));
    pair.drive();
    again.into_iter().for_each(|upload| pair.assert_delivered(upload));
    assert_eq!(pair.at_server().len(), 2);
    let names = pair.at_server().into_iter().map(|status| status.name).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names.len(), 2);
}

#[test]
fn a_failed_upload_whose_file_is_added_again_is_tried_again() {
    let mut pair = Pair::new(1);
    let file = pair.file(SimFile::new("film", 20 << 20));
    let first = pair.add(file);
    pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 2);
    pair.file_mut(file).set_readable(false);
    pair.drive();
    assert_eq!(pair.state(first), Some(State::Failed));
    pair.file_mut(file).set_readable(true);
    pair.add(file);
    pair.drive();
    pair.assert_delivered(first);
    assert_eq!(pair.at_server().len(), 1);
}
