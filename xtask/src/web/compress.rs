//! Compression ahead of time: done once a content, on all cores, and kept in the target folder.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::assets::Asset;
use crate::{cargo, say};

pub enum Packed {
    Compressed {
        br: Vec<u8>,
        gz: Vec<u8>,
    },
    /// Compression would not save a twentieth.
    Raw,
}

impl Packed {
    /// Bytes on the wire to a browser of today.
    pub fn transfer(&self, asset: &Asset) -> u64 {
        match self {
            Packed::Compressed { br, .. } => br.len() as u64,
            Packed::Raw => asset.bytes.len() as u64,
        }
    }
}

/// In the order of `assets`.
pub fn compress(assets: &[Asset], fast: bool) -> Result<Vec<Packed>> {
    let cache = Cache::open()?;
    let mut largest_first: Vec<usize> = (0..assets.len()).collect();
    largest_first.sort_by_key(|&index| assets[index].bytes.len());
    let queue = Mutex::new(largest_first);
    let done: Vec<Mutex<Option<Result<Packed>>>> = assets.iter().map(|_| Mutex::new(None)).collect();
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(index) = { queue.lock().expect("no worker panics").pop() } {
                    let packed = pack(&assets[index], fast, &cache);
                    *done[index].lock().expect("no worker panics") = Some(packed);
                }
            });
        }
    });
    cache.prune()?;
    done.into_iter().map(|slot| slot.into_inner().expect("no worker panics").expect("every index was queued")).collect()
}

fn pack(asset: &Asset, fast: bool, cache: &Cache) -> Result<Packed> {
    let quality = quality(fast);
    let br = cache.get(&format!("{}.q{quality}.br", asset.sha256), || {
        let start = std::time::Instant::now();
        let packed = brotli(&asset.bytes, quality)?;
        if start.elapsed() > Duration::from_secs(1) {
            let (from, to) = (say::size(asset.bytes.len() as u64), say::size(packed.len() as u64));
            eprintln!("    {}: {from} to {to}, brotli {quality}, {}", asset.name, say::time(start.elapsed()));
        }
        Ok(packed)
    })?;
    if br.len() * 20 > asset.bytes.len() * 19 {
        return Ok(Packed::Raw);
    }
    let level = if fast { 1 } else { 9 };
    let gz = cache.get(&format!("{}.l{level}.gz", asset.sha256), || gzip(&asset.bytes, level))?;
    Ok(Packed::Compressed { br, gz })
}

/// Quality 11 takes the GPU engine a good minute, once, and a tenth off what everyone downloads.
fn quality(fast: bool) -> u32 {
    if fast { 4 } else { 11 }
}

fn brotli(bytes: &[u8], quality: u32) -> Result<Vec<u8>> {
    // 2^24 bytes: the largest window that browsers accept.
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, 24);
    writer.write_all(bytes)?;
    Ok(writer.into_inner())
}

fn gzip(bytes: &[u8], level: u32) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

/// Files named by the hash of what they were made from.
struct Cache {
    folder: PathBuf,
}

impl Cache {
    fn open() -> Result<Cache> {
        let folder = cargo::target_dir().join("xtask").join("compressed");
        std::fs::create_dir_all(&folder)?;
        Ok(Cache { folder })
    }

    fn get(&self, name: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        let file = self.folder.join(name);
        if let Ok(bytes) = std::fs::read(&file) {
            // Marks it as in use for `prune`; a failure only costs a later compression.
            if let Ok(open) = std::fs::File::options().append(true).open(&file) {
                let _ = open.set_modified(SystemTime::now());
            }
            return Ok(bytes);
        }
        let bytes = make()?;
        // Renamed when complete: a cut file must never be taken for a compressed one.
        let partial = file.with_extension("partial");
        std::fs::write(&partial, &bytes)?;
        std::fs::rename(&partial, &file)?;
        Ok(bytes)
    }

    /// Forgets what was not used for a week.
    fn prune(&self) -> Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age > Duration::from_secs(7 * 24 * 3600) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_give_the_content_back() {
        let content = "Kindling ".repeat(1_000).into_bytes();
        let mut back = Vec::new();
        brotli::Decompressor::new(&brotli(&content, 11).unwrap()[..], 4096).read_to_end(&mut back).unwrap();
        assert_eq!(back, content);
        back.clear();
        flate2::read::GzDecoder::new(&gzip(&content, 9).unwrap()[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, content);
    }
}
