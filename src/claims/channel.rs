use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::message::Message;
use crate::task::on;

/// What connects the tabs of one place.
#[derive(Debug)]
#[must_use = "dropping it closes the channel"]
pub(super) struct Channel {
    channel: BroadcastChannel,
    _listener: EventListener,
}

impl Channel {
    /// Opens it.
    ///
    /// # Errors
    /// Where the browser has none.
    pub(super) fn open(name: &str, heard: impl Fn(Message) + 'static) -> Result<Self, JsValue> {
        let channel = BroadcastChannel::new(name)?;
        let listener = on(&channel, "message", move |event| {
            if let Some(message) = Message::from_js(&event.unchecked_ref::<MessageEvent>().data()) {
                heard(message);
            }
        });
        Ok(Self { channel, _listener: listener })
    }

    pub(super) fn say(&self, message: &Message) {
        // One that can't be said is one that was not heard.
        let _ = self.channel.post_message(&message.to_js());
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
