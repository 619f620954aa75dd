//! What is going to happen.

use std::collections::BTreeMap;

use upferry_engine::{Answer, EffectId, Input, Time};

/// The simulator's name for a request on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct FlightId(pub(crate) u64);

/// Which of the client's lives: each kill ends one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Session(pub(crate) u32);

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Happening {
    /// A request, or a PUT's headers, reach the server.
    Arrive(FlightId),
    /// A PUT's body ends at the server.
    BodyEnd(FlightId),
    /// A PUT's connection is cut.
    BodyCut(FlightId),
    /// An answer reaches the client.
    Deliver(Session, EffectId, Answer),
    /// Something on the client's machine is done.
    Local(Session, Input),
    /// The oldest of the disk's writes is done.
    Write(Session),
}

/// Happenings by time; of those at one time, the one that was scheduled first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    happenings: BTreeMap<(Time, u64), Happening>,
    scheduled: u64,
}

impl Queue {
    pub(crate) fn schedule(&mut self, at: Time, happening: Happening) {
        self.scheduled += 1;
        self.happenings.insert((at, self.scheduled), happening);
    }

    pub(crate) fn next_at(&self) -> Option<Time> {
        self.happenings.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn pop(&mut self) -> Option<(Time, Happening)> {
        self.happenings.pop_first().map(|((at, _), happening)| (at, happening))
    }
}
