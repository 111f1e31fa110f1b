//! The server from outside, over HTTP.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use kindling_protocol::lab::LabSpec;
use kindling_tests::{Server, data_dir};
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
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
    let mut names = BTreeSet::new();
    for (path, item) in paths {
        let in_path: BTreeSet<&str> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        for (method, operation) in item.as_object().expect("methods") {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "{method} {path}: `{name}` stands twice");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let declared: BTreeSet<&str> = parameters
                .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            assert_eq!(declared, in_path, "{method} {path}");
            let answers = operation["responses"].as_object().expect("answers");
            assert!(answers.values().all(|answer| answer["description"].is_string()), "{method} {path}");
        }
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
fn what_is_hardly_http_is_refused_and_the_server_goes_on() {
    let server = Server::start();
    let host = server.origin.trim_start_matches("http://");
    let chunked = "POST /api/runs HTTP/1.1\r\nhost: HOST\r\ncontent-type: application/json\r\n\
                   transfer-encoding: chunked\r\n\r\n";
    let endless = [chunked, "100000\r\n", &"x".repeat(1 << 20), "\r\n"].concat();
    let endless = [&endless, "200000\r\n", &"x".repeat(2 << 20), "\r\n0\r\n\r\n"].concat();
    for (what, request, expected) in [
        ("no request at all", "what is this\r\n\r\n".to_string(), "400"),
        ("a head without end", format!("GET / HTTP/1.1\r\nhost: HOST\r\nx: {}\r\n\r\n", "x".repeat(400_000)), "431"),
        ("a body that says no length", endless, "413"),
        (
            "a body longer than it may be",
            format!("{}x", chunked.replace("transfer-encoding: chunked", "content-length: 9999999")),
            "413",
        ),
        ("a path that is no text", "GET /api/models/%ff HTTP/1.1\r\nhost: HOST\r\n\r\n".to_string(), "400"),
        ("a version that is no number", "GET /api/models/a/b HTTP/1.1\r\nhost: HOST\r\n\r\n".to_string(), "400"),
    ] {
        let answer = said(host, &request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{what}: {answer}");
    }
    assert_eq!(server.get("/api/health").status, 200);
}

/// What the server answers to these very bytes, until it hangs up.
fn said(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("it can be set");
    // It may answer, and hang up, before it has read everything.
    let _ = stream.write_all(request.replace("HOST", &format!("{host}\r\nconnection: close")).as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A reload right after a click hangs up like this.
#[test]
fn a_run_whose_client_hangs_up_is_started_all_the_same() {
    let server = Server::start_with(&["--data-dir", "no-such-folder"]);
    let host = server.url("").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let run =
        json!({ "lab": "digits", "device": "cpu", "knobs": { "data": "generated", "samples": 500, "epochs": 1 } });
    let run = run.to_string();
    let head = format!("POST /api/runs HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: ");
    for _ in 0..5 {
        let mut stream = TcpStream::connect(&host).expect("it listens");
        stream.write_all(format!("{head}{}\r\n\r\n{run}", run.len()).as_bytes()).expect("it reads");
    }
    let waits = |runs: &Value| {
        let runs = runs.as_array().expect("a list");
        (runs.len(), runs.iter().filter(|run| run["state"] != "finished").count())
    };
    let end = std::time::Instant::now() + Duration::from_secs(60);
    let mut seen = (0, 0);
    // All that arrived are worked off; which of the five did is the network's.
    while std::time::Instant::now() < end && (seen.0 == 0 || seen.1 > 0) {
        std::thread::sleep(Duration::from_millis(100));
        seen = waits(&server.get("/api/runs").json());
    }
    assert!(seen.0 > 0 && seen.1 == 0, "{} of {} runs wait for nobody", seen.1, seen.0);
}

#[test]
fn data_goes_to_the_browser_as_compact_blobs_that_it_keeps() {
    let server = Server::start_with(&["--data-dir", &data_dir().to_string_lossy()]);
    let sets = server.get("/api/data").json();
    let mnist = sets.as_array().expect("a list").iter().find(|set| set["name"] == "mnist").expect("MNIST");
    assert_eq!(mnist["state"], "present");
    let part = mnist["parts"].as_array().expect("parts").iter().find(|part| part["name"] == "test-images").expect("it");
    let path = "/api/data/mnist/test-images";
    let plain = server.get_with(path, &[("accept-encoding", "identity")]);
    assert_eq!(plain.body.len() as u64, part["bytes"].as_u64().expect("a number"));
    assert!(plain.header("etag").contains(part["sha256"].as_str().expect("a sum")));
    assert!(plain.header("cache-control").contains("immutable"));
    let compact = server.get_with(path, &[("accept-encoding", "gzip")]);
    // The client inflates by itself, and forgets that it did.
    assert!(compact.body == plain.body && compact.header("etag") != plain.header("etag"));
    let again = server.get_with(path, &[("accept-encoding", "gzip"), ("if-none-match", compact.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let head = format!("HEAD {path} HTTP/1.1\r\nhost: HOST\r\naccept-encoding: gzip\r\n\r\n");
    let head = said(server.origin.trim_start_matches("http://"), &head);
    assert!(head.contains("content-encoding: gzip\r\n") && head.contains("content-length: 1648877\r\n"), "{head}");
    assert_eq!(server.get("/api/data/mnist/nothing").status, 404);
}

#[test]
fn cifar10_goes_to_the_browser_a_part_at_a_time() {
    let server = Server::start_with(&["--data-dir", &data_dir().to_string_lossy()]);
    let sets = server.get("/api/data").json();
    let editions = ["cifar10", "cifar10-jpeg"].map(|name| {
        sets.as_array().expect("a list").iter().find(|set| set["name"] == name).expect("it is listed").clone()
    });
    let here = editions.iter().find(|set| set["state"] == "present").expect("CIFAR-10 in the folder of data");
    let part = here["parts"].as_array().expect("parts").iter().find(|part| part["name"] == "test").expect("it");
    let path = format!("/api/data/{}/test", here["name"].as_str().expect("a name"));
    let begun = std::time::Instant::now();
    let plain = server.get_with(&path, &[("accept-encoding", "gzip")]);
    println!("{path}: {} bytes in {:.2} s", plain.body.len(), begun.elapsed().as_secs_f64());
    assert_eq!(plain.body.len(), 10_000 * 3_073);
    assert_eq!(part["bytes"], plain.body.len());
    let sum = part["sha256"].as_str().expect("a sum");
    assert!(plain.header("etag").contains(sum) && plain.header("cache-control").contains("immutable"));
    let again = server.get_with(&path, &[("if-none-match", plain.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(server.get("/api/data/cifar10/train-6").status, 404);
    let nobody = server.post("/api/data/cifar10-jpeg/fetch", &serde_json::json!({}));
    assert_eq!(nobody.status, 409);
    assert_error(&nobody.json());
    #[cfg(target_os = "linux")]
    assert!(kilobytes(&server) < 100_000, "it keeps nothing of it: {} KB", kilobytes(&server));
}

#[cfg(target_os = "linux")]
fn kilobytes(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_server_takes_little_memory() {
    let server = Server::start();
    assert_eq!(server.get("/").status, 200);
    let kilobytes = kilobytes(&server);
    kindling_tests::budget::report("an idle server's memory", kilobytes as f64 / 1000.0, 100.0, "MB");
    assert!(kilobytes < 100_000, "{kilobytes} KB");
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
