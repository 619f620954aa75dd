//! Requests and answers on their way.

use upferry_engine::{Answer, EffectId, Input, Loss, Request, Time, UploadKey};
use upferry_protocol::Code;

use crate::client::Sent;
use crate::content::Content;
use crate::fate::{Fate, Kind};
use crate::model::{PutBegun, PutId, PutRequest};
use crate::pair::Pair;
use crate::queue::{FlightId, Happening, Session};
use crate::reply::Reply;
use crate::trace::{Call, Exchange, TraceEvent};

/// After this long without an answer the client gives up on a request.
const CLIENT_TIMEOUT_MS: u64 = 30_000;

/// A request on its way to the server, or at it.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    session: Session,
    /// `None` when nobody waits for the answer.
    effect: Option<EffectId>,
    request: Request,
    body: Option<Content>,
    token: u64,
    fate: Fate,
    put: Option<PutId>,
    /// Where the server reads the body only to drop it.
    refused: Option<Reply>,
    ends: Time,
}

impl Pair {
    pub(crate) fn send(&mut self, effect: EffectId, key: UploadKey, request: Request) {
        let body = self.begin_put(key, &request);
        if let Request::Status { url } | Request::PutChunk { url, .. } = &request
            && let Some(told) = self.running().uploads.get_mut(&key)
        {
            told.url = Some(url.clone());
        }
        let kind = Kind::of(&request);
        let fate = self.network.fate(&request, self.now);
        let client = self.client.as_mut().expect("only a running engine sends");
        self.flights_made += 1;
        let flight = FlightId(self.flights_made);
        let asked = self.checks.request(kind);
        client.requests.insert(effect, Sent { key, request: request.clone(), asked, flight });
        let (session, token) = (client.session, client.token);
        let arrives = self.now.plus_ms(self.network.latency());
        let length = body.as_ref().and_then(Content::range).map_or(0, upferry_protocol::ByteRange::len);
        let ends = if length > 0 { self.network.carry(arrives, length) } else { arrives };
        let effect = Some(effect);
        let flown = Flight { session, effect, request, body, token, fate, put: None, refused: None, ends };
        match flown.fate {
            Fate::LoseRequest => {
                let at = self.now.plus_ms(self.rng.u64(0..3_000));
                self.answer_at(at, &flown, Answer::Lost(Loss::Network));
                return;
            }
            Fate::Hang => {
                let at = self.now.plus_ms(CLIENT_TIMEOUT_MS).max(ends);
                self.answer_at(at, &flown, Answer::Lost(Loss::Timeout));
            }
            Fate::Duplicate => {
                self.flights_made += 1;
                let ghost = FlightId(self.flights_made);
                let late = arrives.plus_ms(self.rng.u64(0..5_000));
                let ends = late.plus_ms(ends.ms_since(arrives));
                self.flights.insert(ghost, Flight { effect: None, fate: Fate::Deliver, ends, ..flown.clone() });
                self.queue.schedule(late, Happening::Arrive(ghost));
            }
            Fate::Deliver
            | Fate::LoseAnswer
            | Fate::Refuse(_)
            | Fate::RefuseAfter(_)
            | Fate::Cut { .. }
            | Fate::Corrupt => {}
        }
        self.flights.insert(flight, flown);
        self.queue.schedule(arrives, Happening::Arrive(flight));
    }

    /// Checks a PUT that is about to leave; its bytes.
    fn begin_put(&mut self, key: UploadKey, request: &Request) -> Option<Content> {
        let Request::PutChunk { url, range, size, digest, buffer } = request else { return None };
        let begins = self.checks.put_begins(url, *range, *size);
        self.check(begins);
        let client = self.client.as_mut().expect("only a running engine sends");
        let lent = client.buffers.lend(*buffer).cloned();
        let lent = self.check(lent);
        let (content, sha256) = lent.read.unwrap_or_else(|| self.fail(format_args!("{buffer:?} was never read")));
        if (lent.key, lent.range, sha256) != (key, *range, *digest) {
            self.fail(format_args!("{request:?} does not fit its buffer"));
        }
        let client = self.running();
        if client.local.contains(buffer) {
            self.fail(format_args!("{buffer:?} is sent before it was read"));
        }
        let (of_all, of_one) = (client.in_flight(None) + 1, client.in_flight(Some(key)) + 1);
        let config = &client.config;
        if of_all > config.max_chunks_in_flight || config.parallel_chunks.is_some_and(|most| of_one > most) {
            self.fail(format_args!("{of_one} chunks of {key:?} in flight, {of_all} in all"));
        }
        Some(content)
    }

    pub(crate) fn abort(&mut self, effect: EffectId) {
        let Some(sent) = self.running().requests.remove(&effect) else {
            self.fail(format_args!("{effect:?} is aborted, but no request waits under it"));
        };
        if let Request::PutChunk { url, range, buffer, .. } = &sent.request {
            self.checks.put_unanswered(url, *range);
            self.running().buffers.give_back(*buffer);
        }
        self.hang_up(sent.flight);
    }

    /// The client closes the connection: what has left already may still arrive.
    pub(crate) fn hang_up(&mut self, flight: FlightId) {
        if self.rng.bool() {
            // It arrives, and the answer comes late or never.
            if let Some(flight) = self.flights.get_mut(&flight)
                && self.rng.bool()
            {
                flight.effect = None;
            }
            return;
        }
        if let Some(Flight { put: Some(put), request, .. }) = self.flights.remove(&flight) {
            self.cut(&request, put);
        }
    }

    pub(crate) fn arrive(&mut self, id: FlightId) {
        if self.network.chance(self.network.faults.restarts, self.now) {
            let ms = self.rng.u64(500..20_000);
            self.restart_server(ms);
        }
        let Some(mut flight) = self.flights.get(&id).cloned() else { return };
        if self.now < self.network.down_until {
            self.flights.remove(&id);
            let proxied = self.rng.bool();
            let answer = if proxied { Reply::bare(502).into_answer() } else { Answer::Lost(Loss::Network) };
            self.answer(&flight, answer);
            return;
        }
        let length = flight.body.as_ref().and_then(Content::range).map_or(0, upferry_protocol::ByteRange::len);
        if self.network.swallow_above.is_some_and(|most| length > most) {
            self.flights.remove(&id);
            self.answer_at(flight.ends, &flight, Answer::Lost(Loss::Network));
            return;
        }
        flight.refused = self.refusal(&flight, length);
        if flight.refused.is_none() {
            if let Some(reply) = self.call(&flight.request) {
                self.flights.remove(&id);
                self.respond(&flight, reply);
                return;
            }
            let begun = self.begin_body(&flight);
            match begun {
                PutBegun::Receiving(put) => flight.put = Some(put),
                PutBegun::Refused(reply) => flight.refused = Some(reply),
            }
        }
        let ends = flight.ends.max(self.now);
        if matches!(flight.fate, Fate::Cut { .. }) {
            let at = self.rng.u64(self.now.as_ms()..=ends.as_ms());
            self.queue.schedule(Time::from_ms(at), Happening::BodyCut(id));
        } else {
            self.queue.schedule(ends, Happening::BodyEnd(id));
        }
        self.flights.insert(id, flight);
    }

    /// What stands on the way says no.
    fn refusal(&self, flight: &Flight, length: u64) -> Option<Reply> {
        if let Fate::Refuse(reply) = &flight.fate {
            return Some(reply.clone());
        }
        if self.network.body_limit.is_some_and(|most| length > most) {
            return Some(Reply::bare(413));
        }
        (flight.token < self.network.token).then(|| Reply::problem(Code::Unauthorized))
    }

    /// Everything but a PUT is done by the server at once.
    fn call(&mut self, request: &Request) -> Option<Reply> {
        let now = self.now;
        let (url, call, reply) = match request {
            Request::Create { idempotency_key, body } => {
                let call = Call::Create { key: idempotency_key.clone(), body: body.clone() };
                (String::new(), call, self.server.create(now, idempotency_key, body))
            }
            Request::Status { url } => (url.clone(), Call::Status, self.server.status(now, url)),
            Request::Chunks { url, from } => {
                (url.clone(), Call::Chunks { from: *from }, self.server.chunks(now, url, *from))
            }
            Request::SetState { url, state } => {
                (url.clone(), Call::SetState(*state), self.server.set_state(now, url, *state))
            }
            Request::Complete { url } => {
                (url.clone(), Call::Complete { digest: None }, self.server.complete(now, url, None))
            }
            Request::Cancel { url } => (url.clone(), Call::Cancel, self.server.cancel(now, url)),
            Request::PutChunk { .. } => return None,
        };
        self.record(url, call, Some(reply.clone()));
        Some(reply)
    }

    fn begin_body(&mut self, flight: &Flight) -> PutBegun {
        let Request::PutChunk { url, range, size, digest, .. } = &flight.request else {
            self.fail("only a PUT has a body");
        };
        let put = PutRequest { range: *range, size: *size, digest: *digest };
        let begun = self.server.begin_put(self.now, url, put, flight.ends);
        let (id, reply) = match &begun {
            PutBegun::Receiving(id) => (*id, None),
            PutBegun::Refused(reply) => (PutId(0), Some(reply.clone())),
        };
        self.record(url.clone(), Call::PutBegin(id, put), reply);
        begun
    }

    pub(crate) fn body_ends(&mut self, id: FlightId) {
        let Some(flight) = self.flights.remove(&id) else { return };
        let reply = match (flight.put, flight.refused.clone(), flight.body.clone(), &flight.request) {
            (Some(put), _, Some(body), Request::PutChunk { url, .. }) => {
                let body = if flight.fate == Fate::Corrupt { body.corrupted() } else { body };
                let reply = self.server.end_put(self.now, url, put, &body);
                self.record(url.clone(), Call::PutEnd(put, body), Some(reply.clone()));
                reply
            }
            (_, Some(reply), _, _) => reply,
            (..) => return,
        };
        self.respond(&flight, reply);
    }

    pub(crate) fn body_cut(&mut self, id: FlightId) {
        let Some(flight) = self.flights.remove(&id) else { return };
        if let (Some(put), Request::PutChunk { url, .. }) = (flight.put, &flight.request) {
            if flight.fate == (Fate::Cut { noticed: false }) {
                self.server.silence_put(self.now, url, put);
            } else {
                self.cut(&flight.request, put);
            }
        }
        self.answer(&flight, Answer::Lost(Loss::Network));
    }

    fn cut(&mut self, request: &Request, put: PutId) {
        if let Request::PutChunk { url, .. } = request {
            self.server.cut_put(url, put);
            self.record(url.clone(), Call::PutCut(put), None);
        }
    }

    fn record(&mut self, url: String, call: Call, reply: Option<Reply>) {
        let at = self.now;
        self.trace.push(at, || TraceEvent::Exchange(Box::new(Exchange { at, url, call, reply })));
    }

    /// The server, or something on the way, has answered.
    fn respond(&mut self, flight: &Flight, reply: Reply) {
        match &flight.fate {
            Fate::LoseAnswer => self.answer(flight, Answer::Lost(Loss::Network)),
            Fate::RefuseAfter(reply) => self.answer(flight, reply.clone().into_answer()),
            Fate::Hang => {}
            Fate::Deliver
            | Fate::LoseRequest
            | Fate::Refuse(_)
            | Fate::Duplicate
            | Fate::Cut { .. }
            | Fate::Corrupt => self.answer(flight, reply.into_answer()),
        }
    }

    fn answer(&mut self, flight: &Flight, answer: Answer) {
        let at = self.now.plus_ms(self.network.latency());
        self.answer_at(at, flight, answer);
    }

    fn answer_at(&mut self, at: Time, flight: &Flight, answer: Answer) {
        if let Some(effect) = flight.effect {
            self.queue.schedule(at, Happening::Deliver(flight.session, effect, answer));
        }
    }

    pub(crate) fn deliver(&mut self, session: Session, effect: EffectId, answer: Answer) {
        if !self.runs(session) {
            return;
        }
        // An answer that nobody waits for comes all the same; the engine is to ignore it.
        if let Some(sent) = self.running().requests.remove(&effect) {
            self.take_in(&sent, &answer);
        }
        self.feed_echoed(Input::Answered(effect, answer));
    }

    /// What the client knows by an answer that counts.
    fn take_in(&mut self, sent: &Sent, answer: &Answer) {
        let url = match &sent.request {
            Request::Create { .. } => None,
            Request::Status { url }
            | Request::Chunks { url, .. }
            | Request::SetState { url, .. }
            | Request::PutChunk { url, .. }
            | Request::Complete { url }
            | Request::Cancel { url } => Some(url),
        };
        if let Request::PutChunk { url, range, buffer, .. } = &sent.request {
            self.running().buffers.give_back(*buffer);
            match answer {
                Answer::Done | Answer::Status(_) => self.checks.put_confirmed(url, *range),
                Answer::Lost(_) => self.checks.put_unanswered(url, *range),
                // Another PUT of the range is at the server: what becomes of it is not known either.
                Answer::Refused { problem: Some(problem), .. } if problem.code == Code::RangeBusy => {
                    self.checks.put_unanswered(url, *range);
                }
                Answer::Refused { .. } | Answer::Created(..) | Answer::Chunks(_) => {
                    self.checks.put_refused(url, *range)
                }
            }
        }
        match (answer, url) {
            (Answer::Created(url, status), _) => self.checks.status(url, status, sent.asked),
            (Answer::Status(status), Some(url)) => self.checks.status(url, status, sent.asked),
            (Answer::Refused { problem: Some(problem), .. }, Some(url)) => {
                if let Some(received) = &problem.received {
                    self.checks.received(url, received, sent.asked);
                }
                if let Some(missing) = &problem.missing {
                    self.checks.missing(url, missing);
                    // The one thing besides a restart by which `confirmed` may fall: the server's word is the truth.
                    self.running().uploads.get_mut(&sent.key).into_iter().for_each(|told| told.confirmed = 0);
                }
            }
            (Answer::Status(_) | Answer::Refused { .. } | Answer::Chunks(_) | Answer::Done | Answer::Lost(_), _) => {}
        }
    }

    /// The server's process ends and is back after so long; what is in flight is lost.
    pub fn restart_server(&mut self, down_ms: u64) {
        self.network.injected += 1;
        self.server.restart();
        self.network.down_until = self.now.plus_ms(down_ms);
        self.record(String::new(), Call::Restart, None);
        for flight in std::mem::take(&mut self.flights).into_values() {
            if flight.fate != Fate::Hang {
                self.answer(&flight, Answer::Lost(Loss::Network));
            }
        }
    }
}
