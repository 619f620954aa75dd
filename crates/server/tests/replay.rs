//! What the simulator's model of the server answers, the real one answers too.
//!
//! Traces of simulated uploads, and calls at random, are replayed against an in-process router with real bytes and
//! SHA-256; statuses, codes and JSON are compared. So what is proven against the model holds for the server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, header};
use http_body_util::Full;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use upferry_engine::ChunkSize;
use upferry_protocol::{
    ByteRange, ContentRange, CreateRequest, PatchRequest, Problem, Sha256Digest, UploadStatus, content_digest,
};
use upferry_server::{Config, Limits, MinFree, StartError, Times, router};
use upferry_sim::{Call, Content, Exchange, Faults, Pair, PutId, PutRequest, Reply, Setup, SimFile, walk};

#[tokio::test]
async fn calls_at_random() {
    for seed in 0..40 {
        replay(seed, &walk(seed, 60, sha256)).await;
    }
}

#[tokio::test]
async fn uploads_on_bad_days() {
    for seed in 0..40 {
        replay(seed, &trace(seed)).await;
    }
}

/// The calls of an upload with faults, a kill, pauses and restarts.
fn trace(seed: u64) -> Vec<Exchange> {
    // With an unnoticed cut the outcome depends on the clock, which is not replayed.
    let faults = Faults { unnoticed: false, restarts: 10, ..Faults::rough(seed) };
    let mut setup = Setup { faults, ..Setup::new(seed) };
    setup.config.chunk_size = ChunkSize::Fixed(64 << (10 + seed % 3));
    setup.model.digest = sha256;
    let mut pair = Pair::with(setup);
    let file = pair.file(SimFile::new("视频.mp4", seed * 20_000 + seed % 2));
    let upload = pair.add(file);
    pair.drive_bounded(2_000 + seed * 300);
    pair.pause(upload);
    pair.drive_bounded(500);
    pair.resume(upload);
    pair.drive_bounded(1_000 + seed * 100);
    pair.kill();
    pair.start();
    let upload = pair.add(file);
    pair.drive();
    pair.assert_delivered(upload);
    pair.trace.exchanges().cloned().collect()
}

fn sha256(content: &Content) -> Sha256Digest {
    Sha256Digest(Sha256::digest(content.bytes()).into())
}

async fn replay(seed: u64, exchanges: &[Exchange]) {
    let mut real = Real::start().await;
    for (number, exchange) in exchanges.iter().enumerate() {
        if let Err(difference) = real.follow(exchange).await {
            let before = &exchanges[number.saturating_sub(8)..number];
            panic!("seed {seed}, call {number}\nbefore: {before:#?}\nmodel: {exchange:#?}\nserver: {difference}");
        }
    }
}

/// A PUT whose headers were sent.
struct OpenPut {
    body: tokio::sync::oneshot::Sender<Vec<u8>>,
    answer: JoinHandle<Answer>,
}

struct Real {
    folder: TempDir,
    router: Router,
    /// From the model's URLs to the server's.
    urls: BTreeMap<String, String>,
    open: BTreeMap<PutId, OpenPut>,
}

struct Answer {
    status: u16,
    location: Option<String>,
    retry_after: Option<String>,
    body: Value,
}

impl Real {
    async fn start() -> Self {
        let folder = TempDir::new().expect("a folder for the data");
        let router = open(folder.path().into()).await;
        Self { folder, router, urls: BTreeMap::new(), open: BTreeMap::new() }
    }

    /// Makes the call and compares the answers.
    async fn follow(&mut self, exchange: &Exchange) -> Result<(), String> {
        let answer = match &exchange.call {
            Call::Restart => {
                self.restart().await;
                None
            }
            Call::PutCut(id) => {
                if let Some(put) = self.open.remove(id) {
                    put.answer.abort();
                    drop(put.answer.await);
                }
                None
            }
            Call::PutBegin(id, put) if exchange.reply.is_none() => {
                self.begin(&exchange.url, *id, put).await;
                None
            }
            Call::PutBegin(_, put) => {
                let body = vec![0; usize::try_from(put.range.len()).unwrap_or(0)];
                Some(answered(self.router.clone().oneshot(self.put(&exchange.url, put, Body::from(body)))).await)
            }
            Call::PutEnd(id, content) => {
                let put = self.open.remove(id).ok_or("no such PUT is open")?;
                // A server that has answered already reads no further.
                let _ = put.body.send(content.bytes());
                Some(put.answer.await.map_err(|error| error.to_string())?)
            }
            Call::Create { .. }
            | Call::Status
            | Call::Chunks { .. }
            | Call::SetState(_)
            | Call::Complete { .. }
            | Call::Cancel => {
                Some(answered(self.router.clone().oneshot(self.request(&exchange.url, &exchange.call))).await)
            }
        };
        match (answer, &exchange.reply) {
            (Some(answer), Some(reply)) => self.compare(&answer, reply),
            (None, None) => Ok(()),
            (_, _) => Err("one has answered and the other has not".into()),
        }
    }

    async fn restart(&mut self) {
        for put in std::mem::take(&mut self.open).into_values() {
            put.answer.abort();
            drop(put.answer.await);
        }
        self.router = Router::new();
        self.router = open(self.folder.path().into()).await;
    }

    /// Sends the headers and waits until the server has begun to read the body.
    async fn begin(&mut self, url: &str, id: PutId, put: &PutRequest) {
        let (body, rest) = tokio::sync::oneshot::channel::<Vec<u8>>();
        let stream = Later { length: put.range.len(), rest: Some(rest) };
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let request = self.put(url, put, Body::new(Noticed { body: stream, begun: Some(begun) }));
        let answer = tokio::spawn(answered(self.router.clone().oneshot(request)));
        // The sender is dropped, too, when the server answers without reading.
        let _ = has_begun.await;
        self.open.insert(id, OpenPut { body, answer });
    }
}
