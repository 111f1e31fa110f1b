//! A crate compiled to WebAssembly and bound to JavaScript.
//!
//! wasm-bindgen runs as a library, so that nobody installs its command line in the right version.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::assets::Source;
use super::{read, sha256_hex, split};
use crate::{cargo, say};

/// Where the parts of a split module lie, in the folder of what is bound.
const PARTS: &str = "parts";

pub struct Bundle {
    pub title: &'static str,
    /// What `{{asset:…}}` calls it: `NAME.js` and `NAME.wasm`.
    name: &'static str,
    package: &'static str,
    features: &'static [&'static str],
    kind: Kind,
    /// Left out by `--cpu-only`.
    pub gpu: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Made small, and split into what the first screen needs and the rest.
    Page,
    /// Made fast.
    Engine,
}

pub const BUNDLES: &[Bundle] = &[
    Bundle { title: "Page", name: "web", package: "kindling-web", features: &[], kind: Kind::Page, gpu: false },
    Bundle {
        title: "CPU engine",
        name: "engine-cpu",
        package: "kindling-engine",
        features: &[],
        kind: Kind::Engine,
        gpu: false,
    },
    Bundle {
        title: "GPU engine (the first build takes a quarter of an hour on two cores)",
        name: "engine-gpu",
        package: "kindling-engine",
        features: &["--features", "webgpu"],
        kind: Kind::Engine,
        gpu: true,
    },
];

/// The engines as `cargo xtask bench` times them: the product's, with the cells of the bench added.
pub const BENCH: &[Bundle] = &[
    Bundle {
        title: "CPU engine with the cells of the bench",
        name: "bench-cpu",
        package: "kindling-engine",
        features: &["--features", "bench"],
        kind: Kind::Engine,
        gpu: false,
    },
    Bundle {
        title: "GPU engine with the cells of the bench",
        name: "bench-gpu",
        package: "kindling-engine",
        features: &["--features", "webgpu,bench"],
        kind: Kind::Engine,
        gpu: true,
    },
];

/// The generated JavaScript only fits the very version of wasm-bindgen that the crates were compiled with.
pub fn check_versions() -> Result<()> {
    let (crates, tool) = (cargo::locked_version("wasm-bindgen")?, cargo::locked_version("wasm-bindgen-cli-support")?);
    if crates != tool {
        bail!(
            "Cargo.lock has wasm-bindgen {crates} but wasm-bindgen-cli-support {tool}. They must be equal: set both to \
             the same `=` version in the workspace's Cargo.toml"
        );
    }
    Ok(())
}

impl Bundle {
    fn profile(&self) -> &'static str {
        match (self.kind, self.gpu) {
            (Kind::Page, _) => "page",
            (Kind::Engine, false) => "web-cpu",
            (Kind::Engine, true) => "web",
        }
    }

    /// Compiles and binds. Binding is skipped when the compiled module is the one of last time.
    pub fn build(&self) -> Result<Vec<Source>> {
        let mut command = cargo::cargo_wasm(&["build", "-p", self.package], self.profile());
        command.args(self.features);
        if self.kind == Kind::Page {
            // leptos then has one type for every element instead of one for each shape of it: a tenth smaller.
            // Without relocations a module cannot be split.
            const FLAGS: &str = "['--cfg', 'erase_components', '-C', 'link-args=--emit-relocs']";
            command.args(["--config", &format!("target.wasm32-unknown-unknown.rustflags={FLAGS}")]);
        }
        cargo::run(command)?;
        // The bench's engine has the file name of the product's: what is there now is read before the next build.
        let compiled = cargo::target_dir()
            .join(cargo::WASM)
            .join(self.profile())
            .join(format!("{}.wasm", self.package.replace('-', "_")));
        let module = read(&compiled)
            .with_context(|| format!("`{}` needs crate-type = [\"cdylib\"] in its Cargo.toml", self.package))?;

        let key = sha256_hex(&module);
        let folder = cargo::target_dir().join("xtask").join("bindgen").join(self.name);
        if fs::read_to_string(folder.join("key")).is_ok_and(|there| there == key) {
            eprintln!("    unchanged");
        } else {
            let start = std::time::Instant::now();
            self.bind(module, &folder)?;
            fs::write(folder.join("key"), key)?;
            eprintln!("    bound to JavaScript in {}", say::time(start.elapsed()));
        }
        self.sources(&folder)
    }

    fn bind(&self, module: Vec<u8>, folder: &Path) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let parts = folder.join(PARTS);
        fs::create_dir_all(&parts)?;
        let splits = self.kind == Kind::Page;
        let module = if splits { split::split(&module, &parts)? } else { module };
        Bindgen::new()
            .input_bytes(self.name, module)
            .web(true)?
            // What the first part exports for the later ones is not called from JavaScript, and still in use.
            .keep_lld_exports(splits)
            .typescript(false)
            // Whoever starts a module passes its hashed address; a guessed one would be wrong.
            .omit_default_module_path(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(folder)
            .with_context(|| format!("wasm-bindgen could not bind `{}`", self.package))
    }

    fn sources(&self, folder: &Path) -> Result<Vec<Source>> {
        let mut script = String::from_utf8(read(&folder.join(format!("{}.js", self.name)))?)?;
        let mut sources = vec![Source {
            name: format!("{}.wasm", self.name),
            bytes: read(&folder.join(format!("{}_bg.wasm", self.name)))?,
        }];
        if self.kind == Kind::Page {
            let (joined, parts) = split::join(&script, &folder.join(PARTS), self.name)?;
            script = joined;
            sources.extend(parts);
        }
        // JavaScript that crates bring along is imported by a relative path; it gets a hashed address as all else.
        let snippets = folder.join("snippets");
        if snippets.is_dir() {
            for mut snippet in super::assets::read_folder(&snippets)? {
                snippet.name = format!("{}-snippets/{}", self.name, snippet.name);
                sources.push(snippet);
            }
        }
        sources
            .push(Source { name: format!("{}.js", self.name), bytes: link_snippets(&script, self.name).into_bytes() });
        Ok(sources)
    }
}

/// `from './snippets/a/inline0.js'` becomes `from '{{asset:BUNDLE-snippets/a/inline0.js}}'`.
fn link_snippets(script: &str, bundle: &str) -> String {
    let mut linked = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find("./snippets/") {
        let (before, path) = rest.split_at(at);
        let path = &path["./snippets/".len()..];
        let end = path.find(['\'', '"']).unwrap_or(path.len());
        linked.push_str(before);
        linked.push_str(&format!("{{{{asset:{bundle}-snippets/{}}}}}", &path[..end]));
        rest = &path[end..];
    }
    linked.push_str(rest);
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_become_assets() {
        let script = "import { a } from './snippets/x-1/inline0.js';\nimport { b } from \"./snippets/y/b.js\";\n";
        assert_eq!(
            link_snippets(script, "web"),
            "import { a } from '{{asset:web-snippets/x-1/inline0.js}}';\n\
             import { b } from \"{{asset:web-snippets/y/b.js}}\";\n"
        );
        assert_eq!(link_snippets("no imports", "web"), "no imports");
    }
}
