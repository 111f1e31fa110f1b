//! The page, the engines and the shipped model, inside the binary, compressed ahead of time.

use std::io::{self, Read};

use anyhow::Context;
use flate2::read::GzDecoder;
use kindling_protocol::model::Manifest;

use crate::registry::Shipped;

/// One file. At least one of `br`, `gz` and `raw` is there.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Without the hash: `web.js`, `models/digits-cnn/manifest.json`.
    pub name: &'static str,
    /// With the hash in its name, where `immutable`: `/assets/web-0123abcd.js`.
    pub path: &'static str,
    pub content_type: &'static str,
    pub immutable: bool,
    /// Of the bytes as they are used.
    pub sha256: &'static str,
    pub bytes: u64,
    pub br: Option<&'static [u8]>,
    pub gz: Option<&'static [u8]>,
    pub raw: Option<&'static [u8]>,
}

/// Made by `build.rs` from `dist/assets.json`; empty when the page was not built.
pub static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The page itself.
pub const INDEX: &str = "/index.html";

/// The models in the binary: every `manifest.json` there is, with the files it names.
pub fn shipped_models() -> anyhow::Result<Vec<Shipped>> {
    ASSETS.iter().filter(|asset| is_manifest(asset.name)).map(shipped).collect()
}

fn is_manifest(name: &str) -> bool {
    name.starts_with("models/") && name.ends_with("/manifest.json")
}

fn shipped(manifest: &'static Asset) -> anyhow::Result<Shipped> {
    let path = manifest.path;
    let manifest: Manifest =
        serde_json::from_slice(&manifest.inflate()?).with_context(|| format!("{path} is no manifest"))?;
    let named = manifest.weights.iter().map(|weights| &weights.file).chain([&manifest.parity]);
    let mut files = Vec::new();
    for file in named {
        // Not every precision is shipped.
        let Some(asset) = ASSETS.iter().find(|asset| asset.sha256 == file.sha256) else { continue };
        let bytes: &'static [u8] = match asset.raw {
            Some(raw) => raw,
            None => asset.inflate()?.leak(),
        };
        files.push((file.clone(), bytes));
    }
    Ok(Shipped { manifest, files })
}

pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

impl Asset {
    /// The bytes as they are used.
    pub fn inflate(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.bytes as usize);
        match self {
            Asset { raw: Some(raw), .. } => bytes.extend_from_slice(raw),
            Asset { gz: Some(gz), .. } => drop(GzDecoder::new(*gz).read_to_end(&mut bytes)?),
            _ => return Err(io::Error::other("an asset has neither its bytes nor a gzip of them")),
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    /// Holds whatever `dist/` was embedded; without one there is nothing to hold.
    #[test]
    fn what_is_embedded_is_what_the_table_says() {
        for asset in ASSETS {
            let bytes = asset.inflate().unwrap();
            assert_eq!(bytes.len() as u64, asset.bytes, "{}", asset.path);
            assert_eq!(format!("{:x}", Sha256::digest(&bytes)), asset.sha256, "{}", asset.path);
            assert_eq!(asset.immutable, asset.path != INDEX, "{}", asset.path);
        }
    }
}
