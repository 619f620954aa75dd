//! Runs one wasm test binary in a headless browser: what `wasm-bindgen-test-runner` does, as cargo's runner for wasm32.
//!
//! It is built from Cargo.lock, so that it always fits the tests' `wasm-bindgen`, and half of the wait for a
//! `cargo install` of the whole command line is saved.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args;

fn main() -> ExitCode {
    match run_cli_with_args(env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
