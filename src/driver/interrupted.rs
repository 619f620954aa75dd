//! What earlier sessions left unfinished.

use std::rc::Rc;

use js_sys::{Array, Promise};
use upferry_engine::{Answer, Failure, FailureCode};
use upferry_protocol::{Code, Problem, UploadState};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Driver;
use crate::error::Trouble;
use crate::http::{Flight, Outgoing};
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
    /// The uploads that earlier sessions left unfinished here and that none of the present ones goes on with. The server
    /// is asked for each; the records of those that are gone or complete are dropped.
    ///
    /// # Errors
    /// What `wrap` fails with.
    pub async fn interrupted(self: &Rc<Self>, wrap: impl Fn(Interruption) -> JsValue) -> Result<Array, JsValue> {
        let list = Array::new();
        if !self.persist || self.is_closed() {
            return Ok(list);
        }
        let saved = self.records.all().await.unwrap_or_default();
        let saved = self.claims.without_others(saved).await;
        let in_use = self.records_in_use();
        let free: Vec<Saved> = saved.into_iter().filter(|saved| !in_use.contains(&saved.record.id)).collect();

        // All at once; the browser limits how many are really on their way.
        let asked: Array = free.iter().map(|saved| JsValue::from(self.ask(saved))).collect();
        let answers: Array = JsFuture::from(Promise::all(&asked)).await?.unchecked_into();
        for (saved, answer) in free.into_iter().zip(answers.iter()) {
            match known(&answer) {
                Known::Over => {
                    let _ = self.records.delete(saved.record.id.clone()).await;
                }
                Known::Confirmed(bytes) => {
                    list.push(&wrap(Interruption { saved, confirmed: Some(bytes) }));
                }
                Known::Unreachable => {
                    list.push(&wrap(Interruption { saved, confirmed: None }));
                }
            }
        }
        Ok(list)
    }

    /// Gives an interrupted upload up: on the server where it can be reached, and here.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn discard(&self, saved: &Saved) -> Result<(), JsValue> {
        // By now one of the present uploads may go on with it: that is no longer interrupted.
        if self.records_in_use().contains(&saved.record.id) {
            return Ok(());
        }
        if let Some(url) = &saved.record.upload_url {
            let flight = Flight::new();
            // What the server does not hear of expires there.
            self.client.send(Outgoing::cancel(url), None, &flight.signal()).await;
        }
        self.records.delete(saved.record.id.clone()).await.map_err(|_| self.storage_unavailable())
    }

    /// Drops all records of this place.
    ///
    /// # Errors
    /// When the browser's storage can't be used.
    pub async fn forget_all(&self) -> Result<(), JsValue> {
        self.records.delete_all().await.map_err(|_| self.storage_unavailable())
    }

    /// IndexedDB says little of why it failed.
    fn storage_unavailable(&self) -> JsValue {
        Trouble::Failed(Failure::new(FailureCode::StorageUnavailable, false)).to_js(&self.host)
    }

    /// A promise of the confirmed bytes; of null when the server can't be asked, of undefined when there is nothing left
    /// to go on with.
    fn ask(self: &Rc<Self>, saved: &Saved) -> Promise {
        let url = saved.record.upload_url.clone();
        let driver = self.clone();
        promise(async move {
            // Without a URL the server never answered, so nothing was sent either.
            let Some(url) = url else { return Ok(0.into()) };
            let flight = Flight::new();
            let answer = driver.client.send(Outgoing::status(&url), None, &flight.signal()).await;
            Ok(match answer {
                Answer::Status(status) if status.state == UploadState::Complete => JsValue::UNDEFINED,
                Answer::Status(status) => (status.received_bytes as f64).into(),
                // In the server's own words: a captive portal's 404 says nothing of the upload.
                Answer::Refused { problem: Some(problem), .. } if is_gone(&problem) => JsValue::UNDEFINED,
                Answer::Created(..) | Answer::Chunks(_) | Answer::Done | Answer::Refused { .. } | Answer::Lost(_) => {
                    JsValue::NULL
                }
            })
        })
    }
}

fn is_gone(problem: &Problem) -> bool {
    matches!(problem.code, Code::UploadNotFound | Code::UploadGone)
}

fn known(answer: &JsValue) -> Known {
    match answer.as_f64() {
        Some(bytes) => Known::Confirmed(bytes as u64),
        None if answer.is_null() => Known::Unreachable,
        None => Known::Over,
    }
}
