//! The wasm module: input and output for the [engine](upferry_engine), and the classes that JavaScript sees.
//!
//! No policy stands here. [`driver`] feeds the engine and carries out what it asks for, with the help of one module per
//! kind of input or output: [`file`](mod@file), [`digest`], [`http`], [`records`], [`events`]. [`exports`] is the one
//! module that JavaScript calls into.
//!
//! Invariant: JavaScript is never called while a `RefCell` is borrowed, and an application's code (listeners, the
//! `headers` function) never runs inside a call of its own: it always runs from a microtask. So it may call anything
//! from anywhere, [`free`](exports::Uploader) included.

pub mod claims;
pub mod clock;
pub mod deferred;
pub mod digest;
pub mod driver;
pub mod error;
pub mod events;
pub mod exports;
pub mod file;
pub mod host;
pub mod http;
pub mod js;
pub mod json;
pub mod options;
pub mod page;
pub mod records;
pub mod task;
pub mod timer;
