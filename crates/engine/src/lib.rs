//! The upload engine: one state machine that decides what to send next, when, and how large.
//!
//! It does no input or output. The caller feeds it [`Input`]s with the time, drains its [`Output`]s, carries them out,
//! and feeds their results back in:
//!
//! ```
//! use upferry_engine::{Config, Engine, FileFacts, Input, Output, Time, UploadKey};
//!
//! let mut engine = Engine::new(Config::default(), "random-nonce", 7);
//! let file = FileFacts { name: "film.mp4".into(), size: 1_000_000, ..FileFacts::default() };
//! engine.handle_input(Time::from_ms(0), Input::Add { key: UploadKey(1), file, expect: None });
//! let mut identify = None;
//! while let Some(output) = engine.poll_output() {
//!     if let Output::Identify { effect, .. } = output {
//!         identify = Some(effect);
//!     }
//! }
//! assert!(identify.is_some(), "the engine first asks what the file is");
//! ```
//!
//! Every effect has an id; a result whose effect is unknown (cancelled, answered twice) is ignored. Time never comes
//! from a clock in here and jitter comes from a seed, so that a run is a list of inputs that can be replayed.
//!
//! Bad input from outside becomes an event; a panic is a bug in this crate.

mod auth;
mod chunk_sizer;
mod config;
mod core;
mod engine;
mod event;
mod failure;
mod io;
mod meter;
mod network;
mod places;
mod record;
mod retry;
mod time;
mod upload;

pub use config::{ChunkSize, Config, RetryPolicy, Verify};
pub use engine::Engine;
pub use event::{Completed, Event, Progress, State, WaitReason};
pub use failure::{Failure, FailureCode};
pub use io::{
    Answer, Claim, Content, EffectId, FileError, FileFacts, Input, Loss, Output, Request, Sighting, UploadKey,
};
pub use record::{RECORD_VERSION, Record};
pub use time::{Time, TimeoutReason};
