//! SHA-256 of what was read, off the main thread wherever there is another one.

mod hasher;
mod in_place;
mod worker;

pub use hasher::{HashLost, Hasher};
pub use in_place::{hash_buffer, hash_politely};
pub use worker::{HashWorker, WorkerFactory};
