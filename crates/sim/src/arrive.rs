//! Requests at the server.

use upferry_engine::{Answer, Content as Named, Loss, Request, Time};
use upferry_protocol::{Code, Problem};

use crate::content::Content;
use crate::fate::Fate;
use crate::model::{PutBegun, PutId, PutRequest};
use crate::pair::Pair;
use crate::queue::{FlightId, Happening};
use crate::reply::Reply;
use crate::trace::{Call, Exchange, TraceEvent};
use crate::wire::Flight;

/// After so long without a byte the server answers to a body.
const GIVEN_UP_MS: u64 = 30_000;

/// The upload that a body is for, where it exists already.
fn put_url(request: &Request) -> Option<&str> {
    if let Request::PutChunk { url, .. } = request { Some(url) } else { None }
}

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
        let on_the_way = |pair: &mut Self| Time::from_ms(pair.rng.u64(pair.now.as_ms()..=ends.as_ms()));
        let (at, happening) = match flight.fate {
            Fate::Cut { .. } => (on_the_way(self), Happening::BodyCut(id)),
            Fate::Stall { .. } => (on_the_way(self), Happening::BodyStall(id)),
            Fate::Deliver
            | Fate::LoseRequest
            | Fate::LoseAnswer
            | Fate::Hang
            | Fate::Garble
            | Fate::Delay(_)
            | Fate::Refuse(_)
            | Fate::RefuseAfter(_)
            | Fate::Duplicate
            | Fate::Corrupt => (ends, Happening::BodyEnd(id)),
        };
        self.queue.schedule(at, happening);
        self.flights.insert(id, flight);
    }

    /// What stands on the way says no.
    fn refusal(&self, flight: &Flight, length: u64) -> Option<Reply> {
        if let Fate::Refuse(reply) = &flight.fate {
            return Some(reply.clone());
        }
        if let Some((until, reply)) = &self.network.storm
            && self.now < *until
        {
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
            Request::PutChunk { .. } | Request::Create { content: Some(_), .. } => return None,
            Request::Create { idempotency_key, body, content: None } => {
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
        };
        self.record(url, call, Some(reply.clone()));
        Some(reply)
    }

    fn begin_body(&mut self, flight: &Flight) -> PutBegun {
        let (url, begun, call): (_, _, Box<dyn Fn(PutId) -> Call>) = match &flight.request {
            Request::PutChunk { url, range, size, content } => {
                let put = PutRequest { range: *range, size: *size, digest: content.digest };
                let begun = self.server.begin_put(self.now, url, put, flight.ends);
                (url.clone(), begun, Box::new(move |id| Call::PutBegin(id, put)))
            }
            Request::Create { idempotency_key: key, body, content: Some(Named { digest, .. }) } => {
                let begun = self.server.begin_create(self.now, key, body, *digest, flight.ends);
                let (key, body, digest) = (key.clone(), body.clone(), *digest);
                let call = move |put| Call::CreateBegin { put, key: key.clone(), body: body.clone(), digest };
                (String::new(), begun, Box::new(call))
            }
            Request::Create { content: None, .. }
            | Request::Status { .. }
            | Request::Chunks { .. }
            | Request::SetState { .. }
            | Request::Complete { .. }
            | Request::Cancel { .. } => self.fail("it has no body"),
        };
        let (id, reply) = match &begun {
            PutBegun::Receiving(id) => (*id, None),
            PutBegun::Refused(reply) => (PutId(0), Some(reply.clone())),
        };
        self.record(url, call(id), reply);
        begun
    }

    pub(crate) fn body_ends(&mut self, id: FlightId) {
        let Some(flight) = self.flights.remove(&id) else { return };
        let reply = match (flight.put, flight.refused.clone(), flight.body.clone()) {
            (Some(put), _, Some(body)) => {
                let body = if flight.fate == Fate::Corrupt { body.corrupted() } else { body };
                let (url, reply) = match put_url(&flight.request) {
                    Some(url) => (url.to_owned(), self.server.end_put(self.now, url, put, &body)),
                    None => (String::new(), self.server.end_create(self.now, put, &body)),
                };
                self.record(url, Call::PutEnd(put, body), Some(reply.clone()));
                reply
            }
            (_, Some(reply), _) => reply,
            (..) => return,
        };
        self.respond(&flight, reply);
    }

    /// The bytes of the body stop coming, and nobody closes the connection.
    pub(crate) fn body_stalls(&mut self, id: FlightId) {
        let Some(flight) = self.flights.get(&id).cloned() else { return };
        if let Some(put) = flight.put {
            self.silence(&flight.request, put);
        }
        if flight.fate == (Fate::Stall { answered: true }) {
            self.queue.schedule(self.now.plus_ms(GIVEN_UP_MS), Happening::BodyGivenUp(id));
        } else {
            self.flights.remove(&id);
        }
    }

    pub(crate) fn body_given_up(&mut self, id: FlightId) {
        let Some(flight) = self.flights.remove(&id) else { return };
        if let Some(put) = flight.put {
            self.cut(&flight.request, put);
        }
        let problem = Problem { retryable: true, ..Problem::new(Code::InvalidRequest, "") };
        self.answer(&flight, Reply::Problem(Box::new(problem)).into_answer());
    }

    pub(crate) fn body_cut(&mut self, id: FlightId) {
        let Some(flight) = self.flights.remove(&id) else { return };
        if let Some(put) = flight.put {
            if flight.fate == (Fate::Cut { noticed: false }) {
                self.silence(&flight.request, put);
            } else {
                self.cut(&flight.request, put);
            }
        }
        self.answer(&flight, Answer::Lost(Loss::Network));
    }

    /// The server sees that the connection has ended.
    pub(crate) fn cut(&mut self, request: &Request, put: PutId) {
        let url = put_url(request);
        match url {
            Some(url) => self.server.cut_put(url, put),
            None => self.server.cut_create(put),
        }
        self.record(url.unwrap_or_default().to_owned(), Call::PutCut(put), None);
    }

    /// It does not see it.
    pub(crate) fn silence(&mut self, request: &Request, put: PutId) {
        match put_url(request) {
            Some(url) => self.server.silence_put(self.now, url, put),
            None => self.server.silence_create(self.now, put),
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
            Fate::Garble => self.answer(flight, Answer::Lost(Loss::Unreadable)),
            Fate::Delay(ms) => {
                self.answer_at(self.now.plus_ms(*ms), flight, reply.into_answer());
            }
            Fate::Hang | Fate::Stall { .. } => {}
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
            if !matches!(flight.fate, Fate::Hang | Fate::Stall { .. }) {
                self.answer(&flight, Answer::Lost(Loss::Network));
            }
        }
    }
}
