//! The host and scheme that the client used.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderName, header};

use crate::{Config, UploadId};

/// The host that the client asked for, with its port; `None` when the request names none. What a proxy forwards counts
/// where the proxy is trusted.
pub(crate) fn seen_host<'p>(config: &Config, parts: &'p Parts) -> Option<&'p str> {
    forwarded(config, parts, FORWARDED_HOST)
        .or_else(|| text(parts, header::HOST))
        .or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
}

/// The scheme that the client used, as far as it is known: without a proxy that tells, `http`, as the server speaks it.
pub(crate) fn seen_scheme<'p>(config: &Config, parts: &'p Parts) -> &'p str {
    forwarded(config, parts, FORWARDED_PROTO).unwrap_or("http")
}

/// The URL of an upload: absolute where it is known how clients reach the server, else path-absolute. It continues
/// the path that the client used, so that it is right wherever the routes are nested.
pub(crate) fn upload_url(config: &Config, parts: &Parts, id: UploadId) -> String {
    let original = parts.extensions.get::<OriginalUri>().map_or(parts.uri.path(), |uri| uri.0.path());
    let path = original.trim_end_matches('/');
    if let Some(public) = &config.public_url {
        return format!("{public}{path}/{id}");
    }
    let forwarded = forwarded(config, parts, FORWARDED_HOST).zip(forwarded(config, parts, FORWARDED_PROTO));
    match forwarded.filter(|(_, proto)| matches!(*proto, "http" | "https")) {
        Some((host, proto)) => format!("{proto}://{host}{path}/{id}"),
        None => format!("{path}/{id}"),
    }
}

/// A header that a trusted proxy has set; of several values the last, which is that proxy's own.
fn forwarded<'p>(config: &Config, parts: &'p Parts, name: HeaderName) -> Option<&'p str> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let peer: IpAddr = peer.ip().to_canonical();
    if !config.trusted_proxies.iter().any(|network| network.contains(&peer)) {
        return None;
    }
    text(parts, name)?.rsplit(',').next().map(str::trim).filter(|value| !value.is_empty())
}

fn text(parts: &Parts, name: HeaderName) -> Option<&str> {
    parts.headers.get(name)?.to_str().ok()
}

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
