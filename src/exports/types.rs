use wasm_bindgen::prelude::wasm_bindgen;

/// The types of all that is exported to users, written by hand: generics and the names of events have no Rust form.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");
