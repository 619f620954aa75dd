//! The `Retry-After` header (RFC 9110, section 10.2.3).

/// Reads the delay form of `Retry-After`, in seconds; `None` for the date form (the caller has the clock that a date
/// needs) and for anything malformed.
#[must_use]
pub fn parse_retry_after_seconds(value: &str) -> Option<u32> {
    let value = value.trim_matches([' ', '\t']);
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than fit mean "not for a long time", not "at once".
    Some(value.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_seconds_only() {
        assert_eq!(parse_retry_after_seconds("0"), Some(0));
        assert_eq!(parse_retry_after_seconds(" 120 "), Some(120));
        assert_eq!(parse_retry_after_seconds("99999999999"), Some(u32::MAX));
        for value in ["", "-1", "1.5", "+1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"] {
            assert_eq!(parse_retry_after_seconds(value), None, "{value}");
        }
    }
}
