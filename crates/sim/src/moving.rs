//! A PUT whose bytes move is not given up.

use std::collections::BTreeSet;

use upferry_engine::{Answer, Input, Loss, Request, UploadKey};
use upferry_protocol::ByteRange;

use crate::client::Sent;
use crate::pair::Pair;

/// So many looks in a row without an answer mean that the connection is dead.
const MOST_BLIND_LOOKS: u32 = 3;

/// PUTs that the present input had the engine abort though the server was receiving them.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    aborted: Vec<(UploadKey, String, ByteRange)>,
    /// Uploads that ended or began anew with it.
    excused: BTreeSet<UploadKey>,
}

impl Suspects {
    pub(crate) fn excuse(&mut self, key: UploadKey) {
        self.excused.insert(key);
    }
}

impl Pair {
    /// What has become of a status: without an answer for several times in a row, nobody can tell what moves.
    pub(crate) fn seen(&mut self, sent: &Sent, answer: Option<&Answer>) {
        if matches!(sent.request, Request::Status { .. }) {
            let blind = self.running().blind.entry(sent.key).or_default();
            match answer {
                None | Some(Answer::Lost(Loss::Network | Loss::Timeout)) => *blind += 1,
                Some(Answer::Lost(Loss::Unreadable)) => {}
                Some(_) => *blind = 0,
            }
        }
    }

    pub(crate) fn suspect(&mut self, sent: &Sent) {
        if self.running().blind.get(&sent.key).is_some_and(|looks| *looks >= MOST_BLIND_LOOKS) {
            return;
        }
        if let Request::PutChunk { url, range, .. } = &sent.request
            && self.flights.contains_key(&sent.flight)
            && self.server.is_moving(self.now, url, *range)
        {
            self.suspects.aborted.push((sent.key, url.clone(), *range));
        }
    }

    /// Only people, sleep and other tabs end a PUT that moves; or the server, by saying that the upload is no more or
    /// that the range is stored.
    pub(crate) fn check_suspects(&mut self, by_itself: bool) {
        let Suspects { aborted, excused } = std::mem::take(&mut self.suspects);
        let wrong = aborted
            .iter()
            .filter(|_| by_itself)
            .find(|(key, url, range)| !excused.contains(key) && !self.checks.is_confirmed_in_part(url, *range));
        if let Some((key, _, range)) = wrong {
            self.fail(format_args!("{range} of {key:?} is given up, though its bytes move"));
        }
    }
}

/// Whether nobody but the engine decides what comes of it.
pub(crate) fn is_by_itself(input: &Input) -> bool {
    match input {
        Input::Timeout | Input::Answered(..) | Input::ChunkRead(_, Ok(_)) | Input::RecordSaved(..) => true,
        Input::Add { .. }
        | Input::Pause(_)
        | Input::Resume(_)
        | Input::Cancel(_)
        | Input::Retry(_)
        | Input::Identified(..)
        | Input::Claimed(..)
        | Input::ChunkRead(_, Err(_))
        | Input::HeadersRefreshed(..)
        | Input::Online(_)
        | Input::Suspended
        | Input::Woke => false,
    }
}
