//! Whatever people and machines do, in whatever order: the rules hold, and what was not cancelled arrives.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use upferry_sim::fuzz::run;
use upferry_sim::{Op, Setup};

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..20_000_u64).prop_map(|ms| Op::Wait { ms }),
        8 => (1..40_u8).prop_map(Op::Steps),
        2 => any::<u8>().prop_map(Op::Pause),
        3 => any::<u8>().prop_map(Op::Resume),
        1 => any::<u8>().prop_map(Op::Cancel),
        1 => any::<u8>().prop_map(Op::Retry),
        1 => any::<u8>().prop_map(Op::Add),
        1 => Just(Op::Kill),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(file, at)| Op::KillAndEdit { file, at }),
        1 => (0..30_000_u64).prop_map(|ms| Op::RestartServer { ms }),
        1 => Just(Op::ExpireToken),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(upload, forget)| Op::Drop { upload, forget }),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(upload, paused)| Op::SetStateElsewhere { upload, paused }),
        1 => Just(Op::UnknownResults),
        1 => (0..200_000_u64, any::<bool>(), any::<bool>()).prop_map(|(ms, noticed, word)| Op::Offline { ms, noticed, word }),
        1 => any::<bool>().prop_map(Op::Online),
        1 => (0..200_000_000_u64, any::<bool>()).prop_map(|(ms, word)| Op::Sleep { ms, word }),
        1 => Just(Op::Woke),
        1 => (0..200_000_u64, any::<bool>()).prop_map(|(ms, told)| Op::Freeze { ms, told }),
        1 => (0..20_000_u64).prop_map(|ms| Op::LoseClaims { ms }),
        1 => (0..200_000_u64).prop_map(|ms| Op::Portal { ms }),
        1 => (0..200_000_u64).prop_map(|ms| Op::Storm { ms }),
        1 => (16..4_000_u64).prop_map(|bandwidth| Op::Bandwidth { bandwidth }),
        1 => (0..500_000_u64).prop_map(|above| Op::Swallow { above }),
    ]
}

/// The same cases in every run. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` make it more of them, and others.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 3_000;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_ops(seed in any::<u64>(), sizes in prop::collection::vec(0..3_u64 << 20, 1..4), ops in prop::collection::vec(op(), 0..40)) {
        run(Setup::rough(seed), &sizes, &ops);
    }
}
