//! Being the one sender of a file in this browser, and seeing how far another tab is that is it.
//!
//! A claim is a Web Lock: the browser lets go of it when its tab ends, however it ends, and tells the next in line
//! without any timer. What a waiting tab shows comes over a `BroadcastChannel`; without one it waits all the same.

mod channel;
mod claims;
mod hold;
mod lock;
mod message;

pub use claims::{Claims, Owner};
