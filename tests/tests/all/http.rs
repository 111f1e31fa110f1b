//! The server from outside, over HTTP.

use kindling_protocol::lab::LabSpec;
use kindling_tests::Server;
use serde_json::{Value, json};

#[test]
fn the_page_and_its_files_come_compressed_tagged_and_guarded() {
    let server = Server::start();
    let page = server.get_with("/", &[("accept-encoding", "br")]);
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.header("content-encoding"), "br");
    assert_eq!(page.header("cache-control"), "no-cache");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    for (header, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(header), value, "{header}");
    }
    let again = server.get_with("/", &[("accept-encoding", "br"), ("if-none-match", page.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn every_address_in_the_page_answers_and_is_kept_for_ever() {
    let server = Server::start();
    let page = server.get_with("/", &[("accept-encoding", "identity")]).text();
    assert!(!page.contains("{{"), "a name was not replaced by an address: {page}");
    let addresses: Vec<_> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(addresses.len() >= 8, "{addresses:?}");
    for address in addresses {
        let plain = server.get_with(address, &[("accept-encoding", "identity")]);
        assert_eq!(plain.status, 200, "{address}");
        assert!(plain.header("cache-control").contains("immutable"), "{address}");
        assert_eq!(server.get_with(address, &[("accept-encoding", "gzip")]).status, 200, "{address}");
    }
}

#[test]
fn an_address_inside_the_page_gets_the_page_and_a_lost_file_does_not() {
    let server = Server::start();
    assert!(server.get("/labs/digits").header("content-type").starts_with("text/html"));
    for path in ["/assets/lost-00000000.js", "/favicon.ico", "/api/lost"] {
        let reply = server.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert_error(&reply.json());
    }
}

#[test]
fn the_server_speaks_of_itself_and_its_labs() {
    let server = Server::start();
    assert_eq!(server.get("/api/health").status, 200);
    assert_eq!(server.get("/api/ready").status, 200);
    assert!(server.get("/api/info").json().is_object());
    let labs: Vec<LabSpec> =
        serde_json::from_slice(&server.get("/api/labs").body).expect("labs as the protocol has them");
    assert!(labs.iter().any(|lab| lab.slug == "digits"));
    for lab in labs {
        let one = server.get(&format!("/api/labs/{}", lab.slug));
        assert_eq!(serde_json::from_slice::<LabSpec>(&one.body).expect("a lab"), lab);
        let cost = server.post(&format!("/api/labs/{}/cost", lab.slug), &json!({}));
        assert!(cost.json()["steps"].as_u64().expect("steps") > 0, "{}", cost.text());
    }
}

#[test]
fn the_description_names_every_path_and_its_schemas() {
    let server = Server::start();
    let document = server.get("/api/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    for path in ["/api/health", "/api/labs", "/api/runs", "/api/runs/{id}/events", "/api/models", "/api/blobs/{sha256}"]
    {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    let mut references = Vec::new();
    gather_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn gather_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => found.push(text.clone()),
                    value => gather_references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather_references(item, found)),
        _ => {}
    }
}

#[test]
fn wrong_requests_get_a_code_a_sentence_and_a_request_id() {
    let server = Server::start();
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases = [
        ("unknown lab", server.post("/api/runs", &json!({ "lab": "lost", "knobs": {}, "seed": 1 }))),
        ("knob out of range", server.post("/api/runs", &json!({ "lab": "digits", "knobs": { "lr": 1e9 }, "seed": 1 }))),
        ("unknown knob", server.post("/api/runs", &json!({ "lab": "digits", "knobs": { "lost": 1 }, "seed": 1 }))),
        ("no lab at all", server.post("/api/runs", &json!({}))),
        ("deep JSON", server.post_text("/api/runs", &deep)),
        ("JSON cut short", server.post_text("/api/runs", "{\"lab\":\"dig")),
        ("unknown run", server.get("/api/runs/lost")),
        ("a path that climbs", server.get("/api/data/..%2f..%2fetc/passwd")),
        ("a hash that is none", server.get("/api/blobs/xyz")),
        (
            "a body under a wrong hash",
            server.put(&format!("/api/blobs/{}", "0".repeat(64)), "application/octet-stream", b"x"),
        ),
    ];
    for (what, reply) in cases {
        assert!((400..500).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        assert_error(&reply.json());
    }
    assert_eq!(server.get("/api/health").status, 200, "it still serves");
}

#[test]
fn another_sites_request_changes_nothing() {
    let server = Server::start();
    let rebound = server.get_with("/api/info", &[("host", "evil.example")]);
    assert!((400..500).contains(&rebound.status), "a name of another host reached the API: {}", rebound.status);
}

fn assert_error(body: &Value) {
    let body = &body["error"];
    for field in ["code", "message", "request_id"] {
        assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "an error without {field}: {body}");
    }
}
