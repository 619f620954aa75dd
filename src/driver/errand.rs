//! Requests beside those of the engine: for what earlier sessions have left.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use upferry_engine::{Answer, EffectId};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Driver;
use crate::error::abort_error;
use crate::http::{Flight, Outgoing};
use crate::task::{after, promise};

/// How long an answer may take.
const LIMIT_MS: u32 = 60_000;
/// So many requests are on their way at once: the time of one that waits for a connection runs already.
const AT_ONCE: usize = 6;

/// Requests that are answered in any order.
struct Errands {
    waiting: RefCell<Vec<(usize, Outgoing)>>,
    answers: RefCell<Vec<(usize, Answer)>>,
}

impl Driver {
    /// Sends requests that change nothing, or can be sent twice, and gives back their answers in the same order. Where
    /// the headers are refused the application is asked for new ones, once.
    ///
    /// # Errors
    /// An `AbortError` when the uploader is freed meanwhile.
    pub(super) async fn send_all(self: &Rc<Self>, requests: Vec<Outgoing>) -> Result<Vec<Answer>, JsValue> {
        let numbered: Vec<(usize, Outgoing)> = requests.into_iter().enumerate().collect();
        let mut answers = self.send_each(numbered.clone()).await?;
        let is_refused = |answer: &Answer| matches!(answer, Answer::Refused { status: 401, .. });
        let refused: Vec<usize> =
            answers.iter().filter(|(_, one)| is_refused(one)).map(|&(number, _)| number).collect();
        if !refused.is_empty() && self.client.headers.forget() {
            let again = numbered.into_iter().filter(|(number, _)| refused.contains(number)).collect();
            answers.retain(|(number, _)| !refused.contains(number));
            answers.extend(self.send_each(again).await?);
        }
        answers.sort_unstable_by_key(|&(number, _)| number);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn send_each(self: &Rc<Self>, requests: Vec<(usize, Outgoing)>) -> Result<Vec<(usize, Answer)>, JsValue> {
        let errands = Rc::new(Errands { waiting: RefCell::new(requests), answers: RefCell::default() });
        let lines: Array = std::iter::repeat_with(|| {
            let (driver, errands) = (self.clone(), errands.clone());
            JsValue::from(promise(async move {
                loop {
                    let next = errands.waiting.borrow_mut().pop();
                    let Some((number, request)) = next else { return Ok(JsValue::UNDEFINED) };
                    let answer = driver.send_one(request).await?;
                    errands.answers.borrow_mut().push((number, answer));
                }
            }))
        })
        .take(AT_ONCE)
        .collect();
        JsFuture::from(Promise::all(&lines)).await?;
        Ok(errands.answers.take())
    }

    async fn send_one(self: &Rc<Self>, request: Outgoing) -> Result<Answer, JsValue> {
        let freed = || abort_error("The uploader was freed.");
        if self.is_closed() {
            return Err(freed());
        }
        // The engine counts its effects up.
        let number = self.errands.get() + 1;
        self.errands.set(number);
        let effect = EffectId(u64::MAX - number);
        let flight = Flight::new();
        let signal = flight.signal();
        self.flights.borrow_mut().insert(effect, flight);
        let driver = Rc::downgrade(self);
        let limit = after(LIMIT_MS, move || {
            let flight = driver.upgrade().and_then(|driver| driver.flights.borrow_mut().remove(&effect));
            drop(flight);
        });
        let answer = self.client.send(request, None, &signal).await;
        drop(limit);
        let flight = self.flights.borrow_mut().remove(&effect);
        drop(flight);
        if self.is_closed() { Err(freed()) } else { Ok(answer) }
    }
}
