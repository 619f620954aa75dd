//! Why an upload failed.

use upferry_protocol::{Code, Problem};

use crate::{FileError, Loss};

/// A stable code: one of the server's, or one of the client's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureCode {
    /// The server's own code.
    Server(Code),
    /// The file is no longer what it was when it was picked.
    FileChanged,
    /// The file can't be read.
    FileUnreadable,
    /// The file is not the one that the interrupted upload is of.
    FileMismatch,
    /// No connection.
    Network,
    /// No answer in time.
    Timeout,
    /// Something between client and server refuses bodies, even of the smallest chunk.
    BlockedByProxy,
    /// The record could not be saved; the upload itself goes on.
    StorageUnavailable,
}

impl FailureCode {
    /// The code in kebab-case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server(code) => code.as_str(),
            Self::FileChanged => "file-changed",
            Self::FileUnreadable => "file-unreadable",
            Self::FileMismatch => "file-mismatch",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::BlockedByProxy => "blocked-by-proxy",
            Self::StorageUnavailable => "storage-unavailable",
        }
    }
}

/// What ended an attempt, or the upload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The code.
    pub code: FailureCode,
    /// Whether trying again without a change may succeed.
    pub retryable: bool,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// What happened and what to do, where the server or the engine has more to say than the code.
    pub detail: Option<String>,
}

impl Failure {
    /// A failure with nothing to add to its code.
    #[must_use]
    pub const fn new(code: FailureCode, retryable: bool) -> Self {
        Self { code, retryable, status: None, detail: None }
    }

    pub(crate) fn from_loss(loss: Loss) -> Self {
        match loss {
            Loss::Network | Loss::Unreadable => Self::new(FailureCode::Network, true),
            Loss::Timeout => Self::new(FailureCode::Timeout, true),
        }
    }

    pub(crate) fn from_file(error: FileError) -> Self {
        match error {
            FileError::Unreadable => Self::new(FailureCode::FileUnreadable, false),
            FileError::Changed => Self::new(FailureCode::FileChanged, false),
        }
    }

    pub(crate) fn from_refusal(status: u16, problem: Option<&Problem>) -> Self {
        let code = problem.map_or_else(|| code_of_status(status), |problem| problem.code);
        Self {
            code: FailureCode::Server(code),
            retryable: problem.map_or(code.retryable(), |problem| problem.retryable),
            status: Some(status),
            detail: problem.map(|problem| problem.detail.clone()).filter(|detail| !detail.is_empty()),
        }
    }
}

/// The code that fits an answer that does not carry one, as from a proxy.
fn code_of_status(status: u16) -> Code {
    match status {
        401 => Code::Unauthorized,
        403 => Code::Forbidden,
        404 => Code::UploadNotFound,
        405 => Code::MethodNotAllowed,
        410 => Code::UploadGone,
        411 => Code::LengthRequired,
        413 => Code::TooLarge,
        415 => Code::UnsupportedMediaType,
        416 => Code::RangeInvalid,
        429 => Code::RateLimited,
        408 | 425 | 502..=504 => Code::Unavailable,
        507 => Code::InsufficientStorage,
        500.. => Code::Internal,
        _ => Code::InvalidRequest,
    }
}
