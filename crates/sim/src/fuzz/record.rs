use upferry_engine::{
    Claim, Config, EffectId, Engine, FileFacts, Input, Output, RECORD_VERSION, Record, Request, Time, UploadKey,
};

const KEY: UploadKey = UploadKey(1);

/// A saved record, as a database may hold it: reading it never panics; what is read is written and read back the same;
/// and an engine that finds it, or is to go on with it, works.
///
/// # Panics
/// If that is not so.
pub fn record(bytes: &[u8]) {
    let Ok(record) = serde_json::from_slice::<Record>(bytes) else { return };
    let written = serde_json::to_vec(&record).expect("a record is JSON");
    assert_eq!(serde_json::from_slice::<Record>(&written).expect("as it was written"), record);
    // What reads the database lets no other version through.
    if record.version == RECORD_VERSION {
        go_on(&record, None);
        go_on(&record, Some(Box::new(record.clone())));
    }
}

/// Gives the engine the file that the record is of.
fn go_on(record: &Record, expect: Option<Box<Record>>) {
    let mut engine = Engine::new(Config::default(), "nonce", 1);
    let file = FileFacts { name: record.create.name.clone(), size: record.create.size, ..FileFacts::default() };
    let mut asked = feed(&mut engine, Input::Add { key: KEY, file, expect });
    for _ in 0..20 {
        let Some(answer) = asked.iter().find_map(|output| answer(output, record)) else { break };
        asked = feed(&mut engine, answer);
    }
    let _ = engine.progress(KEY);
    feed(&mut engine, Input::Pause(KEY));
    feed(&mut engine, Input::Cancel(KEY));
}

fn answer(output: &Output, record: &Record) -> Option<Input> {
    match output {
        Output::Identify { effect, .. } => Some(Input::Identified(*effect, Ok(record.fingerprint))),
        Output::Claim { effect, .. } => Some(Input::Claimed(*effect, Claim::Held(vec![record.clone()]))),
        Output::SaveRecord { effect, .. } => Some(Input::RecordSaved(*effect, true)),
        Output::ReadChunk { effect, .. } => Some(Input::ChunkRead(*effect, Ok(record.fingerprint))),
        Output::Request { effect, request, .. } => Some(Input::Answered(*effect, refused(request, *effect))),
        Output::Unclaim(_)
        | Output::DeleteRecord { .. }
        | Output::Release(_)
        | Output::Abort(_)
        | Output::RefreshHeaders(_)
        | Output::Event(..) => None,
    }
}

/// The server knows nothing of it.
fn refused(request: &Request, effect: EffectId) -> upferry_engine::Answer {
    let creates = matches!(request, Request::Create { .. });
    assert!(effect.0 > 0, "effects have names");
    upferry_engine::Answer::Refused { status: if creates { 503 } else { 404 }, problem: None, retry_after_ms: None }
}

fn feed(engine: &mut Engine, input: Input) -> Vec<Output> {
    engine.handle_input(Time::from_ms(1), input);
    std::iter::from_fn(|| engine.poll_output()).collect()
}
