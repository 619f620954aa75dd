//! What may happen to a request on its way.

use upferry_engine::{Request, Time};
use upferry_protocol::RequestedState;

use crate::reply::Reply;

/// Which request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// `POST {endpoint}`.
    Create,
    /// `GET {upload}`.
    Status,
    /// `GET {upload}/chunks`.
    Chunks,
    /// `PATCH {upload}` to `paused`.
    Pause,
    /// `PATCH {upload}` to `open`.
    Open,
    /// `PUT {upload}/data`.
    Put,
    /// `POST {upload}/complete`.
    Complete,
    /// `DELETE {upload}`.
    Cancel,
}

impl Kind {
    /// The kind of a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        match request {
            Request::Create { .. } => Self::Create,
            Request::Status { .. } => Self::Status,
            Request::Chunks { .. } => Self::Chunks,
            Request::SetState { state: RequestedState::Paused, .. } => Self::Pause,
            Request::SetState { state: RequestedState::Open, .. } => Self::Open,
            Request::PutChunk { .. } => Self::Put,
            Request::Complete { .. } => Self::Complete,
            Request::Cancel { .. } => Self::Cancel,
        }
    }
}

/// What happens to one request.
#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// Nothing.
    Deliver,
    /// It never reaches the server; the client learns that the connection failed.
    LoseRequest,
    /// It has its effect; the client learns that the connection failed.
    LoseAnswer,
    /// It has its effect, and no answer ever comes.
    Hang,
    /// It has its effect; what comes of the answer is not of this protocol, as half a JSON is not.
    Garble,
    /// It has its effect; the answer takes so many milliseconds longer.
    Delay(u64),
    /// Something on the way, or the server, says this instead; no effect.
    Refuse(Reply),
    /// It has its effect, and a gateway says this all the same.
    RefuseAfter(Reply),
    /// It arrives twice.
    Duplicate,
    /// The connection is cut in the middle of the body. Unless noticed, the server waits for the rest.
    Cut {
        /// Whether the server sees it at once.
        noticed: bool,
    },
    /// The bytes of the body stop coming somewhere on the way, and nobody closes the connection. After 30 s of silence
    /// the server gives up.
    Stall {
        /// Whether the answer that it gives then arrives.
        answered: bool,
    },
    /// Other bytes arrive than were sent.
    Corrupt,
}

/// One scripted fate: the requests of a kind, after the first `skip` of them, for `times` of them.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// Which requests.
    pub kind: Kind,
    /// How many of them pass before.
    pub skip: u32,
    /// How many of them it happens to.
    pub times: u32,
    /// What happens.
    pub fate: Fate,
}

/// How bad the network, the server and the client's disk are. Chances are per thousand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults {
    /// The shortest and the longest time that a message takes, in milliseconds.
    pub latency_ms: (u64, u64),
    /// Bytes per millisecond, shared by all bodies.
    pub bandwidth: u64,
    /// The chance that a request gets a fate other than [`Fate::Deliver`].
    pub fates: u32,
    /// Whether the server may miss that a connection was cut, and go on waiting for the rest; and bodies may stall.
    pub unnoticed: bool,
    /// The chance that a request finds the server restarting.
    pub restarts: u32,
    /// The chance, after each thing that happens, that people, machines or the browser upset everything:
    /// [`Pair::upset`](crate::Pair::upset).
    pub upsets: u32,
    /// The chance that a result reaches the engine twice, and that a timeout comes for no reason.
    pub echoes: u32,
    /// The chance that a record can't be saved.
    pub unsaved: u32,
    /// No faults from then on.
    pub until: Time,
}

impl Faults {
    /// A network without faults: 20 ms, 10 MB/s.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            latency_ms: (20, 20),
            bandwidth: 10_000,
            fates: 0,
            unnoticed: false,
            restarts: 0,
            upsets: 0,
            echoes: 0,
            unsaved: 0,
            until: Time::from_ms(u64::MAX),
        }
    }

    /// A network with faults, how many being the seed's choice.
    #[must_use]
    pub fn rough(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        Self {
            latency_ms: (1, rng.u64(2..800)),
            bandwidth: 1 << rng.u32(3..15),
            fates: rng.u32(0..300),
            unnoticed: true,
            restarts: rng.u32(0..20),
            echoes: rng.u32(0..100),
            unsaved: 0,
            upsets: rng.u32(0..30),
            until: Time::from_ms(u64::MAX),
        }
    }
}
