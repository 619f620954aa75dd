//! The uploads in use, and what is done with them: chunks received, completed, ended, recovered.
//!
//! Nothing in here knows a route or a header.

pub(crate) mod complete;
pub(crate) mod counter;
pub(crate) mod end;
pub(crate) mod enter;
pub(crate) mod in_use;
pub(crate) mod key_locks;
pub(crate) mod leases;
pub(crate) mod pipe;
pub(crate) mod prefix_hasher;
pub(crate) mod receive;
pub(crate) mod recovery;
pub(crate) mod space;
pub(crate) mod syncer;
pub(crate) mod upload;
