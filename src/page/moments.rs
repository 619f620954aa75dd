use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use crate::js::field;
use crate::task::on;

/// What happens to the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// The browser says that there is a network.
    Online,
    /// The browser says that there is none.
    Offline,
    /// It is put away: into the back/forward cache, frozen, or for good.
    Away,
    /// It is back from there.
    Back,
    /// It can be seen again.
    Seen,
}

/// Tells what happens to the page, or to the worker.
#[must_use = "dropping it ends the telling"]
pub struct Moments {
    _listeners: Vec<EventListener>,
}

impl std::fmt::Debug for Moments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Moments")
    }
}

impl Moments {
    /// Begins to listen.
    pub fn new(tell: Rc<dyn Fn(Moment)>) -> Self {
        let global: JsValue = js_sys::global().into();
        let document = field(&global, "document");
        let mut listeners = Vec::new();
        let mut listen = |target: &JsValue, event: &'static str, moment: Moment| {
            let (target, tell) = (target.unchecked_ref::<EventTarget>(), tell.clone());
            listeners.push(on(target, event, move |event| {
                // A page that is shown for the first time was not away.
                let is_first = event.type_() == "pageshow" && !field(event, "persisted").is_truthy();
                let is_hidden = event.type_() == "visibilitychange" && !is_visible();
                if !is_first && !is_hidden {
                    tell(moment);
                }
            }));
        };
        listen(&global, "online", Moment::Online);
        listen(&global, "offline", Moment::Offline);
        if document.is_object() {
            listen(&global, "pagehide", Moment::Away);
            listen(&global, "pageshow", Moment::Back);
            listen(&document, "freeze", Moment::Away);
            listen(&document, "resume", Moment::Back);
            listen(&document, "visibilitychange", Moment::Seen);
        }
        Self { _listeners: listeners }
    }
}

/// Whether the browser thinks that there is a network.
#[must_use]
pub fn is_online() -> bool {
    field(&field(&js_sys::global(), "navigator"), "onLine").as_bool() != Some(false)
}

/// Whether the page can be seen.
pub(super) fn is_visible() -> bool {
    !field(&field(&js_sys::global(), "document"), "hidden").is_truthy()
}
