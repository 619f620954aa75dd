//! The Upferry server: takes large files in verified chunks, in any order and in parallel, and never loses what it has
//! confirmed. `docs/protocol.md` describes what it speaks.
//!
//! An application nests [`router`]; the binary serves [`application`].

mod application;
mod authorize;
pub mod blobs;
mod chunk_body;
mod complete;
mod config;
mod content_disposition;
mod cors;
mod counter;
mod drain;
mod end;
pub mod fault;
mod file_stream;
mod gate;
mod json;
mod key_locks;
mod leases;
pub mod ledger;
mod observe;
mod pipe;
mod prefix_hasher;
mod public_url;
mod receive;
mod recovery;
mod rejection;
mod router;
mod routes;
mod seen_host;
mod server;
mod space;
mod start_error;
mod syncer;
mod timestamp;
mod upload;
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
