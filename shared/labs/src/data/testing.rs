//! Real data for tests. A test without its data fails: one that passes unseen is worse than none.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::idx::Digits;

/// MNIST's `train` or `t10k` half, from the folder `KINDLING_DATA` or else `../shared/data` beside the project.
pub(crate) fn mnist(half: &str) -> Digits {
    let folder = std::env::var_os("KINDLING_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let read = |name: String| {
        let path = folder.join("mnist").join(name);
        let help = "set KINDLING_DATA to a folder that holds mnist/*.gz, as `kindling data fetch mnist` makes it";
        let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}; {help}", path.display()));
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("the file is whole");
        bytes
    };
    let images = read(format!("{half}-images-idx3-ubyte.gz"));
    Digits::from_idx(&images, &read(format!("{half}-labels-idx1-ubyte.gz")), 10).expect("the canonical files")
}
