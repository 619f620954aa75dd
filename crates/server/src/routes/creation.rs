//! What the two ways to create share: what is asked for, what an idempotency key has made, and the answer.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;
use upferry_protocol::{ChunkLimits, Code, CreateRequest, MAX_SIZE, Problem, Sha256Digest};

use crate::http::rejection::Rejection;
use crate::http::seen_host::upload_url;
use crate::ledger::{State, UploadRecord};
use crate::server::Server;
use crate::uploads::upload::Upload;
use crate::{Principal, Timestamp, UploadId};

/// What an idempotency key has made.
pub(super) enum Made {
    /// This upload, by an earlier request.
    Upload(Arc<Upload>),
    /// Nothing yet. Who holds the lock may make it, and enters the key with the request's fingerprint.
    Nothing(OwnedMutexGuard<()>, (String, Sha256Digest)),
}

/// Looks up a key, once no other request with it is at work.
pub(super) async fn look_up(
    server: &Server,
    principal: &Principal,
    wanted: &CreateRequest,
    key: String,
) -> Result<Made, Rejection> {
    let fingerprint = fingerprint(wanted)?;
    let alone = server.keys.lock(principal, &key).await;
    let Some(used) = server.ledger.key_use(principal, &key).await? else {
        return Ok(Made::Nothing(alone, (key, fingerprint)));
    };
    if used.fingerprint != fingerprint {
        return Err(Rejection::new(Code::IdempotencyKeyReused, "The Idempotency-Key has made another upload."));
    }
    let upload = server.upload(used.id).await?.ok_or_else(Rejection::gone)?;
    upload.mark_used();
    server.expire_if_due(&upload).await?;
    if upload.state().on_the_wire().is_none() {
        return Err(Rejection::gone());
    }
    Ok(Made::Upload(upload))
}

/// The row of a new upload.
pub(super) fn new_record(principal: Principal, wanted: CreateRequest) -> Result<UploadRecord, Rejection> {
    let now = Timestamp::now();
    Ok(UploadRecord {
        id: UploadId::random()?,
        principal,
        name: wanted.name,
        media_type: wanted.media_type,
        metadata: wanted.metadata,
        size: wanted.size,
        chunk: ChunkLimits::for_size(wanted.size),
        complete_when_full: wanted.complete_when_full,
        state: State::Open,
        expected: None,
        digest: None,
        created: now,
        touched: now,
    })
}

/// Says in an answer where the upload is.
pub(super) fn locate(response: &mut Response, server: &Server, parts: &Parts, upload: &Upload) {
    if let Ok(url) = HeaderValue::from_str(&upload_url(&server.config, parts, upload.id())) {
        response.headers_mut().insert(header::LOCATION, url);
    }
}

/// Refuses what is too much.
pub(super) fn check(server: &Server, wanted: &CreateRequest) -> Result<(), Rejection> {
    let max_size = server.config.limits.max_size.min(server.config.limits.max_reserved).min(MAX_SIZE);
    if wanted.size > max_size {
        return Err(too_large("A file", max_size));
    }
    if wanted.media_type.as_ref().is_some_and(|media_type| media_type.len() > MAX_MEDIA_TYPE) {
        return Err(Rejection::new(Code::InvalidRequest, format!("`type` has at most {MAX_MEDIA_TYPE} bytes.")));
    }
    let metadata: usize = wanted.metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if metadata > MAX_METADATA {
        return Err(too_large("Metadata", MAX_METADATA as u64));
    }
    Ok(())
}

/// For what has more bytes than it may have.
pub(super) fn too_large(what: &str, limit: u64) -> Rejection {
    let problem = Problem::new(Code::TooLarge, format!("{what} has at most {limit} bytes here."));
    Problem { limit: Some(limit), ..problem }.into()
}

/// The idempotency key of a request, where it has one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Rejection> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Rejection::new(Code::InvalidRequest, "A request has one Idempotency-Key."));
    }
    // A structured field's string (RFC 9651), or the same without the quotes.
    let value = value.as_bytes();
    let bare = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value);
    match std::str::from_utf8(bare) {
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(key.to_owned()))
        }
        _ => Err(Rejection::new(
            Code::InvalidRequest,
            format!("An Idempotency-Key has 1 to {MAX_KEY} visible ASCII characters."),
        )),
    }
}

/// The same for the same request, however its JSON was spaced and ordered.
fn fingerprint(wanted: &CreateRequest) -> Result<Sha256Digest, Rejection> {
    let canonical = serde_json::to_vec(wanted).map_err(|error| Rejection::new(Code::Internal, error.to_string()))?;
    Ok(Sha256Digest(Sha256::digest(canonical).into()))
}

const MAX_MEDIA_TYPE: usize = 255;
const MAX_METADATA: usize = 16 << 10;
const MAX_KEY: usize = 255;
