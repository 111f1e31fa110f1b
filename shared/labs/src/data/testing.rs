//! Real data for tests. A test without its data fails: one that passes unseen is worse than none.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::idx::Digits;

/// MNIST's `train` or `t10k` half.
pub(crate) fn mnist(half: &str) -> Digits {
    let images = published("mnist", &format!("{half}-images-idx3-ubyte"));
    Digits::from_idx(&images, &published("mnist", &format!("{half}-labels-idx1-ubyte")), 10)
        .expect("the canonical files")
}

/// A file of the folder `KINDLING_DATA` or else `../shared/data` beside the project, unpacked where it lies packed.
pub(crate) fn published(folder: &str, name: &str) -> Vec<u8> {
    let data = std::env::var_os("KINDLING_DATA").map(PathBuf::from);
    let data = data.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let plain = data.join(folder).join(name);
    if let Ok(bytes) = std::fs::read(&plain) {
        return bytes;
    }
    let path = data.join(folder).join(format!("{name}.gz"));
    let help = "set KINDLING_DATA to a folder that holds it, as `kindling data fetch` makes it";
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}; {help}", path.display()));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("the file is whole");
    bytes
}

/// The tables that labs share, by part, as a host has them.
pub(crate) fn tables() -> BTreeMap<String, Vec<u8>> {
    let part = |(part, file): (&str, &str)| (part.to_string(), published("tabular", file));
    [
        ("adult/train", "adult-train.csv"),
        ("adult/test", "adult-test.csv"),
        ("breast-cancer/all", "breast-cancer-wisconsin.csv"),
        ("credit-default/all", "credit-default.csv"),
        ("mammography/all", "mammography.csv"),
        ("wine-quality/red", "winequality-red.csv"),
        ("wine-quality/white", "winequality-white.csv"),
    ]
    .map(part)
    .into()
}
