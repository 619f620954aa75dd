//! The server in one process with the test; `tests/server` at the root speaks to the real one.

mod client;
mod library;
mod recovery;
