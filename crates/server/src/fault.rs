//! Faults on purpose, for crash tests; they exist only with the feature `fault-injection`.
//!
//! The environment variable `UPFERRY_FAULT` names one:
//!
//! | value | effect |
//! |---|---|
//! | `skip-data-sync` | the sync of chunks' data is left out |
//! | `skip-ledger-sync` | SQLite runs with `synchronous=OFF`, and the level is not read back |
//! | `stop-before:<step>` | the process aborts just before that step, one of [`CREATE_STEPS`] or [`STEPS`] |
//! | `list-steps` | the binary prints the steps, one a line, and exits |

/// The steps of a creation, in their order.
///
/// - `create-blob`: the blob is made, with the file's bytes where they came along, and synced;
/// - `create-ledger`: the ledger notes the upload, with its chunk where it came along.
pub const CREATE_STEPS: &[&str] = &["create-blob", "create-ledger"];

/// The steps of a completion, in their order.
///
/// - `ledger-completing`: the ledger notes that the upload is completing, and the digest that the client stated;
/// - `digest`: the SHA-256 of the whole file is computed and compared;
/// - `ledger-digest`: the ledger notes that digest;
/// - `sync-data`: the blob is synced once more;
/// - `publish`: it is renamed into its place;
/// - `sync-folders`: both folders are synced;
/// - `ledger-complete`: the ledger notes that the upload is complete;
/// - `answer`: whoever waits is told.
pub const STEPS: &[&str] = &[
    "ledger-completing",
    "digest",
    "ledger-digest",
    "sync-data",
    "publish",
    "sync-folders",
    "ledger-complete",
    "answer",
];

#[cfg(feature = "fault-injection")]
mod enabled {
    use std::sync::OnceLock;

    fn fault() -> &'static str {
        static FAULT: OnceLock<String> = OnceLock::new();
        FAULT.get_or_init(|| std::env::var("UPFERRY_FAULT").unwrap_or_default())
    }

    pub(crate) fn skips_data_sync() -> bool {
        fault() == "skip-data-sync"
    }

    pub(crate) fn skips_ledger_sync() -> bool {
        fault() == "skip-ledger-sync"
    }

    /// Aborts the process if the step before which it shall stop is this one.
    pub(crate) fn before(step: &str) {
        debug_assert!(super::CREATE_STEPS.contains(&step) || super::STEPS.contains(&step), "{step} is not listed");
        if fault().strip_prefix("stop-before:") == Some(step) {
            std::process::abort();
        }
    }
}

#[cfg(not(feature = "fault-injection"))]
mod enabled {
    pub(crate) const fn skips_data_sync() -> bool {
        false
    }

    pub(crate) const fn skips_ledger_sync() -> bool {
        false
    }

    pub(crate) fn before(step: &str) {
        debug_assert!(super::CREATE_STEPS.contains(&step) || super::STEPS.contains(&step), "{step} is not listed");
    }
}

pub(crate) use enabled::{before, skips_data_sync, skips_ledger_sync};
