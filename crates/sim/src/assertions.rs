//! What tests assert of a run that has ended.

use upferry_engine::{Event, State, Time, UploadKey};
use upferry_protocol::UploadStatus;

use crate::pair::Pair;

impl Pair {
    /// The upload is complete, told once, and its file is whole at the server; nothing is left of it at the client.
    pub fn assert_delivered(&self, key: UploadKey) {
        let told = self.told(key);
        if self.state(key) != Some(State::Complete) || told.count(|event| matches!(event, Event::Complete(_))) != 1 {
            self.fail(format_args!("{key:?} is not complete: {:?}, {:?}", self.state(key), told.events));
        }
        let url = told.url.as_deref().unwrap_or_else(|| self.fail(format_args!("{key:?} has no URL")));
        match self.server.completed(url) {
            Some(content) if content == self.files[told.file.0].whole() => {}
            Some(_) => self.fail(format_args!("{key:?} is at the server with other bytes")),
            None => self.fail(format_args!("{key:?} is not at the server, or was completed more than once")),
        }
        let digest = (self.setup.model.digest)(&self.files[told.file.0].whole());
        let stated = told.events.iter().find_map(|event| match event {
            Event::Complete(completed) => completed.digest,
            Event::Ready
            | Event::Duplicate(_)
            | Event::State(_)
            | Event::Progress(_)
            | Event::Chunk(_)
            | Event::Retry { .. }
            | Event::Restarted
            | Event::Located(_)
            | Event::Error(_) => None,
        });
        if stated != Some(digest) {
            self.fail(format_args!("{key:?} was told with the digest {stated:?}"));
        }
        self.assert_idle(key);
    }

    /// As [`Pair::assert_delivered`], for runs in which the server may have dropped what was complete.
    pub fn assert_was_delivered(&self, key: UploadKey) {
        let told = self.told(key);
        let url = told.url.as_deref().unwrap_or_default();
        if self.server.present(self.now).any(|(present, _)| present == url) {
            return self.assert_delivered(key);
        }
        if told.count(|event| matches!(event, Event::Complete(_))) != 1 {
            self.fail(format_args!("{key:?} was not told complete once: {:?}", told.events));
        }
        self.assert_idle(key);
    }

    /// The client keeps no bytes of the upload, and no record of it once it has ended for good.
    pub fn assert_idle(&self, key: UploadKey) {
        let Some(client) = &self.client else { return };
        let held = client.buffers.held_for(key);
        let waiting = client.requests.values().filter(|sent| sent.key == key).count();
        if held + waiting > 0 {
            self.fail(format_args!("{key:?} has ended, with {held} buffers and {waiting} requests"));
        }
    }

    /// The requests are as many as the bytes and the faults account for: nothing is asked again and again.
    pub fn assert_frugal(&self, chunks: u64) {
        let sent = self.checks.sent_in_all();
        let most = 20 + 3 * chunks + 40 * self.network.injected + self.now.ms_since(Time::from_ms(1_000)) / 500;
        if sent > most {
            self.fail(format_args!("{sent} requests, where {most} are the most that are to be understood"));
        }
    }

    /// The server's uploads that were neither cancelled nor expired.
    #[must_use]
    pub fn at_server(&self) -> Vec<UploadStatus> {
        self.server.present(self.now).map(|(_, status)| status).collect()
    }
}
