//! What happened in a run.

use std::fmt;

use upferry_engine::{Event, Input, Output, Request, Time};
use upferry_protocol::{ByteRange, CreateRequest, RangeSet, RequestedState, Sha256Digest};

use crate::content::Content;
use crate::fate::Kind;
use crate::model::{PutId, PutRequest};
use crate::reply::Reply;

/// A call that reached the server.
#[derive(Clone, PartialEq, Debug)]
pub enum Call {
    /// `POST {endpoint}`.
    Create {
        /// `Idempotency-Key`.
        key: String,
        /// The body.
        body: CreateRequest,
    },
    /// The headers of a creation with content. Without a reply, the body follows, as a PUT's.
    CreateBegin {
        /// Names the body.
        put: PutId,
        /// `Idempotency-Key`.
        key: String,
        /// `Upload-Create`.
        body: CreateRequest,
        /// `Content-Digest`.
        digest: Sha256Digest,
    },
    /// `GET {upload}`.
    Status,
    /// `GET {upload}/chunks`.
    Chunks {
        /// `from`.
        from: u64,
    },
    /// `PATCH {upload}`.
    SetState(RequestedState),
    /// The headers of `PUT {upload}/data`. Without a reply, the body follows.
    PutBegin(PutId, PutRequest),
    /// The end of a PUT's body, and the body.
    PutEnd(PutId, Content),
    /// A PUT's connection ends early.
    PutCut(PutId),
    /// `POST {upload}/complete`.
    Complete {
        /// The whole file's digest.
        digest: Option<Sha256Digest>,
    },
    /// `DELETE {upload}`.
    Cancel,
    /// The server's process ends and starts again.
    Restart,
}

/// A call and what the model answered.
#[derive(Clone, PartialEq, Debug)]
pub struct Exchange {
    /// When it reached the server.
    pub at: Time,
    /// The upload's URL; empty for a create.
    pub url: String,
    /// The call.
    pub call: Call,
    /// The answer; `None` for a call that has none (yet).
    pub reply: Option<Reply>,
}

/// One line of a trace.
#[derive(Clone, PartialEq, Debug)]
pub enum TraceEvent {
    /// A session of the client began.
    Start,
    /// The client was killed.
    Kill,
    /// The engine was fed.
    Input(Input),
    /// The engine asked for something.
    Output(Output),
    /// The server was called.
    Exchange(Box<Exchange>),
}

/// One line of a trace, and when it was.
#[derive(Clone, PartialEq, Debug)]
pub struct TraceEntry {
    /// The time.
    pub at: Time,
    /// What happened.
    pub event: TraceEvent,
}

/// What happened, in order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Trace {
    /// Its lines.
    pub entries: Vec<TraceEntry>,
    pub(crate) off: bool,
}

impl Trace {
    pub(crate) fn push(&mut self, at: Time, event: impl FnOnce() -> TraceEvent) {
        if !self.off {
            self.entries.push(TraceEntry { at, event: event() });
        }
    }

    /// The calls that reached the server.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.entries.iter().filter_map(|entry| match &entry.event {
            TraceEvent::Exchange(exchange) => Some(&**exchange),
            TraceEvent::Start | TraceEvent::Kill | TraceEvent::Input(_) | TraceEvent::Output(_) => None,
        })
    }

    /// What the engine asked for, and when.
    pub fn outputs(&self) -> impl Iterator<Item = (Time, &Output)> {
        self.entries.iter().filter_map(|entry| match &entry.event {
            TraceEvent::Output(output) => Some((entry.at, output)),
            TraceEvent::Start | TraceEvent::Kill | TraceEvent::Input(_) | TraceEvent::Exchange(_) => None,
        })
    }

    /// The requests of a kind, and when they were sent.
    #[must_use]
    pub fn requests(&self, kind: Kind) -> Vec<(Time, &Request)> {
        let requests = self.outputs().filter_map(|(at, output)| match output {
            Output::Request { request, .. } => Some((at, request)),
            Output::Identify { .. }
            | Output::Claim { .. }
            | Output::Unclaim(_)
            | Output::SaveRecord { .. }
            | Output::DeleteRecord { .. }
            | Output::ReadChunk { .. }
            | Output::Release(_)
            | Output::Abort(_)
            | Output::RefreshHeaders(_)
            | Output::Event(..) => None,
        });
        requests.filter(|(_, request)| Kind::of(request) == kind).collect()
    }

    /// What was read of the files since the trace had so many lines.
    #[must_use]
    pub fn reads(&self, since: usize) -> RangeSet {
        let read = |entry: &TraceEntry| match &entry.event {
            TraceEvent::Output(Output::ReadChunk { range, .. }) => Some(*range),
            TraceEvent::Output(_)
            | TraceEvent::Start
            | TraceEvent::Kill
            | TraceEvent::Input(_)
            | TraceEvent::Exchange(_) => None,
        };
        self.entries[since..].iter().filter_map(read).collect()
    }

    /// When the application was told of retries.
    #[must_use]
    pub fn retries(&self) -> Vec<Time> {
        let retries = self.outputs().filter(|(_, output)| matches!(output, Output::Event(_, Event::Retry { .. })));
        retries.map(|(at, _)| at).collect()
    }

    /// The ranges of the chunks that were sent, and when.
    #[must_use]
    pub fn puts(&self) -> Vec<(Time, ByteRange)> {
        let range = |(at, request): (Time, &Request)| match request {
            Request::PutChunk { range, .. } => Some((at, *range)),
            Request::Create { .. }
            | Request::Status { .. }
            | Request::Chunks { .. }
            | Request::SetState { .. }
            | Request::Complete { .. }
            | Request::Cancel { .. } => None,
        };
        self.requests(Kind::Put).into_iter().filter_map(range).collect()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            write!(f, "{:>8} ", entry.at.as_ms())?;
            match &entry.event {
                TraceEvent::Start => writeln!(f, "== the client starts")?,
                TraceEvent::Kill => writeln!(f, "== the client is killed")?,
                TraceEvent::Input(input) => writeln!(f, "-> {input:?}")?,
                TraceEvent::Output(output) => writeln!(f, "<- {output:?}")?,
                TraceEvent::Exchange(exchange) => {
                    writeln!(f, "        server: {:?} = {:?}", exchange.call, exchange.reply)?;
                }
            }
        }
        Ok(())
    }
}
