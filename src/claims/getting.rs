//! Getting hold of a file, and keeping it.

use std::rc::Rc;

use upferry_engine::Claim;

use super::core::{Inner, lock_name, place_name};
use super::hold::{Grip, Hold, Stand, Wish};
use super::lock;
use crate::clock::wall_ms;
use crate::http::Flight;
use crate::task::spawn;

/// How often leases are looked after. A waiting tab finds one run out this much later, at most.
const ROUND_MS: u32 = 2_500;
/// With so much time left, after 5 of 15 seconds, a lease is renewed.
const RENEW_AT_MS: f64 = 10_100.0;

impl Inner {
    pub(super) async fn get(self: Rc<Self>, hold: Rc<Hold>) {
        self.open_channel(&place_name(self.records.place()));
        let name = lock_name(self.records.place(), hold.fingerprint);
        let lock = match lock::take(&name).await {
            Ok(None) if !hold.is_over() => {
                let wish = Flight::new();
                let signal = wish.signal();
                self.waits(&hold, Wish::InLine(wish));
                lock::wait(&name, &signal).await
            }
            taken => taken,
        };
        match lock {
            Ok(Some(lock)) => self.granted(&hold, Grip::Lock(lock)).await,
            Ok(None) | Err(_) => self.get_lease(hold).await,
        }
    }

    async fn get_lease(self: Rc<Self>, hold: Rc<Hold>) {
        if hold.is_over() {
            return;
        }
        match self.leases.take(hold.fingerprint).await {
            Ok(Some(lease)) => self.granted(&hold, Grip::Lease(lease)).await,
            Ok(None) if hold.is_asked() => self.waits(&hold, Wish::Lease),
            Ok(None) => {}
            Err(_) => self.granted(&hold, Grip::Unopposed).await,
        }
        self.look_after_leases();
    }

    async fn granted(self: &Rc<Self>, hold: &Rc<Hold>, grip: Grip) {
        if hold.is_over() {
            // A lock goes with its grip.
            if let Grip::Lease(lease) = grip {
                let _ = self.leases.release(hold.fingerprint, lease).await;
            }
            return;
        }
        drop(hold.stands(Stand::Held(grip)));
        let inner = self.clone();
        let hold = hold.clone();
        // Leases are not to wait for what the owner does with it.
        spawn(async move { inner.held(&hold, hold.effects()).await });
    }

    fn waits(self: &Rc<Self>, hold: &Hold, wish: Wish) {
        drop(hold.stands(Stand::Waiting(wish)));
        for effect in hold.effects() {
            self.tell(effect, Claim::Elsewhere(None));
        }
        self.ask(vec![hold.fingerprint]);
    }

    /// Makes a lease last, or finds out that it is lost: `false`.
    pub(super) async fn renew(self: &Rc<Self>, hold: &Hold) -> bool {
        let Some(lease) = hold.lease() else { return !hold.is_waiting() };
        match self.leases.renew(hold.fingerprint, lease).await {
            Ok(Some(renewed)) => hold.renewed(renewed),
            Ok(None) if hold.lease().is_some() => self.waits(hold, Wish::Lease),
            Ok(None) => {}
            // Nobody else can use the storage either.
            Err(_) => return true,
        }
        hold.is_held()
    }

    /// Renews leases in time, and tries again to get those that others have.
    fn look_after_leases(self: &Rc<Self>) {
        let has_leases = self.hold(|hold| hold.lease().is_some() || hold.waits_for_lease()).is_some();
        if !has_leases || self.next_round.borrow().is_some() {
            return;
        }
        let weak = Rc::downgrade(self);
        let next = self.timers.after(ROUND_MS, move || {
            let Some(inner) = weak.upgrade() else { return };
            drop(inner.next_round.take());
            let holds = inner.holds.borrow().clone();
            for hold in holds {
                let inner = inner.clone();
                if hold.waits_for_lease() {
                    spawn(async move { inner.get_lease(hold).await });
                } else if hold.lease().is_some_and(|lease| lease.expires - wall_ms() <= RENEW_AT_MS) {
                    spawn(async move {
                        let _ = inner.renew(&hold).await;
                    });
                }
            }
            inner.look_after_leases();
        });
        drop(self.next_round.replace(Some(next)));
    }
}
