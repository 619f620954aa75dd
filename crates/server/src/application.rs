//! The whole application of the binary.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeader;
use upferry_protocol::Code;

use crate::http::rejection::Rejection;

/// The endpoint at `/uploads`, `GET /healthz`, and files of a folder at all other paths.
pub fn application(uploads: Router, files: Option<&Path>) -> Router {
    let application = Router::new().nest("/uploads", uploads).route("/healthz", get(async || "ok\n"));
    let application = match files {
        // A page and its wasm module must come from one build: browsers ask each time whether theirs is current.
        Some(folder) => application.fallback_service(SetResponseHeader::if_not_present(
            ServeDir::new(folder),
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache"),
        )),
        None => application,
    };
    application.layer(from_fn(require_host))
}

/// RFC 9112, section 3.2: a request of HTTP/1.1 without `Host` is answered 400.
async fn require_host(request: Request, next: Next) -> Result<Response, Rejection> {
    let named = request.headers().contains_key(header::HOST) || request.uri().authority().is_some();
    if named || request.version() < Version::HTTP_11 {
        return Ok(next.run(request).await);
    }
    Err(Rejection::new(Code::InvalidRequest, "A request needs a Host."))
}
