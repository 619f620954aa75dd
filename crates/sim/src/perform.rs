//! Carrying out what the engine asks for.

use upferry_engine::{EffectId, Event, FileError, Input, Output, State, UploadKey};
use upferry_protocol::ByteRange;

use crate::claims::look_again;
use crate::client::Client;
use crate::disk::Write;
use crate::pair::Pair;
use crate::queue::Happening;

impl Pair {
    pub(crate) fn perform(&mut self, output: Output) {
        match output {
            Output::Identify { effect, key } => self.identify(effect, key),
            Output::Claim { effect, key, fingerprint } => {
                self.known(key);
                self.begin_local(effect);
                self.running().claims.insert(effect, (key, fingerprint));
                self.local(look_again(effect));
            }
            Output::Unclaim(effect) => self.unclaim(effect),
            Output::SaveRecord { effect, record, key } => {
                self.known(key);
                self.begin_local(effect);
                self.running().records.insert(key, (*record).clone());
                self.write(Write::Save(effect, record));
            }
            Output::DeleteRecord { id, key } => {
                self.known(key);
                self.write(Write::Delete(id));
            }
            Output::ReadChunk { effect, key, range } => self.read_chunk(effect, key, range),
            Output::Release(effect) => {
                let released = self.running().buffers.release(effect);
                self.check(released);
                self.running().local.remove(&effect);
            }
            Output::Request { effect, key, request } => {
                self.known(key);
                let risen = self.running().rise(effect);
                self.check(risen);
                self.send(effect, key, request);
            }
            Output::Abort(effect) => self.abort(effect),
            Output::RefreshHeaders(effect) => {
                self.begin_local(effect);
                self.running().refreshes += 1;
                let works = self.refresh_works;
                self.local(Input::HeadersRefreshed(effect, works));
            }
            Output::Event(key, event) => self.tell(key, event),
        }
    }

    pub(crate) fn running(&mut self) -> &mut Client {
        self.client.as_mut().expect("only a running engine makes outputs")
    }

    fn known(&mut self, key: UploadKey) {
        if !self.running().uploads.contains_key(&key) {
            self.fail(format_args!("{key:?} was never added"));
        }
    }

    fn begin_local(&mut self, effect: EffectId) {
        let risen = self.running().rise(effect);
        self.check(risen);
        self.running().local.insert(effect);
    }

    /// The result of something on the client's machine, after a while.
    fn local(&mut self, input: Input) {
        let at = self.now.plus_ms(self.rng.u64(0..=self.setup.local_ms));
        let session = self.running().session;
        self.queue.schedule(at, Happening::Local(session, input));
    }

    fn identify(&mut self, effect: EffectId, key: UploadKey) {
        self.known(key);
        self.begin_local(effect);
        let file = self.running().uploads[&key].file;
        let fingerprint = self.files[file.0].fingerprint(self.setup.model.digest);
        self.local(Input::Identified(effect, fingerprint));
    }

    fn read_chunk(&mut self, effect: EffectId, key: UploadKey, range: ByteRange) {
        self.known(key);
        self.begin_local(effect);
        let budget = self.running().config.memory_budget;
        let added = self.running().buffers.add(effect, key, range, budget);
        self.check(added);
        let id = self.running().uploads[&key].file;
        let file = &self.files[id.0];
        let read = if range.end() > file.size() { Err(FileError::Changed) } else { file.read(range) };
        let digest = self.setup.model.digest;
        let result = read.map(|content| {
            let sha256 = digest(&content);
            self.running().buffers.fill(effect, content, sha256);
            sha256
        });
        self.local(Input::ChunkRead(effect, result));
    }

    fn write(&mut self, write: Write) {
        let session = self.running().session;
        self.disk.begin(session, write);
        let took = self.rng.u64(0..=self.setup.local_ms);
        self.disk.busy_until = self.disk.busy_until.max(self.now.plus_ms(took));
        self.queue.schedule(self.disk.busy_until, Happening::Write(session));
    }

    fn tell(&mut self, key: UploadKey, event: Event) {
        self.known(key);
        let told_offline = self.running().told_offline;
        let told = self.running().uploads.get_mut(&key).expect("known");
        if told.duplicate || told.count(|event| matches!(event, Event::State(State::Cancelled))) > 0 {
            self.fail(format_args!("{event:?} of {key:?}, which is no more"));
        }
        match &event {
            Event::Progress(progress) => {
                let (before, progress) = (told.confirmed, *progress);
                told.confirmed = progress.confirmed;
                let sighted = told.sighted;
                let seen = told.url.clone().map_or(0, |url| self.checks.confirmed(&url)).max(sighted);
                if progress.confirmed < before || progress.confirmed + progress.in_flight > progress.total {
                    self.fail(format_args!("{progress:?} after {before} confirmed bytes"));
                }
                if progress.confirmed > seen {
                    self.fail(format_args!("{progress:?}, but the server has confirmed {seen}"));
                }
                self.spread_news(key);
                return;
            }
            Event::Chunk(_) => {
                told.chunks += 1;
                return;
            }
            Event::Restarted => {
                told.confirmed = 0;
                told.sighted = 0;
                told.url = None;
                self.suspects.excuse(key);
            }
            Event::State(State::Failed | State::Cancelled | State::Complete) => self.suspects.excuse(key),
            Event::Retry { failure, .. } if told_offline && failure.status.is_none() => {
                self.fail(format_args!("{failure:?} counts, though there is no network"));
            }
            Event::Located(url) => told.url = Some(url.clone()),
            Event::Duplicate(_) => told.duplicate = true,
            Event::Complete(_) if told.count(|event| matches!(event, Event::Complete(_))) > 0 => {
                self.fail(format_args!("{key:?} is complete twice"));
            }
            Event::Ready | Event::State(_) | Event::Retry { .. } | Event::Complete(_) | Event::Error(_) => {}
        }
        self.running().uploads.get_mut(&key).expect("known").events.push(event);
    }
}
