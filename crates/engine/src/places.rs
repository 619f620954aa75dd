//! Which uploads are worked on, and which wait for their turn.

use std::collections::VecDeque;

use crate::{Config, UploadKey};

/// A queue before a number of places.
#[derive(Debug)]
struct Lane {
    places: usize,
    active: Vec<UploadKey>,
    /// One that no longer wants a place is passed over when its turn comes.
    queue: VecDeque<UploadKey>,
}

/// Large files are worked on a few at a time, so that each gets done; small ones need a place for a request or two only,
/// and enough of them are worked on to fill the connections.
#[derive(Debug)]
pub(crate) struct Places {
    lanes: [Lane; 2],
}

impl Places {
    pub(crate) fn new(config: &Config) -> Self {
        let large = config.parallel_files as usize;
        let small = large.max(2 * config.max_chunks_in_flight as usize);
        let lane = |places| Lane { places, active: Vec::new(), queue: VecDeque::new() };
        Self { lanes: [lane(large), lane(small)] }
    }

    /// The uploads that hold a place.
    pub(crate) fn active(&self) -> impl Iterator<Item = UploadKey> {
        self.lanes.iter().flat_map(|lane| &lane.active).copied()
    }

    /// Lines up behind all others.
    pub(crate) fn push(&mut self, key: UploadKey, is_small: bool) {
        self.lane(is_small).queue.push_back(key);
    }

    /// Is the next in turn, unless it is in line or at work already.
    pub(crate) fn push_first(&mut self, key: UploadKey, is_small: bool) {
        let lane = self.lane(is_small);
        if !lane.active.contains(&key) && !lane.queue.contains(&key) {
            lane.queue.push_front(key);
        }
    }

    /// Leaves its place.
    pub(crate) fn leave(&mut self, key: UploadKey) {
        for lane in &mut self.lanes {
            lane.active.retain(|&other| other != key);
        }
    }

    /// The next in line for which there is a place; it has it from now on.
    pub(crate) fn next(&mut self, wants: impl Fn(UploadKey) -> bool) -> Option<UploadKey> {
        for lane in &mut self.lanes {
            while lane.active.len() < lane.places {
                let Some(key) = lane.queue.pop_front() else { break };
                if wants(key) {
                    lane.active.push(key);
                    return Some(key);
                }
            }
        }
        None
    }

    /// With one file at a time there is one line for all.
    fn lane(&mut self, is_small: bool) -> &mut Lane {
        let [large, small] = &mut self.lanes;
        if is_small && large.places > 1 { small } else { large }
    }
}
