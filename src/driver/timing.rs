//! When the engine is called again, and how a sleep of the machine is noticed.

use std::rc::Rc;

use upferry_engine::{Input, Time};

use super::Driver;
use crate::clock::{now, wall_ms};
use crate::timer::Timer;

/// The longest wait for the engine's timeout: a shorter one of ours comes in between, to look at the clock.
const BEAT_MS: u64 = 5_000;
/// So much later than it should be the clock has not jumped by itself.
const SLEEP_MS: f64 = 10_000.0;
/// Where nothing keeps the time, a hidden page's timers are late by a minute with nobody asleep.
const THROTTLED_SLEEP_MS: f64 = 75_000.0;

/// The call to come.
#[derive(Debug)]
pub(super) struct Pending {
    /// What the engine has asked for.
    time: Time,
    /// When the timer is due, by the clock on the wall: the other one stands still while some machines sleep.
    due: f64,
    _timer: Timer,
}

impl Driver {
    /// Whether the machine, or the page, has slept: the timer should have been here long ago.
    pub(super) fn has_slept(&self) -> bool {
        let limit = if self.timers.are_throttled() { THROTTLED_SLEEP_MS } else { SLEEP_MS };
        self.timer.borrow().as_ref().is_some_and(|pending| wall_ms() - pending.due > limit)
    }

    /// Sees to it that the engine is called in time.
    pub(super) fn set_timer(self: &Rc<Self>) {
        let next = self.engine.borrow().poll_timeout().map(|(time, _)| time);
        let present = self.timer.borrow().as_ref().map(|pending| pending.time);
        if next == present {
            return;
        }
        let pending = next.map(|time| {
            let delay = time.ms_since(now()).min(BEAT_MS) as u32;
            let driver = Rc::downgrade(self);
            let timer = self.timers.after(delay, move || {
                if let Some(driver) = driver.upgrade() {
                    driver.timer_is_up();
                }
            });
            Pending { time, due: wall_ms() + f64::from(delay), _timer: timer }
        });
        let before = self.timer.replace(pending);
        drop(before);
    }

    fn timer_is_up(self: &Rc<Self>) {
        let input = if self.has_slept() { Input::Woke } else { Input::Timeout };
        drop(self.timer.take());
        self.dispatch(input);
    }
}
