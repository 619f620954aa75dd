use std::collections::BTreeMap;

use upferry_engine::Time;
use upferry_protocol::{
    ByteRange, CHUNKS_PER_PAGE, ChunkLimits, ChunkPage, Code, CreateRequest, Digests, MAX_MISSING_RANGES, Problem,
    RangeSet, RequestedState, Sha256Digest, StoredChunk, UploadState, UploadStatus,
};

use super::ModelConfig;
use super::put::{OpenPut, PutBegun, PutId, PutRequest};
use crate::content::{Content, ContentMap};
use crate::reply::Reply;

/// One upload at the model server. Cancelled and expired ones are the server's to answer for.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) create: CreateRequest,
    pub(super) state: UploadState,
    pub(super) content: ContentMap,
    pub(super) received: RangeSet,
    /// How often it became complete.
    pub(super) completions: u32,
    limits: ChunkLimits,
    chunks: BTreeMap<u64, StoredChunk>,
    puts: BTreeMap<PutId, OpenPut>,
    completes_at: Time,
    digest: Option<Sha256Digest>,
}

impl Upload {
    pub(super) fn new(id: String, create: CreateRequest, config: &ModelConfig, now: Time) -> Self {
        let limits = config.limits.unwrap_or_else(|| ChunkLimits::for_size(create.size));
        let mut upload = Self {
            id,
            create,
            state: UploadState::Open,
            content: ContentMap::default(),
            received: RangeSet::new(),
            completions: 0,
            limits,
            chunks: BTreeMap::new(),
            puts: BTreeMap::new(),
            completes_at: now,
            digest: None,
        };
        if upload.create.complete_when_full && upload.create.size == 0 {
            upload.complete(None, config, now);
        }
        upload
    }

    pub(super) fn status(&self, now: Time) -> UploadStatus {
        let complete = self.state == UploadState::Complete;
        UploadStatus {
            id: self.id.clone(),
            state: self.state,
            size: self.create.size,
            name: self.create.name.clone(),
            media_type: self.create.media_type.clone(),
            metadata: self.create.metadata.clone(),
            received: self.received.clone(),
            received_bytes: self.received.covered(),
            receiving: self.puts.values().filter(|put| !put.compare).map(|put| put.receiving(now)).collect(),
            chunk: self.limits,
            expires: (!complete).then(|| "2026-12-01T00:00:00Z".into()),
            digest: self.digest.filter(|_| complete).map(|sha256| Digests { sha256 }),
        }
    }

    fn status_reply(&self, now: Time) -> Reply {
        Reply::Status(Box::new(self.status(now)))
    }

    pub(super) fn chunks(&self, from: u64) -> Reply {
        let mut rest = self.chunks.range(from..).map(|(_, chunk)| *chunk);
        let chunks = rest.by_ref().take(CHUNKS_PER_PAGE).collect();
        Reply::Chunks(ChunkPage { chunks, next: rest.next().map(|chunk| chunk.start) })
    }

    pub(super) fn set_state(&mut self, wanted: RequestedState, now: Time) -> Reply {
        match self.state {
            UploadState::Open | UploadState::Paused => {
                self.state = match wanted {
                    RequestedState::Open => UploadState::Open,
                    RequestedState::Paused => UploadState::Paused,
                };
                self.status_reply(now)
            }
            UploadState::Completing | UploadState::Failed => Reply::problem(Code::UploadNotOpen),
            UploadState::Complete => Reply::problem(Code::UploadComplete),
        }
    }

    pub(super) fn begin_put(
        &mut self,
        id: PutId,
        put: PutRequest,
        config: &ModelConfig,
        now: Time,
        ends: Time,
    ) -> PutBegun {
        match self.refusal(&put, config, now) {
            Some(problem) => PutBegun::Refused(Reply::Problem(Box::new(problem))),
            None => {
                let compare = self.received.contains(put.range);
                if !compare {
                    // The older PUT of the same range, if there is one, is silent: it loses its range.
                    self.puts.retain(|_, other| other.compare || !other.request.range.overlaps(put.range));
                }
                self.puts.insert(id, OpenPut::new(put, compare, now, ends));
                PutBegun::Receiving(id)
            }
        }
    }

    fn refusal(&self, put: &PutRequest, config: &ModelConfig, now: Time) -> Option<Problem> {
        let problem = |code| Some(Problem::new(code, ""));
        if put.range.len() > self.limits.max {
            return Some(Problem { limit: Some(self.limits.max), ..Problem::new(Code::TooLarge, "") });
        }
        if put.size != self.create.size || !self.limits.allow(put.range, put.size) {
            return problem(Code::RangeInvalid);
        }
        if self.state == UploadState::Failed {
            return problem(Code::UploadNotOpen);
        }
        if self.received.contains(put.range) {
            return None;
        }
        if self.received.overlaps(put.range) {
            let received = Some(self.received.clone());
            return Some(Problem { received, ..Problem::new(Code::ChunkOverlap, "") });
        }
        match self.state {
            UploadState::Open => {}
            UploadState::Paused => return problem(Code::UploadPaused),
            UploadState::Completing | UploadState::Complete | UploadState::Failed => {
                return problem(Code::UploadNotOpen);
            }
        }
        let busy = |other: &OpenPut| {
            !other.compare
                && other.request.range.overlaps(put.range)
                && !(other.request.range == put.range && other.is_silent(now))
        };
        if self.puts.values().any(busy) {
            return Some(Problem::new(Code::RangeBusy, "").retry_after(1));
        }
        let mut would_be = self.received.clone();
        would_be.insert(put.range);
        if would_be.len() > config.max_ranges && would_be.len() > self.received.len() {
            return problem(Code::TooFragmented);
        }
        None
    }

    /// The body has come to its end. `None` if the PUT had lost its range or its connection.
    pub(super) fn end_put(&mut self, id: PutId, body: &Content, config: &ModelConfig, now: Time) -> Option<Reply> {
        let OpenPut { request, compare, .. } = self.puts.remove(&id)?;
        assert_eq!(body.range(), Some(request.range), "a body has the length that the headers state");
        let digest = (config.digest)(body);
        if digest != request.digest {
            return Some(Reply::problem(Code::DigestMismatch));
        }
        if compare {
            let same = self.content.slice(request.range).is_some_and(|stored| stored == *body);
            return Some(if same { Reply::NoContent } else { Reply::problem(Code::ChunkConflict) });
        }
        let (start, end) = (request.range.start(), request.range.end());
        assert!(!self.received.overlaps(request.range), "a received byte is never written again");
        self.content.write(body);
        self.received.insert(request.range);
        self.chunks.insert(start, StoredChunk { start, end, sha256: digest });
        if self.create.complete_when_full && self.received.covered() == self.create.size {
            return Some(self.complete(None, config, now));
        }
        Some(Reply::NoContent)
    }

    pub(super) fn cut_put(&mut self, id: PutId) {
        self.puts.remove(&id);
    }

    pub(super) fn silence_put(&mut self, id: PutId, now: Time) {
        if let Some(put) = self.puts.get_mut(&id) {
            put.silence(now);
        }
    }

    pub(super) fn is_moving(&self, range: ByteRange, now: Time) -> bool {
        self.puts.values().any(|put| !put.compare && put.request.range == range && put.is_moving(now))
    }

    pub(super) fn complete(&mut self, stated: Option<Sha256Digest>, config: &ModelConfig, now: Time) -> Reply {
        match self.state {
            UploadState::Open | UploadState::Paused => {}
            UploadState::Completing => return Reply::Accepted(Box::new(self.status(now))),
            UploadState::Complete if stated.is_some() && stated != self.digest => {
                return Reply::problem(Code::DigestMismatch);
            }
            UploadState::Complete => return self.status_reply(now),
            UploadState::Failed => return Reply::problem(Code::UploadNotOpen),
        }
        let all = ByteRange::new(0, self.create.size);
        let whole = self.content.whole(self.create.size).filter(|_| self.received.covered() == self.create.size);
        let Some(whole) = whole else {
            let missing = all.into_iter().flat_map(|all| self.received.gaps(all)).take(MAX_MISSING_RANGES).collect();
            let problem = Problem { missing: Some(missing), ..Problem::new(Code::Incomplete, "") };
            return Reply::Problem(Box::new(problem));
        };
        let digest = (config.digest)(&whole);
        if stated.is_some_and(|stated| stated != digest) {
            self.state = UploadState::Open;
            return Reply::problem(Code::DigestMismatch);
        }
        self.digest = Some(digest);
        self.state = UploadState::Completing;
        self.completes_at = now.plus_ms(config.completing_ms);
        self.pass_time(now);
        let status = Box::new(self.status(now));
        if self.state == UploadState::Complete { Reply::Status(status) } else { Reply::Accepted(status) }
    }

    /// What the server does by itself.
    pub(super) fn pass_time(&mut self, now: Time) {
        self.puts.retain(|_, put| !put.is_cut(now));
        if self.state == UploadState::Completing && now >= self.completes_at {
            self.state = UploadState::Complete;
            self.completions += 1;
        }
    }

    pub(super) fn lose(&mut self, range: ByteRange) {
        self.received.remove(range);
        self.chunks
            .retain(|_, chunk| ByteRange::new(chunk.start, chunk.end).is_some_and(|chunk| !chunk.overlaps(range)));
    }

    pub(super) fn restart(&mut self) {
        self.puts.clear();
    }
}
