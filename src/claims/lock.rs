use std::rc::Rc;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::deferred::Deferred;
use crate::js::{field, object};

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`: web-sys has it behind a flag of the compiler only.
    #[derive(Debug, Clone)]
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        granted: &Closure<dyn FnMut(JsValue) -> Promise>,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

/// A Web Lock that is held.
#[derive(Debug)]
#[must_use = "dropping it lets go of the lock"]
pub(super) struct Lock(Rc<Deferred>);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.resolve(&JsValue::UNDEFINED);
    }
}

/// Takes a lock if nobody holds it; `None` when somebody does.
///
/// # Errors
/// Where the browser has no locks for this page.
pub(super) async fn take(name: &str) -> Result<Option<Lock>, JsValue> {
    request(name, object(&[("ifAvailable", true.into())])).await
}

/// Waits in line for a lock.
///
/// # Errors
/// When the signal has ended the wait.
pub(super) async fn wait(name: &str, signal: &AbortSignal) -> Result<Option<Lock>, JsValue> {
    request(name, object(&[("signal", signal.into())])).await
}

/// The names of all locks that are held, by whichever tab; `None` where there are no locks.
pub(super) async fn held_names() -> Option<Vec<String>> {
    let snapshot = JsFuture::from(manager()?.query().ok()?).await.ok()?;
    let held: Array = field(&snapshot, "held").dyn_into().ok()?;
    Some(held.iter().filter_map(|lock| field(&lock, "name").as_string()).collect())
}

async fn request(name: &str, options: Object) -> Result<Option<Lock>, JsValue> {
    let locks = manager().ok_or(JsValue::UNDEFINED)?;
    let (granted, end) = (Rc::new(Deferred::new()), Rc::new(Deferred::new()));
    // From here on whatever ends this future, a wait that is given up or the page's end, ends the lock as well.
    let lock = Lock(end.clone());
    let on_grant = {
        let granted = granted.clone();
        Closure::<dyn FnMut(JsValue) -> Promise>::new(move |lock: JsValue| {
            granted.resolve(&lock);
            end.promise()
        })
    };
    // It rejects when there is nothing to be granted; it fulfills only with the lock's end.
    let refused = locks.request(name, &options, &on_grant)?;
    let first = JsFuture::from(Promise::race(&Array::of2(&granted.promise(), &refused))).await?;
    Ok(first.is_object().then_some(lock))
}

fn manager() -> Option<LockManager> {
    let locks = field(&field(&js_sys::global(), "navigator"), "locks");
    locks.is_object().then(|| locks.unchecked_into())
}
