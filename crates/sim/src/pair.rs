//! A client and a server with a network between them.

use std::collections::BTreeMap;
use std::fmt::Display;

use upferry_engine::{Input, Progress, Record, State, Time, UploadKey};

use crate::checks::Checks;
use crate::claims::Claims;
use crate::client::{Client, Told};
use crate::disk::Disk;
use crate::file::{FileId, SimFile};
use crate::model::Model;
use crate::moving::{Suspects, is_by_itself};
use crate::network::Network;
use crate::queue::{FlightId, Queue, Session};
use crate::setup::Setup;
use crate::tabs::Tabs;
use crate::trace::{Trace, TraceEvent};
use crate::wire::Flight;

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
    /// The client of the tab at hand.
    pub(crate) client: Option<Client>,
    pub(crate) tabs: Tabs,
    pub(crate) claims: Claims,
    pub(crate) suspects: Suspects,
    pub(crate) queue: Queue,
    pub(crate) flights: BTreeMap<FlightId, Flight>,
    pub(crate) flights_made: u64,
    pub(crate) rng: fastrand::Rng,
    /// Kill the client after so many more outputs.
    pub(crate) kill_after: Option<u64>,
    outputs: u64,
    keys: u64,
    sessions: u32,
    pub(crate) at_once: u32,
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
            tabs: Tabs::default(),
            claims: Claims::default(),
            suspects: Suspects::default(),
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
        if self.now < self.network.offline_until && self.rng.bool() {
            self.feed(Input::Online(false));
        }
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
        client.note(&input);
        let by_itself = is_by_itself(&input);
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
        self.check_suspects(by_itself);
        self.count_at_once();
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
