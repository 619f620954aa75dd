//! Why a server can't start.

use std::fmt;
use std::io;

use upferry_protocol::Problem;

use crate::ledger::LedgerError;

/// Why [`router`](crate::router) gives none.
#[derive(Debug)]
pub enum StartError {
    /// Another server uses the same data.
    InUse,
    /// The configuration can't be used.
    Config(String),
    /// The ledger can't be opened or put right.
    Ledger(LedgerError),
    /// The folder can't be read or written.
    Store(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str("another server is using this data folder"),
            Self::Config(why) => f.write_str(why),
            Self::Ledger(error) => write!(f, "the ledger can't be opened: {error}"),
            Self::Store(error) => write!(f, "the data folder can't be used: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<LedgerError> for StartError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Ledger(LedgerError::Broken(problem.to_string()))
    }
}
