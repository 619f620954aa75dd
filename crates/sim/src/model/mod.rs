//! A reference implementation of the protocol's server, in memory: what `docs/protocol.md` says and nothing else.

mod config;
mod put;
mod server;
mod upload;
mod with_content;

pub use config::ModelConfig;
pub use put::{PutBegun, PutId, PutRequest};
pub use server::Model;
