//! What people and machines do to a running client.

use upferry_engine::{Input, UploadKey, Verify};

use crate::file::FileId;
use crate::pair::Pair;

/// One thing done to a [`Pair`]. Tests and fuzz targets share it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// Time passes.
    Wait {
        /// For so long.
        ms: u64,
    },
    /// The next things happen.
    Steps(u8),
    /// The user pauses an upload.
    Pause(u8),
    /// The user resumes it.
    Resume(u8),
    /// The user cancels it.
    Cancel(u8),
    /// The user tries again.
    Retry(u8),
    /// The user adds a file (again).
    Add(u8),
    /// The client is killed; it starts again and the user picks all the files again.
    Kill,
    /// The same, and somebody edits a file before it is picked again. (Not where only a sample is to be verified: then
    /// the edit may go unnoticed.)
    KillAndEdit {
        /// Which file.
        file: u8,
        /// Where, in 256ths of its size.
        at: u8,
    },
    /// The server restarts.
    RestartServer {
        /// It is away for so long.
        ms: u64,
    },
    /// The credentials expire.
    ExpireToken,
    /// The server drops an upload, `410` or `404` from then on.
    Drop {
        /// Which.
        upload: u8,
        /// Whether it forgets that there was one.
        forget: bool,
    },
    /// Somebody else pauses or reopens an upload at the server.
    SetStateElsewhere {
        /// Which.
        upload: u8,
        /// Whether to pause it.
        paused: bool,
    },
    /// Results come that nobody waits for.
    UnknownResults,
    /// There is no network, for so long or until [`Op::Online`].
    Offline {
        /// For so long.
        ms: u64,
        /// Whether the browser says so.
        noticed: bool,
        /// Whether the browser says that it is over.
        word: bool,
    },
    /// The browser says that there is a network, or that there is none, rightly or not.
    Online(bool),
    /// The machine sleeps.
    Sleep {
        /// For so long.
        ms: u64,
        /// Whether the engine hears of it.
        word: bool,
    },
    /// The browser says that the machine has slept, rightly or not.
    Woke,
    /// The page is put away.
    Freeze {
        /// For so long.
        ms: u64,
        /// Whether the engine hears of it.
        told: bool,
    },
    /// Another tab takes over what this one sends, for so long.
    LoseClaims {
        /// For so long.
        ms: u64,
    },
    /// A captive portal answers everything.
    Portal {
        /// For so long.
        ms: u64,
    },
    /// The server refuses everything.
    Storm {
        /// For so long.
        ms: u64,
    },
    /// The line gets slower or faster.
    Bandwidth {
        /// Bytes per millisecond.
        bandwidth: u64,
    },
    /// Bodies above this length vanish from now on; none of them, if that is 0.
    Swallow {
        /// In bytes.
        above: u64,
    },
}

impl Pair {
    /// Does it. `keys` are the uploads of the running client; numbers count around.
    pub fn apply(&mut self, op: &Op, keys: &mut Vec<UploadKey>) {
        if self.is_frozen() && !matches!(op, Op::Wait { .. } | Op::Steps(_) | Op::Kill | Op::KillAndEdit { .. }) {
            // Who does anything to a page has it before him.
            self.thaw();
        }
        let key = |number: &u8| keys.get(usize::from(*number) % keys.len().max(1)).copied();
        match op {
            Op::Wait { ms } => {
                self.drive_bounded(*ms);
            }
            Op::Steps(steps) => {
                for _ in 0..*steps {
                    self.step();
                }
            }
            Op::Pause(number) => key(number).into_iter().for_each(|key| self.pause(key)),
            Op::Resume(number) => key(number).into_iter().for_each(|key| self.resume(key)),
            Op::Cancel(number) => key(number).into_iter().for_each(|key| self.cancel(key)),
            Op::Retry(number) => key(number).into_iter().for_each(|key| self.retry(key)),
            Op::Add(number) => keys.push(self.add(FileId(usize::from(*number) % self.files.len()))),
            Op::Kill => self.begin_again(keys),
            Op::KillAndEdit { file, at } => {
                let file = FileId(usize::from(*file) % self.files.len());
                self.kill();
                let (size, seed) = (self.files[file.0].size(), self.rng.u64(..));
                let start = size * u64::from(*at) / 256;
                if start < size && self.setup.config.verify == Verify::Full {
                    self.file_mut(file).change(start, size.min(start + 1_000), seed);
                }
                self.begin_again(keys);
            }
            Op::RestartServer { ms } => self.restart_server(*ms),
            Op::ExpireToken => self.network.token += 1,
            Op::Drop { upload, forget } => {
                if let Some(url) = self.some_upload(*upload) {
                    if *forget { self.server.forget(&url) } else { self.server.expire(&url) }
                }
            }
            Op::SetStateElsewhere { upload, paused } => {
                use upferry_protocol::RequestedState::{Open, Paused};
                if let Some(url) = self.some_upload(*upload) {
                    self.server.set_state(self.now, &url, if *paused { Paused } else { Open });
                }
            }
            Op::UnknownResults => self.feed_unknown_results(),
            Op::Offline { ms, noticed, word } => self.go_offline_for(*ms, *noticed, *word),
            Op::Online(online) => {
                if *online {
                    self.go_online(true);
                } else {
                    self.feed(Input::Online(false));
                }
            }
            Op::Sleep { ms, word } => self.sleep(*ms, *word),
            Op::Woke => self.feed(Input::Woke),
            Op::Freeze { ms, told } => self.freeze_for(*ms, *told),
            Op::LoseClaims { ms } => self.lose_claims(*ms),
            Op::Portal { ms } => self.portal_for(*ms),
            Op::Storm { ms } => self.storm_for(*ms, crate::reply::Reply::unavailable(5)),
            Op::Bandwidth { bandwidth } => self.network.faults.bandwidth = (*bandwidth).max(16),
            Op::Swallow { above } => self.network.swallow_above = (*above > 0).then_some((*above).max(64 << 10)),
        }
    }

    fn begin_again(&mut self, keys: &mut Vec<UploadKey>) {
        self.kill();
        self.start();
        *keys = (0..self.files.len()).map(|file| self.add(FileId(file))).collect();
    }

    fn some_upload(&self, number: u8) -> Option<String> {
        let urls: Vec<_> = self.server.present(self.now).map(|(url, _)| url.to_owned()).collect();
        urls.get(usize::from(number) % urls.len().max(1)).cloned()
    }
}
