//! Weights on their way: published from a run, read in parts, put by a browser, and refused when they are not right.

use kindling_tests::Server;
use serde_json::{Value, json};

/// A server with a finished run, and the run's id.
fn trained() -> (Server, String) {
    let server = Server::start_with(&["--data-dir", "no-such-folder"]);
    let id = trained_with(&server, 1);
    (server, id)
}

/// Trains a small network to its end on this server; the run's id.
pub fn trained_with(server: &Server, seed: u64) -> String {
    let knobs = json!({ "model": "mlp", "data": "generated", "samples": 500, "epochs": 2, "width": 16 });
    let run = server.post("/api/runs", &json!({ "lab": "digits", "seed": seed, "device": "cpu", "knobs": knobs }));
    assert_eq!(run.status, 201, "{}", run.text());
    let id = run.json()["id"].as_str().expect("an id").to_string();
    // The stream ends with the run.
    let events = server.get(&format!("/api/runs/{id}/events")).text();
    assert!(events.contains("\"type\":\"report\""), "{events}");
    id
}

pub fn publish(server: &Server, id: &str, name: &str) -> Value {
    let reply = server.post(&format!("/api/runs/{id}/publish"), &json!({ "name": name }));
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

pub fn blob(server: &Server, sha256: &Value) -> Vec<u8> {
    let reply = server.get(&format!("/api/blobs/{}", sha256.as_str().expect("a hash")));
    assert_eq!(reply.status, 200);
    reply.body
}

pub fn sha256(bytes: &[u8]) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sha256sum");
    child.stdin.take().expect("piped").write_all(bytes).expect("it reads");
    let output = child.wait_with_output().expect("it ends").stdout;
    String::from_utf8_lossy(&output).split_whitespace().next().expect("a sum").to_string()
}

#[test]
fn a_published_run_is_a_version_that_never_changes() {
    let (server, id) = trained();
    let first = publish(&server, &id, "my-digits");
    let second = publish(&server, &id, "my-digits");
    assert_eq!((first["version"].as_u64(), second["version"].as_u64()), (Some(1), Some(2)));
    assert_eq!(server.get("/api/models/my-digits/1").json(), first);
    let versions = server.get("/api/models/my-digits").json();
    assert_eq!(versions, json!([second, first]));
    assert!(server.get("/api/models").json().as_array().is_some_and(|models| models.contains(&second)));
    assert_eq!(server.get("/api/models/my-digits/3").status, 404);
    let weights = first["manifest"]["weights"].as_array().expect("weights");
    let kinds: Vec<&str> = weights.iter().filter_map(|file| file["dtype"].as_str()).collect();
    assert_eq!(kinds, ["f32", "f16"]);
    for file in weights.iter().chain([&first["manifest"]["parity"]]) {
        let bytes = blob(&server, &file["sha256"]);
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["sha256"], sha256(&bytes));
    }
    // The same weights are at hand without publishing.
    let manifest = server.get(&format!("/api/runs/{id}/model")).json();
    assert_eq!(manifest["weights"][0], weights[0]);
    let hash = weights[0]["sha256"].as_str().expect("a hash");
    assert_eq!(server.get(&format!("/api/runs/{id}/model/{hash}")).body, blob(&server, &weights[0]["sha256"]));
    for name in ["", "Digits", "../x", "a b"] {
        let reply = server.post(&format!("/api/runs/{id}/publish"), &json!({ "name": name }));
        assert_eq!(
            (reply.status, reply.json()["error"]["code"].as_str()),
            (422, Some("invalid_model_name")),
            "{name:?}"
        );
    }
}

#[test]
fn a_blob_is_sent_in_parts_and_kept_forever() {
    let (server, id) = trained();
    let version = publish(&server, &id, "parts");
    let hash = version["manifest"]["weights"][0]["sha256"].as_str().expect("a hash");
    let path = format!("/api/blobs/{hash}");
    let whole = server.get(&path);
    let etag = format!("\"{hash}\"");
    assert_eq!((whole.header("etag"), whole.header("accept-ranges")), (etag.as_str(), "bytes"));
    assert!(whole.header("cache-control").contains("immutable"));
    assert_eq!(whole.header("content-encoding"), "");
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    let half = whole.body.len() / 2;
    let range = format!("bytes={half}-");
    let rest = server.get_with(&path, &[("range", &range), ("if-range", &etag)]);
    assert_eq!(rest.status, 206);
    assert_eq!(rest.header("content-range"), format!("bytes {half}-{}/{}", whole.body.len() - 1, whole.body.len()));
    assert_eq!(rest.body, whole.body[half..]);
    assert_eq!(server.get_with(&path, &[("range", &range), ("if-range", "\"other\"")]).status, 200);
    assert_eq!(server.get_with(&path, &[("if-none-match", &etag)]).status, 304);
    let beyond = server.get_with(&path, &[("range", "bytes=99999999-")]);
    assert_eq!((beyond.status, beyond.json()["error"]["code"].as_str()), (416, Some("range_not_satisfiable")));
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", whole.body.len()));
}

/// A safetensors file taken apart: its header, and the data.
pub fn take_apart(file: &[u8]) -> (Value, Vec<u8>) {
    let length = u64::from_le_bytes(file[..8].try_into().expect("eight bytes")) as usize;
    (serde_json::from_slice(&file[8..8 + length]).expect("a header"), file[8 + length..].to_vec())
}

pub fn put_together(header: &Value, data: &[u8]) -> Vec<u8> {
    let mut text = header.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    [&(text.len() as u64).to_le_bytes()[..], &text, data].concat()
}

#[test]
fn weights_that_are_not_right_are_refused_each_with_its_code() {
    let (server, id) = trained();
    let version = publish(&server, &id, "source");
    let manifest = &version["manifest"];
    let weights = blob(&server, &manifest["weights"][0]["sha256"]);
    let count = |server: &Server| server.get("/api/models").json().as_array().map_or(0, Vec::len);
    let models = count(&server);

    // In transit: a flipped bit and a cut file are not what they were said to be.
    let mut flipped = weights.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let hash = sha256(&[&weights[..], b"!"].concat());
    for bytes in [&flipped[..], &weights[..weights.len() - 1]] {
        let put = server.put(&format!("/api/blobs/{hash}"), "application/octet-stream", bytes);
        assert_eq!((put.status, put.json()["error"]["code"].as_str()), (422, Some("wrong_hash")));
        assert_eq!(server.get(&format!("/api/blobs/{hash}")).status, 404, "nothing of it is kept");
    }

    // Whole files that are no weights of this model.
    let (header, data) = take_apart(&weights);
    let tensors: Vec<String> =
        header.as_object().expect("an object").keys().filter(|key| *key != "__metadata__").cloned().collect();
    let last = tensors.iter().max_by_key(|name| header[*name]["data_offsets"][1].as_u64()).expect("tensors");
    let mut missing = header.clone();
    let from = missing[last]["data_offsets"][0].as_u64().expect("an offset") as usize;
    missing.as_object_mut().expect("an object").remove(last);
    let mut renamed = header.clone();
    renamed["stranger"] = json!({ "dtype": "F32", "shape": [0], "data_offsets": [data.len(), data.len()] });
    let matrix = tensors.iter().find(|name| header[*name]["shape"].as_array().is_some_and(|shape| shape.len() == 2));
    let matrix = matrix.expect("a matrix");
    let mut turned = header.clone();
    turned[matrix]["shape"].as_array_mut().expect("a shape").reverse();
    let mut typed = header.clone();
    typed[matrix]["dtype"] = "I32".into();
    let mut not_a_number = data.clone();
    not_a_number[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut other: Vec<u8> = data.clone();
    other.chunks_exact_mut(4).for_each(|word| word[3] ^= 0x80);
    for (file, code) in [
        (put_together(&missing, &data[..from]), "missing_tensor"),
        (put_together(&renamed, &data), "unexpected_tensor"),
        (put_together(&turned, &data), "wrong_shape"),
        (put_together(&typed, &data), "wrong_type"),
        (put_together(&header, &not_a_number), "not_finite"),
        (put_together(&header, &other), "parity"),
        (put_together(&header, &data[..data.len() - 4]), "malformed"),
        (b"not a tensor file at all".to_vec(), "malformed"),
    ] {
        let hash = sha256(&file);
        assert_eq!(server.put(&format!("/api/blobs/{hash}"), "application/octet-stream", &file).status, 201);
        let mut said = manifest.clone();
        said["weights"] = json!([{ "dtype": "f32", "sha256": hash, "bytes": file.len() }]);
        let refused = server.post("/api/models", &said);
        assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (422, Some(code)), "{}", refused.text());
    }
    let mut said = manifest.clone();
    said["weights"][0]["bytes"] = json!(weights.len() + 1);
    assert_eq!(server.post("/api/models", &said).json()["error"]["code"], "wrong_length");
    said["weights"] = json!([{ "dtype": "f32", "sha256": "0".repeat(64), "bytes": 1 }]);
    assert_eq!(server.post("/api/models", &said).json()["error"]["code"], "missing_blob");
    let mut said = manifest.clone();
    said["labels"] = json!(["only one"]);
    assert_eq!(server.post("/api/models", &said).json()["error"]["code"], "manifest");
    assert_eq!(count(&server), models, "the models that were there are all there are");

    // As it was, it is taken: what a browser trained is published the same way.
    let taken = server.post("/api/models", manifest);
    assert_eq!((taken.status, taken.json()["version"].as_u64()), (201, Some(2)), "{}", taken.text());
}
