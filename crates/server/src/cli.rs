//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use bytesize::ByteSize;
use clap::Parser;
use ipnet::IpNet;
use tracing_subscriber::filter::Targets;
use upferry_server::{BearerToken, Config, Hosts, Limits, MinFree, PublicUrl, Times};

/// Takes large files from browsers and never loses their place. Every option can be given as an environment variable
/// too.
#[derive(Parser)]
#[command(name = "upferry-server", version)]
pub(crate) struct Cli {
    /// Address and port to listen on.
    #[arg(long, env = "UPFERRY_LISTEN", default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,
    /// Folder for the ledger and the files; made when missing.
    #[arg(long, env = "UPFERRY_DATA_DIR", default_value = "./upferry-data", value_name = "DIR")]
    data_dir: PathBuf,
    /// Folder with a site to serve beside the endpoint.
    #[arg(long, env = "UPFERRY_STATIC", value_name = "DIR")]
    pub(crate) r#static: Option<PathBuf>,
    /// URL under which clients reach the server, if it is another than they ask for.
    #[arg(long, env = "UPFERRY_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Network of a proxy whose X-Forwarded-Host and X-Forwarded-Proto are believed; repeatable.
    #[arg(long, env = "UPFERRY_TRUST_PROXY", value_name = "CIDR", value_delimiter = ',')]
    trust_proxy: Vec<IpNet>,
    /// Further name that requests may address the server by (with its port where that is not the default); repeatable.
    #[arg(long, env = "UPFERRY_HOST", value_name = "HOST", value_delimiter = ',')]
    host: Vec<String>,
    /// Origin whose pages may call, or * for any (without credentials); repeatable.
    #[arg(long, env = "UPFERRY_CORS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    cors_origin: Vec<String>,
    /// Further request header that those pages may send; repeatable.
    #[arg(long, env = "UPFERRY_CORS_HEADER", value_name = "NAME", value_delimiter = ',')]
    cors_header: Vec<HeaderName>,
    /// Largest file.
    #[arg(long, env = "UPFERRY_MAX_SIZE", default_value = "100GiB", value_name = "SIZE")]
    max_size: ByteSize,
    /// What is to stay free on the disk: a size, or a share like 5%; or `off` for storage that grows with what it holds,
    /// where declared sizes are not compared with the free space.
    #[arg(long, env = "UPFERRY_MIN_FREE", default_value = "5%", value_name = "SIZE", value_parser = min_free)]
    min_free: MinFree,
    /// Most unfinished uploads of one principal.
    #[arg(long, env = "UPFERRY_MAX_OPEN", default_value_t = 100, value_name = "N")]
    max_open: u64,
    /// Most bytes that the unfinished uploads of one principal may declare together.
    #[arg(long, env = "UPFERRY_MAX_RESERVED", default_value = "200GiB", value_name = "SIZE")]
    max_reserved: ByteSize,
    /// Most chunks of one principal that are received at once.
    #[arg(long, env = "UPFERRY_MAX_PUTS", default_value_t = 256, value_name = "N")]
    max_puts: usize,
    /// Clients must send this token as `Authorization: Bearer TOKEN`.
    #[arg(long, env = "UPFERRY_AUTH_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    auth_token: Option<String>,
    /// Listen beyond this machine without a token: anybody who reaches the server may upload and read.
    #[arg(long, env = "UPFERRY_ALLOW_ANONYMOUS")]
    allow_anonymous: bool,
    /// Time without a chunk after which an unfinished upload expires.
    #[arg(long, env = "UPFERRY_EXPIRE_AFTER", default_value = "7d", value_name = "TIME", value_parser = time)]
    expire_after: Duration,
    /// Age at which an unfinished upload expires in any case.
    #[arg(long, env = "UPFERRY_EXPIRE_AT_MOST", default_value = "30d", value_name = "TIME", value_parser = time)]
    expire_at_most: Duration,
    /// Time for which cancelled and expired uploads answer 410, and idempotency keys of ended ones are kept.
    #[arg(long, env = "UPFERRY_REMEMBER_ENDED", default_value = "7d", value_name = "TIME", value_parser = time)]
    remember_ended: Duration,
    /// How often expired uploads are looked for.
    #[arg(long, env = "UPFERRY_SWEEP_EVERY", default_value = "10min", value_name = "TIME", value_parser = time)]
    sweep_every: Duration,
    /// Silence after which a request's body is cut.
    #[arg(long, env = "UPFERRY_BODY_IDLE_TIMEOUT", default_value = "30s", value_name = "TIME", value_parser = time)]
    body_idle_timeout: Duration,
    /// Silence after which the rest of a refused request's body is not waited for.
    #[arg(long, env = "UPFERRY_DRAIN_IDLE_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = time)]
    drain_idle_timeout: Duration,
    /// Silence after which a chunk gives way to another request for the same range.
    #[arg(long, env = "UPFERRY_TAKEOVER_AFTER", default_value = "5s", value_name = "TIME", value_parser = time)]
    takeover_after: Duration,
    /// Time for which a call to complete waits before it answers 202.
    #[arg(long, env = "UPFERRY_COMPLETE_WAIT", default_value = "1s", value_name = "TIME", value_parser = time)]
    complete_wait: Duration,
    /// Time that requests under way have to finish after SIGTERM.
    #[arg(long, env = "UPFERRY_SHUTDOWN_GRACE", default_value = "30s", value_name = "TIME", value_parser = time)]
    pub(crate) shutdown_grace: Duration,
    /// What is logged: a level, or a list like info,upferry_server=debug.
    #[arg(long, env = "UPFERRY_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) log: Targets,
}

impl Cli {
    /// The configuration that the options ask for.
    ///
    /// # Errors
    /// When they would let strangers in without saying so.
    pub(crate) fn into_config(self) -> Result<Config, String> {
        if self.auth_token.as_deref() == Some("") {
            return Err("--auth-token must not be empty".into());
        }
        if !self.listen.ip().is_loopback() && self.auth_token.is_none() && !self.allow_anonymous {
            return Err(format!(
                "{} can be reached from other machines: set --auth-token, or --allow-anonymous if anybody may upload",
                self.listen
            ));
        }
        let mut config = Config::new(self.data_dir);
        if let Some(token) = &self.auth_token {
            config.authorize = Arc::new(BearerToken::new(token));
        }
        config.hosts = Hosts::of_listener(self.listen, self.host);
        config.public_url = self.public_url;
        config.trusted_proxies = self.trust_proxy;
        config.cors_origins = self.cors_origin;
        config.cors_headers = self.cors_header;
        config.limits = Limits {
            max_size: self.max_size.as_u64(),
            min_free: self.min_free,
            max_open: self.max_open,
            max_reserved: self.max_reserved.as_u64(),
            max_puts: self.max_puts,
        };
        config.times = Times {
            expire_after: self.expire_after,
            expire_at_most: self.expire_at_most,
            remember_ended: self.remember_ended,
            sweep_every: self.sweep_every,
            body_idle: self.body_idle_timeout,
            drain_idle: self.drain_idle_timeout,
            takeover_after: self.takeover_after,
            complete_wait: self.complete_wait,
        };
        Ok(config)
    }
}

fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error} (write it like 30s, 10min or 7d)"))
}

fn min_free(text: &str) -> Result<MinFree, String> {
    if text == "off" {
        return Ok(MinFree::Unchecked);
    }
    let Some(percent) = text.strip_suffix('%') else {
        return text.parse::<ByteSize>().map(|size| MinFree::Bytes(size.as_u64()));
    };
    match percent.trim().parse() {
        Ok(percent @ 0..=100) => Ok(MinFree::Percent(percent)),
        _ => Err("a share goes from 0% to 100%".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Result<Config, String> {
        let arguments = ["upferry-server"].iter().chain(arguments);
        Cli::try_parse_from(arguments).map_err(|error| error.to_string())?.into_config()
    }

    #[test]
    fn defaults_are_those_of_the_library() {
        let config = config(&[]).unwrap();
        assert_eq!((config.limits, config.times), (Limits::default(), Times::default()));
    }

    #[test]
    fn strangers_are_let_in_only_on_purpose() {
        assert!(config(&["--listen", "0.0.0.0:8787"]).is_err());
        assert!(config(&["--listen", "0.0.0.0:8787", "--auth-token", ""]).is_err());
        assert!(config(&["--listen", "0.0.0.0:8787", "--allow-anonymous"]).is_ok());
        assert!(config(&["--listen", "0.0.0.0:8787", "--auth-token", "secret"]).is_ok());
        assert!(config(&["--listen", "[::1]:8787"]).is_ok());
    }

    #[test]
    fn what_stays_free_is_a_size_or_a_share() {
        assert_eq!(min_free("5%"), Ok(MinFree::Percent(5)));
        assert_eq!(min_free("10GiB"), Ok(MinFree::Bytes(10 << 30)));
        assert!(min_free("101%").is_err() && min_free("-1%").is_err() && min_free("much").is_err());
    }
}
