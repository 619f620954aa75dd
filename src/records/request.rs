use gloo_events::EventListener;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventTarget, IdbRequest, IdbTransaction};

use crate::deferred::Deferred;
use crate::task::on;

/// The end of a request or a transaction: it listens from the moment it is made, so that no event is missed.
#[must_use]
pub(crate) struct End {
    outcome: Rc<Deferred>,
    _listeners: Vec<EventListener>,
}

impl End {
    fn new(target: &EventTarget, good: &'static str, bad: &[&'static str]) -> Self {
        let outcome = Rc::new(Deferred::new());
        let resolve = outcome.clone();
        let mut listeners = vec![on(target, good, move |_| resolve.resolve(&JsValue::UNDEFINED))];
        for name in bad {
            let reject = outcome.clone();
            listeners.push(on(target, name, move |_| reject.reject(&JsValue::UNDEFINED)));
        }
        Self { outcome, _listeners: listeners }
    }

    /// The end of a transaction: with its `complete` event, and not before, its changes are kept.
    pub(crate) fn of_transaction(transaction: &IdbTransaction) -> Self {
        Self::new(transaction, "complete", &["abort", "error"])
    }

    /// Waits for it.
    ///
    /// # Errors
    /// When it failed.
    pub(crate) async fn wait(self) -> Result<(), JsValue> {
        JsFuture::from(self.outcome.promise()).await.map(drop)
    }
}

/// The result of a request that was made just now.
///
/// # Errors
/// When it failed.
pub(crate) fn result_of<R: AsRef<IdbRequest>>(request: R) -> impl Future<Output = Result<JsValue, JsValue>> {
    let request = request.as_ref().clone();
    let end = End::new(&request, "success", &["error"]);
    async move {
        end.wait().await?;
        request.result()
    }
}
