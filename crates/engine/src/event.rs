//! What the application is told.

use upferry_protocol::{ByteRange, Sha256Digest};

use crate::{Failure, UploadKey};

/// Why an upload waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitReason {
    /// There is no network.
    Offline,
    /// A failed request is tried again later.
    Retry,
    /// The server does not accept the credentials.
    Auth,
    /// Another tab sends this file; should it end, this one takes over.
    OtherTab,
}

/// What an upload is doing, as people are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It waits for its turn, or to be started.
    Queued,
    /// The file is being recognised, and the server asked what it has.
    Checking,
    /// Chunks are being sent.
    Uploading,
    /// It goes on by itself as soon as it can.
    Waiting(WaitReason),
    /// It was paused.
    Paused,
    /// Every byte is stored; the server puts the file in its place.
    Completing,
    /// The server has the file.
    Complete,
    /// It can't go on.
    Failed,
    /// It was given up.
    Cancelled,
}

/// How far an upload is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Progress {
    /// Durable bytes; never fewer than before.
    pub confirmed: u64,
    /// Bytes handed to the network and not yet answered for.
    pub in_flight: u64,
    /// The size of the file.
    pub total: u64,
    /// Confirmed bytes per second over the last seconds; `None` before there is a measurement.
    pub speed: Option<f64>,
    /// Seconds left at this speed; `None` without a measurement.
    pub eta: Option<f64>,
}

/// What `done` resolves to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completed {
    /// The upload's URL.
    pub upload_url: String,
    /// The SHA-256 of the whole file as the server computed it.
    pub digest: Option<Sha256Digest>,
}

/// Something the application may want to know.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// The file is recognised: the upload is a new one, or goes on with an interrupted one.
    Ready,
    /// The same file is being uploaded already under this key; the upload that was added is no more.
    Duplicate(UploadKey),
    /// The state has changed.
    State(State),
    /// Bytes were confirmed, or handed to the network.
    Progress(Progress),
    /// A chunk is durable.
    Chunk(ByteRange),
    /// A request failed and is tried again.
    Retry {
        /// How many failures there were in a row.
        attempt: u32,
        /// The wait before the next attempt, in milliseconds.
        delay_ms: u64,
        /// What went wrong.
        failure: Failure,
    },
    /// The server no longer has the upload (or the file is not the same); a new one begins from the start.
    Restarted,
    /// The upload's URL is known.
    Located(String),
    /// The server has the file.
    Complete(Completed),
    /// The upload failed; or, with `storage-unavailable`, it goes on but can't be resumed after a reload.
    Error(Failure),
}
