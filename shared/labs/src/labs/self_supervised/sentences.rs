//! English sentences made by a program, for when there is no text.
//!
//! Each is about one of ten subjects, which is its label and shows in nothing but which words come together; one content
//! word in seven is from another subject.

use kindling_protocol::text::{Text, text};

use crate::data::mnist::CLASSES;
use crate::data::random;
use crate::data::text::{Document, Vocabulary};

const HOW: [&str; 8] = ["old", "young", "happy", "tired", "quiet", "clever", "busy", "kind"];
const WHERE: [&str; 5] = ["near", "behind", "beside", "outside", "by"];
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
/// Its subjects.
pub const NAMES: [Text; CLASSES] = [
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
/// Where among a subject's words those of each role are.
const ROLES: [(usize, usize); 4] = [(0, 4), (4, 8), (8, 12), (12, 15)];
const STRAYS: f32 = 0.15;

/// The name of the data, and what it is called where data are listed.
pub const SOURCE: &str = "sentences";
pub const NAME: Text = text("Sentences: guess the masked words", "句子：猜被遮住的词");

/// All words but "the", which is in every sentence.
pub fn vocabulary() -> Vocabulary {
    let content = SUBJECTS.into_iter().flat_map(str::split_whitespace);
    Vocabulary::new(HOW.into_iter().chain(WHERE).chain(content).map(str::to_string).collect())
}

pub fn sentences(random: &mut random::Stream, count: usize) -> Vec<Document> {
    let about = |_| {
        let subject = random.below(CLASSES as u32);
        Document { text: sentence(random, subject), class: subject as u8 }
    };
    (0..count).map(about).collect()
}

/// Such as "the old cook tastes the soup near the stove".
pub fn sentence(random: &mut random::Stream, subject: u32) -> String {
    let mut any = |words: &[&'static str]| words[random.below(words.len() as u32) as usize];
    let (how, near) = (any(&HOW), any(&WHERE));
    let [who, does, what, place] = ROLES.map(|(from, to)| {
        let of = if random.chance(STRAYS) { random.below(CLASSES as u32) } else { subject };
        SUBJECTS[of as usize].split_whitespace().nth(from + random.below((to - from) as u32) as usize).expect("a word")
    });
    format!("the {how} {who} {does} the {what} {near} the {place}")
}
