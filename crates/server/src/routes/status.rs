//! `GET {upload}`: the status.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::upload_path::UploadPath;
use crate::Operation;
use crate::http::json::json;
use crate::http::rejection::Rejection;
use crate::server::Server;

pub(super) async fn status(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, _) = request.into_parts();
    let upload = server.find(Operation::Status, &parts, &id).await?;
    Ok(json(StatusCode::OK, &server.status(&upload)?))
}
