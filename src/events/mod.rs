//! Telling the application.

mod kind;
mod listeners;
mod told;

pub use kind::Kind;
pub use listeners::Listeners;
pub use told::{Told, progress_object, result_object, state_names};
