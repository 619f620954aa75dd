//! Drives the engine: feeds it what happens, carries out what it asks for.

mod adding;
mod core;
mod dropped;
mod effects;
mod entry;
mod errand;
mod interrupted;
mod page;
mod telling;
mod timing;

pub use self::core::Driver;
pub use entry::{Entry, Handle};
pub use interrupted::Interruption;
