//! What happened in a run.

use std::fmt;

use upferry_engine::{Input, Output, Time};
use upferry_protocol::{CreateRequest, RequestedState, Sha256Digest};

use crate::content::Content;
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

    /// What the engine asked for.
    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.entries.iter().filter_map(|entry| match &entry.event {
            TraceEvent::Output(output) => Some(output),
            TraceEvent::Start | TraceEvent::Kill | TraceEvent::Input(_) | TraceEvent::Exchange(_) => None,
        })
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
