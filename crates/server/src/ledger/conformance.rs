//! What every ledger must do. A new implementation adds its factory to [`every_ledger`].

use std::collections::BTreeMap;

use upferry_protocol::{ByteRange, ChunkLimits, Sha256Digest, StoredChunk};

use super::{KeyUse, Ledger, LedgerError, NewUpload, Quota, Refused, SqliteLedger, State, Transition, UploadRecord};
use crate::{Principal, Timestamp, UploadId};

/// Runs a test against each implementation.
macro_rules! every_ledger {
    ($($(#[$doc:meta])* async fn $name:ident($ledger:ident) $body:block)*) => {$(
        $(#[$doc])*
        #[tokio::test]
        async fn $name() {
            let dir = tempfile::tempdir().unwrap();
            let $ledger = &SqliteLedger::open(&dir.path().join("ledger.sqlite")).unwrap() as &dyn Ledger;
            $body
        }
    )*};
}

const ROOMY: Quota = Quota { max_open: 100, max_reserved: 1 << 40, room: None };
const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);
const HELD: &[State] = &[State::Open, State::Paused];

fn upload(principal: &str, size: u64) -> NewUpload {
    let record = UploadRecord {
        id: UploadId::random().unwrap(),
        principal: Principal::new(principal),
        name: "视频\0'; DROP TABLE uploads; --".into(),
        media_type: Some("video/mp4".into()),
        metadata: BTreeMap::from([("a\"".into(), "\u{1F600}".into())]),
        size,
        chunk: ChunkLimits::for_size(size),
        complete_when_full: true,
        state: State::Open,
        expected: None,
        digest: None,
        created: NOW,
        touched: NOW,
    };
    NewUpload { record, key: None, chunk: None }
}

fn chunk(start: u64, end: u64) -> StoredChunk {
    StoredChunk { start, end, sha256: Sha256Digest([start as u8; 32]) }
}

async fn entered(ledger: &dyn Ledger, principal: &str, size: u64) -> UploadRecord {
    let upload = upload(principal, size);
    ledger.create(upload.clone(), ROOMY).await.unwrap();
    upload.record
}

every_ledger! {
    async fn what_is_entered_is_loaded(ledger) {
        let record = entered(ledger, "me", 10).await;
        let snapshot = ledger.load(record.id).await.unwrap().unwrap();
        assert_eq!(snapshot.record, record);
        assert!(snapshot.received.is_empty());
        assert!(ledger.knows(record.id).await.unwrap());
        let other = UploadId::random().unwrap();
        assert_eq!(ledger.load(other).await.unwrap(), None);
        assert!(!ledger.knows(other).await.unwrap());
    }

    /// In whatever state it is entered.
    async fn an_upload_is_entered_with_the_chunk_that_came_along(ledger) {
        for state in [State::Open, State::Completing] {
            let mut upload = upload("me", 10);
            upload.record.state = state;
            upload.chunk = Some(chunk(0, 10));
            ledger.create(upload.clone(), ROOMY).await.unwrap();
            let snapshot = ledger.load(upload.record.id).await.unwrap().unwrap();
            assert_eq!(snapshot.record, upload.record);
            assert_eq!(snapshot.received.iter().collect::<Vec<_>>(), [ByteRange::new(0, 10).unwrap()]);
            assert_eq!(ledger.chunks(upload.record.id, 0, 9).await.unwrap(), [chunk(0, 10)]);
        }
        assert_eq!(ledger.usage(&Principal::new("me")).await.unwrap().outstanding, 0);
    }

    async fn chunks_add_up(ledger) {
        let id = entered(ledger, "me", 40).await.id;
        for (start, end) in [(20, 30), (0, 10), (10, 20)] {
            ledger.add_chunk(id, chunk(start, end), LATER).await.unwrap();
        }
        let snapshot = ledger.load(id).await.unwrap().unwrap();
        assert_eq!(snapshot.received.iter().collect::<Vec<_>>(), [ByteRange::new(0, 30).unwrap()]);
        assert_eq!(snapshot.record.touched, LATER);
        assert_eq!(ledger.chunks(id, 0, 2).await.unwrap(), [chunk(0, 10), chunk(10, 20)]);
        assert_eq!(ledger.chunks(id, 5, 9).await.unwrap(), [chunk(10, 20), chunk(20, 30)]);
        assert_eq!(ledger.chunks(id, u64::MAX, 9).await.unwrap(), []);
        assert_eq!(ledger.usage(&Principal::new("me")).await.unwrap().outstanding, 10);
    }

    /// A chunk that the ledger holds is never replaced.
    async fn a_chunk_is_noted_once(ledger) {
        let id = entered(ledger, "me", 40).await.id;
        ledger.add_chunk(id, chunk(0, 10), NOW).await.unwrap();
        let other = StoredChunk { sha256: Sha256Digest([9; 32]), ..chunk(0, 20) };
        assert!(ledger.add_chunk(id, other, NOW).await.is_err());
        assert_eq!(ledger.chunks(id, 0, 9).await.unwrap(), [chunk(0, 10)]);
        assert_eq!(ledger.usage(&Principal::new("me")).await.unwrap().outstanding, 30, "nothing of it is kept");
    }

    async fn chunks_that_come_together_are_all_kept(ledger) {
        let id = entered(ledger, "me", 640).await.id;
        let adds = (0..64).map(|n| ledger.add_chunk(id, chunk(n * 10, n * 10 + 10), NOW));
        for added in futures_join(adds).await {
            added.unwrap();
        }
        assert_eq!(ledger.load(id).await.unwrap().unwrap().received.covered(), 640);
    }

    async fn only_open_and_paused_uploads_take_chunks(ledger) {
        for state in [State::Paused, State::Completing, State::Complete, State::Failed, State::Cancelled, State::Expired] {
            let id = entered(ledger, "me", 10).await.id;
            assert!(ledger.change(id, Transition::new(HELD, state), NOW).await.unwrap());
            let added = ledger.add_chunk(id, chunk(0, 10), NOW).await;
            let expected = if state == State::Paused { Ok(()) } else { Err(LedgerError::NotTaking(Some(state))) };
            assert_eq!(added, expected, "{state:?}");
        }
        let nobody = ledger.add_chunk(UploadId::random().unwrap(), chunk(0, 10), NOW).await;
        assert_eq!(nobody, Err(LedgerError::NotTaking(None)));
    }

    async fn a_state_changes_only_from_where_it_should(ledger) {
        let id = entered(ledger, "me", 10).await.id;
        let (expected, digest) = (Some(Sha256Digest([1; 32])), Some(Sha256Digest([2; 32])));
        let completing = Transition { expected, ..Transition::new(HELD, State::Completing) };
        assert!(ledger.change(id, completing, NOW).await.unwrap());
        assert!(!ledger.change(id, completing, LATER).await.unwrap());
        const COMPLETING: &[State] = &[State::Completing];
        let complete = Transition { digest, ..Transition::new(COMPLETING, State::Complete) };
        assert!(ledger.change(id, complete, LATER).await.unwrap());
        let record = ledger.load(id).await.unwrap().unwrap().record;
        assert_eq!((record.state, record.expected, record.digest, record.touched), (State::Complete, expected, digest, LATER));
        assert!(!ledger.change(UploadId::random().unwrap(), completing, NOW).await.unwrap());
    }

    async fn a_key_belongs_to_its_principal(ledger) {
        let fingerprint = Sha256Digest([7; 32]);
        let mut made = upload("me", 10);
        made.key = Some(("key".into(), fingerprint));
        ledger.create(made.clone(), ROOMY).await.unwrap();
        let used = Some(KeyUse { id: made.record.id, fingerprint });
        assert_eq!(ledger.key_use(&Principal::new("me"), "key").await.unwrap(), used);
        assert_eq!(ledger.key_use(&Principal::new("you"), "key").await.unwrap(), None);
        let mut again = upload("me", 10);
        again.key = made.key;
        assert!(ledger.create(again.clone(), ROOMY).await.is_err());
        assert!(!ledger.knows(again.record.id).await.unwrap(), "nothing of it is kept");
    }

    async fn the_quota_counts_what_is_unfinished(ledger) {
        let quota = Quota { max_open: 2, max_reserved: 100, room: Some(150) };
        let refused = |upload: NewUpload| async move { ledger.create(upload, quota).await };
        let first = upload("me", 60);
        refused(first.clone()).await.unwrap();
        assert_eq!(refused(upload("me", 41)).await, Err(LedgerError::Quota(Refused::Reserved)));
        assert_eq!(refused(upload("you", 91)).await, Err(LedgerError::Quota(Refused::Room)));
        refused(upload("me", 40)).await.unwrap();
        assert_eq!(refused(upload("me", 0)).await, Err(LedgerError::Quota(Refused::Open)));
        assert!(ledger.change(first.record.id, Transition::new(HELD, State::Cancelled), NOW).await.unwrap());
        refused(upload("me", 60)).await.unwrap();
    }

    async fn uploads_are_found_by_state(ledger) {
        let (open, paused) = (entered(ledger, "me", 1).await, entered(ledger, "me", 2).await);
        ledger.change(paused.id, Transition::new(HELD, State::Paused), LATER).await.unwrap();
        let ids = |records: Vec<UploadRecord>| records.iter().map(|record| record.id).collect::<Vec<_>>();
        assert_eq!(ids(ledger.in_states(HELD).await.unwrap()), [open.id, paused.id]);
        assert_eq!(ids(ledger.in_states(&[State::Open]).await.unwrap()), [open.id]);
        assert_eq!(ids(ledger.in_states(&[State::Complete]).await.unwrap()), []);
    }

    async fn only_what_ended_long_ago_is_forgotten(ledger) {
        let mut ids = Vec::new();
        for (state, at) in [
            (State::Cancelled, NOW), (State::Expired, NOW), (State::Cancelled, LATER), (State::Paused, NOW),
            (State::Completing, NOW), (State::Complete, NOW), (State::Failed, NOW),
        ] {
            let mut upload = upload("me", 10);
            upload.key = Some((format!("{state:?}{at:?}"), Sha256Digest([0; 32])));
            ledger.create(upload.clone(), ROOMY).await.unwrap();
            ledger.add_chunk(upload.record.id, chunk(0, 10), NOW).await.unwrap();
            ledger.change(upload.record.id, Transition::new(HELD, state), at).await.unwrap();
            ids.push(upload.record.id);
        }
        let mut forgotten = ledger.forget_ended(LATER).await.unwrap();
        forgotten.sort();
        let mut expected = ids[..2].to_vec();
        expected.sort();
        assert_eq!(forgotten, expected);
        assert_eq!(ledger.chunks(ids[0], 0, 9).await.unwrap(), []);
        for &id in &ids[2..] {
            assert!(ledger.knows(id).await.unwrap());
        }
        let me = Principal::new("me");
        assert_eq!(ledger.key_use(&me, &format!("{:?}{NOW:?}", State::Complete)).await.unwrap(), None);
        assert!(ledger.key_use(&me, &format!("{:?}{NOW:?}", State::Paused)).await.unwrap().is_some());
    }
}

/// Polls all at once, so that they share commits.
async fn futures_join<T: Send>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in &mut pending {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if pending.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, done)| done).collect()
}
