use serde::de::DeserializeOwned;
use upferry_engine::{Answer, Loss};
use upferry_protocol::{PROBLEM_JSON, Problem, UploadStatus};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::{retry_after_ms, url::resolve};
use crate::json::from_js;

/// What the answer to a request should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expect {
    /// A status, and where the upload is.
    Created,
    /// A status.
    Status,
    /// A page of chunk digests.
    Chunks,
    /// Nothing, or the status of an upload that the chunk completed.
    Stored,
    /// Nothing.
    Gone,
}

/// Reads an answer. A success that is not in our protocol (a captive portal's page, half a JSON) is one that was lost.
pub async fn answer_to(expect: Expect, request_url: &str, response: &Response) -> Answer {
    let status = response.status();
    if status >= 400 {
        return refusal(status, response).await;
    }
    let answer = match (expect, status) {
        (Expect::Created, 200 | 201) => created(request_url, response).await,
        (Expect::Status, 200 | 202) | (Expect::Stored, 200 | 202) => {
            json::<UploadStatus>(response).await.map(|status| Answer::Status(Box::new(status)))
        }
        (Expect::Chunks, 200) => json(response).await.map(Answer::Chunks),
        (Expect::Stored | Expect::Gone, 204) => Some(Answer::Done),
        (Expect::Created | Expect::Status | Expect::Chunks | Expect::Stored | Expect::Gone, _) => None,
    };
    answer.unwrap_or(Answer::Lost(Loss::Unreadable))
}

async fn created(request_url: &str, response: &Response) -> Option<Answer> {
    let location = header(response, "Location")?;
    let answered_by = response.url();
    let base = if answered_by.is_empty() { request_url } else { &answered_by };
    let url = resolve(&location, base)?;
    let status = json::<UploadStatus>(response).await?;
    Some(Answer::Created(url, Box::new(status)))
}

async fn refusal(status: u16, response: &Response) -> Answer {
    let retry_after_ms = header(response, "Retry-After").and_then(|value| retry_after_ms(&value));
    let is_problem = header(response, "Content-Type").is_some_and(|value| value.starts_with(PROBLEM_JSON));
    let problem = if is_problem { json::<Problem>(response).await.map(Box::new) } else { None };
    Answer::Refused { status, problem, retry_after_ms }
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

async fn json<T: DeserializeOwned>(response: &Response) -> Option<T> {
    let value = JsFuture::from(response.json().ok()?).await.ok()?;
    from_js(value)
}
