//! What the simulator's model of the server answers, the real one answers too.
//!
//! Traces of simulated uploads, and calls at random, are replayed against an in-process router with real bytes and
//! SHA-256; statuses, codes and JSON are compared. So what is proven against the model holds for the server.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, Response, header};
use http_body::{Frame, SizeHint};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use upferry_engine::ChunkSize;
use upferry_protocol::{
    Code, CompleteRequest, ContentRange, Digests, PatchRequest, Problem, Sha256Digest, UPLOAD_CREATE, UploadStatus,
    content_digest, upload_create,
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
    let mut with_content = 0;
    for seed in 0..40 {
        let exchanges = trace(seed);
        with_content += exchanges.iter().filter(|exchange| matches!(exchange.call, Call::CreateBegin { .. })).count();
        replay(seed, &exchanges).await;
    }
    assert!(with_content > 5, "some files go along with their creation: {with_content}");
}

/// The calls of an upload with faults, a kill, pauses and restarts.
fn trace(seed: u64) -> Vec<Exchange> {
    // With an unnoticed cut the outcome depends on the clock, which is not replayed.
    // The same holds for a line on which a body stands still for longer than the server waits.
    let rough = Faults::rough(seed);
    let faults = Faults { unnoticed: false, restarts: 10, upsets: 0, bandwidth: rough.bandwidth.max(256), ..rough };
    let mut setup = Setup { faults, ..Setup::new(seed) };
    setup.config.chunk_size = ChunkSize::Fixed(64 << (10 + seed % 3));
    setup.model.digest = sha256;
    let mut pair = Pair::with(setup);
    let file = pair.file(SimFile::new("视频.mp4", seed % 50 * 20_000 + seed % 2));
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
    /// Its range was stored when it began, so the body is compared and not written.
    compared: bool,
    body: oneshot::Sender<Vec<u8>>,
    answer: JoinHandle<Answer>,
}

struct Real {
    folder: TempDir,
    router: Router,
    /// From the model's URLs to the server's.
    urls: BTreeMap<String, String>,
    open: BTreeMap<PutId, OpenPut>,
    /// A creation with content may make an upload and not live to tell.
    begun_with_content: bool,
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
        Self { folder, router, urls: BTreeMap::new(), open: BTreeMap::new(), begun_with_content: false }
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
                let answer = put.answer.await.map_err(|error| error.to_string())?;
                // Where the upload went while the body came, the answer may be as of before.
                if put.compared && is_gone(&exchange.reply) && matches!(answer.status, 204 | 400 | 409) {
                    return Ok(());
                }
                Some(answer)
            }
            Call::CreateBegin { put, .. } if exchange.reply.is_none() => {
                self.begun_with_content = true;
                self.begin_content(*put, &exchange.call).await;
                None
            }
            Call::CreateBegin { body, .. } => {
                let content = vec![0; usize::try_from(body.size).unwrap_or(0)];
                Some(answered(self.router.clone().oneshot(with_content(&exchange.call, Body::from(content)))).await)
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

    /// Sends the headers and waits until the server asks for the body: then the range is its own.
    async fn begin(&mut self, url: &str, id: PutId, put: &PutRequest) {
        let status = answered(self.router.clone().oneshot(self.request(url, &Call::Status))).await;
        let compared = status.read().is_ok_and(|status: UploadStatus| status.received.contains(put.range));
        self.open_body(id, put.range.len(), compared, |real, body| real.put(url, put, body)).await;
    }

    /// The same for a creation with content.
    async fn begin_content(&mut self, id: PutId, call: &Call) {
        let Call::CreateBegin { body, .. } = call else { panic!("not a creation with content") };
        self.open_body(id, body.size, false, |_, body| with_content(call, body)).await;
    }

    async fn open_body(
        &mut self,
        id: PutId,
        length: u64,
        compared: bool,
        request: impl FnOnce(&Self, Body) -> Request<Body>,
    ) {
        let (body, rest) = oneshot::channel();
        let (asked, was_asked) = oneshot::channel();
        let late = LateBody { length, asked: Some(asked), rest: Some(rest) };
        let request = request(self, Body::new(late));
        let answer = tokio::spawn(answered(self.router.clone().oneshot(request)));
        // An answer before the body was asked for ends this wait, too.
        let _ = was_asked.await;
        self.open.insert(id, OpenPut { compared, body, answer });
    }

    fn real_url(&self, model: &str) -> &str {
        self.urls.get(model).map_or("/uploads/0", String::as_str)
    }

    fn put(&self, url: &str, put: &PutRequest, body: Body) -> Request<Body> {
        let range = ContentRange { range: put.range, size: put.size };
        Request::put(format!("{}/data", self.real_url(url)))
            .header(header::CONTENT_LENGTH, put.range.len())
            .header(header::CONTENT_RANGE, range.to_string())
            .header("content-digest", content_digest(put.digest))
            .body(body)
            .expect("a request")
    }

    fn request(&self, url: &str, call: &Call) -> Request<Body> {
        let upload = self.real_url(url);
        let (method, path, key, body) = match call {
            Call::Create { key, body } => (Method::POST, "/uploads".into(), Some(key), json!(body)),
            Call::Status => (Method::GET, upload.into(), None, Value::Null),
            Call::Chunks { from } => (Method::GET, format!("{upload}/chunks?from={from}"), None, Value::Null),
            Call::SetState(state) => (Method::PATCH, upload.into(), None, json!(PatchRequest { state: *state })),
            Call::Complete { digest } => {
                let body = CompleteRequest { digest: digest.map(|sha256| Digests { sha256 }) };
                (Method::POST, format!("{upload}/complete"), None, json!(body))
            }
            Call::Cancel => (Method::DELETE, upload.into(), None, Value::Null),
            Call::CreateBegin { .. } | Call::PutBegin(..) | Call::PutEnd(..) | Call::PutCut(_) | Call::Restart => {
                panic!("not a plain request")
            }
        };
        let request = Request::builder().method(method).uri::<String>(path);
        let request =
            key.into_iter().fold(request, |request, key| request.header("idempotency-key", format!("\"{key}\"")));
        if body.is_null() {
            return request.body(Body::empty()).expect("a request");
        }
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request.body(Body::from(body.to_string())).expect("a request")
    }

    fn compare(&mut self, answer: &Answer, reply: &Reply) -> Result<(), String> {
        let read = |what: &str| format!("{what}: {} {}", answer.status, answer.body);
        if answer.status != reply.http_status() {
            return Err(read("another status"));
        }
        match reply {
            Reply::Created { url, status, fresh } => {
                let location = answer.location.clone().ok_or_else(|| read("no Location"))?;
                let known = self.urls.insert(url.clone(), location.clone());
                let is_new = known.is_none();
                let hidden = is_new && !fresh && self.begun_with_content;
                if (is_new != *fresh && !hidden) || known.is_some_and(|known| known != location) {
                    return Err(read("another upload"));
                }
                compare_status(status, answer)
            }
            Reply::Status(status) | Reply::Accepted(status) => compare_status(status, answer),
            Reply::Chunks(page) if answer.body == json!(page) => Ok(()),
            Reply::Chunks(_) => Err(read("other chunks")),
            Reply::NoContent => Ok(()),
            Reply::Problem(problem) => {
                let told: Problem = answer.read()?;
                let facts = |problem: &Problem| {
                    (problem.code, problem.received.clone(), problem.missing.clone(), problem.limit)
                };
                let retry_after = problem.retry_after_seconds.map(|seconds| seconds.to_string());
                if facts(&told) != facts(problem) || answer.retry_after != retry_after {
                    return Err(read("another problem"));
                }
                Ok(())
            }
            Reply::Bare { .. } => Err("a proxy's answer is not the server's".into()),
        }
    }
}

/// The request of a creation with content.
fn with_content(call: &Call, content: Body) -> Request<Body> {
    let Call::CreateBegin { key, body, digest, .. } = call else { panic!("not a creation with content") };
    let create = upload_create(&json!(body).to_string()).expect("it is short enough");
    Request::post("/uploads")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, body.size)
        .header("idempotency-key", format!("\"{key}\""))
        .header("content-digest", content_digest(*digest))
        .header(UPLOAD_CREATE, create)
        .body(content)
        .expect("a request")
}

fn is_gone(reply: &Option<Reply>) -> bool {
    matches!(reply, Some(Reply::Problem(problem)) if problem.code == Code::UploadGone)
}

/// Everything but what a server chooses freely, and how far the bodies in flight are.
fn compare_status(model: &UploadStatus, answer: &Answer) -> Result<(), String> {
    let mut real: UploadStatus = answer.read()?;
    let starts =
        |status: &UploadStatus| status.receiving.iter().map(|receiving| receiving.start).collect::<BTreeSet<_>>();
    let same_receiving = starts(model) == starts(&real);
    let same_expiry = model.expires.is_some() == real.expires.is_some();
    (real.id, real.expires, real.receiving) = (model.id.clone(), model.expires.clone(), model.receiving.clone());
    if real == *model && same_receiving && same_expiry {
        Ok(())
    } else {
        Err(format!("another status: {}", answer.body))
    }
}

impl Answer {
    fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_value(self.body.clone()).map_err(|error| format!("{error}: {}", self.body))
    }
}

async fn answered(call: impl Future<Output = Result<Response<Body>, Infallible>>) -> Answer {
    let Ok(response) = call.await;
    let (parts, body) = response.into_parts();
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (status, location, retry_after) = (parts.status.as_u16(), text(header::LOCATION), text(header::RETRY_AFTER));
    let body = to_bytes(body, 1 << 24).await.expect("a body");
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") };
    Answer { status, location, retry_after, body }
}

/// Opens the data, as soon as the router before has let go of them.
async fn open(folder: PathBuf) -> Router {
    let limits = Limits { min_free: MinFree::Bytes(0), max_open: 10_000, ..Limits::default() };
    let times =
        Times { complete_wait: Duration::from_secs(60), takeover_after: Duration::from_secs(600), ..Times::default() };
    let config = Config { limits, times, ..Config::new(folder) };
    for _ in 0..1_000 {
        match router(config.clone()).await {
            Ok(router) => return Router::new().nest("/uploads", router),
            Err(StartError::InUse) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the data are still in use");
}

/// A body that comes when the trace says so.
struct LateBody {
    length: u64,
    asked: Option<oneshot::Sender<()>>,
    rest: Option<oneshot::Receiver<Vec<u8>>>,
}

impl http_body::Body for LateBody {
    type Data = Bytes;
    type Error = oneshot::error::RecvError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(asked) = self.asked.take() {
            let _ = asked.send(());
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let bytes = ready!(Pin::new(rest).poll(cx));
        self.rest = None;
        Poll::Ready(Some(bytes.map(|bytes| Frame::data(bytes.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(if self.rest.is_some() { self.length } else { 0 })
    }
}
