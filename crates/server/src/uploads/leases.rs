//! Which request owns which range.
//!
//! An open PUT owns its range by a lease. The table is pure: it reads no clock and waits for nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use upferry_protocol::{ByteRange, Receiving};

/// Names one lease of one upload; never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct LeaseId(u64);

/// The leases of one upload.
///
/// Invariant: two leases that are not revoked never overlap. A revoked one stays in the table until its owner's last
/// write has ended; the lease that took over must not write before that.
#[derive(Default)]
pub(crate) struct Leases {
    next: u64,
    table: BTreeMap<LeaseId, Lease>,
}

struct Lease {
    range: ByteRange,
    at: u64,
    heard: Instant,
    phase: Phase,
    /// Wakes the owner when the lease is revoked.
    revoked: Arc<Notify>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Reading,
    /// The body is whole and is being made durable: nobody takes over any more.
    Storing,
    Revoked,
}

/// A lease that was granted.
pub(crate) struct Grant {
    pub(crate) id: LeaseId,
    pub(crate) revoked: Arc<Notify>,
}

/// The range is owned by somebody who is not silent, or it meets another one that is owned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Busy;

/// The lease was revoked: its owner must write nothing more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Revoked;

impl Leases {
    /// Grants a range that nobody owns. The same range's owner is revoked if the body was silent for `patience`;
    /// until [`is_clear`](Self::is_clear) the new owner must wait.
    pub(crate) fn acquire(&mut self, range: ByteRange, now: Instant, patience: Duration) -> Result<Grant, Busy> {
        let owner = self.table.iter().find(|(_, lease)| lease.phase != Phase::Revoked && lease.range.overlaps(range));
        if let Some((&id, lease)) = owner {
            let silent = now.saturating_duration_since(lease.heard) >= patience;
            if lease.range != range || lease.phase != Phase::Reading || !silent {
                return Err(Busy);
            }
            if let Some(lease) = self.table.get_mut(&id) {
                lease.phase = Phase::Revoked;
                lease.revoked.notify_one();
            }
        }
        let id = LeaseId(self.next);
        self.next += 1;
        let revoked = Arc::new(Notify::new());
        let lease =
            Lease { range, at: range.start(), heard: now, phase: Phase::Reading, revoked: Arc::clone(&revoked) };
        self.table.insert(id, lease);
        Ok(Grant { id, revoked })
    }

    /// Whether every older owner of the lease's range is gone, so that its own may write.
    pub(crate) fn is_clear(&self, id: LeaseId) -> bool {
        self.table.get(&id).is_some_and(|own| !self.table.range(..id).any(|(_, older)| older.range.overlaps(own.range)))
    }

    /// Notes that the body has reached the offset `at`.
    pub(crate) fn advance(&mut self, id: LeaseId, at: u64, now: Instant) -> Result<(), Revoked> {
        let lease = self.reading(id)?;
        lease.at = at;
        lease.heard = now;
        Ok(())
    }

    /// Notes that the body is whole.
    pub(crate) fn begin_storing(&mut self, id: LeaseId) -> Result<(), Revoked> {
        self.reading(id)?.phase = Phase::Storing;
        Ok(())
    }

    /// Whether the owner may write still.
    pub(crate) fn is_revoked(&self, id: LeaseId) -> bool {
        self.table.get(&id).is_none_or(|lease| lease.phase == Phase::Revoked)
    }

    /// Gives a lease back; tells whether it was there.
    pub(crate) fn release(&mut self, id: LeaseId) -> bool {
        self.table.remove(&id).is_some()
    }

    /// The bodies that are being read.
    pub(crate) fn receiving(&self) -> Vec<Receiving> {
        let mut receiving: Vec<_> = self
            .table
            .values()
            .filter(|lease| lease.phase != Phase::Revoked)
            .map(|lease| Receiving { start: lease.range.start(), at: lease.at })
            .collect();
        receiving.sort_by_key(|receiving| receiving.start);
        receiving
    }

    /// The number of leases, revoked ones included, whose ranges do not meet `range`.
    pub(crate) fn beside(&self, range: ByteRange) -> usize {
        self.table.values().filter(|lease| !lease.range.overlaps(range)).count()
    }

    /// The number of leases, revoked ones included.
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    fn reading(&mut self, id: LeaseId) -> Result<&mut Lease, Revoked> {
        self.table.get_mut(&id).filter(|lease| lease.phase == Phase::Reading).ok_or(Revoked)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn range(start: u64, end: u64) -> ByteRange {
        ByteRange::new(start, end).unwrap()
    }

    #[test]
    fn the_same_range_is_taken_over_from_a_silent_owner() {
        let (mut leases, start) = (Leases::default(), Instant::now());
        let old = leases.acquire(range(0, 10), start, PATIENCE).unwrap();
        leases.advance(old.id, 5, start + Duration::from_secs(2)).unwrap();
        let early = start + Duration::from_secs(6);
        assert_eq!(leases.acquire(range(0, 10), early, PATIENCE).err(), Some(Busy));
        let late = start + Duration::from_secs(7);
        assert_eq!(leases.acquire(range(0, 20), late, PATIENCE).err(), Some(Busy), "another range never takes over");
        let new = leases.acquire(range(0, 10), late, PATIENCE).unwrap();
        assert!(leases.is_revoked(old.id) && !leases.is_clear(new.id));
        assert_eq!(leases.advance(old.id, 6, late), Err(Revoked));
        leases.release(old.id);
        assert!(leases.is_clear(new.id));
        assert_eq!(leases.receiving(), [Receiving { start: 0, at: 0 }]);
    }

    #[test]
    fn what_is_being_stored_is_not_taken_over() {
        let (mut leases, start) = (Leases::default(), Instant::now());
        let old = leases.acquire(range(0, 10), start, PATIENCE).unwrap();
        leases.begin_storing(old.id).unwrap();
        assert_eq!(leases.acquire(range(0, 10), start + 10 * PATIENCE, PATIENCE).err(), Some(Busy));
    }

    #[derive(Clone, Debug)]
    enum Op {
        Acquire(u64, u64),
        Advance(usize),
        Store(usize),
        Release(usize),
        Wait(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![
            (0..4_u64, 1..3_u64).prop_map(|(start, len)| Op::Acquire(start, start + len)),
            (0..8_usize).prop_map(Op::Advance),
            (0..8_usize).prop_map(Op::Store),
            (0..8_usize).prop_map(Op::Release),
            (0..8_u64).prop_map(Op::Wait),
        ]
    }

    proptest! {
        /// Whatever happens, at most one owner of a byte may write.
        #[test]
        fn nobody_writes_where_somebody_else_may(ops in proptest::collection::vec(op(), 1..80)) {
            let (mut leases, mut now) = (Leases::default(), Instant::now());
            let mut held: Vec<(LeaseId, ByteRange)> = Vec::new();
            for op in ops {
                match op {
                    Op::Acquire(start, end) => {
                        if let Ok(grant) = leases.acquire(range(start, end), now, PATIENCE) {
                            held.push((grant.id, range(start, end)));
                        }
                    }
                    Op::Advance(index) => if let Some(&(id, range)) = held.get(index) {
                        let _ = leases.advance(id, range.end(), now);
                    },
                    Op::Store(index) => if let Some(&(id, _)) = held.get(index) {
                        let _ = leases.begin_storing(id);
                    },
                    Op::Release(index) => if index < held.len() {
                        prop_assert!(leases.release(held.swap_remove(index).0));
                    },
                    Op::Wait(seconds) => now += Duration::from_secs(seconds),
                }
                for (index, &(id, range)) in held.iter().enumerate() {
                    for &(other, other_range) in &held[index + 1..] {
                        if range.overlaps(other_range) {
                            let (older, newer) = (id.min(other), id.max(other));
                            prop_assert!(leases.is_revoked(older), "the older one begins no write any more");
                            prop_assert!(!leases.is_clear(newer), "its last write may still be under way");
                        }
                    }
                }
                prop_assert_eq!(leases.len(), held.len());
            }
        }
    }
}
