//! Head records of uploads in IndexedDB, so that another session can go on with them.
//!
//! It speaks to IndexedDB through web-sys: the `idb` crate has no way to ask for strict durability, and its futures bring
//! tokio along.

mod connection;
mod database;
mod place;
mod request;
mod saved;
mod store;
mod writes;

pub(crate) use connection::LEASES;
pub(crate) use request::{End, result_of};

pub use database::{DATABASE, Database};
pub use place::Place;
pub use saved::Saved;
pub use store::Records;
