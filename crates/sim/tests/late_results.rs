//! Results that come twice, late, or for nothing are ignored.

use upferry_sim::{Kind, Pair, Setup, SimFile};

#[test]
fn results_of_effects_that_nobody_waits_for() {
    let mut calm = Pair::new(1);
    let mut noisy = Pair::new(1);
    let uploads = [&mut calm, &mut noisy].map(|pair| pair.add_new(SimFile::new("film", 5 << 20)));
    while noisy.step() {
        noisy.feed_unknown_results();
    }
    calm.drive();
    noisy.assert_delivered(uploads[1]);
    assert_eq!(calm.told(uploads[0]).events, noisy.told(uploads[1]).events);
    assert_eq!(calm.checks.sent_in_all(), noisy.checks.sent_in_all());
}

#[test]
fn results_that_come_twice_and_timeouts_for_no_reason() {
    let mut setup = Setup::new(1);
    setup.faults.echoes = 1_000;
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("film", 20 << 20));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.checks.sent(Kind::Put), 20);
}

#[test]
fn commands_for_uploads_that_are_unknown_or_have_ended() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("film", 5 << 20));
    pair.drive();
    for key in [upload, upferry_engine::UploadKey(77)] {
        pair.pause(key);
        pair.resume(key);
        pair.retry(key);
        pair.cancel(key);
    }
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 1);
}
