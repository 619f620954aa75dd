//! What befalls all requests for a while: no network, a captive portal, a server in trouble, sleep.

use upferry_engine::{Answer, Input, Loss, Time};

use crate::body::content_of;
use crate::pair::Pair;
use crate::queue::Happening;
use crate::reply::Reply;
use crate::wire::{BROWSER_GIVES_UP_MS, Flight};

impl Pair {
    /// The client is off the network from now on, and the browser says so if it notices. Of what is on its way, some
    /// fails and the rest dies without a word.
    pub fn go_offline(&mut self, noticed: bool) {
        self.go_offline_for(u64::MAX / 2, noticed, false);
    }

    /// The same, for so long; `word` says whether the browser notices the end.
    pub fn go_offline_for(&mut self, ms: u64, noticed: bool, word: bool) {
        self.network.injected += 1;
        self.network.offline_until = self.now.plus_ms(ms);
        self.cut_all(self.now);
        if noticed {
            self.in_all_tabs(|pair| pair.feed(Input::Online(false)));
        }
        if word {
            let sessions: Vec<_> = self.clients().map(|(_, client)| client.session).collect();
            for session in sessions {
                self.queue.schedule(self.network.offline_until, Happening::Local(session, Input::Online(true)));
            }
        }
    }

    /// The client is on the network again, and the browser says so if it notices.
    pub fn go_online(&mut self, noticed: bool) {
        self.network.offline_until = self.now;
        if noticed {
            self.in_all_tabs(|pair| pair.feed(Input::Online(true)));
        }
    }

    /// A captive portal answers everything for so long.
    pub fn portal_for(&mut self, ms: u64) {
        self.network.injected += 1;
        self.network.portal_until = self.now.plus_ms(ms);
    }

    /// The server, or a proxy, says this to everything for so long.
    pub fn storm_for(&mut self, ms: u64, reply: Reply) {
        self.network.injected += 1;
        self.network.storm = Some((self.now.plus_ms(ms), reply));
    }

    /// What stands before the network answers a request that is about to leave; `true` if it never leaves.
    pub(crate) fn is_intercepted(&mut self, flight: &Flight) -> bool {
        if self.now < self.network.offline_until {
            let at = self.now.plus_ms(self.rng.u64(0..100));
            self.answer_at(at, flight, Answer::Lost(Loss::Network));
            return true;
        }
        let caught = self.now < self.network.portal_until;
        if caught {
            let at = self.now.plus_ms(self.network.latency());
            let at = if content_of(&flight.request).is_some() && self.rng.bool() { at.max(flight.ends) } else { at };
            self.answer_at(at, flight, Answer::Lost(Loss::Unreadable));
        }
        caught
    }

    /// The machine sleeps. The clients do nothing, what is on its way dies, and some of that is noticed at waking;
    /// `word` says whether the clients are told that they slept.
    pub fn sleep(&mut self, ms: u64, word: bool) {
        self.network.injected += 1;
        let wakes = self.now.plus_ms(ms);
        self.cut_all(wakes);
        for (at, happening) in self.queue.take_local() {
            self.queue.schedule(at.max(wakes), happening);
        }
        self.advance(wakes);
        if word {
            self.in_all_tabs(|pair| pair.feed(Input::Woke));
        }
    }

    /// Every connection of the clients dies. Half of that shows at `shows`, the rest never does.
    fn cut_all(&mut self, shows: Time) {
        for (_, flight) in std::mem::take(&mut self.flights) {
            match flight.put {
                Some(put) if self.rng.bool() => self.cut(&flight.request, put),
                Some(put) => self.silence(&flight.request, put),
                None => {}
            }
            if self.rng.bool() {
                let at = shows.plus_ms(self.rng.u64(0..1_000));
                self.answer_at(at, &flight, Answer::Lost(Loss::Network));
            } else {
                self.answer_never(&flight);
            }
        }
        // Answers on their way, too.
        for (at, happening) in self.queue.take_local() {
            if let Happening::Deliver(session, effect, answer) = &happening
                && !matches!(answer, Answer::Lost(_))
            {
                let ms = if self.rng.bool() { self.rng.u64(0..1_000) } else { BROWSER_GIVES_UP_MS };
                let lost = Happening::Deliver(*session, *effect, Answer::Lost(Loss::Network));
                self.queue.schedule(shows.plus_ms(ms), lost);
            } else {
                self.queue.schedule(at, happening);
            }
        }
    }
}
