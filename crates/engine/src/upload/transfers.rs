//! Chunks: planned from the gaps, read, sent, confirmed.

use upferry_protocol::{ByteRange, Sha256Digest, UploadState};

use super::model::{Freshness, Upload};
use crate::auth::Epoch;
use crate::chunk_sizer::AUTO_PARALLEL;
use crate::core::Core;
use crate::{Answer, EffectId, Event, Failure, FileError, Loss, Request, Time};

/// A chunk that is lost this often in a row is planned anew, and shorter. Before that it keeps its range, as only the
/// very same range may take over from a PUT that the server still reads.
const LOSSES_OF_ONE_RANGE: u32 = 3;

/// A chunk on its way.
#[derive(Debug)]
pub(super) struct Transfer {
    range: ByteRange,
    stage: Stage,
    /// Whether it was sent at least once.
    sent: bool,
    losses: u32,
    /// The server was busy with the range; it may be sent again from here on.
    not_before: Time,
    /// Whether the status is to be asked before: the PUT that kept the server busy may have stored the range.
    ask_first: bool,
}

#[derive(Debug)]
enum Stage {
    Reading(EffectId),
    Ready(Chunk),
    Sending { effect: EffectId, chunk: Chunk, since: Time, epoch: Epoch },
}

#[derive(Clone, Copy, Debug)]
struct Chunk {
    buffer: EffectId,
    digest: Sha256Digest,
}

impl Transfer {
    fn effect(&self) -> Option<EffectId> {
        match self.stage {
            Stage::Reading(effect) | Stage::Sending { effect, .. } => Some(effect),
            Stage::Ready(_) => None,
        }
    }

    fn buffer(&self) -> EffectId {
        match self.stage {
            Stage::Reading(effect) => effect,
            Stage::Ready(chunk) | Stage::Sending { chunk, .. } => chunk.buffer,
        }
    }

    fn is_sending(&self) -> bool {
        matches!(self.stage, Stage::Sending { .. })
    }
}

impl Upload {
    pub(crate) fn chunks_in_flight(&self) -> usize {
        self.transfers.values().filter(|transfer| transfer.is_sending()).count()
    }

    pub(super) fn bytes_in_flight(&self) -> u64 {
        self.transfers.values().filter(|transfer| transfer.is_sending()).map(|transfer| transfer.range.len()).sum()
    }

    pub(super) fn next_free_range(&self, now: Time) -> Option<Time> {
        let ready = self.transfers.values().filter(|transfer| matches!(transfer.stage, Stage::Ready(_)));
        ready.map(|transfer| transfer.not_before).filter(|&time| time > now).min()
    }

    fn may_send(&self, core: &Core) -> bool {
        self.active
            && self.wants_place()
            && self.retry.is_due(core.now)
            && core.auth.is_usable()
            && self.url().is_some()
            && self.server == UploadState::Open
            && self.freshness == Freshness::Fresh
            && self.verification.is_gate_open(&self.confirmed)
            // The chunk that fills the file would complete it before all of it is verified.
            && (!self.completes_when_full() || self.verification.is_done(&self.confirmed))
    }

    fn parallel(&self, core: &Core) -> usize {
        core.config.parallel_chunks.unwrap_or(AUTO_PARALLEL) as usize
    }

    /// Sends one chunk that is ready, if one may be sent now.
    pub(crate) fn send_next(&mut self, core: &mut Core) -> bool {
        if !self.may_send(core)
            || core.chunks_in_flight >= core.config.max_chunks_in_flight
            || self.chunks_in_flight() >= self.parallel(core)
        {
            return false;
        }
        let (key, size, now) = (self.key, self.file.size, core.now);
        let Some(url) = self.url().map(str::to_owned) else { return false };
        for (_, transfer) in &mut self.transfers {
            if transfer.not_before > now || transfer.ask_first {
                continue;
            }
            if let Stage::Ready(chunk) = transfer.stage {
                let Chunk { buffer, digest } = chunk;
                let effect = core.request(key, Request::PutChunk { url, range: transfer.range, size, digest, buffer });
                transfer.stage = Stage::Sending { effect, chunk, since: now, epoch: core.auth.epoch() };
                transfer.sent = true;
                self.sent = true;
                core.chunks_in_flight += 1;
                self.meter.start(now);
                return true;
            }
        }
        false
    }

    /// Starts reading one more chunk, if there is room for it in the pipeline.
    pub(crate) fn read_next(&mut self, core: &mut Core) -> bool {
        // As many chunks again are read ahead as fly, so that the network never waits for the disk.
        if !self.may_send(core) || self.transfers.len() >= 2 * self.parallel(core) {
            return false;
        }
        let (Some(whole), Some(limits)) = (self.whole(), self.limits) else { return false };
        let chunk = self.taken.first_gap(whole).and_then(|gap| self.sizer.next_chunk(gap, limits));
        let Some(range) = chunk.filter(|range| core.has_memory_for(range.len())) else { return false };
        self.taken.insert(range);
        let stage = Stage::Reading(core.read(self.key, range));
        let transfer = Transfer { range, stage, sent: false, losses: 0, not_before: Time::default(), ask_first: false };
        self.transfers.insert(range.start(), transfer);
        true
    }

    fn transfer_of(&self, effect: EffectId) -> Option<u64> {
        self.transfers.iter().find(|(_, transfer)| transfer.effect() == Some(effect)).map(|(&start, _)| start)
    }

    pub(crate) fn chunk_read(&mut self, effect: EffectId, result: Result<Sha256Digest, FileError>, core: &mut Core) {
        let Some(start) = self.transfer_of(effect) else { return self.verification_read(effect, result, core) };
        match result {
            Ok(digest) => {
                if let Some(transfer) = self.transfers.get_mut(&start) {
                    transfer.stage = Stage::Ready(Chunk { buffer: effect, digest });
                }
            }
            Err(error) => self.fail(Failure::from_file(error), core),
        }
    }

    pub(super) fn chunk_answered(&mut self, effect: EffectId, answer: Answer, core: &mut Core) {
        let Some(start) = self.transfer_of(effect) else { return };
        let Some(transfer) = self.transfers.get_mut(&start) else { return };
        let Stage::Sending { chunk, since, epoch, .. } = transfer.stage else { return };
        transfer.stage = Stage::Ready(chunk);
        let range = transfer.range;
        core.chunks_in_flight -= 1;
        match answer {
            Answer::Done => {
                core.auth.accepted(epoch);
                self.chunk_confirmed(range, since, core);
            }
            Answer::Status(status) => {
                core.auth.accepted(epoch);
                self.chunk_confirmed(range, since, core);
                self.take_status(&status, core);
            }
            Answer::Refused { status, problem, retry_after_ms } => {
                if status != 401 {
                    core.auth.accepted(epoch);
                }
                self.chunk_refused(range, epoch, status, problem.as_deref(), retry_after_ms, core);
            }
            Answer::Lost(loss) => self.chunk_lost(range, loss, core),
            Answer::Created(..) | Answer::Chunks(_) => self.chunk_lost(range, Loss::Unreadable, core),
        }
    }

    fn chunk_confirmed(&mut self, range: ByteRange, since: Time, core: &mut Core) {
        self.sizer.confirmed(range.len(), core.now.ms_since(since));
        self.confirm(range, core);
        self.drop_transfer(range.start(), core);
    }

    fn confirm(&mut self, range: ByteRange, core: &mut Core) {
        let before = self.confirmed.covered();
        self.confirmed.insert(range);
        self.verification.verified.insert(range);
        self.meter.confirmed(core.now, self.confirmed.covered() - before);
        self.retry.progressed();
        self.digest_mismatches = 0;
        self.restarts = 0;
        core.event(self.key, Event::Chunk(range));
    }

    /// The answer is unknown, so the status is asked before the range is planned again.
    fn chunk_lost(&mut self, range: ByteRange, loss: Loss, core: &mut Core) {
        self.freshness = Freshness::Stale;
        self.sizer.lost();
        if let Some(transfer) = self.transfers.get_mut(&range.start()) {
            transfer.losses += 1;
            if transfer.losses >= LOSSES_OF_ONE_RANGE {
                self.drop_transfer(range.start(), core);
            }
        }
        self.attempt_failed(Failure::from_loss(loss), None, core);
    }

    pub(super) fn range_busy(&mut self, start: u64, until: Time) {
        if let Some(transfer) = self.transfers.get_mut(&start) {
            transfer.not_before = until;
            transfer.ask_first = true;
        }
    }

    /// Whether a range that was busy waits for a status now.
    pub(super) fn has_to_ask_first(&self, now: Time) -> bool {
        self.transfers.values().any(|transfer| transfer.ask_first && transfer.not_before <= now)
    }

    pub(super) fn asked_first(&mut self, now: Time) {
        for (_, transfer) in &mut self.transfers {
            transfer.ask_first &= transfer.not_before > now;
        }
    }

    /// A status has confirmed more than answers have: what it covers need not be sent, or waited for.
    pub(super) fn settle_confirmed_transfers(&mut self, core: &mut Core) {
        // In an upload that was taken up, an earlier session's PUT may have stored it, of the file as it was then: what
        // only a status confirms is left to the verification.
        let covered: Vec<(ByteRange, bool)> = self
            .transfers
            .values()
            .filter(|transfer| self.confirmed.overlaps(transfer.range))
            .map(|transfer| {
                (transfer.range, !self.taken_up && transfer.sent && self.confirmed.contains(transfer.range))
            })
            .collect();
        for (range, ours) in covered {
            if ours {
                self.confirm(range, core);
            }
            self.drop_transfer(range.start(), core);
        }
    }

    /// Drops what was read ahead and is longer than `longest`, to be planned anew.
    pub(super) fn drop_waiting_longer_than(&mut self, longest: u64, core: &mut Core) {
        let waiting =
            self.transfers.values().filter(|transfer| !transfer.is_sending() && transfer.range.len() > longest);
        let starts: Vec<u64> = waiting.map(|transfer| transfer.range.start()).collect();
        for start in starts {
            self.drop_transfer(start, core);
        }
    }

    pub(super) fn drop_transfer(&mut self, start: u64, core: &mut Core) {
        let Some(transfer) = self.transfers.remove(&start) else { return };
        if let Stage::Sending { effect, .. } = transfer.stage {
            core.abort(effect);
            core.chunks_in_flight -= 1;
        }
        core.release(transfer.buffer());
        for gap in self.confirmed.gaps(transfer.range) {
            self.taken.remove(gap);
        }
    }

    /// Drops every chunk on its way, and every read of a verification.
    pub(super) fn drop_transfers(&mut self, core: &mut Core) {
        while let Some((&start, _)) = self.transfers.first() {
            self.drop_transfer(start, core);
        }
        self.verification.stop(core);
    }
}
