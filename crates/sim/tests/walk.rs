//! Calls at random meet every answer that a server gives to a client of its own.

use std::collections::BTreeSet;

use upferry_protocol::Code;
use upferry_sim::{Reply, quick_digest, walk};

#[test]
fn meets_every_refusal() {
    let mut met = BTreeSet::new();
    for exchange in (0..40).flat_map(|seed| walk(seed, 60, quick_digest)) {
        if let Some(Reply::Problem(problem)) = exchange.reply {
            met.insert(problem.code);
        }
    }
    let expected = [
        Code::DigestMismatch,
        Code::RangeBusy,
        Code::ChunkConflict,
        Code::ChunkOverlap,
        Code::UploadPaused,
        Code::UploadComplete,
        Code::Incomplete,
        Code::UploadGone,
        Code::RangeInvalid,
        Code::IdempotencyKeyReused,
    ];
    assert_eq!(met, expected.into());
}
