//! What the documents say is so.

use std::collections::BTreeSet;
use std::path::Path;

use kindling_tests::root;

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn both_readmes_give_the_same_two_commands_and_xtask_has_them() {
    let commands = read("xtask/src/main.rs");
    for name in ["README.md", "README.zh.md"] {
        let text = read(name);
        let given: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("cargo xtask ")).collect();
        assert_eq!(given, ["serve", "test"], "{name}");
        for command in given {
            let variant = format!("{}{}", command[..1].to_uppercase(), &command[1..]);
            assert!(commands.contains(&format!("    {variant}")), "xtask has no command `{command}`");
        }
    }
}

#[test]
fn every_command_that_a_document_names_exists() {
    let main = read("xtask/src/main.rs");
    for name in DOCUMENTS {
        for rest in read(name).split("cargo xtask ").skip(1) {
            let command: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            let variant: String =
                command.split('-').map(|word| format!("{}{}", word[..1].to_uppercase(), &word[1..])).collect();
            assert!(main.contains(&format!("    {variant}")), "{name} names `cargo xtask {command}`");
        }
    }
}

const DOCUMENTS: [&str; 4] = ["README.md", "README.zh.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

#[test]
fn links_between_documents_lead_somewhere() {
    for name in DOCUMENTS {
        for rest in read(name).split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.starts_with("http") {
                continue;
            }
            assert!(root().join(target).exists(), "{name} links to {target}");
        }
    }
}

#[test]
fn the_picture_is_real_and_small() {
    let text = read("README.md");
    let picture = text.split("![").nth(1).and_then(|rest| rest.split(['(', ')']).nth(1)).expect("a picture");
    let bytes = std::fs::read(root().join(picture)).unwrap_or_else(|error| panic!("{picture}: {error}"));
    assert!(bytes.len() < 300_000, "{picture} has {} bytes", bytes.len());
    assert!(read("README.zh.md").contains("!["), "README.zh.md has no picture");
}

#[test]
fn the_map_is_short_and_agrees_with_the_folders() {
    let text = read("ARCHITECTURE.md");
    assert!(text.lines().count() <= 150, "ARCHITECTURE.md has {} lines", text.lines().count());
    let map = text.split("```").nth(1).expect("the map stands in a block");
    let on_the_map: BTreeSet<String> = paths_of(map);
    for path in &on_the_map {
        assert!(root().join(path).exists(), "the map shows {path}, which is not there");
    }
    for folder in ["", "frontend/src", "backend/src", "shared", "shared/labs/src", "static"] {
        for entry in std::fs::read_dir(root().join(folder)).expect("a folder") {
            let entry = entry.expect("an entry").path();
            let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
            if entry.is_dir() && !name.starts_with('.') && !["target", "dist"].contains(&&name[..]) {
                let path = Path::new(folder).join(&name).to_string_lossy().into_owned();
                assert!(on_the_map.contains(&path), "the map lacks {path}");
            }
        }
    }
}

/// A map line is `name/   what it is`, two more spaces a level.
fn paths_of(map: &str) -> BTreeSet<String> {
    let mut above: Vec<String> = Vec::new();
    let mut paths = BTreeSet::new();
    for line in map.lines().filter(|line| !line.trim().is_empty()) {
        let depth = (line.len() - line.trim_start().len()) / 2;
        let name = line.trim_start().split("  ").next().unwrap_or_default().trim();
        // Continued descriptions stand far to the right.
        if depth > above.len() || name.contains(' ') {
            continue;
        }
        above.truncate(depth);
        above.push(name.trim_end_matches('/').to_owned());
        paths.insert(above.join("/"));
    }
    paths
}

#[test]
fn contributing_opens_with_adding_a_lab() {
    let text = read("CONTRIBUTING.md");
    let heading = text.lines().find(|line| line.starts_with("## ")).unwrap_or_default();
    assert_eq!(heading, "## Add a lab");
}
