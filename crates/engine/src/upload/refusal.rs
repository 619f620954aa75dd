//! What the server's refusals lead to.

use upferry_protocol::{ByteRange, Code, Problem, UploadState};

use super::control::{Control, ControlKind};
use super::model::{End, Freshness, Upload};
use crate::auth::Epoch;
use crate::core::Core;
use crate::{Failure, FailureCode};

/// A chunk whose bytes do not have their digest on arrival is damaged on the way; this often in a row, it is no chance.
const MOST_DIGEST_MISMATCHES: u32 = 8;
const BUSY_RANGE_MS: u64 = 1_000;

/// What a refusal means to any request.
enum Meaning {
    /// The server's headers are not accepted.
    Auth,
    /// It may succeed later.
    Later,
    /// It may succeed later, and something between has answered: the request may have had its effect.
    Unknown,
    /// It never succeeds.
    Never,
    /// It depends on the request; the server said so itself.
    Specific(Code),
}

impl Meaning {
    fn of(status: u16, problem: Option<&Problem>) -> Self {
        match problem.map(|problem| problem.code) {
            Some(Code::Unauthorized) => Self::Auth,
            Some(Code::RateLimited | Code::Internal | Code::Unavailable) => Self::Later,
            // The body stood still for too long.
            Some(Code::InvalidRequest) if problem.is_some_and(|problem| problem.retryable) => Self::Unknown,
            Some(code) => Self::Specific(code),
            // Not from an Upferry server: a proxy, or a captive portal that may be gone in a minute.
            None => match status {
                401 => Self::Auth,
                425 | 429 => Self::Later,
                400 | 403 | 405 | 411 | 413 | 415 | 416 | 422 => Self::Never,
                _ => Self::Unknown,
            },
        }
    }
}

impl Upload {
    pub(super) fn control_refused(
        &mut self,
        control: Control,
        status: u16,
        problem: Option<&Problem>,
        retry_after_ms: Option<u64>,
        core: &mut Core,
    ) {
        let Control { kind, epoch, .. } = control;
        let failure = Failure::from_refusal(status, problem);
        if matches!(kind, ControlKind::Status | ControlKind::Reopen | ControlKind::Complete) {
            self.freshness = Freshness::Stale;
        }
        match Meaning::of(status, problem) {
            Meaning::Auth => core.auth.refused(epoch),
            // A creation answered with 404 went to a URL where no server of ours is.
            Meaning::Unknown if kind == ControlKind::Create && (status == 404 || status == 410) => {
                self.give_up(failure, core)
            }
            // The chunks that it was about may move all the same: nothing has failed.
            Meaning::Later | Meaning::Unknown if kind == ControlKind::Look => {
                self.look_at = self.look_at.max(core.now.plus_ms(retry_after_ms.unwrap_or(0)));
            }
            Meaning::Later | Meaning::Unknown => self.attempt_failed(failure, retry_after_ms, core),
            Meaning::Never => self.give_up(failure, core),
            Meaning::Specific(code) if kind == ControlKind::Create => self.creation_refused(code, failure, core),
            Meaning::Specific(_) if kind == ControlKind::Cancel => self.end = Some(End::Cancelled(0)),
            Meaning::Specific(code) => self.upload_refused(code, failure, problem, core),
        }
    }

    fn give_up(&mut self, failure: Failure, core: &mut Core) {
        match self.end {
            Some(End::Cancelled(_)) => self.end = Some(End::Cancelled(0)),
            Some(End::Complete(_) | End::Failed(_)) | None => {
                if self.url().is_none() {
                    // Nothing of it exists, so there is nothing to go on with; trying again saves the record again.
                    self.delete_record(core);
                    self.saved.dirty = true;
                    self.saved.once = false;
                }
                self.fail(failure, core);
            }
        }
    }

    fn creation_refused(&mut self, code: Code, failure: Failure, core: &mut Core) {
        // The key of an old record may name an upload that is no more; a new key begins one.
        if matches!(code, Code::IdempotencyKeyReused | Code::UploadGone) && self.end.is_none() {
            self.restart(true, core);
        } else {
            self.give_up(failure, core);
        }
    }

    fn upload_refused(&mut self, code: Code, failure: Failure, problem: Option<&Problem>, core: &mut Core) {
        match code {
            Code::UploadGone | Code::UploadNotFound => self.restart(true, core),
            Code::Incomplete => {
                self.lost_by_server(problem.and_then(|problem| problem.missing.as_deref()).unwrap_or_default());
                self.attempt_failed(failure, None, core);
            }
            Code::UploadPaused | Code::UploadNotOpen | Code::UploadComplete => {
                // The status tells which state it really has.
                self.server = UploadState::Open;
                self.freshness = Freshness::Stale;
                self.attempt_failed(failure, None, core);
            }
            Code::RangeBusy | Code::ChunkOverlap | Code::TooFragmented | Code::InsufficientStorage => {
                self.attempt_failed(failure, None, core);
            }
            Code::Unauthorized | Code::RateLimited | Code::Internal | Code::Unavailable => {
                unreachable!("these mean the same to every request")
            }
            Code::InvalidRequest
            | Code::DigestRequired
            | Code::DigestMismatch
            | Code::DigestUnsupported
            | Code::Forbidden
            | Code::MethodNotAllowed
            | Code::ChunkConflict
            | Code::LengthRequired
            | Code::TooLarge
            | Code::UnsupportedMediaType
            | Code::RangeInvalid
            | Code::IdempotencyKeyReused => self.fail(failure, core),
        }
    }

    pub(super) fn chunk_refused(
        &mut self,
        range: ByteRange,
        epoch: Epoch,
        status: u16,
        problem: Option<&Problem>,
        retry_after_ms: Option<u64>,
        core: &mut Core,
    ) {
        let failure = Failure::from_refusal(status, problem);
        match Meaning::of(status, problem) {
            Meaning::Auth => core.auth.refused(epoch),
            Meaning::Later => self.attempt_failed(failure, retry_after_ms, core),
            Meaning::Unknown => {
                self.freshness = Freshness::Stale;
                self.attempt_failed(failure, retry_after_ms, core);
            }
            Meaning::Never if status == 413 => self.chunk_too_large(range, None, failure, core),
            Meaning::Never => self.fail(failure, core),
            // As when the verification finds it: what an earlier session has sent is of another file.
            Meaning::Specific(Code::ChunkConflict) if self.taken_up => self.mismatch(core),
            Meaning::Specific(code) => match code {
                Code::RangeBusy => {
                    let wait_ms = retry_after_ms.unwrap_or(BUSY_RANGE_MS);
                    // A little more, or two clients that meet would meet again.
                    let spread_ms = core.rng.u64(0..=BUSY_RANGE_MS / 4);
                    self.range_busy(range.start(), core.now.plus_ms(wait_ms.saturating_add(spread_ms)));
                }
                Code::ChunkOverlap | Code::TooFragmented | Code::Incomplete => {
                    self.drop_transfer(range.start(), core);
                    self.freshness = Freshness::Stale;
                    self.attempt_failed(failure, retry_after_ms, core);
                }
                Code::UploadPaused => {
                    self.server = UploadState::Paused;
                    self.attempt_failed(failure, retry_after_ms, core);
                }
                Code::UploadNotOpen | Code::UploadComplete => {
                    self.freshness = Freshness::Stale;
                    self.attempt_failed(failure, retry_after_ms, core);
                }
                Code::DigestMismatch => {
                    // The bytes are read again: they may have been damaged in memory as well as on the way.
                    self.drop_transfer(range.start(), core);
                    self.digest_mismatches += 1;
                    if self.digest_mismatches >= MOST_DIGEST_MISMATCHES {
                        self.fail(failure, core);
                    } else {
                        self.attempt_failed(failure, retry_after_ms, core);
                    }
                }
                Code::TooLarge => {
                    self.chunk_too_large(range, problem.and_then(|problem| problem.limit), failure, core);
                }
                Code::InsufficientStorage => self.attempt_failed(failure, retry_after_ms, core),
                Code::InvalidRequest
                | Code::DigestRequired
                | Code::DigestUnsupported
                | Code::Unauthorized
                | Code::Forbidden
                | Code::UploadNotFound
                | Code::UploadGone
                | Code::MethodNotAllowed
                | Code::ChunkConflict
                | Code::LengthRequired
                | Code::UnsupportedMediaType
                | Code::RangeInvalid
                | Code::IdempotencyKeyReused
                | Code::RateLimited
                | Code::Internal
                | Code::Unavailable => self.upload_refused(code, failure, problem, core),
            },
        }
    }

    fn chunk_too_large(&mut self, range: ByteRange, limit: Option<u64>, failure: Failure, core: &mut Core) {
        self.drop_transfer(range.start(), core);
        let Some(limits) = self.limits else { return };
        if !self.sizer.too_large(range.len(), limit, limits) {
            let code = if limit.is_some() { failure.code } else { FailureCode::BlockedByProxy };
            return self.fail(Failure { code, retryable: false, ..failure }, core);
        }
        self.drop_waiting_longer_than(self.sizer.passes(), core);
    }
}
