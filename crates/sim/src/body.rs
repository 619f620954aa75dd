//! Bodies that are about to leave: whether they may, and their bytes.

use upferry_engine::{Content as Named, Request, UploadKey};
use upferry_protocol::ByteRange;

use crate::content::Content;
use crate::pair::Pair;

/// The bytes that a request carries.
pub(crate) fn content_of(request: &Request) -> Option<Named> {
    match request {
        Request::PutChunk { content, .. } => Some(*content),
        Request::Create { content, .. } => *content,
        Request::Status { .. }
        | Request::Chunks { .. }
        | Request::SetState { .. }
        | Request::Complete { .. }
        | Request::Cancel { .. } => None,
    }
}

impl Pair {
    /// A creation leaves only when its key is on disk: else a crash would leave an upload that nobody finds again.
    pub(crate) fn check_record(&self, request: &Request) {
        if let Request::Create { idempotency_key, .. } = request
            && self.setup.config.persist
            && !self.disk.has_tried(idempotency_key)
        {
            self.fail(format_args!("{idempotency_key} is sent before its record is saved"));
        }
    }

    /// Checks a body that is about to leave; its bytes.
    pub(crate) fn begin_body_of(&mut self, key: UploadKey, request: &Request) -> Option<Content> {
        let named = content_of(request)?;
        let losing = self.running().is_losing(key);
        let range = match request {
            Request::PutChunk { url, range, size, .. } => {
                if !losing {
                    let begins = self.checks.put_begins(url, *range, *size);
                    self.check(begins);
                }
                *range
            }
            Request::Create { idempotency_key, body, .. } => {
                let begins = self.checks.content_begins(idempotency_key);
                self.check(begins);
                ByteRange::new(0, body.size).unwrap_or_else(|| self.fail("an empty file has no content"))
            }
            Request::Status { .. }
            | Request::Chunks { .. }
            | Request::SetState { .. }
            | Request::Complete { .. }
            | Request::Cancel { .. } => return None,
        };
        if !losing {
            self.check_claim(key);
        }
        let client = self.running();
        let lent = client.buffers.lend(named.buffer).cloned();
        let is_read = !client.local.contains(&named.buffer);
        let lent = self.check(lent);
        let (content, sha256) = lent.read.unwrap_or_else(|| self.fail(format_args!("{named:?} was never read")));
        if !is_read || (lent.key, lent.range, sha256) != (key, range, named.digest) {
            self.fail(format_args!("{request:?} does not fit its buffer, or that was not read yet"));
        }
        let client = self.running();
        let (of_all, of_one) = (client.in_flight(None) + 1, client.in_flight(Some(key)) + 1);
        let config = &client.config;
        if of_all > config.max_chunks_in_flight || config.parallel_chunks.is_some_and(|most| of_one > most) {
            self.fail(format_args!("{of_one} chunks of {key:?} in flight, {of_all} in all"));
        }
        Some(content)
    }
}
