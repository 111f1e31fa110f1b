//! 20 Newsgroups "by date": messages of 1993 from twenty newsgroups, those to test on sent after those to learn from.
//!
//! A part is the messages of one group in one half, as they were sent: headers, quotes and signatures, in Latin-1. So a
//! lab on four groups is not sent twenty. What labs strip is theirs to say.

use super::archive::Inside;
use super::sets::{Packing, Part, Set};

pub const BY_DATE: Set = Set {
    name: "20newsgroups",
    title: "20 Newsgroups (by date): which newsgroup was a message sent to, 11,314 for training and 7,532 for testing",
    licence: "none stated, for research (Ken Lang, NewsWeeder: Learning to Filter Netnews, 1995)",
    source: "http://qwone.com/~jason/20Newsgroups/",
    folder: "20newsgroups",
    mirrors: &[
        "http://qwone.com/~jason/20Newsgroups/",
        "https://people.csail.mit.edu/jrennie/20Newsgroups/",
        // Known there by a number; the name behind it says nothing.
        "https://ndownloader.figshare.com/files/5975967?name=/",
    ],
    parts: &PARTS,
    instead: None,
};

pub const GROUPS: usize = 20;

/// Half and group of a part, its bytes and their sum.
macro_rules! parts {
    ($($half:literal $group:literal $bytes:literal $sum:literal)*) => {
        [$(part(concat!($half, "-", $group), concat!("20news-bydate-", $half, "/", $group), $bytes, $sum)),*]
    };
}

/// The archive's size is that of Hugging Face's card of `newsgroup`, its sum that of scikit-learn. The parts' sums are of
/// the messages in the archive as packed anew below: each group has as many messages and bytes as that card counts.
const PARTS: [Part; 2 * GROUPS] = parts! {
    "train" "alt.atheism" 1_042_225 "276d7d9f0b9379e893610a76fb7299f3c1fabf6c8de204f8377c9e004d5f94fc"
    "train" "comp.graphics" 911_672 "9a5654303e89d7a1584e3ab1f3da34c2e75cfbc2aa036f8222b4be32aa3b6907"
    "train" "comp.os.ms-windows.misc" 1_770_984 "2a5c8deb18fe1b65c3786f609aefe6477a6e1fc871368e11709bf5ecdbcd808e"
    "train" "comp.sys.ibm.pc.hardware" 800_446 "e04c80a89c882750d3e717c32038d7694d46e9c4f66bf6126b015f7ed0cadb86"
    "train" "comp.sys.mac.hardware" 696_325 "9a14172f415bc373656d29e9b5d459e45c0ec92cb35767bc042b1cd3663137c3"
    "train" "comp.windows.x" 1_243_465 "5ce6a4031dfb70ef545249a26ad193ba101b749f12186b6aea224c10a4dc8819"
    "train" "misc.forsale" 611_210 "e1370ea38deab8483c126746e1661d87936d5386cab31d632c5e80d9aa575213"
    "train" "rec.autos" 860_645 "3038b4844cad394a51841ab9f39e8a311f63f2780a9fd3059c5504e815cf1e00"
    "train" "rec.motorcycles" 811_147 "5e191ea12ef3f35317c5e4ef29e6136bf6174b2c1e8c7db55ddcd5ce729b9568"
    "train" "rec.sport.baseball" 850_750 "9c0fdbece07af40738f1c7761ade4c5234150e7020e519c073075666274345bc"
    "train" "rec.sport.hockey" 1_189_648 "62043a6fc3c069894567737996a606c540c4b99052338409c10a3e0e0af0aa3e"
    "train" "sci.crypt" 1_502_468 "3871fe39972efd598ac117ad4b185998be266815bad7c7615ba5151ec22ea399"
    "train" "sci.electronics" 814_870 "240e2c97e924b3453f252fc0c4b566fe54fbcfd129491b06313a50dc7b70cd62"
    "train" "sci.med" 1_195_200 "d285e5a2dc5b8dac28e6bb1abe5033e2231d35615c9320826a3e28053be82f4e"
    "train" "sci.space" 1_197_961 "6f6e6e74efac85e0871b33753934e1fcf0c69c302a67c6b5965be542805a9935"
    "train" "soc.religion.christian" 1_358_043 "cfe4698827f87dc5e4b6834f77855a7800239ae4a221de1cd23e8a588943d4c8"
    "train" "talk.politics.guns" 1_313_015 "5e684cb60a0ef3aa250cf01f203c6f935ccd1bc97ab3a65d66c1ede95dde0551"
    "train" "talk.politics.mideast" 1_765_829 "54775987ac83d61365ea3d69ce5cdeebb82995b845296d48690ba5ced4c08567"
    "train" "talk.politics.misc" 1_328_053 "7096ce6d4107ac904c071ef21b7a045ff1dd5408d770dd27421eb689aa4b95a3"
    "train" "talk.religion.misc" 835_777 "6854e337d29d1f848ec3f58bdaeee3ef386e82c714d73d96676288692c68eafe"
    "test" "alt.atheism" 702_918 "88b900f539021f6a556872dd2194c3415144530bd1d3d8eb7c9b13e08f58fb19"
    "test" "comp.graphics" 849_628 "f757729b60f9b4516b831c2892c49257dd316f32caaac3528b4f37303df71da6"
    "test" "comp.os.ms-windows.misc" 706_672 "8cff75c0d06941195114b89df150bc027d428473750815b2bec82606ea8ab988"
    "test" "comp.sys.ibm.pc.hardware" 485_311 "5cc0180c2641cbbec38d983e811c16d0b9d98f711ec8458b4e054735725bca39"
    "test" "comp.sys.mac.hardware" 468_800 "aeaf688be3f8619942f401995e79785bfc1ad7430b33de3e4e155bf46118bd8b"
    "test" "comp.windows.x" 795_363 "df5f0ac627d5ab01778fce1e753861386bc59016b5810c0cf6ea01e152ae972d"
    "test" "misc.forsale" 415_913 "5a008ad7bd8e14b4c5d2955a235ca38af66495efc3c44dbb71c13ecc1db1bda4"
    "test" "rec.autos" 535_377 "7fc85e09af0b41e1d64ccbf47754b7bba0f448343118cc5a45825913cd856c34"
    "test" "rec.motorcycles" 497_731 "d4e5e0ef317bb4c81d135333bae05c3ac9b444ad752c9f9ddddb355e01ff6ceb"
    "test" "rec.sport.baseball" 618_608 "0223f317e05ad65e633df749dcc13872c7136774f114eca0e45fc030060bdcc0"
    "test" "rec.sport.hockey" 666_368 "7dbd5b2f3ed7663be96f12fc05630adca4772b5320a38a8c18ebe2c5a55c3247"
    "test" "sci.crypt" 657_723 "ece9d9bb0d26438079625ea9d4e972e0349746dbf9aa6db430974a59ca2523ed"
    "test" "sci.electronics" 523_096 "fd538191a2a8a0706971f23a5ef3df5f65d5b984bf8b312176b69ba670723436"
    "test" "sci.med" 791_824 "bc2ffe6f3b714ae6cc67702d6c3e1cb148fc616fa63973f69c3dc9e24af2a742"
    "test" "sci.space" 721_780 "a531ac65a26333f8a682ea0db8c0bc842653e957db0b103d77d299f7664e9f56"
    "test" "soc.religion.christian" 1_003_664 "f2022d641006d723fbdc486033afda51c57cb464f1edd34abf62e973c5139716"
    "test" "talk.politics.guns" 701_473 "1e5107e2070ba93fe104707bdd20662ae8c34b095c94f974156bae5ea50d80d2"
    "test" "talk.politics.mideast" 1_236_431 "63cb9f2b28e1f8e7122bec34ba73fe74bf50f40971c82025ec87cbaf81706c56"
    "test" "talk.politics.misc" 853_391 "77b456bad1b8f77fe4254d38ea2fa8480153450359a56c2b5e1f24d795eb015b"
    "test" "talk.religion.misc" 598_448 "766b11fe43a1c67386c7b3b971655bab60c56cd5768f3596ea0ed39dd49094ca"
};

const fn part(name: &'static str, folder: &'static str, raw_bytes: u64, raw_sha256: &'static str) -> Part {
    Part {
        name,
        file: "20news-bydate.tar.gz",
        published: "20news-bydate.tar.gz",
        packing: Packing::Tar(Inside::Folder(folder)),
        bytes: 14_464_277,
        sha256: "8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610",
        raw_bytes,
        raw_sha256,
        repacked: &[(14_387_288, "67d14052fecb40def4324a25d2990edec163123df91fdb825a0a400427cd8467")],
    }
}
