//! The engine: all uploads, and what they share.

use litemap::LiteMap;
use upferry_protocol::Sha256Digest;

use crate::core::Core;
use crate::places::Places;
use crate::upload::{Intent, Upload};
use crate::{
    Answer, Claim, Config, EffectId, FileError, FileFacts, Input, Loss, Output, Progress, Record, Sighting, State,
    Time, TimeoutReason, UploadKey,
};

/// The upload engine; see the crate's documentation.
#[derive(Debug)]
pub struct Engine {
    core: Core,
    uploads: LiteMap<UploadKey, Upload>,
    places: Places,
    /// Cancelled uploads of which the server has not heard yet.
    cancelling: Vec<UploadKey>,
    /// Uploads that the present input has touched.
    touched: Vec<UploadKey>,
}

impl Engine {
    /// Makes an engine without uploads. `nonce` goes into Idempotency-Keys and must be unique to this engine: 128
    /// random bits in hexadecimal. `seed` is for jitter.
    #[must_use]
    pub fn new(config: Config, nonce: impl Into<String>, seed: u64) -> Self {
        Self {
            places: Places::new(&config),
            core: Core::new(config, nonce.into(), seed),
            uploads: LiteMap::new(),
            cancelling: Vec::new(),
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
            Input::Claimed(effect, claim) => self.claimed(effect, claim),
            Input::Online(online) => {
                if self.core.network.said(online, self.core.now) {
                    self.wake();
                }
                self.touch_active();
            }
            Input::Suspended => self.suspend(),
            Input::Woke => {
                self.core.network.suspend(false);
                self.wake();
            }
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
        let keys = self.places.active().chain(self.cancelling.iter().copied());
        let at_work = keys.filter_map(|key| self.uploads.get(&key));
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

    /// What other tabs are to know of an upload; `None` before its file is recognised.
    #[must_use]
    pub fn sighting(&self, key: UploadKey) -> Option<Sighting> {
        let upload = self.uploads.get(&key)?;
        Some(Sighting { record: upload.record()?.clone(), progress: upload.progress(self.core.now) })
    }

    /// The ids of the records that uploads which have not ended go on with.
    pub fn records_in_use(&self) -> impl Iterator<Item = &str> {
        self.uploads.values().filter(|upload| upload.can_absorb()).filter_map(Upload::record_id)
    }

    fn add(&mut self, key: UploadKey, file: FileFacts, expect: Option<Box<Record>>) {
        let upload = Upload::new(key, file, expect, &self.core);
        if upload.intent() == Intent::Run {
            self.places.push(key, upload.is_small());
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
        if let Some(upload) = self.uploads.get(&key).filter(|upload| upload.wants_place()) {
            self.places.push_first(key, upload.is_small());
        }
    }

    fn result(&mut self, effect: EffectId, act: impl FnOnce(&mut Upload, &mut Core)) {
        if let Some(key) = self.core.take_awaited(effect) {
            self.with(key, act);
        }
    }

    fn answered(&mut self, effect: EffectId, answer: Answer) {
        if !matches!(answer, Answer::Lost(Loss::Network | Loss::Timeout)) {
            self.core.network.answered();
        }
        self.result(effect, |upload, core| upload.answered(effect, answer, core));
    }

    fn identified(&mut self, effect: EffectId, result: Result<Sha256Digest, FileError>) {
        let Some(key) = self.core.take_awaited(effect) else { return };
        if !self.uploads.get(&key).is_some_and(|upload| upload.awaits_identity(effect)) {
            return;
        }
        match result {
            Err(error) => self.with(key, |upload, core| upload.not_identified(error, core)),
            Ok(fingerprint) => match self.twin(key, fingerprint) {
                Some(survivor) => self.merge(key, survivor),
                None => self.with(key, |upload, core| upload.identified(fingerprint, core)),
            },
        }
    }

    fn claimed(&mut self, effect: EffectId, claim: Claim) {
        let Some(key) = self.core.awaiting(effect) else { return };
        let others = self.uploads.iter().filter(|&(&other, upload)| other != key && upload.can_absorb());
        let in_use: Vec<String> = others.filter_map(|(_, upload)| upload.record_id()).map(str::to_owned).collect();
        self.with(key, |upload, core| upload.claimed(effect, claim, |id| in_use.iter().any(|used| used == id), core));
        self.enqueue(key);
    }

    /// Ends all that is on its way, and lets go of every claim: other tabs may go on meanwhile.
    fn suspend(&mut self) {
        self.core.network.suspend(true);
        for (_, upload) in &mut self.uploads {
            upload.suspend(&mut self.core);
        }
    }

    /// Whatever was on its way may have died: it is looked after at once, and what waited goes on.
    fn wake(&mut self) {
        let keys: Vec<UploadKey> = self.uploads.keys().copied().collect();
        for key in keys {
            self.with(key, Upload::woke);
            self.enqueue(key);
        }
    }

    fn touch_active(&mut self) {
        self.touched.extend(self.places.active());
    }

    /// Another upload of the very same file.
    fn twin(&self, key: UploadKey, fingerprint: Sha256Digest) -> Option<UploadKey> {
        // One that was cancelled meanwhile is nobody's twin.
        let file = self.uploads.get(&key).filter(|upload| upload.can_absorb())?.file();
        let is_twin = |upload: &Upload| upload.can_absorb() && upload.is_same_file(file, fingerprint);
        self.uploads.iter().find(|&(&other, upload)| other != key && is_twin(upload)).map(|(&other, _)| other)
    }

    fn merge(&mut self, key: UploadKey, survivor: UploadKey) {
        if let Some(mut upload) = self.uploads.remove(&key) {
            upload.merge_into(survivor, &mut self.core);
            self.places.leave(key);
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
        for key in self.places.active().chain(self.cancelling.iter().copied()) {
            if let Some(upload) = self.uploads.get_mut(&key) {
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
        for key in self.places.active().chain(self.touched.iter().copied()) {
            if let Some(upload) = self.uploads.get_mut(&key) {
                upload.show(&mut self.core);
            }
        }
        self.touched.clear();
    }

    /// Takes places from uploads that want none and gives them to those in the queue; `true` if one got a place.
    fn assign_places(&mut self) -> bool {
        let wants = |uploads: &LiteMap<UploadKey, Upload>, key| uploads.get(&key).is_some_and(Upload::wants_place);
        let done: Vec<UploadKey> = self.places.active().filter(|&key| !wants(&self.uploads, key)).collect();
        for key in done {
            self.places.leave(key);
            self.set_active(key, false);
        }
        let mut given = false;
        while let Some(key) = self.places.next(|key| wants(&self.uploads, key)) {
            self.set_active(key, true);
            given = true;
        }
        given
    }

    fn set_active(&mut self, key: UploadKey, active: bool) {
        self.with(key, |upload, _| upload.set_active(active));
    }

    /// Sends and reads chunks, in turn.
    fn fill(&mut self) {
        let mut order: Vec<((usize, EffectId), UploadKey)> =
            self.places.active().map(|key| ((0, EffectId(0)), key)).collect();
        for act in [Upload::send_next, Upload::verify_next, Upload::read_next] {
            loop {
                for (turn, key) in &mut order {
                    *turn = self.uploads.get(key).map_or((0, EffectId(0)), Upload::turn);
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
