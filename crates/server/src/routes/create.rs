//! `POST {endpoint}`: create.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use upferry_protocol::CreateRequest;

use super::create_with_content::create_with_content;
use super::creation::{Made, check, idempotency_key, locate, look_up, new_record};
use crate::http::json::{is_of_type, json, read_json};
use crate::http::rejection::Rejection;
use crate::ledger::{NewUpload, State};
use crate::server::Server;
use crate::uploads::complete::complete;
use crate::uploads::enter::enter;
use crate::{Operation, Principal};

pub(super) async fn create(Shared(server): Shared<Arc<Server>>, request: Request) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let principal = server.authorize(Operation::Create, &parts, None).await?;
    if is_of_type(&parts.headers, "application/octet-stream") {
        create_with_content(&server, principal, &parts, body).await
    } else {
        create_empty(&server, principal, &parts, body).await
    }
}

async fn create_empty(
    server: &Arc<Server>,
    principal: Principal,
    parts: &Parts,
    body: Body,
) -> Result<Response, Rejection> {
    let wanted: CreateRequest = read_json(parts, body, server.config.times.body_idle).await?;
    check(server, &wanted)?;
    let made = match idempotency_key(&parts.headers)? {
        Some(key) => Some(look_up(server, &principal, &wanted, key).await?),
        None => None,
    };
    let (code, upload) = match made {
        Some(Made::Upload(upload)) => (StatusCode::OK, upload),
        Some(Made::Nothing(alone, key)) => {
            let new = NewUpload { record: new_record(principal, wanted)?, key: Some(key), chunk: None };
            (StatusCode::CREATED, enter(server, new, Bytes::new(), Some(alone)).await?)
        }
        None => {
            let new = NewUpload { record: new_record(principal, wanted)?, key: None, chunk: None };
            (StatusCode::CREATED, enter(server, new, Bytes::new(), None).await?)
        }
    };
    // Full from the start. A known one may be open still where the first request was cut short here.
    let full = upload.info.size == 0 && upload.complete_when_full;
    if full && matches!(upload.state(), State::Open | State::Completing) {
        complete(server, &upload, None).await?;
    }
    let mut response = json(code, &server.status(&upload)?);
    locate(&mut response, server, parts, &upload);
    Ok(response)
}
