//! The API without a socket.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::{Method, Request, StatusCode};
use kindling_protocol::api::ErrorBody;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::data::sets;
use crate::runs::Settings;

const HOST: (HeaderName, &str) = (header::HOST, "localhost:8080");
const JSON: (HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

/// A server without data in a folder of its own.
async fn server(folder: &Path) -> (Router, AppState) {
    let store = Store::in_memory().unwrap();
    let settings = Settings {
        program: "no such program".into(),
        folder: folder.join("runs"),
        data_dir: folder.join("data"),
        devices: vec!["cpu".into()],
        checkpoint_every: std::time::Duration::from_secs(10),
    };
    let state = Arc::new(App {
        store: store.clone(),
        library: Arc::new(Library::new(folder.join("data"))),
        runs: Runs::open(store.clone(), settings).await.unwrap(),
        registry: Registry::open(store, folder.join("blobs"), vec![]).unwrap(),
        devices: vec!["cpu".into()],
        closing: CancellationToken::new(),
    });
    (app(state.clone()), state)
}

/// Status, headers and body of a request.
async fn ask(
    app: &Router,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
    body: impl Into<Body>,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let response = app.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, to_bytes(body, 64 << 20).await.unwrap().to_vec())
}

async fn get_json(app: &Router, path: &str) -> Value {
    let (status, _, body) = ask(app, Method::GET, path, &[HOST], "").await;
    assert_eq!(status, StatusCode::OK, "{path}");
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn every_error_has_the_one_shape_with_a_stable_code_and_the_requests_id() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = server(dir.path()).await;
    let cost = "/api/labs/digits/cost";
    let deep = format!("{{\"lr\":{}", "[".repeat(50_000));
    let large = format!("{{\"lr\":\"{}\"}}", "x".repeat(access::BODY_LIMIT));
    /// Method, path, headers, body; status and code.
    type Case<'a> = (Method, &'a str, &'a [(HeaderName, &'a str)], &'a str, u16, &'a str);
    let cases: [Case<'_>; 16] = [
        (Method::GET, "/api/nothing", &[HOST], "", 404, "not_found"),
        (Method::GET, "/api", &[HOST], "", 404, "not_found"),
        (Method::POST, "/api/nothing", &[HOST], "", 404, "not_found"),
        (Method::GET, "/assets/none.js", &[HOST], "", 404, if has_page() { "not_found" } else { "page_not_built" }),
        (Method::POST, "/", &[HOST], "", 405, "method_not_allowed"),
        (Method::DELETE, "/api/info", &[HOST], "", 405, "method_not_allowed"),
        (Method::GET, "/api/labs/none", &[HOST], "", 404, "unknown_lab"),
        (Method::POST, cost, &[HOST], "{}", 415, "wrong_content_type"),
        (Method::POST, cost, &[HOST, JSON], "{", 400, "bad_request"),
        (Method::POST, cost, &[HOST, JSON], &deep, 400, "bad_request"),
        (Method::POST, cost, &[HOST, JSON], "[1]", 422, "invalid"),
        (Method::POST, cost, &[HOST, JSON], "{\"none\":1}", 422, "invalid_config"),
        (Method::POST, cost, &[HOST, JSON], &large, 413, "too_large"),
        (Method::GET, "/api/data/mnist/none", &[HOST], "", 404, "unknown_data"),
        (Method::GET, "/api/data/mnist/%2e%2e%2fkindling.db", &[HOST], "", 404, "unknown_data"),
        (Method::GET, "/api/info", &[(header::HOST, "evil.example")], "", 421, "unknown_host"),
    ];
    for (method, path, headers, body, expected, code) in cases {
        let (status, headers, body) = ask(&app, method.clone(), path, headers, body.to_string()).await;
        let error: ErrorBody = serde_json::from_slice(&body)
            .unwrap_or_else(|_| panic!("{method} {path}: {status} {}", String::from_utf8_lossy(&body)));
        assert_eq!(
            (status.as_u16(), error.error.code.as_str()),
            (expected, code),
            "{method} {path}: {}",
            error.error.message
        );
        assert_eq!(headers["x-request-id"], error.error.request_id.as_str());
        assert!(error.error.message.len() > 10, "{method} {path}");
        assert_eq!(status == StatusCode::METHOD_NOT_ALLOWED, headers.contains_key(header::ALLOW), "{method} {path}");
    }
}

fn has_page() -> bool {
    !crate::assets::ASSETS.is_empty()
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_a_page_safe() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = server(dir.path()).await;
    for path in ["/api/health", "/", "/api/none", "/api/data/mnist/train-images"] {
        let (_, headers, _) = ask(&app, Method::GET, path, &[HOST], "").await;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(headers[name], value, "{path}");
        }
        assert!(headers.contains_key("permissions-policy") && headers.contains_key(header::CACHE_CONTROL), "{path}");
    }
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (app, state) = server(dir.path()).await;
    let body = json!({"lab": "digits"}).to_string();
    let origin = (header::ORIGIN, "http://localhost:9999");
    let headers = [HOST, origin, JSON];
    let (status, _, _) = ask(&app, Method::POST, "/api/runs", &headers, body).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(state.runs.list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_was_told_to_end_is_well_but_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let (app, state) = server(dir.path()).await;
    assert_eq!(get_json(&app, "/api/ready").await, json!({"ok": true}));
    state.closing.cancel();
    let (status, _, body) = ask(&app, Method::GET, "/api/ready", &[HOST], "").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(String::from_utf8_lossy(&body).contains("\"closing\""));
    assert_eq!(get_json(&app, "/api/health").await, json!({"ok": true}));
}

#[tokio::test]
async fn the_server_says_what_it_is_and_what_a_run_would_cost() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = server(dir.path()).await;
    let info = get_json(&app, "/api/info").await;
    assert_eq!(info["devices"], json!(["cpu"]));
    assert_eq!(info["data"][0]["state"], "missing");
    let labs = get_json(&app, "/api/labs").await;
    let slug = labs[0]["slug"].as_str().unwrap();
    assert_eq!(get_json(&app, &format!("/api/labs/{slug}")).await, labs[0]);
    let headers = [HOST, JSON];
    let (status, _, body) = ask(&app, Method::POST, &format!("/api/labs/{slug}/cost"), &headers, "{}").await;
    assert_eq!(status, StatusCode::OK);
    let cost: kindling_protocol::lab::Cost = serde_json::from_slice(&body).unwrap();
    assert!(cost.steps > 0 && cost.flops > 0.0 && cost.memory_bytes > cost.data_bytes);
}

#[tokio::test]
async fn data_that_is_missing_or_damaged_is_told_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = server(dir.path()).await;
    let path = "/api/data/mnist/test-labels";
    let (status, _, body) = ask(&app, Method::GET, path, &[HOST], "").await;
    let error: ErrorBody = serde_json::from_slice(&body).unwrap();
    assert_eq!((status.as_u16(), error.error.code.as_str()), (404, "data_missing"));
    assert!(error.error.message.contains("kindling data fetch mnist"));

    let set = dir.path().join("data/mnist");
    std::fs::create_dir_all(&set).unwrap();
    let part = sets::find("mnist").unwrap().part("test-labels").unwrap();
    for (bytes, what) in [(part.bytes, "sha256"), (part.bytes - 1, "bytes")] {
        std::fs::write(set.join(part.file), vec![7; bytes as usize]).unwrap();
        let (status, _, body) = ask(&app, Method::GET, path, &[HOST], "").await;
        let error: ErrorBody = serde_json::from_slice(&body).unwrap();
        assert_eq!((status.as_u16(), error.error.code.as_str()), (500, "data_damaged"));
        let message = error.error.message;
        assert!(message.contains(part.file) && message.contains(what), "{message}");
        assert!(!message.contains(&*set.to_string_lossy()), "no path of the server is told: {message}");
    }
    let sets = get_json(&app, "/api/data").await;
    let mnist = sets.as_array().unwrap().iter().find(|set| set["name"] == "mnist").unwrap();
    assert_eq!(mnist["state"], "damaged");
}

#[tokio::test]
async fn the_document_describes_every_route_and_its_errors() {
    let dir = tempfile::tempdir().unwrap();
    let (app, _) = server(dir.path()).await;
    let document = get_json(&app, "/api/openapi.json").await;
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/api/info",
        "/api/data/{set}/{part}",
        "/api/runs",
        "/api/runs/{id}/events",
        "/api/models",
        "/api/blobs/{sha256}",
    ] {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    for (path, item) in paths {
        // What is described is there: it answers with anything but "no such path".
        for (method, operation) in item.as_object().unwrap() {
            let filled = path.replace(['{', '}'], "");
            let method: Method = method.to_uppercase().parse().unwrap();
            let headers = [HOST, (header::ORIGIN, "http://localhost:8080")];
            let (status, _, body) = ask(&app, method.clone(), &filled, &headers, "").await;
            let code = serde_json::from_slice::<ErrorBody>(&body).map_or(String::new(), |body| body.error.code);
            assert!(
                status != StatusCode::METHOD_NOT_ALLOWED && code != "not_found",
                "{method} {path}: {status} {code}"
            );
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
    let text = document.to_string();
    for name in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"][name].is_object(), "the schema {name} is missing");
    }
}
