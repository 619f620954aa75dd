//! `GET {upload}/chunks?from=`: the digests of what is stored.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use upferry_protocol::{CHUNKS_PER_PAGE, ChunkPage, Code};

use super::upload_path::UploadPath;
use crate::Operation;
use crate::http::json::json;
use crate::http::rejection::Rejection;
use crate::server::Server;

#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    from: u64,
}

pub(super) async fn chunks(
    State(server): State<Arc<Server>>,
    UploadPath(id): UploadPath,
    request: Request,
) -> Result<Response, Rejection> {
    let (parts, _) = request.into_parts();
    let upload = server.find(Operation::Status, &parts, &id).await?;
    let Query(Page { from }) = Query::try_from_uri(&parts.uri)
        .map_err(|_| Rejection::new(Code::InvalidRequest, "`from` must be an offset in bytes."))?;
    // One more than a page holds tells whether there is another page.
    let mut chunks = server.ledger.chunks(upload.id(), from, CHUNKS_PER_PAGE + 1).await?;
    let next = chunks.get(CHUNKS_PER_PAGE).map(|chunk| chunk.start);
    chunks.truncate(CHUNKS_PER_PAGE);
    Ok(json(StatusCode::OK, &ChunkPage { chunks, next }))
}
