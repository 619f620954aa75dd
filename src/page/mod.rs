//! The page around the uploader: whether it has a network, whether it is there at all, whether it may be left, and
//! whether the screen stays on. In a worker there is only the network.

mod guard;
mod moments;
mod wake_lock;

pub use guard::guard_unload;
pub use moments::{Moment, Moments, is_online};
pub use wake_lock::WakeLock;
