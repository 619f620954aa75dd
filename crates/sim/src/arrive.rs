//! Requests at the server.

use upferry_engine::{Answer, Loss, Request, Time};
use upferry_protocol::Code;

use crate::content::Content;
use crate::fate::Fate;
use crate::model::{PutBegun, PutId, PutRequest};
use crate::pair::Pair;
use crate::queue::{FlightId, Happening};
use crate::reply::Reply;
use crate::trace::{Call, Exchange, TraceEvent};
use crate::wire::Flight;

impl Pair {
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
            Request::Create { idempotency_key, body, .. } => {
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
        let Request::PutChunk { url, range, size, content } = &flight.request else {
            self.fail("only a PUT has a body");
        };
        let put = PutRequest { range: *range, size: *size, digest: content.digest };
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

    pub(crate) fn cut(&mut self, request: &Request, put: PutId) {
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
