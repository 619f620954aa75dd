//! Who may create with content: the hook is asked about each of its parts.

use std::sync::Arc;

use axum::Router;
use axum::http::Request;
use axum::http::request::Parts;
use serde_json::json;
use sha2::{Digest, Sha256};
use upferry_protocol::{Code, Problem, Sha256Digest, UPLOAD_CREATE, content_digest, upload_create};
use upferry_server::{Config, Operation, Principal, UploadInfo, router};

use crate::client::{Answer, send};

/// An application where nobody may do `refused`.
async fn application(dir: &tempfile::TempDir, refused: Operation) -> Router {
    let mut config = Config::new(dir.path());
    config.authorize = Arc::new(move |operation: Operation, _: &Parts, upload: Option<&UploadInfo>| {
        assert_eq!(upload.is_some(), operation != Operation::Create, "the hook learns what it is asked about");
        assert!(upload.is_none_or(|upload| upload.name == "a"));
        if operation == refused {
            return Err(Problem::new(Code::Forbidden, "Nobody may."));
        }
        Ok(Principal::new("me"))
    });
    Router::new().nest("/files", router(config).await.unwrap())
}

async fn create(app: &Router, bytes: Vec<u8>) -> Answer {
    let json = json!({"size": bytes.len(), "name": "a", "completeWhenFull": true}).to_string();
    let request = Request::post("/files")
        .header("content-type", "application/octet-stream")
        .header("content-length", bytes.len())
        .header("content-digest", content_digest(Sha256Digest(Sha256::digest(&bytes).into())))
        .header("idempotency-key", format!("\"{}\"", bytes.len()))
        .header(UPLOAD_CREATE, upload_create(&json).unwrap());
    send(app, request.body(bytes.into()).unwrap()).await
}

/// The second is too long to be read before it is created.
const LENGTHS: [usize; 2] = [1_000, 1_000_000];

#[tokio::test]
async fn who_may_not_create_or_write_makes_nothing() {
    for refused in [Operation::Create, Operation::Write] {
        let dir = tempfile::tempdir().unwrap();
        let app = application(&dir, refused).await;
        for length in LENGTHS {
            let answer = create(&app, vec![7; length]).await;
            assert_eq!(answer.outcome(), (403, "forbidden".into()), "{refused:?} {length}");
            assert!(!answer.headers.contains_key("location"));
        }
        assert_eq!(std::fs::read_dir(dir.path().join("unfinished")).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn who_may_not_complete_has_the_bytes_confirmed_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let app = application(&dir, Operation::Complete).await;
    for length in LENGTHS {
        for code in [201, 200] {
            let answer = create(&app, vec![7; length]).await;
            assert_eq!(answer.status.as_u16(), code);
            assert_eq!((&answer.json()["state"], &answer.json()["receivedBytes"]), (&json!("open"), &json!(length)));
        }
    }
}
