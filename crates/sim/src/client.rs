//! One session of the client: an engine and what it has asked for.

use std::collections::{BTreeMap, BTreeSet};

use upferry_engine::{Answer, Config, EffectId, Engine, Event, Input, Loss, Record, Request, UploadKey};
use upferry_protocol::Sha256Digest;

use crate::body::content_of;
use crate::buffers::Buffers;
use crate::file::FileId;
use crate::queue::{FlightId, Happening, Session};

/// A request without an answer.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) key: UploadKey,
    pub(crate) request: Request,
    /// The moment, for the checks.
    pub(crate) asked: u64,
    pub(crate) flight: FlightId,
    /// It was in flight when the client lost its claim: what comes of it is no longer the client's to know.
    pub(crate) orphan: bool,
}

/// What the application has been told of an upload.
#[derive(Clone, Debug)]
pub struct Told {
    /// The file.
    pub file: FileId,
    /// Every event but `Progress` and `Chunk`, of which a large file has too many.
    pub events: Vec<Event>,
    /// How many `Chunk` events there were.
    pub chunks: u64,
    /// The upload's URL.
    pub url: Option<String>,
    pub(crate) confirmed: u64,
    /// What it has seen confirmed of another tab's upload of the file.
    pub(crate) sighted: u64,
    /// Ended as a duplicate of another.
    pub(crate) duplicate: bool,
}

impl Told {
    pub(crate) fn new(file: FileId) -> Self {
        Self { file, events: Vec::new(), chunks: 0, url: None, confirmed: 0, sighted: 0, duplicate: false }
    }

    /// How often this event was told.
    #[must_use]
    pub fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }
}

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) session: Session,
    pub(crate) engine: Engine,
    pub(crate) config: Config,
    pub(crate) uploads: BTreeMap<UploadKey, Told>,
    pub(crate) buffers: Buffers,
    pub(crate) requests: BTreeMap<EffectId, Sent>,
    /// Effects of the client's own machine that have not ended.
    pub(crate) local: BTreeSet<EffectId>,
    /// The files that it is the one sender of, or wants to be.
    pub(crate) claims: BTreeMap<EffectId, (UploadKey, Sha256Digest)>,
    /// Those of them that it has lost and is about to be told of, one after the other.
    pub(crate) losing: BTreeSet<EffectId>,
    /// The records as the engine has handed them out last.
    pub(crate) records: BTreeMap<UploadKey, Record>,
    /// What happens to it once its page is back, while that is put away.
    pub(crate) frozen: Option<Vec<Happening>>,
    /// How many statuses in a row brought no answer.
    pub(crate) blind: BTreeMap<UploadKey, u32>,
    /// Whether the browser has said that there is no network, and no answer has shown that it was wrong.
    pub(crate) told_offline: bool,
    /// Every effect so far is smaller.
    pub(crate) next_effect: EffectId,
    /// The credentials that requests carry.
    pub(crate) token: u64,
    /// How often it asked for others.
    pub(crate) refreshes: u64,
}

impl Client {
    pub(crate) fn new(session: Session, config: Config, seed: u64, token: u64) -> Self {
        let engine = Engine::new(config.clone(), format!("{seed:016x}-{}", session.0), seed ^ u64::from(session.0));
        Self {
            session,
            engine,
            config,
            uploads: BTreeMap::new(),
            buffers: Buffers::default(),
            requests: BTreeMap::new(),
            local: BTreeSet::new(),
            claims: BTreeMap::new(),
            losing: BTreeSet::new(),
            records: BTreeMap::new(),
            frozen: None,
            blind: BTreeMap::new(),
            told_offline: false,
            next_effect: EffectId(0),
            token,
            refreshes: 0,
        }
    }

    /// Effects are named by rising numbers.
    pub(crate) fn rise(&mut self, effect: EffectId) -> Result<(), String> {
        if effect < self.next_effect {
            return Err(format!("{effect:?} comes after a later one"));
        }
        self.next_effect = EffectId(effect.0 + 1);
        Ok(())
    }

    /// Whether it has lost the claim of this upload's file without knowing yet.
    pub(crate) fn is_losing(&self, key: UploadKey) -> bool {
        self.losing.iter().any(|effect| self.claims.get(effect).is_some_and(|(of, _)| *of == key))
    }

    /// Learns from what the engine is about to be fed.
    pub(crate) fn note(&mut self, input: &Input) {
        match input {
            Input::Online(online) => self.told_offline = !online,
            Input::Claimed(effect, _) => {
                self.losing.remove(effect);
            }
            Input::Answered(_, Answer::Lost(Loss::Network | Loss::Timeout)) => {}
            Input::Answered(..) => self.told_offline = false,
            Input::Add { .. }
            | Input::Pause(_)
            | Input::Resume(_)
            | Input::Cancel(_)
            | Input::Retry(_)
            | Input::Identified(..)
            | Input::RecordSaved(..)
            | Input::ChunkRead(..)
            | Input::HeadersRefreshed(..)
            | Input::Suspended
            | Input::Woke
            | Input::Timeout => {}
        }
    }

    /// Chunks in flight, of one upload or of all.
    pub(crate) fn in_flight(&self, of: Option<UploadKey>) -> u32 {
        let puts = self.requests.values().filter(|sent| content_of(&sent.request).is_some());
        puts.filter(|sent| of.is_none_or(|key| sent.key == key)).map(|_| 1).sum()
    }
}
