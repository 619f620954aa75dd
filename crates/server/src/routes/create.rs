//! `POST {endpoint}`: create.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sha2::{Digest, Sha256};
use upferry_protocol::{ChunkLimits, Code, CreateRequest, MAX_SIZE, Problem, Sha256Digest, UploadStatus};

use crate::http::json::{json, read_json};
use crate::http::rejection::Rejection;
use crate::http::seen_host::upload_url;
use crate::ledger::{LedgerError, NewUpload, State, UploadRecord};
use crate::server::Server;
use crate::uploads::complete;
use crate::{Operation, Principal, Timestamp, UploadId};

pub(super) async fn create(Shared(server): Shared<Arc<Server>>, request: Request) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let principal = server.authorize(Operation::Create, &parts, None).await?;
    let wanted: CreateRequest = read_json(&parts, body, server.config.times.body_idle).await?;
    check(&server, &wanted)?;
    let key = idempotency_key(&parts)?;
    // A task of its own, so that a client that goes away leaves no blob without a row.
    let made = tokio::spawn(make(Arc::clone(&server), principal, wanted, key)).await;
    let (code, status) = made.map_err(|_| Rejection::new(Code::Internal, "The upload could not be created."))??;
    let mut response = json(code, &status);
    let url = UploadId::parse(&status.id).map(|id| upload_url(&server.config, &parts, id)).unwrap_or_default();
    if let Ok(url) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(header::LOCATION, url);
    }
    Ok(response)
}

/// The upload that the key has made, or a new one.
async fn make(
    server: Arc<Server>,
    principal: Principal,
    wanted: CreateRequest,
    key: Option<String>,
) -> Result<(StatusCode, UploadStatus), Rejection> {
    let Some(key) = key else { return enter(&server, principal, wanted, None).await };
    let fingerprint = fingerprint(&wanted)?;
    let _alone = server.keys.lock(&principal, &key).await;
    let Some(used) = server.ledger.key_use(&principal, &key).await? else {
        return enter(&server, principal, wanted, Some((key, fingerprint))).await;
    };
    if used.fingerprint != fingerprint {
        return Err(Rejection::new(Code::IdempotencyKeyReused, "The Idempotency-Key has made another upload."));
    }
    let upload = server.upload(used.id).await?.ok_or_else(Rejection::gone)?;
    server.expire_if_due(&upload).await?;
    if wanted.size == 0 && wanted.complete_when_full && matches!(upload.state(), State::Open | State::Completing) {
        // The first request was cut short between creating and completing.
        let (_, status) = complete::complete(&server, &upload, None).await?;
        return Ok((StatusCode::OK, status));
    }
    Ok((StatusCode::OK, server.status(&upload)?))
}

async fn enter(
    server: &Arc<Server>,
    principal: Principal,
    wanted: CreateRequest,
    key: Option<(String, Sha256Digest)>,
) -> Result<(StatusCode, UploadStatus), Rejection> {
    let (id, size, now) = (UploadId::random()?, wanted.size, Timestamp::now());
    let quota = server.quota().await?;
    // Asked before the blob is made, as that takes syncs; the ledger asks again when it enters the row.
    let usage = server.ledger.usage(&principal).await?;
    quota.admit(usage, size).map_err(LedgerError::Quota)?;
    server.blobs(move |blobs| blobs.create(id, size)).await?;
    let record = UploadRecord {
        id,
        principal,
        name: wanted.name,
        media_type: wanted.media_type,
        metadata: wanted.metadata,
        size,
        chunk: ChunkLimits::for_size(size),
        complete_when_full: wanted.complete_when_full,
        state: State::Open,
        expected: None,
        digest: None,
        created: now,
        touched: now,
    };
    if let Err(error) = server.ledger.create(NewUpload { record, key }, quota).await {
        // The row may be there all the same if it is not known how the commit ended: then the data must stay.
        if !matches!(server.ledger.knows(id).await, Ok(false)) {
            return Err(error.into());
        }
        server.blobs(move |blobs| blobs.remove_unfinished(id)).await?;
        return Err(error.into());
    }
    tracing::info!(upload = %id, size, "created");
    let upload = server.upload(id).await?.ok_or_else(Rejection::not_found)?;
    if size == 0 && upload.complete_when_full {
        let (_, status) = complete::complete(server, &upload, None).await?;
        return Ok((StatusCode::CREATED, status));
    }
    Ok((StatusCode::CREATED, server.status(&upload)?))
}

fn check(server: &Server, wanted: &CreateRequest) -> Result<(), Rejection> {
    let invalid = |detail: String| Err(Rejection::new(Code::InvalidRequest, detail));
    let too_large = |what: &str, limit: u64| {
        let problem = Problem::new(Code::TooLarge, format!("{what} has at most {limit} bytes here."));
        Err(Rejection::from(Problem { limit: Some(limit), ..problem }))
    };
    let max_size = server.config.limits.max_size.min(server.config.limits.max_reserved).min(MAX_SIZE);
    if wanted.size > max_size {
        return too_large("A file", max_size);
    }
    if wanted.media_type.as_ref().is_some_and(|media_type| media_type.len() > MAX_MEDIA_TYPE) {
        return invalid(format!("`type` has at most {MAX_MEDIA_TYPE} bytes."));
    }
    let metadata: usize = wanted.metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if metadata > MAX_METADATA {
        return too_large("Metadata", MAX_METADATA as u64);
    }
    Ok(())
}

fn idempotency_key(parts: &Parts) -> Result<Option<String>, Rejection> {
    let mut values = parts.headers.get_all("idempotency-key").iter();
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
