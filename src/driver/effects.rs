//! What the engine asks for, but events: each is begun here and ends with an input.

use std::rc::Rc;

use upferry_engine::{Answer, Claim, EffectId, Input, Loss, Output, Record, Request, UploadKey};
use upferry_protocol::{ByteRange, Sha256Digest};

use super::{Driver, Entry};
use crate::file::{body, fingerprint, read_and_hash};
use crate::http::{Flight, Outgoing};
use crate::page::is_online;
use crate::task::spawn;

impl Driver {
    pub(super) fn carry_out(self: &Rc<Self>, output: Output) {
        match output {
            Output::Identify { effect, key } => self.identify(effect, key),
            Output::Claim { effect, key, fingerprint } => self.claim(effect, key, fingerprint),
            Output::Unclaim(effect) => self.claims.unclaim(effect),
            Output::SaveRecord { effect, key, record } => self.save_record(effect, key, *record),
            Output::DeleteRecord { id, .. } => self.delete_record(id),
            Output::ReadChunk { effect, key, range } => self.read_chunk(effect, key, range),
            Output::Release(effect) => self.buffers.release(effect),
            Output::Request { effect, key, request } => self.request(effect, key, request),
            Output::Abort(effect) => {
                let flight = self.flights.borrow_mut().remove(&effect);
                drop(flight);
            }
            Output::RefreshHeaders(effect) => self.refresh_headers(effect),
            Output::Event(key, event) => {
                self.heed(key, event);
                self.claims.show(key);
            }
        }
    }

    pub(super) fn entry(&self, key: UploadKey) -> Option<Rc<Entry>> {
        self.uploads.borrow().get(&key).cloned()
    }

    fn identify(self: &Rc<Self>, effect: EffectId, key: UploadKey) {
        let Some(file) = self.entry(key).and_then(|entry| entry.file()) else { return };
        let driver = self.clone();
        spawn(async move {
            let fingerprint = fingerprint(&file, &driver.hasher).await;
            driver.dispatch(Input::Identified(effect, fingerprint));
        });
    }

    fn claim(self: &Rc<Self>, effect: EffectId, key: UploadKey, fingerprint: Sha256Digest) {
        if !self.claims.claim(effect, key, fingerprint) {
            let driver = self.clone();
            spawn(async move { driver.dispatch(Input::Claimed(effect, Claim::Held(Vec::new()))) });
        }
    }

    fn save_record(self: &Rc<Self>, effect: EffectId, key: UploadKey, record: Record) {
        let (driver, entry) = (self.clone(), self.entry(key));
        spawn(async move {
            let handle = entry.as_ref().and_then(|entry| entry.file_handle.borrow().clone());
            let saved = driver.records.save(record, handle).await;
            if let Some(entry) = entry {
                entry.can_reopen.set(saved == Ok(true));
            }
            let is_durable = saved.is_ok();
            driver.dispatch(Input::RecordSaved(effect, is_durable));
        });
    }

    fn delete_record(self: &Rc<Self>, id: String) {
        let driver = self.clone();
        spawn(async move {
            // One that stays is swept when it has expired, or dropped when the server does not know it.
            let _ = driver.records.delete(id).await;
        });
    }

    fn read_chunk(self: &Rc<Self>, effect: EffectId, key: UploadKey, range: ByteRange) {
        let Some(file) = self.entry(key).and_then(|entry| entry.file()) else { return };
        self.buffers.begin(effect);
        let driver = self.clone();
        spawn(async move {
            let read = read_and_hash(&file, range, &driver.hasher).await;
            let result = match read {
                Ok((bytes, digest)) => driver.buffers.keep(effect, body(&file, range, bytes)).then_some(Ok(digest)),
                Err(error) => driver.buffers.wants(effect).then_some(Err(error)),
            };
            if let Some(result) = result {
                driver.dispatch(Input::ChunkRead(effect, result));
            }
        });
    }

    fn request(self: &Rc<Self>, effect: EffectId, key: UploadKey, request: Request) {
        let flight = Flight::new();
        let signal = flight.signal();
        self.flights.borrow_mut().insert(effect, flight);
        let entry = self.entry(key);
        let changes_something = !matches!(request, Request::Status { .. } | Request::Chunks { .. });
        // The bytes are taken hold of now: once the request is made the engine may release them.
        let outgoing = Outgoing::new(request, &self.endpoint, |buffer| self.buffers.of(buffer));
        let driver = self.clone();
        spawn(async move {
            // It may have been aborted before it could begin.
            if !driver.flights.borrow().contains_key(&effect) {
                return;
            }
            let own = entry.as_ref().and_then(|entry| entry.headers.as_ref());
            let may_send = !changes_something || driver.claims.may_send(key).await;
            let answer = match outgoing.filter(|_| may_send) {
                Some(outgoing) => driver.client.send(outgoing, own, &signal).await,
                None => Answer::Lost(Loss::Network),
            };
            let flight = driver.flights.borrow_mut().remove(&effect);
            if flight.is_some() {
                if answer == Answer::Lost(Loss::Network) && !is_online() {
                    driver.dispatch(Input::Online(false));
                }
                driver.dispatch(Input::Answered(effect, answer));
            }
        });
    }

    fn refresh_headers(self: &Rc<Self>, effect: EffectId) {
        let own: Vec<Rc<Entry>> = self.uploads.borrow().values().cloned().collect();
        // Those of single uploads are asked for again when they are needed.
        let changed = own.iter().filter_map(|entry| entry.headers.as_ref()).fold(false, |any, own| own.forget() | any);
        let asks = self.client.headers.forget();
        let driver = self.clone();
        spawn(async move {
            if driver.is_closed() {
                return;
            }
            if asks {
                // Asked now, once for all that wait. A function that fails (offline, say) is asked again by the request
                // that needs it, and that is tried again like any other.
                let _ = driver.client.headers.headers().await;
            }
            let brought = asks || changed;
            driver.dispatch(Input::HeadersRefreshed(effect, brought));
        });
    }
}
