//! The rules of the house, held by reading the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use kindling_tests::root;

/// Longer files hold more than one idea.
const LINES: usize = 400;

#[test]
fn every_rust_file_opens_by_saying_what_it_is() {
    let without: Vec<_> = sources("rs").into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(name).collect();
    assert!(without.is_empty(), "these do not open with `//! `: {without:#?}");
}

#[test]
fn no_source_file_is_long() {
    let long: Vec<_> = ["rs", "js", "css"]
        .into_iter()
        .flat_map(sources)
        .filter(|(_, text)| text.lines().count() > LINES)
        .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "these are over {LINES} lines: {long:#?}");
}

#[test]
fn nothing_is_left_to_do_later() {
    // Put together at run time, so that this file does not hold them itself.
    let marks =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat(), ["unimplemented", "!("].concat()];
    let found: Vec<_> = ["rs", "js", "css", "html"]
        .into_iter()
        .flat_map(sources)
        .filter(|(_, text)| marks.iter().any(|mark| text.contains(mark)))
        .map(name)
        .collect();
    assert!(found.is_empty(), "these leave something to do: {found:#?}");
}

#[test]
fn no_tracked_file_names_a_machine() {
    let places = [["/", "work/"].concat(), ["/", "root/"].concat(), ["/", "home/"].concat(), ["/", "Users/"].concat()];
    for (path, text) in tracked_texts() {
        for place in &places {
            assert!(!text.contains(place.as_str()), "{path} names {place}, which only exists on somebody's machine");
        }
    }
}

/// Who may use whom, among the packages of the workspace. What is not here is forbidden.
const MAY_USE: &[(&str, &[&str])] = &[
    ("kindling-protocol", &[]),
    ("kindling-statistics", &[]),
    ("kindling-labs", &["kindling-protocol", "kindling-statistics"]),
    ("kindling-web", &["kindling-protocol", "kindling-statistics"]),
    ("kindling-engine", &["kindling-labs", "kindling-protocol", "kindling-statistics"]),
    ("kindling", &["kindling-labs", "kindling-protocol", "kindling-statistics"]),
    ("kindling-tests", &["kindling-protocol", "kindling-statistics"]),
    ("xtask", &["kindling-protocol"]),
];

#[test]
fn packages_depend_in_one_direction() {
    let allowed: BTreeMap<_, BTreeSet<_>> =
        MAY_USE.iter().map(|(package, uses)| (*package, uses.iter().copied().collect())).collect();
    let mut seen = BTreeSet::new();
    for (path, text) in tracked_texts() {
        if !path.ends_with("Cargo.toml") || path == "Cargo.toml" {
            continue;
        }
        let package = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let package = package.unwrap_or_else(|| panic!("{path} names no package"));
        let may = allowed.get(package).unwrap_or_else(|| panic!("`{package}` is new: say in MAY_USE what it may use"));
        let used = text.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
        for other in used.filter(|word| allowed.contains_key(word)) {
            assert!(may.contains(other), "{package} uses {other}");
        }
        seen.insert(package.to_owned());
    }
    assert_eq!(seen.len(), MAY_USE.len(), "MAY_USE speaks of packages that are gone");
}

#[test]
fn the_page_does_not_link_burn() {
    // Not `--offline`: on a new machine this is the first to read the page's packages.
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "-p", "kindling-web", "--target", "wasm32-unknown-unknown"])
        .args(["-e", "normal", "--prefix", "none"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(tree.contains("kindling-protocol"), "an unexpected answer of cargo tree: {tree}");
    let burn: Vec<_> = tree.lines().filter(|line| line.starts_with("burn") || line.starts_with("cubecl")).collect();
    assert!(burn.is_empty(), "the page links {burn:?}");
}

/// Inside a package: files under a path that do not mention these words, comments left aside.
const ABSENCES: &[(&str, &[&str], &str)] = &[
    ("shared/labs/src/nn/", &["crate::labs", "crate::train"], "an architecture knows nothing of labs or training"),
    (
        "shared/labs/src/data/",
        &["crate::labs", "crate::train", "crate::nn"],
        "data knows nothing of labs, training or nets",
    ),
    ("shared/labs/src/train/", &["crate::labs"], "the loop knows no lab"),
    (
        "shared/labs/src/",
        &["std::fs", "std::net", "std::time", "std::thread", "tokio", "Instant::now", "SystemTime"],
        "what learns has no input, no output, no clock and spawns nothing: the host has",
    ),
    ("shared/protocol/src/", &["burn", "std::fs", "std::net", "std::time"], "the protocol is plain data"),
    ("frontend/src/pages/", &["gloo::net", "fetch_with"], "only frontend/src/api.rs fetches"),
    ("frontend/src/components/", &["gloo::net", "fetch_with"], "only frontend/src/api.rs fetches"),
    ("frontend/src/charts/", &["gloo::net", "fetch_with"], "only frontend/src/api.rs fetches"),
    ("backend/src/http/", &["rusqlite"], "only backend/src/store has SQL"),
    ("backend/src/runs/", &["rusqlite"], "only backend/src/store has SQL"),
    ("backend/src/registry/", &["rusqlite"], "only backend/src/store has SQL"),
    ("backend/src/cli/", &["rusqlite"], "only backend/src/store has SQL"),
];

#[test]
fn what_must_be_absent_is_absent() {
    let sources = sources("rs");
    for (folder, words, why) in ABSENCES {
        // `testing.rs` is only compiled for a package's own tests.
        let held = |path: &str| path.starts_with(folder) && !path.ends_with("/testing.rs");
        for (path, text) in sources.iter().filter(|(path, _)| held(path)) {
            for line in code(text) {
                for word in *words {
                    assert!(!line.contains(word), "{path}: `{}`: {why}", line.trim());
                }
            }
        }
    }
}

#[test]
fn a_lab_imports_no_other_lab() {
    let labs = lab_folders();
    for (path, text) in sources("rs").into_iter().filter(|(path, _)| path.starts_with("shared/labs/src/labs/")) {
        for lab in &labs {
            let module = lab.replace('-', "_");
            if path.starts_with(&format!("shared/labs/src/labs/{module}/")) || path == "shared/labs/src/labs/mod.rs" {
                continue;
            }
            for line in code(&text) {
                assert!(!line.contains(&format!("labs::{module}")), "{path} uses the lab {lab}: `{}`", line.trim());
            }
        }
    }
}

#[test]
fn every_lab_folder_is_in_the_registry_in_order() {
    let registry = std::fs::read_to_string(root().join("shared/labs/src/labs/mod.rs")).expect("the registry");
    let labs = lab_folders();
    assert!(!labs.is_empty(), "there are no labs");
    let places: Vec<_> = labs
        .iter()
        .map(|lab| {
            let slice = registry.find("LABS: &[Lab]").expect("the registry is a slice called LABS");
            let entry = format!("{}::LAB", lab);
            slice + registry[slice..].find(&entry).unwrap_or_else(|| panic!("`{entry}` is not in the registry"))
        })
        .collect();
    assert!(places.is_sorted(), "the registry is not in the order of the alphabet");
}

/// Module names, in order.
fn lab_folders() -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(root().join("shared/labs/src/labs"))
        .expect("the folder of labs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Lines without comments and without the module's own tests, which may use the machine.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let tests = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..tests].lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn name((path, _): (String, String)) -> String {
    path
}

/// The tracked sources with this extension, with their paths from the root.
fn sources(extension: &str) -> Vec<(String, String)> {
    let mut sources = tracked_texts();
    sources.retain(|(path, _)| path.ends_with(&format!(".{extension}")));
    assert!(!sources.is_empty(), "no .{extension} file is tracked");
    sources
}

/// Every tracked file that is text. Git knows what belongs to the repository.
fn tracked_texts() -> Vec<(String, String)> {
    let output = Command::new("git").current_dir(root()).args(["ls-files", "-z"]).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut texts = Vec::new();
    for path in output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
        let path = String::from_utf8(path.to_vec()).expect("a path in UTF-8");
        // A file that is deleted but not yet committed is still listed.
        let Ok(bytes) = std::fs::read(root().join(PathBuf::from(&path))) else { continue };
        if let Ok(text) = String::from_utf8(bytes) {
            texts.push((path, text));
        }
    }
    texts
}
