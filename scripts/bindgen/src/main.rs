//! Binds the wasm module to JavaScript.
fn main() {}
