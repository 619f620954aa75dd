use js_sys::JSON;
use upferry_engine::{EffectId, Request};
use upferry_protocol::{ContentRange, CreateRequest, RequestedState, content_digest, upload_create};
use wasm_bindgen::JsValue;

use super::{Expect, below};
use crate::json::create_request;

const CONTENT_TYPE: &str = "Content-Type";
const JSON_TYPE: &str = "application/json";
const CONTENT_DIGEST: &str = "Content-Digest";

/// A request of the engine as HTTP has it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The method.
    pub method: &'static str,
    /// The absolute URL.
    pub url: String,
    /// The protocol's headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body: text, or what [`body`](crate::file::body) keeps of a chunk.
    pub body: Option<JsValue>,
    /// What the answer should be.
    pub expect: Expect,
}

impl Outgoing {
    /// Writes a request of the engine; `buffer` finds the bytes of a chunk. `None` when the bytes are no longer there.
    pub fn new(request: Request, endpoint: &str, buffer: impl FnOnce(EffectId) -> Option<JsValue>) -> Option<Self> {
        Some(match request {
            Request::Create { idempotency_key, body, content } => {
                let json = json_of(&body)?;
                // What is too long for the header is created without the content: a chunk brings that later.
                let along = content.and_then(|content| {
                    Some((content_digest(content.digest), upload_create(&json)?, buffer(content.buffer)?))
                });
                let mut outgoing = match along {
                    Some((digest, header, bytes)) => Self {
                        method: "POST",
                        url: endpoint.to_owned(),
                        headers: vec![
                            (CONTENT_TYPE, "application/octet-stream".to_owned()),
                            (CONTENT_DIGEST, digest),
                            ("Upload-Create", header),
                        ],
                        body: Some(bytes),
                        expect: Expect::Created,
                    },
                    None => Self::json("POST", endpoint.to_owned(), json.into(), Expect::Created),
                };
                outgoing.headers.push(("Idempotency-Key", ["\"", &idempotency_key, "\""].concat()));
                outgoing
            }
            Request::Status { url } => Self::bare("GET", url, Expect::Status),
            Request::Chunks { url, from } => {
                let resource = below(&url, "chunks");
                let separator = if resource.contains('?') { "&" } else { "?" };
                Self::bare("GET", [&resource, separator, "from=", &from.to_string()].concat(), Expect::Chunks)
            }
            Request::SetState { url, state } => {
                let body = match state {
                    RequestedState::Open => r#"{"state":"open"}"#,
                    RequestedState::Paused => r#"{"state":"paused"}"#,
                };
                Self::json("PATCH", url, body.into(), Expect::Status)
            }
            Request::PutChunk { url, range, size, content } => Self {
                method: "PUT",
                url: below(&url, "data"),
                headers: vec![
                    ("Content-Range", ContentRange { range, size }.to_string()),
                    (CONTENT_DIGEST, content_digest(content.digest)),
                ],
                body: Some(buffer(content.buffer)?),
                expect: Expect::Stored,
            },
            Request::Complete { url } => Self::json("POST", below(&url, "complete"), "{}".into(), Expect::Status),
            Request::Cancel { url } => Self::bare("DELETE", url, Expect::Gone),
        })
    }

    /// A request for an upload's status.
    #[must_use]
    pub fn status(url: &str) -> Self {
        Self::bare("GET", url.to_owned(), Expect::Status)
    }

    /// A request that cancels an upload.
    #[must_use]
    pub fn cancel(url: &str) -> Self {
        Self::bare("DELETE", url.to_owned(), Expect::Gone)
    }

    fn bare(method: &'static str, url: String, expect: Expect) -> Self {
        Self { method, url, headers: Vec::new(), body: None, expect }
    }

    fn json(method: &'static str, url: String, body: JsValue, expect: Expect) -> Self {
        Self { method, url, headers: vec![(CONTENT_TYPE, JSON_TYPE.to_owned())], body: Some(body), expect }
    }
}

fn json_of(body: &CreateRequest) -> Option<String> {
    JSON::stringify(&create_request(body)).ok().map(String::from)
}
