//! What the application is told of an upload.

use upferry_protocol::UploadState;

use super::model::{End, Intent, Recognition, Upload};
use crate::core::Core;
use crate::{Event, Progress, State, Time, WaitReason};

/// What was told last.
#[derive(Debug, Default)]
pub(super) struct Shown {
    state: Option<State>,
    confirmed: u64,
    in_flight: u64,
}

impl Shown {
    /// What is shown from now on is of another upload.
    pub(super) fn restart(&mut self) {
        self.confirmed = 0;
    }
}

impl Upload {
    pub(crate) fn state(&self, core: &Core) -> State {
        match (&self.end, self.intent) {
            (Some(End::Complete(_)), _) => return State::Complete,
            (Some(End::Failed(_)), _) => return State::Failed,
            (Some(End::Cancelled(_)), _) => return State::Cancelled,
            (None, Intent::Hold) => return State::Queued,
            (None, Intent::Pause) => return State::Paused,
            (None, Intent::Run) => {}
        }
        if self.is_elsewhere() {
            State::Waiting(WaitReason::OtherTab)
        } else if !self.active {
            State::Queued
        } else if core.network.is_offline() {
            State::Waiting(WaitReason::Offline)
        } else if core.auth.is_denied() {
            State::Waiting(WaitReason::Auth)
        } else if !self.retry.is_due(core.now) && self.chunks_in_flight() == 0 {
            State::Waiting(WaitReason::Retry)
        } else if self.recognition != Recognition::Known
            || self.limits.is_none()
            || !self.verification.is_gate_open(&self.confirmed)
        {
            State::Checking
        } else if self.is_completing() || self.server == UploadState::Complete {
            State::Completing
        } else if self.is_all_confirmed() && !self.verification.is_done(&self.confirmed) {
            State::Checking
        } else {
            State::Uploading
        }
    }

    pub(crate) fn progress(&self, now: Time) -> Progress {
        // What is confirmed stays so, whoever has seen it: this tab or another.
        let total = self.file.size;
        let confirmed = |confirmed: u64| confirmed.max(self.shown.confirmed).min(total);
        if let Some(sighted) = self.sighted_progress() {
            let confirmed = confirmed(sighted.confirmed);
            let in_flight = sighted.in_flight.min(total - confirmed);
            return Progress { confirmed, in_flight, total, ..sighted };
        }
        let confirmed = confirmed(self.confirmed.covered());
        let speed = self.meter.speed(now);
        let eta = speed.map(|speed| (total - confirmed) as f64 / speed);
        Progress { confirmed, in_flight: self.bytes_in_flight().min(total - confirmed), total, speed, eta }
    }

    /// Tells what has changed since the last time.
    pub(crate) fn show(&mut self, core: &mut Core) {
        let progress = self.progress(core.now);
        if (progress.confirmed, progress.in_flight) != (self.shown.confirmed, self.shown.in_flight) {
            (self.shown.confirmed, self.shown.in_flight) = (progress.confirmed, progress.in_flight);
            core.event(self.key, Event::Progress(progress));
        }
        let state = self.state(core);
        if self.shown.state == Some(state) {
            return;
        }
        self.shown.state = Some(state);
        core.event(self.key, Event::State(state));
        match &self.end {
            Some(End::Complete(completed)) => core.event(self.key, Event::Complete(completed.clone())),
            Some(End::Failed(failure)) => core.event(self.key, Event::Error(failure.clone())),
            Some(End::Cancelled(_)) | None => {}
        }
    }
}
