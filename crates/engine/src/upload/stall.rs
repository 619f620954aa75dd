//! Chunks whose bytes no longer move. `fetch` does not tell whether they do; the status of the upload does.

use upferry_protocol::Receiving;

use super::control::ControlKind;
use super::model::{Freshness, Upload};
use super::transfers::Look;
use crate::core::Core;
use crate::{Loss, Time};

/// A chunk may take this many times as long as one of its length does at the present speed: others share the line.
const PATIENCE: u64 = 4;
/// But no longer: what was measured may be wrong by far, as after a sleep that nobody has told of.
const MOST_PATIENCE_MS: u64 = 10 * 60_000;
/// Between two looks at a chunk that is overdue.
const LOOK_MS: u64 = 10_000;
/// So many looks in a row without an answer mean that the connection is dead.
const MOST_BLIND_LOOKS: u32 = 3;
/// A request that is this old has reached the server, unless it is dead.
const ARRIVES_MS: u64 = 5_000;
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
        let Some(receiving) = receiving else { return self.looked_in_vain(core) };
        self.blind_looks = 0;
        self.looks_again(core.now);
        let (now, mut dead) = (core.now, Vec::new());
        let looks: Vec<_> = self.looks().collect();
        for (start, length, since, look) in looks {
            let overdue = since.plus_ms(self.patience_ms(length, core)) <= now;
            let at = receiving.iter().find(|of| of.start == start).map(|of| of.at);
            let (is_dead, next) = match look {
                Look::NotYet => (false, if overdue { Look::Seen(at) } else { Look::NotYet }),
                // After a sleep the server's word is enough: it no longer reads it. (What has just left may not be there
                // yet.)
                Look::Woken => (at.is_none() && now.ms_since(since) >= ARRIVES_MS, Look::Seen(at)),
                Look::Seen(before) => (at == before, Look::Seen(at)),
            };
            if is_dead {
                dead.push((start, look));
            } else {
                self.set_look(start, next);
            }
        }
        for (start, look) in dead {
            self.give_up_chunk(start, look, core);
        }
    }

    /// A line on which nothing is answered any more carries no chunk either; but one lost answer says little.
    fn looked_in_vain(&mut self, core: &mut Core) {
        self.blind_looks += 1;
        if self.blind_looks < MOST_BLIND_LOOKS {
            return;
        }
        self.blind_looks = 0;
        let looks: Vec<_> = self.looks().collect();
        for (start, length, since, look) in looks {
            if look != Look::NotYet || since.plus_ms(self.patience_ms(length, core)) <= core.now {
                self.give_up_chunk(start, look, core);
            }
        }
    }

    fn give_up_chunk(&mut self, start: u64, look: Look, core: &mut Core) {
        self.take_back(start, core);
        if look == Look::Woken {
            // Sleep says nothing of the line, and is no failure.
            self.freshness = Freshness::Stale;
        } else {
            self.stalls += 1;
            self.chunk_lost(start, Loss::Timeout, core);
        }
    }

    /// The machine has slept: what was on its way then may have died without a word.
    pub(crate) fn woke(&mut self, core: &mut Core) {
        self.retry.hurry();
        self.look_at = core.now;
        self.blind_looks = 0;
        self.meter.start_again(core.now);
        self.suspect_all();
        if let Some(control) = self.control.take() {
            core.abort(control.effect);
            if matches!(control.kind, ControlKind::Status | ControlKind::Reopen | ControlKind::Complete) {
                self.freshness = Freshness::Stale;
            }
        }
    }
}
