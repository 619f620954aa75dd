//! The Upferry server: takes large files in verified chunks, in any order and in parallel, and never loses what it has
//! confirmed. `docs/protocol.md` describes what it speaks.
//!
//! An application nests [`router`]; the binary serves [`application`].

mod application;
mod authorize;
pub mod blobs;
mod config;
pub mod fault;
mod http;
pub mod ledger;
mod public_url;
mod router;
mod routes;
mod server;
mod start_error;
mod timestamp;
mod upload_id;
mod uploads;

pub use application::application;
pub use authorize::{Anyone, Authorize, BearerToken, Operation, Principal, UploadInfo};
pub use config::{Config, Hosts, Limits, MinFree, Times};
pub use public_url::{PublicUrl, PublicUrlError};
pub use router::router;
pub use start_error::StartError;
pub use timestamp::Timestamp;
pub use upload_id::UploadId;
