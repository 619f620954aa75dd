//! How much may be unfinished at once.

/// The bounds that a new upload must fit in.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// The most unfinished uploads of one principal.
    pub max_open: u64,
    /// The most bytes that one principal's unfinished uploads may declare together.
    pub max_reserved: u64,
    /// The bytes that the store has to give, for all principals; `None` where it can't tell.
    pub room: Option<u64>,
}

/// What unfinished uploads use.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Unfinished uploads of the principal.
    pub open: u64,
    /// The bytes they declare.
    pub reserved: u64,
    /// The bytes that all principals' unfinished uploads have still to receive.
    pub outstanding: u64,
}

/// Which bound a new upload would pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Too many unfinished uploads.
    Open,
    /// Too many declared bytes.
    Reserved,
    /// The store has no room for all that is declared.
    Room,
}

impl Quota {
    /// Decides whether an upload of `size` bytes fits on top of `usage`.
    ///
    /// # Errors
    /// The bound that it would pass.
    pub fn admit(&self, usage: Usage, size: u64) -> Result<(), Refused> {
        if usage.open >= self.max_open {
            Err(Refused::Open)
        } else if usage.reserved.saturating_add(size) > self.max_reserved {
            Err(Refused::Reserved)
        } else if self.room.is_some_and(|room| usage.outstanding.saturating_add(size) > room) {
            Err(Refused::Room)
        } else {
            Ok(())
        }
    }
}
