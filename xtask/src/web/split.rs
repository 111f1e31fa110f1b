//! One compiled module made into two: what the first screen needs, and what is fetched later.
//!
//! The seams are functions marked `#[wasm_split(NAME, …)]` in the page. What only such a function reaches moves into
//! `BUNDLE-NAME.wasm`; memory, table and JavaScript stay in the first module. The linker must keep relocations for
//! it (`--emit-relocs`), and the split comes before wasm-bindgen, which throws them away.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

use super::assets::Source;
use super::read;

/// What the first module imports its loaders from; [`join`] puts them into the bundle's own script.
const LOADERS: &str = "./loaders.js";
const FIRST: &str = "first.wasm";
/// How the splitting crate names a part that one seam leads to.
const PART: &str = "split_";

/// Writes the parts of `module` into `folder` and gives back the first, which wasm-bindgen binds.
pub fn split(module: &[u8], folder: &Path) -> Result<Vec<u8>> {
    let first = folder.join(FIRST);
    let mut options = Options::new(module);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.link_name = LOADERS;
    transform(options).map_err(|error| anyhow!("the module could not be split: {error:#}"))?;
    read(&first)
}

/// The later parts as files of the bundle, and the script that wasm-bindgen wrote with their loaders in it.
///
/// The splitting crate writes the loaders as a module that imports the script that imports it. A circle of files
/// cannot be named by their content, so here both become one file.
pub fn join(script: &str, folder: &Path, bundle: &str) -> Result<(String, Vec<Source>)> {
    let loaders = String::from_utf8(read(&folder.join(LOADERS))?).context(LOADERS)?;
    let mut parts = Vec::new();
    let mut names = Vec::new();
    let mut body = String::new();
    for line in loaders.lines() {
        if let Some(constant) = line.strip_prefix("export const ") {
            names.push(constant.split(' ').next().unwrap_or_default().to_owned());
            body.push_str("const ");
            body.push_str(constant);
        } else if !line.starts_with("import ") {
            body.push_str(line);
        }
        body.push('\n');
    }
    for file in fs::read_dir(folder)? {
        let file = file?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = file.strip_suffix(".wasm").filter(|_| file != FIRST) {
            let name = format!("{bundle}-{}.wasm", stem.strip_prefix(PART).unwrap_or(stem));
            let address = format!("\"./{file}\"");
            if !body.contains(&address) {
                bail!("no loader fetches {file}");
            }
            body = body.replace(&address, &format!("\"{{{{asset:{name}}}}}\""));
            parts.push(Source { name, bytes: without_custom_sections(&read(&folder.join(file))?)? });
        }
    }
    parts.sort_by(|one, other| one.name.cmp(&other.name));

    let import = script
        .lines()
        .find(|line| line.starts_with("import * as ") && line.contains(LOADERS))
        .with_context(|| format!("the script of `{bundle}` does not import {LOADERS}"))?;
    let alias = import.split(' ').nth(3).context("an import without a name")?;
    let object = format!("const {alias} = {{ {} }};", names.join(", "));
    Ok((format!("{}\n{body}{object}\n", script.replacen(import, "", 1)), parts))
}

/// Names of functions and notes of tools: useful to nobody who only runs the module.
fn without_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let mut kept = module.get(..HEADER).context("not a WebAssembly module")?.to_vec();
    let mut rest = &module[HEADER..];
    while let [id, after @ ..] = rest {
        let (length, digits) = leb128(after).context("a section without a length")?;
        let whole = rest.get(..1 + digits + length).context("a section that is cut short")?;
        if *id != CUSTOM {
            kept.extend_from_slice(whole);
        }
        rest = &rest[whole.len()..];
    }
    Ok(kept)
}

/// An unsigned LEB128 number of at most 32 bits, and how many bytes it took.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_loaders_become_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = "import { initSync } from \"./web.js\";\n\nfunction makeLoad() {}\n\
                       export const __wasm_split_load_later = makeLoad(\"./split_later.wasm\");\n";
        fs::write(folder.path().join("loaders.js"), loaders).unwrap();
        fs::write(folder.path().join("split_later.wasm"), b"\0asm\x01\0\0\0\x00\x02ab\x01\x01c").unwrap();
        fs::write(folder.path().join("first.wasm"), b"").unwrap();
        let script = "import * as import1 from \"./loaders.js\"\nreturn { \"./loaders.js\": import1, };\n";
        let (joined, parts) = join(script, folder.path(), "web").unwrap();
        assert!(!joined.contains("import ") && !joined.contains("export "), "{joined}");
        assert!(joined.contains("makeLoad(\"{{asset:web-later.wasm}}\")"), "{joined}");
        assert!(joined.ends_with("const import1 = { __wasm_split_load_later };\n"), "{joined}");
        assert_eq!(parts.len(), 1);
        assert_eq!((&parts[0].name[..], &parts[0].bytes[..]), ("web-later.wasm", &b"\0asm\x01\0\0\0\x01\x01c"[..]));
        assert!(join("no import", folder.path(), "web").is_err());
    }

    #[test]
    fn a_number_of_several_bytes_and_one_without_end() {
        assert_eq!(leb128(&[0xe5, 0x8e, 0x26, 0xff]), Some((624_485, 3)));
        assert_eq!(leb128(&[0x80, 0x80]), None);
        assert!(without_custom_sections(b"\0asm\x01\0\0\0\x01\x05c").is_err());
    }
}
