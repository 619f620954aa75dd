//! The protocol's messages as plain JavaScript values.
//!
//! Reading goes through serde, so that the protocol crate alone says what a message is. A failure carries no text: the
//! texts of serde's errors, and the formatting of numbers that they pull in, are most of what serde costs in wasm (with
//! serde-wasm-bindgen some 20 kB of brotli). The few messages that are written are written by hand; a test compares
//! them with what serde would write.

mod read;
mod write;

pub use read::from_js;
pub use write::{create_request, record};
