//! The wasm module in a dedicated worker: the same tests as in a page.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "these are tests, which clippy.toml does not see")]

mod cases;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
