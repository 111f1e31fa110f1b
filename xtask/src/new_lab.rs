//! `cargo xtask new-lab`: a folder that trains something small, and its place in the registry.
//!
//! The template is Rust as it stands: kindling-labs compiles it with its tests and runs those (`labs/mod.rs` there).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::cargo;

#[derive(clap::Args)]
pub struct Options {
    /// The lab's name in links and commands: lower case, digits and `-`, such as `my-lab`
    slug: String,
}

pub fn new_lab(options: &Options) -> Result<()> {
    let slug = &options.slug;
    check(slug)?;
    let module = slug.replace('-', "_");
    let labs = cargo::root().join("shared/labs/src/labs");
    let folder = labs.join(&module);
    if folder.exists() {
        bail!("{} exists already", folder.display());
    }
    let registry = labs.join("mod.rs");
    let text = fs::read_to_string(&registry).with_context(|| registry.display().to_string())?;
    let registered = register(&text, &module)?;
    fs::create_dir(&folder)?;
    write(&folder.join("mod.rs"), &fill(include_str!("new_lab/template/mod.rs"), slug))?;
    write(&folder.join("spec.rs"), &fill(include_str!("new_lab/template/spec.rs"), slug))?;
    write(&registry, &registered)?;
    eprintln!("A lab that fits a line to points stands in shared/labs/src/labs/{module}/ and in the registry.");
    eprintln!("Try it:   cargo test --release -p kindling-labs -p kindling {module}");
    eprintln!("See it:   cargo xtask serve --cpu-only");
    Ok(())
}

fn check(slug: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let letter = slug.starts_with(|first: char| first.is_ascii_lowercase());
    if !letter || !slug.bytes().all(plain) || slug.ends_with('-') || slug.contains("--") || slug.len() > 40 {
        bail!("`{slug}` can't name a lab: lower case letters, digits and single `-`, beginning with a letter");
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| file.display().to_string())
}

/// As the template has it.
const SLUG: &str = "const SLUG: &str = \"my-lab\";";

fn fill(template: &str, slug: &str) -> String {
    template.replace(SLUG, &format!("const SLUG: &str = \"{slug}\";"))
}

/// Adds the module and the entry, each at its place in the alphabet.
fn register(registry: &str, module: &str) -> Result<String> {
    let open = "pub static LABS: &[Lab] = &[";
    let start = registry.find(open).context("the registry has no `LABS` slice")? + open.len();
    let end = start + registry[start..].find("];").context("the registry's slice has no end")?;
    let mut entries: Vec<&str> =
        registry[start..end].split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    let entry = format!("{module}::LAB");
    entries.push(&entry);
    entries.sort_unstable();
    let one_line = entries.join(", ");
    // As rustfmt would have it.
    let slice = if open.len() + one_line.len() + 2 <= 120 {
        one_line
    } else {
        format!("\n{}", entries.iter().map(|entry| format!("    {entry},\n")).collect::<String>())
    };
    let with_entry = format!("{}{slice}{}", &registry[..start], &registry[end..]);

    let mut modules: Vec<String> =
        with_entry.lines().filter(|line| line.starts_with("pub mod ")).map(str::to_owned).collect();
    modules.push(format!("pub mod {module};"));
    modules.sort_unstable();
    let first = with_entry.find("pub mod ").context("the registry names no module")?;
    let others: String = with_entry[first..]
        .lines()
        .filter(|line| !line.starts_with("pub mod "))
        .map(|line| format!("{line}\n"))
        .collect();
    Ok(format!("{}{}\n{others}", &with_entry[..first], modules.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_finds_its_place_in_the_alphabet() {
        let registry =
            "//! Labs.\n\npub mod digits;\n\nuse x;\n\npub static LABS: &[Lab] = &[digits::LAB];\n\nfn f() {}\n";
        let with = register(registry, "cartpole").unwrap();
        assert_eq!(
            with,
            "//! Labs.\n\npub mod cartpole;\npub mod digits;\n\nuse x;\n\n\
             pub static LABS: &[Lab] = &[cartpole::LAB, digits::LAB];\n\nfn f() {}\n"
        );
    }

    #[test]
    fn the_registry_as_it_is_takes_another_lab() {
        let registry = fs::read_to_string(cargo::root().join("shared/labs/src/labs/mod.rs")).unwrap();
        let with = register(&registry, "zebra").unwrap();
        assert!(with.contains("pub mod zebra;\n") && with.contains("zebra::LAB"), "{with}");
        let others: Vec<_> = with.lines().filter(|line| !line.contains("zebra")).collect();
        assert_eq!(others, registry.lines().collect::<Vec<_>>(), "nothing else is changed");
    }

    #[test]
    fn the_template_takes_the_name() {
        let filled = fill(include_str!("new_lab/template/mod.rs"), "q07-attention");
        assert!(filled.contains("const SLUG: &str = \"q07-attention\";") && !filled.contains("my-lab"));
    }

    #[test]
    fn only_a_plain_slug_is_taken() {
        for good in ["gan", "my-lab", "q2"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "My-lab", "-a", "a-", "a--b", "2q", "a/b", "../x", "a_b"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
