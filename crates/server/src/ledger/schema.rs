//! The tables, and how a connection is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::LedgerError;
use crate::fault;

const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    principal TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT,
    metadata TEXT NOT NULL,
    size INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    max INTEGER NOT NULL,
    complete_when_full INTEGER NOT NULL,
    state TEXT NOT NULL,
    received_bytes INTEGER NOT NULL DEFAULT 0,
    expected BLOB,
    digest BLOB,
    created INTEGER NOT NULL,
    touched INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_by_state ON uploads (state, principal);
CREATE TABLE chunks (
    upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (upload, start)
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency_keys (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_upload ON idempotency_keys (upload);
";

/// Opens a connection and reads back what durability depends on: a pragma that is misspelt or not supported is
/// silently ignored by SQLite.
pub(super) fn open(path: &Path) -> Result<Connection, LedgerError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0))?;
    if mode != "wal" {
        return Err(LedgerError::Broken(format!("SQLite's journal mode is {mode} instead of WAL")));
    }
    if fault::skips_ledger_sync() {
        connection.pragma_update(None, "synchronous", "OFF")?;
        return Ok(connection);
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    let level: i64 = connection.query_row("PRAGMA synchronous", (), |row| row.get(0))?;
    if level != SYNCHRONOUS_FULL {
        return Err(LedgerError::Broken(format!("SQLite's synchronous level is {level} instead of FULL")));
    }
    Ok(connection)
}

/// Makes the tables in a new file; refuses one that a later version has written.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), LedgerError> {
    let transaction = connection.transaction()?;
    let version: i64 = transaction.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    match version {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {}
        newer => {
            return Err(LedgerError::Broken(format!("its version is {newer}; this server knows version {VERSION}")));
        }
    }
    Ok(transaction.commit()?)
}

const SYNCHRONOUS_FULL: i64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_is_durable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        prepare(&mut open(&path).unwrap()).unwrap();
        let again = open(&path).unwrap();
        assert_eq!(again.query_row("PRAGMA synchronous", (), |row| row.get::<_, i64>(0)).unwrap(), SYNCHRONOUS_FULL);
    }

    #[test]
    fn a_newer_version_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.sqlite");
        let mut connection = open(&path).unwrap();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        assert!(matches!(prepare(&mut connection), Err(LedgerError::Broken(_))));
    }
}
