//! Which hosts a request may name, and which pages may call.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use upferry_protocol::Code;

use crate::http::cors::is_listed;
use crate::http::rejection::Rejection;
use crate::http::seen_host::{seen_host, seen_scheme};
use crate::public_url::without_default_port;
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
    let (addresses, names) = match &config.hosts {
        Hosts::Any => return true,
        Hosts::Named(names) => (false, names),
        Hosts::AddressesAnd(names) => (true, names),
    };
    let name = without_port(host);
    let is_address = || {
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok()
    };
    (addresses && is_address())
        || config.public_url.as_ref().is_some_and(|url| same_authority(url.authority(), host))
        || names.iter().any(|ours| same_authority(ours, host))
}

fn origin_may_call(config: &Config, parts: &Parts, host: Option<&str>) -> bool {
    // Only browsers send it; who sends none is no page of a foreign site.
    let Some(origin) = parts.headers.get(ORIGIN) else { return true };
    if is_listed(config, origin) {
        return true;
    }
    let Ok(origin) = origin.to_str() else { return false };
    if config.public_url.as_ref().is_some_and(|url| url.origin() == origin) {
        return true;
    }
    // The server's own: the host that the page asks for, with the scheme that it came by.
    match (origin.split_once("://"), host) {
        (Some((scheme, authority)), Some(host)) => {
            scheme == seen_scheme(config, parts)
                && without_default_port(scheme, authority).eq_ignore_ascii_case(without_default_port(scheme, host))
        }
        _ => false,
    }
}

fn same_authority(ours: &str, host: &str) -> bool {
    let plain = |authority: &str| {
        let authority = authority.to_ascii_lowercase();
        without_default_port("https", without_default_port("http", &authority)).to_owned()
    };
    plain(ours) == plain(host)
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
        config.hosts = Hosts::of_listener("127.0.0.1:8787".parse().unwrap(), vec!["intern:8080".into()]);
        for host in ["127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "files.example.com:443", "Intern:8080"] {
            assert!(host_is_ours(&config, host), "{host}");
        }
        for host in ["evil.example:8787", "localhost.evil.example", "127.0.0.1:1", "[::1]:8787", "intern", ""] {
            assert!(!host_is_ours(&config, host), "{host}");
        }
        config.hosts = Hosts::of_listener("0.0.0.0:8787".parse().unwrap(), Vec::new());
        for host in ["192.168.0.7:8787", "[::1]", "[fe80::1]:8787", "localhost"] {
            assert!(host_is_ours(&config, host), "{host}");
        }
        assert!(!host_is_ours(&config, "evil.example:8787") && !host_is_ours(&config, "127.0.0.1.evil.example"));
    }

    #[test]
    fn own_and_listed_origins_may_call() {
        let mut config = Config::new("");
        config.cors_origins = vec!["https://app.example".into()];
        let may = |origin: &str, host| {
            let (parts, ()) = Request::builder().header(ORIGIN, origin).body(()).unwrap().into_parts();
            origin_may_call(&config, &parts, Some(host))
        };
        assert!(may("http://127.0.0.1:8787", "127.0.0.1:8787") && may("http://a.example", "a.example:80"));
        assert!(may("https://app.example", "127.0.0.1:8787"));
        for origin in ["null", "https://127.0.0.1:8787", "http://127.0.0.1:9999", "http://app.example", "file://", ""] {
            assert!(!may(origin, "127.0.0.1:8787"), "{origin}");
        }
    }
}
