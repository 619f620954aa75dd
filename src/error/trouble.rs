use upferry_engine::Failure;
use wasm_bindgen::JsValue;

use super::message;
use crate::host::Host;

/// Why a file was not taken: it is outside the `restrictions`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rejection {
    /// It is larger than `maxSize`.
    TooLarge,
    /// It is smaller than `minSize`.
    TooSmall,
    /// Neither its name nor its type is in `accept`.
    NotAccepted,
    /// There are `maxFiles` already.
    TooManyFiles,
}

/// Whatever an `UploadError` is made of here. The loader in `js/` adds `unsupported` and `wasm-blocked`: what happens
/// before there is a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// An upload failed, or one of its requests.
    Failed(Failure),
    /// A file was not taken.
    Rejected(Rejection),
}

impl Trouble {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Failed(failure) => failure.code.as_str(),
            Self::Rejected(Rejection::TooLarge) => "too-large",
            Self::Rejected(Rejection::TooSmall) => "too-small",
            Self::Rejected(Rejection::NotAccepted) => "not-accepted",
            Self::Rejected(Rejection::TooManyFiles) => "too-many-files",
        }
    }

    /// The `UploadError`.
    #[must_use]
    pub fn to_js(&self, host: &Host) -> JsValue {
        let (retryable, status) = match self {
            Self::Failed(failure) => (failure.retryable, failure.status),
            Self::Rejected(_) => (false, None),
        };
        host.upload_error(self.code(), &message(self), retryable, status, &JsValue::UNDEFINED)
    }
}
