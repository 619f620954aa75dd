//! What a start makes of what a crash has left, row by row.

use std::path::{Path, PathBuf};

use crate::client::{get, put, send_json};
use axum::Router;
use axum::http::Method;
use serde_json::json;
use upferry_protocol::Sha256Digest;
use upferry_server::ledger::{Ledger, SqliteLedger, State, Transition};
use upferry_server::{Config, Timestamp, UploadId, router};

const HELD: &[State] = &[State::Open, State::Paused];

/// A folder as a crash leaves it: one upload of two chunks, full, in whatever state the test puts it.
struct Crashed {
    dir: tempfile::TempDir,
    id: UploadId,
}

impl Crashed {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let app = start(dir.path()).await;
        let size = 65_536 + 3;
        let url = send_json(&app, Method::POST, "/", json!({"size": size, "name": "a"})).await.location();
        assert_eq!(put(&app, &url, 65_536, b"end", size).await.status, 204);
        assert_eq!(put(&app, &url, 0, &[7; 65_536], size).await.status, 204);
        Self { dir, id: UploadId::parse(url.trim_start_matches('/')).unwrap() }
    }

    async fn note(&self, to: State, digest: Option<Sha256Digest>, expected: Option<Sha256Digest>) {
        let ledger = SqliteLedger::open(&self.dir.path().join("ledger.sqlite")).unwrap();
        let transition = Transition { digest, expected, ..Transition::new(HELD, to) };
        assert!(ledger.change(self.id, transition, Timestamp::now()).await.unwrap());
    }

    fn unfinished(&self) -> PathBuf {
        self.dir.path().join("unfinished").join(self.id.to_string())
    }

    fn finished(&self) -> PathBuf {
        let id = self.id.to_string();
        self.dir.path().join("files").join(&id[..2]).join(&id[2..4]).join(id)
    }

    fn publish(&self) {
        std::fs::create_dir_all(self.finished().parent().unwrap()).unwrap();
        std::fs::rename(self.unfinished(), self.finished()).unwrap();
    }

    async fn state_after_start(&self) -> String {
        let app = start(self.dir.path()).await;
        let answer = get(&app, &format!("/{}", self.id)).await;
        answer.json()["state"].as_str().unwrap_or("gone").to_owned()
    }
}

async fn start(folder: &Path) -> Router {
    router(Config::new(folder)).await.unwrap()
}

#[tokio::test]
async fn a_finished_file_alone_is_rolled_forward() {
    let crashed = Crashed::new().await;
    crashed.note(State::Completing, Some(Sha256Digest([1; 32])), None).await;
    crashed.publish();
    assert_eq!(crashed.state_after_start().await, "complete");
    let app = start(crashed.dir.path()).await;
    let status = get(&app, &format!("/{}", crashed.id)).await.json();
    assert_eq!(status["digest"]["sha-256"], "01".repeat(32), "noted before the rename, not computed again");
}

#[tokio::test]
async fn an_unfinished_one_is_completed_again() {
    let crashed = Crashed::new().await;
    crashed.note(State::Completing, None, None).await;
    assert_eq!(crashed.state_after_start().await, "complete");
    assert_eq!(std::fs::read(crashed.finished()).unwrap().len(), 65_536 + 3);
    assert!(!crashed.unfinished().exists());
}

#[tokio::test]
async fn the_digest_that_the_client_stated_is_compared_after_a_crash_too() {
    let crashed = Crashed::new().await;
    crashed.note(State::Completing, None, Some(Sha256Digest([1; 32]))).await;
    assert_eq!(crashed.state_after_start().await, "open");
    assert!(crashed.unfinished().exists() && !crashed.finished().exists());
}

#[tokio::test]
async fn neither_or_both_is_a_failure_and_deletes_nothing() {
    let neither = Crashed::new().await;
    neither.note(State::Completing, None, None).await;
    std::fs::remove_file(neither.unfinished()).unwrap();
    assert_eq!(neither.state_after_start().await, "failed");

    let both = Crashed::new().await;
    both.note(State::Completing, None, None).await;
    both.publish();
    std::fs::copy(both.finished(), both.unfinished()).unwrap();
    assert_eq!(both.state_after_start().await, "failed");
    assert!(both.finished().exists() && both.unfinished().exists());
}

#[tokio::test]
async fn an_open_upload_without_data_has_failed() {
    let crashed = Crashed::new().await;
    std::fs::remove_file(crashed.unfinished()).unwrap();
    assert_eq!(crashed.state_after_start().await, "failed");
}

#[tokio::test]
async fn data_of_ended_uploads_are_removed() {
    for state in [State::Cancelled, State::Expired] {
        let crashed = Crashed::new().await;
        crashed.note(state, None, None).await;
        assert_eq!(crashed.state_after_start().await, "gone");
        assert!(!crashed.unfinished().exists());
    }
}

#[tokio::test]
async fn only_data_without_a_row_are_swept() {
    let crashed = Crashed::new().await;
    let orphan = crashed.unfinished().with_file_name("0".repeat(32));
    let foreign = crashed.unfinished().with_file_name("notes.txt");
    let finished = crashed.dir.path().join("files").join("f".repeat(32));
    for path in [&orphan, &foreign, &finished] {
        std::fs::write(path, "x").unwrap();
    }
    assert_eq!(crashed.state_after_start().await, "open");
    assert!(!orphan.exists() && foreign.exists() && finished.exists() && crashed.unfinished().exists());
}

#[tokio::test]
async fn what_the_ledger_says_is_received() {
    let crashed = Crashed::new().await;
    let app = start(crashed.dir.path()).await;
    let status = get(&app, &format!("/{}", crashed.id)).await.json();
    assert_eq!(status["received"], json!([[0, 65_539]]));
}
