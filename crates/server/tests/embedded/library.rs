//! The server as an application embeds it.

use crate::client::{get, put, send, send_json};
use axum::Router;
use axum::http::request::Parts;
use axum::http::{Method, Request};
use serde_json::json;
use upferry_protocol::{Code, Problem};
use upferry_server::{Config, Hosts, Operation, Principal, StartError, UploadInfo, router};

async fn application(config: Config) -> Router {
    Router::new().nest("/api/files", router(config).await.unwrap())
}

#[tokio::test]
async fn locations_follow_the_nesting_and_the_public_url() {
    let dir = tempfile::tempdir().unwrap();
    let create = json!({"size": 3, "name": "a"});
    {
        let app = application(Config::new(dir.path())).await;
        let location = send_json(&app, Method::POST, "/api/files", create.clone()).await.location();
        assert!(location.starts_with("/api/files/"), "{location}");
        assert_eq!(get(&app, &location).await.status, 200);
    }
    let mut config = Config::new(dir.path());
    config.public_url = Some("https://files.example/base".parse().unwrap());
    let app = application(config).await;
    let location = send_json(&app, Method::POST, "/api/files", create).await.location();
    assert!(location.starts_with("https://files.example/base/api/files/"), "{location}");
}

/// Names the caller by a header; lets nobody cancel.
fn by_header(operation: Operation, request: &Parts, _: Option<&UploadInfo>) -> Result<Principal, Problem> {
    let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
    match (operation, user) {
        (_, None) => Err(Problem::new(Code::Unauthorized, "Who are you?")),
        (Operation::Cancel, Some(_)) => Err(Problem::new(Code::Forbidden, "Nobody may.")),
        (_, Some(user)) => Ok(Principal::new(user)),
    }
}

#[tokio::test]
async fn the_hook_decides_and_uploads_belong_to_their_principal() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    config.authorize = std::sync::Arc::new(by_header);
    let app = application(config).await;
    let call = async |method: &str, url: &str, user: Option<&str>, body: &str| {
        let mut request = Request::builder().method(method).uri(url);
        request = request.header("content-type", "application/json").header("idempotency-key", "same");
        if let Some(user) = user {
            request = request.header("x-user", user);
        }
        send(&app, request.body(body.to_owned().into()).unwrap()).await
    };
    let create = json!({"size": 3, "name": "a"}).to_string();
    assert_eq!(call("POST", "/api/files", None, &create).await.outcome(), (401, "unauthorized".into()));
    let mine = call("POST", "/api/files", Some("me"), &create).await;
    let again = call("POST", "/api/files", Some("me"), &create).await;
    let yours = call("POST", "/api/files", Some("you"), &create).await;
    assert_eq!((mine.status.as_u16(), again.status.as_u16(), yours.status.as_u16()), (201, 200, 201));
    assert_eq!(again.location(), mine.location());
    assert_ne!(yours.location(), mine.location(), "a key belongs to its principal");

    let url = mine.location();
    assert_eq!(call("GET", &url, Some("me"), "").await.status, 200);
    let foreign = call("GET", &url, Some("you"), "").await;
    let unknown = call("GET", &format!("/api/files/{}", "0".repeat(32)), Some("you"), "").await;
    assert_eq!(foreign.outcome(), (404, "upload-not-found".into()));
    assert_eq!(foreign.body, unknown.body, "nothing tells that it exists");
    assert_eq!(call("GET", &url, None, "").await.outcome(), (401, "unauthorized".into()));
    assert_eq!(call("DELETE", &url, Some("me"), "").await.outcome(), (403, "forbidden".into()));
}

#[tokio::test]
async fn the_data_belong_to_one_router() {
    let dir = tempfile::tempdir().unwrap();
    let first = router(Config::new(dir.path())).await.unwrap();
    assert!(matches!(router(Config::new(dir.path())).await, Err(StartError::InUse)));
    drop(first);
    assert!(router(Config::new(dir.path())).await.is_ok());
}

#[tokio::test]
async fn an_origin_that_no_browser_sends_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    for origin in ["https://app.example/", "app.example", "https://App.example", "null"] {
        let mut config = Config::new(dir.path());
        config.cors_origins = vec![origin.into()];
        assert!(matches!(router(config).await, Err(StartError::Config(_))), "{origin}");
    }
}

#[tokio::test]
async fn an_application_may_check_hosts_itself() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    config.hosts = Hosts::Any;
    let app = application(config).await;
    let request = Request::get(format!("/api/files/{}", "0".repeat(32))).header("host", "anything.example");
    assert_eq!(send(&app, request.body(String::new().into()).unwrap()).await.status, 404);
}

#[tokio::test]
async fn a_completion_asks_the_hook_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    config.authorize = std::sync::Arc::new(|operation: Operation, _: &Parts, _: Option<&UploadInfo>| {
        if operation == Operation::Complete {
            return Err(Problem::new(Code::Forbidden, "Not yet."));
        }
        Ok(Principal::new("me"))
    });
    let app = application(config).await;
    let create = json!({"size": 3, "name": "a", "completeWhenFull": true});
    let url = send_json(&app, Method::POST, "/api/files", create).await.location();
    assert_eq!(put(&app, &url, 0, b"abc", 3).await.status, 204, "the chunk is confirmed all the same");
    assert_eq!(get(&app, &url).await.json()["state"], "open");
    let refused = send_json(&app, Method::POST, &format!("{url}/complete"), json!({})).await;
    assert_eq!(refused.outcome(), (403, "forbidden".into()));
}
