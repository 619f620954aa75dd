//! Why the ledger refuses or fails.

use std::fmt;

use super::{Refused, State};

/// Why a call to the ledger did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// The quota refuses another upload.
    Quota(Refused),
    /// The upload takes no chunks in this state; `None` when there is no such upload.
    NotTaking(Option<State>),
    /// The disk under the ledger is full.
    Full,
    /// The ledger can't be read or written.
    Broken(String),
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quota(refused) => write!(f, "the quota refuses it: {refused:?}"),
            Self::NotTaking(state) => write!(f, "the upload takes no chunks: {state:?}"),
            Self::Full => f.write_str("the disk under the ledger is full"),
            Self::Broken(why) => write!(f, "the ledger failed: {why}"),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Broken(error.to_string()),
        }
    }
}
