//! Being the one sender of a file in this browser, and seeing how far another tab is that is it.
//!
//! A claim is a Web Lock: the browser lets go of it when its tab ends, however it ends, and tells the next in line
//! without any timer. Over plain http there are none, and a claim is a lease in IndexedDB. What a waiting tab shows
//! comes over a `BroadcastChannel`; without one it waits all the same. Where there is neither lock nor database every
//! claim is held.

mod channel;
mod core;
mod getting;
mod hold;
mod lease;
mod lock;
mod message;
mod showing;

pub use self::core::{Claims, Owner};
