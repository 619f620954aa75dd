//! The network between client and server: what is decided before a request leaves.

use upferry_engine::{Request, Time};
use upferry_protocol::{Code, Problem};

use crate::fate::{Fate, Faults, Kind, Rule};
use crate::reply::Reply;

/// The network, with the proxies and the credentials on the way.
#[derive(Debug)]
pub struct Network {
    /// Its faults.
    pub faults: Faults,
    /// A proxy answers `413`, without a problem, to longer bodies.
    pub body_limit: Option<u64>,
    /// A proxy drops the connection of longer bodies.
    pub swallow_above: Option<u64>,
    /// A proxy gathers a body and passes it on when it has all of it.
    pub gathers: bool,
    /// The server takes credentials from this one on.
    pub token: u64,
    /// How many faults there were.
    pub injected: u64,
    /// The server is unreachable until then.
    pub(crate) down_until: Time,
    /// The client is off the network until then.
    pub(crate) offline_until: Time,
    /// A captive portal answers everything until then.
    pub(crate) portal_until: Time,
    /// The server, or a proxy, says this to everything until then.
    pub(crate) storm: Option<(Time, Reply)>,
    rules: Vec<Rule>,
    link_free: Time,
    rng: fastrand::Rng,
}

impl Network {
    pub(crate) fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            body_limit: None,
            swallow_above: None,
            token: 0,
            injected: 0,
            gathers: false,
            down_until: Time::default(),
            offline_until: Time::default(),
            portal_until: Time::default(),
            storm: None,
            rules: Vec::new(),
            link_free: Time::default(),
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// Scripts the fate of the requests to come: of this kind, after the first `skip`, for `times` of them.
    pub fn rule(&mut self, kind: Kind, skip: u32, times: u32, fate: Fate) {
        self.rules.push(Rule { kind, skip, times, fate });
    }

    /// How long a message takes.
    pub(crate) fn latency(&mut self) -> u64 {
        let (shortest, longest) = self.faults.latency_ms;
        self.rng.u64(shortest..=longest)
    }

    /// When a body of this length, sent from `now` on, has been carried.
    pub(crate) fn carry(&mut self, now: Time, bytes: u64) -> Time {
        let took = bytes.div_ceil(self.faults.bandwidth);
        self.link_free = self.link_free.max(now).plus_ms(took);
        self.link_free
    }

    /// The rest of a body that would have been carried by then leaves the line free.
    pub(crate) fn not_carried(&mut self, now: Time, ends: Time, bytes: u64) {
        let rest = ends.ms_since(now).min(bytes.div_ceil(self.faults.bandwidth));
        self.link_free = Time::from_ms(self.link_free.as_ms().saturating_sub(rest)).max(now);
    }

    /// Whether something with this chance per thousand happens now.
    pub(crate) fn chance(&mut self, per_mille: u32, now: Time) -> bool {
        // No draw for what can't happen: a calm run's trace does not depend on the number of draws.
        per_mille > 0 && now < self.faults.until && self.rng.u32(0..1_000) < per_mille
    }

    /// What shall happen to the request.
    pub(crate) fn fate(&mut self, request: &Request, now: Time) -> Fate {
        let fate = self.scripted(Kind::of(request)).unwrap_or_else(|| self.drawn(request, now));
        self.injected += u64::from(fate != Fate::Deliver);
        fate
    }

    fn scripted(&mut self, kind: Kind) -> Option<Fate> {
        let rule = self.rules.iter_mut().find(|rule| rule.kind == kind && rule.times > 0)?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return Some(Fate::Deliver);
        }
        rule.times -= 1;
        Some(rule.fate.clone())
    }

    fn drawn(&mut self, request: &Request, now: Time) -> Fate {
        if !self.chance(self.faults.fates, now) {
            return Fate::Deliver;
        }
        let put = matches!(request, Request::PutChunk { .. } | Request::Create { content: Some(_), .. });
        match self.rng.u32(0..if put { 19 } else { 13 }) {
            0 | 1 => Fate::LoseRequest,
            2..=4 => Fate::LoseAnswer,
            5 => Fate::Hang,
            6 | 7 => Fate::Refuse(self.some_refusal()),
            8 => Fate::RefuseAfter(Reply::bare(if self.rng.bool() { 502 } else { 504 })),
            9 | 10 => Fate::Duplicate,
            11 => Fate::Garble,
            12 => Fate::Delay(self.rng.u64(0..60_000)),
            13..=15 => Fate::Cut { noticed: true },
            16 => Fate::Cut { noticed: !self.faults.unnoticed },
            17 if self.faults.unnoticed => Fate::Stall { answered: self.rng.bool() },
            _ => Fate::Corrupt,
        }
    }

    pub(crate) fn some_refusal(&mut self) -> Reply {
        let seconds = self.rng.u32(0..20);
        match self.rng.u32(0..6) {
            0 => Reply::bare(500),
            1 => Reply::bare(502),
            2 => Reply::Bare { status: 503, retry_after_seconds: Some(seconds) },
            3 => Reply::unavailable(seconds),
            4 => Reply::Problem(Box::new(Problem::new(Code::RateLimited, "").retry_after(seconds))),
            _ => Reply::problem(Code::Internal),
        }
    }
}
