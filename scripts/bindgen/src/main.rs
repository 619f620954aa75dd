//! Binds the wasm module to JavaScript: `upferry-bindgen INPUT.wasm OUT_DIR` writes `upferry.js`, its types and the module.
//!
//! It is built from Cargo.lock like everything else, so that it always has the version of the `wasm-bindgen` that the
//! module was compiled with, and nobody has to install a command line tool of exactly that version.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, out_dir] = arguments.as_slice() else {
        eprintln!("usage: upferry-bindgen INPUT.wasm OUT_DIR");
        return ExitCode::from(2);
    };
    match bind(input, out_dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot bind {input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bind(input: &str, out_dir: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("upferry")
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    Ok(bindgen.generate(out_dir)?)
}
