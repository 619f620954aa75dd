use js_sys::ArrayBuffer;
use upferry::http::{Expect, HeaderSource, Outgoing, answer_to, below, retry_after_ms};
use upferry_engine::{Answer, Content, EffectId, Loss, Request};
use upferry_protocol::{ByteRange, Code, RequestedState, Sha256Digest};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Response;

use super::support::{js, message_of, record};

const STATUS: &str = r#"'{"id":"1f","state":"complete","size":5,"name":"a","received":[[0,5]],"receivedBytes":5,
"chunk":{"unit":65536,"max":67108864}}'.replace('\n', '')"#;
const URL: &str = "https://example.org/uploads";

async fn answer(expect: Expect, response: &str) -> Answer {
    let response = js(&response.replace('\n', " ").replace("STATUS", &STATUS.replace('\n', " ")));
    answer_to(expect, URL, response.unchecked_ref::<Response>()).await
}

const UNREADABLE: Answer = Answer::Lost(Loss::Unreadable);

#[wasm_bindgen_test]
async fn a_creation_needs_a_location_and_a_status() {
    for status in [200, 201] {
        let made = format!("new Response(STATUS, {{status: {status}, headers: {{Location: '/up/1f'}}}})");
        let Answer::Created(url, status) = answer(Expect::Created, &made).await else { panic!("not created") };
        assert_eq!((url.as_str(), status.id.as_str()), ("https://example.org/up/1f", "1f"));
    }
    assert_eq!(answer(Expect::Created, "new Response(STATUS, {status: 201})").await, UNREADABLE);
    assert_eq!(answer(Expect::Created, "new Response('', {headers: {Location: '/up'}})").await, UNREADABLE);
}

#[wasm_bindgen_test]
async fn a_status_may_be_that_of_an_upload_being_completed() {
    for status in [200, 202] {
        for expect in [Expect::Status, Expect::Stored] {
            let answer = answer(expect, &format!("new Response(STATUS, {{status: {status}}})")).await;
            assert!(matches!(answer, Answer::Status(_)), "{expect:?}");
        }
    }
}

#[wasm_bindgen_test]
async fn no_content_says_that_it_is_done() {
    for expect in [Expect::Stored, Expect::Gone] {
        assert_eq!(answer(expect, "new Response(null, {status: 204})").await, Answer::Done);
    }
    assert_eq!(answer(Expect::Status, "new Response(null, {status: 204})").await, UNREADABLE);
}

#[wasm_bindgen_test]
async fn a_page_of_chunks() {
    let page = "new Response('{\"chunks\":[],\"next\":null}')";
    assert!(matches!(answer(Expect::Chunks, page).await, Answer::Chunks(_)));
}

/// A captive portal answers everything with 200 and a page of its own.
#[wasm_bindgen_test]
async fn a_success_of_somebody_else_is_an_answer_that_was_lost() {
    let all = [Expect::Created, Expect::Status, Expect::Chunks, Expect::Stored, Expect::Gone];
    for expect in all {
        for body in ["'<html>Sign in'", "'{}'", "'{\"id\":\"1f\",'", "''"] {
            let portal = format!("new Response({body}, {{headers: {{'Content-Type': 'text/html', Location: '/x'}}}})");
            assert_eq!(answer(expect, &portal).await, UNREADABLE, "{expect:?} {body}");
        }
        assert_eq!(answer(expect, "Response.error()").await, UNREADABLE);
    }
}

#[wasm_bindgen_test]
async fn a_problem_is_read_and_what_is_none_is_a_bare_status() {
    let problem = "new Response('{\"code\":\"range-busy\",\"detail\":\"busy\",\"retryable\":true}',
        {status: 409, headers: {'Content-Type': 'application/problem+json', 'Retry-After': '1'}})";
    let Answer::Refused { status: 409, problem: Some(problem), retry_after_ms: Some(1000) } =
        answer(Expect::Stored, problem).await
    else {
        panic!("no problem");
    };
    assert_eq!((problem.code, problem.detail.as_str()), (Code::RangeBusy, "busy"));

    let bare = Answer::Refused { status: 502, problem: None, retry_after_ms: None };
    for body in ["'<html>'", "'{}'", "'{\"code\":\"range-busy\"'", "'{\"code\":\"news\"}'", "null"] {
        for kind in ["text/html", "application/problem+json"] {
            let response = format!("new Response({body}, {{status: 502, headers: {{'Content-Type': '{kind}'}}}})");
            assert_eq!(answer(Expect::Status, &response).await, bare, "{body}");
        }
    }
}

#[wasm_bindgen_test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(retry_after_ms("120"), Some(120_000));
    assert_eq!(retry_after_ms("0"), Some(0));
    assert_eq!(retry_after_ms("Fri, 31 Dec 1999 23:59:59 GMT"), Some(0));
    let soon = js("new Date(Date.now() + 60000).toUTCString()").as_string().unwrap();
    let wait = retry_after_ms(&soon).unwrap();
    assert!((50_000..=60_000).contains(&wait), "{wait}");
    for value in ["", "soon", "1.5 s", "-"] {
        assert_eq!(retry_after_ms(value), None, "{value}");
    }
}

#[wasm_bindgen_test]
fn requests_are_written_as_the_protocol_has_them() {
    let url = "https://example.org/uploads/1f?token=a".to_owned();
    let none = |_| None;
    let write = |request| Outgoing::new(request, URL, none).unwrap();

    let create =
        write(Request::Create { idempotency_key: "key-1".into(), body: record("key-1").create, content: None });
    assert_eq!((create.method, create.url.as_str()), ("POST", URL));
    assert!(create.headers.contains(&("Idempotency-Key", "\"key-1\"".into())));
    assert!(create.headers.contains(&("Content-Type", "application/json".into())));
    assert!(create.body.unwrap().as_string().unwrap().contains("视频.mp4"));

    let chunks = write(Request::Chunks { url: url.clone(), from: 65_536 });
    assert_eq!(
        (chunks.method, chunks.url.as_str()),
        ("GET", "https://example.org/uploads/1f/chunks?token=a&from=65536")
    );
    let pause = write(Request::SetState { url: url.clone(), state: RequestedState::Paused });
    assert_eq!((pause.method, pause.body.unwrap().as_string().unwrap()), ("PATCH", r#"{"state":"paused"}"#.into()));
    let complete = write(Request::Complete { url: url.clone() });
    assert_eq!((complete.method, complete.url.as_str()), ("POST", "https://example.org/uploads/1f/complete?token=a"));
    assert_eq!(
        (write(Request::Cancel { url: url.clone() }).method, complete.body.unwrap().as_string().unwrap()),
        ("DELETE", "{}".into())
    );

    let put = Request::PutChunk {
        url,
        range: ByteRange::new(10, 15).unwrap(),
        size: 20,
        content: Content { buffer: EffectId(3), digest: Sha256Digest([0; 32]) },
    };
    assert!(Outgoing::new(put.clone(), URL, none).is_none(), "the bytes are gone");
    let put = Outgoing::new(put, URL, |effect| (effect == EffectId(3)).then(|| ArrayBuffer::new(5).into())).unwrap();
    assert_eq!((put.method, put.url.as_str()), ("PUT", "https://example.org/uploads/1f/data?token=a"));
    assert!(put.headers.contains(&("Content-Range", "bytes 10-14/20".into())));
    assert!(put.body.unwrap().is_instance_of::<ArrayBuffer>());
}

#[wasm_bindgen_test]
fn resources_are_below_the_upload() {
    assert_eq!(below("https://a/u/1", "data"), "https://a/u/1/data");
    assert_eq!(below("https://a/u/1/", "data"), "https://a/u/1/data");
    assert_eq!(below("https://a/u/1?k=v/w#f", "data"), "https://a/u/1/data?k=v/w#f");
}

#[wasm_bindgen_test]
async fn a_headers_function_is_asked_once_until_it_is_to_forget() {
    js("globalThis.asked = 0");
    let function = js("async () => ({n: String(++globalThis.asked)})");
    let source = HeaderSource::parse("headers", &function).unwrap();
    assert_eq!(source.headers().await.unwrap(), [("n".to_owned(), "1".to_owned())]);
    assert_eq!(source.headers().await.unwrap()[0].1, "1");
    assert!(source.forget());
    assert_eq!(source.headers().await.unwrap()[0].1, "2");
    let fixed = HeaderSource::parse("headers", &js("{a: 'b'}")).unwrap();
    assert!(!fixed.forget());
}

#[wasm_bindgen_test]
async fn a_headers_function_that_fails_is_asked_again() {
    let function = js("(() => { let n = 0; return () => { if (n++ === 0) throw 'offline'; return {a: 'b'}; } })()");
    let source = HeaderSource::parse("headers", &function).unwrap();
    assert_eq!(source.headers().await.unwrap_err().as_string().as_deref(), Some("offline"));
    assert_eq!(source.headers().await.unwrap(), [("a".to_owned(), "b".to_owned())]);
    let wrong = HeaderSource::parse("headers", &js("() => ({a: 1})")).unwrap();
    assert_eq!(message_of(&wrong.headers().await.unwrap_err(), "TypeError"), "headers().a must be a string");
}
