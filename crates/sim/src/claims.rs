//! One file has one sender in a browser: who holds which claim, as a browser's locks do it.

use std::collections::{BTreeMap, BTreeSet};

use upferry_engine::{Claim, EffectId, Input, Request, Sighting, UploadKey};
use upferry_protocol::Sha256Digest;

use crate::client::Client;
use crate::pair::Pair;
use crate::queue::{Happening, Session};

/// Between two sightings that another tab gets of an upload.
const NEWS_MS: u64 = 1_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holder {
    Session(Session),
    /// Somebody who is not simulated.
    Stranger,
}

/// The files that are claimed, by their fingerprint.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    holders: BTreeMap<Sha256Digest, Holder>,
    /// Those of which sightings are on their way.
    news: BTreeSet<Sha256Digest>,
}

/// Has a claim looked at when it arrives, see `Pair::local_done`.
pub(crate) fn look_again(effect: EffectId) -> Input {
    Input::Claimed(effect, Claim::Held(Vec::new()))
}

impl Pair {
    /// The answer to a claim of the client at hand, as of now; `None` if it no longer wants it.
    pub(crate) fn look_at_claim(&mut self, effect: EffectId) -> Option<Claim> {
        let session = self.running().session;
        let &(_, fingerprint) = self.running().claims.get(&effect)?;
        match *self.claims.holders.entry(fingerprint).or_insert(Holder::Session(session)) {
            Holder::Session(holder) if holder == session => Some(Claim::Held(self.disk.with_fingerprint(fingerprint))),
            Holder::Session(holder) => {
                let sighting = self.sighting(holder, fingerprint);
                if let (Some(seen), Some(&(key, _))) = (&sighting, self.running().claims.get(&effect))
                    && let Some(told) = self.running().uploads.get_mut(&key)
                {
                    told.sighted = told.sighted.max(seen.progress.confirmed);
                }
                Some(Claim::Elsewhere(sighting.map(Box::new)))
            }
            Holder::Stranger => Some(Claim::Elsewhere(None)),
        }
    }

    /// What the holder's client shows of its upload.
    fn sighting(&self, holder: Session, fingerprint: Sha256Digest) -> Option<Sighting> {
        let (_, client) = self.clients().find(|(_, client)| client.session == holder)?;
        let &(key, _) = client.claims.values().find(|(_, of)| *of == fingerprint)?;
        let mut record = client.records.get(&key)?.clone();
        let told = client.uploads.get(&key)?;
        record.upload_url = told.url.clone().or(record.upload_url);
        Some(Sighting { record, progress: client.engine.progress(key)? })
    }

    pub(crate) fn unclaim(&mut self, effect: EffectId) {
        let Some((_, fingerprint)) = self.running().claims.remove(&effect) else {
            self.fail(format_args!("{effect:?} is let go, but was never claimed"));
        };
        let client = self.running();
        if !client.claims.values().any(|(_, of)| *of == fingerprint) {
            let session = client.session;
            self.free(session, fingerprint);
        }
    }

    fn free(&mut self, session: Session, fingerprint: Sha256Digest) {
        if self.claims.holders.get(&fingerprint) == Some(&Holder::Session(session)) {
            self.claims.holders.remove(&fingerprint);
            self.queue.schedule(self.now, Happening::Claims(fingerprint));
        }
    }

    /// A client is no more.
    pub(crate) fn free_all(&mut self, client: &Client) {
        for (_, fingerprint) in client.claims.values() {
            self.free(client.session, *fingerprint);
        }
    }

    /// All who have claimed the file and do not hold it get news.
    pub(crate) fn look_at_claims(&mut self, fingerprint: Sha256Digest) {
        self.claims.news.remove(&fingerprint);
        let mut wanted = Vec::new();
        for (_, client) in self.clients() {
            if self.claims.holders.get(&fingerprint) != Some(&Holder::Session(client.session)) {
                let effects = client.claims.iter().filter(|(_, (_, of))| *of == fingerprint);
                wanted.extend(effects.map(|(effect, _)| (client.session, *effect)));
            }
        }
        for (session, effect) in wanted {
            let at = self.now.plus_ms(self.rng.u64(0..=self.setup.local_ms));
            self.queue.schedule(at, Happening::Local(session, look_again(effect)));
        }
    }

    /// An upload has got further; other tabs that wait for it see it soon.
    pub(crate) fn spread_news(&mut self, key: UploadKey) {
        if self.clients().nth(1).is_none() {
            return;
        }
        let found = self.running().claims.values().find(|(of, _)| *of == key).map(|(_, fingerprint)| *fingerprint);
        if let Some(fingerprint) = found
            && self.claims.news.insert(fingerprint)
        {
            self.queue.schedule(self.now.plus_ms(NEWS_MS), Happening::Claims(fingerprint));
        }
    }

    /// Somebody takes over every file that the client at hand sends, as a lease that was not renewed in time makes
    /// possible: for so long a stranger, then whoever claims it. What is in flight goes on.
    pub fn lose_claims(&mut self, ms: u64) {
        let Some(client) = &mut self.client else { return };
        let session = client.session;
        for sent in client.requests.values_mut() {
            if let Request::PutChunk { url, range, .. } = &sent.request {
                sent.orphan = true;
                self.checks.put_orphaned(url, *range);
            }
        }
        let client = self.running();
        let mut claims: Vec<_> =
            client.claims.iter().map(|(effect, (_, fingerprint))| (*effect, *fingerprint)).collect();
        claims.retain(|(_, fingerprint)| self.claims.holders.get(fingerprint) == Some(&Holder::Session(session)));
        for (_, fingerprint) in &claims {
            self.claims.holders.insert(*fingerprint, Holder::Stranger);
            self.queue.schedule(self.now.plus_ms(ms), Happening::Freed(*fingerprint));
        }
        self.running().losing.extend(claims.iter().map(|(effect, _)| *effect));
        for (effect, _) in claims {
            let told = Input::Claimed(effect, Claim::Elsewhere(None));
            match self.running().frozen.as_mut() {
                Some(frozen) => frozen.push(Happening::Local(session, told)),
                None => self.feed(told),
            }
        }
    }

    pub(crate) fn stranger_leaves(&mut self, fingerprint: Sha256Digest) {
        if self.claims.holders.get(&fingerprint) == Some(&Holder::Stranger) {
            self.claims.holders.remove(&fingerprint);
        }
        self.look_at_claims(fingerprint);
    }

    /// Bytes leave only from the client that holds the claim of their file.
    pub(crate) fn check_claim(&mut self, key: UploadKey) {
        let client = self.running();
        let holds = Some(Holder::Session(client.session));
        let claimed = client.claims.values().find(|(of, _)| *of == key).map(|(_, fingerprint)| *fingerprint);
        if claimed.is_none_or(|fingerprint| self.claims.holders.get(&fingerprint).copied() != holds) {
            self.fail(format_args!("{key:?} is sent, which somebody else has claimed, or nobody"));
        }
    }
}
