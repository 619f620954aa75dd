//! One upload: what is known of it, and what it does next.
//!
//! Nothing is scripted. After each input [`Upload::step`] looks at what is known (is the file recognised? the record
//! saved? the URL there? the status fresh?) and asks for the first thing that is not; so a retry, a resume and a
//! restart after a crash all take the same way.

mod claim;
mod content;
mod control;
mod model;
mod outcome;
mod refusal;
mod show;
mod stall;
mod step;
mod transfers;
mod verification;

pub(crate) use model::{Intent, Upload};
