//! An in-process client.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use upferry_protocol::{Sha256Digest, content_digest};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Status and, for a problem, its code.
    pub(crate) fn outcome(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn location(&self) -> String {
        self.headers["location"].to_str().unwrap().to_owned()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes().to_vec() }
}

pub(crate) async fn get(app: &Router, url: &str) -> Answer {
    send(app, Request::get(url).body(Body::empty()).unwrap()).await
}

pub(crate) async fn send_json(app: &Router, method: Method, url: &str, json: Value) -> Answer {
    let request = Request::builder().method(method).uri(url).header("content-type", "application/json");
    send(app, request.body(Body::from(json.to_string())).unwrap()).await
}

pub(crate) async fn put(app: &Router, upload: &str, start: usize, bytes: &[u8], size: usize) -> Answer {
    let request = Request::put(format!("{upload}/data"))
        .header("content-length", bytes.len())
        .header("content-range", format!("bytes {start}-{}/{size}", start + bytes.len() - 1))
        .header("content-digest", content_digest(Sha256Digest(Sha256::digest(bytes).into())));
    send(app, request.body(Body::from(bytes.to_vec())).unwrap()).await
}
