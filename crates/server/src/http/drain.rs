//! What is left of a refused request's body.
//!
//! A server that answers without reading the body is not understood by most browsers: they report a lost connection
//! instead of the answer. So the rest is read and dropped first.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CONNECTION, EXPECT};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use upferry_protocol::CHUNK_MAX;

use crate::http::rejection::BodyIsDead;
use crate::server::Server;

/// Holds an answer that is no success back until the request's body has been read, up to the largest chunk.
pub(crate) async fn drain(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    // Such a client has sent nothing yet, and will not.
    let waits_for_continue = request.headers().contains_key(EXPECT);
    let (give_back, left) = oneshot::channel();
    let request = request.map(|body| Body::new(Lent { body: Some(body), give_back: Some(give_back) }));
    let mut response = next.run(request).await;
    if response.status().is_success() || waits_for_continue {
        return response;
    }
    // It came back when the handler let go of it.
    let dead = response.extensions().get::<BodyIsDead>().is_some();
    let drained = match left.await {
        Ok(body) if !dead => drop_rest(body, server.config.times.drain_idle).await,
        Ok(body) => body.is_end_stream(),
        Err(_) => true,
    };
    if !drained {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Reads to the end; tells whether it was reached.
async fn drop_rest(mut body: Body, idle: Duration) -> bool {
    let mut rest = CHUNK_MAX;
    while !body.is_end_stream() {
        match tokio::time::timeout(idle, body.frame()).await {
            Ok(None) => return true,
            Ok(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(left) = rest.checked_sub(length) else { return false };
                rest = left;
            }
            Ok(Some(Err(_))) | Err(_) => return false,
        }
    }
    true
}

/// A body that goes back to its owner when it is dropped.
struct Lent {
    body: Option<Body>,
    give_back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(give_back)) = (self.body.take(), self.give_back.take()) {
            // Nobody waits for it after a success.
            let _ = give_back.send(body);
        }
    }
}
