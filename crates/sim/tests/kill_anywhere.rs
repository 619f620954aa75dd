//! A client that is killed at any moment goes on where it was, and sends nothing again that it has seen confirmed.

use upferry_sim::{FileId, Pair, Setup, SimFile};

const SIZE: u64 = 5 * (1 << 20) / 2;

/// Starts the client again and picks the file again, to the end.
fn finish(pair: &mut Pair, file: FileId) {
    pair.kill();
    pair.start();
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.at_server().len(), 1, "no second upload");
}

fn outputs_of_a_run(setup: Setup) -> u64 {
    let mut pair = Pair::with(setup);
    pair.add_new(SimFile::new("film", SIZE));
    pair.drive();
    pair.outputs()
}

#[test]
fn after_every_single_output() {
    for seed in 0..4 {
        let setup = Setup { local_ms: 1 + seed * 30, ..Setup::new(seed) };
        for stop in 1..=outputs_of_a_run(setup.clone()) {
            let mut pair = Pair::with(setup.clone());
            let file = pair.file(SimFile::new("film", SIZE));
            pair.kill_after(stop);
            pair.add(file);
            pair.drive();
            assert!(!pair.is_running());
            if pair.disk.records().is_empty() && !pair.at_server().is_empty() {
                continue; // It was complete, and its record deleted.
            }
            finish(&mut pair, file);
        }
    }
}

#[test]
fn at_random_outputs_with_faults() {
    for seed in 0..20_000 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let size = rng.u64(1 << 16..SIZE);
        let mut pair = Pair::with(Setup::rough(seed));
        let file = pair.file(SimFile::new("film", size));
        for _ in 0..rng.u32(1..6) {
            pair.kill_after(rng.u64(1..80));
            let upload = pair.add(file);
            pair.drive();
            if pair.is_running() {
                pair.assert_delivered(upload);
                break;
            }
            pair.start();
        }
        if !pair.at_server().iter().any(|status| status.digest.is_some()) {
            finish(&mut pair, file);
        }
        pair.assert_frugal(size.div_ceil(64 << 10));
    }
}
