//! Requests and answers on their way.

use upferry_engine::{Answer, EffectId, Input, Loss, Request, Time, UploadKey};
use upferry_protocol::Code;

use crate::body::content_of;
use crate::client::Sent;
use crate::content::Content;
use crate::fate::{Fate, Kind};
use crate::model::PutId;
use crate::pair::Pair;
use crate::queue::{FlightId, Happening, Session};
use crate::reply::Reply;

/// After this long without a word the browser gives up on a request.
pub(crate) const BROWSER_GIVES_UP_MS: u64 = 600_000;

/// What the system has taken from a client that closes the connection is still sent: so many milliseconds' worth.
const BUFFERED_MS: u64 = 5_000;

/// A request on its way to the server, or at it.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) session: Session,
    /// `None` when nobody waits for the answer.
    pub(crate) effect: Option<EffectId>,
    pub(crate) request: Request,
    pub(crate) body: Option<Content>,
    pub(crate) token: u64,
    pub(crate) fate: Fate,
    pub(crate) put: Option<PutId>,
    /// Where the server reads the body only to drop it.
    pub(crate) refused: Option<Reply>,
    pub(crate) ends: Time,
}

impl Pair {
    pub(crate) fn send(&mut self, effect: EffectId, key: UploadKey, request: Request) {
        let body = self.begin_body_of(key, &request);
        if let Request::Status { url } | Request::PutChunk { url, .. } = &request
            && let Some(told) = self.running().uploads.get_mut(&key)
        {
            told.url = Some(url.clone());
        }
        self.check_record(&request);
        let kind = Kind::of(&request);
        let fate = self.network.fate(&request, self.now);
        let client = self.client.as_mut().expect("only a running engine sends");
        self.flights_made += 1;
        let flight = FlightId(self.flights_made);
        let asked = self.checks.request(kind);
        let orphan = client.is_losing(key);
        client.requests.insert(effect, Sent { key, request: request.clone(), asked, flight, orphan });
        let (session, token) = (client.session, client.token);
        let mut arrives = self.now.plus_ms(self.network.latency());
        let length = body.as_ref().and_then(Content::range).map_or(0, upferry_protocol::ByteRange::len);
        let ends = if length > 0 { self.network.carry(arrives, length) } else { arrives };
        if self.network.gathers {
            arrives = ends;
        }
        let effect = Some(effect);
        let flown = Flight { session, effect, request, body, token, fate, put: None, refused: None, ends };
        if self.is_intercepted(&flown) {
            return;
        }
        match flown.fate {
            Fate::LoseRequest => {
                let at = self.now.plus_ms(self.rng.u64(0..3_000));
                self.answer_at(at, &flown, Answer::Lost(Loss::Network));
                return;
            }
            Fate::Hang | Fate::Stall { .. } => self.answer_never(&flown),
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
            | Fate::Garble
            | Fate::Delay(_)
            | Fate::Refuse(_)
            | Fate::RefuseAfter(_)
            | Fate::Cut { .. }
            | Fate::Corrupt => {}
        }
        self.flights.insert(flight, flown);
        self.queue.schedule(arrives, Happening::Arrive(flight));
    }

    pub(crate) fn abort(&mut self, effect: EffectId) {
        let Some(sent) = self.running().requests.remove(&effect) else {
            self.fail(format_args!("{effect:?} is aborted, but no request waits under it"));
        };
        self.suspect(&sent);
        self.seen(&sent, None);
        if let Some(content) = content_of(&sent.request) {
            self.running().buffers.give_back(content.buffer);
        }
        self.unanswered(&sent);
        self.hang_up(sent.flight);
    }

    /// No answer will come to the request any more.
    pub(crate) fn unanswered(&mut self, sent: &Sent) {
        if let Request::PutChunk { url, range, .. } = &sent.request
            && !sent.orphan
        {
            self.checks.put_unanswered(url, *range);
        }
    }

    /// The client closes the connection: what has left already may still arrive.
    pub(crate) fn hang_up(&mut self, flight: FlightId) {
        let leaves = self.flights.get(&flight).is_some_and(|flight| flight.ends > self.now.plus_ms(BUFFERED_MS));
        if !leaves && self.rng.bool() {
            // It arrives, and the answer comes late or never.
            if let Some(flight) = self.flights.get_mut(&flight)
                && self.rng.bool()
            {
                flight.effect = None;
            }
            return;
        }
        let Some(flight) = self.flights.remove(&flight) else { return };
        if let Some(range) = flight.body.as_ref().and_then(Content::range) {
            self.network.not_carried(self.now, flight.ends, range.len());
        }
        if let Some(put) = flight.put {
            self.cut(&flight.request, put);
        }
    }

    /// The browser itself loses patience some day.
    pub(crate) fn answer_never(&mut self, flight: &Flight) {
        let at = self.now.plus_ms(BROWSER_GIVES_UP_MS).max(flight.ends);
        self.answer_at(at, flight, Answer::Lost(Loss::Network));
    }

    pub(crate) fn answer(&mut self, flight: &Flight, answer: Answer) {
        let at = self.now.plus_ms(self.network.latency());
        self.answer_at(at, flight, answer);
    }

    pub(crate) fn answer_at(&mut self, at: Time, flight: &Flight, answer: Answer) {
        if let Some(effect) = flight.effect {
            self.queue.schedule(at, Happening::Deliver(flight.session, effect, answer));
        }
    }

    pub(crate) fn deliver(&mut self, session: Session, effect: EffectId, answer: Answer) {
        if !self.turn_to(session) {
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
        self.seen(sent, Some(answer));
        if let Some(content) = content_of(&sent.request) {
            self.running().buffers.give_back(content.buffer);
        }
        let url = match &sent.request {
            Request::Create { idempotency_key, .. } => {
                if let Answer::Created(..) = answer {
                    self.checks.created(idempotency_key);
                }
                None
            }
            Request::Status { url }
            | Request::Chunks { url, .. }
            | Request::SetState { url, .. }
            | Request::PutChunk { url, .. }
            | Request::Complete { url }
            | Request::Cancel { url } => Some(url),
        };
        if let Request::PutChunk { url, range, .. } = &sent.request
            && !sent.orphan
        {
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
}
