//! The URL that clients see.

use std::fmt;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::Scheme;

/// The URL under which clients reach the server, like `https://files.example.com`, with a path where a proxy adds one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl {
    scheme: String,
    authority: String,
    /// Without a slash at its end.
    path: String,
}

/// A URL that is not `http` or `https`, has no host, or carries a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicUrlError;

impl PublicUrl {
    /// The host, with the port where it is not the default one.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Scheme, host and port, as a browser's `Origin` states them.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let uri: Uri = text.parse().map_err(|_| PublicUrlError)?;
        let scheme = uri.scheme().filter(|&scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        match (scheme, authority, uri.query()) {
            (Some(scheme), Some(authority), None) => Ok(Self {
                scheme: scheme.as_str().to_owned(),
                authority: without_default_port(scheme.as_str(), &authority.as_str().to_ascii_lowercase()).to_owned(),
                path: uri.path().trim_end_matches('/').to_owned(),
            }),
            _ => Err(PublicUrlError),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

impl fmt::Display for PublicUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a public URL looks like https://files.example.com")
    }
}

impl std::error::Error for PublicUrlError {}

/// Takes off the port that the scheme implies, as browsers do.
pub(crate) fn without_default_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let port = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(port).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_and_written() {
        let url: PublicUrl = "https://Files.Example.com:443/up/".parse().unwrap();
        assert_eq!(url.to_string(), "https://files.example.com/up");
        assert_eq!(url.origin(), "https://files.example.com");
        for bad in ["", "files.example.com", "ftp://example.com", "/up", "https://me@example.com", "http://a/?q"] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(PublicUrlError), "{bad}");
        }
    }
}
