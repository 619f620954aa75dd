//! The server in one process with the test; `tests/server` at the root speaks to the real one.

#![allow(clippy::unwrap_used, reason = "the whole crate is a test; clippy sees only the functions marked as such")]

mod client;
mod create_with_content;
mod library;
mod recovery;
