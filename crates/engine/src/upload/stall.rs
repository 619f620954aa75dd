//! Chunks whose bytes no longer move. `fetch` does not tell whether they do; the status of the upload does.

use upferry_protocol::Receiving;

use super::control::ControlKind;
use super::model::Upload;
use super::transfers::Look;
use crate::core::Core;
use crate::{Loss, Time};

/// A chunk may take this many times as long as one of its length does at the present speed: others share the line.
const PATIENCE: u64 = 4;
/// But no longer: what was measured may be wrong by far, as after a sleep that nobody has told of.
const MOST_PATIENCE_MS: u64 = 10 * 60_000;
/// Between two looks at a chunk that is overdue.
const LOOK_MS: u64 = 10_000;
/// The allowance after a chunk was given up while nothing is known of the line's speed doubles this often at most: what
/// stands between may be gathering the whole body before it passes it on.
const MOST_DOUBLINGS: u32 = 6;

impl Upload {
    /// How old the request of so many bytes may be before it is looked after.
    fn patience_ms(&self, length: u64, core: &Core) -> u64 {
        let at_speed = self.meter.last_speed().map_or(0, |speed| (length as f64 * 1_000.0 / speed) as u64);
        let at_speed = at_speed.saturating_mul(PATIENCE).min(MOST_PATIENCE_MS);
        core.config.stall_timeout_ms.max(at_speed) << self.stalls.min(MOST_DOUBLINGS)
    }

    /// When some chunk on its way is to be looked after; `None` without one.
    pub(super) fn next_look(&self, core: &Core) -> Option<Time> {
        let due = |length: u64, since: Time, look: Look| match look {
            Look::NotYet => since.plus_ms(self.patience_ms(length, core)),
            Look::Woken => since,
            Look::Seen(_) => self.look_at,
        };
        self.sending().map(|(length, since, look)| due(length, since, look).max(self.look_at)).min()
    }

    pub(super) fn wants_look(&self, core: &Core) -> bool {
        self.next_look(core).is_some_and(|time| time <= core.now)
    }

    /// The next look is not before this one is out of date; it counts from when it was asked for, if there is no answer.
    pub(super) fn looks_again(&mut self, now: Time) {
        self.look_at = now.plus_ms(LOOK_MS);
    }

    /// A status says how far the server is with what it reads now, or (`None`) there was no answer.
    pub(super) fn looked(&mut self, receiving: Option<&[Receiving]>, core: &mut Core) {
        if receiving.is_some() {
            self.looks_again(core.now);
        }
        let (now, mut dead) = (core.now, Vec::new());
        let looks: Vec<_> = self.looks().collect();
        for (start, length, since, look) in looks {
            let overdue = since.plus_ms(self.patience_ms(length, core)) <= now;
            let seen = |receiving: &[Receiving]| receiving.iter().find(|of| of.start == start).map(|of| of.at);
            let at = receiving.and_then(seen);
            let (is_dead, next) = match look {
                Look::NotYet => (false, if overdue { Look::Seen(at) } else { Look::NotYet }),
                // After a sleep the server's word is enough: it no longer reads it.
                Look::Woken => (receiving.is_some() && at.is_none(), Look::Seen(at)),
                Look::Seen(before) => (receiving.is_none() || at == before, Look::Seen(at)),
            };
            if is_dead {
                dead.push(start);
            } else {
                self.set_look(start, next);
            }
        }
        for start in dead {
            self.stalls += 1;
            self.take_back(start, core);
            self.chunk_lost(start, Loss::Timeout, core);
        }
    }

    /// The machine has slept: what was on its way then may have died without a word.
    pub(crate) fn woke(&mut self, core: &mut Core) {
        self.retry.hurry();
        self.look_at = core.now;
        self.meter.start_again(core.now);
        self.suspect_all();
        if let Some(control) = self.control.take() {
            core.abort(control.effect);
            if matches!(control.kind, ControlKind::Status | ControlKind::Reopen | ControlKind::Complete) {
                self.freshness = super::model::Freshness::Stale;
            }
        }
    }
}
