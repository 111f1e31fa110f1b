//! How large data sets are, for what a lab says of its cost before it runs.

use super::mnist::SIDE;

/// Bytes of a set on its way: its files as they are published. 0 of what is made here, of a table of the learner's own and
/// of sets that are read in parts. The server's catalogue says the same: a test there holds the two together.
pub fn on_its_way(set: &str) -> u64 {
    match set {
        "adult" => 5_977_437,
        "breast-cancer" => 14_486,
        "credit-default" => 2_875_733,
        "fashion-mnist" => 30_878_645,
        "mammography" => 827_904,
        "mnist" => 11_594_722,
        "wine-quality" => 348_283,
        _ => 0,
    }
}

/// Bytes of a set of digits in memory: of MNIST and Fashion-MNIST their files and what is picked of them, else so many
/// drawings.
pub fn pictures_in_memory(set: &str, drawings: usize) -> u64 {
    match set {
        "fashion-mnist" | "mnist" => 2 * 54_950_048,
        _ => (drawings * SIDE * SIDE) as u64,
    }
}
