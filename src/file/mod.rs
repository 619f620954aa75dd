//! Bytes of files.

mod body;
mod buffers;
mod fingerprint;
mod picked;
mod read;

pub use body::{body, is_chromium};
pub use buffers::Buffers;
pub use fingerprint::fingerprint;
pub use picked::{Picked, is_handle};
pub use read::{read, read_and_hash};
