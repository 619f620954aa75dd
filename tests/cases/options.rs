use upferry::options::{AddOptions, Options, Restrictions};
use upferry_engine::{ChunkSize, FileFacts, Verify};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::RequestCredentials;

use super::support::{js, message_of};

/// Members that make the options wrong, and the name that the error must begin with or hold.
const WRONG: &[(&str, &str)] = &[
    ("endpoint: 7", "endpoint"),
    ("endpoint: ''", "endpoint"),
    ("endpoint: 'http://user:secret@example.org/'", "endpoint"),
    ("endpoint: undefined", "endpoint"),
    ("endpont: '/x'", "endpont"),
    ("headers: 'x'", "headers"),
    ("headers: ['x']", "headers"),
    ("headers: {a: 1}", "headers.a"),
    ("headers: {'a b': 'c'}", "headers.a b"),
    ("headers: {a: 'new\\nline'}", "headers.a"),
    ("credentials: 'all'", "credentials"),
    ("credentials: true", "credentials"),
    ("metadata: 'x'", "metadata"),
    ("metadata: {a: 1}", "metadata.a"),
    ("chunkSize: 0", "chunkSize"),
    ("chunkSize: 1.5", "chunkSize"),
    ("chunkSize: -1", "chunkSize"),
    ("chunkSize: NaN", "chunkSize"),
    ("chunkSize: '8'", "chunkSize"),
    ("parallelChunks: 0", "parallelChunks"),
    ("parallelChunks: 17", "parallelChunks"),
    ("parallelChunks: 'many'", "parallelChunks"),
    ("parallelFiles: 0", "parallelFiles"),
    ("parallelFiles: Infinity", "parallelFiles"),
    ("parallelFiles: null", "parallelFiles"),
    ("memoryBudget: 65535", "memoryBudget"),
    ("memoryBudget: 2 ** 60", "memoryBudget"),
    ("autoStart: 1", "autoStart"),
    ("retry: 3", "retry"),
    ("retry: {maxAttempts: 0}", "retry.maxAttempts"),
    ("retry: {maxElapsed: -1}", "retry.maxElapsed"),
    ("retry: {baseDelay: Infinity}", "retry.baseDelay"),
    ("retry: {maxDelay: 0}", "retry.maxDelay"),
    ("retry: {delays: []}", "retry.delays"),
    ("verify: 'none'", "verify"),
    ("verify: true", "verify"),
    ("persist: 'yes'", "persist"),
    ("namespace: 7", "namespace"),
    ("ttl: 0", "ttl"),
    ("ttl: '30d'", "ttl"),
    ("stallTimeout: 0", "stallTimeout"),
    ("guardUnload: 1", "guardUnload"),
    ("wakeLock: 'screen'", "wakeLock"),
    ("restrictions: []", "restrictions"),
    ("restrictions: {maxSize: -1}", "restrictions.maxSize"),
    ("restrictions: {minSize: 0.5}", "restrictions.minSize"),
    ("restrictions: {maxFiles: 0}", "restrictions.maxFiles"),
    ("restrictions: {accept: ['.mp4']}", "restrictions.accept"),
    ("restrictions: {accept: 'mp4'}", "restrictions.accept"),
    ("restrictions: {types: '.mp4'}", "restrictions.types"),
    ("createWorker: 'worker.js'", "createWorker"),
    // Keys of the design that do not work yet are unknown.
    ("digest: 'file'", "digest"),
    ("instant: true", "instant"),
];

fn parse(members: &str) -> Result<Options, wasm_bindgen::JsValue> {
    Options::parse(&js(&["{endpoint: '/uploads', ", members, "}"].concat()))
}

#[wasm_bindgen_test]
fn whatever_is_wrong_is_a_type_error_that_names_it() {
    for &(members, name) in WRONG {
        let error = parse(members).expect_err(members);
        let message = message_of(&error, "TypeError");
        assert!(message.starts_with(name) || message.ends_with(name), "{members}: {message}");
    }
    for value in ["undefined", "null", "'/uploads'", "['/uploads']", "() => 1", "{}"] {
        message_of(&Options::parse(&js(value)).expect_err(value), "TypeError");
    }
}

#[wasm_bindgen_test]
fn defaults_stand_where_nothing_is_said() {
    let options = parse("chunkSize: undefined, retry: {}, restrictions: {}").unwrap();
    // These tests run in Chromium, which notices by itself when a file is rewritten: so nothing is checked again.
    assert_eq!(options.config, upferry_engine::Config::default());
    assert!(!options.guard_unload && !options.wake_lock);
    assert_eq!(options.credentials, RequestCredentials::SameOrigin);
    assert_eq!(options.ttl_ms, 30.0 * 24.0 * 60.0 * 60.0 * 1000.0);
    assert_eq!(options.restrictions, Restrictions::default());
    assert!(options.endpoint.starts_with("http") && options.endpoint.ends_with("/uploads"), "{}", options.endpoint);
}

#[wasm_bindgen_test]
fn what_is_said_arrives() {
    let options = parse(
        "endpoint: 'https://example.org/up?x=1', headers: {a: 'b'}, credentials: 'include', metadata: {k: 'v'},
        chunkSize: 1048576, parallelChunks: 16, parallelFiles: 1, memoryBudget: 65536, autoStart: false,
        retry: {maxAttempts: 3, maxElapsed: Infinity, baseDelay: 1, maxDelay: 9}, verify: 'sample', persist: false,
        namespace: 'me', ttl: 1000, stallTimeout: 7, guardUnload: true, wakeLock: true, restrictions: {maxSize: 0, minSize: 1, accept: '.MP4, image/*', maxFiles: Infinity},
        createWorker: () => 1",
    )
    .unwrap();
    assert_eq!(options.endpoint, "https://example.org/up?x=1");
    assert_eq!(options.credentials, RequestCredentials::Include);
    assert_eq!(options.metadata.get("k").map(String::as_str), Some("v"));
    assert_eq!((options.namespace.as_str(), options.ttl_ms), ("me", 1000.0));
    assert!(options.create_worker.is_some() && options.guard_unload && options.wake_lock);
    let config = options.config;
    assert_eq!(config.stall_timeout_ms, 7);
    assert_eq!((config.chunk_size, config.parallel_chunks), (ChunkSize::Fixed(1 << 20), Some(16)));
    assert_eq!((config.parallel_files, config.memory_budget), (1, 65_536));
    assert_eq!((config.auto_start, config.persist, config.verify), (false, false, Verify::Sample));
    assert_eq!((config.retry.max_attempts, config.retry.max_elapsed_ms), (Some(3), None));
    assert_eq!((config.retry.base_delay_ms, config.retry.max_delay_ms), (1, 9));
    assert_eq!(options.restrictions.accept, [".mp4", "image/*"]);
    assert_eq!((options.restrictions.max_size, options.restrictions.max_files), (Some(0), None));
}

#[wasm_bindgen_test]
fn auto_is_a_word_of_its_own() {
    let options = parse("chunkSize: 'auto', parallelChunks: 'auto'").unwrap();
    assert_eq!((options.config.chunk_size, options.config.parallel_chunks), (ChunkSize::Auto, None));
}

#[wasm_bindgen_test]
fn the_options_of_add_are_checked_too() {
    assert!(AddOptions::parse(&js("undefined")).is_ok());
    let options = AddOptions::parse(&js("{name: 'a', metadata: {b: 'c'}, headers: () => ({})}")).unwrap();
    assert_eq!(options.name.as_deref(), Some("a"));
    for (value, name) in [("{name: 1}", "name"), ("{metadata: {a: null}}", "metadata.a"), ("{nmae: 'x'}", "nmae")] {
        let message = message_of(&AddOptions::parse(&js(value)).unwrap_err(), "TypeError");
        assert!(message.contains(name), "{message}");
    }
}

#[wasm_bindgen_test]
fn restrictions_say_why() {
    use upferry::error::Rejection::{NotAccepted, TooLarge, TooManyFiles, TooSmall};
    let parsed = parse("restrictions: {maxSize: 10, minSize: 2, accept: '.mp4, image/*, text/plain', maxFiles: 2}");
    let restrictions = parsed.unwrap().restrictions;
    let check = |name: &str, media_type: &str, size, others| {
        let media_type = Some(media_type.to_owned()).filter(|text| !text.is_empty());
        restrictions.check(&FileFacts { name: name.into(), size, media_type, ..FileFacts::default() }, || others)
    };
    assert_eq!(check("a.mp4", "", 11, 0), Err(TooLarge));
    assert_eq!(check("a.mp4", "", 1, 0), Err(TooSmall));
    assert_eq!(check("a.mp4", "", 5, 2), Err(TooManyFiles));
    assert_eq!(check("a.mov", "video/quicktime", 5, 0), Err(NotAccepted));
    assert_eq!(check("a", "text/plain-not", 5, 0), Err(NotAccepted));
    for (name, media_type) in [("A.MP4", ""), ("a", "image/png"), ("a", "Text/Plain")] {
        assert_eq!(check(name, media_type, 10, 1), Ok(()), "{name}");
    }
}
