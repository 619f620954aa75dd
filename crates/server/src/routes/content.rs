//! `GET {upload}/content`: the finished file.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use upferry_protocol::Code;

use super::upload_path::UploadPath;
use super::wanted_range::WantedRange;
use crate::Operation;
use crate::http::content_disposition::attachment;
use crate::http::file_stream::FileStream;
use crate::http::rejection::Rejection;
use crate::ledger::State as UploadState;
use crate::server::Server;

pub(super) async fn content(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, _) = request.into_parts();
    let upload = server.find(Operation::Read, &parts, &id).await?;
    let Some(digest) = upload.digest() else {
        let state = upload.state();
        return Err(match state {
            UploadState::Open | UploadState::Paused | UploadState::Completing => {
                Rejection::new(Code::Incomplete, "The upload is not complete; there is no file to read yet.")
            }
            UploadState::Complete | UploadState::Failed | UploadState::Cancelled | UploadState::Expired => {
                Rejection::in_state(state)
            }
        });
    };
    let size = upload.info.size;
    let etag = format!("\"{}\"", digest.to_hex());
    let headers = base_headers(&etag, &upload.info.name, upload.info.media_type.as_deref());
    if matches_etag(&parts.headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let (status, start, end) = match wanted_range(&parts.headers, &etag, size) {
        WantedRange::Whole => (StatusCode::OK, 0, size),
        WantedRange::Part(start, end) => (StatusCode::PARTIAL_CONTENT, start, end),
        WantedRange::Outside => {
            let mut response = Rejection::new(Code::RangeInvalid, "The range is outside the file.").into_response();
            response.headers_mut().insert(CONTENT_RANGE, ascii(&format!("bytes */{size}")));
            return Ok(response);
        }
    };
    let mut response = (status, headers).into_response();
    if parts.method != Method::HEAD {
        let blob = server.readable(&upload).await?;
        *response.body_mut() = Body::new(FileStream::new(blob, start, end));
    }
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(end - start));
    if status == StatusCode::PARTIAL_CONTENT {
        response.headers_mut().insert(CONTENT_RANGE, ascii(&format!("bytes {start}-{}/{size}", end - 1)));
    }
    Ok(response)
}

/// What is asked for; a part only of the file that the client knows (RFC 9110, section 13.1.5).
fn wanted_range(headers: &HeaderMap, etag: &str, size: u64) -> WantedRange {
    let same_file = headers.get(IF_RANGE).is_none_or(|validator| validator.as_bytes() == etag.as_bytes());
    let range = headers.get(RANGE).filter(|_| same_file).and_then(|range| range.to_str().ok());
    range.map_or(WantedRange::Whole, |range| WantedRange::parse(range, size))
}

fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    let Some(value) = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    value.split(',').map(str::trim).any(|listed| listed == "*" || listed.trim_start_matches("W/") == etag)
}

/// Nothing that a stranger has uploaded is ever shown as a page of this origin.
fn base_headers(etag: &str, name: &str, media_type: Option<&str>) -> HeaderMap {
    let media_type = media_type
        .filter(|media_type| media_type.split_once('/').is_some_and(|(top, sub)| !top.is_empty() && !sub.is_empty()))
        .and_then(|media_type| HeaderValue::from_str(media_type).ok())
        .filter(|media_type| media_type.to_str().is_ok())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    HeaderMap::from_iter([
        (CONTENT_TYPE, media_type),
        (CONTENT_DISPOSITION, ascii(&attachment(name))),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox")),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (ETAG, ascii(etag)),
    ])
}

/// For text that is made of visible ASCII.
fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
