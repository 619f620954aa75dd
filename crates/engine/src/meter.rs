//! How fast bytes are being confirmed.

use std::collections::VecDeque;

use crate::Time;

const WINDOW_MS: u64 = 10_000;
/// Confirmations closer together than this share a sample, so that the window holds at most 101 of them.
const SAMPLE_MS: u64 = 100;

/// A sliding window over the confirmed bytes of the last ten seconds.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    samples: VecDeque<(Time, u64)>,
    /// The bytes of all samples.
    sum: u64,
    started: Option<Time>,
}

impl Meter {
    /// Sending begins (again): the time before does not count.
    pub(crate) fn start(&mut self, now: Time) {
        if self.started.is_none() {
            self.started = Some(now);
        }
    }

    /// Sending has stopped.
    pub(crate) fn stop(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn confirmed(&mut self, now: Time, bytes: u64) {
        self.sum += bytes;
        match self.samples.back_mut() {
            Some((time, sample)) if now.ms_since(*time) < SAMPLE_MS => *sample += bytes,
            Some(_) | None => self.samples.push_back((now, bytes)),
        }
        while let Some(&(time, bytes)) = self.samples.front().filter(|(time, _)| now.ms_since(*time) > WINDOW_MS) {
            self.samples.pop_front();
            self.sum -= bytes;
            self.started = Some(time);
        }
    }

    /// Sending goes on after a time that says nothing of the line.
    pub(crate) fn start_again(&mut self, now: Time) {
        if self.started.is_some() {
            *self = Self { started: Some(now), ..Self::default() };
        }
    }

    /// Bytes per second when something was confirmed last: what it was while bytes moved.
    pub(crate) fn last_speed(&self) -> Option<f64> {
        self.speed(self.samples.back()?.0)
    }

    /// Bytes per second.
    pub(crate) fn speed(&self, now: Time) -> Option<f64> {
        let elapsed_ms = now.ms_since(self.started?);
        (self.sum > 0 && elapsed_ms > 0).then(|| self.sum as f64 * 1_000.0 / elapsed_ms as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_steady_stream_and_forgets_an_old_one() {
        let mut meter = Meter::default();
        meter.start(Time::from_ms(0));
        assert_eq!(meter.speed(Time::from_ms(500)), None);
        for second in 1..=30 {
            meter.confirmed(Time::from_ms(second * 1_000), 5_000);
        }
        let speed = meter.speed(Time::from_ms(30_000)).unwrap();
        assert!((4_500.0..5_500.0).contains(&speed), "{speed}");
        for second in 31..=60 {
            meter.confirmed(Time::from_ms(second * 1_000), 50_000);
        }
        let speed = meter.speed(Time::from_ms(60_000)).unwrap();
        assert!((45_000.0..55_000.0).contains(&speed), "{speed}");
    }
}
