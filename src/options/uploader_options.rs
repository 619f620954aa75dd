use std::collections::BTreeMap;

use js_sys::Function;
use upferry_engine::{ChunkSize, Config, RetryPolicy, Verify};
use wasm_bindgen::prelude::*;
use web_sys::RequestCredentials;

use super::{Field, Restrictions, fields};
use crate::error::type_error;
use crate::file::is_chromium;
use crate::http::{HeaderSource, absolute};

const DAY_MS: f64 = 86_400_000.0;
/// A budget below the smallest chunk would hold nothing.
const LEAST_BUDGET: u64 = 64 << 10;

/// The options of `createUploader`.
#[derive(Debug)]
pub struct Options {
    /// Where uploads are created; absolute.
    pub endpoint: String,
    /// Request headers.
    pub headers: HeaderSource,
    /// Whether cookies are sent.
    pub credentials: RequestCredentials,
    /// Key-value pairs of every upload.
    pub metadata: BTreeMap<String, String>,
    /// Whose records these are, where several users share a browser.
    pub namespace: String,
    /// How long a record is of use.
    pub ttl_ms: f64,
    /// Which files are taken.
    pub restrictions: Restrictions,
    /// Whether the browser asks before the page is left and something would be lost.
    pub guard_unload: bool,
    /// Whether the screen stays on while something is sent.
    pub wake_lock: bool,
    /// Starts the worker, in place of the package's own.
    pub create_worker: Option<Function>,
    /// What the engine goes by.
    pub config: Config,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            headers: HeaderSource::Fixed(Vec::new()),
            credentials: RequestCredentials::SameOrigin,
            metadata: BTreeMap::new(),
            namespace: String::new(),
            ttl_ms: 30.0 * DAY_MS,
            restrictions: Restrictions::default(),
            guard_unload: false,
            wake_lock: false,
            create_worker: None,
            // Chromium notices by itself when a file is rewritten; Safari not always, Firefox never.
            config: Config { recheck: !is_chromium(), ..Config::default() },
        }
    }
}

impl Options {
    /// Reads them, key by key: only so does an error name the key.
    ///
    /// # Errors
    /// A `TypeError` that names what is missing, unknown, of another type or out of range.
    pub fn parse(value: &JsValue) -> Result<Self, JsValue> {
        let mut options = Self::default();
        for field in fields("the options", "", value)? {
            options.set(&field)?;
        }
        if options.endpoint.is_empty() {
            return Err(type_error("endpoint is missing: the URL where uploads are created"));
        }
        Ok(options)
    }

    fn set(&mut self, field: &Field) -> Result<(), JsValue> {
        let config = &mut self.config;
        match field.key() {
            "endpoint" => {
                let url = field.string()?;
                let absolute = if url.is_empty() { None } else { absolute(&url).ok() };
                self.endpoint = absolute.ok_or_else(|| field.wrong("a URL"))?;
            }
            "headers" => self.headers = HeaderSource::parse(field.path(), field.value())?,
            "credentials" => {
                self.credentials = RequestCredentials::from_js_value(field.value())
                    .ok_or_else(|| field.wrong("\"omit\", \"same-origin\" or \"include\""))?;
            }
            "metadata" => self.metadata = field.strings()?,
            "chunkSize" if is_auto(field) => config.chunk_size = ChunkSize::Auto,
            "chunkSize" => {
                let size = field.integer(1, u64::MAX, "\"auto\" or a whole number of bytes from 1 up")?;
                config.chunk_size = ChunkSize::Fixed(size);
            }
            "parallelChunks" if is_auto(field) => config.parallel_chunks = None,
            "parallelChunks" => {
                config.parallel_chunks = Some(field.integer(1, 16, "\"auto\" or a whole number from 1 to 16")? as u32);
            }
            "parallelFiles" => {
                config.parallel_files = field.integer(1, u64::from(u32::MAX), "a whole number from 1 up")? as u32;
            }
            "memoryBudget" => {
                config.memory_budget =
                    field.integer(LEAST_BUDGET, u64::MAX, "a whole number of bytes from 65536 up")?;
            }
            "autoStart" => config.auto_start = field.boolean()?,
            "retry" => config.retry = retry(field)?,
            "verify" => {
                config.verify = match field.value().as_string().as_deref() {
                    Some("full") => Verify::Full,
                    Some("sample") => Verify::Sample,
                    _ => return Err(field.wrong("\"full\" or \"sample\"")),
                };
            }
            "persist" => config.persist = field.boolean()?,
            "namespace" => self.namespace = field.string()?,
            "ttl" => {
                self.ttl_ms = field.limit()?.map_or(f64::MAX, |ttl| ttl as f64);
            }
            "restrictions" => self.restrictions = Restrictions::parse(field)?,
            "stallTimeout" => {
                config.stall_timeout_ms = field.integer(1, u64::MAX, "a whole number of milliseconds from 1 up")?;
            }
            "guardUnload" => self.guard_unload = field.boolean()?,
            "wakeLock" => self.wake_lock = field.boolean()?,
            "createWorker" => self.create_worker = Some(field.function()?),
            _ => return Err(field.unknown()),
        }
        Ok(())
    }
}

fn is_auto(field: &Field) -> bool {
    field.value().as_string().as_deref() == Some("auto")
}

fn retry(field: &Field) -> Result<RetryPolicy, JsValue> {
    const MS: &str = "a whole number of milliseconds from 1 up";
    let mut policy = RetryPolicy::default();
    for member in fields(field.path(), field.path(), field.value())? {
        match member.key() {
            "maxAttempts" => {
                policy.max_attempts = member.limit()?.map(|attempts| u32::try_from(attempts).unwrap_or(u32::MAX));
            }
            "maxElapsed" => policy.max_elapsed_ms = member.limit()?,
            "baseDelay" => policy.base_delay_ms = member.integer(1, u64::MAX, MS)?,
            "maxDelay" => policy.max_delay_ms = member.integer(1, u64::MAX, MS)?,
            _ => return Err(member.unknown()),
        }
    }
    Ok(policy)
}
