//! Which hosts a request may name, and which pages may call.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use upferry_protocol::Code;

use crate::public_url::without_default_port;
use crate::rejection::Rejection;
use crate::seen_host::seen_host;
use crate::server::Server;
use crate::{Config, Hosts};

/// Refuses requests for a foreign host (DNS rebinding) and from pages of a foreign origin.
pub(crate) async fn gate(
    State(server): State<Arc<Server>>,
    request: Request,
    next: Next,
) -> Result<Response, Rejection> {
    let (parts, body) = request.into_parts();
    let host = seen_host(&server.config, &parts);
    if !host.is_none_or(|host| host_is_ours(&server.config, host)) {
        return Err(Rejection::new(Code::Forbidden, "This server does not answer for that host."));
    }
    if !origin_may_call(&server.config, &parts, host) {
        return Err(Rejection::new(Code::Forbidden, "Pages of this origin may not call."));
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

fn host_is_ours(config: &Config, host: &str) -> bool {
    let Hosts::Named(names) = &config.hosts else { return true };
    let host = host.to_ascii_lowercase();
    let name = without_port(&host);
    name == "localhost"
        || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
        || config.public_url.as_ref().is_some_and(|url| same_authority(url.authority(), &host))
        || names.iter().any(|ours| same_authority(&ours.to_ascii_lowercase(), &host))
}

fn origin_may_call(config: &Config, parts: &Parts, host: Option<&str>) -> bool {
    // Only browsers send it; who sends none is no page of a foreign site.
    let Some(origin) = parts.headers.get(ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    if config.cors_origins.iter().any(|listed| listed == "*" || listed.eq_ignore_ascii_case(origin)) {
        return true;
    }
    if config.public_url.as_ref().is_some_and(|url| url.origin().eq_ignore_ascii_case(origin)) {
        return true;
    }
    // The scheme can't be compared: behind a proxy that ends TLS it is not known.
    match (origin.split_once("://"), host) {
        (Some((scheme @ ("http" | "https"), authority)), Some(host)) => {
            without_default_port(scheme, authority).eq_ignore_ascii_case(without_default_port(scheme, host))
        }
        _ => false,
    }
}

fn same_authority(ours: &str, host: &str) -> bool {
    host == ours
        || (without_port(ours) == ours && [":80", ":443"].iter().any(|port| host.strip_suffix(port) == Some(ours)))
}

/// The host alone; an IPv6 address keeps its brackets.
fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn names_that_anybody_can_point_here_are_refused() {
        let mut config = Config::new("");
        config.public_url = "https://files.example.com".parse().ok();
        config.hosts = Hosts::Named(vec!["intern:8080".into()]);
        for host in [
            "127.0.0.1:8787",
            "[::1]:80",
            "[::1]",
            "localhost:1",
            "LOCALHOST",
            "files.example.com",
            "files.example.com:443",
            "Intern:8080",
        ] {
            assert!(host_is_ours(&config, host), "{host}");
        }
        for host in
            ["evil.example", "evil.example:8787", "localhost.evil.example", "127.0.0.1.evil.example", "intern", ""]
        {
            assert!(!host_is_ours(&config, host), "{host}");
        }
    }

    #[test]
    fn own_and_listed_origins_may_call() {
        let mut config = Config::new("");
        config.cors_origins = vec!["https://app.example".into()];
        let may = |origin: &str, host| {
            let (parts, ()) = Request::builder().header(ORIGIN, origin).body(()).unwrap().into_parts();
            origin_may_call(&config, &parts, Some(host))
        };
        assert!(may("http://127.0.0.1:8787", "127.0.0.1:8787") && may("https://a.example", "a.example:443"));
        assert!(may("https://app.example", "127.0.0.1:8787"));
        for origin in ["null", "https://evil.example", "http://127.0.0.1:9999", "http://app.example", "file://", ""] {
            assert!(!may(origin, "127.0.0.1:8787"), "{origin}");
        }
    }
}
