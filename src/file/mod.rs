//! Bytes of files.

mod buffers;
mod fingerprint;
mod read;

pub use buffers::Buffers;
pub use fingerprint::fingerprint;
pub use read::{read, read_and_hash};
