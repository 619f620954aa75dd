//! What the page tells: of the network, and of its own comings and goings.

use std::rc::Rc;

use upferry_engine::{Input, State, WaitReason};

use super::Driver;
use crate::page::{Moment, is_online};

impl Driver {
    pub(super) fn heed_page(self: &Rc<Self>, moment: Moment) {
        match moment {
            Moment::Online => self.dispatch(Input::Online(true)),
            Moment::Offline => self.dispatch(Input::Online(false)),
            Moment::Away => {
                self.dispatch(Input::Suspended);
                // An open connection may keep the page out of the back/forward cache, or other pages waiting.
                self.records.close();
            }
            Moment::Back => {
                self.dispatch(Input::Online(is_online()));
                self.dispatch(Input::Woke);
            }
            Moment::Seen => self.wake_lock.page_is_seen(),
        }
    }

    /// Whether leaving the page now would cost somebody something: a file that has to be picked again.
    pub(super) fn would_lose(&self) -> bool {
        let uploads = self.uploads.borrow();
        uploads.values().any(|entry| {
            let needs_file = match entry.state.get() {
                State::Queued
                | State::Checking
                | State::Uploading
                | State::Waiting(WaitReason::Offline | WaitReason::Retry | WaitReason::Auth)
                | State::Paused => true,
                // Another tab goes on with it, or the server has all it needs.
                State::Waiting(WaitReason::OtherTab)
                | State::Completing
                | State::Complete
                | State::Failed
                | State::Cancelled => false,
            };
            needs_file && !entry.can_reopen.get()
        })
    }

    /// An upload has gone from one state to another, or (`None`) out of the list.
    pub(super) fn count_busy(&self, before: State, after: Option<State>) {
        let [before, after] = [is_busy(before), after.is_some_and(is_busy)];
        self.busy.set((self.busy.get() + usize::from(after)).saturating_sub(usize::from(before)));
    }
}

/// Whether something is on its way, or about to be.
fn is_busy(state: State) -> bool {
    match state {
        State::Checking | State::Uploading | State::Completing | State::Waiting(WaitReason::Retry) => true,
        State::Waiting(WaitReason::Offline | WaitReason::Auth | WaitReason::OtherTab)
        | State::Queued
        | State::Paused
        | State::Complete
        | State::Failed
        | State::Cancelled => false,
    }
}
