//! Requests about the upload as a whole, one at a time, and their answers.

use upferry_protocol::{ByteRange, ChunkLimits, RequestedState, UploadState, UploadStatus};

use super::model::{End, Freshness, Upload};
use crate::auth::Epoch;
use crate::core::Core;
use crate::{Answer, Completed, EffectId, Event, Failure, Loss, Request, Time};

const FIRST_POLL_MS: u64 = 500;
const LONGEST_POLL_MS: u64 = 5_000;
/// How long a request that carries no chunk may go without an answer: none of them takes the server long, but a
/// connection that died without a word takes minutes to be noticed.
const LONGEST_WAIT_MS: u64 = 60_000;
/// The same for a status: a browser keeps idle connections to use again, and after a sleep, or in another network, every one
/// of them is dead. They are given up quickly,
const QUICK_WAIT_MS: u64 = 10_000;
/// but not for ever: on a very slow line an answer does take its time.
const MOST_QUICK_WAITS: u32 = 6;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ControlKind {
    Create,
    Status,
    /// A status, too, to see whether chunks on their way still move.
    Look,
    Reopen,
    Chunks(u64),
    Complete,
    Cancel,
}

/// The request under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Control {
    pub(super) effect: EffectId,
    pub(super) kind: ControlKind,
    pub(super) epoch: Epoch,
    /// When its answer is waited for no longer.
    pub(super) expires: Time,
}

impl Upload {
    pub(super) fn request(&mut self, kind: ControlKind, core: &mut Core) {
        let Some(record) = &self.record else { return };
        let url = record.upload_url.clone().unwrap_or_default();
        let request = match kind {
            ControlKind::Create => {
                let (idempotency_key, body) = (record.id.clone(), record.create.clone());
                self.creation_unknown = true;
                self.looks_again(core.now);
                Request::Create { idempotency_key, body, content: None }
            }
            ControlKind::Status => {
                self.freshness = Freshness::Asked;
                self.asked_first(core.now);
                Request::Status { url }
            }
            ControlKind::Look => {
                self.looks_again(core.now);
                Request::Status { url }
            }
            ControlKind::Reopen => {
                self.freshness = Freshness::Asked;
                Request::SetState { url, state: RequestedState::Open }
            }
            ControlKind::Chunks(from) => Request::Chunks { url, from },
            ControlKind::Complete => Request::Complete { url },
            ControlKind::Cancel => Request::Cancel { url },
        };
        let effect = core.request(self.key, request);
        let is_quick = match kind {
            ControlKind::Status | ControlKind::Look => self.unanswered < MOST_QUICK_WAITS,
            ControlKind::Create
            | ControlKind::Reopen
            | ControlKind::Chunks(_)
            | ControlKind::Complete
            | ControlKind::Cancel => false,
        };
        let expires = core.now.plus_ms(if is_quick { QUICK_WAIT_MS } else { LONGEST_WAIT_MS });
        self.control = Some(Control { effect, kind, epoch: core.auth.epoch(), expires });
    }

    /// Takes a request that has waited too long for lost.
    pub(super) fn expire_control(&mut self, core: &mut Core) {
        if let Some(control) = self.control.take_if(|control| control.expires <= core.now) {
            core.abort(control.effect);
            self.unanswered += 1;
            self.control_lost(control.kind, Loss::Timeout, core);
        }
    }

    /// Gives up the request under way, but for a creation whose answer brings the URL.
    pub(super) fn abort_control(&mut self, core: &mut Core) {
        let is_located = self.url().is_some();
        if let Some(control) = self.control.take_if(|control| is_located || control.kind != ControlKind::Create) {
            core.abort(control.effect);
        }
    }

    pub(crate) fn answered(&mut self, effect: EffectId, answer: Answer, core: &mut Core) {
        if let Some(control) = self.control.take_if(|control| control.effect == effect) {
            self.control_answered(control, answer, core);
        } else if self.pausing.take_if(|pausing| *pausing == effect).is_some() {
            // Its state may be out of date when it comes; what it confirms never is.
            if let Answer::Status(status) = answer
                && self.end.is_none()
                && self.is_plausible(&status)
            {
                self.take_received(&status, core);
            }
        } else {
            self.chunk_answered(effect, answer, core);
        }
    }

    fn control_answered(&mut self, control: Control, answer: Answer, core: &mut Core) {
        self.unanswered = 0;
        match answer {
            Answer::Lost(loss) => return self.control_lost(control.kind, loss, core),
            Answer::Refused { status, problem, retry_after_ms } => {
                self.creation_unknown &= status >= 500 || control.kind != ControlKind::Create;
                if status != 401 {
                    core.auth.accepted(control.epoch);
                }
                self.blind_looks = 0;
                return self.control_refused(control, status, problem.as_deref(), retry_after_ms, core);
            }
            Answer::Created(url, status) if control.kind == ControlKind::Create => {
                self.located(url, core);
                self.freshness = Freshness::Asked;
                self.take_status(&status, core);
                self.looked(Some(&status.receiving), core);
            }
            Answer::Status(status) if control.kind == ControlKind::Look => {
                self.take_status(&status, core);
                self.looked(Some(&status.receiving), core);
            }
            Answer::Status(status) if self.expects_status(control.kind) => self.take_status(&status, core),
            Answer::Chunks(page) if matches!(control.kind, ControlKind::Chunks(_)) => self.take_page(page, core),
            Answer::Done if control.kind == ControlKind::Cancel => self.end = Some(End::Cancelled(0)),
            Answer::Created(..) | Answer::Status(_) | Answer::Chunks(_) | Answer::Done => {
                return self.control_lost(control.kind, Loss::Unreadable, core);
            }
        }
        core.auth.accepted(control.epoch);
    }

    fn expects_status(&self, kind: ControlKind) -> bool {
        matches!(kind, ControlKind::Status | ControlKind::Reopen | ControlKind::Complete)
    }

    fn control_lost(&mut self, kind: ControlKind, loss: Loss, core: &mut Core) {
        match kind {
            ControlKind::Status | ControlKind::Reopen | ControlKind::Complete => self.freshness = Freshness::Stale,
            // Who answers with something else is in the way, and says nothing of what passes.
            ControlKind::Look if loss == Loss::Unreadable => return,
            ControlKind::Look => return self.looked(None, core),
            ControlKind::Create | ControlKind::Chunks(_) | ControlKind::Cancel => {}
        }
        self.attempt_failed(Failure::from_loss(loss), None, core);
    }

    pub(super) fn located(&mut self, url: String, core: &mut Core) {
        self.creation_unknown = false;
        if let Some(record) = &mut self.record {
            record.upload_url = Some(url.clone());
        }
        if self.end.is_none() {
            self.saved.dirty = true;
            self.retry.progressed();
            core.event(self.key, Event::Located(url));
        }
    }

    /// Learns from a status. What it confirms stays confirmed.
    pub(super) fn take_status(&mut self, status: &UploadStatus, core: &mut Core) {
        if self.end.is_some() {
            return;
        }
        if !self.is_plausible(status) {
            self.freshness = Freshness::Stale;
            return self.attempt_failed(Failure::from_loss(Loss::Unreadable), None, core);
        }
        if self.freshness == Freshness::Asked {
            self.freshness = Freshness::Fresh;
        }
        self.limits = Some(status.chunk);
        self.note_expiry(status.expires.as_deref());
        self.poll_at = None;
        self.blind_looks = 0;
        self.server = status.state;
        self.take_received(status, core);
        // What was to go along with the creation may be longer than the server takes.
        self.drop_waiting_longer_than(status.chunk.max, core);
        self.judge_vanished(&status.receiving, core);
        if self.end.is_some() {
            return;
        }
        self.verification.first_status(&self.confirmed);
        match status.state {
            UploadState::Open | UploadState::Paused => {}
            UploadState::Completing => self.schedule_poll(core),
            UploadState::Complete => {
                let digest = status.digest.map(|digests| digests.sha256);
                self.completed = Some(Completed { upload_url: self.url().unwrap_or_default().to_owned(), digest });
            }
            UploadState::Failed => self.restart(true, core),
        }
    }

    fn take_received(&mut self, status: &UploadStatus, core: &mut Core) {
        let before = self.confirmed.covered();
        self.confirmed.union(&status.received);
        self.taken.union(&status.received);
        if self.confirmed.covered() > before {
            self.retry.progressed();
        }
        self.settle_confirmed_transfers(core);
    }

    /// The record is to outlive the upload at the server by hours at most; it need not be written for less.
    fn note_expiry(&mut self, expires: Option<&str>) {
        let day = |time: &str| time.get(..10).map(str::to_owned);
        let Some(record) = self.record.as_mut().filter(|_| self.end.is_none()) else { return };
        if expires.is_some() && expires.and_then(day) != record.expires.as_deref().and_then(day) {
            record.expires = expires.map(str::to_owned);
            self.saved.dirty = true;
        }
    }

    fn is_plausible(&self, status: &UploadStatus) -> bool {
        let ChunkLimits { unit, .. } = status.chunk;
        let size = self.file.size;
        let aligned = |range: ByteRange| {
            range.start().is_multiple_of(unit)
                && range.end() <= size
                && (range.end() == size || range.end().is_multiple_of(unit))
        };
        let whole = || self.whole().is_none_or(|whole| status.received.contains(whole));
        status.chunk.is_valid()
            && status.size == size
            && status.received.iter().all(aligned)
            && (status.state != UploadState::Complete || whole())
    }

    fn schedule_poll(&mut self, core: &Core) {
        let wait_ms = (FIRST_POLL_MS << self.polls.min(4)).min(LONGEST_POLL_MS);
        self.polls += 1;
        self.poll_at = Some(core.now.plus_ms(wait_ms));
    }
}
