//! Whatever the network does, the file arrives.

use upferry_sim::{Pair, Setup, SimFile};

fn run(seed: u64) -> Pair {
    let mut pair = Pair::with(Setup::rough(seed));
    let size = fastrand::Rng::with_seed(seed).u64(0..8 << 20);
    let upload = pair.add_new(SimFile::new("rough", size));
    pair.drive();
    pair.assert_delivered(upload);
    pair.assert_frugal(size.div_ceil(64 << 10));
    pair
}

#[test]
fn four_thousand_seeds() {
    (0..4_000).for_each(|seed| drop(run(seed)));
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..20 {
        assert_eq!(run(seed).trace, run(seed).trace);
    }
}
