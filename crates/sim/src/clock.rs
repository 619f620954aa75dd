//! The clock, and what happens next.

use upferry_engine::{Input, Time};

use crate::pair::Pair;

/// How many things may happen at one instant. More is a loop without an end.
const MOST_AT_ONCE: u32 = 20_000;

impl Pair {
    /// Lets the next thing happen. `false` if nothing ever will.
    pub fn step(&mut self) -> bool {
        match (self.queue.next_at(), self.next_timeout()) {
            (None, None) => return false,
            (next, Some((at, tab))) if next.is_none_or(|next| at < next) => {
                self.advance(at);
                let at_hand = self.at_hand();
                self.turn(tab);
                self.feed(Input::Timeout);
                self.turn(at_hand);
            }
            (_, _) => {
                if let Some((at, happening)) = self.queue.pop() {
                    self.advance(at);
                    self.happen(happening);
                }
            }
        }
        if self.network.chance(self.network.faults.echoes, self.now) {
            self.in_all_tabs(|pair| pair.feed(Input::Timeout));
        }
        if self.network.chance(self.network.faults.upsets, self.now) {
            self.upset();
        }
        true
    }

    /// Lets things happen until nothing more does, for two months of the simulated clock at most.
    pub fn drive(&mut self) {
        let most_ms = 60 * 24 * 3_600_000;
        if !self.drive_bounded(most_ms) {
            self.fail("it does not come to an end");
        }
    }

    /// Lets things happen for so long. Whether it came to an end.
    pub fn drive_bounded(&mut self, ms: u64) -> bool {
        let end = self.now.plus_ms(ms);
        while self.next_at().is_some_and(|at| at <= end) {
            self.step();
        }
        let ended = self.next_at().is_none();
        if !ended {
            self.advance(end);
        }
        ended
    }

    /// Lets things happen until it is so.
    pub fn drive_until(&mut self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            if !self.step() {
                self.fail("it never came to that");
            }
        }
    }

    fn next_at(&self) -> Option<Time> {
        let timeout = self.next_timeout().map(|(at, _)| at);
        self.queue.next_at().into_iter().chain(timeout).min()
    }

    pub(crate) fn advance(&mut self, to: Time) {
        if to > self.now {
            self.now = to;
            self.at_once = 0;
        }
        self.count_at_once();
    }

    pub(crate) fn count_at_once(&mut self) {
        self.at_once += 1;
        if self.at_once > MOST_AT_ONCE {
            self.fail("this instant has no end");
        }
    }
}
