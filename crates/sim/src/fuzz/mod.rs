//! What the fuzz targets of `fuzz/` do with their bytes. Tests replay the committed corpora through the same functions.
//!
//! Each of them panics where it finds a bug.

mod headers;
mod operations;
mod record;

pub use headers::headers;
pub use operations::{operations, run};
pub use record::record;
