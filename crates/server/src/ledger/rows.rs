//! From rows to records and back.

use rusqlite::types::Type;
use rusqlite::{Error, Row};
use upferry_protocol::{ByteRange, ChunkLimits, Sha256Digest, StoredChunk};

use super::{State, UploadRecord};
use crate::{Principal, Timestamp, UploadId};

/// The columns that [`record`] reads, in its order.
pub(super) const RECORD: &str = "id, principal, name, media_type, metadata, size, unit, max, complete_when_full, \
                                 state, expected, digest, created, touched";

pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<UploadRecord> {
    Ok(UploadRecord {
        id: id(row, 0)?,
        principal: Principal::new(row.get::<_, String>(1)?),
        name: row.get(2)?,
        media_type: row.get(3)?,
        metadata: serde_json::from_str(&row.get::<_, String>(4)?)
            .map_err(|error| Error::FromSqlConversionFailure(4, Type::Text, Box::new(error)))?,
        size: unsigned(row, 5)?,
        chunk: ChunkLimits { unit: unsigned(row, 6)?, max: unsigned(row, 7)? },
        complete_when_full: row.get(8)?,
        state: State::parse(&row.get::<_, String>(9)?).ok_or_else(|| malformed(9, "state"))?,
        expected: digest(row, 10)?,
        digest: digest(row, 11)?,
        created: Timestamp(unsigned(row, 12)?),
        touched: Timestamp(unsigned(row, 13)?),
    })
}

/// Reads a row of `start, end, sha256`.
pub(super) fn chunk(row: &Row<'_>) -> rusqlite::Result<StoredChunk> {
    let sha256 = digest(row, 2)?.ok_or_else(|| malformed(2, "digest"))?;
    Ok(StoredChunk { start: unsigned(row, 0)?, end: unsigned(row, 1)?, sha256 })
}

/// Reads a row of `start, end`.
pub(super) fn range(row: &Row<'_>) -> rusqlite::Result<ByteRange> {
    ByteRange::new(unsigned(row, 0)?, unsigned(row, 1)?).ok_or_else(|| malformed(0, "range"))
}

pub(super) fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<UploadId> {
    UploadId::parse(&row.get::<_, String>(column)?).ok_or_else(|| malformed(column, "id"))
}

pub(super) fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Sha256Digest>> {
    Ok(row.get::<_, Option<[u8; 32]>>(column)?.map(Sha256Digest))
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| malformed(column, "number"))
}

/// As SQLite stores it. Every number that comes here is at most 2^53 - 1, or a time.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn malformed(column: usize, what: &str) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, format!("not a {what}").into())
}
