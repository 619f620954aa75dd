use js_sys::{ArrayBuffer, Uint8Array};
use upferry_protocol::Sha256Digest;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{HashWorker, WorkerFactory, hash_buffer, hash_politely};
use crate::js::field;

#[wasm_bindgen]
extern "C" {
    /// `crypto.subtle`, as far as it is needed.
    #[derive(Debug, Clone)]
    pub type Subtle;

    #[wasm_bindgen(method, catch)]
    fn digest(this: &Subtle, algorithm: &str, data: &ArrayBuffer) -> Result<js_sys::Promise, JsValue>;
}

/// The worker that had the bytes is gone, and the bytes with it: they must be read again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashLost;

/// Computes the SHA-256 of buffers.
#[derive(Debug)]
pub enum Hasher {
    /// WebCrypto: twice as fast as wasm, on threads of the browser's own. Secure contexts only.
    WebCrypto(Subtle),
    /// The `sha2` crate in a worker: a page over plain http.
    Worker(HashWorker),
    /// The `sha2` crate right here: this is a worker already.
    Here,
}

impl Hasher {
    /// Chooses what this context has.
    #[must_use]
    pub fn new(factory: WorkerFactory) -> Self {
        let global = js_sys::global();
        let subtle = field(&field(&global, "crypto"), "subtle");
        if subtle.is_object() {
            Self::WebCrypto(subtle.unchecked_into())
        } else if field(&global, "document").is_object() {
            Self::Worker(HashWorker::new(factory))
        } else {
            Self::Here
        }
    }

    /// The SHA-256 of the buffer's bytes, and the buffer: a worker takes it away and brings it back.
    ///
    /// # Errors
    /// [`HashLost`] when it was not brought back.
    pub async fn sha256(&self, buffer: ArrayBuffer) -> Result<(ArrayBuffer, Sha256Digest), HashLost> {
        match self {
            Self::WebCrypto(subtle) => {
                let digest = match web_crypto(subtle, &buffer).await {
                    Some(digest) => digest,
                    // It is short of memory for a copy of the bytes, say.
                    None => hash_politely(&buffer).await,
                };
                Ok((buffer, digest))
            }
            Self::Worker(worker) => worker.sha256(buffer).await,
            Self::Here => {
                let digest = hash_buffer(&buffer);
                Ok((buffer, digest))
            }
        }
    }

    /// Lets go of what it holds.
    pub fn close(&self) {
        match self {
            Self::Worker(worker) => worker.close(),
            Self::WebCrypto(_) | Self::Here => {}
        }
    }
}

async fn web_crypto(subtle: &Subtle, buffer: &ArrayBuffer) -> Option<Sha256Digest> {
    let digest = JsFuture::from(subtle.digest("SHA-256", buffer).ok()?).await.ok()?;
    let bytes = Uint8Array::new(&digest).to_vec();
    bytes.try_into().ok().map(Sha256Digest)
}
