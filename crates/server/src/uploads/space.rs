//! How much may still be promised.

use std::io;

use crate::MinFree;
use crate::blobs::Space;
use crate::ledger::Quota;
use crate::server::Server;

impl Server {
    /// The bounds for a new upload as the disk stands now.
    pub(crate) async fn quota(&self) -> io::Result<Quota> {
        let limits = &self.config.limits;
        let space = self.blobs(|blobs| blobs.space()).await?;
        Ok(Quota {
            max_open: limits.max_open,
            max_reserved: limits.max_reserved,
            room: space.and_then(|space| room(space, limits.min_free)),
        })
    }
}

fn room(space: Space, min_free: MinFree) -> Option<u64> {
    let kept = match min_free {
        MinFree::Unchecked => return None,
        MinFree::Percent(percent) => space.total / 100 * u64::from(percent),
        MinFree::Bytes(bytes) => bytes,
    };
    Some(space.available.saturating_sub(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_stays_free() {
        let space = Space { available: 300, total: 1_000 };
        assert_eq!(room(space, MinFree::Percent(5)), Some(250));
        assert_eq!(room(space, MinFree::Bytes(400)), Some(0));
        assert_eq!(room(space, MinFree::Unchecked), None);
    }
}
