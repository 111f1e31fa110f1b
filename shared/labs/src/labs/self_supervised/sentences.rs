//! Sentences as pictures: a row for each word, with ink at its place in the vocabulary. What learns from pictures learns
//! from them, and a word is masked by wiping its row.
//!
//! A program makes them. Each is about one of ten subjects, which is its label and shows in nothing but which words come
//! together; one content word in seven is from another subject.

use kindling_protocol::text::{Text, text};

use crate::data::idx::Digits;
use crate::data::mnist::{CLASSES, Sets, numbered};
use crate::data::random;

/// Words of a sentence: the, how, who, does, the, what, near the (one word here), place.
pub const WORDS: usize = 8;
const SHARED: [&[&str]; 3] = [
    &["the"],
    &["old", "young", "happy", "tired", "quiet", "clever", "busy", "kind"],
    &["near the", "behind the", "beside the", "outside the", "by the"],
];
/// Of each subject four who, four that do, four that are done to, three places.
const SUBJECTS: [&str; CLASSES] = [
    "cook baker waiter guest tastes bakes stirs serves soup bread cake sauce stove kitchen oven",
    "farmer shepherd gardener dog plants waters feeds digs field cow carrot seed barn fence orchard",
    "sailor captain fisher diver rows anchors steers paints boat net ship sail harbour beach lighthouse",
    "doctor nurse patient surgeon heals bandages examines treats wound fever arm pill clinic ward bed",
    "teacher pupil student author reads writes explains learns poem book lesson letter school library desk",
    "singer drummer violinist dancer plays hears hums records song drum tune melody stage concert piano",
    "pilot driver tourist guard boards rides parks misses train bus plane ticket station airport bridge",
    "player coach runner referee kicks throws catches wins ball race match goal stadium court track",
    "painter potter sculptor weaver draws carves shapes glazes portrait vase statue pot studio gallery easel",
    "banker clerk merchant buyer counts lends sells spends coin loan money bill market bank shop",
];
const SUBJECT_NAMES: [Text; CLASSES] = [
    text("kitchen", "厨房"),
    text("farm", "农场"),
    text("sea", "海上"),
    text("hospital", "医院"),
    text("school", "学校"),
    text("music", "音乐"),
    text("travel", "出行"),
    text("sport", "体育"),
    text("art", "美术"),
    text("money", "金融"),
];
const ROLES: [(usize, usize); 4] = [(0, 4), (4, 8), (8, 12), (12, 15)];
const A_SUBJECT: usize = 15;
const STRAYS: f32 = 0.15;

/// The name of the data, and what it is called where data are listed.
pub const SOURCE: &str = "sentences";
pub const NAME: Text = text("Sentences: guess the masked word", "句子：猜被遮住的词");

pub fn subject(class: usize) -> Text {
    numbered(class, &SUBJECT_NAMES[class])
}

/// All words, those that every subject uses first.
pub fn vocabulary() -> Vec<&'static str> {
    SHARED.into_iter().flatten().copied().chain(SUBJECTS.into_iter().flat_map(str::split_whitespace)).collect()
}

pub fn sets(seed: u64, train: usize, validation: usize, test: usize) -> Sets {
    let part = |purpose: &str, count| sentences(&mut random::stream(seed, purpose, 0, 0), count);
    Sets {
        train: part("sentences to learn from", train),
        validation: part("sentences to look at", validation),
        test: part("sentences to judge by", test),
        source: SOURCE.to_string(),
        sums: Default::default(),
    }
}

fn sentences(random: &mut random::Stream, count: usize) -> Digits {
    let width = vocabulary().len();
    let mut all = Digits { height: WORDS, width, ..Digits::default() };
    let shared = |class: usize| SHARED[..class].iter().map(|words| words.len()).sum::<usize>();
    for _ in 0..count {
        let subject = random.below(CLASSES as u32);
        let mut picture = vec![0; WORDS * width];
        let mut any = |from: usize, count: usize| from + random.below(count as u32) as usize;
        let (how, near) = (any(shared(1), SHARED[1].len()), any(shared(2), SHARED[2].len()));
        let [who, does, what, place] = ROLES.map(|(from, to)| {
            let of = if random.chance(STRAYS) { random.below(CLASSES as u32) } else { subject };
            shared(3) + of as usize * A_SUBJECT + from + random.below((to - from) as u32) as usize
        });
        for (row, word) in [0, how, who, does, 0, what, near, place].into_iter().enumerate() {
            picture[row * width + word] = 255;
        }
        all.push(&picture, subject as u8);
    }
    all
}

/// The words of a sentence, by their place in the vocabulary.
pub fn read(picture: &[u8]) -> Vec<usize> {
    let rows = picture.chunks(picture.len() / WORDS);
    rows.map(|row| row.iter().position(|&ink| ink > 0).unwrap_or(0)).collect()
}

/// Each sentence with one of its words wiped out, and which it was. `hidden` words in all cannot be seen.
pub fn masked(sentences: &Digits, indices: &[u32], hidden: usize, seed: u64, step: u64) -> (Vec<u8>, Vec<i32>) {
    let width = sentences.width;
    let mut words = Vec::with_capacity(indices.len());
    let mut pictures = Vec::with_capacity(indices.len() * WORDS * width);
    for &index in indices {
        let mut picture = sentences.image(index as usize).to_vec();
        let mut rows: Vec<usize> = (0..WORDS).collect();
        random::stream(seed, "mask", step, u64::from(index)).shuffle(&mut rows);
        words.push(read(&picture)[rows[0]] as i32);
        rows[..hidden].iter().for_each(|row| picture[row * width..(row + 1) * width].fill(0));
        pictures.extend(picture);
    }
    (pictures, words)
}
