//! What is known of an upload.

use litemap::LiteMap;
use upferry_protocol::{ByteRange, ChunkLimits, CreateRequest, RangeSet, Sha256Digest, UploadState};

use super::claim::ClaimState;
use super::control::Control;
use super::show::Shown;
use super::transfers::Transfer;
use super::verification::Verification;
use crate::chunk_sizer::ChunkSizer;
use crate::core::Core;
use crate::meter::Meter;
use crate::retry::Retry;
use crate::{Completed, EffectId, Failure, FileFacts, RECORD_VERSION, Record, Sighting, Time, UploadKey};

/// What the person wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Intent {
    /// Added, not started yet.
    Hold,
    /// Carry it to the end.
    Run,
    /// Stop until told otherwise.
    Pause,
}

/// How it ended.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum End {
    Complete(Completed),
    Failed(Failure),
    /// Cancelled; the number of attempts left to tell the server.
    Cancelled(u32),
}

/// Whether the file is recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Recognition {
    Unknown,
    Asked(EffectId),
    Known,
}

/// Whether the status says all that the server knew when it mattered: after a PUT without an answer it does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Freshness {
    Fresh,
    Stale,
    Asked,
}

/// What the record looks like in storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Saved {
    /// The save under way.
    pub(super) saving: Option<EffectId>,
    /// Whether the record has changed since it was last handed out to be saved.
    pub(super) dirty: bool,
    /// Whether a save has ended since the record got its id, well or not.
    pub(super) once: bool,
}

/// The state machine of one upload.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(super) key: UploadKey,
    pub(super) file: FileFacts,
    pub(super) expect: Option<Box<Record>>,
    pub(super) intent: Intent,
    pub(super) end: Option<End>,
    /// Whether it holds one of the places for uploads that are worked on.
    pub(super) active: bool,

    pub(super) recognition: Recognition,
    /// A digest over the file's size and samples of its content, once it is recognised.
    pub(super) fingerprint: Option<Sha256Digest>,
    pub(super) claim: ClaimState,
    /// What another tab's upload of the file was like when it was seen last, while this one can't go on.
    pub(super) sighting: Option<Box<Sighting>>,
    pub(super) record: Option<Record>,
    pub(super) saved: Saved,

    pub(super) limits: Option<ChunkLimits>,
    pub(super) server: UploadState,
    pub(super) freshness: Freshness,
    pub(super) control: Option<Control>,
    /// Requests about the upload in a row that have waited too long for their answers.
    pub(super) unanswered: u32,
    /// The server is being told of a pause; nothing waits for it.
    pub(super) pausing: Option<EffectId>,
    pub(super) completed: Option<Completed>,
    pub(super) polls: u32,
    pub(super) poll_at: Option<Time>,
    /// Whether a creation was sent that has no certain answer.
    pub(super) creation_unknown: bool,

    /// What the server has said is durable.
    pub(super) confirmed: RangeSet,
    /// What is confirmed or in a transfer.
    pub(super) taken: RangeSet,
    pub(super) transfers: LiteMap<u64, Transfer>,
    pub(super) verification: Verification,
    /// The request of the chunk that was sent last.
    pub(super) last_sent: EffectId,
    /// Whether this session has sent a chunk to the present URL.
    pub(super) sent: bool,
    /// Whether the record came out of storage: PUTs of an earlier session may still be on their way.
    pub(super) taken_up: bool,

    pub(super) retry: Retry,
    pub(super) restarts: u32,
    pub(super) digest_mismatches: u32,
    /// Reads of the file in a row that failed.
    pub(super) unreadable: u32,
    /// Chunks that were given up as they did not move, since the last one that was confirmed.
    pub(super) stalls: u32,
    /// Looks at chunks in a row that brought no answer.
    pub(super) blind_looks: u32,
    /// Not before this moment the server is asked (again) whether overdue chunks move.
    pub(super) look_at: Time,
    pub(super) sizer: ChunkSizer,
    pub(super) meter: Meter,
    pub(super) shown: Shown,
}

impl Upload {
    pub(crate) fn new(key: UploadKey, file: FileFacts, expect: Option<Box<Record>>, core: &Core) -> Self {
        Self {
            key,
            file,
            expect,
            intent: if core.config.auto_start { Intent::Run } else { Intent::Hold },
            end: None,
            active: false,
            recognition: Recognition::Unknown,
            fingerprint: None,
            claim: ClaimState::None,
            sighting: None,
            record: None,
            saved: Saved::default(),
            limits: None,
            server: UploadState::Open,
            freshness: Freshness::Stale,
            control: None,
            unanswered: 0,
            pausing: None,
            completed: None,
            polls: 0,
            poll_at: None,
            creation_unknown: false,
            confirmed: RangeSet::new(),
            taken: RangeSet::new(),
            transfers: LiteMap::new(),
            verification: Verification::default(),
            last_sent: EffectId(0),
            sent: false,
            taken_up: false,
            retry: Retry::default(),
            restarts: 0,
            digest_mismatches: 0,
            unreadable: 0,
            stalls: 0,
            blind_looks: 0,
            look_at: Time::default(),
            sizer: ChunkSizer::new(&core.config),
            meter: Meter::default(),
            shown: Shown::default(),
        }
    }

    pub(crate) fn intent(&self) -> Intent {
        self.intent
    }

    /// Whether it has work for one of the places for uploads that are worked on.
    pub(crate) fn wants_place(&self) -> bool {
        self.intent == Intent::Run && self.end.is_none() && !self.is_elsewhere()
    }

    /// Whether it is of one chunk only.
    pub(crate) fn is_small(&self) -> bool {
        self.sizer.fits_one_chunk(self.file.size)
    }

    pub(crate) fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    /// Whether another file may turn out to be this upload's: it has not ended, or can be tried again.
    pub(crate) fn can_absorb(&self) -> bool {
        match self.end {
            None | Some(End::Failed(_)) => true,
            Some(End::Complete(_) | End::Cancelled(_)) => false,
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.end, Some(End::Failed(_)))
    }

    /// Whether `other` is the same file for the same purpose.
    pub(crate) fn is_same_file(&self, other: &FileFacts, fingerprint: Sha256Digest) -> bool {
        self.file == *other && self.fingerprint == Some(fingerprint)
    }

    pub(crate) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    pub(crate) fn record_id(&self) -> Option<&str> {
        self.record.as_ref().map(|record| record.id.as_str())
    }

    pub(crate) fn file(&self) -> &FileFacts {
        &self.file
    }

    pub(super) fn url(&self) -> Option<&str> {
        self.record.as_ref()?.upload_url.as_deref()
    }

    /// Every byte of the file; `None` for an empty one.
    pub(super) fn whole(&self) -> Option<ByteRange> {
        ByteRange::new(0, self.file.size)
    }

    pub(super) fn is_all_confirmed(&self) -> bool {
        self.confirmed.covered() >= self.file.size
    }

    /// Whether the last chunk that is sent completes the upload by itself.
    pub(super) fn completes_when_full(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.create.complete_when_full)
    }

    pub(super) fn new_record(&self, fingerprint: Sha256Digest, core: &mut Core) -> Record {
        Record {
            version: RECORD_VERSION,
            id: core.new_record_id(),
            fingerprint,
            last_modified: self.file.last_modified,
            create: CreateRequest {
                size: self.file.size,
                name: self.file.name.clone(),
                media_type: self.file.media_type.clone(),
                metadata: self.file.metadata.clone(),
                // One request less, where it matters: with many small files. Elsewhere completing is a step of its
                // own, so that what an earlier session has sent can be verified before.
                complete_when_full: self.is_small(),
            },
            upload_url: None,
            expires: None,
        }
    }

    /// Takes up `record` as this upload's own; `saved` says whether it came out of storage.
    pub(super) fn adopt(&mut self, record: Record, saved: bool) {
        self.saved = Saved { saving: None, dirty: !saved, once: saved };
        self.record = Some(record);
        self.limits = None;
        self.server = UploadState::Open;
        self.freshness = Freshness::Stale;
        self.completed = None;
        self.pausing = None;
        self.polls = 0;
        self.poll_at = None;
        self.creation_unknown = false;
        self.sent = false;
        self.taken_up = saved;
        self.confirmed = RangeSet::new();
        self.taken = RangeSet::new();
        self.verification = Verification::default();
    }
}
