//! Requests beside those of the engine: for what earlier sessions have left.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Promise};
use upferry_engine::{Answer, EffectId, Loss};
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

/// Requests that are sent in any order.
struct Errands {
    requests: Vec<Outgoing>,
    /// Which of them are to be sent.
    waiting: RefCell<Vec<usize>>,
    answers: RefCell<Vec<Answer>>,
}

impl Driver {
    /// Sends requests that change nothing, or can be sent twice, and gives back their answers. Where the headers are
    /// refused the application is asked for new ones, once.
    ///
    /// # Errors
    /// An `AbortError` when the uploader is freed meanwhile.
    pub(super) async fn send_all(self: &Rc<Self>, requests: Vec<Outgoing>) -> Result<Vec<Answer>, JsValue> {
        let count = requests.len();
        let errands = Rc::new(Errands {
            requests,
            waiting: RefCell::new((0..count).collect()),
            answers: RefCell::new(vec![Answer::Lost(Loss::Network); count]),
        });
        self.send_waiting(&errands).await?;
        let refused: Vec<usize> = {
            let answers = errands.answers.borrow();
            (0..count)
                .filter(|&number| matches!(answers.get(number), Some(Answer::Refused { status: 401, .. })))
                .collect()
        };
        if !refused.is_empty() && self.client.headers.forget() {
            errands.waiting.replace(refused);
            self.send_waiting(&errands).await?;
        }
        Ok(errands.answers.take())
    }

    async fn send_waiting(self: &Rc<Self>, errands: &Rc<Errands>) -> Result<(), JsValue> {
        let lines: Array = std::iter::repeat_with(|| {
            let (driver, errands) = (self.clone(), errands.clone());
            JsValue::from(promise(async move {
                loop {
                    let next = errands.waiting.borrow_mut().pop();
                    let Some(number) = next else { return Ok(JsValue::UNDEFINED) };
                    let Some(request) = errands.requests.get(number) else { continue };
                    let answer = driver.send_one(request.clone()).await?;
                    if let Some(place) = errands.answers.borrow_mut().get_mut(number) {
                        *place = answer;
                    }
                }
            }))
        })
        .take(AT_ONCE)
        .collect();
        JsFuture::from(Promise::all(&lines)).await.map(drop)
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
