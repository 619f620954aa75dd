//! The whole application of the binary.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeader;

/// The endpoint at `/uploads`, `GET /healthz`, and files of a folder at all other paths.
pub fn application(uploads: Router, files: Option<&Path>) -> Router {
    let application = Router::new().nest("/uploads", uploads).route("/healthz", get(async || "ok\n"));
    match files {
        // A page and its wasm module must come from one build: browsers ask each time whether theirs is current.
        Some(folder) => application.fallback_service(SetResponseHeader::if_not_present(
            ServeDir::new(folder),
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache"),
        )),
        None => application,
    }
}
