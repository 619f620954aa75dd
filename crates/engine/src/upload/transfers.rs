//! Chunks: planned from the gaps, read, sent, confirmed.

use upferry_protocol::{ByteRange, Receiving, Sha256Digest, UploadState};

use super::model::{Freshness, Upload};
use crate::auth::Epoch;
use crate::chunk_sizer::{AUTO_PARALLEL, Vanished};
use crate::core::Core;
use crate::{Answer, Content, EffectId, Event, Failure, FailureCode, FileError, Loss, Request, Time};

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
    /// Whether it goes along with the creation, the last time that it was sent.
    creates: bool,
    losses: u32,
    /// Since when it was on its way when it was lost without an answer; until a status tells more of it.
    vanished: Option<Time>,
    /// The server was busy with the range; it may be sent again from here on.
    not_before: Time,
    /// Whether the status is to be asked before: the PUT that kept the server busy may have stored the range.
    ask_first: bool,
}

#[derive(Debug)]
enum Stage {
    Reading(EffectId),
    Ready(Content),
    Sending { effect: EffectId, content: Content, since: Time, epoch: Epoch, look: Look },
}

/// What was seen of a chunk on its way that takes long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// Nothing; there is no reason to look yet.
    NotYet,
    /// Nothing since the machine has slept.
    Woken,
    /// The server had read up to this offset, or was not reading it.
    Seen(Option<u64>),
}

impl Transfer {
    fn effect(&self) -> Option<EffectId> {
        match self.stage {
            Stage::Reading(effect) | Stage::Sending { effect, .. } => Some(effect),
            Stage::Ready(_) => None,
        }
    }

    fn digest(&self) -> Option<Sha256Digest> {
        match self.stage {
            Stage::Reading(_) => None,
            Stage::Ready(content) | Stage::Sending { content, .. } => Some(content.digest),
        }
    }

    fn buffer(&self) -> EffectId {
        match self.stage {
            Stage::Reading(effect) => effect,
            Stage::Ready(content) | Stage::Sending { content, .. } => content.buffer,
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

    /// Who comes first when something can be sent: who has the fewest chunks in flight, and has waited longest.
    pub(crate) fn turn(&self) -> (usize, EffectId) {
        (self.chunks_in_flight(), self.last_sent)
    }

    pub(super) fn bytes_in_flight(&self) -> u64 {
        self.transfers.values().filter(|transfer| transfer.is_sending()).map(|transfer| transfer.range.len()).sum()
    }

    pub(super) fn next_free_range(&self, now: Time) -> Option<Time> {
        let ready = self.transfers.values().filter(|transfer| matches!(transfer.stage, Stage::Ready(_)));
        ready.map(|transfer| transfer.not_before).filter(|&time| time > now).min()
    }

    /// Whether it is its turn to send anything at all.
    pub(super) fn may_request(&self, core: &Core) -> bool {
        self.active
            && self.wants_place()
            && self.is_claimed()
            && self.retry.is_due(core.now)
            && core.auth.is_usable()
            && core.network.may_request(core.now)
    }

    fn may_send(&self, core: &Core) -> bool {
        self.may_request(core)
            && !core.network.is_offline()
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
        let creates = self.may_create_with_content(core);
        if !(creates || self.may_send(core))
            || core.chunks_in_flight >= core.config.max_chunks_in_flight
            || self.chunks_in_flight() >= self.parallel(core)
        {
            return false;
        }
        let now = core.now;
        let is_free = |transfer: &Transfer| transfer.not_before <= now && !transfer.ask_first;
        let next = self.transfers.iter().find_map(|(&start, transfer)| match transfer.stage {
            Stage::Ready(content) if is_free(transfer) => Some((start, transfer.range, content)),
            Stage::Ready(_) | Stage::Reading(_) | Stage::Sending { .. } => None,
        });
        let Some((start, range, content)) = next else { return false };
        let sent = if creates {
            self.request_create_with_content(content, core)
        } else {
            let (url, size) = (self.url().map(str::to_owned), self.file.size);
            url.map(|url| core.request(self.key, Request::PutChunk { url, range, size, content }))
        };
        let (Some(effect), Some(transfer)) = (sent, self.transfers.get_mut(&start)) else { return false };
        let epoch = core.auth.epoch();
        transfer.stage = Stage::Sending { effect, content, since: now, epoch, look: Look::NotYet };
        transfer.sent = true;
        transfer.creates = creates;
        self.last_sent = effect;
        self.sent = true;
        core.chunks_in_flight += 1;
        self.meter.start(now);
        true
    }

    /// Starts reading one more chunk, if there is room for it in the pipeline.
    pub(crate) fn read_next(&mut self, core: &mut Core) -> bool {
        // As many chunks again are read ahead as fly, so that the network never waits for the disk.
        let creates = self.may_create_with_content(core);
        if !(creates || self.may_send(core)) || self.transfers.len() >= 2 * self.parallel(core) {
            return false;
        }
        let Some(whole) = self.whole() else { return false };
        let gap = self.taken.first_gap(whole);
        let chunk = match self.limits {
            Some(limits) => gap.and_then(|gap| self.sizer.next_chunk(gap, limits)),
            None => gap.filter(|_| creates),
        };
        let Some(range) = chunk.filter(|range| core.has_memory_for(range.len())) else { return false };
        self.taken.insert(range);
        let stage = Stage::Reading(core.read(self.key, range));
        let transfer = Transfer {
            range,
            stage,
            sent: false,
            creates: false,
            losses: 0,
            vanished: None,
            not_before: Time::default(),
            ask_first: false,
        };
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
                self.unreadable = 0;
                if let Some(transfer) = self.transfers.get_mut(&start) {
                    transfer.stage = Stage::Ready(Content { buffer: effect, digest });
                }
            }
            Err(error) => {
                self.drop_transfer(start, core);
                self.read_failed(error, core);
            }
        }
    }

    pub(super) fn chunk_answered(&mut self, effect: EffectId, answer: Answer, core: &mut Core) {
        let Some(start) = self.transfer_of(effect) else { return };
        let Some(transfer) = self.transfers.get_mut(&start) else { return };
        let Stage::Sending { content, since, epoch, .. } = transfer.stage else { return };
        transfer.stage = Stage::Ready(content);
        let range = transfer.range;
        core.chunks_in_flight -= 1;
        if answer == Answer::Lost(Loss::Network) && !core.network.is_offline() {
            transfer.vanished = Some(since);
        }
        let creates = transfer.creates;
        match answer {
            Answer::Created(url, status) if creates => {
                core.auth.accepted(epoch);
                self.created_with_content(url, &status, core);
            }
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
                let problem = problem.as_deref();
                if creates {
                    self.content_refused(epoch, status, problem, retry_after_ms, core);
                } else {
                    self.chunk_refused(range, epoch, status, problem, retry_after_ms, core);
                }
            }
            Answer::Lost(loss) => self.chunk_lost(start, loss, core),
            Answer::Created(..) | Answer::Chunks(_) => self.chunk_lost(start, Loss::Unreadable, core),
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
        if let Some(digest) = self.transfers.get(&range.start()).and_then(Transfer::digest) {
            self.verification.sent(range, digest, &mut core.rng);
        }
        self.meter.confirmed(core.now, self.confirmed.covered() - before);
        self.retry.progressed();
        self.digest_mismatches = 0;
        self.restarts = 0;
        self.stalls = 0;
        self.blind_looks = 0;
        core.event(self.key, Event::Chunk(range));
    }

    /// The answer is unknown, so the status is asked before the range is planned again.
    pub(super) fn chunk_lost(&mut self, start: u64, loss: Loss, core: &mut Core) {
        self.freshness = Freshness::Stale;
        self.sizer.lost();
        if let Some(transfer) = self.transfers.get_mut(&start) {
            transfer.losses += 1;
            if transfer.losses >= LOSSES_OF_ONE_RANGE {
                self.drop_transfer(start, core);
            }
        }
        self.attempt_failed(Failure::from_loss(loss), None, core);
    }

    /// Chunks have brought no answer though the server answers, and it is not reading them either: something on the way
    /// may refuse their length without a word that a page could read.
    pub(super) fn judge_vanished(&mut self, receiving: &[Receiving], core: &mut Core) {
        let Some(limits) = self.limits else { return };
        let mut verdict = Vanished::Perhaps;
        for (start, transfer) in &mut self.transfers {
            let Some(since) = transfer.vanished.take() else { continue };
            if verdict == Vanished::Perhaps && !receiving.iter().any(|of| of.start == *start) {
                verdict = self.sizer.vanished(transfer.range.len(), since, core.now, limits);
            }
        }
        match verdict {
            Vanished::Perhaps => {}
            Vanished::Shorter => self.drop_waiting_longer_than(self.sizer.passes(), core),
            Vanished::Blocked => {
                let shortest = limits.unit.min(self.file.size).to_string();
                let detail = Some(["not even a body of ", &shortest, " bytes gets an answer"].concat());
                self.fail(Failure { detail, ..Failure::new(FailureCode::BlockedByProxy, true) }, core);
            }
        }
    }

    /// The lengths of the chunks on their way, since when, and what was seen of them.
    pub(super) fn sending(&self) -> impl Iterator<Item = (u64, Time, Look)> {
        self.looks().map(|(_, length, since, look)| (length, since, look))
    }

    pub(super) fn looks(&self) -> impl Iterator<Item = (u64, u64, Time, Look)> {
        self.transfers.iter().filter_map(|(&start, transfer)| match transfer.stage {
            Stage::Sending { since, look, .. } => Some((start, transfer.range.len(), since, look)),
            Stage::Reading(_) | Stage::Ready(_) => None,
        })
    }

    pub(super) fn set_look(&mut self, start: u64, seen: Look) {
        if let Some(Transfer { stage: Stage::Sending { look, .. }, .. }) = self.transfers.get_mut(&start) {
            *look = seen;
        }
    }

    /// Whatever is on its way may have died.
    pub(super) fn suspect_all(&mut self) {
        for (_, transfer) in &mut self.transfers {
            if let Stage::Sending { look, .. } = &mut transfer.stage {
                *look = Look::Woken;
            }
        }
    }

    /// Gives up the request of a chunk; its bytes are kept to be sent again.
    pub(super) fn take_back(&mut self, start: u64, core: &mut Core) {
        let Some(transfer) = self.transfers.get_mut(&start) else { return };
        if let Stage::Sending { effect, content, .. } = transfer.stage {
            transfer.stage = Stage::Ready(content);
            core.abort(effect);
            core.chunks_in_flight -= 1;
        }
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
        let starts: Vec<(u64, bool)> = waiting.map(|transfer| (transfer.range.start(), transfer.ask_first)).collect();
        for (start, ask_first) in starts {
            self.drop_transfer(start, core);
            if ask_first {
                // It may be stored by now, so it is not planned anew before a status has told.
                self.freshness = Freshness::Stale;
            }
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
