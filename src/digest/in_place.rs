use js_sys::{ArrayBuffer, Uint8Array};
use sha2::{Digest, Sha256};
use upferry_protocol::Sha256Digest;

use crate::task::next_task;

/// wasm memory never shrinks, so bytes pass through in pieces.
const PIECE: u32 = 256 << 10;
/// What is hashed without a pause on a thread that people wait for: some 4 ms.
const POLITE: u32 = 1 << 20;

/// The SHA-256 of a buffer, computed here and now.
#[must_use]
pub fn hash_buffer(buffer: &ArrayBuffer) -> Sha256Digest {
    let bytes = Uint8Array::new(buffer);
    let mut hash = Sha256::new();
    update(&mut hash, &bytes, 0, bytes.length());
    finish(hash)
}

/// The SHA-256 of a buffer, computed here but with pauses in which the page can do its own work.
pub async fn hash_politely(buffer: &ArrayBuffer) -> Sha256Digest {
    let bytes = Uint8Array::new(buffer);
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < bytes.length() {
        let end = bytes.length().min(at + POLITE);
        update(&mut hash, &bytes, at, end);
        at = end;
        if at < bytes.length() {
            next_task().await;
        }
    }
    finish(hash)
}

fn update(hash: &mut Sha256, bytes: &Uint8Array, start: u32, end: u32) {
    let mut piece = vec![0; PIECE.min(end - start) as usize];
    let mut at = start;
    while at < end {
        let next = end.min(at + PIECE);
        let part = &mut piece[..(next - at) as usize];
        bytes.subarray(at, next).copy_to(part);
        hash.update(part);
        at = next;
    }
}

fn finish(hash: Sha256) -> Sha256Digest {
    Sha256Digest(hash.finalize().into())
}
