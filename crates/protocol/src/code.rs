//! The stable codes of problems.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $retryable:literal, $title:literal;)*) => {
        /// What went wrong, in a form that programs can rely on. Kebab-case on the wire.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code, in the order of its status.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Whether the same request may succeed later without a change.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable),* }
            }

            /// A short summary for people, the same at every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// Reads a code off the wire.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

codes! {
    /// The request is malformed: its JSON, a header or a parameter.
    InvalidRequest = "invalid-request", 400, false, "The request is malformed";
    /// A chunk came without `Content-Digest`.
    DigestRequired = "digest-required", 400, false, "A chunk needs a Content-Digest";
    /// The bytes do not have the digest that was stated.
    DigestMismatch = "digest-mismatch", 400, true, "The bytes do not have the stated digest";
    /// The digest is of an algorithm that the server does not compute.
    DigestUnsupported = "digest-unsupported", 400, false, "The digest's algorithm is not supported";
    /// Credentials are missing or no longer valid.
    Unauthorized = "unauthorized", 401, false, "Authentication is required";
    /// The caller may not do this.
    Forbidden = "forbidden", 403, false, "This is not allowed";
    /// There is no such upload, or it is somebody else's.
    UploadNotFound = "upload-not-found", 404, false, "There is no such upload";
    /// The resource does not know this method.
    MethodNotAllowed = "method-not-allowed", 405, false, "The resource does not allow this method";
    /// The same range is being received from another request.
    RangeBusy = "range-busy", 409, true, "The range is being received already";
    /// The range is stored with other bytes.
    ChunkConflict = "chunk-conflict", 409, false, "Other bytes are stored in this range";
    /// A part of the range is stored already.
    ChunkOverlap = "chunk-overlap", 409, true, "A part of the range is stored already";
    /// One more separate range would be too many.
    TooFragmented = "too-fragmented", 409, true, "Too many separate ranges are stored";
    /// The upload is paused.
    UploadPaused = "upload-paused", 409, false, "The upload is paused";
    /// The upload is no longer open.
    UploadNotOpen = "upload-not-open", 409, false, "The upload is not open";
    /// The upload is complete.
    UploadComplete = "upload-complete", 409, false, "The upload is complete";
    /// Bytes are missing still.
    Incomplete = "incomplete", 409, false, "Bytes are missing";
    /// The upload was cancelled or has expired.
    UploadGone = "upload-gone", 410, false, "The upload was cancelled or has expired";
    /// A chunk came without `Content-Length`.
    LengthRequired = "length-required", 411, false, "A Content-Length is required";
    /// The file, the chunk or the body is larger than the server takes.
    TooLarge = "too-large", 413, false, "This is larger than the server takes";
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported-media-type", 415, false, "The body must be application/json";
    /// The range is misaligned, outside the file, or states another total size.
    RangeInvalid = "range-invalid", 416, false, "The range can't be a chunk of this upload";
    /// The idempotency key was used with another request.
    IdempotencyKeyReused = "idempotency-key-reused", 422, false, "The Idempotency-Key was used for another request";
    /// Too many requests or uploads.
    RateLimited = "rate-limited", 429, true, "Too much at once";
    /// The server failed in a way that is its own fault.
    Internal = "internal", 500, true, "The server failed";
    /// The server can't answer now.
    Unavailable = "unavailable", 503, true, "The server can't answer now";
    /// The server has no room for the bytes.
    InsufficientStorage = "insufficient-storage", 507, true, "The server has no room left";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_and_is_kebab_case() {
        for &code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(code));
            assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code}");
            assert!((400..600).contains(&code.status()), "{code}");
        }
        assert_eq!(Code::parse("no-such-code"), None);
    }
}
