//! The `Upload-Create` header: a create request that travels beside the file's bytes (RFC 9651, section 3.3.5).

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use sfv::{BareItem, Parser};

/// The header's name.
pub const UPLOAD_CREATE: &str = "upload-create";

/// The longest JSON that the header carries, in bytes. Proxies commonly take header lines of 8 KiB, and base64 makes
/// 5.5 KiB of this; a longer request is sent as the body of a plain creation.
pub const MAX_UPLOAD_CREATE: usize = 4 << 10;

/// Why an `Upload-Create` header can't be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UploadCreateError {
    /// The header is no byte sequence.
    Malformed,
    /// It carries more than [`MAX_UPLOAD_CREATE`] bytes.
    TooLong,
}

impl fmt::Display for UploadCreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("Upload-Create must look like :BASE64: with the JSON of a create request"),
            Self::TooLong => {
                write!(f, "Upload-Create carries at most {MAX_UPLOAD_CREATE} bytes of JSON; create with a JSON body")
            }
        }
    }
}

impl std::error::Error for UploadCreateError {}

/// Writes the value of an `Upload-Create` header, `:BASE64:`; `None` when the JSON is too long for it.
#[must_use]
pub fn upload_create(json: &str) -> Option<String> {
    if json.len() > MAX_UPLOAD_CREATE {
        return None;
    }
    let mut value = String::from(":");
    BASE64_STANDARD.encode_string(json, &mut value);
    value.push(':');
    Some(value)
}

/// Reads the bytes, which are JSON if the client is right, out of an `Upload-Create` header.
///
/// # Errors
/// [`UploadCreateError`] when the value is malformed or too long.
pub fn parse_upload_create(value: &[u8]) -> Result<Vec<u8>, UploadCreateError> {
    let item: sfv::Item = Parser::new(value).parse().map_err(|_| UploadCreateError::Malformed)?;
    match item.bare_item {
        BareItem::ByteSequence(json) if json.len() > MAX_UPLOAD_CREATE => Err(UploadCreateError::TooLong),
        BareItem::ByteSequence(json) => Ok(json),
        BareItem::Decimal(_)
        | BareItem::Integer(_)
        | BareItem::String(_)
        | BareItem::Boolean(_)
        | BareItem::Token(_)
        | BareItem::Date(_)
        | BareItem::DisplayString(_) => Err(UploadCreateError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn carries_the_json_of_a_creation() {
        let value = upload_create(r#"{"size":1,"name":"视频"}"#).unwrap();
        assert_eq!(value, ":eyJzaXplIjoxLCJuYW1lIjoi6KeG6aKRIn0=:");
        assert_eq!(parse_upload_create(value.as_bytes()).unwrap(), r#"{"size":1,"name":"视频"}"#.as_bytes());
        assert_eq!(parse_upload_create(b":AAAA:;later=1"), Ok(vec![0, 0, 0]), "parameters are passed over");
    }

    #[test]
    fn what_is_too_long_is_neither_written_nor_read() {
        let longest = "x".repeat(MAX_UPLOAD_CREATE);
        let value = upload_create(&longest).unwrap();
        assert!(value.len() < 8_000);
        assert_eq!(parse_upload_create(value.as_bytes()), Ok(longest.clone().into_bytes()));
        assert_eq!(upload_create(&(longest + "x")), None);
        let longer = format!(":{}:", "AAAA".repeat(MAX_UPLOAD_CREATE / 3 + 1));
        assert_eq!(parse_upload_create(longer.as_bytes()), Err(UploadCreateError::TooLong));
    }

    #[test]
    fn malformed_values_are_refused() {
        for value in
            ["", ":", ":!:", ":AAAA", "AAAA:", "{\"size\":1}", "1", "\"a\"", "?1", ":AAAA:, :AAAA:", "a=:AAAA:"]
        {
            assert_eq!(parse_upload_create(value.as_bytes()), Err(UploadCreateError::Malformed), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(json in ".{0,300}") {
            let value = upload_create(&json).unwrap();
            prop_assert!(value.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(parse_upload_create(value.as_bytes()), Ok(json.into_bytes()));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_upload_create(&bytes);
        }

        #[test]
        fn nothing_near_a_byte_sequence_makes_it_panic(text in ":?[A-Za-z0-9+/=]{0,60}:?(;q=[0-9:])?") {
            let _ = parse_upload_create(text.as_bytes());
        }
    }
}
