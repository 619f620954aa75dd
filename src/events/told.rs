use js_sys::Object;
use upferry_engine::{Completed, Failure, Progress, State, WaitReason};
use upferry_protocol::ByteRange;
use wasm_bindgen::JsValue;

use super::Kind;
use crate::error::Trouble;
use crate::host::Host;
use crate::http::below;
use crate::js::{object, text_or_null};

/// What there is to tell.
#[derive(Clone, Debug)]
pub enum Told {
    /// An upload is in another state.
    State(State),
    /// An upload came further.
    Progress(Progress),
    /// A chunk is durable.
    Chunk(ByteRange),
    /// A request is tried again.
    Retry {
        /// How many failures there were in a row.
        attempt: u32,
        /// The wait before the next attempt.
        delay_ms: u64,
        /// What went wrong.
        failure: Failure,
    },
    /// A new upload of the file begins.
    Restarted,
    /// The server has the file; what `done` resolves to.
    Complete(Object),
    /// An upload failed, or can't be resumed after a reload.
    Error(Failure),
    /// An upload was added.
    Added,
    /// This file was not taken.
    Rejected(JsValue, Trouble),
    /// Nothing is left to do.
    Idle,
}

impl Told {
    /// The type of the event.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::State(_) => Kind::State,
            Self::Progress(_) => Kind::Progress,
            Self::Chunk(_) => Kind::Chunk,
            Self::Retry { .. } => Kind::Retry,
            Self::Restarted => Kind::Restarted,
            Self::Complete(_) => Kind::Complete,
            Self::Error(_) => Kind::Error,
            Self::Added => Kind::Added,
            Self::Rejected(..) => Kind::Rejected,
            Self::Idle => Kind::Idle,
        }
    }

    /// The event: an object of its own for each call.
    #[must_use]
    pub fn to_js(&self, host: &Host) -> Object {
        match self {
            Self::State(state) => {
                let (state, reason) = state_names(*state);
                object(&[("state", state.into()), ("reason", text_or_null(reason))])
            }
            Self::Progress(progress) => progress_object(*progress),
            Self::Chunk(range) => {
                object(&[("start", (range.start() as f64).into()), ("end", (range.end() as f64).into())])
            }
            Self::Retry { attempt, delay_ms, failure } => object(&[
                ("attempt", (*attempt).into()),
                ("delay", (*delay_ms as f64).into()),
                ("error", Trouble::Failed(failure.clone()).to_js(host)),
            ]),
            Self::Complete(result) => Object::assign(&Object::new(), result),
            Self::Error(failure) => object(&[("error", Trouble::Failed(failure.clone()).to_js(host))]),
            Self::Rejected(file, trouble) => object(&[("file", file.clone()), ("error", trouble.to_js(host))]),
            Self::Restarted | Self::Added | Self::Idle => Object::new(),
        }
    }
}

/// A state's name, and why it waits.
#[must_use]
pub const fn state_names(state: State) -> (&'static str, Option<&'static str>) {
    match state {
        State::Queued => ("queued", None),
        State::Checking => ("checking", None),
        State::Uploading => ("uploading", None),
        State::Waiting(WaitReason::Offline) => ("waiting", Some("offline")),
        State::Waiting(WaitReason::OtherTab) => ("waiting", Some("other-tab")),
        State::Waiting(WaitReason::Retry) => ("waiting", Some("retry")),
        State::Waiting(WaitReason::Auth) => ("waiting", Some("auth")),
        State::Paused => ("paused", None),
        State::Completing => ("completing", None),
        State::Complete => ("complete", None),
        State::Failed => ("failed", None),
        State::Cancelled => ("cancelled", None),
    }
}

/// `{confirmed, inFlight, total, speed, eta}`.
#[must_use]
pub fn progress_object(progress: Progress) -> Object {
    let or_null = |number: Option<f64>| number.map_or(JsValue::NULL, JsValue::from_f64);
    object(&[
        ("confirmed", (progress.confirmed as f64).into()),
        ("inFlight", (progress.in_flight as f64).into()),
        ("total", (progress.total as f64).into()),
        ("speed", or_null(progress.speed)),
        ("eta", or_null(progress.eta)),
    ])
}

/// What `done` resolves to.
#[must_use]
pub fn result_object(id: &str, name: &str, size: u64, completed: &Completed) -> Object {
    let digest = completed.digest.map(|digest| digest.to_hex());
    object(&[
        ("id", id.into()),
        ("uploadUrl", completed.upload_url.as_str().into()),
        ("contentUrl", below(&completed.upload_url, "content").into()),
        ("name", name.into()),
        ("size", (size as f64).into()),
        ("digest", text_or_null(digest.as_deref())),
    ])
}
