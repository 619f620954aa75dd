//! Requests of the engine over `fetch`, and their answers back.
//!
//! It speaks to `fetch` through web-sys: gloo-net ends the module when a promise is rejected with what is no `Error` (as
//! code that wraps `fetch` may do) or when a header of the application's is malformed.

mod answer;
mod client;
mod flight;
mod headers;
mod outgoing;
mod retry_after;
mod url;

pub use answer::{Expect, answer_to};
pub use client::Client;
pub use flight::Flight;
pub use headers::HeaderSource;
pub use outgoing::Outgoing;
pub use retry_after::retry_after_ms;
pub use url::{absolute, below};
