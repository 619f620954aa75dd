//! What stands between HTTP and the uploads: who may call, what bodies hold, how errors are answered.

pub(crate) mod chunk_body;
pub(crate) mod content_disposition;
pub(crate) mod cors;
pub(crate) mod drain;
pub(crate) mod file_stream;
pub(crate) mod gate;
pub(crate) mod json;
pub(crate) mod observe;
pub(crate) mod rejection;
pub(crate) mod seen_host;
