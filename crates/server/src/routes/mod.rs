//! The resources: one file each.

mod cancel;
mod change;
mod chunks;
mod complete;
mod content;
mod create;
mod create_with_content;
mod creation;
mod data;
mod status;
mod upload_path;
mod wanted_range;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post, put};
use upferry_protocol::Code;

use crate::http::rejection::Rejection;
use crate::server::Server;

/// The resources, relative to the endpoint.
pub(crate) fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/", post(create::create))
        .route("/{id}", get(status::status).patch(change::change).delete(cancel::cancel))
        .route("/{id}/data", put(data::data))
        .route("/{id}/chunks", get(chunks::chunks))
        .route("/{id}/complete", post(complete::complete))
        .route("/{id}/content", get(content::content))
        .fallback(async || Rejection::not_found())
        .method_not_allowed_fallback(async || {
            Rejection::new(Code::MethodNotAllowed, "The resource does not know this method.")
        })
}
