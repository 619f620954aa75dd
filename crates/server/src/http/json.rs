//! JSON in and out.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use upferry_protocol::{Code, Problem};

use crate::http::rejection::Rejection;

/// The most bytes that a JSON body may have.
pub(crate) const MAX_JSON: usize = 64 << 10;

/// An answer in JSON. What it tells may be another at the next request.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => {
            let mut response = (status, Bytes::from(body)).into_response();
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "an answer can't be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Reads a JSON body. The media type is required, so that no page of another site can send one without a preflight.
pub(crate) async fn read_json<T: DeserializeOwned>(parts: &Parts, body: Body, idle: Duration) -> Result<T, Rejection> {
    require_json(&parts.headers)?;
    let bytes = read_all(parts, body, idle).await?;
    parse_json(&bytes)
}

/// The same for a body that may be left empty.
pub(crate) async fn read_json_or_default<T: DeserializeOwned + Default>(
    parts: &Parts,
    body: Body,
    idle: Duration,
) -> Result<T, Rejection> {
    require_json(&parts.headers)?;
    let bytes = read_all(parts, body, idle).await?;
    if bytes.is_empty() { Ok(T::default()) } else { parse_json(&bytes) }
}

/// Whether the body is of a media type, whatever its parameters.
pub(crate) fn is_of_type(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}

fn require_json(headers: &HeaderMap) -> Result<(), Rejection> {
    if is_of_type(headers, "application/json") {
        return Ok(());
    }
    Err(Rejection::new(Code::UnsupportedMediaType, "Send `Content-Type: application/json`."))
}

async fn read_all(parts: &Parts, mut body: Body, idle: Duration) -> Result<Vec<u8>, Rejection> {
    let stated = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|length| length > MAX_JSON as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        let frame = tokio::time::timeout(idle, body.frame())
            .await
            .map_err(|_| Rejection::dead_body("The body stopped arriving."))?;
        let Some(frame) = frame else { return Ok(bytes) };
        let frame = frame.map_err(|_| Rejection::dead_body("The body broke off."))?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > MAX_JSON {
                return Err(too_large());
            }
            bytes.extend_from_slice(data);
        }
    }
}

/// Reads JSON that a request carried, in its body or elsewhere.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Rejection> {
    // serde would take an array for the members in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Rejection::new(Code::InvalidRequest, "The JSON must be an object."));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Rejection::new(Code::InvalidRequest, format!("The JSON can't be used: {error}.")))
}

fn too_large() -> Rejection {
    let detail = format!("A JSON body has at most {MAX_JSON} bytes.");
    Problem { limit: Some(MAX_JSON as u64), ..Problem::new(Code::TooLarge, detail) }.into()
}
