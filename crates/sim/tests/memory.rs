//! What is read, hashed and sent stays within the budget. (Every run checks it; these are the tight ones.)

use upferry_engine::{ChunkSize, Config};
use upferry_protocol::ChunkLimits;
use upferry_sim::{Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

#[test]
fn tight_budgets() {
    for chunk_size in [ChunkSize::Auto, ChunkSize::Fixed(MIB), ChunkSize::Fixed(64 * MIB)] {
        for memory_budget in [1, 100_000, MIB, 3 * MIB + 1, 96 * MIB] {
            let config = Config { chunk_size, memory_budget, ..Config::default() };
            let mut pair = Pair::with(Setup { config, ..Setup::new(1) });
            let keys = ["a", "b", "c", "d"].map(|name| pair.add_new(SimFile::new(name, 20 * MIB)));
            pair.drive();
            keys.into_iter().for_each(|key| pair.assert_delivered(key));
            assert!(pair.peak_buffers() <= memory_budget.max(64 << 10), "{} of {memory_budget}", pair.peak_buffers());
        }
    }
}

#[test]
fn a_unit_larger_than_the_budget() {
    let config = Config { memory_budget: MIB, ..Config::default() };
    let mut setup = Setup { config, ..Setup::new(1) };
    setup.model.limits = Some(ChunkLimits { unit: 8 * MIB, max: 64 * MIB });
    let mut pair = Pair::with(setup);
    let keys = ["a", "b"].map(|name| pair.add_new(SimFile::new(name, 50 * MIB)));
    pair.drive();
    keys.into_iter().for_each(|key| pair.assert_delivered(key));
    assert_eq!(pair.peak_buffers(), 8 * MIB);
}

#[test]
fn verifying_a_resume() {
    let config = Config { memory_budget: 4 * MIB, ..Setup::new(1).config };
    let mut pair = Pair::with(Setup { config, ..Setup::new(1) });
    let file = pair.file(SimFile::new("film", 60 * MIB));
    pair.add(file);
    pair.drive_until(|pair| pair.at_server().iter().any(|status| status.received_bytes > 30 * MIB));
    pair.kill();
    pair.start();
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    assert!(pair.peak_buffers() <= 4 * MIB);
}
