//! A file on the simulated client's disk.

use upferry_engine::{FileError, FileFacts};
use upferry_protocol::{ByteRange, Sha256Digest};

use crate::content::{Content, ContentMap, DigestFn};

/// The simulator's name for a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileId(pub usize);

/// How many bytes of the file's start, middle and end the fingerprint looks at.
const SAMPLE_BYTES: u64 = 1 << 10;

/// A file whose bytes are a function of a seed, which parts of it may have in another version.
#[derive(Clone, Debug)]
pub struct SimFile {
    pub(crate) facts: FileFacts,
    content: ContentMap,
    readable: bool,
}

impl SimFile {
    /// A file with bytes that depend on its name alone.
    #[must_use]
    pub fn new(name: &str, size: u64) -> Self {
        Self::named(name, name, size)
    }

    /// A file with bytes that depend on `content` alone.
    #[must_use]
    pub fn named(name: &str, content: &str, size: u64) -> Self {
        let seed = content.bytes().fold(size, |seed, byte| crate::content::mix(seed ^ u64::from(byte)));
        let mut content = ContentMap::default();
        if let Some(whole) = ByteRange::new(0, size) {
            content.fill(whole, seed);
        }
        let facts = FileFacts { name: name.into(), size, last_modified: 1_700_000_000_000, ..FileFacts::default() };
        Self { facts, content, readable: true }
    }

    /// Writes other bytes over the range, as somebody does who edits the file. Its size stays what it is.
    pub fn change(&mut self, start: u64, end: u64, seed: u64) {
        let range = ByteRange::new(start, end).filter(|range| range.end() <= self.facts.size);
        self.content.fill(range.expect("the range lies in the file"), seed);
    }

    /// Takes away the permission to read it, or gives it back.
    pub fn set_readable(&mut self, readable: bool) {
        self.readable = readable;
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.facts.size
    }

    /// All of it.
    #[must_use]
    pub fn whole(&self) -> Content {
        self.content.whole(self.facts.size).expect("a file has no holes")
    }

    /// Some of it; `None` beyond its end.
    #[must_use]
    pub fn slice(&self, range: ByteRange) -> Option<Content> {
        self.content.slice(range)
    }

    pub(crate) fn read(&self, range: ByteRange) -> Result<Content, FileError> {
        if !self.readable {
            return Err(FileError::Unreadable);
        }
        self.content.slice(range).ok_or(FileError::Changed)
    }

    /// A digest over the size and samples of the content. A change elsewhere does not show in it.
    pub(crate) fn fingerprint(&self, digest: DigestFn) -> Result<Sha256Digest, FileError> {
        let size = self.facts.size;
        let mut folded = size;
        for start in [0, (size / 2).saturating_sub(SAMPLE_BYTES / 2), size.saturating_sub(SAMPLE_BYTES)] {
            let Some(range) = ByteRange::new(start, size.min(start + SAMPLE_BYTES)) else { continue };
            for byte in digest(&self.read(range)?).0 {
                folded = crate::content::mix(folded ^ u64::from(byte));
            }
        }
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&folded.to_le_bytes());
        Ok(Sha256Digest(bytes))
    }
}
