//! Head records of uploads in IndexedDB, so that another session can go on with them.
//!
//! It speaks to IndexedDB through web-sys: the `idb` crate has no way to ask for strict durability, and its futures bring
//! tokio along.

mod connection;
mod request;
mod saved;
mod store;

pub use saved::{Place, Saved};
pub use store::{DATABASE, Records};
