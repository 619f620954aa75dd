//! Results from the client's own machine, and its death.

use upferry_engine::{Claim, EffectId, FileError, Input, UploadKey};

use crate::pair::Pair;
use crate::queue::{Happening, Session};
use crate::trace::TraceEvent;

impl Pair {
    pub(crate) fn happen(&mut self, happening: Happening) {
        let at_hand = self.at_hand();
        if let Some(happening) = self.defer(happening) {
            self.happen_now(happening);
        }
        self.turn(at_hand);
    }

    fn happen_now(&mut self, happening: Happening) {
        match happening {
            Happening::Arrive(flight) => self.arrive(flight),
            Happening::BodyEnd(flight) => self.body_ends(flight),
            Happening::BodyCut(flight) => self.body_cut(flight),
            Happening::Deliver(session, effect, answer) => self.deliver(session, effect, answer),
            Happening::Local(session, input) => self.local_done(session, input),
            Happening::Write(session) => self.written(session),
            Happening::BodyStall(flight) => self.body_stalls(flight),
            Happening::BodyGivenUp(flight) => self.body_given_up(flight),
            Happening::Claims(fingerprint) => self.look_at_claims(fingerprint),
            Happening::Freed(fingerprint) => self.stranger_leaves(fingerprint),
            Happening::Thaw(session) => {
                if self.turn_to(session) {
                    self.thaw();
                }
            }
        }
    }

    fn local_done(&mut self, session: Session, mut input: Input) {
        if !self.turn_to(session) {
            return;
        }
        match &mut input {
            Input::Identified(effect, _) => {
                self.running().local.remove(effect);
            }
            Input::Claimed(effect, claim) => {
                self.running().local.remove(effect);
                if let Claim::Held(_) = claim {
                    let Some(found) = self.look_at_claim(*effect) else { return };
                    *claim = found;
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
        if !self.turn_to(session) {
            return;
        }
        let works = !self.network.chance(self.network.faults.unsaved, self.now);
        if let Some(effect) = self.disk.end_one(session, works) {
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
        let Some(mut client) = self.client.take() else { return };
        self.kill_after = None;
        self.network.injected += 1;
        self.trace.push(self.now, || TraceEvent::Kill);
        self.disk.kill(client.session, self.rng.usize(0..=self.disk.pending(client.session)));
        self.disk.busy_until = self.now;
        self.free_all(&client);
        for sent in std::mem::take(&mut client.requests).into_values() {
            self.unanswered(&sent);
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
        for effect in (0..self.running().next_effect.0 + 5).map(EffectId) {
            for result in [
                Input::Answered(effect, upferry_engine::Answer::Done),
                Input::Identified(effect, Err(FileError::Changed)),
                Input::Claimed(effect, Claim::Held(Vec::new())),
                Input::ChunkRead(effect, Err(FileError::Unreadable)),
                Input::RecordSaved(effect, false),
                Input::HeadersRefreshed(effect, false),
            ] {
                // Each of them may lead to a new effect, of something that was due.
                let client = self.running();
                let waits = client.requests.contains_key(&effect)
                    || client.local.contains(&effect)
                    || client.claims.contains_key(&effect);
                if !waits {
                    self.feed(result);
                }
            }
        }
    }
}
