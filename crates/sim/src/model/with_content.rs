//! Creation with content: a creation and the PUT of the whole file in one request.

use upferry_engine::Time;
use upferry_protocol::{ByteRange, Code, CreateRequest, Sha256Digest};

use super::{Model, PutBegun, PutId, PutRequest};
use crate::content::Content;
use crate::reply::Reply;

/// Nothing is made of a body up to this long before all of it is there.
const GATHERED: u64 = 256 << 10;

/// A creation whose content is being read.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    key: String,
    body: CreateRequest,
    put: PutRequest,
    /// The upload's URL, whether it is a new one, and its PUT; `None` while the body is only gathered.
    begun: Option<(String, bool, PutId)>,
}

impl Model {
    /// The headers of `POST {endpoint}` with the whole file; the body ends at `ends` if nothing happens to it.
    pub fn begin_create(
        &mut self,
        now: Time,
        key: &str,
        body: &CreateRequest,
        digest: Sha256Digest,
        ends: Time,
    ) -> PutBegun {
        let range = ByteRange::new(0, body.size).filter(|_| self.config.creates_with_content);
        let Some(range) = range else { return PutBegun::Refused(Reply::problem(Code::UnsupportedMediaType)) };
        let put = PutRequest { range, size: body.size, digest };
        let mut begun = None;
        if range.len() > GATHERED {
            let created = self.create(now, key, body);
            let Reply::Created { url, fresh, .. } = created else { return PutBegun::Refused(created) };
            match self.begin_put(now, &url, put, ends) {
                PutBegun::Receiving(id) => begun = Some((url, fresh, id)),
                PutBegun::Refused(reply) => return PutBegun::Refused(reply),
            }
        }
        let id = self.next_put();
        self.creations.insert(id, Creation { key: key.into(), body: body.clone(), put, begun });
        PutBegun::Receiving(id)
    }

    /// The end of its body.
    pub fn end_create(&mut self, now: Time, id: PutId, content: &Content) -> Reply {
        let Some(creation) = self.creations.remove(&id) else { return Reply::problem(Code::Unavailable) };
        let (url, fresh, put) = match creation.begun {
            Some(begun) => begun,
            None if (self.config.digest)(content) != creation.put.digest => {
                return Reply::problem(Code::DigestMismatch);
            }
            None => {
                let created = self.create(now, &creation.key, &creation.body);
                let Reply::Created { url, fresh, .. } = created else { return created };
                match self.begin_put(now, &url, creation.put, now) {
                    PutBegun::Receiving(put) => (url, fresh, put),
                    PutBegun::Refused(reply) => return reply,
                }
            }
        };
        let reply = self.end_put(now, &url, put, content);
        if matches!(reply, Reply::Problem(_)) {
            return reply;
        }
        let after = self.status(now, &url);
        if let Reply::Status(status) = after { Reply::Created { fresh, url, status } } else { after }
    }

    /// The connection of a creation with content ended early, and the server knows.
    pub fn cut_create(&mut self, id: PutId) {
        if let Some(Creation { begun: Some((url, _, put)), .. }) = self.creations.remove(&id) {
            self.cut_put(&url, put);
        }
    }

    /// The connection of a creation with content ended early, and the server goes on waiting for bytes.
    pub fn silence_create(&mut self, now: Time, id: PutId) {
        if let Some(Creation { begun: Some((url, _, put)), .. }) = self.creations.remove(&id) {
            self.silence_put(now, &url, put);
        }
    }
}
