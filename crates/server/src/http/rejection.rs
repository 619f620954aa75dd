//! From errors to answers: the one place.

use std::io;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use upferry_protocol::{Code, PROBLEM_JSON, Problem};

use crate::http::json::json;
use crate::ledger::{LedgerError, Refused, State};

/// A problem on its way to the client.
#[derive(Debug)]
pub(crate) struct Rejection {
    problem: Box<Problem>,
    body_is_dead: bool,
}

/// Marks an answer after which the rest of the request's body is not worth waiting for.
#[derive(Clone, Copy)]
pub(crate) struct BodyIsDead;

impl Rejection {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::from(Problem::new(code, detail))
    }

    /// For bodies that broke off or fell silent. The same request may well succeed.
    pub(crate) fn dead_body(detail: &str) -> Self {
        let problem = Problem { retryable: true, ..Problem::new(Code::InvalidRequest, detail) };
        Self { problem: Box::new(problem), body_is_dead: true }
    }

    pub(crate) fn into_problem(self) -> Problem {
        *self.problem
    }

    /// For uploads that don't exist, and for those of somebody else, in the same words.
    pub(crate) fn not_found() -> Self {
        Self::new(Code::UploadNotFound, "There is no upload at this URL.")
    }

    pub(crate) fn gone() -> Self {
        Self::new(Code::UploadGone, "The upload was cancelled or has expired; begin a new one.")
    }

    /// Why an upload in `state` does not do what was asked.
    pub(crate) fn in_state(state: State) -> Self {
        let (code, detail) = match state {
            State::Paused => (Code::UploadPaused, "The upload is paused; reopen it first."),
            State::Complete => (Code::UploadComplete, "The upload is complete."),
            State::Cancelled | State::Expired => return Self::gone(),
            State::Completing => (Code::UploadNotOpen, "The upload is being completed."),
            State::Failed => (Code::UploadNotOpen, "The store can't read the upload's data; begin a new one."),
            State::Open => (Code::UploadNotOpen, "The upload is open already."),
        };
        Self::new(code, detail)
    }
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), body_is_dead: false }
    }
}

impl From<LedgerError> for Rejection {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Quota(Refused::Open) => {
                Problem::new(Code::RateLimited, "Too many uploads are unfinished; complete or cancel some first.")
                    .retry_after(RETRY_QUOTA_SECONDS)
                    .into()
            }
            LedgerError::Quota(Refused::Reserved) => {
                Problem::new(Code::RateLimited, "The unfinished uploads declare too many bytes already.")
                    .retry_after(RETRY_QUOTA_SECONDS)
                    .into()
            }
            LedgerError::Quota(Refused::Room) | LedgerError::Full => no_room(),
            LedgerError::NotTaking(state) => state.map_or_else(Self::not_found, Self::in_state),
            LedgerError::Broken(why) => {
                tracing::error!(%why, "the ledger failed");
                Problem::new(Code::Unavailable, "The server can't note this now.").retry_after(RETRY_SECONDS).into()
            }
        }
    }
}

impl From<io::Error> for Rejection {
    fn from(error: io::Error) -> Self {
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return no_room();
        }
        tracing::error!(%error, "the store failed");
        Problem::new(Code::Unavailable, "The server can't read or write its store now.")
            .retry_after(RETRY_SECONDS)
            .into()
    }
}

fn no_room() -> Rejection {
    Rejection::new(Code::InsufficientStorage, "The server has no room for this; what is stored stays.")
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, &*self.problem);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.problem.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self.problem.code, Code::DigestUnsupported | Code::DigestRequired) {
            headers.insert("want-content-digest", HeaderValue::from_static("sha-256=10"));
        }
        if self.problem.code == Code::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.body_is_dead {
            response.extensions_mut().insert(BodyIsDead);
        }
        response
    }
}

const RETRY_SECONDS: u32 = 5;
const RETRY_QUOTA_SECONDS: u32 = 60;
