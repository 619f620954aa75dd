//! The body of a chunk as it comes in.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::http::rejection::Rejection;

/// Reads a body of a stated length, and gives up on one that falls silent.
pub(crate) struct ChunkBody {
    body: Body,
    idle: Duration,
    rest: u64,
}

impl ChunkBody {
    pub(crate) fn new(body: Body, length: u64, idle: Duration) -> Self {
        Self { body, idle, rest: length }
    }

    /// The next bytes; `None` once as many came as were stated.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Rejection> {
        loop {
            let frame = tokio::time::timeout(self.idle, self.body.frame())
                .await
                .map_err(|_| Rejection::dead_body("The body stopped arriving."))?;
            match frame {
                None if self.rest == 0 => return Ok(None),
                None | Some(Err(_)) => return Err(Rejection::dead_body("The body broke off.")),
                Some(Ok(frame)) => {
                    // Trailers say nothing that matters here.
                    let Ok(bytes) = frame.into_data() else { continue };
                    let rest = self.rest.checked_sub(bytes.len() as u64);
                    self.rest = rest.ok_or_else(|| Rejection::dead_body("The body is longer than stated."))?;
                    if !bytes.is_empty() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }
}
