//! The `Content-Disposition` header (RFC 6266).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// `attachment` with the file's name: once in plain ASCII for old clients, once in full (RFC 8187). The name is data: a
/// browser takes only its last part as a file name, and no byte of it can end the header or the string.
pub(crate) fn attachment(name: &str) -> String {
    if name.is_empty() {
        return "attachment".into();
    }
    let name = &*shortened(name);
    let plain: String =
        name.chars()
            .map(|char| {
                if char.is_ascii_graphic() && !matches!(char, '"' | '\\' | '/' | '%') || char == ' ' {
                    char
                } else {
                    '_'
                }
            })
            .collect();
    let full = utf8_percent_encode(name, NOT_ATTR_CHAR);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

/// A name that a header can carry and a file system can hold; what is cut off is the middle, so that the extension
/// stays.
fn shortened(name: &str) -> Cow<'_, str> {
    let length = name.chars().count();
    if length <= 200 {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().take(180).chain(name.chars().skip(length - 20)).collect())
}

/// All but `attr-char` of RFC 8187.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_carried() {
        assert_eq!(attachment("a b.txt"), "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt");
        assert_eq!(attachment("视.mp4"), "attachment; filename=\"_.mp4\"; filename*=UTF-8''%E8%A7%86.mp4");
        let hostile = attachment("../\"\r\nSet-Cookie: a=b\0");
        assert!(hostile.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{hostile}");
        assert_eq!(attachment(""), "attachment");
        let long = attachment(&format!("{}.mp4", "视".repeat(10_000)));
        assert!(long.len() < 3_000 && long.ends_with(".mp4"), "{long}");
    }
}
