//! `PATCH {upload}`: pause and reopen.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use upferry_protocol::{PatchRequest, RequestedState};

use super::upload_path::UploadPath;
use crate::Operation;
use crate::http::json::{json, read_json};
use crate::http::rejection::Rejection;
use crate::ledger::{State, Transition};
use crate::server::Server;

pub(super) async fn change(
    Shared(server): Shared<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    const HELD: &[State] = &[State::Open, State::Paused];
    let (parts, body) = request.into_parts();
    let upload = server.find(Operation::Change, &parts, &id).await?;
    let wanted: PatchRequest = read_json(&parts, body, server.config.times.body_idle).await?;
    let to = match wanted.state {
        RequestedState::Open => State::Open,
        RequestedState::Paused => State::Paused,
    };
    let _changing = upload.transition.lock().await;
    let state = upload.state();
    if !HELD.contains(&state) {
        return Err(Rejection::in_state(state));
    }
    if state != to && !server.change(&upload, Transition::new(HELD, to)).await? {
        return Err(Rejection::in_state(upload.state()));
    }
    Ok(json(StatusCode::OK, &server.status(&upload)?))
}
