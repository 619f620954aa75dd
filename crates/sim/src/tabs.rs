//! Several clients in one browser: tabs. They share the disk, the claims and the network.

use upferry_engine::Time;

use crate::client::Client;
use crate::pair::Pair;
use crate::queue::{Happening, Session};

/// The clients but the one at hand, which is [`Pair::client`].
#[derive(Debug, Default)]
pub(crate) struct Tabs {
    /// Empty at the place of the one at hand.
    parked: Vec<Option<Client>>,
    at_hand: usize,
}

impl Pair {
    /// Turns to a tab: whatever is asked or done from now on is meant for its client. It is started unless it runs.
    pub fn tab(&mut self, tab: usize) {
        self.turn(tab);
        if self.client.is_none() {
            self.start();
        }
    }

    /// Which tab is at hand.
    #[must_use]
    pub fn at_hand(&self) -> usize {
        self.tabs.at_hand
    }

    pub(crate) fn turn(&mut self, tab: usize) {
        let tabs = &mut self.tabs;
        tabs.parked.resize_with(tabs.parked.len().max(tab + 1).max(tabs.at_hand + 1), || None);
        tabs.parked[tabs.at_hand] = self.client.take();
        self.client = tabs.parked[tab].take();
        tabs.at_hand = tab;
    }

    /// The clients that run, and their tabs.
    pub(crate) fn clients(&self) -> impl Iterator<Item = (usize, &Client)> {
        let parked = self.tabs.parked.iter().enumerate().filter_map(|(tab, client)| Some((tab, client.as_ref()?)));
        self.client.iter().map(|client| (self.tabs.at_hand, client)).chain(parked)
    }

    /// Turns to the client of a session, if it still runs.
    pub(crate) fn turn_to(&mut self, session: Session) -> bool {
        let found = self.clients().find(|(_, client)| client.session == session).map(|(tab, _)| tab);
        found.into_iter().for_each(|tab| self.turn(tab));
        found.is_some()
    }

    /// Does something in every tab whose client runs and is not put away.
    pub(crate) fn in_all_tabs(&mut self, mut act: impl FnMut(&mut Self)) {
        let at_hand = self.tabs.at_hand;
        let mut tabs: Vec<usize> = self.clients().map(|(tab, _)| tab).collect();
        tabs.sort_unstable();
        for tab in tabs {
            self.turn(tab);
            if self.client.as_ref().is_some_and(|client| client.frozen.is_none()) {
                act(self);
            }
        }
        self.turn(at_hand);
    }

    /// The first timeout, and in which tab. A page that is put away has none.
    pub(crate) fn next_timeout(&self) -> Option<(Time, usize)> {
        let awake = self.clients().filter(|(_, client)| client.frozen.is_none());
        awake.filter_map(|(tab, client)| Some((client.engine.poll_timeout()?.0, tab))).min()
    }

    /// Keeps what happens to a page that is put away until it is back.
    pub(crate) fn defer(&mut self, happening: Happening) -> Option<Happening> {
        let Some(session) = happening.session() else { return Some(happening) };
        let client = self.client.iter_mut().chain(self.tabs.parked.iter_mut().flatten());
        match client.into_iter().find(|client| client.session == session).and_then(|client| client.frozen.as_mut()) {
            Some(frozen) => {
                frozen.push(happening);
                None
            }
            None => Some(happening),
        }
    }
}
