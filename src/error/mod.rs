//! Errors as JavaScript sees them.

mod abort;
mod message;
mod trouble;
mod type_error;

pub use abort::abort_error;
pub use message::message;
pub use trouble::{Rejection, Trouble};
pub use type_error::type_error;
