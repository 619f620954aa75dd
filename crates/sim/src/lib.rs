//! A simulator for the engine: a client that keeps the engine's contract to the letter, a network with seeded faults,
//! a model of the server, and checks that hold in every run.
//!
//! ```no_run
//! use upferry_sim::{Pair, SimFile};
//!
//! let mut pair = Pair::new(1);
//! let upload = pair.add_new(SimFile::new("film.mp4", 10 << 20));
//! pair.drive();
//! pair.assert_delivered(upload);
//! ```
//!
//! Time is simulated and every choice comes from the seed: the same seed gives the same [`Trace`]. A file's bytes are a
//! function of its seed and their offset, so a terabyte costs nothing.
//!
//! [`Checks`] says what is checked on every run.

mod arrive;
mod assertions;
mod body;
mod buffers;
mod checks;
mod claims;
mod client;
mod clock;
mod content;
mod disk;
mod fate;
mod file;
pub mod fuzz;
mod local;
mod model;
mod moving;
mod network;
mod op;
mod pair;
mod perform;
mod queue;
mod reply;
mod setup;
mod tabs;
mod trace;
mod upset;
mod walk;
mod weather;
mod wire;

pub use buffers::Buffers;
pub use checks::Checks;
pub use client::Told;
pub use content::{Content, ContentMap, DigestFn, quick_digest};
pub use disk::Disk;
pub use fate::{Fate, Faults, Kind, Rule};
pub use file::{FileId, SimFile};
pub use model::{Model, ModelConfig, PutBegun, PutId, PutRequest};
pub use network::Network;
pub use op::Op;
pub use pair::Pair;
pub use reply::Reply;
pub use setup::Setup;
pub use trace::{Call, Exchange, Trace, TraceEntry, TraceEvent};
pub use walk::walk;
