use js_sys::{Array, Uint8Array};
use upferry_engine::FileError;
use upferry_protocol::Sha256Digest;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::read::read_whole;
use crate::digest::Hasher;

const SAMPLES: u64 = 16;
const SAMPLE: u64 = 16 << 10;

/// The SHA-256 of a file's size (8 bytes, little endian) and of 16 samples of 16 KiB spread evenly over it, the first and
/// the last included; of the whole content where it is no longer than that.
///
/// # Errors
/// As [`read`](super::read).
pub async fn fingerprint(file: &Blob, hasher: &Hasher) -> Result<Sha256Digest, FileError> {
    loop {
        let size = file.size() as u64;
        let parts = Array::of1(&Uint8Array::from(size.to_le_bytes().as_slice()));
        for (start, end) in samples(size) {
            let slice = file.slice_with_f64_and_f64(start as f64, end as f64).map_err(|_| FileError::Unreadable)?;
            parts.push(&JsValue::from(slice));
        }
        // One blob of slices is one read.
        let blob = Blob::new_with_blob_sequence(&parts).map_err(|_| FileError::Unreadable)?;
        let buffer = read_whole(&blob, 8 + size.min(SAMPLES * SAMPLE)).await?;
        // A worker that fails is not used again, so this ends.
        if let Ok((_, digest)) = hasher.sha256(buffer).await {
            return Ok(digest);
        }
    }
}

fn samples(size: u64) -> Vec<(u64, u64)> {
    if size <= SAMPLES * SAMPLE {
        return vec![(0, size)];
    }
    let last = size - SAMPLE;
    // Below 2^53 bytes this does not overflow.
    (0..SAMPLES).map(|i| i * last / (SAMPLES - 1)).map(|start| (start, start + SAMPLE)).collect()
}
