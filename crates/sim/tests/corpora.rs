//! The corpora of the fuzz targets: whatever fuzzing has found interesting is run on every day.

use std::path::Path;

use upferry_sim::fuzz;

/// Runs every file of a corpus.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> = folder.read_dir().expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 20, "{} files in {}", files.len(), folder.display());
    for file in files {
        println!("{}", file.display());
        run(&std::fs::read(file).expect("a file"));
    }
}

#[test]
fn records() {
    replay("record", fuzz::record);
}

#[test]
fn headers() {
    replay("headers", fuzz::headers);
}

#[test]
fn operations() {
    replay("operations", fuzz::operations);
}
