//! What is going to happen.

use std::collections::BTreeMap;

use upferry_engine::{Answer, Claim, EffectId, Input, Time};
use upferry_protocol::Sha256Digest;

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
    /// The bytes of a PUT's body stop coming.
    BodyStall(FlightId),
    /// The server has waited long enough for them.
    BodyGivenUp(FlightId),
    /// An answer reaches the client.
    Deliver(Session, EffectId, Answer),
    /// Something on the client's machine is done.
    Local(Session, Input),
    /// The oldest of the disk's writes is done.
    Write(Session),
    /// The claims of a file are looked at again.
    Claims(Sha256Digest),
    /// Somebody who is not simulated lets go of a file.
    Freed(Sha256Digest),
    /// A page that was put away comes back.
    Thaw(Session),
}

impl Happening {
    /// The client that it happens to, where that is at one.
    pub(crate) fn session(&self) -> Option<Session> {
        match self {
            Self::Deliver(session, ..) | Self::Local(session, _) | Self::Write(session) => Some(*session),
            Self::Arrive(_)
            | Self::BodyEnd(_)
            | Self::BodyCut(_)
            | Self::BodyStall(_)
            | Self::BodyGivenUp(_)
            | Self::Claims(_)
            | Self::Freed(_)
            | Self::Thaw(_) => None,
        }
    }

    /// Whether a claim is lost with it.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Local(_, Input::Claimed(_, Claim::Elsewhere(_))))
    }

    fn is_local(&self) -> bool {
        self.session().is_some() || matches!(self, Self::Thaw(_))
    }
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

    /// Takes out what happens to clients, in order.
    pub(crate) fn take_local(&mut self) -> Vec<(Time, Happening)> {
        let is_local = |happening: &mut Happening| happening.is_local();
        let taken = self.happenings.extract_if(.., |_, happening| is_local(happening));
        taken.map(|((at, _), happening)| (at, happening)).collect()
    }

    pub(crate) fn pop(&mut self) -> Option<(Time, Happening)> {
        self.happenings.pop_first().map(|((at, _), happening)| (at, happening))
    }
}
