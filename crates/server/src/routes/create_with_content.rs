//! `POST {endpoint}` with the whole file as its body: a creation and its one chunk in one request.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use upferry_protocol::{
    ByteRange, ChunkLimits, Code, CreateRequest, Sha256Digest, StoredChunk, UPLOAD_CREATE, UploadStatus,
    parse_upload_create,
};

use super::creation::{Made, check, idempotency_key, locate, look_up, new_record, too_large};
use super::data::{chunk_digest, complete_full, count, one, take};
use crate::http::chunk_body::ChunkBody;
use crate::http::json::{json, parse_json};
use crate::http::rejection::Rejection;
use crate::ledger::{NewUpload, State};
use crate::server::Server;
use crate::uploads::complete::complete;
use crate::uploads::enter::enter;
use crate::uploads::receive::mismatch;
use crate::uploads::upload::Upload;
use crate::{Operation, Principal};

/// A file of at most so many bytes is read before anything is made of it, so that its data, its row and its chunk are
/// synced together. A longer one is created first and received as any chunk is.
const AT_ONCE: u64 = 256 << 10;

pub(super) async fn create_with_content(
    server: &Arc<Server>,
    principal: Principal,
    parts: &Parts,
    body: Body,
) -> Result<Response, Rejection> {
    let wanted = create_request(&parts.headers)?;
    check(server, &wanted)?;
    let key = idempotency_key(&parts.headers)?
        .ok_or_else(|| Rejection::new(Code::InvalidRequest, "A creation with content needs an Idempotency-Key."))?;
    let range = whole_file(&wanted, &parts.headers, body.size_hint().exact())?;
    let stated = chunk_digest(&parts.headers)?;
    let _counted = count(server, &principal)?;
    let content = if range.len() <= AT_ONCE {
        Content::Read(read(server, body, range.len(), stated).await?)
    } else {
        Content::Coming(body)
    };
    let (code, upload, rest) = match look_up(server, &principal, &wanted, key).await? {
        Made::Upload(upload) => {
            server.authorize_owner(Operation::Write, parts, &upload.info).await?;
            (StatusCode::OK, upload, Some(content.into_body()))
        }
        Made::Nothing(alone, key) => {
            let mut new = NewUpload { record: new_record(principal, wanted)?, key: Some(key), chunk: None };
            server.authorize_owner(Operation::Write, parts, &new.record.info()).await?;
            let (content, rest) = match content {
                Content::Coming(body) => (Bytes::new(), Some(body)),
                Content::Read(bytes) => {
                    fill(server, parts, &mut new, stated).await;
                    (bytes, None)
                }
            };
            (StatusCode::CREATED, enter(server, new, content, Some(alone)).await?, rest)
        }
    };
    let mut response = match store(server, &upload, parts, range, rest, stated).await {
        Ok(status) => json(code, &status),
        Err(rejection) => rejection.into_response(),
    };
    locate(&mut response, server, parts, &upload);
    Ok(response)
}

/// The file's bytes.
enum Content {
    /// All of them, and they have the stated digest.
    Read(Bytes),
    /// Still to be read.
    Coming(Body),
}

impl Content {
    fn into_body(self) -> Body {
        match self {
            Self::Read(bytes) => Body::from(bytes),
            Self::Coming(body) => body,
        }
    }
}

/// Notes in what is to be entered that its bytes are there, and that it is completing if it shall complete when full.
async fn fill(server: &Server, parts: &Parts, new: &mut NewUpload, sha256: Sha256Digest) {
    new.chunk = Some(StoredChunk { start: 0, end: new.record.size, sha256 });
    if new.record.complete_when_full {
        let allowed = server.authorize_owner(Operation::Complete, parts, &new.record.info()).await;
        if allowed.is_ok() {
            (new.record.state, new.record.digest) = (State::Completing, Some(sha256));
        }
    }
}

/// Takes what is left of the file as a chunk of the upload, and sees to its completion; returns the status then.
async fn store(
    server: &Arc<Server>,
    upload: &Arc<Upload>,
    parts: &Parts,
    range: ByteRange,
    rest: Option<Body>,
    stated: Sha256Digest,
) -> Result<UploadStatus, Rejection> {
    if let Some(body) = rest {
        take(server, upload, range, body, stated).await?;
    }
    match upload.state() {
        State::Open if upload.complete_when_full => drop(complete_full(server, upload, parts).await),
        // It was entered so. The chunk is confirmed whatever comes of it.
        State::Completing => {
            if let Err(rejection) = complete(server, upload, None).await {
                tracing::warn!(upload = %upload.id(), ?rejection, "full, but not completed");
            }
        }
        State::Open | State::Paused | State::Complete | State::Failed | State::Cancelled | State::Expired => {}
    }
    server.status(upload)
}

async fn read(server: &Server, body: Body, length: u64, stated: Sha256Digest) -> Result<Bytes, Rejection> {
    let mut body = ChunkBody::new(body, length, server.config.times.body_idle);
    let (mut bytes, mut sha256) = (Vec::new(), Sha256::new());
    while let Some(part) = body.next().await? {
        sha256.update(&part);
        bytes.extend_from_slice(&part);
    }
    if Sha256Digest(sha256.finalize().into()) == stated { Ok(bytes.into()) } else { Err(mismatch()) }
}

fn create_request(headers: &HeaderMap) -> Result<CreateRequest, Rejection> {
    let value = one(headers, UPLOAD_CREATE)?
        .ok_or_else(|| Rejection::new(Code::InvalidRequest, "A creation with content needs Upload-Create."))?;
    let json = parse_upload_create(value).map_err(|error| Rejection::new(Code::InvalidRequest, format!("{error}.")))?;
    parse_json(&json)
}

/// The range of the whole file, if the body can be its one chunk.
fn whole_file(wanted: &CreateRequest, headers: &HeaderMap, length: Option<u64>) -> Result<ByteRange, Rejection> {
    let length = length
        .filter(|_| headers.contains_key(CONTENT_LENGTH))
        .ok_or_else(|| Rejection::new(Code::LengthRequired, "Content needs a Content-Length."))?;
    let range = ByteRange::new(0, wanted.size).ok_or_else(|| {
        Rejection::new(Code::InvalidRequest, "An empty file has no content to send along; create with a JSON body.")
    })?;
    let max = ChunkLimits::for_size(wanted.size).max;
    if range.len() > max {
        return Err(too_large("A file that is sent along with its creation", max));
    }
    if length != range.len() {
        let detail = format!("The body is the whole file: {} bytes, not {length}.", range.len());
        return Err(Rejection::new(Code::InvalidRequest, detail));
    }
    Ok(range)
}
