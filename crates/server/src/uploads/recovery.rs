//! What is put right before the first request: after a crash, ledger and blobs may be one step apart.

use std::sync::Arc;

use upferry_protocol::Problem;

use crate::StartError;
use crate::blobs::Whereabouts;
use crate::http::rejection::Rejection;
use crate::ledger::{State, Transition, UploadRecord};
use crate::server::Server;
use crate::uploads::complete;

/// Brings ledger and blobs together. Runs before the listener opens; the sweep of orphans comes last.
///
/// | ledger | blob | what is done |
/// |---|---|---|
/// | completing | finished only | rolled forward |
/// | completing | unfinished only | completed again |
/// | completing | neither or both | failed; nothing is deleted |
/// | open, paused | anything but unfinished only | failed; nothing is deleted |
/// | cancelled, expired | unfinished | removed |
/// | no row | unfinished | removed |
pub(crate) async fn recover(server: &Arc<Server>) -> Result<(), StartError> {
    take_up_completions(server).await.map_err(Rejection::into_problem)?;
    for record in server.ledger.in_states(&[State::Open, State::Paused]).await? {
        check(server, &record).await?;
    }
    for record in server.ledger.in_states(&[State::Cancelled, State::Expired]).await? {
        server.blobs(move |blobs| blobs.remove_unfinished(record.id)).await?;
    }
    sweep_orphans(server).await
}

async fn take_up_completions(server: &Arc<Server>) -> Result<(), Rejection> {
    let mut completions = Vec::new();
    for record in server.ledger.in_states(&[State::Completing]).await? {
        if let Some(upload) = server.upload(record.id).await? {
            tracing::info!(upload = %record.id, "taking up a completion that was cut short");
            completions.push(complete::resume(server, &upload, record.expected));
        }
    }
    let all = async {
        for mut completion in completions {
            let outcome: Result<(), Problem> = match completion.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone().unwrap_or(Ok(())),
                Err(_) => continue,
            };
            if let Err(problem) = outcome {
                tracing::warn!(%problem, "a completion that was taken up did not succeed");
            }
        }
    };
    // What needs no reading is done within the wait. A large file is hashed on while the server answers already; its
    // status says `completing`.
    let _ = tokio::time::timeout(server.config.times.complete_wait, all).await;
    Ok(())
}

async fn check(server: &Server, record: &UploadRecord) -> Result<(), StartError> {
    const HELD: &[State] = &[State::Open, State::Paused];
    let id = record.id;
    let place = server.blobs(move |blobs| blobs.whereabouts(id)).await?;
    if place != Whereabouts::Unfinished {
        tracing::error!(upload = %id, ?place, "the store has lost the data of an unfinished upload");
        server.ledger.change(id, Transition::new(HELD, State::Failed), record.touched).await?;
    }
    Ok(())
}

async fn sweep_orphans(server: &Server) -> Result<(), StartError> {
    for id in server.blobs(|blobs| blobs.unfinished()).await? {
        if !server.ledger.knows(id).await? {
            tracing::info!(upload = %id, "removing data that the ledger does not know");
            server.blobs(move |blobs| blobs.remove_unfinished(id)).await?;
        }
    }
    Ok(())
}
