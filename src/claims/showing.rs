//! What tabs show each other.

use std::rc::Rc;

use upferry_engine::Claim;
use upferry_protocol::Sha256Digest;

use super::channel::Channel;
use super::core::Inner;
use super::hold::Hold;
use super::message::Message;
use crate::clock::wall_ms;
use crate::task::after;

/// How often a waiting tab asks: who has the file may have changed.
const ASK_EVERY_MS: u32 = 3_000;

impl Inner {
    pub(super) fn open_channel(self: &Rc<Self>, name: &str) {
        if self.channel.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let heard = move |message| {
            if let Some(inner) = weak.upgrade() {
                inner.hear(message);
            }
        };
        let channel = Channel::open(name, heard).ok().map(Rc::new);
        drop(self.channel.replace(channel));
    }

    /// Shows how far the uploads of a file are, to whom has asked; the `last` word in any case.
    pub(super) fn show(&self, hold: &Hold, last: bool) {
        if hold.is_held() && hold.is_to_show(wall_ms(), last) {
            self.say_how_far(hold);
        }
    }

    /// Asks about files that are waited for, now and, about all of them, again and again.
    pub(super) fn ask(self: &Rc<Self>, files: Vec<Sha256Digest>) {
        self.say(&Message::Ask(files));
        if self.next_ask.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let next = after(ASK_EVERY_MS, move || {
            let Some(inner) = weak.upgrade() else { return };
            drop(inner.next_ask.take());
            let waited_for: Vec<Sha256Digest> = {
                let holds = inner.holds.borrow();
                holds.iter().filter(|hold| hold.is_waiting()).map(|hold| hold.fingerprint).collect()
            };
            if !waited_for.is_empty() {
                inner.ask(waited_for);
            }
        });
        drop(self.next_ask.replace(Some(next)));
    }

    fn hear(&self, message: Message) {
        match message {
            Message::Ask(files) => {
                let holds = self.holds.borrow().clone();
                for hold in holds.iter().filter(|hold| hold.is_held() && files.contains(&hold.fingerprint)) {
                    hold.ask(wall_ms());
                    self.say_how_far(hold);
                }
            }
            Message::Show(sighting) => {
                let file = sighting.record.fingerprint;
                let Some(hold) = self.hold(|hold| hold.is_waiting() && hold.fingerprint == file) else { return };
                for effect in hold.effects() {
                    self.tell(effect, Claim::Elsewhere(Some(sighting.clone())));
                }
            }
        }
    }

    fn say_how_far(&self, hold: &Hold) {
        let Some(owner) = self.owner() else { return };
        for sighting in hold.keys().into_iter().filter_map(|key| owner.sighting(key)) {
            self.say(&Message::Show(Box::new(sighting)));
        }
    }

    fn say(&self, message: &Message) {
        let channel = self.channel.borrow().clone();
        if let Some(channel) = channel {
            channel.say(message);
        }
    }
}
