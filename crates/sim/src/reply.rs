//! What the model server answers.

use upferry_engine::Answer;
use upferry_protocol::{ChunkPage, Code, Problem, UploadStatus};

/// An HTTP answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// `201` for a new upload, `200` for a known Idempotency-Key.
    Created {
        /// Whether it is a new one.
        fresh: bool,
        /// The `Location`.
        url: String,
        /// The body.
        status: Box<UploadStatus>,
    },
    /// `200` with a status.
    Status(Box<UploadStatus>),
    /// `202` with a status: completing.
    Accepted(Box<UploadStatus>),
    /// `200` with a page of chunks.
    Chunks(ChunkPage),
    /// `204`.
    NoContent,
    /// A problem of the protocol.
    Problem(Box<Problem>),
    /// A proxy's answer, without a body that means anything.
    Bare {
        /// The HTTP status.
        status: u16,
        /// `Retry-After` in seconds.
        retry_after_seconds: Option<u32>,
    },
}

impl Reply {
    /// A problem with nothing to add to its code.
    #[must_use]
    pub fn problem(code: Code) -> Self {
        Self::Problem(Box::new(Problem::new(code, "")))
    }

    /// `503` with `Retry-After`.
    #[must_use]
    pub fn unavailable(retry_after_seconds: u32) -> Self {
        Self::Problem(Box::new(Problem::new(Code::Unavailable, "").retry_after(retry_after_seconds)))
    }

    /// A proxy's answer.
    #[must_use]
    pub const fn bare(status: u16) -> Self {
        Self::Bare { status, retry_after_seconds: None }
    }

    /// The HTTP status.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Created { fresh: true, .. } => 201,
            Self::Created { fresh: false, .. } | Self::Status(_) | Self::Chunks(_) => 200,
            Self::Accepted(_) => 202,
            Self::NoContent => 204,
            Self::Problem(problem) => problem.code.status(),
            Self::Bare { status, .. } => *status,
        }
    }

    /// The answer as a client makes it out of this.
    pub(crate) fn into_answer(self) -> Answer {
        match self {
            Self::Created { url, status, .. } => Answer::Created(url, status),
            Self::Status(status) | Self::Accepted(status) => Answer::Status(status),
            Self::Chunks(page) => Answer::Chunks(page),
            Self::NoContent => Answer::Done,
            Self::Problem(problem) => Answer::Refused {
                status: problem.code.status(),
                retry_after_ms: problem.retry_after_seconds.map(|seconds| u64::from(seconds) * 1_000),
                // As it comes out of JSON: the header is no part of it.
                problem: Some(Box::new(Problem { retry_after_seconds: None, ..*problem })),
            },
            Self::Bare { status, retry_after_seconds } => Answer::Refused {
                status,
                problem: None,
                retry_after_ms: retry_after_seconds.map(|seconds| u64::from(seconds) * 1_000),
            },
        }
    }
}
