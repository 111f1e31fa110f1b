//! `kindling models`: out of one state folder and into another.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{all, json, kindling, text};

fn list(state: &str) -> Vec<(String, u64)> {
    let listed = json(&kindling(&["models", "list", "--json", "--state-dir", state]));
    let version = |model: &Value| (model["name"].to_string(), model["version"].as_u64().expect("a version"));
    listed.as_array().expect("a list").iter().map(version).collect()
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_model_goes_out_and_in_again_and_a_damaged_one_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let [shipped, published] = ["shipped", "published"].map(|name| folder.path().join(name));
    let state = folder.path().join("state").to_string_lossy().into_owned();
    let act = |arguments: &[&str]| kindling(&[&["models"][..], arguments, &["--state-dir", &state]].concat());

    let exported = act(&["export", "digits-cnn", "--to", &shipped.to_string_lossy()]);
    assert!(exported.status.success() && text(&exported.stdout).contains("version 0"), "{}", all(&exported));
    let imported = act(&["import", &shipped.to_string_lossy(), "--json"]);
    assert!(imported.status.success(), "{}", all(&imported));
    assert_eq!(json(&imported)["version"], 1);
    assert_eq!(list(&state), [("\"digits-cnn\"".to_string(), 1), ("\"digits-cnn\"".to_string(), 0)]);

    let again = act(&["export", "digits-cnn", "--version", "1", "--to", &published.to_string_lossy()]);
    assert!(again.status.success(), "{}", all(&again));
    for file in ["model.f16.safetensors", "parity.safetensors"] {
        assert!(read(&shipped, file) == read(&published, file), "{file} changed on the way");
    }
    let mut weights = read(&published, "model.f32.safetensors");
    let middle = weights.len() / 2;
    weights[middle] ^= 1;
    fs::write(published.join("model.f32.safetensors"), weights).expect("written");
    let refused = act(&["import", &published.to_string_lossy()]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("sha256"), "{}", all(&refused));
    assert_eq!(list(&state).len(), 2, "what was there is all there is");

    let unknown = act(&["export", "lost", "--to", &folder.path().join("lost").to_string_lossy()]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("no such model"), "{}", all(&unknown));
    assert!(!folder.path().join("lost").exists());
}
