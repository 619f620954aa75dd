//! Calls at random, straight to the model: what no well-behaved client sends is among them.

use upferry_engine::Time;
use upferry_protocol::{ByteRange, CreateRequest, RequestedState, Sha256Digest};

use crate::content::{Content, DigestFn};
use crate::file::SimFile;
use crate::model::{Model, ModelConfig, PutBegun, PutId, PutRequest};
use crate::reply::Reply;
use crate::trace::{Call, Exchange};

const UNIT: u64 = 64 << 10;
const SIZES: [u64; 7] = [0, 1, UNIT, UNIT + 1, 2 * UNIT, 3 * UNIT + 77, 6 * UNIT - 1];

/// Makes so many calls at random and returns them with the model's answers. No time passes, so that a server of flesh
/// and blood can be asked the same at its own pace.
#[must_use]
pub fn walk(seed: u64, calls: usize, digest: DigestFn) -> Vec<Exchange> {
    let model = Model::new(ModelConfig { digest, ..ModelConfig::default() });
    let rng = fastrand::Rng::with_seed(seed);
    let mut walk =
        Walk { model, rng, digest, uploads: Vec::new(), open: Vec::new(), keys: Vec::new(), log: Vec::new() };
    while walk.log.len() < calls {
        walk.step();
    }
    walk.log
}

struct Walk {
    model: Model,
    rng: fastrand::Rng,
    digest: DigestFn,
    /// URL and size.
    uploads: Vec<(String, u64)>,
    open: Vec<(String, PutId, Content)>,
    keys: Vec<(String, CreateRequest)>,
    log: Vec<Exchange>,
}

const NOW: Time = Time::from_ms(0);

impl Walk {
    fn step(&mut self) {
        let Some((url, size)) = self.rng.choice(&self.uploads).cloned() else { return self.create() };
        match self.rng.u32(0..40) {
            0..3 => self.create(),
            3..19 => self.put(url, size),
            19..24 => self.end_put(),
            24 => self.cut_put(),
            25..29 => {
                let reply = self.model.status(NOW, &url);
                self.log(url, Call::Status, Some(reply));
            }
            29 | 30 => {
                let from = self.rng.u64(0..=size);
                let reply = self.model.chunks(NOW, &url, from);
                self.log(url, Call::Chunks { from }, Some(reply));
            }
            31..34 => {
                let state = if self.rng.bool() { RequestedState::Open } else { RequestedState::Paused };
                let reply = self.model.set_state(NOW, &url, state);
                self.log(url, Call::SetState(state), Some(reply));
            }
            34..38 => self.complete(url, size),
            38 => {
                let reply = self.model.cancel(NOW, &url);
                self.log(url, Call::Cancel, Some(reply));
            }
            _ => {
                self.model.restart();
                self.open.clear();
                self.log(String::new(), Call::Restart, None);
            }
        }
    }

    fn log(&mut self, url: String, call: Call, reply: Option<Reply>) {
        self.log.push(Exchange { at: NOW, url, call, reply });
    }

    fn create(&mut self) {
        let (key, mut body) = match self.rng.choice(&self.keys).cloned() {
            Some(known) if self.rng.u32(0..3) == 0 => known,
            Some(_) | None => {
                let size = self.rng.choice(SIZES).unwrap_or(1);
                let body = CreateRequest {
                    size,
                    name: "视频 \"一\".mp4".into(),
                    media_type: self.rng.bool().then(|| "video/mp4".into()),
                    metadata: [("album".to_owned(), "7".to_owned())].into(),
                    complete_when_full: self.rng.u32(0..3) == 0,
                };
                (format!("key-{}", self.keys.len()), body)
            }
        };
        if self.rng.u32(0..8) == 0 {
            body.name.push('x');
        }
        let reply = self.model.create(NOW, &key, &body);
        if let Reply::Created { fresh: true, url, .. } = &reply {
            self.uploads.push((url.clone(), body.size));
            self.keys.push((key.clone(), body.clone()));
        }
        self.log(String::new(), Call::Create { key, body }, Some(reply));
    }

    /// The bytes of a range: the upload's own, or another file's.
    fn content(&self, size: u64, range: ByteRange, own: bool) -> Content {
        let file = SimFile::new(if own { "own" } else { "other" }, size.max(range.end()));
        file.slice(range).unwrap_or_default()
    }

    fn put(&mut self, url: String, size: u64) {
        let units = size.div_ceil(UNIT);
        if units == 0 {
            return;
        }
        let first = self.rng.u64(0..units);
        let last = self.rng.u64(first..units.min(first + 3));
        let (mut start, mut end, mut stated_size) = (first * UNIT, size.min((last + 1) * UNIT), size);
        match self.rng.u32(0..20) {
            0 => start += 1,
            1 => end -= 1,
            2 => stated_size += 1,
            _ => {}
        }
        let Some(range) = ByteRange::new(start, end) else { return };
        let own = self.rng.u32(0..8) > 0;
        // The whole file's own seed depends on its size, so the same upload has the same bytes.
        let body = self.content(size, range, own);
        let digest = if self.rng.u32(0..12) == 0 { Sha256Digest([7; 32]) } else { (self.digest)(&body) };
        let put = PutRequest { range, size: stated_size, digest };
        match self.model.begin_put(NOW, &url, put, NOW) {
            PutBegun::Refused(reply) => self.log(url, Call::PutBegin(PutId(0), put), Some(reply)),
            PutBegun::Receiving(id) => {
                self.log(url.clone(), Call::PutBegin(id, put), None);
                self.open.push((url, id, body));
                if self.rng.u32(0..4) > 0 {
                    self.end_newest();
                }
            }
        }
    }

    fn end_newest(&mut self) {
        if let Some((url, id, body)) = self.open.pop() {
            let reply = self.model.end_put(NOW, &url, id, &body);
            self.log(url, Call::PutEnd(id, body), Some(reply));
        }
    }

    fn end_put(&mut self) {
        if !self.open.is_empty() {
            let index = self.rng.usize(0..self.open.len());
            let last = self.open.len() - 1;
            self.open.swap(index, last);
            self.end_newest();
        }
    }

    fn cut_put(&mut self) {
        if let Some((url, id, _)) = self.open.pop() {
            self.model.cut_put(&url, id);
            self.log(url, Call::PutCut(id), None);
        }
    }

    fn complete(&mut self, url: String, size: u64) {
        let digest = match self.rng.u32(0..6) {
            0 => Some(Sha256Digest([7; 32])),
            1 => Some((self.digest)(&SimFile::new("own", size).whole())),
            _ => None,
        };
        let reply = self.model.complete(NOW, &url, digest);
        self.log(url, Call::Complete { digest }, Some(reply));
    }
}
