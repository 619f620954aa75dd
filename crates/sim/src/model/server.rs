use std::collections::BTreeMap;

use upferry_engine::Time;
use upferry_protocol::{
    ByteRange, Code, CreateRequest, Problem, RequestedState, Sha256Digest, UploadState, UploadStatus,
};

use super::upload::Upload;
use super::with_content::Creation;
use super::{ModelConfig, PutBegun, PutId, PutRequest};
use crate::content::{Content, mix};
use crate::reply::Reply;

/// What the server knows of an upload.
#[derive(Clone, Debug)]
enum Entry {
    Present(Box<Upload>),
    /// Cancelled or expired.
    Gone,
}

/// The model server.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) config: ModelConfig,
    uploads: BTreeMap<String, Entry>,
    /// From an Idempotency-Key to the body it came with and the upload's URL.
    keys: BTreeMap<String, (CreateRequest, String)>,
    pub(super) creations: BTreeMap<PutId, Creation>,
    puts: u64,
}

impl Model {
    /// A server without uploads.
    #[must_use]
    pub fn new(config: ModelConfig) -> Self {
        Self { config, uploads: BTreeMap::new(), keys: BTreeMap::new(), creations: BTreeMap::new(), puts: 0 }
    }

    /// The settings, to be changed while it runs.
    pub fn config_mut(&mut self) -> &mut ModelConfig {
        &mut self.config
    }

    /// `POST {endpoint}`.
    pub fn create(&mut self, now: Time, key: &str, body: &CreateRequest) -> Reply {
        if let Some((first, url)) = self.keys.get(key) {
            if first != body {
                return Reply::problem(Code::IdempotencyKeyReused);
            }
            let url = url.clone();
            return match self.uploads.get_mut(&url) {
                Some(Entry::Present(upload)) => {
                    upload.pass_time(now);
                    Reply::Created { fresh: false, status: Box::new(upload.status(now)), url }
                }
                Some(Entry::Gone) | None => Reply::problem(Code::UploadGone),
            };
        }
        if body.size > self.config.max_size {
            let limit = Some(self.config.max_size);
            return Reply::Problem(Box::new(Problem { limit, ..Problem::new(Code::TooLarge, "") }));
        }
        let number = self.keys.len() as u64;
        let id = format!("{:016x}{:016x}", mix(number), mix(!number));
        let url = format!("https://model.test/uploads/{id}");
        let upload = Upload::new(id, body.clone(), &self.config, now);
        let status = Box::new(upload.status(now));
        self.uploads.insert(url.clone(), Entry::Present(Box::new(upload)));
        self.keys.insert(key.into(), (body.clone(), url.clone()));
        Reply::Created { fresh: true, url, status }
    }

    /// `GET {upload}`.
    pub fn status(&mut self, now: Time, url: &str) -> Reply {
        self.with(now, url, |upload, _| Reply::Status(Box::new(upload.status(now))))
    }

    /// `GET {upload}/chunks?from=`.
    pub fn chunks(&mut self, now: Time, url: &str, from: u64) -> Reply {
        self.with(now, url, |upload, _| upload.chunks(from))
    }

    /// `PATCH {upload}`.
    pub fn set_state(&mut self, now: Time, url: &str, state: RequestedState) -> Reply {
        self.with(now, url, |upload, _| upload.set_state(state, now))
    }

    /// `POST {upload}/complete`.
    pub fn complete(&mut self, now: Time, url: &str, digest: Option<Sha256Digest>) -> Reply {
        self.with(now, url, |upload, config| upload.complete(digest, config, now))
    }

    /// `DELETE {upload}`.
    pub fn cancel(&mut self, now: Time, url: &str) -> Reply {
        if matches!(self.uploads.get(url), Some(Entry::Gone)) {
            return Reply::NoContent;
        }
        let reply = self.with(now, url, |upload, _| match upload.state {
            UploadState::Open | UploadState::Paused | UploadState::Failed => Reply::NoContent,
            UploadState::Completing => Reply::problem(Code::UploadNotOpen),
            UploadState::Complete => Reply::problem(Code::UploadComplete),
        });
        if reply == Reply::NoContent {
            self.expire(url);
        }
        reply
    }

    /// The headers of `PUT {upload}/data`; the body ends at `ends` if nothing happens to it.
    pub fn begin_put(&mut self, now: Time, url: &str, put: PutRequest, ends: Time) -> PutBegun {
        let id = self.next_put();
        let mut begun = PutBegun::Receiving(id);
        let refused = self.with(now, url, |upload, config| {
            begun = upload.begin_put(id, put, config, now, ends);
            Reply::NoContent
        });
        if refused == Reply::NoContent { begun } else { PutBegun::Refused(refused) }
    }

    pub(super) fn next_put(&mut self) -> PutId {
        self.puts += 1;
        PutId(self.puts)
    }

    /// The end of a PUT's body.
    pub fn end_put(&mut self, now: Time, url: &str, put: PutId, body: &Content) -> Reply {
        self.with(now, url, |upload, config| {
            upload.end_put(put, body, config, now).unwrap_or_else(|| Reply::problem(Code::RangeBusy))
        })
    }

    /// The connection of a PUT ended early, and the server knows.
    pub fn cut_put(&mut self, url: &str, put: PutId) {
        if let Some(Entry::Present(upload)) = self.uploads.get_mut(url) {
            upload.cut_put(put);
        }
    }

    /// The connection of a PUT ended early, and the server goes on waiting for bytes.
    pub fn silence_put(&mut self, now: Time, url: &str, put: PutId) {
        if let Some(Entry::Present(upload)) = self.uploads.get_mut(url) {
            upload.silence_put(put, now);
        }
    }

    /// The process ends and starts again: what is confirmed stays, what is being received is lost.
    pub fn restart(&mut self) {
        self.creations.clear();
        for entry in self.uploads.values_mut() {
            if let Entry::Present(upload) = entry {
                upload.restart();
            }
        }
    }

    /// Another client stores a chunk, at once.
    pub fn put(&mut self, now: Time, url: &str, put: PutRequest, body: &Content) -> Reply {
        match self.begin_put(now, url, put, now) {
            PutBegun::Receiving(id) => self.end_put(now, url, id, body),
            PutBegun::Refused(reply) => reply,
        }
    }

    /// Makes an upload answer `410`.
    pub fn expire(&mut self, url: &str) {
        if let Some(entry) = self.uploads.get_mut(url) {
            *entry = Entry::Gone;
        }
    }

    /// Makes an upload answer `404`.
    pub fn forget(&mut self, url: &str) {
        self.uploads.remove(url);
    }

    /// Makes the server lose bytes that it has confirmed, as a real one never does.
    pub fn lose(&mut self, url: &str, range: ByteRange) {
        if let Some(Entry::Present(upload)) = self.uploads.get_mut(url) {
            upload.lose(range);
        }
    }

    /// Makes an upload fail, as when the store lost its data.
    pub fn fail(&mut self, url: &str) {
        if let Some(Entry::Present(upload)) = self.uploads.get_mut(url) {
            upload.state = UploadState::Failed;
        }
    }

    /// Whether the server reads a body of this range now, and bytes of it come.
    #[must_use]
    pub fn is_moving(&self, now: Time, url: &str, range: ByteRange) -> bool {
        match self.uploads.get(url) {
            Some(Entry::Present(upload)) => upload.is_moving(range, now),
            Some(Entry::Gone) | None => false,
        }
    }

    /// The uploads that were neither cancelled nor expired, as `(url, status)`.
    pub fn present(&self, now: Time) -> impl Iterator<Item = (&str, UploadStatus)> {
        self.uploads.iter().filter_map(move |(url, entry)| match entry {
            Entry::Present(upload) => Some((url.as_str(), upload.status(now))),
            Entry::Gone => None,
        })
    }

    /// How many uploads were cancelled or have expired.
    #[must_use]
    pub fn gone(&self) -> usize {
        self.uploads.values().filter(|entry| matches!(entry, Entry::Gone)).count()
    }

    /// The content of an upload that was completed, exactly once.
    #[must_use]
    pub fn completed(&self, url: &str) -> Option<Content> {
        let Some(Entry::Present(upload)) = self.uploads.get(url) else { return None };
        if upload.state != UploadState::Complete || upload.completions != 1 {
            return None;
        }
        upload.content.whole(upload.create.size)
    }

    fn with(&mut self, now: Time, url: &str, call: impl FnOnce(&mut Upload, &ModelConfig) -> Reply) -> Reply {
        match self.uploads.get_mut(url) {
            None => Reply::problem(Code::UploadNotFound),
            Some(Entry::Gone) => Reply::problem(Code::UploadGone),
            Some(Entry::Present(upload)) => {
                upload.pass_time(now);
                call(upload, &self.config)
            }
        }
    }
}
