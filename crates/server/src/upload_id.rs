//! The id of an upload.

use std::fmt;
use std::io;

/// The id of an upload: 128 random bits, so that it can't be guessed; 32 lower-case hexadecimal digits in a URL.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId([u8; 16]);

impl UploadId {
    /// Draws an id from the operating system's random numbers.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// Reads an id; `None` for anything but 32 lower-case hexadecimal digits, so that an upload has one name only.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        let canonical = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        hex::decode_to_slice(text, &mut bytes).ok()?;
        canonical.then_some(Self(bytes))
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_form_is_read_back() {
        let id = UploadId::random().unwrap();
        assert_eq!(UploadId::parse(&id.to_string()), Some(id));
        for text in ["", "..", "../../etc/passwd", "ABCDEF00112233445566778899aabbcc", "00", &format!("{id}0"), "视频"]
        {
            assert_eq!(UploadId::parse(text), None, "{text}");
        }
    }
}
