//! Whether the server accepts the application's request headers, for all uploads together.

use crate::EffectId;

/// Which headers a request was sent with; rises with each refresh.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Epoch(u32);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Usable,
    Wanted,
    Refreshing(EffectId),
    Denied,
}

/// One refresh serves every request that was refused; a refusal of what the refresh has brought is final until the
/// person asks to go on.
#[derive(Debug)]
pub(crate) struct Auth {
    state: State,
    epoch: Epoch,
    /// Whether the present headers come from a refresh and no answer has shown yet that they are accepted.
    unproven: bool,
    /// Whether the person has asked to go on since the denial. With cookies there is nothing to bring, and signing in
    /// elsewhere may have helped all the same.
    encouraged: bool,
}

impl Auth {
    pub(crate) fn new() -> Self {
        Self { state: State::Usable, epoch: Epoch::default(), unproven: false, encouraged: false }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.state == State::Usable
    }

    pub(crate) fn is_denied(&self) -> bool {
        self.state == State::Denied
    }

    /// A request of `epoch` was answered, and not with a 401.
    pub(crate) fn accepted(&mut self, epoch: Epoch) {
        if epoch == self.epoch {
            self.unproven = false;
        }
    }

    /// A request of `epoch` was answered with a 401.
    pub(crate) fn refused(&mut self, epoch: Epoch) {
        if epoch == self.epoch && self.state == State::Usable {
            self.state = if self.unproven { State::Denied } else { State::Wanted };
        }
    }

    /// The person wants to go on: headers that were denied are asked for again.
    pub(crate) fn try_again(&mut self) {
        if self.state == State::Denied {
            self.state = State::Wanted;
            self.encouraged = true;
        }
    }

    /// Whether a refresh shall start now.
    pub(crate) fn wants_refresh(&self) -> bool {
        self.state == State::Wanted
    }

    pub(crate) fn refreshing(&mut self, effect: EffectId) {
        self.state = State::Refreshing(effect);
    }

    pub(crate) fn refreshed(&mut self, effect: EffectId, brought: bool) {
        if self.state == State::Refreshing(effect) {
            self.epoch = Epoch(self.epoch.0.wrapping_add(1));
            self.unproven = true;
            self.state = if brought || self.encouraged { State::Usable } else { State::Denied };
            self.encouraged = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied() -> Auth {
        let mut auth = Auth::new();
        auth.refused(auth.epoch());
        assert!(auth.wants_refresh());
        auth.refreshing(EffectId(1));
        auth.refreshed(EffectId(1), false);
        assert!(auth.is_denied());
        auth
    }

    #[test]
    fn with_cookies_a_person_may_go_on_though_there_is_nothing_to_bring() {
        let mut auth = denied();
        auth.try_again();
        auth.refreshing(EffectId(2));
        auth.refreshed(EffectId(2), false);
        assert!(auth.is_usable(), "one request finds out whether the sign-in has helped");
        auth.refused(auth.epoch());
        assert!(auth.is_denied(), "and if not, it ends there");
    }

    #[test]
    fn a_refusal_of_older_headers_says_nothing_of_the_present_ones() {
        let mut auth = Auth::new();
        let old = auth.epoch();
        auth.refused(old);
        auth.refreshing(EffectId(1));
        auth.refreshed(EffectId(1), true);
        auth.refused(old);
        assert!(auth.is_usable() && !auth.wants_refresh());
    }
}
