use js_sys::JSON;
use upferry::json;
use upferry_engine::Record;
use upferry_protocol::{ChunkPage, Code, CreateRequest, Problem, Receiving, UploadState, UploadStatus};
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{js, record};

/// The status of docs/protocol.md.
const STATUS: &str = r#"{ "id": "6f1c", "state": "open", "size": 734003200, "name": "视频.mp4", "type": "video/mp4",
  "metadata": {"album": "7"}, "received": [[0, 8388608], [16777216, 25165824]], "receivedBytes": 16777216,
  "receiving": [[8388608, 9437184]], "chunk": { "unit": 65536, "max": 67108864 },
  "expires": "2026-12-01T00:00:00Z", "digest": null, "later": [{"more": 1.5}] }"#;

#[wasm_bindgen_test]
fn a_status_is_read_as_serde_reads_it() {
    let status: UploadStatus = json::from_js(js(STATUS)).unwrap();
    assert_eq!(status, serde_json::from_str(STATUS).unwrap());
    assert_eq!(status.state, UploadState::Open);
    assert_eq!(status.receiving, [Receiving { start: 8_388_608, at: 9_437_184 }]);
    assert_eq!(status.received.covered(), status.received_bytes);
}

#[wasm_bindgen_test]
fn chunks_and_problems_are_read() {
    let page = format!(r#"{{"chunks": [{{"start": 0, "end": 5, "sha256": "{}"}}], "next": null}}"#, "ab".repeat(32));
    assert_eq!(json::from_js::<ChunkPage>(js(&page)).unwrap(), serde_json::from_str(&page).unwrap());
    let problem = r#"{"code": "incomplete", "detail": "", "missing": [[0, 5]], "retryable": true}"#;
    let problem: Problem = json::from_js(js(problem)).unwrap();
    assert_eq!((problem.code, problem.missing.map(|missing| missing.len())), (Code::Incomplete, Some(1)));
}

#[wasm_bindgen_test]
fn what_is_no_message_is_none() {
    for value in ["undefined", "null", "7", "'open'", "[]", "{}", "() => 1", "Symbol()", "2n", "true"] {
        assert_eq!(json::from_js::<UploadStatus>(js(value)), None, "{value}");
    }
    let swaps = [
        ("734003200", "-1"),
        ("734003200", "1.5"),
        ("734003200", "'7'"),
        ("734003200", "NaN"),
        ("734003200", "2 ** 60"),
        ("\"open\"", "\"ajar\""),
        ("[0, 8388608]", "[8, 8]"),
        ("[0, 8388608]", "{}"),
        ("\"album\": \"7\"", "\"album\": 7"),
        ("\"unit\": 65536, ", ""),
    ];
    for (right, wrong) in swaps {
        assert_eq!(json::from_js::<UploadStatus>(js(&STATUS.replacen(right, wrong, 1))), None, "{wrong}");
    }
}

#[wasm_bindgen_test]
fn what_is_written_is_what_serde_would_write() {
    let full = record("key-1");
    let mut bare = full.clone();
    bare.create.media_type = None;
    bare.create.metadata.clear();
    bare.upload_url = None;
    for record in [full, bare] {
        let text = String::from(JSON::stringify(&json::record(&record)).unwrap());
        assert_eq!(text, serde_json::to_string(&record).unwrap());
        assert_eq!(json::from_js::<Record>(js(&text)), Some(record.clone()));
        let create = String::from(JSON::stringify(&json::create_request(&record.create)).unwrap());
        assert_eq!(create, serde_json::to_string(&record.create).unwrap());
        assert_eq!(json::from_js::<CreateRequest>(js(&create)), Some(record.create));
    }
}
