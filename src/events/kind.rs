/// The types of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An upload is in another state.
    State,
    /// An upload came further.
    Progress,
    /// A chunk is durable.
    Chunk,
    /// A request is tried again.
    Retry,
    /// A new upload of the file begins.
    Restarted,
    /// The server has the file.
    Complete,
    /// An upload failed, or can't be resumed after a reload.
    Error,
    /// An upload was added. The uploader's only, as all that follow.
    Added,
    /// A file was outside the restrictions.
    Rejected,
    /// Nothing is left to do.
    Idle,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::State,
        Self::Progress,
        Self::Chunk,
        Self::Retry,
        Self::Restarted,
        Self::Complete,
        Self::Error,
        Self::Added,
        Self::Rejected,
        Self::Idle,
    ];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Progress => "progress",
            Self::Chunk => "chunk",
            Self::Retry => "retry",
            Self::Restarted => "restarted",
            Self::Complete => "complete",
            Self::Error => "error",
            Self::Added => "added",
            Self::Rejected => "rejected",
            Self::Idle => "idle",
        }
    }

    /// Whether single uploads have it too.
    #[must_use]
    pub const fn is_of_upload(self) -> bool {
        !matches!(self, Self::Added | Self::Rejected | Self::Idle)
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
