//! Cross-origin requests (the Fetch standard's CORS protocol).

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{Config, StartError};

/// Answers preflights, and puts the headers on every answer, errors included: without them a page learns nothing of
/// an error.
pub(crate) fn layer(config: &Config) -> Result<CorsLayer, StartError> {
    let mut allowed = vec![
        AUTHORIZATION,
        CONTENT_TYPE,
        CONTENT_RANGE,
        HeaderName::from_static("content-digest"),
        HeaderName::from_static("idempotency-key"),
    ];
    allowed.extend(config.cors_headers.iter().cloned());
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(allowed)
        .expose_headers([LOCATION, ETAG, RETRY_AFTER, HeaderName::from_static("want-content-digest")])
        .max_age(Duration::from_secs(7_200))
        .vary([HeaderName::from_static("origin")]);
    if config.cors_origins.iter().any(|origin| origin == "*") {
        return Ok(layer.allow_origin(AllowOrigin::any()));
    }
    let origins = config.cors_origins.iter().map(|origin| {
        HeaderValue::from_str(origin).map_err(|_| StartError::Config(format!("{origin:?} can't be an origin")))
    });
    let origins = origins.collect::<Result<Vec<_>, _>>()?;
    Ok(layer.allow_origin(AllowOrigin::list(origins)).allow_credentials(true))
}
