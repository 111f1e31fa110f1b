//! Every data set there is, with sizes and sums: what is fetched, served or read is exactly this.

/// One data set.
#[derive(Debug)]
pub struct Set {
    /// Lower case, digits and `-`.
    pub name: &'static str,
    pub title: &'static str,
    pub licence: &'static str,
    /// Where it comes from, for people.
    pub source: &'static str,
    /// Addresses that file names are appended to, tried in this order.
    pub mirrors: &'static [&'static str],
    pub parts: &'static [Part],
}

/// One file of a set.
#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    /// As it was published, gzip.
    pub file: &'static str,
    pub bytes: u64,
    pub sha256: &'static str,
    /// Of what it decompresses to.
    pub raw_bytes: u64,
    pub raw_sha256: &'static str,
}

/// By name.
pub const SETS: &[Set] = &[Set {
    name: "mnist",
    title: "MNIST handwritten digits, 60,000 for training and 10,000 for testing, 28x28 grey",
    licence: "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher Burges), as commonly stated",
    source: "http://yann.lecun.com/exdb/mnist/",
    mirrors: &[
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ],
    parts: &[
        Part {
            name: "train-images",
            file: "train-images-idx3-ubyte.gz",
            bytes: 9_912_422,
            sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            raw_bytes: 47_040_016,
            raw_sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        },
        Part {
            name: "train-labels",
            file: "train-labels-idx1-ubyte.gz",
            bytes: 28_881,
            sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            raw_bytes: 60_008,
            raw_sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        },
        Part {
            name: "test-images",
            file: "t10k-images-idx3-ubyte.gz",
            bytes: 1_648_877,
            sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            raw_bytes: 7_840_016,
            raw_sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        },
        Part {
            name: "test-labels",
            file: "t10k-labels-idx1-ubyte.gz",
            bytes: 4_542,
            sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            raw_bytes: 10_008,
            raw_sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
    ],
}];

impl Set {
    /// Of all its files.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    pub fn part(&self, name: &str) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

pub fn find(name: &str) -> Option<&'static Set> {
    SETS.iter().find(|set| set.name == name)
}

pub fn find_part(set: &str, part: &str) -> Option<(&'static Set, &'static Part)> {
    let set = find(set)?;
    Some((set, set.part(part)?))
}
