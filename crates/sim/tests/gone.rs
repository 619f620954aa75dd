//! An upload that the server no longer has begins anew.

use upferry_engine::{Event, FailureCode, State, UploadKey};
use upferry_protocol::Code;
use upferry_sim::{Kind, Model, Pair, SimFile};

type Drop = fn(&mut Model, &str);
const DROPS: [Drop; 3] = [Model::expire, Model::forget, Model::fail];

fn restarts(pair: &Pair, upload: UploadKey) -> usize {
    pair.told(upload).count(|event| *event == Event::Restarted)
}

fn drop_at_server(pair: &mut Pair, upload: UploadKey, drop: Drop) {
    let url = pair.told(upload).url.clone().expect("the upload has a URL");
    drop(&mut pair.server, &url);
}

#[test]
fn while_chunks_fly() {
    for drop in DROPS {
        let mut pair = Pair::new(1);
        let upload = pair.add_new(SimFile::new("film", 9 << 20));
        pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 5);
        drop_at_server(&mut pair, upload, drop);
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!((restarts(&pair, upload), pair.checks.sent(Kind::Create)), (1, 2));
        assert!(pair.disk.records().is_empty());
    }
}

#[test]
fn between_two_sessions() {
    for drop in DROPS {
        let mut pair = Pair::new(1);
        let file = pair.file(SimFile::new("film", 9 << 20));
        let first = pair.add(file);
        pair.drive_until(|pair| pair.checks.sent(Kind::Put) > 5);
        drop_at_server(&mut pair, first, drop);
        pair.kill();
        pair.start();
        let second = pair.add(file);
        pair.drive();
        pair.assert_delivered(second);
        assert_eq!(restarts(&pair, second), 1);
        assert!(pair.disk.records().is_empty());
    }
}

#[test]
fn before_it_is_completed() {
    for drop in DROPS {
        let mut pair = Pair::new(1);
        let upload = pair.add_new(SimFile::new("film", 9 << 20));
        pair.drive_until(|pair| pair.checks.sent(Kind::Complete) > 0);
        drop_at_server(&mut pair, upload, drop);
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn again_and_again_is_a_failure() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 9 << 20));
    while pair.state(upload) != Some(State::Failed) {
        let urls: Vec<_> = pair.server.present(pair.now).map(|(url, _)| url.to_owned()).collect();
        urls.iter().for_each(|url| pair.server.expire(url));
        assert!(pair.step(), "{}", pair.trace);
    }
    let gone =
        |event: &Event| matches!(event, Event::Error(failure) if failure.code == FailureCode::Server(Code::UploadGone));
    assert_eq!(pair.told(upload).count(gone), 1);
    pair.retry(upload);
    pair.drive();
    pair.assert_delivered(upload);
}

#[test]
fn a_key_whose_upload_is_gone() {
    let mut pair = Pair::new(1);
    let file = pair.file(SimFile::new("film", 9 << 20));
    pair.add(file);
    pair.drive_until(|pair| !pair.at_server().is_empty());
    pair.kill();
    assert!(pair.disk.records()[0].upload_url.is_none(), "the answer to the creation never came");
    let url = pair.server.present(pair.now).next().unwrap().0.to_owned();
    pair.server.expire(&url);
    pair.start();
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    assert!(pair.disk.records().is_empty());
}
