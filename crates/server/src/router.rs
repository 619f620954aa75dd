//! From a configuration to a router.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use tokio::task::spawn_blocking;
use tower_http::catch_panic::CatchPanicLayer;
use upferry_protocol::Code;

use crate::blobs::FolderBlobs;
use crate::http::cors::cors;
use crate::http::drain::drain;
use crate::http::gate::gate;
use crate::http::observe::observe;
use crate::http::rejection::Rejection;
use crate::ledger::SqliteLedger;
use crate::routes::routes;
use crate::server::Server;
use crate::uploads::end::sweep_regularly;
use crate::uploads::recovery::recover;
use crate::{Config, PublicUrl, StartError};

/// Opens ledger and blobs in `config.data_dir`, puts right what a crash has left, and returns the routes, to be nested
/// where the application wants its endpoint. The data belong to this router until it is dropped.
///
/// # Errors
/// When the data are in use by another server, or can't be read, written or put right.
pub async fn router(config: Config) -> Result<Router, StartError> {
    check(&config)?;
    let folder = config.data_dir.clone();
    let (lock, ledger, blobs) = spawn_blocking(move || open(&folder)).await.map_err(io::Error::other)??;
    let server = Server::new(config, Arc::new(ledger), Arc::new(blobs), lock);
    recover(&server).await?;
    sweep_regularly(&server);
    // From the outermost layer inwards: the log sees every answer; CORS headers are on every answer; the rest of a
    // refused body is read after all that can refuse.
    Ok(routes()
        .layer(from_fn_with_state(Arc::clone(&server), gate))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Rejection::new(Code::Internal, "The server failed; its log tells more.").into_response()
        }))
        .layer(from_fn_with_state(Arc::clone(&server), drain))
        .layer(from_fn_with_state(Arc::clone(&server), cors))
        .layer(axum::middleware::from_fn(observe))
        .with_state(server))
}

/// An origin that no browser would ever send is a slip that would show as a refusal much later.
fn check(config: &Config) -> Result<(), StartError> {
    let is_origin = |text: &String| text.parse::<PublicUrl>().is_ok_and(|url| url.origin() == *text);
    match config.cors_origins.iter().find(|origin| *origin != "*" && !is_origin(origin)) {
        Some(origin) => Err(StartError::Config(format!(
            "{origin:?} is no origin: write it like https://app.example.com, in lower case and without a path"
        ))),
        None => Ok(()),
    }
}

fn open(folder: &Path) -> Result<(File, SqliteLedger, FolderBlobs), StartError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock = File::create(folder.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StartError::InUse),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let ledger = SqliteLedger::open(&ledger_path(folder))?;
    // Last, as it syncs the folder with the names of all of them.
    let blobs = FolderBlobs::open(folder)?;
    Ok((lock, ledger, blobs))
}

fn ledger_path(folder: &Path) -> PathBuf {
    folder.join("ledger.sqlite")
}
