//! A file of one chunk goes along with its creation: one request instead of two, which matters with many small files.
//!
//! It is tried once. Whatever comes of it but success, the creation is repeated without the content: its key brings the
//! upload that there may be by now, and any refusal that is meant for good.

use upferry_protocol::{Code, Problem, UploadStatus};

use super::model::{Freshness, Recognition, Upload};
use crate::auth::Epoch;
use crate::core::Core;
use crate::{Content, EffectId, Failure, Request};

impl Upload {
    /// Whether the next step is the creation with its content.
    pub(super) fn may_create_with_content(&self, core: &Core) -> bool {
        core.creates_with_content
            && self.may_request(core)
            && self.recognition == Recognition::Known
            && self.is_record_saved(core)
            && self.url().is_none()
            && self.completes_when_full()
            && self.file.size > 0
            && !self.creation_unknown
            // An earlier session may have seen it confirmed, and ended before its record said so.
            && !self.taken_up
            && self.control.is_none()
    }

    pub(super) fn request_create_with_content(&mut self, content: Content, core: &mut Core) -> Option<EffectId> {
        let record = self.record.as_ref()?;
        let request =
            Request::Create { idempotency_key: record.id.clone(), body: record.create.clone(), content: Some(content) };
        self.creation_unknown = true;
        Some(core.request(self.key, request))
    }

    pub(super) fn created_with_content(&mut self, url: String, status: &UploadStatus, core: &mut Core) {
        if self.url().is_none() {
            self.located(url, core);
            self.freshness = Freshness::Asked;
        }
        self.take_status(status, core);
    }

    pub(super) fn content_refused(
        &mut self,
        epoch: Epoch,
        status: u16,
        problem: Option<&Problem>,
        retry_after_ms: Option<u64>,
        core: &mut Core,
    ) {
        match problem.map(|problem| problem.code) {
            Some(Code::Unauthorized) => {
                self.creation_unknown = false;
                core.auth.refused(epoch);
            }
            Some(Code::UnsupportedMediaType) => {
                self.creation_unknown = false;
                core.creates_with_content = false;
            }
            Some(Code::RateLimited | Code::Unavailable) => {
                self.attempt_failed(Failure::from_refusal(status, problem), retry_after_ms, core);
            }
            Some(_) => {}
            None if status == 401 => {
                self.creation_unknown = false;
                core.auth.refused(epoch);
            }
            // A server, or a proxy before it, that does not know the way.
            None if matches!(status, 400 | 405 | 411 | 413 | 415 | 431) => core.creates_with_content = false,
            None => self.attempt_failed(Failure::from_refusal(status, problem), retry_after_ms, core),
        }
    }
}
