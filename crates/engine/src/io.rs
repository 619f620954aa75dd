//! What goes in and out of the engine.

use std::collections::BTreeMap;

use upferry_protocol::{ByteRange, ChunkPage, CreateRequest, Problem, RequestedState, Sha256Digest, UploadStatus};

use crate::{Event, Progress, Record};

/// The caller's name for an upload.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct UploadKey(pub u64);

/// The engine's name for something it has asked for; rises with each one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EffectId(pub u64);

/// What a browser says of a file without reading it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileFacts {
    /// The name.
    pub name: String,
    /// The size in bytes.
    pub size: u64,
    /// The media type, if the browser knows one.
    pub media_type: Option<String>,
    /// The modification time in milliseconds since 1970.
    pub last_modified: u64,
    /// The application's key-value pairs.
    pub metadata: BTreeMap<String, String>,
}

/// What has become of a claim to be the one sender of a file.
#[derive(Clone, PartialEq, Debug)]
pub enum Claim {
    /// It is held, until it is let go or news say otherwise. The saved records with the file's fingerprint, the most
    /// recent first.
    Held(Vec<Record>),
    /// Somebody else of this browser holds it: another tab, say. What was seen of its upload last, if anything was.
    Elsewhere(Option<Box<Sighting>>),
}

/// An upload of the same file as another tab sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Sighting {
    /// Its record, saved or not.
    pub record: Record,
    /// How far it is.
    pub progress: Progress,
}

/// Why a file could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileError {
    /// The file is gone, or may not be read (any more).
    Unreadable,
    /// The file is not what it was: a slice had the wrong length.
    Changed,
}

/// Why a request has no answer that counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// The connection failed, or the browser hid the answer.
    Network,
    /// No answer came in time.
    Timeout,
    /// The answer was not of this protocol: a captive portal's page, half a JSON.
    Unreadable,
}

/// The answer to a [`Request`].
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// The upload exists now; its absolute URL and status.
    Created(String, Box<UploadStatus>),
    /// A status: of the upload asked for, of one being completed, or of one that the last chunk has completed.
    Status(Box<UploadStatus>),
    /// A page of stored chunks.
    Chunks(ChunkPage),
    /// The server did what was asked and has nothing to say: the chunk is durable, the upload is gone.
    Done,
    /// The server said no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem, where the body carried one of this protocol.
        problem: Option<Box<Problem>>,
        /// `Retry-After`, in milliseconds from now.
        retry_after_ms: Option<u64>,
    },
    /// There was no answer, or none that counts: it is not known whether the request had its effect.
    Lost(Loss),
}

/// What goes into the engine.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// Carry this file to the server.
    Add {
        /// A name that no other upload has had.
        key: UploadKey,
        /// What is known of the file.
        file: FileFacts,
        /// Go on with this record and no other; a file that does not fit it is a `file-mismatch`.
        expect: Option<Box<Record>>,
    },
    /// Stop sending at once.
    Pause(UploadKey),
    /// Go on, or start what was added without starting.
    Resume(UploadKey),
    /// Give up the upload and what is stored of it.
    Cancel(UploadKey),
    /// Try a failed upload again.
    Retry(UploadKey),
    /// [`Output::Identify`] has an answer: the file's fingerprint.
    Identified(EffectId, Result<Sha256Digest, FileError>),
    /// News of [`Output::Claim`]: any number of them, until [`Output::Unclaim`].
    Claimed(EffectId, Claim),
    /// [`Output::SaveRecord`] has ended; `false` when the record could not be saved.
    RecordSaved(EffectId, bool),
    /// [`Output::ReadChunk`] has ended; the digest of the bytes, which the caller keeps until [`Output::Release`].
    ChunkRead(EffectId, Result<Sha256Digest, FileError>),
    /// [`Output::Request`] has an answer.
    Answered(EffectId, Answer),
    /// [`Output::RefreshHeaders`] has ended; `false` when the application had none to give.
    HeadersRefreshed(EffectId, bool),
    /// The browser says whether there is a network. When it says so wrongly, the next answer tells.
    Online(bool),
    /// The page is put away (into the back/forward cache, say) and can't work until [`Input::Woke`].
    Suspended,
    /// The machine has slept, or the page is back: whatever was on its way may have died without a word.
    Woke,
    /// Time has passed.
    Timeout,
}

/// What the engine wants done.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// Read samples of the file and compute its fingerprint, a digest over its size and the samples.
    Identify {
        /// Names the result.
        effect: EffectId,
        /// The upload whose file it is.
        key: UploadKey,
    },
    /// Become the one sender of the file in this browser. Answered by [`Input::Claimed`] as often as there are news.
    Claim {
        /// Names the claim.
        effect: EffectId,
        /// The upload that wants to send.
        key: UploadKey,
        /// The file's fingerprint.
        fingerprint: Sha256Digest,
    },
    /// Let go of a claim, held or still wanted. No result is expected.
    Unclaim(EffectId),
    /// Save the record durably, replacing the one with the same id.
    SaveRecord {
        /// Names the result.
        effect: EffectId,
        /// The upload whose record it is.
        key: UploadKey,
        /// What to save.
        record: Box<Record>,
    },
    /// Delete the record with this id, if there is one. No result is expected.
    DeleteRecord {
        /// The upload whose record it is.
        key: UploadKey,
        /// The record's id.
        id: String,
    },
    /// Read these bytes of the file, compute their SHA-256, and keep them under `effect`.
    ReadChunk {
        /// Names the result and the bytes.
        effect: EffectId,
        /// The upload whose file it is.
        key: UploadKey,
        /// Which bytes.
        range: ByteRange,
    },
    /// Forget the bytes that [`Output::ReadChunk`] has kept (or stop reading them). No result is expected.
    Release(EffectId),
    /// Send a request.
    Request {
        /// Names the result.
        effect: EffectId,
        /// The upload it is for.
        key: UploadKey,
        /// What to send.
        request: Request,
    },
    /// Stop waiting for the request; its result no longer counts.
    Abort(EffectId),
    /// Ask the application for new request headers: the server did not accept the present ones.
    RefreshHeaders(EffectId),
    /// Tell the application.
    Event(UploadKey, Event),
}

/// Bytes to send, and their SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Content {
    /// Names the bytes.
    pub buffer: EffectId,
    /// The SHA-256 of the bytes.
    pub digest: Sha256Digest,
}

/// A request to the server; `url` is the upload's.
#[derive(Clone, PartialEq, Debug)]
pub enum Request {
    /// Create the upload. Answered by [`Answer::Created`].
    Create {
        /// The `Idempotency-Key`.
        idempotency_key: String,
        /// What to create.
        body: CreateRequest,
        /// The whole file, where it goes along with its creation.
        content: Option<Content>,
    },
    /// Ask for the status. Answered by [`Answer::Status`].
    Status {
        /// The upload.
        url: String,
    },
    /// Ask which chunks are stored from this offset on. Answered by [`Answer::Chunks`].
    Chunks {
        /// The upload.
        url: String,
        /// The first offset of interest.
        from: u64,
    },
    /// Pause or reopen the upload. Answered by [`Answer::Status`].
    SetState {
        /// The upload.
        url: String,
        /// The state wanted.
        state: RequestedState,
    },
    /// Send the bytes kept under `content.buffer`. Answered by [`Answer::Done`], or by [`Answer::Status`] when the chunk
    /// filled the file and so completed the upload.
    PutChunk {
        /// The upload.
        url: String,
        /// Where the bytes belong.
        range: ByteRange,
        /// The size of the whole file.
        size: u64,
        /// The bytes.
        content: Content,
    },
    /// Complete the upload. Answered by [`Answer::Status`], complete or still completing.
    Complete {
        /// The upload.
        url: String,
    },
    /// Cancel the upload. Answered by [`Answer::Done`].
    Cancel {
        /// The upload.
        url: String,
    },
}
