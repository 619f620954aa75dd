//! The engine: all uploads, and what they share.

use std::collections::VecDeque;

use litemap::LiteMap;

use crate::core::Core;
use crate::upload::{Intent, Upload};
use crate::{
    Answer, Config, EffectId, FileError, FileFacts, Identity, Input, Output, Progress, Record, State, Time,
    TimeoutReason, UploadKey,
};

/// The upload engine; see the crate's documentation.
#[derive(Debug)]
pub struct Engine {
    core: Core,
    uploads: LiteMap<UploadKey, Upload>,
    /// Uploads that hold one of the places for work.
    active: Vec<UploadKey>,
    /// Cancelled uploads of which the server has not heard yet.
    cancelling: Vec<UploadKey>,
    /// Uploads that wait for a place. One that no longer wants it is passed over when its turn comes.
    queue: VecDeque<UploadKey>,
    /// Uploads that the present input has touched.
    touched: Vec<UploadKey>,
}

impl Engine {
    /// Makes an engine without uploads. `nonce` goes into Idempotency-Keys and must be unique to this engine: 128
    /// random bits in hexadecimal. `seed` is for jitter.
    #[must_use]
    pub fn new(config: Config, nonce: impl Into<String>, seed: u64) -> Self {
        Self {
            core: Core::new(config, nonce.into(), seed),
            uploads: LiteMap::new(),
            active: Vec::new(),
            cancelling: Vec::new(),
            queue: VecDeque::new(),
            touched: Vec::new(),
        }
    }

    /// Takes an input. The outputs of the one before must have been drained.
    ///
    /// # Panics
    /// In debug builds, when outputs are left; always, when a key is added twice.
    pub fn handle_input(&mut self, now: Time, input: Input) {
        debug_assert!(self.core.is_drained(), "outputs are drained after every input");
        self.core.now = self.core.now.max(now);
        match input {
            Input::Add { key, file, expect } => self.add(key, file, expect),
            Input::Pause(key) => self.with(key, Upload::pause),
            Input::Resume(key) => self.resume(key),
            Input::Retry(key) => self.retry(key),
            Input::Cancel(key) => self.cancel(key),
            Input::Identified(effect, result) => self.identified(effect, result),
            Input::RecordSaved(effect, durable) => {
                self.result(effect, |upload, core| upload.record_saved(effect, durable, core));
            }
            Input::ChunkRead(effect, result) => {
                self.result(effect, |upload, core| upload.chunk_read(effect, result, core));
            }
            Input::Answered(effect, answer) => self.answered(effect, answer),
            Input::HeadersRefreshed(effect, brought) => self.core.auth.refreshed(effect, brought),
            Input::Timeout => {}
        }
        self.settle();
    }

    /// The next thing to do, in order; `None` when there is nothing more for now.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.poll_output()
    }

    /// When to feed [`Input::Timeout`], at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Time, TimeoutReason)> {
        let at_work = self.active.iter().chain(&self.cancelling).filter_map(|key| self.uploads.get(key));
        at_work.filter_map(|upload| upload.next_timeout(&self.core)).min_by_key(|&(time, _)| time)
    }

    /// The state of an upload; `None` for a key that is unknown or turned out to be a duplicate.
    #[must_use]
    pub fn state(&self, key: UploadKey) -> Option<State> {
        Some(self.uploads.get(&key)?.state(&self.core))
    }

    /// How far an upload is; `None` as for [`Engine::state`].
    #[must_use]
    pub fn progress(&self, key: UploadKey) -> Option<Progress> {
        Some(self.uploads.get(&key)?.progress(self.core.now))
    }

    /// The ids of the records that uploads which have not ended go on with.
    pub fn records_in_use(&self) -> impl Iterator<Item = &str> {
        self.uploads.values().filter(|upload| upload.can_absorb()).filter_map(Upload::record_id)
    }

    fn add(&mut self, key: UploadKey, file: FileFacts, expect: Option<Box<Record>>) {
        let upload = Upload::new(key, file, expect, &self.core);
        if upload.intent() == Intent::Run {
            self.queue.push_back(key);
        }
        self.touched.push(key);
        assert!(self.uploads.insert(key, upload).is_none(), "every upload has a key of its own");
    }

    fn with(&mut self, key: UploadKey, act: impl FnOnce(&mut Upload, &mut Core)) {
        if let Some(upload) = self.uploads.get_mut(&key) {
            act(upload, &mut self.core);
            self.touched.push(key);
        }
    }

    fn resume(&mut self, key: UploadKey) {
        self.core.auth.try_again();
        self.with(key, |upload, _| upload.resume());
        self.enqueue(key);
    }

    fn retry(&mut self, key: UploadKey) {
        self.core.auth.try_again();
        self.with(key, |upload, _| upload.retry_failed());
        self.enqueue(key);
    }

    fn cancel(&mut self, key: UploadKey) {
        self.with(key, Upload::cancel);
        if self.uploads.get(&key).is_some_and(Upload::has_to_tell_cancel) {
            self.cancelling.push(key);
        }
    }

    /// A person has asked for it just now, so it is the next in turn.
    fn enqueue(&mut self, key: UploadKey) {
        if self.uploads.get(&key).is_some_and(Upload::wants_place)
            && !self.active.contains(&key)
            && !self.queue.contains(&key)
        {
            self.queue.push_front(key);
        }
    }

    fn result(&mut self, effect: EffectId, act: impl FnOnce(&mut Upload, &mut Core)) {
        if let Some(key) = self.core.take_awaited(effect) {
            self.with(key, act);
        }
    }

    fn answered(&mut self, effect: EffectId, answer: Answer) {
        self.result(effect, |upload, core| upload.answered(effect, answer, core));
    }

    fn identified(&mut self, effect: EffectId, result: Result<Identity, FileError>) {
        let Some(key) = self.core.take_awaited(effect) else { return };
        if !self.uploads.get(&key).is_some_and(|upload| upload.awaits_identity(effect)) {
            return;
        }
        match result {
            Err(error) => self.with(key, |upload, core| upload.not_identified(error, core)),
            Ok(identity) => match self.twin(key, &identity) {
                Some(survivor) => self.merge(key, survivor),
                None => self.adopt(key, identity),
            },
        }
    }

    fn adopt(&mut self, key: UploadKey, identity: Identity) {
        let in_use: Vec<String> = self.records_in_use().map(str::to_owned).collect();
        self.with(key, |upload, core| upload.identified(identity, |id| in_use.iter().any(|used| used == id), core));
    }

    /// Another upload of the very same file.
    fn twin(&self, key: UploadKey, identity: &Identity) -> Option<UploadKey> {
        // One that was cancelled meanwhile is nobody's twin.
        let file = self.uploads.get(&key).filter(|upload| upload.can_absorb())?.file();
        let is_twin = |upload: &Upload| upload.can_absorb() && upload.is_same_file(file, identity.fingerprint);
        self.uploads.iter().find(|&(&other, upload)| other != key && is_twin(upload)).map(|(&other, _)| other)
    }

    fn merge(&mut self, key: UploadKey, survivor: UploadKey) {
        if let Some(mut upload) = self.uploads.remove(&key) {
            upload.merge_into(survivor, &mut self.core);
            self.active.retain(|&other| other != key);
        }
        // Picking a file whose upload has failed means: try again.
        if self.uploads.get(&survivor).is_some_and(Upload::has_failed) {
            self.retry(survivor);
        }
    }

    /// Brings everything to rest after an input: places, steps, chunks, and what to tell.
    fn settle(&mut self) {
        self.assign_places();
        if self.core.auth.wants_refresh() {
            let effect = self.core.stray_effect();
            self.core.auth.refreshing(effect);
            self.core.emit(Output::RefreshHeaders(effect));
        }
        for key in self.active.iter().chain(&self.cancelling) {
            if let Some(upload) = self.uploads.get_mut(key) {
                upload.conclude(&mut self.core);
                upload.step(&mut self.core);
            }
        }
        self.cancelling.retain(|key| self.uploads.get(key).is_some_and(Upload::has_to_tell_cancel));
        // What has just ended makes room for the next.
        if self.assign_places() {
            return self.settle();
        }
        self.fill();
        for key in self.active.iter().chain(&self.touched) {
            if let Some(upload) = self.uploads.get_mut(key) {
                upload.show(&mut self.core);
            }
        }
        self.touched.clear();
    }

    /// Takes places from uploads that want none and gives them to those in the queue; `true` if one got a place.
    fn assign_places(&mut self) -> bool {
        for &key in &self.active {
            if let Some(upload) = self.uploads.get_mut(&key).filter(|upload| !upload.wants_place()) {
                upload.set_active(false);
                self.touched.push(key);
            }
        }
        self.active.retain(|key| self.uploads.get(key).is_some_and(Upload::wants_place));
        let mut given = false;
        while self.active.len() < self.core.config.parallel_files as usize {
            let Some(key) = self.queue.pop_front() else { break };
            if let Some(upload) = self.uploads.get_mut(&key).filter(|upload| upload.wants_place()) {
                upload.set_active(true);
                self.active.push(key);
                given = true;
            }
        }
        given
    }

    /// Sends and reads chunks, those uploads first that have the fewest in flight.
    fn fill(&mut self) {
        let mut order: Vec<(usize, UploadKey)> = self.active.iter().map(|&key| (0, key)).collect();
        for act in [Upload::send_next, Upload::verify_next, Upload::read_next] {
            loop {
                for (in_flight, key) in &mut order {
                    *in_flight = self.uploads.get(key).map_or(0, Upload::chunks_in_flight);
                }
                order.sort_unstable();
                let mut acted = false;
                for (_, key) in &order {
                    acted |= self.uploads.get_mut(key).is_some_and(|upload| act(upload, &mut self.core));
                }
                if !acted {
                    break;
                }
            }
        }
    }
}
