//! What a simulation starts from.

use upferry_engine::{ChunkSize, Config};

use crate::fate::Faults;
use crate::model::ModelConfig;

/// The settings of a simulation.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Every choice comes from it.
    pub seed: u64,
    /// The engine's.
    pub config: Config,
    /// The server's.
    pub model: ModelConfig,
    /// The network's.
    pub faults: Faults,
    /// The longest time that reading a file or writing a record takes, in milliseconds.
    pub local_ms: u64,
    /// Whether the trace is kept.
    pub traced: bool,
}

impl Setup {
    /// No faults, chunks of 1 MiB.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            config: Config { chunk_size: ChunkSize::Fixed(1 << 20), ..Config::default() },
            model: ModelConfig::default(),
            faults: Faults::none(),
            local_ms: 5,
            traced: true,
        }
    }

    /// The same, for a client that never sends a file along with its creation.
    #[must_use]
    pub fn without_content(mut self) -> Self {
        self.config.create_with_content = false;
        self
    }

    /// Everything that can go wrong, and settings of every kind: the seed's choice.
    #[must_use]
    pub fn rough(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(!seed);
        let mut setup = Self { faults: Faults::rough(seed), ..Self::new(seed) };
        setup.config.chunk_size = match rng.u32(0..4) {
            0 => ChunkSize::Auto,
            choice => ChunkSize::Fixed(u64::from(choice) << 17),
        };
        setup.config.parallel_chunks = if rng.bool() { None } else { Some(rng.u32(1..6)) };
        setup.config.parallel_files = rng.u32(1..4);
        setup.config.max_chunks_in_flight = rng.u32(1..7);
        setup.config.memory_budget = 1 << rng.u32(19..25);
        setup.config.verify =
            if rng.u32(0..3) == 0 { upferry_engine::Verify::Sample } else { upferry_engine::Verify::Full };
        setup.config.create_with_content = rng.u32(0..4) > 0;
        setup.config.recheck = rng.bool();
        setup.model.creates_with_content = rng.u32(0..4) > 0;
        setup.model.completing_ms = if rng.bool() { 0 } else { rng.u64(1..20_000) };
        setup.local_ms = rng.u64(1..200);
        setup
    }
}
