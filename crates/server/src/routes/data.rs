//! `PUT {upload}/data`: a chunk.

use std::sync::Arc;

use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use upferry_protocol::{
    ByteRange, Code, ContentDigestError, ContentRange, Problem, Sha256Digest, parse_content_digest,
};

use super::upload_path::UploadPath;
use crate::Operation;
use crate::http::json::json;
use crate::http::rejection::Rejection;
use crate::server::Server;
use crate::uploads::complete;
use crate::uploads::receive::{busy, compare, receive};
use crate::uploads::upload::{Judgement, LeaseGuard, Upload};

pub(super) async fn data(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let upload = server.find(Operation::Write, &parts, &id).await?;
    let range = chunk_range(&upload, &parts.headers, body.size_hint().exact())?;
    let stated = chunk_digest(&parts.headers)?;
    let _counted = server
        .puts
        .enter(&upload.info.principal, server.config.limits.max_puts)
        .ok_or_else(|| Problem::new(Code::RateLimited, "Too many chunks are being sent at once.").retry_after(1))?;
    match upload.judge(range, server.config.times.takeover_after) {
        Judgement::Stored => {
            compare(&server, &upload, range, body, stated).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
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
            let lease = LeaseGuard::new(Arc::clone(&upload), range, id, revoked);
            let full = receive(&server, lease, body, stated).await?;
            Ok(answer(&server, &upload, &parts, full).await)
        }
    }
}

/// The answer to a chunk that is stored: where it fills the file and the upload asks for it, the final status. Whatever
/// keeps the upload from being completed, the chunk stays confirmed; the call to complete tells the reason.
async fn answer(server: &Arc<Server>, upload: &Arc<Upload>, parts: &Parts, full: bool) -> Response {
    if full && upload.complete_when_full {
        let allowed = server.authorize(Operation::Complete, parts, Some(upload)).await;
        if allowed.is_ok_and(|principal| principal == upload.info.principal) {
            match complete::complete(server, upload, None).await {
                Ok((code, status)) => return json(code, &status),
                Err(rejection) => tracing::warn!(upload = %upload.id(), ?rejection, "full, but not completed"),
            }
        }
    }
    StatusCode::NO_CONTENT.into_response()
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

fn chunk_digest(headers: &HeaderMap) -> Result<Sha256Digest, Rejection> {
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
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h [u8]>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.as_bytes());
    if values.next().is_some() {
        return Err(Rejection::new(Code::InvalidRequest, format!("{name} is there twice.")));
    }
    Ok(first)
}
