//! When to try again: exponential backoff with full jitter, counted without progress.

use crate::{RetryPolicy, Time};

/// What follows from a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// Try again after this many milliseconds; it was failure number `attempt` in a row.
    Again { attempt: u32, delay_ms: u64 },
    /// Another failure has set the wait already: several requests that fail at once are one failure.
    Waiting,
    /// Enough.
    GiveUp,
}

/// The failures in a row of one upload.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    failures: u32,
    since: Option<Time>,
    not_before: Option<Time>,
    /// How long the server has asked to be left alone; progress elsewhere does not shorten it.
    asked_until: Option<Time>,
}

impl Retry {
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.not_before.is_none_or(|time| time <= now)
    }

    /// The moment of the next attempt, while one is awaited.
    pub(crate) fn due_at(&self) -> Option<Time> {
        self.not_before
    }

    /// Bytes were confirmed, or a step was done: what failed before no longer counts.
    pub(crate) fn progressed(&mut self) {
        *self = Self { not_before: self.asked_until, asked_until: self.asked_until, ..Self::default() };
    }

    /// Lets the next attempt happen as soon as the server allows.
    pub(crate) fn hurry(&mut self) {
        self.not_before = self.asked_until;
    }

    pub(crate) fn failed(
        &mut self,
        now: Time,
        retry_after_ms: Option<u64>,
        policy: &RetryPolicy,
        rng: &mut fastrand::Rng,
    ) -> Verdict {
        let asked = now.plus_ms(retry_after_ms.unwrap_or(0));
        if retry_after_ms.is_some() {
            self.asked_until = self.asked_until.max(Some(asked));
        }
        if let Some(time) = self.not_before.filter(|&time| time > now) {
            self.not_before = Some(time.max(asked));
            return Verdict::Waiting;
        }
        self.failures = self.failures.saturating_add(1);
        let since = *self.since.get_or_insert(now);
        let too_many = policy.max_attempts.is_some_and(|most| self.failures >= most);
        let too_long = policy.max_elapsed_ms.is_some_and(|most| now.ms_since(since) >= most);
        if too_many || too_long {
            return Verdict::GiveUp;
        }
        let doublings = (self.failures - 1).min(32);
        let ceiling = policy.base_delay_ms.saturating_mul(1 << doublings).min(policy.max_delay_ms);
        // The wait the server asks for is obeyed, and spread like any other, or all clients come back at once.
        let delay_ms = retry_after_ms.unwrap_or(0).saturating_add(rng.u64(0..=ceiling));
        self.not_before = Some(now.plus_ms(delay_ms));
        Verdict::Again { attempt: self.failures, delay_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_below_a_doubling_ceiling() {
        let (policy, mut rng) = (RetryPolicy::default(), fastrand::Rng::with_seed(1));
        let (mut retry, mut now) = (Retry::default(), Time::from_ms(0));
        for attempt in 1..=20 {
            let Verdict::Again { attempt: counted, delay_ms } = retry.failed(now, None, &policy, &mut rng) else {
                panic!("no limit is set")
            };
            assert_eq!(counted, attempt);
            assert!(delay_ms <= (500 << (attempt - 1).min(20)).min(60_000), "{attempt}: {delay_ms}");
            assert!(retry.is_due(now.plus_ms(delay_ms)) && (delay_ms == 0 || !retry.is_due(now)));
            now = now.plus_ms(delay_ms);
        }
    }

    #[test]
    fn failures_at_one_moment_count_once_and_progress_clears_them() {
        let policy = RetryPolicy { max_attempts: Some(3), ..RetryPolicy::default() };
        let (mut retry, mut rng) = (Retry::default(), fastrand::Rng::with_seed(1));
        let now = Time::from_ms(10);
        assert!(matches!(retry.failed(now, Some(1_000), &policy, &mut rng), Verdict::Again { attempt: 1, .. }));
        assert_eq!(retry.failed(now, Some(9_000), &policy, &mut rng), Verdict::Waiting);
        assert!(!retry.is_due(Time::from_ms(9_009)) && retry.is_due(Time::from_ms(9_010)));
        assert!(matches!(
            retry.failed(Time::from_ms(9_010), None, &policy, &mut rng),
            Verdict::Again { attempt: 2, .. }
        ));
        retry.progressed();
        assert!(matches!(
            retry.failed(Time::from_ms(9_020), None, &policy, &mut rng),
            Verdict::Again { attempt: 1, .. }
        ));
    }

    #[test]
    fn both_limits_are_obeyed() {
        let mut rng = fastrand::Rng::with_seed(1);
        let policy = RetryPolicy { max_attempts: Some(1), ..RetryPolicy::default() };
        assert_eq!(Retry::default().failed(Time::from_ms(0), None, &policy, &mut rng), Verdict::GiveUp);
        let policy = RetryPolicy { max_elapsed_ms: Some(5_000), ..RetryPolicy::default() };
        let mut retry = Retry::default();
        assert!(matches!(retry.failed(Time::from_ms(0), None, &policy, &mut rng), Verdict::Again { .. }));
        assert_eq!(retry.failed(Time::from_ms(5_000), None, &policy, &mut rng), Verdict::GiveUp);
    }
}
