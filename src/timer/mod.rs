//! Timers that keep their time in a hidden page, too.
//!
//! A browser lets the timers of a hidden page run once a second, and after some minutes once a minute. Those of a worker
//! it leaves alone, and messages as well: so while the page is hidden the package's worker tells it when time is up.

mod ticker;
mod timers;

pub use timers::{Timer, Timers};
