//! Files that know one another by name, linked by content hash.
//!
//! A text file says `{{asset:NAME}}` where it means the address of another file. An address contains the hash
//! of the content, so whatever is named is linked before whoever names it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::questions::CATALOGUE;
use super::{Options, sha256_hex};

/// A file before linking.
pub struct Source {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file with its address.
pub struct Asset {
    pub name: String,
    pub path: String,
    pub media_type: &'static str,
    pub immutable: bool,
    pub sha256: String,
    pub bytes: Vec<u8>,
}

/// Everything in `static/`, without the notes meant for people.
pub fn read_static(folder: &Path, cpu_only: bool) -> Result<Vec<Source>> {
    let mut sources = read_folder(folder)?;
    sources.retain(|source| !(source.name.ends_with(".md") || cpu_only && is_gpu(&source.name)));
    Ok(sources)
}

/// All files of a folder, by their paths in it, in order.
pub fn read_folder(folder: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))? {
            let path = entry?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() {
                folders.push(path);
            } else if !hidden {
                let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
                sources.push(Source { name, bytes: fs::read(&path)? });
            }
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(sources)
}

pub fn link(sources: Vec<Source>, options: &Options) -> Result<Vec<Asset>> {
    let mut linker = Linker { options, waiting: BTreeMap::new(), linked: BTreeMap::new(), order: Vec::new() };
    for source in sources {
        if let Some(twice) = linker.waiting.insert(source.name.clone(), source) {
            bail!("`{}` exists twice", twice.name);
        }
    }
    while let Some(name) = linker.waiting.keys().next().cloned() {
        linker.address(&name, &mut Vec::new())?;
    }
    Ok(linker.order)
}

struct Linker<'a> {
    options: &'a Options,
    waiting: BTreeMap<String, Source>,
    /// Name to address.
    linked: BTreeMap<String, String>,
    order: Vec<Asset>,
}

impl Linker<'_> {
    /// Links a file, and before it all that it names. `above` is the way here, to name a circle.
    fn address(&mut self, name: &str, above: &mut Vec<String>) -> Result<String> {
        if let Some(path) = self.linked.get(name) {
            return Ok(path.clone());
        }
        let Some(source) = self.waiting.remove(name) else {
            return self.absent(name, above);
        };
        let (media_type, text) = media_type(name)?;
        above.push(name.to_owned());
        let bytes = if text {
            let content = String::from_utf8(source.bytes).with_context(|| format!("`{name}` is not UTF-8"))?;
            self.fill(&content, above)?.into_bytes()
        } else {
            source.bytes
        };
        above.pop();
        let sha256 = sha256_hex(&bytes);
        let immutable = name != "index.html";
        let path = if immutable { hashed(name, &sha256[..8]) } else { format!("/{name}") };
        self.linked.insert(name.to_owned(), path.clone());
        self.order.push(Asset { name: name.to_owned(), path: path.clone(), media_type, immutable, sha256, bytes });
        Ok(path)
    }

    fn fill(&mut self, content: &str, above: &mut Vec<String>) -> Result<String> {
        const OPEN: &str = "{{asset:";
        let mut filled = String::with_capacity(content.len());
        let mut rest = content;
        while let Some(at) = rest.find(OPEN) {
            filled.push_str(&rest[..at]);
            let after = &rest[at + OPEN.len()..];
            let end = after.find("}}").with_context(|| format!("`{}`: `{OPEN}` without `}}}}`", above.join(" > ")))?;
            filled.push_str(&self.address(&after[..end], above)?);
            rest = &after[end + 2..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn absent(&self, name: &str, above: &[String]) -> Result<String> {
        let way = above.join(" > ");
        if above.iter().any(|one| one == name) {
            bail!("`{way}` names `{name}`: a circle, and no file's hash can contain itself");
        }
        if self.options.cpu_only && is_gpu(name) {
            return Ok(String::new());
        }
        if self.options.fast && name.starts_with("models/") {
            eprintln!("    note: `{name}` is not in static/ yet; its address is left empty");
            return Ok(String::new());
        }
        bail!("`{way}` names `{name}`, which is neither in static/ nor built")
    }
}

/// What `--cpu-only` leaves out.
fn is_gpu(name: &str) -> bool {
    name.starts_with("engine-gpu") || name == "gpu-guard.js"
}

/// `models/x/manifest.json` becomes `/assets/models/x/manifest-1a2b3c4d.json`.
fn hashed(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("/assets/{stem}-{hash}.{extension}"),
        None => format!("/assets/{name}-{hash}"),
    }
}

/// The media type, and whether `{{asset:…}}` is looked for.
fn media_type(name: &str) -> Result<(&'static str, bool)> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(match extension {
        "html" => ("text/html; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "webmanifest" => ("application/manifest+json", true),
        "svg" => ("image/svg+xml", false),
        // The catalogue names the other files of the questions; any other JSON is taken as it is.
        "json" => ("application/json", name == CATALOGUE),
        "txt" => ("text/plain; charset=utf-8", false),
        "wasm" => ("application/wasm", false),
        "safetensors" => ("application/octet-stream", false),
        "png" => ("image/png", false),
        "webp" => ("image/webp", false),
        "ico" => ("image/x-icon", false),
        "woff2" => ("font/woff2", false),
        _ => bail!("`static/{name}`: no media type is known for `.{extension}`; add it to xtask/src/web/assets.rs"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Vec<Source> {
        files.iter().map(|(name, text)| Source { name: name.to_string(), bytes: text.as_bytes().to_vec() }).collect()
    }

    fn find<'a>(assets: &'a [Asset], name: &str) -> &'a Asset {
        assets.iter().find(|asset| asset.name == name).unwrap()
    }

    #[test]
    fn a_change_deep_down_changes_every_address_above_it() {
        let files = |engine| {
            sources(&[
                ("index.html", "<script src=\"{{asset:boot.js}}\"></script>"),
                ("boot.js", "import('{{asset:engine.js}}')"),
                ("engine.js", engine),
            ])
        };
        let one = link(files("1"), &Options::default()).unwrap();
        let two = link(files("2"), &Options::default()).unwrap();
        for name in ["engine.js", "boot.js"] {
            assert_ne!(find(&one, name).path, find(&two, name).path);
        }
        let page = find(&one, "index.html");
        assert_eq!(page.path, "/index.html");
        assert!(!page.immutable);
        assert!(String::from_utf8_lossy(&page.bytes).contains(&find(&one, "boot.js").path));
    }

    #[test]
    fn a_circle_and_an_unknown_name_are_refused_by_name() {
        let circle = link(sources(&[("a.js", "{{asset:b.js}}"), ("b.js", "{{asset:a.js}}")]), &Options::default());
        assert!(circle.err().unwrap().to_string().contains("circle"));
        let unknown = link(sources(&[("a.js", "{{asset:lost.js}}")]), &Options::default());
        assert!(unknown.err().unwrap().to_string().contains("lost.js"));
    }

    #[test]
    fn without_the_gpu_engine_its_address_is_empty() {
        let page = || sources(&[("index.html", "[{{asset:engine-gpu-worker.js}}]")]);
        let options = Options { cpu_only: true, ..Options::default() };
        assert_eq!(link(page(), &options).unwrap()[0].bytes, b"[]");
        assert!(link(page(), &Options::default()).is_err());
    }
}
