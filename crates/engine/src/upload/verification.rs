//! Whether what an earlier session stored is what the file holds now.

use std::collections::VecDeque;

use litemap::LiteMap;
use upferry_protocol::{ByteRange, ChunkPage, RangeSet, Sha256Digest, StoredChunk};

use super::model::{End, Upload};
use crate::core::Core;
use crate::{EffectId, Failure, FileError, Loss, Verify};

/// How many stored chunks are compared before the first new one is sent, and how many of this session's before the
/// upload completes.
const SAMPLES: usize = 4;

/// Whether chunks may be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Gate {
    /// It is not known yet whether anything is stored.
    #[default]
    Unknown,
    /// Something is stored, and no sample chosen yet.
    Closed,
    /// This many chunks of the sample have to agree still.
    Sampling(usize),
    /// What was stored before seems to be of this file.
    Open,
}

/// The comparison of stored chunks with the file. The digests come from the server a page at a time, so nothing here
/// grows with the file.
#[derive(Debug, Default)]
pub(super) struct Verification {
    pub(super) gate: Gate,
    /// The confirmed bytes that agree with the file, or that this session has sent; never more than is confirmed.
    pub(super) verified: RangeSet,
    page: VecDeque<(ByteRange, Sha256Digest)>,
    /// Chunks that this session has sent, chosen by chance from all of them, to be read once more in the end.
    sample: Vec<(ByteRange, Sha256Digest)>,
    sent: usize,
    /// Whether they are being read.
    is_recheck: bool,
    reading: LiteMap<EffectId, (ByteRange, Sha256Digest)>,
}

impl Verification {
    pub(super) fn is_done(&self, confirmed: &RangeSet) -> bool {
        self.verified.covered() == confirmed.covered()
    }

    /// Whether chunks may be sent: nothing of an earlier session is stored, or it seems to be of this file.
    pub(super) fn is_gate_open(&self, confirmed: &RangeSet) -> bool {
        self.gate == Gate::Open || (self.gate != Gate::Unknown && self.is_done(confirmed))
    }

    /// The first status since the record was taken up.
    pub(super) fn first_status(&mut self, confirmed: &RangeSet) {
        if self.gate == Gate::Unknown {
            self.gate = if self.is_done(confirmed) { Gate::Open } else { Gate::Closed };
        }
    }

    /// The offset from which digests are needed next.
    pub(super) fn wants_page(&self, confirmed: &RangeSet) -> Option<u64> {
        if !self.page.is_empty() || !self.reading.is_empty() || self.is_done(confirmed) {
            return None;
        }
        confirmed.iter().find_map(|range| self.verified.first_gap(range)).map(ByteRange::start)
    }

    /// Moves chunks from all over the page to its front, and has the gate wait for them.
    fn choose_sample(&mut self, rng: &mut fastrand::Rng) {
        let last = self.page.len() - 1;
        let sample = SAMPLES.min(self.page.len());
        for place in 0..sample {
            let chosen = match place {
                0 => 0,
                1 => last,
                _ => rng.usize(place..=last),
            };
            self.page.swap(place, chosen);
        }
        self.gate = Gate::Sampling(sample);
    }

    /// A chunk of this session is confirmed. Each has the same chance to be in the sample (Vitter's algorithm R).
    pub(super) fn sent(&mut self, range: ByteRange, digest: Sha256Digest, rng: &mut fastrand::Rng) {
        self.sent += 1;
        if self.sample.len() < SAMPLES {
            self.sample.push((range, digest));
        } else if let Some(place) = self.sample.get_mut(rng.usize(0..self.sent)) {
            *place = (range, digest);
        }
    }

    /// Forgets what is under way; what is verified stays so.
    pub(super) fn stop(&mut self, core: &mut Core) {
        self.page.clear();
        for &effect in self.reading.keys() {
            core.release(effect);
        }
        self.reading.clear();
        self.is_recheck = false;
        if let Gate::Sampling(_) = self.gate {
            self.gate = Gate::Closed;
        }
    }
}

impl Upload {
    pub(super) fn take_page(&mut self, page: ChunkPage, core: &mut Core) {
        let (confirmed, verified) = (&self.confirmed, &self.verification.verified);
        let to_verify = |chunk: StoredChunk| {
            let range = ByteRange::new(chunk.start, chunk.end)?;
            (confirmed.contains(range) && !verified.overlaps(range)).then_some((range, chunk.sha256))
        };
        let page: VecDeque<_> = page.chunks.into_iter().filter_map(to_verify).collect();
        if page.is_empty() {
            // The server has no digests of what it says is stored.
            return self.attempt_failed(Failure::from_loss(Loss::Unreadable), None, core);
        }
        self.verification.page = page;
        if self.verification.gate == Gate::Closed {
            self.verification.choose_sample(&mut core.rng);
        }
    }

    /// Whether chunks are to be read again before the upload completes; begins with it.
    pub(super) fn rechecks(&mut self, core: &Core) -> bool {
        let verification = &mut self.verification;
        if !core.config.recheck || verification.sample.is_empty() {
            return false;
        }
        verification.is_recheck = true;
        for (range, digest) in std::mem::take(&mut verification.sample) {
            verification.verified.remove(range);
            verification.page.push_back((range, digest));
        }
        true
    }

    /// Reads the next stored chunk, if one is to be compared and there is room for it.
    pub(crate) fn verify_next(&mut self, core: &mut Core) -> bool {
        let most = match self.verification.gate {
            // The sample stands at the front of the page, and nothing else counts for the gate.
            Gate::Sampling(left) => left,
            // Once chunks fly, the comparison takes its turn behind them.
            Gate::Open | Gate::Unknown | Gate::Closed => 1,
        };
        if !self.active || !self.wants_place() || self.verification.reading.len() >= most {
            return false;
        }
        let Some(&(range, digest)) =
            self.verification.page.front().filter(|(range, _)| core.has_memory_for(range.len()))
        else {
            return false;
        };
        self.verification.page.pop_front();
        self.verification.reading.insert(core.read(self.key, range), (range, digest));
        true
    }

    pub(super) fn verification_read(
        &mut self,
        effect: EffectId,
        result: Result<Sha256Digest, FileError>,
        core: &mut Core,
    ) {
        let Some((range, stored)) = self.verification.reading.remove(&effect) else { return };
        core.release(effect);
        match result {
            Err(error) => {
                // What is left of the page is asked for again.
                self.verification.stop(core);
                self.read_failed(error, core);
            }
            Ok(digest) if digest != stored && self.verification.is_recheck => {
                self.file_changed(Failure::new(crate::FailureCode::FileChanged, false), core);
            }
            Ok(digest) if digest != stored => self.mismatch(core),
            Ok(_) => self.verified(range, core),
        }
    }

    fn verified(&mut self, range: ByteRange, core: &Core) {
        self.unreadable = 0;
        self.verification.verified.insert(range);
        if let Gate::Sampling(left) = self.verification.gate {
            self.verification.gate = if left > 1 { Gate::Sampling(left - 1) } else { Gate::Open };
        }
        if self.verification.gate == Gate::Open && core.config.verify == Verify::Sample && !self.verification.is_recheck
        {
            self.verification.page.clear();
            self.verification.verified = self.confirmed.clone();
        }
    }

    /// The file was rewritten while it was being sent: what the server has is of two versions, and of no use.
    fn file_changed(&mut self, failure: Failure, core: &mut Core) {
        self.cancel_at_server(core);
        self.delete_record(core);
        self.record = None;
        self.recognition = super::model::Recognition::Unknown;
        self.fail(failure, core);
    }

    /// The file is another one than was being uploaded.
    pub(super) fn mismatch(&mut self, core: &mut Core) {
        let mixed = self.sent && self.completed.is_none();
        if mixed {
            self.cancel_at_server(core);
        }
        if self.expect.is_some() {
            self.fail(Failure::new(crate::FailureCode::FileMismatch, false), core);
        } else {
            // What was interrupted stays there for its own file, unless chunks of this one are in it by now.
            self.restart(mixed, core);
        }
        debug_assert!(!matches!(self.end, Some(End::Complete(_))), "a file that differs never completes");
    }
}
