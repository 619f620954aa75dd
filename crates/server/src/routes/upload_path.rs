//! The id in a URL.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// The id as the path has it, whatever it is; what can't even be text is no id.
pub(super) struct UploadPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for UploadPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(id)| id).unwrap_or_default()))
    }
}
