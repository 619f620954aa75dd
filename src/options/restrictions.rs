use upferry_engine::FileFacts;
use wasm_bindgen::JsValue;

use super::{Field, fields};
use crate::error::Rejection;

/// Which files are taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Restrictions {
    /// The most bytes of a file.
    pub max_size: Option<u64>,
    /// The fewest bytes of a file.
    pub min_size: Option<u64>,
    /// Endings (`.mp4`), media types (`video/mp4`) and groups of them (`video/*`), in lower case; none for any file.
    pub accept: Vec<String>,
    /// The most files.
    pub max_files: Option<u64>,
}

impl Restrictions {
    /// Reads the option.
    ///
    /// # Errors
    /// A `TypeError` that names what is wrong.
    pub fn parse(field: &Field) -> Result<Self, JsValue> {
        let mut restrictions = Self::default();
        for member in fields(field.path(), field.path(), field.value())? {
            match member.key() {
                "maxSize" => restrictions.max_size = Some(member.bytes()?),
                "minSize" => restrictions.min_size = Some(member.bytes()?),
                "maxFiles" => restrictions.max_files = member.limit()?,
                "accept" => restrictions.accept = accept(&member)?,
                _ => return Err(member.unknown()),
            }
        }
        Ok(restrictions)
    }

    /// Whether the file may be added beside so many others, which are counted only if that matters.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, file: &FileFacts, others: impl FnOnce() -> u64) -> Result<(), Rejection> {
        if self.max_size.is_some_and(|max| file.size > max) {
            return Err(Rejection::TooLarge);
        }
        if self.min_size.is_some_and(|min| file.size < min) {
            return Err(Rejection::TooSmall);
        }
        if self.max_files.is_some_and(|max| others() >= max) {
            return Err(Rejection::TooManyFiles);
        }
        let name = file.name.to_ascii_lowercase();
        let media_type = file.media_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        let fits = |pattern: &String| {
            if pattern.starts_with('.') {
                name.ends_with(pattern.as_str())
            } else if let Some(group) = pattern.strip_suffix('*') {
                media_type.starts_with(group)
            } else {
                media_type == *pattern
            }
        };
        if self.accept.is_empty() || self.accept.iter().any(fits) { Ok(()) } else { Err(Rejection::NotAccepted) }
    }
}

/// The form of the `accept` attribute of a file input.
fn accept(field: &Field) -> Result<Vec<String>, JsValue> {
    let text = field.string()?;
    let patterns =
        text.split(',').map(|pattern| pattern.trim().to_ascii_lowercase()).filter(|pattern| !pattern.is_empty());
    let patterns: Vec<String> = patterns.collect();
    let is_pattern = |pattern: &String| pattern.starts_with('.') || pattern.contains('/');
    if patterns.iter().all(is_pattern) { Ok(patterns) } else { Err(field.wrong("a list like \".mp4, image/*\"")) }
}
