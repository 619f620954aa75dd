//! The `Content-Digest` header (RFC 9530, section 2).

use std::fmt;

use sfv::{BareItem, ListEntry, Parser};

use crate::Sha256Digest;

/// Why a `Content-Digest` header can't be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContentDigestError {
    /// The header is no structured dictionary of byte sequences, or the digest has the wrong length.
    Malformed,
    /// The dictionary has no `sha-256` member.
    NoSha256,
}

impl fmt::Display for ContentDigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "Content-Digest must look like sha-256=:BASE64: with the 32 bytes of the digest",
            Self::NoSha256 => "Content-Digest has no sha-256 member; it is the one algorithm used here",
        })
    }
}

impl std::error::Error for ContentDigestError {}

/// Writes the value of a `Content-Digest` header: `sha-256=:BASE64:`.
#[must_use]
pub fn content_digest(digest: Sha256Digest) -> String {
    let mut value = String::with_capacity(54);
    value.push_str("sha-256=:");
    value.push_str(&digest.to_base64());
    value.push(':');
    value
}

/// Reads the SHA-256 out of a `Content-Digest` header; members of other algorithms are passed over.
///
/// # Errors
/// [`ContentDigestError`] when the value is malformed or carries no SHA-256.
pub fn parse_content_digest(value: &[u8]) -> Result<Sha256Digest, ContentDigestError> {
    let dictionary: sfv::Dictionary = Parser::new(value).parse().map_err(|_| ContentDigestError::Malformed)?;
    match dictionary.get("sha-256") {
        None => Err(ContentDigestError::NoSha256),
        Some(ListEntry::Item(sfv::Item { bare_item: BareItem::ByteSequence(bytes), .. })) => {
            <[u8; 32]>::try_from(bytes.as_slice()).map(Sha256Digest).map_err(|_| ContentDigestError::Malformed)
        }
        Some(_) => Err(ContentDigestError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_example_of_rfc_9530() {
        let value = b"sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
        let digest = parse_content_digest(value).unwrap();
        assert_eq!(digest.to_hex(), "44aff4ab2d7c3250525675a08f0cfa9591168cffe51791c5f5bbc417c15a6c38");
    }

    #[test]
    fn other_algorithms_are_passed_over() {
        let both = b"md5=:AAAA:, sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:;q=1";
        assert!(parse_content_digest(both).is_ok());
        assert_eq!(parse_content_digest(b"sha-512=:AAAA:"), Err(ContentDigestError::NoSha256));
        assert_eq!(parse_content_digest(b""), Err(ContentDigestError::NoSha256));
    }

    #[test]
    fn malformed_values_are_refused() {
        for value in ["sha-256=abc", "sha-256=:AAAA:", "sha-256", "sha-256=(1 2)", "=::", "sha-256=:!:", "\u{0}"] {
            assert_eq!(parse_content_digest(value.as_bytes()), Err(ContentDigestError::Malformed), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in any::<[u8; 32]>()) {
            let digest = Sha256Digest(bytes);
            prop_assert_eq!(parse_content_digest(content_digest(digest).as_bytes()), Ok(digest));
            prop_assert_eq!(Sha256Digest::from_hex(&digest.to_hex()), Some(digest));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_content_digest(&bytes);
        }

        #[test]
        fn nothing_near_a_digest_makes_it_panic(text in "(sha-256|md5)?=?:?[A-Za-z0-9+/=]{0,60}:?(;q=[0-9])?") {
            let _ = parse_content_digest(text.as_bytes());
        }
    }
}
