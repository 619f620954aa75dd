//! What people, machines and browsers do at any moment.

use upferry_engine::Input;

use crate::pair::Pair;
use crate::queue::Happening;

impl Pair {
    /// The page is put away: `told` says whether the engine hears of it. Nothing happens to it until [`Pair::thaw`].
    pub fn freeze(&mut self, told: bool) {
        if told {
            self.feed(Input::Suspended);
        }
        if let Some(client) = self.client.as_mut().filter(|client| client.frozen.is_none()) {
            client.frozen = Some(Vec::new());
        }
    }

    /// The same, for so long.
    pub fn freeze_for(&mut self, ms: u64, told: bool) {
        self.freeze(told);
        if let Some(client) = &self.client {
            self.queue.schedule(self.now.plus_ms(ms), Happening::Thaw(client.session));
        }
    }

    /// The page is back, and the engine is told so.
    pub fn thaw(&mut self) {
        let Some(client) = self.client.as_mut() else { return };
        let Some(kept) = client.frozen.take() else { return };
        self.network.injected += 1;
        // A lost claim is what a page finds first.
        let (lost, rest) = kept.into_iter().partition::<Vec<_>, _>(Happening::is_loss);
        lost.into_iter().for_each(|happening| self.happen(happening));
        self.feed(Input::Woke);
        rest.into_iter().for_each(|happening| self.queue.schedule(self.now, happening));
    }

    /// Whether the page is put away.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.client.as_ref().is_some_and(|client| client.frozen.is_some())
    }

    /// Any of these, as the seed chooses.
    pub fn upset(&mut self) {
        self.network.injected += 1;
        let (minutes, word, noticed) = (self.rng.u64(0..300_000), self.rng.bool(), self.rng.bool());
        match self.rng.u32(0..11) {
            0 | 1 => self.go_offline_for(minutes, noticed, word),
            2 => self.sleep(minutes, word),
            3 => {
                let hours = self.rng.u64(0..48 * 3_600_000);
                self.sleep(hours, word);
            }
            4 => self.freeze_for(minutes, word),
            5 => self.portal_for(minutes),
            6 => {
                let reply = self.network.some_refusal();
                self.storm_for(minutes, reply);
            }
            7 => self.lose_claims(minutes),
            8 => self.in_all_tabs(|pair| pair.feed(Input::Online(false))),
            9 => self.in_all_tabs(|pair| pair.feed(Input::Online(true))),
            _ => self.in_all_tabs(|pair| pair.feed(Input::Woke)),
        }
    }
}
