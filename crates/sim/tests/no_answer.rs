//! The engine by hand: a request whose answer never comes, and a file that is not the interrupted one.

use upferry_engine::{
    Claim, Config, Engine, Event, Failure, FailureCode, FileFacts, Input, Output, Record, Request, State, Time,
    UploadKey,
};
use upferry_protocol::{CreateRequest, Sha256Digest};

const KEY: UploadKey = UploadKey(1);

fn engine() -> Engine {
    Engine::new(Config { persist: false, create_with_content: false, ..Config::default() }, "nonce", 1)
}

fn file() -> FileFacts {
    FileFacts { name: "film".into(), size: 5, ..FileFacts::default() }
}

fn feed(engine: &mut Engine, ms: u64, input: Input) -> Vec<Output> {
    engine.handle_input(Time::from_ms(ms), input);
    std::iter::from_fn(|| engine.poll_output()).collect()
}

/// Answers the questions what the file is, and whether it is this client's to send.
fn identify(engine: &mut Engine, ms: u64, outputs: &[Output], fingerprint: u8) -> Vec<Output> {
    let asked = outputs
        .iter()
        .find_map(|output| if let Output::Identify { effect, .. } = output { Some(*effect) } else { None });
    let fingerprint = Ok(Sha256Digest([fingerprint; 32]));
    let outputs = feed(engine, ms, Input::Identified(asked.expect("the engine asks what the file is"), fingerprint));
    let claims =
        outputs.iter().find_map(|output| if let Output::Claim { effect, .. } = output { Some(*effect) } else { None });
    match claims {
        Some(effect) => feed(engine, ms, Input::Claimed(effect, Claim::Held(Vec::new()))),
        None => outputs,
    }
}

fn creates(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Request { request: Request::Create { .. }, .. }))
}

fn failed_with(outputs: &[Output], code: FailureCode) -> bool {
    outputs
        .iter()
        .any(|output| matches!(output, Output::Event(KEY, Event::Error(Failure { code: told, .. })) if *told == code))
}

#[test]
fn a_request_without_an_answer_is_given_up_and_sent_again() {
    let mut engine = engine();
    let added = feed(&mut engine, 0, Input::Add { key: KEY, file: file(), expect: None });
    assert!(creates(&identify(&mut engine, 0, &added, 1)));

    let (due, _) = engine.poll_timeout().unwrap();
    assert_eq!(due, Time::from_ms(60_000));
    let outputs = feed(&mut engine, due.as_ms(), Input::Timeout);
    assert!(outputs.iter().any(|output| matches!(output, Output::Abort(_))), "{outputs:?}");
    assert!(outputs.iter().any(|output| matches!(output, Output::Event(KEY, Event::Retry { attempt: 1, .. }))));

    let again = engine.poll_timeout().map_or(due, |(time, _)| time);
    let outputs = if creates(&outputs) { outputs } else { feed(&mut engine, again.as_ms(), Input::Timeout) };
    assert!(creates(&outputs), "{outputs:?}");
}

#[test]
fn a_retry_with_the_wrong_file_fails_again() {
    let mut engine = engine();
    let create = CreateRequest {
        size: 5,
        name: "film".into(),
        media_type: None,
        metadata: Default::default(),
        complete_when_full: true,
    };
    let fingerprint = Sha256Digest([9; 32]);
    let record =
        Record { version: 1, id: "r".into(), fingerprint, last_modified: 0, create, upload_url: None, expires: None };
    let added = feed(&mut engine, 0, Input::Add { key: KEY, file: file(), expect: Some(Box::new(record)) });
    assert!(failed_with(&identify(&mut engine, 0, &added, 1), FailureCode::FileMismatch));

    let outputs = feed(&mut engine, 1, Input::Retry(KEY));
    assert!(failed_with(&identify(&mut engine, 1, &outputs, 1), FailureCode::FileMismatch));
    assert_eq!(engine.state(KEY), Some(State::Failed));
}
