//! How an unfinished upload ends: cancelled, or expired.

use std::sync::Arc;
use std::time::Duration;

use crate::Timestamp;
use crate::http::rejection::Rejection;
use crate::ledger::{State, Transition};
use crate::server::Server;
use crate::uploads::upload::Upload;

impl Server {
    /// Cancels an upload; fine when it is gone already.
    pub(crate) async fn cancel(&self, upload: &Upload) -> Result<(), Rejection> {
        const FROM: &[State] = &[State::Open, State::Paused, State::Failed];
        let _changing = upload.transition.lock().await;
        match upload.state() {
            State::Open | State::Paused | State::Failed => {}
            State::Cancelled | State::Expired => return Ok(()),
            state @ (State::Completing | State::Complete) => return Err(Rejection::in_state(state)),
        }
        if !self.change(upload, Transition::new(FROM, State::Cancelled)).await? {
            return Err(Rejection::in_state(upload.state()));
        }
        self.drop_data(upload).await;
        Ok(())
    }

    /// Ends an upload to which nobody came back in time.
    pub(crate) async fn expire_if_due(&self, upload: &Upload) -> Result<(), Rejection> {
        const FROM: &[State] = &[State::Open, State::Paused];
        let is_due = || {
            let expires = upload.expires(&self.config.times);
            expires.is_some_and(|expires| expires <= Timestamp::now()) && !upload.is_receiving()
        };
        if !is_due() {
            return Ok(());
        }
        let _changing = upload.transition.lock().await;
        if is_due() && self.change(upload, Transition::new(FROM, State::Expired)).await? {
            self.drop_data(upload).await;
        }
        Ok(())
    }

    /// Frees the room of an upload that has ended. The next start removes what can't be removed now.
    async fn drop_data(&self, upload: &Upload) {
        upload.syncer.lock().await.take();
        let id = upload.id();
        if let Err(error) = self.blobs(move |blobs| blobs.remove_unfinished(id)).await {
            tracing::error!(upload = %id, %error, "the data of an ended upload can't be removed");
        }
    }
}

/// Looks for expired uploads now and then, for as long as the server is in use.
pub(crate) fn sweep_regularly(server: &Arc<Server>) {
    let every = server.config.times.sweep_every;
    let server = Arc::downgrade(server);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(every).await;
            let Some(server) = server.upgrade() else { return };
            if let Err(rejection) = sweep(&server).await {
                tracing::error!(?rejection, "looking for expired uploads failed");
            }
            server.uploads.put_down(IDLE);
        }
    });
}

async fn sweep(server: &Server) -> Result<(), Rejection> {
    let times = &server.config.times;
    let now = Timestamp::now();
    for record in server.ledger.in_states(&[State::Open, State::Paused]).await? {
        // Loading all of them would read all their chunks; only those that look due are.
        let idle = record.touched.after(times.expire_after).min(record.created.after(times.expire_at_most));
        if idle > now {
            continue;
        }
        if let Some(upload) = server.upload(record.id).await? {
            server.expire_if_due(&upload).await?;
        }
    }
    for id in server.ledger.forget_ended(now.before(times.remember_ended)).await? {
        server.uploads.forget(id);
    }
    Ok(())
}

/// Uploads that no request has used for so long are put down from memory.
const IDLE: Duration = Duration::from_secs(300);
