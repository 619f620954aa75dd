//! One file has one sender in a browser: an upload claims its file before it does anything with it.

use upferry_protocol::Sha256Digest;

use super::model::{Freshness, Upload};
use crate::core::Core;
use crate::{Claim, EffectId, Event, Output, Progress, Record};

/// How the claim stands.
#[derive(Debug, Default)]
pub(super) enum ClaimState {
    #[default]
    None,
    Asked(EffectId),
    /// Another tab has it.
    Elsewhere(EffectId),
    Held(EffectId),
}

impl ClaimState {
    fn effect(&self) -> Option<EffectId> {
        match self {
            Self::None => None,
            Self::Asked(effect) | Self::Elsewhere(effect) | Self::Held(effect) => Some(*effect),
        }
    }
}

impl Upload {
    /// Whether it may go on: the claim is held. Asks for it if need be.
    pub(super) fn has_claim(&mut self, core: &mut Core) -> bool {
        if let (ClaimState::None, Some(fingerprint)) = (&self.claim, self.fingerprint) {
            let (key, effect) = (self.key, core.effect(self.key));
            self.claim = ClaimState::Asked(effect);
            core.emit(Output::Claim { effect, key, fingerprint });
        }
        self.is_claimed()
    }

    pub(super) fn is_claimed(&self) -> bool {
        matches!(self.claim, ClaimState::Held(_))
    }

    pub(crate) fn is_elsewhere(&self) -> bool {
        matches!(self.claim, ClaimState::Elsewhere(..))
    }

    /// What the other tab has shown of it.
    pub(super) fn sighted_progress(&self) -> Option<Progress> {
        self.sighting.as_ref().filter(|_| self.is_elsewhere()).map(|sighting| sighting.progress)
    }

    /// Lets go of the claim.
    pub(super) fn unclaim(&mut self, core: &mut Core) {
        if let Some(effect) = std::mem::take(&mut self.claim).effect() {
            core.unclaim(effect);
        }
    }

    /// The page is put away: nothing may be on its way, and other tabs may go on.
    pub(crate) fn suspend(&mut self, core: &mut Core) {
        self.put_down(core);
        self.unclaim(core);
    }

    /// Lets go of a claim that is not held; what is held stays so through a pause, or another tab would go on.
    pub(super) fn withdraw_claim(&mut self, core: &mut Core) {
        match self.claim {
            ClaimState::Asked(_) | ClaimState::Elsewhere(..) => self.unclaim(core),
            ClaimState::None | ClaimState::Held(_) => {}
        }
    }

    /// News of the claim. `in_use` are the ids of records that other uploads go on with.
    pub(crate) fn claimed(&mut self, effect: EffectId, claim: Claim, in_use: impl Fn(&str) -> bool, core: &mut Core) {
        if self.claim.effect() != Some(effect) {
            return;
        }
        match claim {
            Claim::Held(_) if matches!(self.claim, ClaimState::Held(_)) => {}
            Claim::Held(records) => {
                self.claim = ClaimState::Held(effect);
                self.held(records, in_use, core);
            }
            Claim::Elsewhere(sighting) => {
                // Had it been held until now, another tab has reason to think that this one is no more.
                self.put_down(core);
                self.claim = ClaimState::Elsewhere(effect);
                self.sighting = sighting.or(self.sighting.take());
            }
        }
    }

    /// Ends everything that is under way, to be taken up again when the claim is held again.
    pub(super) fn put_down(&mut self, core: &mut Core) {
        self.drop_transfers(core);
        if let Some(control) = self.control.take() {
            core.abort(control.effect);
        }
        self.freshness = Freshness::Stale;
        self.meter.stop();
    }

    fn held(&mut self, records: Vec<Record>, in_use: impl Fn(&str) -> bool, core: &mut Core) {
        let sighting = self.sighting.take();
        let Some(fingerprint) = self.fingerprint else { return };
        if let Some(record) = &mut self.record {
            // Somebody else may have gone on with it meanwhile, and have created it at the server.
            let known = records.into_iter().find(|known| known.id == record.id);
            self.freshness = Freshness::Stale;
            self.taken_up = true;
            if record.upload_url.is_none()
                && let Some(url) = known.and_then(|known| known.upload_url)
            {
                record.upload_url = Some(url.clone());
                core.event(self.key, Event::Located(url));
            }
            return;
        }
        if let Some(expected) = self.expect.as_deref() {
            self.adopt(expected.clone(), true);
        } else if let Some(record) = self.choose_record(fingerprint, records, in_use) {
            self.adopt(record, true);
        } else if let Some(sighting) = sighting.filter(|sighting| self.is_record_of_mine(&sighting.record)) {
            // Its record is gone, as it is complete or was given up, or was never saved, as the other tab had just begun.
            // The server knows which.
            self.adopt(sighting.record, false);
            self.taken_up = true;
        } else {
            let record = self.new_record(fingerprint, core);
            self.adopt(record, false);
        }
        core.event(self.key, Event::Ready);
        if let Some(url) = self.url() {
            core.event(self.key, Event::Located(url.to_owned()));
        }
    }

    /// The record that fits best: the same name and metadata before the same content under another name.
    fn choose_record(
        &self,
        fingerprint: Sha256Digest,
        records: Vec<Record>,
        in_use: impl Fn(&str) -> bool,
    ) -> Option<Record> {
        let fits = |record: &Record| {
            record.fingerprint == fingerprint && record.create.size == self.file.size && !in_use(&record.id)
        };
        let mut fitting: Vec<Record> = records.into_iter().filter(fits).collect();
        let best = fitting.iter().position(|record| self.has_same_purpose(record)).unwrap_or(0);
        (!fitting.is_empty()).then(|| fitting.swap_remove(best))
    }

    fn is_record_of_mine(&self, record: &Record) -> bool {
        self.fingerprint == Some(record.fingerprint)
            && record.create.size == self.file.size
            && self.has_same_purpose(record)
    }

    fn has_same_purpose(&self, record: &Record) -> bool {
        record.create.name == self.file.name && record.create.metadata == self.file.metadata
    }
}
