//! The records that survive a kill, and the writes that may not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use upferry_engine::{EffectId, Record, Time};
use upferry_protocol::Sha256Digest;

use crate::queue::Session;

/// A write that is not durable yet.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Write {
    Save(EffectId, Box<Record>),
    Delete(String),
}

/// The client's storage. Writes end in the order they were begun in.
#[derive(Debug, Default)]
pub struct Disk {
    /// From a record's id to the number of its last write and the record.
    records: BTreeMap<String, (u64, Record)>,
    /// The ids of records of which a save has ended, well or not.
    tried: BTreeSet<String>,
    writes: VecDeque<(Session, Write)>,
    written: u64,
    pub(crate) busy_until: Time,
}

impl Disk {
    /// The durable records, the most recently written first.
    #[must_use]
    pub fn records(&self) -> Vec<&Record> {
        let mut records: Vec<_> = self.records.values().collect();
        records.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        records.into_iter().map(|(_, record)| record).collect()
    }

    /// Changes the records as another tab or an older version would.
    pub fn edit(&mut self, mut edit: impl FnMut(&mut Record)) {
        self.records.values_mut().for_each(|(_, record)| edit(record));
    }

    pub(crate) fn with_fingerprint(&self, fingerprint: Sha256Digest) -> Vec<Record> {
        self.records().into_iter().filter(|record| record.fingerprint == fingerprint).cloned().collect()
    }

    pub(crate) fn begin(&mut self, session: Session, write: Write) {
        self.writes.push_back((session, write));
    }

    /// Ends a client's oldest write; the effect if it is one that is waited for.
    pub(crate) fn end_one(&mut self, session: Session, works: bool) -> Option<EffectId> {
        let oldest = self.writes.iter().position(|(of, _)| *of == session)?;
        match self.writes.remove(oldest)?.1 {
            Write::Save(effect, record) => {
                self.tried.insert(record.id.clone());
                if works {
                    self.written += 1;
                    self.records.insert(record.id.clone(), (self.written, *record));
                }
                Some(effect)
            }
            Write::Delete(id) => {
                if works {
                    self.records.remove(&id);
                }
                None
            }
        }
    }

    /// A client was killed: of its writes that had not ended, this many have.
    pub(crate) fn kill(&mut self, session: Session, ended: usize) {
        for _ in 0..ended {
            self.end_one(session, true);
        }
        self.writes.retain(|(of, _)| *of != session);
    }

    /// Whether the record is saved, or its save has failed.
    pub(crate) fn has_tried(&self, id: &str) -> bool {
        self.tried.contains(id)
    }

    pub(crate) fn pending(&self, session: Session) -> usize {
        self.writes.iter().filter(|(of, _)| *of == session).count()
    }
}
