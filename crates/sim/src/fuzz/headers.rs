use upferry_protocol::{
    ContentRange, content_digest, parse_content_digest, parse_retry_after_seconds, parse_upload_create, upload_create,
};

/// A header's value, read by every parser of the protocol's headers: what is read can be written, and is read back the
/// same.
///
/// # Panics
/// If it is not.
pub fn headers(bytes: &[u8]) {
    if let Ok(range) = ContentRange::parse(bytes) {
        assert_eq!(ContentRange::parse(range.to_string().as_bytes()), Ok(range));
    }
    if let Ok(digest) = parse_content_digest(bytes) {
        assert_eq!(parse_content_digest(content_digest(digest).as_bytes()), Ok(digest));
    }
    if let Ok(create) = parse_upload_create(bytes)
        && let Ok(json) = String::from_utf8(create)
    {
        let written = upload_create(&json).expect("what was read is not too long");
        assert_eq!(parse_upload_create(written.as_bytes()), Ok(json.into_bytes()));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some(seconds) = parse_retry_after_seconds(text)
    {
        assert_eq!(parse_retry_after_seconds(&seconds.to_string()), Some(seconds));
    }
}
