//! Who may do what.

use async_trait::async_trait;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

use upferry_protocol::{Code, Problem};

use crate::UploadId;

/// Whose an upload is. Uploads, idempotency keys and limits belong to a principal.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Principal(String);

impl Principal {
    /// Names a principal: a user's id, a tenant, whatever the application tells its callers apart by.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name that it was made with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a call is about to do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// Begin an upload.
    Create,
    /// Send a chunk; asked before the upload is made where the bytes come along with its creation.
    Write,
    /// Read the status or the chunks' digests.
    Status,
    /// Pause or reopen.
    Change,
    /// Complete; asked again when a chunk completes the upload by filling it.
    Complete,
    /// Cancel.
    Cancel,
    /// Read the finished file.
    Read,
}

/// What an authorization hook learns about the upload that a call is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UploadInfo {
    /// Its id.
    pub id: UploadId,
    /// Who created it.
    pub principal: Principal,
    /// The file's name as the client gave it.
    pub name: String,
    /// The file's media type as the client gave it.
    pub media_type: Option<String>,
    /// The file's size in bytes.
    pub size: u64,
    /// The application's own key-value pairs.
    pub metadata: BTreeMap<String, String>,
}

/// Decides about every call. Closures of the same shape implement it.
#[async_trait]
pub trait Authorize: Send + Sync + 'static {
    /// Names the caller, or refuses. `upload` is `None` at creation and where there is no such upload. Whatever this
    /// answers, an upload of another principal stays `404`.
    ///
    /// # Errors
    /// The problem that the caller is to see: [`Code::Unauthorized`], [`Code::Forbidden`], or any other.
    async fn authorize(
        &self,
        operation: Operation,
        request: &Parts,
        upload: Option<&UploadInfo>,
    ) -> Result<Principal, Problem>;
}

#[async_trait]
impl<F> Authorize for F
where
    F: Fn(Operation, &Parts, Option<&UploadInfo>) -> Result<Principal, Problem> + Send + Sync + 'static,
{
    async fn authorize(
        &self,
        operation: Operation,
        request: &Parts,
        upload: Option<&UploadInfo>,
    ) -> Result<Principal, Problem> {
        self(operation, request, upload)
    }
}

/// Lets everybody do everything, as one principal.
pub struct Anyone;

#[async_trait]
impl Authorize for Anyone {
    async fn authorize(&self, _: Operation, _: &Parts, _: Option<&UploadInfo>) -> Result<Principal, Problem> {
        Ok(Principal::new("anyone"))
    }
}

/// Lets those in who carry one bearer token (RFC 6750), as one principal.
pub struct BearerToken {
    /// Digests are compared, so that the time it takes says nothing about the token.
    sha256: [u8; 32],
}

impl BearerToken {
    /// Takes the token.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self { sha256: Sha256::digest(token.as_bytes()).into() }
    }
}

#[async_trait]
impl Authorize for BearerToken {
    async fn authorize(&self, _: Operation, request: &Parts, _: Option<&UploadInfo>) -> Result<Principal, Problem> {
        let token = request.headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes()));
        if token.is_some_and(|token| <[u8; 32]>::from(Sha256::digest(token)) == self.sha256) {
            return Ok(Principal::new("token"));
        }
        Err(Problem::new(Code::Unauthorized, "Send the header `Authorization: Bearer TOKEN` with a valid token."))
    }
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[tokio::test]
    async fn only_the_token_opens() {
        let hook = BearerToken::new("secret");
        for (value, opens) in [
            ("Bearer secret", true),
            ("bearer  secret", true),
            ("Bearer secre", false),
            ("Basic secret", false),
            ("Bearer", false),
            ("", false),
        ] {
            let (parts, ()) = Request::builder().header(AUTHORIZATION, value).body(()).unwrap().into_parts();
            assert_eq!(hook.authorize(Operation::Create, &parts, None).await.is_ok(), opens, "{value}");
        }
    }
}
