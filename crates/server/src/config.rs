//! How a server is set up.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use ipnet::IpNet;

use crate::{Anyone, Authorize, PublicUrl};

/// All that [`router`](crate::router) needs to know.
#[derive(Clone)]
pub struct Config {
    /// The folder for ledger and blobs; made when missing, locked while the router lives.
    pub data_dir: PathBuf,
    /// The URL under which clients reach the server, where it differs from what they ask for.
    pub public_url: Option<PublicUrl>,
    /// The proxies whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Which `Host` a request may name.
    pub hosts: Hosts,
    /// The origins, as `https://example.com`, whose pages may call; `*` for any, without credentials.
    pub cors_origins: Vec<String>,
    /// Request headers that pages of those origins may send beyond the protocol's own.
    pub cors_headers: Vec<HeaderName>,
    /// Decides about every call.
    pub authorize: Arc<dyn Authorize>,
    /// How much is taken.
    pub limits: Limits,
    /// How long things may take.
    pub times: Times,
}

impl Config {
    /// The defaults, for data in `data_dir`: everybody may upload, from the server's own origin only.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            public_url: None,
            trusted_proxies: Vec::new(),
            hosts: Hosts::AddressesAnd(Vec::new()),
            cors_origins: Vec::new(),
            cors_headers: Vec::new(),
            authorize: Arc::new(Anyone),
            limits: Limits::default(),
            times: Times::default(),
        }
    }
}

/// Which hosts a request may name. A page of a foreign site can point a name of its own at this server's address (DNS
/// rebinding) and is then its own origin; so a request must name the server as those names do that are really its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hosts {
    /// These, each with its port where that is not the default one, and the public URL's.
    Named(Vec<String>),
    /// Any IP address and `localhost`, which nobody else can point anywhere, and the same as above.
    AddressesAnd(Vec<String>),
    /// Any, for an application that checks by itself.
    Any,
}

impl Hosts {
    /// Those of a server that listens on `address`, and `further` names.
    #[must_use]
    pub fn of_listener(address: SocketAddr, further: Vec<String>) -> Self {
        // Which addresses those are, or which port, is known only to the system.
        if address.ip().is_unspecified() || address.port() == 0 {
            return Self::AddressesAnd(further);
        }
        let mut names = further;
        names.push(address.to_string());
        if address.ip().is_loopback() {
            names.push(format!("localhost:{}", address.port()));
        }
        Self::Named(names)
    }
}

/// How much a server takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest file in bytes.
    pub max_size: u64,
    /// What is to stay free on the disk.
    pub min_free: MinFree,
    /// The most unfinished uploads of one principal.
    pub max_open: u64,
    /// The most bytes that one principal's unfinished uploads may declare together.
    pub max_reserved: u64,
    /// The most chunks of one principal that are received at once.
    pub max_puts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_size: 100 << 30,
            min_free: MinFree::Percent(5),
            max_open: 100,
            max_reserved: 200 << 30,
            max_puts: 256,
        }
    }
}

/// What is to stay free on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MinFree {
    /// A share of the whole disk, 0 to 100.
    Percent(u8),
    /// A number of bytes.
    Bytes(u64),
    /// Whatever is left: declared sizes are not compared with the free space, as the storage grows with what it holds.
    Unchecked,
}

/// How long things may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Times {
    /// An unfinished upload expires when nothing came for so long, paused or not.
    pub expire_after: Duration,
    /// An unfinished upload expires so long after its creation in any case.
    pub expire_at_most: Duration,
    /// Cancelled and expired uploads answer `410` for so long; the idempotency keys of ended ones are kept as long.
    pub remember_ended: Duration,
    /// How often expired uploads are looked for.
    pub sweep_every: Duration,
    /// A body from which nothing comes for so long is cut.
    pub body_idle: Duration,
    /// The same while the rest of a refused request's body is read and dropped.
    pub drain_idle: Duration,
    /// A chunk that was silent for so long gives way to another request for the same range.
    pub takeover_after: Duration,
    /// A completion that takes longer is answered `202`.
    pub complete_wait: Duration,
}

impl Default for Times {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            expire_after: 7 * DAY,
            expire_at_most: 30 * DAY,
            remember_ended: 7 * DAY,
            sweep_every: Duration::from_secs(600),
            body_idle: Duration::from_secs(30),
            drain_idle: Duration::from_secs(10),
            takeover_after: Duration::from_secs(5),
            complete_wait: Duration::from_secs(1),
        }
    }
}
