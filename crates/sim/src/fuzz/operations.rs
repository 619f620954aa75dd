use upferry_engine::{Event, State, Time};

use crate::file::SimFile;
use crate::op::Op;
use crate::pair::Pair;
use crate::setup::Setup;

const MOST_OPS: usize = 60;
const MOST_FILES: u64 = 4;
const LARGEST: u64 = 3 << 20;

/// A network, files, and what people and machines do, all of it out of bytes.
///
/// # Panics
/// If a check fails, or a file does not arrive that nobody has cancelled.
pub fn operations(bytes: &[u8]) {
    let mut input = Bytes(bytes);
    let seed = input.number(8);
    let files = 1 + input.number(1) % MOST_FILES;
    let sizes: Vec<u64> = (0..files).map(|_| input.number(3) % LARGEST).collect();
    let ops: Vec<Op> = std::iter::from_fn(|| input.op()).take(MOST_OPS).collect();
    run(Setup { traced: false, ..Setup::rough(seed) }, &sizes, &ops);
}

/// Does the operations to a client with files of these sizes; then, in a calm network, starts again everything that
/// stands still.
///
/// # Panics
/// If a check fails, or a file does not arrive that nobody has cancelled.
pub fn run(setup: Setup, sizes: &[u64], ops: &[Op]) {
    let mut pair = Pair::with(setup);
    let file = |(number, size): (usize, &u64)| SimFile::new(&number.to_string(), *size);
    let mut keys: Vec<_> = sizes.iter().enumerate().map(|sized| pair.add_new(file(sized))).collect();
    ops.iter().for_each(|op| pair.apply(op, &mut keys));
    pair.network.faults.until = Time::default();
    for _ in 0..3 {
        pair.drive();
        keys.iter().for_each(|&key| pair.resume(key));
        keys.iter().for_each(|&key| pair.retry(key));
    }
    pair.drive();
    for &key in &keys {
        match pair.state(key) {
            None if pair.told(key).count(|event| matches!(event, Event::Duplicate(_))) == 1 => {}
            Some(State::Cancelled) => pair.assert_idle(key),
            Some(State::Complete) => pair.assert_was_delivered(key),
            state => pair.fail(format_args!("{key:?} stays {state:?}")),
        }
    }
}

/// Bytes from which numbers are taken; 0 once they are used up.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn number(&mut self, bytes: usize) -> u64 {
        let (taken, rest) = self.0.split_at(bytes.min(self.0.len()));
        self.0 = rest;
        taken.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
    }

    fn byte(&mut self) -> u8 {
        self.number(1).to_be_bytes()[7]
    }

    fn bit(&mut self) -> bool {
        self.number(1) % 2 == 1
    }

    /// The next operation; `None` at the end.
    fn op(&mut self) -> Option<Op> {
        if self.0.is_empty() {
            return None;
        }
        Some(match self.number(1) % 26 {
            0 | 1 => Op::Wait { ms: self.number(2) },
            2 | 3 => Op::Steps(self.byte() % 40),
            4 => Op::Pause(self.byte()),
            5 => Op::Resume(self.byte()),
            6 => Op::Cancel(self.byte()),
            7 => Op::Retry(self.byte()),
            8 => Op::Add(self.byte()),
            9 => Op::Kill,
            10 => Op::KillAndEdit { file: self.byte(), at: self.byte() },
            11 => Op::RestartServer { ms: self.number(2) % 30_000 },
            12 => Op::ExpireToken,
            13 => Op::Drop { upload: self.byte(), forget: self.bit() },
            14 => Op::SetStateElsewhere { upload: self.byte(), paused: self.bit() },
            15 => Op::UnknownResults,
            16 => Op::Offline { ms: self.number(2) * 8, noticed: self.bit(), word: self.bit() },
            17 => Op::Online(self.bit()),
            18 => Op::Sleep { ms: self.number(2) * 4_096, word: self.bit() },
            19 => Op::Woke,
            20 => Op::Freeze { ms: self.number(2) * 8, told: self.bit() },
            21 => Op::LoseClaims { ms: self.number(2) },
            22 => Op::Portal { ms: self.number(2) * 8 },
            23 => Op::Storm { ms: self.number(2) * 8 },
            24 => Op::Bandwidth { bandwidth: self.number(2) },
            _ => Op::Swallow { above: self.number(2) * 8 },
        })
    }
}
