//! What the person asks for, and the next step after each input.

use upferry_protocol::{RequestedState, Sha256Digest, UploadState};

use super::control::ControlKind;
use super::model::{End, Freshness, Intent, Recognition, Upload};
use crate::core::Core;
use crate::{
    EffectId, Event, Failure, FailureCode, FileError, Output, Record, Request, Time, TimeoutReason, UploadKey,
};

/// How often the server is told of a cancel before its expiry is left to clean up.
const CANCEL_ATTEMPTS: u32 = 5;

impl Upload {
    pub(crate) fn pause(&mut self, core: &mut Core) {
        // Once every byte is stored there is nothing left to hold back.
        if self.end.is_some() || self.intent == Intent::Pause || self.server == UploadState::Completing {
            return;
        }
        self.intent = Intent::Pause;
        let is_elsewhere = self.is_elsewhere();
        self.withdraw_claim(core);
        self.drop_transfers(core);
        self.abort_control(core);
        if let Some(url) = self.url().map(str::to_owned).filter(|_| !is_elsewhere) {
            let request = Request::SetState { url, state: RequestedState::Paused };
            self.pausing = Some(core.request(self.key, request));
            self.server = UploadState::Paused;
        }
        self.freshness = Freshness::Stale;
        self.meter.stop();
    }

    pub(crate) fn resume(&mut self) {
        if self.end.is_none() {
            self.intent = Intent::Run;
            self.retry.hurry();
        }
    }

    pub(crate) fn retry_failed(&mut self) {
        if self.has_failed() {
            self.end = None;
            self.intent = Intent::Run;
            self.retry.progressed();
            self.restarts = 0;
            self.digest_mismatches = 0;
            self.unreadable = 0;
            self.sizer.try_again();
            self.freshness = Freshness::Stale;
        }
    }

    pub(crate) fn cancel(&mut self, core: &mut Core) {
        if matches!(self.end, Some(End::Complete(_) | End::Cancelled(_))) {
            return;
        }
        if self.is_elsewhere() {
            // Whoever sends it goes on.
            self.end = Some(End::Cancelled(0));
            self.drop_transfers(core);
            return self.unclaim(core);
        }
        self.end = Some(End::Cancelled(CANCEL_ATTEMPTS));
        self.drop_transfers(core);
        self.abort_control(core);
        self.retry.progressed();
        self.delete_record(core);
        self.withdraw_claim(core);
        if !self.has_to_tell_cancel() {
            self.unclaim(core);
        }
    }

    /// It turned out to be another upload, which goes on instead.
    pub(crate) fn merge_into(&mut self, survivor: UploadKey, core: &mut Core) {
        self.drop_transfers(core);
        self.unclaim(core);
        core.event(self.key, Event::Duplicate(survivor));
    }

    /// The effect that [`Input::Identified`](crate::Input::Identified) answers is this upload's.
    pub(crate) fn awaits_identity(&self, effect: EffectId) -> bool {
        self.recognition == Recognition::Asked(effect)
    }

    /// The file is recognised.
    pub(crate) fn identified(&mut self, fingerprint: Sha256Digest, core: &mut Core) {
        self.recognition = Recognition::Known;
        if self.end.is_some() {
            return;
        }
        let is_expected = |record: &Record| record.fingerprint == fingerprint && record.create.size == self.file.size;
        if self.expect.as_deref().is_some_and(|record| !is_expected(record)) {
            // Without a record a retry has to begin at the beginning.
            self.recognition = Recognition::Unknown;
            return self.fail(Failure::new(FailureCode::FileMismatch, false), core);
        }
        self.fingerprint = Some(fingerprint);
        debug_assert!(self.intent != Intent::Hold, "nobody asks what is not wanted yet");
    }

    pub(crate) fn not_identified(&mut self, error: FileError, core: &mut Core) {
        self.recognition = Recognition::Unknown;
        if self.end.is_none() {
            self.read_failed(error, core);
        }
    }

    pub(crate) fn record_saved(&mut self, effect: EffectId, durable: bool, core: &mut Core) {
        if self.saved.saving != Some(effect) {
            return;
        }
        self.saved.saving = None;
        let first_failure = !durable && !self.saved.once;
        self.saved.once = true;
        if first_failure && self.end.is_none() {
            core.event(self.key, Event::Error(Failure::new(FailureCode::StorageUnavailable, false)));
        }
    }

    /// Asks for the first thing that is not known yet; chunks are not its business.
    pub(crate) fn step(&mut self, core: &mut Core) {
        self.expire_control(core);
        if core.network.is_suspended() {
            return;
        }
        if let Some(End::Cancelled(attempts)) = self.end {
            return self.tell_cancel(attempts, core);
        }
        if !self.active || !self.wants_place() || self.control.is_some() {
            return;
        }
        if self.wants_look(core) && core.network.may_request(core.now) && core.auth.is_usable() {
            // What goes along with a creation has no URL yet: the creation without it brings that, and the status.
            let kind = if self.url().is_some() { ControlKind::Look } else { ControlKind::Create };
            return self.request(kind, core);
        }
        if !self.retry.is_due(core.now) {
            return;
        }
        match self.recognition {
            Recognition::Unknown => {
                let effect = core.effect(self.key);
                self.recognition = Recognition::Asked(effect);
                return core.emit(Output::Identify { effect, key: self.key });
            }
            Recognition::Asked(_) => return,
            Recognition::Known => {}
        }
        if !self.has_claim(core) {
            return;
        }
        self.save_record(core);
        if !self.is_record_saved(core) || !self.may_request(core) {
            return;
        }
        if let Some(kind) = self.next_control(core) {
            self.request(kind, core);
        }
    }

    /// Whether nothing would be lost if this session ended now.
    pub(super) fn is_record_saved(&self, core: &Core) -> bool {
        self.record.is_some() && (!core.config.persist || self.saved.once)
    }

    fn next_control(&mut self, core: &mut Core) -> Option<ControlKind> {
        let now = core.now;
        if self.url().is_none() {
            let goes_along = self.may_create_with_content(core) || self.chunks_in_flight() > 0;
            return (!goes_along).then_some(ControlKind::Create);
        }
        if core.network.is_offline() {
            return Some(ControlKind::Status);
        }
        if self.server == UploadState::Paused {
            return Some(ControlKind::Reopen);
        }
        if self.freshness == Freshness::Stale || self.has_to_ask_first(now) {
            return Some(ControlKind::Status);
        }
        if let Some(from) = self.verification.wants_page(&self.confirmed) {
            return Some(ControlKind::Chunks(from));
        }
        if self.server == UploadState::Completing {
            return self.poll_at.is_none_or(|time| time <= now).then_some(ControlKind::Status);
        }
        let ready = self.is_all_confirmed() && self.transfers.is_empty() && self.verification.is_done(&self.confirmed);
        (ready && self.server == UploadState::Open && !self.rechecks(core)).then_some(ControlKind::Complete)
    }

    fn save_record(&mut self, core: &mut Core) {
        let Some(record) = self.record.as_ref().filter(|_| core.config.persist && self.saved.dirty) else { return };
        if self.saved.saving.is_none() {
            let effect = core.effect(self.key);
            self.saved.saving = Some(effect);
            self.saved.dirty = false;
            core.emit(Output::SaveRecord { effect, key: self.key, record: Box::new(record.clone()) });
        }
    }

    pub(super) fn delete_record(&mut self, core: &mut Core) {
        // A save that is under way comes before the delete, as both go through one queue.
        self.saved.saving = None;
        self.saved.dirty = false;
        if let Some(record) = self.record.as_ref().filter(|_| core.config.persist) {
            core.emit(Output::DeleteRecord { key: self.key, id: record.id.clone() });
        }
    }

    fn tell_cancel(&mut self, attempts: u32, core: &mut Core) {
        if !self.has_to_tell_cancel() {
            return self.unclaim(core);
        }
        if self.control.is_some() || !self.retry.is_due(core.now) {
            return;
        }
        if !core.auth.is_usable() || !core.network.may_request(core.now) {
            return;
        }
        self.end = Some(End::Cancelled(attempts - 1));
        // Without the URL the creation is sent again: its key brings the upload that a lost answer has hidden.
        let kind = if self.url().is_some() { ControlKind::Cancel } else { ControlKind::Create };
        self.request(kind, core);
    }

    /// Whether the upload was cancelled here and may still exist at the server.
    pub(crate) fn has_to_tell_cancel(&self) -> bool {
        matches!(self.end, Some(End::Cancelled(attempts)) if attempts > 0)
            && (self.url().is_some() || self.creation_unknown || self.control.is_some())
    }

    pub(crate) fn next_timeout(&self, core: &Core) -> Option<(Time, TimeoutReason)> {
        let at_work = self.active && self.wants_place();
        if !at_work && !self.has_to_tell_cancel() {
            return None;
        }
        let retry = self.retry.due_at().filter(|&time| time > core.now).map(|time| (time, TimeoutReason::Retry));
        let answer = self.control.map(|control| (control.expires, TimeoutReason::NoAnswer));
        if core.network.is_suspended() {
            return answer;
        }
        let probe = core.network.next_probe().filter(|&time| time > core.now).map(|time| (time, TimeoutReason::Probe));
        if probe.is_some() {
            return [probe, answer].into_iter().flatten().min_by_key(|&(time, _)| time);
        }
        let look = self.next_look(core).filter(|_| self.control.is_none()).map(|time| (time, TimeoutReason::Stall));
        let look = look.filter(|&(time, _)| time > core.now);
        if retry.is_some() || !at_work {
            return [retry, answer, look].into_iter().flatten().min_by_key(|&(time, _)| time);
        }
        let poll = self.poll_at.filter(|&time| time > core.now).map(|time| (time, TimeoutReason::CompletionPoll));
        let range = self.next_free_range(core.now).map(|time| (time, TimeoutReason::RangeFree));
        [poll, range, answer, look].into_iter().flatten().min_by_key(|&(time, _)| time)
    }
}
