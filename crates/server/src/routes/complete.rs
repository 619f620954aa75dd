//! `POST {upload}/complete`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use upferry_protocol::CompleteRequest;

use super::upload_path::UploadPath;
use crate::Operation;
use crate::http::json::{json, read_json_or_default};
use crate::http::rejection::Rejection;
use crate::server::Server;

pub(super) async fn complete(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let upload = server.find(Operation::Complete, &parts, &id).await?;
    let wanted: CompleteRequest = read_json_or_default(&parts, body, server.config.times.body_idle).await?;
    let expected = wanted.digest.map(|digest| digest.sha256);
    let (code, status) = crate::uploads::complete::complete(&server, &upload, expected).await?;
    Ok(json(code, &status))
}
