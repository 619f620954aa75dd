//! `DELETE {upload}`: cancel.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;

use super::upload_path::UploadPath;
use crate::Operation;
use crate::http::rejection::Rejection;
use crate::server::Server;

pub(super) async fn cancel(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<StatusCode, Rejection> {
    let (parts, _) = request.into_parts();
    let upload = server.find(Operation::Cancel, &parts, &id).await?;
    server.cancel(&upload).await?;
    Ok(StatusCode::NO_CONTENT)
}
