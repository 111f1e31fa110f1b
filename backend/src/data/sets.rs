//! Every data set there is, with sizes and sums: what is fetched, served or read is exactly this.

use super::archive::Inside;
use super::{cifar, newsgroups};

/// One data set.
#[derive(Debug)]
pub struct Set {
    /// Lower case, digits and `-`.
    pub name: &'static str,
    pub title: &'static str,
    pub licence: &'static str,
    /// Where it comes from, for people.
    pub source: &'static str,
    /// Where in the data folder its files are; several sets may share one.
    pub folder: &'static str,
    /// Addresses that file names are appended to, tried in this order. None: whoever has the files puts them there.
    pub mirrors: &'static [&'static str],
    pub parts: &'static [Part],
    /// The set that labs take where this one is not here.
    pub instead: Option<&'static str>,
}

/// One file of a set, or what is asked for by itself of one that it shares with other parts.
#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    /// In the set's folder.
    pub file: &'static str,
    /// At the mirrors.
    pub published: &'static str,
    pub packing: Packing,
    pub bytes: u64,
    pub sha256: &'static str,
    /// Of what it decompresses to.
    pub raw_bytes: u64,
    pub raw_sha256: &'static str,
    /// Bytes and sha256 of the same archive as others packed it: what is inside is the same.
    pub repacked: &'static [(u64, &'static str)],
}

/// How a file holds its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Gzip,
    /// In a tar of gzip. It is the part that is handed out, so nobody else unpacks.
    Tar(Inside),
}

/// By name.
pub const SETS: &[Set] = &[
    newsgroups::BY_DATE,
    Set {
        name: "adult",
        title: "Adult (census income): does a person earn more than 50,000 dollars a year, 32,561 and 16,281 rows",
        licence: "CC BY 4.0 (Barry Becker, Ron Kohavi, UCI Machine Learning Repository)",
        source: "https://archive.ics.uci.edu/dataset/2/adult",
        folder: TABULAR,
        mirrors: TABLES,
        parts: &[
            plain(
                "train",
                "adult-train.csv",
                3_974_305,
                "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            ),
            plain(
                "test",
                "adult-test.csv",
                2_003_132,
                "72567b94f5c1a6f8501377dd80f93892c3848ff071cf91ba47e00b0785a28074",
            ),
        ],
        instead: None,
    },
    Set {
        name: "breast-cancer",
        title: "Breast cancer (Wisconsin, original): is a tumour malignant, 699 rows of nine marks from 1 to 10",
        licence: "CC BY 4.0 (William Wolberg, UCI Machine Learning Repository)",
        source: "https://archive.ics.uci.edu/dataset/15/breast+cancer+wisconsin+original",
        folder: TABULAR,
        mirrors: TABLES,
        parts: &[plain(
            "all",
            "breast-cancer-wisconsin.csv",
            14_486,
            "9c9dc50e62dbcece16e5707bdec7514f87230d0aa35798b9aaffbc77cf736f1f",
        )],
        instead: None,
    },
    cifar::BINARY,
    cifar::JPEG,
    Set {
        name: "credit-default",
        title: "Default of credit card clients (Taiwan 2005): does a client fail to pay next month, 30,000 rows",
        licence: "CC BY 4.0 (I-Cheng Yeh, UCI Machine Learning Repository)",
        source: "https://archive.ics.uci.edu/dataset/350/default+of+credit+card+clients",
        folder: TABULAR,
        mirrors: &["https://raw.githubusercontent.com/rakibRME/ML-Data-Sets/main/"],
        parts: &[Part {
            // Kept under the set's own name, published under another.
            published: "UCI_Credit_Card.csv",
            ..plain(
                "all",
                "credit-default.csv",
                2_875_733,
                "5c69a6b4e167dac42c4b22665330404fe49928a198de44d2d061b800cb65f9b1",
            )
        }],
        instead: None,
    },
    Set {
        name: "fashion-mnist",
        title: "Fashion-MNIST articles of clothing, 60,000 for training and 10,000 for testing, 28x28 grey",
        licence: "MIT (Zalando SE)",
        source: "https://github.com/zalandoresearch/fashion-mnist",
        folder: "fashion-mnist",
        mirrors: FASHION,
        parts: &[
            Part {
                name: "train-images",
                file: "train-images-idx3-ubyte.gz",
                published: "train-images-idx3-ubyte.gz",
                packing: Packing::Gzip,
                bytes: 26_421_880,
                sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                raw_bytes: 47_040_016,
                raw_sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                repacked: &[],
            },
            Part {
                name: "train-labels",
                file: "train-labels-idx1-ubyte.gz",
                published: "train-labels-idx1-ubyte.gz",
                packing: Packing::Gzip,
                bytes: 29_515,
                sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                raw_bytes: 60_008,
                raw_sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                repacked: &[],
            },
            FASHION_TEST_IMAGES,
            FASHION_TEST_LABELS,
        ],
        instead: Some("fashion-mnist-10k"),
    },
    Set {
        name: "fashion-mnist-10k",
        title: "The test half of Fashion-MNIST alone: 10,000 pictures, enough for a run in the browser",
        licence: "MIT (Zalando SE)",
        source: "https://github.com/zalandoresearch/fashion-mnist",
        folder: "fashion-mnist",
        mirrors: FASHION,
        parts: &[FASHION_TEST_IMAGES, FASHION_TEST_LABELS],
        instead: None,
    },
    Set {
        name: "mammography",
        title: "Mammography: is a bright spot a microcalcification, 11,183 rows of six measures, 260 of them positive",
        licence: "none stated; published with Woods et al. (1993), for research",
        source: "https://www.openml.org/d/310",
        folder: TABULAR,
        mirrors: TABLES,
        parts: &[plain(
            "all",
            "mammography.csv",
            827_904,
            "7d3dea3f075f30bbdbb8980e7725684059b4fe3d0f850fadd0f635f6993d8730",
        )],
        instead: None,
    },
    Set {
        name: "mnist",
        title: "MNIST handwritten digits, 60,000 for training and 10,000 for testing, 28x28 grey",
        licence: "CC BY-SA 3.0 (Yann LeCun, Corinna Cortes, Christopher Burges), as commonly stated",
        source: "http://yann.lecun.com/exdb/mnist/",
        folder: "mnist",
        mirrors: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
        ],
        parts: &[
            Part {
                name: "train-images",
                file: "train-images-idx3-ubyte.gz",
                published: "train-images-idx3-ubyte.gz",
                packing: Packing::Gzip,
                bytes: 9_912_422,
                sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                raw_bytes: 47_040_016,
                raw_sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                repacked: &[],
            },
            Part {
                name: "train-labels",
                file: "train-labels-idx1-ubyte.gz",
                published: "train-labels-idx1-ubyte.gz",
                packing: Packing::Gzip,
                bytes: 28_881,
                sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                raw_bytes: 60_008,
                raw_sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                repacked: &[],
            },
            Part {
                name: "test-images",
                file: "t10k-images-idx3-ubyte.gz",
                published: "t10k-images-idx3-ubyte.gz",
                packing: Packing::Gzip,
                bytes: 1_648_877,
                sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                raw_bytes: 7_840_016,
                raw_sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                repacked: &[],
            },
            Part {
                name: "test-labels",
                file: "t10k-labels-idx1-ubyte.gz",
                published: "t10k-labels-idx1-ubyte.gz",
                packing: Packing::Gzip,
                bytes: 4_542,
                sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                raw_bytes: 10_008,
                raw_sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                repacked: &[],
            },
        ],
        instead: None,
    },
    Set {
        name: "wine-quality",
        title: "Wine quality: what tasters gave 1,599 red and 4,898 white Portuguese wines, by eleven measures",
        licence: "CC BY 4.0 (Paulo Cortez and others, UCI Machine Learning Repository)",
        source: "https://archive.ics.uci.edu/dataset/186/wine+quality",
        folder: TABULAR,
        mirrors: TABLES,
        parts: &[
            plain(
                "red",
                "winequality-red.csv",
                84_028,
                "c9614512e980f1cbd221c796daa97f00c4898c3cd1716863abac60f6cd1a522e",
            ),
            plain(
                "white",
                "winequality-white.csv",
                264_255,
                "659d419fff887f225bf977d20520bb64a64cae203e460087f809721d4430ba27",
            ),
        ],
        instead: None,
    },
];

const TABULAR: &str = "tabular";

/// The tables of UCI as Jason Brownlee keeps them: without header, the target last. A commit, so that nothing moves.
const TABLES: &[&str] = &[
    "https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/",
    "https://raw.githubusercontent.com/jbrownlee/Datasets/master/",
];

const FASHION: &[&str] = &[
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
];

const FASHION_TEST_IMAGES: Part = Part {
    name: "test-images",
    file: "t10k-images-idx3-ubyte.gz",
    published: "t10k-images-idx3-ubyte.gz",
    packing: Packing::Gzip,
    bytes: 4_422_102,
    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    raw_bytes: 7_840_016,
    raw_sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    repacked: &[],
};

const FASHION_TEST_LABELS: Part = Part {
    name: "test-labels",
    file: "t10k-labels-idx1-ubyte.gz",
    published: "t10k-labels-idx1-ubyte.gz",
    packing: Packing::Gzip,
    bytes: 5_148,
    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    raw_bytes: 10_008,
    raw_sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    repacked: &[],
};

/// A file that is published as it is read.
const fn plain(name: &'static str, file: &'static str, bytes: u64, sha256: &'static str) -> Part {
    let packing = Packing::Plain;
    Part { name, file, published: file, packing, bytes, sha256, raw_bytes: bytes, raw_sha256: sha256, repacked: &[] }
}

impl Part {
    /// What its file may be: as published first.
    pub fn pins(&self) -> impl Iterator<Item = (u64, &'static str)> {
        [(self.bytes, self.sha256)].into_iter().chain(self.repacked.iter().copied())
    }
}

impl Set {
    /// Of all its files.
    pub fn bytes(&self) -> u64 {
        self.files().map(|part| part.bytes).sum()
    }

    /// A part of each file.
    pub fn files(&self) -> impl Iterator<Item = &'static Part> {
        let parts = self.parts;
        let first = move |(place, part): &(usize, &Part)| parts[..*place].iter().all(|before| before.file != part.file);
        parts.iter().enumerate().filter(first).map(|(_, part)| part)
    }

    /// The two have a file in common.
    pub fn meets(&self, other: &Set) -> bool {
        let file = |part: &Part| other.parts.iter().any(|others| others.file == part.file);
        self.folder == other.folder && self.parts.iter().any(file)
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

#[cfg(test)]
mod tests {
    use kindling_protocol::knob::{self, Knob, KnobKind, KnobValue, Knobs};

    use super::*;

    #[test]
    fn labs_say_what_their_sets_weigh() {
        for lab in kindling_labs::labs::LABS {
            let spec = (lab.spec)();
            let Some(Knob { kind: KnobKind::Choice { options, .. }, .. }) =
                spec.knobs.iter().find(|knob| knob.id == "data")
            else {
                continue;
            };
            for option in options {
                // Of an archive a lab reads parts.
                let whole = |set: &&Set| set.parts.iter().all(|part| !matches!(part.packing, Packing::Tar(_)));
                let Some(set) = find(&option.id).filter(whole) else { continue };
                let chosen = Knobs([("data".to_string(), KnobValue::Word(option.id.to_string()))].into());
                let knobs = knob::resolve(&spec.knobs, &chosen).expect("an option of the knob");
                assert_eq!((lab.cost)(&knobs).data_bytes, set.bytes(), "{} on {}", spec.slug, set.name);
            }
        }
    }

    #[test]
    fn sets_are_in_order_and_each_file_has_one_pin() {
        assert!(SETS.is_sorted_by(|a, b| a.name < b.name));
        let hex = |sum: &str| sum.len() == 64 && sum.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        for set in SETS {
            assert!(set.mirrors.iter().all(|mirror| mirror.ends_with('/')), "{}", set.name);
            assert!(set.instead.is_none_or(|other| find(other).is_some()), "{}", set.name);
            for part in set.parts {
                let mut sums = part.pins().map(|(_, sum)| sum).chain([part.raw_sha256]);
                assert!(sums.all(hex), "{}/{}", set.name, part.name);
                let tar = matches!(part.packing, Packing::Tar(_));
                assert!(part.repacked.is_empty() || tar, "{}/{}: its content has a sum already", set.name, part.name);
                let packing = [part.packing == Packing::Gzip || tar, tar];
                let ends = [".gz", ".tar.gz"].map(|end| part.file.ends_with(end));
                assert_eq!(packing, ends, "{}/{}", set.name, part.name);
                let same = SETS.iter().filter(|other| other.folder == set.folder).flat_map(|other| other.parts);
                let mut same = same.filter(|other| other.file == part.file);
                // What is inside an archive is another thing in each part of it.
                assert!(same.all(|other| {
                    other.sha256 == part.sha256
                        && (other.raw_sha256 == part.raw_sha256) == (!tar || other.name == part.name)
                }));
            }
        }
        let named: Vec<&str> = SETS.iter().filter(|set| set.mirrors.is_empty()).map(|set| set.name).collect();
        assert_eq!(named, ["cifar10-jpeg"], "what nobody can fetch");
        assert_eq!([find("cifar10"), find("mnist")].map(|set| set.unwrap().files().count()), [1, 4]);
        assert_eq!(find("cifar10").unwrap().bytes(), 170_052_171);
        let news = find("20newsgroups").unwrap();
        assert_eq!((news.files().count(), news.bytes(), news.parts.len()), (1, 14_464_277, 2 * newsgroups::GROUPS));
        let [whole, half, mnist] = ["fashion-mnist", "fashion-mnist-10k", "mnist"].map(|name| find(name).unwrap());
        assert!(whole.meets(half) && whole.meets(whole) && !whole.meets(mnist));
    }
}
