//! What is saved of an upload, so that another session can go on with it.

use serde::{Deserialize, Serialize};
use upferry_protocol::{CreateRequest, Sha256Digest};

/// The version of [`Record`] that this crate writes and reads.
pub const RECORD_VERSION: u32 = 1;

/// The head record of one upload. It says what the file is and where it goes, never what is stored: that is asked of
/// the server, so the record does not grow with the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// [`RECORD_VERSION`] of the crate that wrote it.
    pub version: u32,
    /// The `Idempotency-Key` of the upload's creation; unique, so it names the record too.
    pub id: String,
    /// A digest over the file's size and samples of its content.
    pub fingerprint: Sha256Digest,
    /// The file's modification time in milliseconds since 1970.
    pub last_modified: u64,
    /// The body of the request that creates the upload. It is sent again unchanged if the answer was lost.
    pub create: CreateRequest,
    /// The upload's URL, once the server has given one.
    pub upload_url: Option<String>,
    /// When the server drops the upload unless it goes on (RFC 3339), as it said last.
    #[serde(default)]
    pub expires: Option<String>,
}
