//! The `Range` header of a download (RFC 9110, section 14.2).

/// What a `Range` asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WantedRange {
    /// The whole file: the header is in another unit, malformed, or asks for several ranges, all of which the section
    /// allows to pass over.
    Whole,
    /// The bytes from the first offset up to the second.
    Part(u64, u64),
    /// Nothing that the file has.
    Outside,
}

impl WantedRange {
    /// Reads the header's value for a file of `size` bytes.
    pub(super) fn parse(value: &str, size: u64) -> Self {
        let Some(("bytes", spec)) = value.split_once('=') else { return Self::Whole };
        let Some((first, last)) = spec.trim().split_once('-') else { return Self::Whole };
        match (number(first), number(last)) {
            (Some(Some(first)), Some(last)) if last.is_none_or(|last| first <= last) => {
                let end = last.map_or(size, |last| last.saturating_add(1).min(size));
                if first < end { Self::Part(first, end) } else { Self::Outside }
            }
            (Some(None), Some(Some(suffix))) => {
                if suffix > 0 && size > 0 {
                    Self::Part(size.saturating_sub(suffix), size)
                } else {
                    Self::Outside
                }
            }
            _ => Self::Whole,
        }
    }
}

/// An offset that may be left out; `None` when it is no number. One that is too large for any file is the largest.
fn number(text: &str) -> Option<Option<u64>> {
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true if text.is_empty() => Some(None),
        true => Some(Some(text.parse().unwrap_or(u64::MAX))),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::WantedRange::{self, Outside, Part, Whole};

    #[test]
    fn is_read_as_the_rfc_says() {
        for (value, expected) in [
            ("bytes=0-0", Part(0, 1)),
            ("bytes=0-", Part(0, 10)),
            ("bytes=5-99", Part(5, 10)),
            ("bytes=-3", Part(7, 10)),
            ("bytes=-99", Part(0, 10)),
            ("bytes=-0", Outside),
            ("bytes=10-", Outside),
            ("bytes=99999999999999999999999-", Outside),
            ("bytes=5-4", Whole),
            ("bytes=0-0,2-3", Whole),
            ("bytes=", Whole),
            ("bytes=-", Whole),
            ("bytes=+1-2", Whole),
            ("lines=1-2", Whole),
        ] {
            assert_eq!(WantedRange::parse(value, 10), expected, "{value}");
        }
        assert_eq!(WantedRange::parse("bytes=0-0", 0), Outside);
        assert_eq!(WantedRange::parse("bytes=-1", 0), Outside);
    }

    proptest! {
        #[test]
        fn a_part_lies_within_the_file(value in "bytes=[0-9]{0,21}-[0-9]{0,21}", size in 0..1_000_u64) {
            if let Part(start, end) = WantedRange::parse(&value, size) {
                prop_assert!(start < end && end <= size);
            }
        }
    }
}
