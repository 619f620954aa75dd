#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| upferry_sim::fuzz::record(bytes));
