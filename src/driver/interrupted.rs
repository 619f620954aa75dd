//! What earlier sessions left unfinished.

use std::rc::Rc;

use js_sys::Array;
use upferry_engine::{Answer, Failure, FailureCode};
use upferry_protocol::{Code, Problem, UploadState};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Driver;
use crate::error::Trouble;
use crate::http::Outgoing;
use crate::records::Saved;
use crate::task::promise;

/// An upload of an earlier session.
#[derive(Clone, Debug)]
pub struct Interruption {
    /// What was saved of it.
    pub saved: Saved,
    /// How many bytes the server has; `None` when it could not be asked.
    pub confirmed: Option<u64>,
}

enum Known {
    Confirmed(u64),
    Unreachable,
    Over,
}

impl Driver {
    /// The uploads that earlier sessions left unfinished here and that nobody goes on with now, neither an upload of this
    /// uploader nor another tab. The server is asked for each; the records of those that are gone or complete are
    /// dropped.
    ///
    /// # Errors
    /// An `AbortError` when the uploader is freed meanwhile.
    pub async fn interrupted(self: &Rc<Self>, wrap: impl Fn(Interruption) -> JsValue) -> Result<Array, JsValue> {
        let list = Array::new();
        if !self.persist || self.is_closed() {
            return Ok(list);
        }
        let free = self.free(self.records.all().await.unwrap_or_default()).await;
        let urls: Vec<&str> = free.iter().filter_map(|saved| saved.record.upload_url.as_deref()).collect();
        let mut answers = self.send_all(urls.into_iter().map(Outgoing::status).collect()).await?.into_iter();
        for saved in free {
            let known = match saved.record.upload_url.as_ref().and_then(|_| answers.next()) {
                Some(answer) => known(answer),
                // Without a URL the server never answered, so nothing was sent either.
                None => Known::Confirmed(0),
            };
            let confirmed = match known {
                Known::Over => {
                    let _ = self.records.delete(saved.record.id).await;
                    continue;
                }
                Known::Confirmed(bytes) => Some(bytes),
                Known::Unreachable => None,
            };
            list.push(&wrap(Interruption { saved, confirmed }));
        }
        Ok(list)
    }

    /// Gives an interrupted upload up: here, and on the server where it can be reached. One that somebody goes on with by
    /// now is no longer interrupted, and stays.
    ///
    /// # Errors
    /// When the browser's storage can't be used; an `AbortError` when the uploader is freed meanwhile.
    pub async fn discard(self: &Rc<Self>, saved: &Saved) -> Result<(), JsValue> {
        let Some(saved) = self.free(vec![saved.clone()]).await.pop() else { return Ok(()) };
        // Both at once, as the page may end at any moment: were the server asked first, the file's name could stay here,
        // and the upload be listed again; were it asked afterwards, it would more often not hear of it. What the server
        // does not hear of expires there.
        let told = saved.record.upload_url.map(|url| {
            let driver = self.clone();
            promise(async move {
                driver.send_all(vec![Outgoing::cancel(&url)]).await?;
                Ok(JsValue::UNDEFINED)
            })
        });
        let deleted = self.records.delete(saved.record.id).await;
        if let Some(told) = told {
            JsFuture::from(told).await?;
        }
        deleted.map_err(|_| self.storage_unavailable())
    }

    /// Drops all that is kept of this place.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn forget_all(&self) -> Result<(), JsValue> {
        self.records.delete_all().await.map_err(|_| self.storage_unavailable())
    }

    /// Those that nobody goes on with.
    async fn free(&self, saved: Vec<Saved>) -> Vec<Saved> {
        let mut saved = self.claims.without_others(saved).await;
        let in_use = self.records_in_use();
        saved.retain(|saved| !in_use.contains(&saved.record.id));
        saved
    }

    /// IndexedDB says little of why it failed.
    fn storage_unavailable(&self) -> JsValue {
        Trouble::Failed(Failure::new(FailureCode::StorageUnavailable, false)).to_js(&self.host)
    }
}

fn known(answer: Answer) -> Known {
    match answer {
        Answer::Status(status) if status.state == UploadState::Complete => Known::Over,
        Answer::Status(status) => Known::Confirmed(status.received_bytes),
        // In the server's own words: a captive portal's 404 says nothing of the upload.
        Answer::Refused { problem: Some(problem), .. } if is_gone(&problem) => Known::Over,
        Answer::Created(..) | Answer::Chunks(_) | Answer::Done | Answer::Refused { .. } | Answer::Lost(_) => {
            Known::Unreachable
        }
    }
}

fn is_gone(problem: &Problem) -> bool {
    matches!(problem.code, Code::UploadNotFound | Code::UploadGone)
}
