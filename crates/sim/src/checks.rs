//! What is checked on every run.

use std::collections::{BTreeMap, BTreeSet};

use upferry_protocol::{ByteRange, ChunkLimits, RangeSet, UploadStatus};

use crate::fate::Kind;

/// The checks on what the client sends. They know what the client has been told, in all of its sessions:
///
/// - no PUT carries a byte that the client has seen confirmed, by an answer to its PUT or in a status;
/// - a range whose PUT got no answer is not sent again before a status was asked for and has come;
/// - a PUT's range keeps the limits that the server announced;
/// - two PUTs in flight never share a byte;
/// - bytes leave only from the client that holds the claim of their file;
/// - a PUT that moves is not given up, but by people, sleep, or another tab;
/// - nothing is spent of the retry budget for want of a network, where the browser says that there is none.
///
/// Others stand where they are made: buffers and the memory budget, effects that must be known, `confirmed` that never
/// goes back, parallel chunks, a record on disk before its creation leaves, instants that never end, nothing told after
/// a cancel, one `Complete` per upload, the content at the server.
#[derive(Debug, Default)]
pub struct Checks {
    uploads: BTreeMap<String, Seen>,
    /// The Idempotency-Keys whose creation was answered.
    created: BTreeSet<String>,
    sent: BTreeMap<Kind, u64>,
    clock: u64,
}

/// What the client has been told of an upload.
#[derive(Debug)]
struct Seen {
    limits: ChunkLimits,
    confirmed: RangeSet,
    /// Ranges whose PUT got no answer, and when.
    unknown: Vec<(u64, ByteRange)>,
    in_flight: RangeSet,
}

impl Checks {
    /// How many requests of a kind were sent.
    #[must_use]
    pub fn sent(&self, kind: Kind) -> u64 {
        self.sent.get(&kind).copied().unwrap_or(0)
    }

    /// How many requests were sent.
    #[must_use]
    pub fn sent_in_all(&self) -> u64 {
        self.sent.values().sum()
    }

    /// How many bytes of an upload the client has seen confirmed.
    #[must_use]
    pub fn confirmed(&self, url: &str) -> u64 {
        self.uploads.get(url).map_or(0, |seen| seen.confirmed.covered())
    }

    /// A request leaves; the moment, for [`Checks::status`].
    pub(crate) fn request(&mut self, kind: Kind) -> u64 {
        *self.sent.entry(kind).or_default() += 1;
        self.clock += 1;
        self.clock
    }

    pub(crate) fn put_begins(&mut self, url: &str, range: ByteRange, size: u64) -> Result<(), String> {
        let seen = self.uploads.get_mut(url).ok_or(format!("a PUT to {url}, which no answer has named"))?;
        if seen.confirmed.overlaps(range) {
            return Err(format!("{range} is sent, of which the client has seen confirmed {:?}", seen.confirmed));
        }
        if let Some((_, unknown)) = seen.unknown.iter().find(|(_, unknown)| unknown.overlaps(range)) {
            return Err(format!("{range} is sent, though it is not known what became of {unknown}"));
        }
        if seen.in_flight.overlaps(range) {
            return Err(format!("{range} is sent while a part of it is in flight: {:?}", seen.in_flight));
        }
        if !seen.limits.allow(range, size) {
            return Err(format!("{range} of {size} bytes breaks the limits {:?}", seen.limits));
        }
        seen.in_flight.insert(range);
        Ok(())
    }

    /// A file leaves along with its creation.
    pub(crate) fn content_begins(&self, key: &str) -> Result<(), String> {
        if self.created.contains(key) {
            return Err(format!("{key} is created with its content, though it was created before"));
        }
        Ok(())
    }

    pub(crate) fn created(&mut self, key: &str) {
        self.created.insert(key.into());
    }

    pub(crate) fn is_confirmed_in_part(&self, url: &str, range: ByteRange) -> bool {
        self.uploads.get(url).is_some_and(|seen| seen.confirmed.overlaps(range))
    }

    /// The claim was lost while the PUT was in flight: somebody else may send the range, too.
    pub(crate) fn put_orphaned(&mut self, url: &str, range: ByteRange) {
        if let Some(seen) = self.uploads.get_mut(url) {
            seen.in_flight.remove(range);
        }
    }

    pub(crate) fn put_confirmed(&mut self, url: &str, range: ByteRange) {
        if let Some(seen) = self.uploads.get_mut(url) {
            seen.in_flight.remove(range);
            seen.confirmed.insert(range);
        }
    }

    pub(crate) fn put_refused(&mut self, url: &str, range: ByteRange) {
        if let Some(seen) = self.uploads.get_mut(url) {
            seen.in_flight.remove(range);
        }
    }

    /// The PUT was aborted, lost, or its client killed.
    pub(crate) fn put_unanswered(&mut self, url: &str, range: ByteRange) {
        if let Some(seen) = self.uploads.get_mut(url) {
            seen.in_flight.remove(range);
            // What is stored in part, by somebody else, will never be stored by this PUT.
            if !seen.confirmed.overlaps(range) {
                seen.unknown.push((self.clock, range));
            }
        }
    }

    /// The client was given a status, by an answer to a request of that moment.
    pub(crate) fn status(&mut self, url: &str, status: &UploadStatus, asked: u64) {
        let seen = self.uploads.entry(url.into()).or_insert_with(|| Seen {
            limits: status.chunk,
            confirmed: RangeSet::new(),
            unknown: Vec::new(),
            in_flight: RangeSet::new(),
        });
        seen.limits = status.chunk;
        seen.confirmed.union(&status.received);
        seen.unknown.retain(|(since, _)| *since >= asked);
    }

    /// The server has lost bytes that it had confirmed, and has told the client.
    pub(crate) fn missing(&mut self, url: &str, missing: &[ByteRange]) {
        if let Some(seen) = self.uploads.get_mut(url) {
            missing.iter().for_each(|range| seen.confirmed.remove(*range));
        }
    }

    /// The client was given `received` by a problem.
    pub(crate) fn received(&mut self, url: &str, received: &RangeSet, asked: u64) {
        if let Some(seen) = self.uploads.get_mut(url) {
            seen.confirmed.union(received);
            seen.unknown.retain(|(since, _)| *since >= asked);
        }
    }
}
