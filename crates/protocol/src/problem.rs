//! Errors on the wire (RFC 9457, problem details).

use std::fmt;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use crate::{ByteRange, Code, RangeSet};

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A problem as the server states it; its JSON has `type`, `title`, `status`, `detail`, `code`, `retryable`, and the
/// members below where they are set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// What happened and what to do about it, for people.
    pub detail: String,
    /// Whether the same request may succeed later; [`Code::retryable`] unless the case differs.
    pub retryable: bool,
    /// The `Retry-After` header in seconds; not part of the JSON.
    pub retry_after_seconds: Option<u32>,
    /// What is stored, with `chunk-overlap`.
    pub received: Option<RangeSet>,
    /// What is missing, with `incomplete`; at most [`MAX_MISSING_RANGES`](crate::MAX_MISSING_RANGES).
    pub missing: Option<Vec<ByteRange>>,
    /// The limit in bytes that was passed, with `too-large`.
    pub limit: Option<u64>,
}

impl Problem {
    /// Makes a problem with the defaults of its code.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retryable: code.retryable(),
            retry_after_seconds: None,
            received: None,
            missing: None,
            limit: None,
        }
    }

    /// Sets the `Retry-After` header, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Problem {}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format!("urn:upferry:problem:{}", self.code))?;
        map.serialize_entry("title", self.code.title())?;
        map.serialize_entry("status", &self.code.status())?;
        map.serialize_entry("detail", &self.detail)?;
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("retryable", &self.retryable)?;
        if let Some(received) = &self.received {
            map.serialize_entry("received", received)?;
        }
        if let Some(missing) = &self.missing {
            map.serialize_entry("missing", missing)?;
        }
        if let Some(limit) = self.limit {
            map.serialize_entry("limit", &limit)?;
        }
        map.end()
    }
}

/// The members of a problem that a client acts on. Reading is lenient: a problem of another server, or of a later
/// version, may lack any of them.
#[derive(Deserialize)]
struct Members {
    code: String,
    #[serde(default)]
    detail: String,
    retryable: Option<bool>,
    received: Option<RangeSet>,
    missing: Option<Vec<ByteRange>>,
    limit: Option<u64>,
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        let code = Code::parse(&members.code).ok_or_else(|| serde::de::Error::custom("an unknown problem code"))?;
        Ok(Self {
            code,
            detail: members.detail,
            retryable: members.retryable.unwrap_or(code.retryable()),
            retry_after_seconds: None,
            received: members.received,
            missing: members.missing,
            limit: members.limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_members_of_rfc_9457_and_ours() {
        let problem = Problem { limit: Some(5), ..Problem::new(Code::TooLarge, "At most 5 bytes.") };
        let json = serde_json::to_value(&problem).unwrap();
        let expected = serde_json::json!({
            "type": "urn:upferry:problem:too-large", "title": "This is larger than the server takes", "status": 413,
            "detail": "At most 5 bytes.", "code": "too-large", "retryable": false, "limit": 5,
        });
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
    }

    #[test]
    fn reads_a_bare_code() {
        let problem: Problem = serde_json::from_str(r#"{"code":"range-busy","more":1}"#).unwrap();
        assert_eq!(problem, Problem::new(Code::RangeBusy, ""));
        assert!(serde_json::from_str::<Problem>(r#"{"code":"news-to-us"}"#).is_err());
    }
}
