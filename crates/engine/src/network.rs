//! Whether requests can leave at all, for all uploads together.

use crate::Time;

/// The first wait for a request that finds out whether the browser is wrong about being offline; it doubles.
const FIRST_PROBE_MS: u64 = 10_000;
const LONGEST_PROBE_MS: u64 = 60_000;

/// What the browser says of the network. It is often right, so nothing is sent for long, and sometimes wrong (a virtual
/// adapter, a server on the same machine), so now and then a request tries all the same and an answer is believed more.
#[derive(Debug, Default)]
pub(crate) struct Network {
    /// When the next request may try, and the wait after it; `None` while there is a network.
    offline: Option<(Time, u64)>,
    suspended: bool,
}

impl Network {
    pub(crate) fn is_offline(&self) -> bool {
        self.offline.is_some()
    }

    pub(crate) fn may_request(&self, now: Time) -> bool {
        !self.suspended && self.offline.is_none_or(|(time, _)| time <= now)
    }

    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// When a request may try, while there is no network.
    pub(crate) fn next_probe(&self) -> Option<Time> {
        self.offline.map(|(time, _)| time)
    }

    /// The browser has said whether there is a network; `true` when it is back.
    pub(crate) fn said(&mut self, online: bool, now: Time) -> bool {
        if online {
            return self.offline.take().is_some();
        }
        if self.offline.is_none() {
            self.offline = Some((now.plus_ms(FIRST_PROBE_MS), FIRST_PROBE_MS));
        }
        false
    }

    /// A request leaves.
    pub(crate) fn sent(&mut self, now: Time) {
        if let Some((time, wait_ms)) = &mut self.offline {
            *wait_ms = (*wait_ms * 2).min(LONGEST_PROBE_MS);
            *time = now.plus_ms(*wait_ms);
        }
    }

    /// Something has answered.
    pub(crate) fn answered(&mut self) {
        self.offline = None;
    }

    pub(crate) fn suspend(&mut self, suspended: bool) {
        self.suspended = suspended;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_now_and_then_while_the_browser_says_offline() {
        let mut network = Network::default();
        assert!(network.may_request(Time::from_ms(0)));
        network.said(false, Time::from_ms(0));
        network.said(false, Time::from_ms(9_000));
        assert!(!network.may_request(Time::from_ms(9_999)) && network.may_request(Time::from_ms(10_000)));
        network.sent(Time::from_ms(10_000));
        assert_eq!(network.next_probe(), Some(Time::from_ms(30_000)));
        assert!(network.said(true, Time::from_ms(11_000)) && network.may_request(Time::from_ms(11_000)));
    }

    #[test]
    fn an_answer_is_believed_more_than_the_browser() {
        let mut network = Network::default();
        network.said(false, Time::from_ms(0));
        network.answered();
        assert!(!network.is_offline() && network.next_probe().is_none());
    }
}
