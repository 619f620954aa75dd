//! `PUT {upload}/data`: a chunk.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use upferry_protocol::{
    ByteRange, Code, ContentDigestError, ContentRange, Problem, Sha256Digest, UploadStatus, parse_content_digest,
};

use super::upload_path::UploadPath;
use crate::http::json::json;
use crate::http::rejection::Rejection;
use crate::server::Server;
use crate::uploads::complete;
use crate::uploads::counter::Counted;
use crate::uploads::receive::{busy, compare, receive};
use crate::uploads::upload::{Judgement, LeaseGuard, Upload};
use crate::{Operation, Principal};

pub(super) async fn data(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let upload = server.find(Operation::Write, &parts, &id).await?;
    let range = chunk_range(&upload, &parts.headers, body.size_hint().exact())?;
    let stated = chunk_digest(&parts.headers)?;
    let _counted = count(&server, &upload.info.principal)?;
    let full = take(&server, &upload, range, body, stated).await?;
    if full
        && upload.complete_when_full
        && let Some((code, status)) = complete_full(&server, &upload, &parts).await
    {
        return Ok(json(code, &status));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Counts a request that sends a chunk, until dropped.
pub(super) fn count(server: &Server, principal: &Principal) -> Result<Counted, Rejection> {
    let counted = server.puts.enter(principal, server.config.limits.max_puts);
    Ok(counted
        .ok_or_else(|| Problem::new(Code::RateLimited, "Too many chunks are being sent at once.").retry_after(1))?)
}

/// Takes a chunk, or compares one that is stored; tells whether it was the last that was missing.
pub(super) async fn take(
    server: &Arc<Server>,
    upload: &Arc<Upload>,
    range: ByteRange,
    body: Body,
    stated: Sha256Digest,
) -> Result<bool, Rejection> {
    match upload.judge(range, server.config.times.takeover_after) {
        Judgement::Stored => {
            compare(server, upload, range, body, stated).await?;
            Ok(false)
        }
        Judgement::Overlap(received) => {
            let problem = Problem::new(Code::ChunkOverlap, "A part of the range is stored; send only what is missing.");
            Err(Problem { received: Some(received), ..problem }.into())
        }
        Judgement::NotTaking(state) => Err(Rejection::in_state(state)),
        Judgement::TooFragmented => {
            Err(Rejection::new(Code::TooFragmented, "Too many separate ranges are stored; fill the gaps between them."))
        }
        Judgement::Busy => Err(busy()),
        Judgement::Granted(id, revoked) => {
            let lease = LeaseGuard::new(Arc::clone(upload), range, id, revoked);
            receive(server, lease, body, stated).await
        }
    }
}

/// Completes an upload that a chunk has filled. Whatever keeps it from being completed, the chunk stays confirmed; the
/// call to complete tells the reason.
pub(super) async fn complete_full(
    server: &Arc<Server>,
    upload: &Arc<Upload>,
    parts: &Parts,
) -> Option<(StatusCode, UploadStatus)> {
    server.authorize_owner(Operation::Complete, parts, &upload.info).await.ok()?;
    complete::complete(server, upload, None)
        .await
        .inspect_err(|rejection| tracing::warn!(upload = %upload.id(), ?rejection, "full, but not completed"))
        .ok()
}

/// The range that the headers state, if it can be a chunk of the upload.
fn chunk_range(upload: &Upload, headers: &HeaderMap, length: Option<u64>) -> Result<ByteRange, Rejection> {
    let value = one(headers, CONTENT_RANGE.as_str())?
        .ok_or_else(|| Rejection::new(Code::InvalidRequest, "A chunk needs a Content-Range."))?;
    let stated =
        ContentRange::parse(value).map_err(|error| Rejection::new(Code::InvalidRequest, format!("{error}.")))?;
    let length = length
        .filter(|_| headers.contains_key(CONTENT_LENGTH))
        .ok_or_else(|| Rejection::new(Code::LengthRequired, "A chunk needs a Content-Length."))?;
    if length > upload.chunk.max || stated.range.len() > upload.chunk.max {
        let problem = Problem::new(Code::TooLarge, format!("A chunk has at most {} bytes.", upload.chunk.max));
        return Err(Problem { limit: Some(upload.chunk.max), ..problem }.into());
    }
    if stated.size != upload.info.size {
        let detail = format!("The file has {} bytes, not {}.", upload.info.size, stated.size);
        return Err(Rejection::new(Code::RangeInvalid, detail));
    }
    if !upload.chunk.allow(stated.range, upload.info.size) {
        let detail = format!(
            "A chunk starts at a multiple of {0} bytes and ends at one or at the end of the file.",
            upload.chunk.unit
        );
        return Err(Rejection::new(Code::RangeInvalid, detail));
    }
    if length != stated.range.len() {
        return Err(Rejection::new(Code::InvalidRequest, "Content-Length and Content-Range disagree."));
    }
    Ok(stated.range)
}

/// The digest that the headers state.
pub(super) fn chunk_digest(headers: &HeaderMap) -> Result<Sha256Digest, Rejection> {
    // A dictionary may be spread over several fields; joined with commas they are one (RFC 8941, section 3.2).
    let values: Vec<_> = headers.get_all("content-digest").iter().map(|value| value.as_bytes()).collect();
    if values.is_empty() {
        return Err(Rejection::new(Code::DigestRequired, "A chunk needs a Content-Digest with its SHA-256."));
    }
    parse_content_digest(&values.join(&b", "[..])).map_err(|error| {
        let code = match error {
            ContentDigestError::Malformed => Code::InvalidRequest,
            ContentDigestError::NoSha256 => Code::DigestUnsupported,
        };
        Rejection::new(code, format!("{error}."))
    })
}

/// A header that must not be there twice: of two values none can be trusted.
pub(super) fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h [u8]>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.as_bytes());
    if values.next().is_some() {
        return Err(Rejection::new(Code::InvalidRequest, format!("{name} is there twice.")));
    }
    Ok(first)
}
