//! Results from the client's own machine, and its death.

use upferry_engine::{Claim, EffectId, FileError, Input, Request, UploadKey};

use crate::pair::Pair;
use crate::queue::{Happening, Session};
use crate::trace::TraceEvent;

impl Pair {
    pub(crate) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrive(flight) => self.arrive(flight),
            Happening::BodyEnd(flight) => self.body_ends(flight),
            Happening::BodyCut(flight) => self.body_cut(flight),
            Happening::Deliver(session, effect, answer) => self.deliver(session, effect, answer),
            Happening::Local(session, input) => self.local_done(session, input),
            Happening::Write(session) => self.written(session),
        }
    }

    pub(crate) fn runs(&self, session: Session) -> bool {
        self.client.as_ref().is_some_and(|client| client.session == session)
    }

    fn local_done(&mut self, session: Session, mut input: Input) {
        if !self.runs(session) {
            return;
        }
        match &mut input {
            Input::Identified(effect, _) => {
                self.running().local.remove(effect);
            }
            Input::Claimed(effect, claim) => {
                self.running().local.remove(effect);
                let Some(&fingerprint) = self.running().claims.get(effect) else { return };
                if let Claim::Held(records) = claim {
                    *records = self.disk.with_fingerprint(fingerprint);
                }
            }
            Input::HeadersRefreshed(effect, works) => {
                self.running().local.remove(effect);
                if *works && !self.refresh_is_stale {
                    self.running().token = self.network.token;
                }
            }
            Input::ChunkRead(effect, _) => {
                self.running().local.remove(effect);
            }
            Input::Add { .. }
            | Input::Pause(_)
            | Input::Resume(_)
            | Input::Cancel(_)
            | Input::Retry(_)
            | Input::RecordSaved(..)
            | Input::Answered(..)
            | Input::Online(_)
            | Input::Suspended
            | Input::Woke
            | Input::Timeout => {}
        }
        self.feed_echoed(input);
    }

    fn written(&mut self, session: Session) {
        if !self.runs(session) {
            return;
        }
        let works = !self.network.chance(self.network.faults.unsaved, self.now);
        if let Some(effect) = self.disk.end_one(works) {
            self.running().local.remove(&effect);
            self.feed_echoed(Input::RecordSaved(effect, works));
        }
    }

    /// Feeds a result, sometimes twice.
    pub(crate) fn feed_echoed(&mut self, input: Input) {
        let twice = self.network.chance(self.network.faults.echoes, self.now);
        let again = twice.then(|| input.clone());
        self.feed(input);
        if let Some(again) = again {
            self.feed(again);
        }
    }

    /// Ends the client as a crash does: what it was doing may or may not have an effect.
    pub fn kill(&mut self) {
        let Some(client) = self.client.take() else { return };
        self.kill_after = None;
        self.network.injected += 1;
        self.trace.push(self.now, || TraceEvent::Kill);
        self.disk.kill(self.rng.usize(0..=self.disk.pending()));
        self.disk.busy_until = self.now;
        for sent in client.requests.into_values() {
            if let Request::PutChunk { url, range, .. } = &sent.request {
                self.checks.put_unanswered(url, *range);
            }
            self.hang_up(sent.flight);
        }
    }

    /// Pauses an upload.
    pub fn pause(&mut self, key: UploadKey) {
        self.feed(Input::Pause(key));
    }

    /// Resumes an upload, or starts it.
    pub fn resume(&mut self, key: UploadKey) {
        self.feed(Input::Resume(key));
    }

    /// Cancels an upload.
    pub fn cancel(&mut self, key: UploadKey) {
        self.feed(Input::Cancel(key));
    }

    /// Tries a failed upload again.
    pub fn retry(&mut self, key: UploadKey) {
        self.feed(Input::Retry(key));
    }

    /// Feeds results of effects that the engine does not wait for.
    pub fn feed_unknown_results(&mut self) {
        let client = self.running();
        let waits = |effect: &EffectId| {
            client.requests.contains_key(effect) || client.local.contains(effect) || client.claims.contains_key(effect)
        };
        let unknown = (0..client.next_effect.0 + 5).map(EffectId).filter(|effect| !waits(effect));
        for effect in unknown.collect::<Vec<_>>() {
            self.feed(Input::Answered(effect, upferry_engine::Answer::Done));
            self.feed(Input::Identified(effect, Err(FileError::Changed)));
            self.feed(Input::Claimed(effect, Claim::Held(Vec::new())));
            self.feed(Input::ChunkRead(effect, Err(FileError::Unreadable)));
            self.feed(Input::RecordSaved(effect, false));
            self.feed(Input::HeadersRefreshed(effect, false));
        }
    }
}
