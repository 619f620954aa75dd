//! The `Content-Range` header (RFC 9110, section 14.4) of a chunk.

use std::fmt;

use crate::{ByteRange, MAX_SIZE};

/// A `Content-Range: bytes first-last/size` value: where a chunk belongs, and how large the whole file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentRange {
    /// The chunk's place; it ends within `size`.
    pub range: ByteRange,
    /// The size of the whole file in bytes.
    pub size: u64,
}

/// A `Content-Range` that is malformed, or whose range does not lie within its size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentRangeError;

impl fmt::Display for ContentRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content-Range must look like `bytes FIRST-LAST/SIZE` with FIRST <= LAST < SIZE")
    }
}

impl std::error::Error for ContentRangeError {}

impl ContentRange {
    /// Reads a header value. The unit is compared without regard to case; `*` for range or size is refused, as a
    /// chunk must state both.
    ///
    /// # Errors
    /// [`ContentRangeError`] when the value is malformed or its range is empty or reaches past its size.
    pub fn parse(value: &[u8]) -> Result<Self, ContentRangeError> {
        Self::parse_text(value).ok_or(ContentRangeError)
    }

    fn parse_text(value: &[u8]) -> Option<Self> {
        let (unit, rest) = std::str::from_utf8(value).ok()?.split_once(' ')?;
        let (positions, size) = rest.split_once('/')?;
        let (first, last) = positions.split_once('-')?;
        let (first, last, size) = (decimal(first)?, decimal(last)?, decimal(size)?);
        let range = ByteRange::new(first, last.checked_add(1)?)?;
        (unit.eq_ignore_ascii_case("bytes") && range.end() <= size && size <= MAX_SIZE).then_some(Self { range, size })
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}-{}/{}", self.range.start(), self.range.end() - 1, self.size)
    }
}

/// Reads `1*DIGIT`; unlike `str::parse` it takes no sign.
fn decimal(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_chunk() {
        let parsed = ContentRange::parse(b"bytes 0-499/1234").unwrap();
        assert_eq!(parsed, ContentRange { range: ByteRange::new(0, 500).unwrap(), size: 1234 });
        assert!(ContentRange::parse(b"Bytes 1233-1233/1234").is_ok());
    }

    #[test]
    fn refuses_what_is_no_chunk() {
        for value in [
            "",
            "bytes",
            "bytes ",
            "bytes 0-499",
            "bytes 0-499/*",
            "bytes */1234",
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes +0-4/10",
            "bytes 0 - 4/10",
            "bytes  0-4/10",
            "items 0-4/10",
            "bytes 0-4/10 ",
            "bytes -4/10",
            "bytes 0-18446744073709551615/18446744073709551615",
            "bytes 0-9007199254740991/9007199254740992",
            "bytes 99999999999999999999-99999999999999999999/999999999999999999999",
            "bytes 0-4/10, 5-9/10",
        ] {
            assert_eq!(ContentRange::parse(value.as_bytes()), Err(ContentRangeError), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(start in 0..MAX_SIZE - 1, len in 1..1_u64 << 40, rest in 0..1_u64 << 40) {
            let end = start.saturating_add(len).min(MAX_SIZE);
            let range = ByteRange::new(start, end).unwrap();
            let written = ContentRange { range, size: end.saturating_add(rest).min(MAX_SIZE) };
            prop_assert_eq!(ContentRange::parse(written.to_string().as_bytes()), Ok(written));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = ContentRange::parse(&bytes);
        }

        #[test]
        fn nothing_near_a_range_makes_it_panic(text in "(bytes|items)? ?[0-9*]{0,22}-?[0-9]{0,22}/?[0-9*]{0,22}") {
            if let Ok(parsed) = ContentRange::parse(text.as_bytes()) {
                prop_assert!(parsed.range.end() <= parsed.size);
            }
        }
    }
}
