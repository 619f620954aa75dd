//! Cross-origin requests (the Fetch standard's CORS protocol).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use upferry_protocol::Code;

use crate::Config;
use crate::http::rejection::Rejection;
use crate::server::Server;

/// Answers preflights, and puts the headers on every answer to a listed origin, errors included: without them a page
/// learns nothing of an error. Nobody else gets any of them.
pub(crate) async fn cors(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|origin| is_listed(&server.config, origin)).cloned();
    let mut response = match (request.method() == Method::OPTIONS, &origin) {
        (false, _) => next.run(request).await,
        (true, Some(_)) => preflight(&server.config),
        (true, None) => Rejection::new(Code::Forbidden, "Pages of this origin may not call.").into_response(),
    };
    let headers = response.headers_mut();
    // A cache must not give one origin's answer to another.
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        allow(&server.config, origin, headers);
    }
    response
}

/// Whether pages of the origin may call.
pub(crate) fn is_listed(config: &Config, origin: &HeaderValue) -> bool {
    config.cors_origins.iter().any(|listed| listed == "*" || listed.as_bytes() == origin.as_bytes())
}

fn preflight(config: &Config) -> Response {
    let own = "Authorization, Content-Type, Content-Range, Content-Digest, Idempotency-Key, Upload-Create";
    let names = std::iter::once(own).chain(config.cors_headers.iter().map(HeaderName::as_str));
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
    if let Ok(names) = HeaderValue::try_from(names.collect::<Vec<_>>().join(", ")) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

fn allow(config: &Config, origin: HeaderValue, headers: &mut HeaderMap) {
    let exposed = HeaderValue::from_static("Location, ETag, Retry-After, Want-Content-Digest");
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    if config.cors_origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    } else {
        // `*`: anybody, but never with the credentials that the browser holds.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}
