//! A client and a server with a network between them.

use std::collections::BTreeMap;
use std::fmt::Display;

use upferry_engine::{Input, Progress, Record, State, Time, UploadKey};

use crate::checks::Checks;
use crate::client::{Client, Told};
use crate::disk::Disk;
use crate::file::{FileId, SimFile};
use crate::model::Model;
use crate::network::Network;
use crate::queue::{FlightId, Queue, Session};
use crate::setup::Setup;
use crate::trace::{Trace, TraceEvent};
use crate::wire::Flight;

/// How many things may happen at one instant. More is a loop without an end.
const MOST_AT_ONCE: u32 = 20_000;

/// A client, a network and a server, and the clock that they share.
#[derive(Debug)]
pub struct Pair {
    /// The time.
    pub now: Time,
    /// The server.
    pub server: Model,
    /// The network.
    pub network: Network,
    /// The client's saved records.
    pub disk: Disk,
    /// What happened.
    pub trace: Trace,
    /// What the client sent and was told.
    pub checks: Checks,
    /// Whether the application has new credentials when it is asked.
    pub refresh_works: bool,
    /// Whether those are as old as the present ones.
    pub refresh_is_stale: bool,
    pub(crate) setup: Setup,
    pub(crate) files: Vec<SimFile>,
    pub(crate) client: Option<Client>,
    pub(crate) queue: Queue,
    pub(crate) flights: BTreeMap<FlightId, Flight>,
    pub(crate) flights_made: u64,
    pub(crate) rng: fastrand::Rng,
    /// Kill the client after so many more outputs.
    pub(crate) kill_after: Option<u64>,
    outputs: u64,
    keys: u64,
    sessions: u32,
    at_once: u32,
}

impl Pair {
    /// A pair without faults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with(Setup::new(seed))
    }

    /// A pair of these settings. The client runs.
    #[must_use]
    pub fn with(setup: Setup) -> Self {
        let mut pair = Self {
            now: Time::from_ms(1_000),
            server: Model::new(setup.model.clone()),
            network: Network::new(setup.faults.clone(), setup.seed ^ 0x6e65_7477),
            disk: Disk::default(),
            trace: Trace { off: !setup.traced, ..Trace::default() },
            checks: Checks::default(),
            refresh_works: true,
            refresh_is_stale: false,
            files: Vec::new(),
            client: None,
            queue: Queue::default(),
            flights: BTreeMap::new(),
            flights_made: 0,
            rng: fastrand::Rng::with_seed(setup.seed),
            kill_after: None,
            outputs: 0,
            keys: 0,
            sessions: 0,
            at_once: 0,
            setup,
        };
        pair.start();
        pair
    }

    /// Puts a file on the client's disk.
    pub fn file(&mut self, file: SimFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() - 1)
    }

    /// The file, to be edited.
    pub fn file_mut(&mut self, file: FileId) -> &mut SimFile {
        &mut self.files[file.0]
    }

    /// Adds a file to the engine.
    pub fn add(&mut self, file: FileId) -> UploadKey {
        self.add_expecting(file, None)
    }

    /// Puts a file on the client's disk and adds it to the engine.
    pub fn add_new(&mut self, file: SimFile) -> UploadKey {
        let file = self.file(file);
        self.add(file)
    }

    /// Adds a file that shall go on with this record.
    pub fn add_expecting(&mut self, file: FileId, expect: Option<Record>) -> UploadKey {
        self.keys += 1;
        let key = UploadKey(self.keys);
        let facts = self.files[file.0].facts.clone();
        if let Some(client) = &mut self.client {
            client.uploads.insert(key, Told::new(file));
        }
        self.feed(Input::Add { key, file: facts, expect: expect.map(Box::new) });
        key
    }

    /// Starts the client again after a kill.
    ///
    /// # Panics
    /// If it runs.
    pub fn start(&mut self) {
        assert!(self.client.is_none(), "one client at a time");
        let session = Session(self.sessions);
        self.sessions += 1;
        self.trace.push(self.now, || TraceEvent::Start);
        let (config, seed) = (self.setup.config.clone(), self.setup.seed);
        self.client = Some(Client::new(session, config, seed, self.network.token));
    }

    /// Whether the client runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.client.is_some()
    }

    /// Kills the client after so many more outputs: each output until then is carried out, none after it is.
    pub fn kill_after(&mut self, outputs: u64) {
        self.kill_after = Some(outputs);
    }

    /// How many outputs the engines have made so far.
    #[must_use]
    pub fn outputs(&self) -> u64 {
        self.outputs
    }

    /// The engine's state of an upload.
    #[must_use]
    pub fn state(&self, key: UploadKey) -> Option<State> {
        self.client.as_ref()?.engine.state(key)
    }

    /// How far the engine says that an upload is.
    ///
    /// # Panics
    /// If the client does not run or knows no such upload.
    #[must_use]
    pub fn progress(&self, key: UploadKey) -> Progress {
        let progress = self.client.as_ref().and_then(|client| client.engine.progress(key));
        progress.unwrap_or_else(|| self.fail(format_args!("{key:?} is unknown")))
    }

    /// What the application has been told of an upload.
    ///
    /// # Panics
    /// If the client does not run or knows no such upload.
    #[must_use]
    pub fn told(&self, key: UploadKey) -> &Told {
        let told = self.client.as_ref().and_then(|client| client.uploads.get(&key));
        told.unwrap_or_else(|| self.fail(format_args!("{key:?} is unknown")))
    }

    /// How often the client asked for new credentials.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.client.as_ref().map_or(0, |client| client.refreshes)
    }

    /// The most memory that buffers took in this session, in bytes.
    #[must_use]
    pub fn peak_buffers(&self) -> u64 {
        self.client.as_ref().map_or(0, |client| client.buffers.peak())
    }

    /// How many chunks are in flight.
    #[must_use]
    pub fn chunks_in_flight(&self) -> u32 {
        self.client.as_ref().map_or(0, |client| client.in_flight(None))
    }

    /// Feeds the engine and carries out what it asks for.
    pub fn feed(&mut self, input: Input) {
        let Some(client) = &mut self.client else { return };
        let now = self.now;
        self.trace.push(now, || TraceEvent::Input(input.clone()));
        client.engine.handle_input(now, input);
        while let Some(client) = &mut self.client
            && let Some(output) = client.engine.poll_output()
        {
            self.outputs += 1;
            self.trace.push(now, || TraceEvent::Output(output.clone()));
            self.perform(output);
            if let Some(left) = &mut self.kill_after {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    self.kill();
                }
            }
        }
        self.count_at_once();
    }

    /// Lets the next thing happen. `false` if nothing ever will.
    pub fn step(&mut self) -> bool {
        let timeout = self.client.as_ref().and_then(|client| client.engine.poll_timeout()).map(|(at, _)| at);
        match (self.queue.next_at(), timeout) {
            (None, None) => return false,
            (next, Some(at)) if next.is_none_or(|next| at < next) => {
                self.advance(at);
                self.feed(Input::Timeout);
            }
            (_, _) => {
                if let Some((at, happening)) = self.queue.pop() {
                    self.advance(at);
                    self.happen(happening);
                }
            }
        }
        if self.network.chance(self.network.faults.echoes, self.now) {
            self.feed(Input::Timeout);
        }
        true
    }

    /// Lets things happen until nothing more does, for a week of the simulated clock at most.
    pub fn drive(&mut self) {
        let most_ms = 7 * 24 * 3_600_000;
        if !self.drive_bounded(most_ms) {
            self.fail("it does not come to an end");
        }
    }

    /// Lets things happen for so long. Whether it came to an end.
    pub fn drive_bounded(&mut self, ms: u64) -> bool {
        let end = self.now.plus_ms(ms);
        while self.next_at().is_some_and(|at| at <= end) {
            self.step();
        }
        let ended = self.next_at().is_none();
        if !ended {
            self.advance(end);
        }
        ended
    }

    /// Lets things happen until it is so.
    pub fn drive_until(&mut self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            if !self.step() {
                self.fail("it never came to that");
            }
        }
    }

    fn next_at(&self) -> Option<Time> {
        let timeout = self.client.as_ref().and_then(|client| client.engine.poll_timeout()).map(|(at, _)| at);
        match (self.queue.next_at(), timeout) {
            (Some(next), Some(at)) => Some(next.min(at)),
            (next, timeout) => next.or(timeout),
        }
    }

    fn advance(&mut self, to: Time) {
        if to > self.now {
            self.now = to;
            self.at_once = 0;
        }
        self.count_at_once();
    }

    fn count_at_once(&mut self) {
        self.at_once += 1;
        if self.at_once > MOST_AT_ONCE {
            self.fail("this instant has no end");
        }
    }

    /// A check that failed ends the run.
    pub(crate) fn check<T>(&self, outcome: Result<T, String>) -> T {
        outcome.unwrap_or_else(|why| self.fail(why))
    }

    /// Ends the run with the seed and the last lines of the trace.
    #[track_caller]
    pub(crate) fn fail(&self, why: impl Display) -> ! {
        let lines = self.trace.to_string();
        let mut lines: Vec<_> = lines.lines().collect();
        lines.dedup();
        let tail = lines[lines.len().saturating_sub(60)..].join("\n");
        panic!("{tail}\n{why} (seed {}, at {} ms)", self.setup.seed, self.now.as_ms());
    }
}
