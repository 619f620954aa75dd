//! What failures and the end of the work lead to.

use super::control::ControlKind;
use super::model::{End, Freshness, Saved, Upload};
use crate::core::Core;
use crate::retry::Verdict;
use crate::{Event, Failure, FailureCode, FileError, Request};

/// How often an upload begins anew without a confirmed chunk in between.
const MOST_RESTARTS: u32 = 3;
/// How often in a row reading the file may fail before that is taken for its state: a browser that puts a page away ends
/// its reads, and a drive wakes up slowly.
const MOST_UNREADABLE: u32 = 4;

impl Upload {
    /// Something failed that may succeed later.
    pub(super) fn attempt_failed(&mut self, failure: Failure, retry_after_ms: Option<u64>, core: &mut Core) {
        if core.network.is_offline() && failure.status.is_none() {
            // That is no failure of the upload's; it goes on once there is a network.
            if let Some(End::Cancelled(attempts)) = &mut self.end {
                *attempts += 1;
            }
            return;
        }
        match self.retry.failed(core.now, retry_after_ms, &core.config.retry, &mut core.rng) {
            Verdict::Again { attempt, delay_ms } => {
                if self.end.is_none() {
                    core.event(self.key, Event::Retry { attempt, delay_ms, failure });
                }
            }
            Verdict::Waiting => {}
            Verdict::GiveUp if self.end.is_none() => self.fail(failure, core),
            Verdict::GiveUp => self.end = Some(End::Cancelled(0)),
        }
    }

    /// The file could not be read, or has other bytes than it had.
    pub(super) fn read_failed(&mut self, error: FileError, core: &mut Core) {
        let failure = Failure::from_file(error);
        self.unreadable += 1;
        match error {
            FileError::Unreadable if self.unreadable < MOST_UNREADABLE => self.attempt_failed(failure, None, core),
            FileError::Unreadable | FileError::Changed => self.fail(failure, core),
        }
    }

    pub(super) fn fail(&mut self, failure: Failure, core: &mut Core) {
        self.drop_transfers(core);
        self.abort_control(core);
        if self.url().is_none() && !self.creation_unknown && !failure.retryable {
            // There is nothing to go on with, now or in another session; a retry saves it again.
            self.delete_record(core);
            self.saved = Saved { saving: None, dirty: true, once: false };
        }
        self.unclaim(core);
        self.meter.stop();
        self.end = Some(End::Failed(failure));
    }

    /// Begins anew with a new upload; `forget` says whether the present record goes.
    pub(super) fn restart(&mut self, forget: bool, core: &mut Core) {
        let Some(old) = &self.record else { return };
        let fingerprint = old.fingerprint;
        self.restarts += 1;
        if self.restarts > MOST_RESTARTS {
            let code = FailureCode::Server(upferry_protocol::Code::UploadGone);
            return self.fail(Failure::new(code, true), core);
        }
        self.drop_transfers(core);
        self.abort_control(core);
        if forget {
            self.delete_record(core);
        }
        let record = self.new_record(fingerprint, core);
        self.adopt(record, false);
        self.meter.stop();
        self.shown.restart();
        core.event(self.key, Event::Restarted);
    }

    /// Has the server drop the present upload, without waiting for its answer.
    pub(super) fn cancel_at_server(&mut self, core: &mut Core) {
        if let Some(url) = self.url().map(str::to_owned) {
            core.best_effort(self.key, Request::Cancel { url });
        }
    }

    /// Ends the upload once the server has the file and everything is verified.
    pub(crate) fn conclude(&mut self, core: &mut Core) {
        if self.end.is_some() || !self.verification.is_done(&self.confirmed) {
            return;
        }
        if let Some(completed) = self.completed.take() {
            self.drop_transfers(core);
            self.abort_control(core);
            self.delete_record(core);
            self.unclaim(core);
            self.end = Some(End::Complete(completed));
        }
    }

    /// Bytes that were confirmed are missing all the same; they are sent again, as the server's word is the truth.
    pub(super) fn lost_by_server(&mut self, missing: &[upferry_protocol::ByteRange]) {
        for &range in missing {
            self.confirmed.remove(range);
            self.taken.remove(range);
            self.verification.verified.remove(range);
        }
        self.shown.restart();
        self.freshness = Freshness::Stale;
    }

    pub(super) fn is_completing(&self) -> bool {
        self.server == upferry_protocol::UploadState::Completing
            || self.control.is_some_and(|control| control.kind == ControlKind::Complete)
    }
}
