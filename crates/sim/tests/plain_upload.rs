//! A file arrives whole over a network without faults.

use upferry_engine::{ChunkSize, Config};
use upferry_sim::{Kind, Pair, Setup, SimFile};

const MIB: u64 = 1 << 20;

#[test]
fn one_file() {
    let mut pair = Pair::new(1);
    let upload = pair.add_new(SimFile::new("视频.mp4", 10 * MIB + 7));
    pair.drive();
    pair.assert_delivered(upload);
    assert_eq!(pair.checks.sent(Kind::Put), 11);
    assert_eq!(pair.checks.sent_in_all(), 11 + 2, "chunks, create and complete");
    assert!(pair.disk.records().is_empty());
}

#[test]
fn sizes_at_the_edges() {
    for size in [0, 1, 65_535, 65_536, 65_537, MIB - 1, MIB, MIB + 1, 3 * MIB] {
        let mut pair = Pair::with(Setup::new(size).without_content());
        let upload = pair.add_new(SimFile::new("edge", size));
        pair.drive();
        pair.assert_delivered(upload);
        assert_eq!(pair.checks.sent(Kind::Put), size.div_ceil(MIB), "{size}");
    }
}

#[test]
fn chunks_of_any_length_that_is_set() {
    for length in [1, 1_000, 65_536, 100_000, 3 * MIB, 1 << 40] {
        let mut setup = Setup::new(length);
        setup.config = Config { chunk_size: ChunkSize::Fixed(length), ..Config::default() };
        let mut pair = Pair::with(setup);
        let upload = pair.add_new(SimFile::new("any", 5 * MIB));
        pair.drive();
        pair.assert_delivered(upload);
    }
}

#[test]
fn auto_grows_on_a_fast_network() {
    let mut setup = Setup::new(1);
    setup.config.chunk_size = ChunkSize::Auto;
    setup.faults.bandwidth = 100_000;
    let mut pair = Pair::with(setup);
    let upload = pair.add_new(SimFile::new("large", 4096 * MIB));
    pair.drive();
    pair.assert_delivered(upload);
    // 512 chunks of the largest length, and the shorter ones before.
    assert!(pair.checks.sent(Kind::Put) < 530, "{}", pair.checks.sent(Kind::Put));
}
