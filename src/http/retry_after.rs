use upferry_protocol::parse_retry_after_seconds;

use crate::clock;

/// Reads `Retry-After` (RFC 9110, 10.2.3), seconds or a date, as milliseconds from now.
#[must_use]
pub fn retry_after_ms(value: &str) -> Option<u64> {
    if let Some(seconds) = parse_retry_after_seconds(value) {
        return Some(u64::from(seconds) * 1000);
    }
    let date = js_sys::Date::parse(value);
    // A cast of a negative number is 0, as is meant: the moment has passed.
    (!date.is_nan()).then(|| (date - clock::wall_ms()) as u64)
}
