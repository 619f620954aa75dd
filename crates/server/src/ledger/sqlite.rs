//! The ledger in an embedded SQLite database.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use upferry_protocol::{RangeSet, StoredChunk};

use super::rows::{self, RECORD, signed};
use super::writer::Writer;
use super::{KeyUse, Ledger, LedgerError, NewUpload, Quota, Snapshot, State, Transition, UploadRecord, Usage, schema};
use crate::{Principal, Timestamp, UploadId};

/// A [`Ledger`] in one SQLite file: write-ahead log, every commit synced, one thread that writes. Readers have
/// connections of their own and never wait for the writer.
pub struct SqliteLedger {
    writer: Writer,
    readers: Arc<Readers>,
}

impl SqliteLedger {
    /// Opens the database at `path`, or makes it.
    ///
    /// # Errors
    /// When it can't be read or written, when a later version has written it, or when SQLite won't promise to sync.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let mut connection = schema::open(path)?;
        schema::prepare(&mut connection)?;
        let writer = Writer::start(connection).map_err(|error| LedgerError::Broken(error.to_string()))?;
        Ok(Self { writer, readers: Arc::new(Readers { path: path.to_owned(), idle: Mutex::default() }) })
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || readers.with(query))
            .await
            .map_err(|error| LedgerError::Broken(error.to_string()))?
    }
}

/// Connections for reading, made on demand: as many as there have been readers at once.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    fn with<T>(&self, query: impl FnOnce(&Connection) -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::open(&self.path)?,
        };
        let result = query(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn create(&self, upload: NewUpload, quota: Quota) -> Result<(), LedgerError> {
        self.writer
            .write(move |connection| {
                let usage = usage(connection, &upload.record.principal)?;
                quota.admit(usage, upload.record.size).map_err(LedgerError::Quota)?;
                insert(connection, &upload.record)?;
                if let Some((key, fingerprint)) = &upload.key {
                    connection.prepare_cached("INSERT INTO idempotency_keys VALUES (?1, ?2, ?3, ?4)")?.execute(
                        params![
                            upload.record.principal.as_str(),
                            key,
                            fingerprint.0.as_slice(),
                            upload.record.id.to_string()
                        ],
                    )?;
                }
                upload.chunk.map_or(Ok(()), |chunk| insert_chunk(connection, upload.record.id, chunk))
            })
            .await
    }

    async fn usage(&self, principal: &Principal) -> Result<Usage, LedgerError> {
        let principal = principal.clone();
        self.read(move |connection| usage(connection, &principal)).await
    }

    async fn key_use(&self, principal: &Principal, key: &str) -> Result<Option<KeyUse>, LedgerError> {
        let (principal, key) = (principal.clone(), key.to_owned());
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT upload, fingerprint FROM idempotency_keys WHERE principal = ?1 AND key = ?2")?;
            let found = statement
                .query_row(params![principal.as_str(), key], |row| Ok((rows::id(row, 0)?, rows::digest(row, 1)?)));
            Ok(found.optional()?.and_then(|(id, fingerprint)| Some(KeyUse { id, fingerprint: fingerprint? })))
        })
        .await
    }

    async fn load(&self, id: UploadId) -> Result<Option<Snapshot>, LedgerError> {
        self.read(move |connection| {
            // Both reads see one moment.
            let transaction = connection.unchecked_transaction()?;
            let record = transaction
                .prepare_cached(&format!("SELECT {RECORD} FROM uploads WHERE id = ?1"))?
                .query_row([id.to_string()], rows::record)
                .optional()?;
            let Some(record) = record else { return Ok(None) };
            let received = transaction
                .prepare_cached("SELECT start, end FROM chunks WHERE upload = ?1 ORDER BY start")?
                .query_map([id.to_string()], rows::range)?
                .collect::<rusqlite::Result<RangeSet>>()?;
            Ok(Some(Snapshot { record, received }))
        })
        .await
    }

    async fn add_chunk(&self, id: UploadId, chunk: StoredChunk, now: Timestamp) -> Result<(), LedgerError> {
        self.writer
            .write(move |connection| {
                let taken = connection
                    .prepare_cached("UPDATE uploads SET touched = ?2 WHERE id = ?1 AND state IN ('open', 'paused')")?
                    .execute(params![id.to_string(), signed(now.0)])?;
                if taken == 0 {
                    return Err(LedgerError::NotTaking(state(connection, id)?));
                }
                insert_chunk(connection, id, chunk)
            })
            .await
    }

    async fn chunks(&self, id: UploadId, from: u64, limit: usize) -> Result<Vec<StoredChunk>, LedgerError> {
        self.read(move |connection| {
            let chunks = connection
                .prepare_cached(
                    "SELECT start, end, sha256 FROM chunks WHERE upload = ?1 AND start >= ?2 ORDER BY start LIMIT ?3",
                )?
                .query_map(params![id.to_string(), signed(from), signed(limit as u64)], rows::chunk)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(chunks)
        })
        .await
    }

    async fn change(&self, id: UploadId, transition: Transition, now: Timestamp) -> Result<bool, LedgerError> {
        self.writer
            .write(move |connection| {
                if !state(connection, id)?.is_some_and(|state| transition.from.contains(&state)) {
                    return Ok(false);
                }
                connection
                    .prepare_cached(
                        "UPDATE uploads SET state = ?2, touched = ?3, expected = coalesce(?4, expected),
                         digest = coalesce(?5, digest) WHERE id = ?1",
                    )?
                    .execute(params![
                        id.to_string(),
                        transition.to.as_str(),
                        signed(now.0),
                        transition.expected.map(|digest| digest.0),
                        transition.digest.map(|digest| digest.0),
                    ])?;
                Ok(true)
            })
            .await
    }

    async fn in_states(&self, states: &[State]) -> Result<Vec<UploadRecord>, LedgerError> {
        let states = states.to_vec();
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached(&format!("SELECT {RECORD} FROM uploads WHERE state = ?1 ORDER BY touched"))?;
            let mut records = Vec::new();
            for state in states {
                for record in statement.query_map([state.as_str()], rows::record)? {
                    records.push(record?);
                }
            }
            records.sort_by_key(|record: &UploadRecord| record.touched);
            Ok(records)
        })
        .await
    }

    async fn knows(&self, id: UploadId) -> Result<bool, LedgerError> {
        self.read(move |connection| Ok(state(connection, id)?.is_some())).await
    }

    async fn forget_ended(&self, before: Timestamp) -> Result<Vec<UploadId>, LedgerError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "DELETE FROM idempotency_keys WHERE upload IN
                         (SELECT id FROM uploads WHERE state = 'complete' AND touched < ?1)",
                    )?
                    .execute([signed(before.0)])?;
                let forgotten = connection
                    .prepare_cached(
                        "DELETE FROM uploads WHERE state IN ('cancelled', 'expired') AND touched < ?1 RETURNING id",
                    )?
                    .query_map([signed(before.0)], |row| rows::id(row, 0))?
                    .collect::<rusqlite::Result<_>>()?;
                Ok(forgotten)
            })
            .await
    }
}

fn usage(connection: &Connection, principal: &Principal) -> Result<Usage, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(principal = ?1), 0), coalesce(sum(iif(principal = ?1, size, 0)), 0),
                coalesce(sum(size - received_bytes), 0)
         FROM uploads WHERE state IN ('open', 'paused', 'completing')",
    )?;
    Ok(statement.query_row([principal.as_str()], |row| {
        Ok(Usage {
            open: rows::unsigned(row, 0)?,
            reserved: rows::unsigned(row, 1)?,
            outstanding: rows::unsigned(row, 2)?,
        })
    })?)
}

fn state(connection: &Connection, id: UploadId) -> Result<Option<State>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT state FROM uploads WHERE id = ?1")?;
    let text: Option<String> = statement.query_row([id.to_string()], |row| row.get(0)).optional()?;
    Ok(text.as_deref().and_then(State::parse))
}

fn insert(connection: &Connection, record: &UploadRecord) -> Result<(), LedgerError> {
    let metadata = serde_json::to_string(&record.metadata).map_err(|error| LedgerError::Broken(error.to_string()))?;
    let statement =
        format!("INSERT INTO uploads ({RECORD}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    connection.prepare_cached(&statement)?.execute(params![
        record.id.to_string(),
        record.principal.as_str(),
        record.name,
        record.media_type,
        metadata,
        signed(record.size),
        signed(record.chunk.unit),
        signed(record.chunk.max),
        record.complete_when_full,
        record.state.as_str(),
        record.expected.map(|digest| digest.0),
        record.digest.map(|digest| digest.0),
        signed(record.created.0),
        signed(record.touched.0),
    ])?;
    Ok(())
}

fn insert_chunk(connection: &Connection, id: UploadId, chunk: StoredChunk) -> Result<(), LedgerError> {
    connection.prepare_cached("INSERT INTO chunks VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        id.to_string(),
        signed(chunk.start),
        signed(chunk.end),
        chunk.sha256.0.as_slice()
    ])?;
    connection
        .prepare_cached("UPDATE uploads SET received_bytes = received_bytes + ?2 WHERE id = ?1")?
        .execute(params![id.to_string(), signed(chunk.end - chunk.start)])?;
    Ok(())
}
