use js_sys::ArrayBuffer;
use upferry_engine::FileError;
use upferry_protocol::{ByteRange, Sha256Digest};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::digest::Hasher;

/// Reads a range of a file into memory.
///
/// # Errors
/// [`FileError::Unreadable`] when the browser can't read it, [`FileError::Changed`] when it has fewer bytes by now
/// (Firefox reads on in a file that was truncated).
pub async fn read(file: &Blob, range: ByteRange) -> Result<ArrayBuffer, FileError> {
    read_whole(&slice(file, range)?, range.len()).await
}

/// A range of a file, not read yet.
pub(super) fn slice(file: &Blob, range: ByteRange) -> Result<Blob, FileError> {
    file.slice_with_f64_and_f64(range.start() as f64, range.end() as f64).map_err(|_| FileError::Unreadable)
}

/// Reads a range of a file and hashes it.
///
/// # Errors
/// As [`read`].
pub async fn read_and_hash(
    file: &Blob,
    range: ByteRange,
    hasher: &Hasher,
) -> Result<(ArrayBuffer, Sha256Digest), FileError> {
    loop {
        let buffer = read(file, range).await?;
        // A worker that fails is not used again, so this ends.
        if let Ok(hashed) = hasher.sha256(buffer).await {
            return Ok(hashed);
        }
    }
}

/// Reads a blob that should have this many bytes.
pub(super) async fn read_whole(blob: &Blob, length: u64) -> Result<ArrayBuffer, FileError> {
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|_| FileError::Unreadable)?;
    let buffer: ArrayBuffer = buffer.unchecked_into();
    if u64::from(buffer.byte_length()) == length { Ok(buffer) } else { Err(FileError::Changed) }
}
