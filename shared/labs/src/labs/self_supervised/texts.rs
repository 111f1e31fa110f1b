//! Texts as pictures of one row, with ink at each word that a passage has: what learns from pictures learns from them,
//! and a word is masked by wiping its place. The order of words is not seen.
//!
//! They are messages of four newsgroups, stripped of what gives a group away, or sentences where those are not here.

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::text::{Text, text};

use super::sentences;
use crate::data::idx::Digits;
use crate::data::mnist::{self, Sets, Unusable};
use crate::data::text::{Document, Vocabulary, words};
use crate::data::{newsgroups, random};
use crate::host::{Host, Interrupt, Run};

/// Those of scikit-learn's tutorial on text. Two are alike, on religion.
pub const GROUPS: [(&str, Text); 4] = [
    ("alt.atheism", text("atheism", "无神论")),
    ("comp.graphics", text("graphics", "图形学")),
    ("sci.med", text("medicine", "医学")),
    ("soc.religion.christian", text("Christianity", "基督教")),
];
pub const NAME: Text = text("20 Newsgroups: guess the masked words", "20 Newsgroups：猜被遮住的词");
pub const VOCABULARY: usize = 1_500;
/// Words in more of the messages say little of a group.
const COMMON: f64 = 0.1;
/// Words of the vocabulary that a passage of a message has: when it has so many the next one begins, and the last must
/// not have fewer than the second number.
const LONGEST: usize = 32;
const SHORTEST: usize = 8;

/// How texts are written, for whoever shows them.
pub struct Wording {
    pub vocabulary: Vocabulary,
    /// The test set.
    pub test: Vec<String>,
}

pub const STAND_IN: Text = text(
    "20 Newsgroups is not at hand, so sentences made by a program serve instead. They are easier: figures are not comparable.",
    "没有可用的 20 Newsgroups，改用程序生成的句子。它们更容易，因此结果不可比较。",
);

/// Passages of messages, or sentences if those are wanted or stand in. Says so where they stand in.
pub async fn load(run: &Run<'_>, [train, validation, test]: [usize; 3]) -> Result<(Sets, Wording), Interrupt> {
    if run.knobs.word("data") == newsgroups::SET {
        match posts(run.host, run.seed).await {
            Ok(posts) => {
                let held_out = posts.train.len().saturating_sub(validation);
                let (learned, looked_at) = posts.train.split_at(held_out);
                let parts = [&learned[..train.min(held_out)], looked_at, &posts.test[..test.min(posts.test.len())]];
                return Ok(sets(posts.vocabulary, parts, newsgroups::SET, posts.sums));
            }
            Err(Unusable::Damaged(detail)) => return Err(mnist::damaged(&detail)),
            Err(Unusable::Missing) => run.host.emit(EventBody::Note { text: STAND_IN }).await?,
        }
    }
    let vocabulary = sentences::vocabulary();
    let part = |purpose: &str, count| {
        let made = sentences::sentences(&mut random::stream(run.seed, purpose, 0, 0), count);
        made.iter().flat_map(|sentence| cut(sentence, &vocabulary, 1)).collect::<Vec<_>>()
    };
    let parts = [
        part("sentences to learn from", train),
        part("sentences to look at", validation),
        part("sentences to judge by", test),
    ];
    Ok(sets(vocabulary, parts.each_ref().map(|part| &part[..]), sentences::SOURCE, BTreeMap::new()))
}

/// A piece of a text, and where its words are in the vocabulary.
#[derive(Default)]
struct Passage {
    text: String,
    class: u8,
    places: Vec<usize>,
}

struct Posts {
    vocabulary: Vocabulary,
    train: Vec<Passage>,
    test: Vec<Passage>,
    sums: BTreeMap<String, String>,
}

async fn posts(host: &dyn Host, seed: u64) -> Result<Posts, Unusable> {
    let (groups, mut sums) = (GROUPS.map(|(group, _)| group), BTreeMap::new());
    let mut halves = Vec::new();
    for half in ["train", "test"] {
        let mut messages = newsgroups::messages(host, half, &groups, &mut sums).await?;
        messages.iter_mut().for_each(|message| message.text = newsgroups::strip(&message.text));
        halves.push(messages);
    }
    let vocabulary = Vocabulary::of(&halves[0], VOCABULARY, COMMON);
    let passages = |messages: &[Document]| {
        let mut passages: Vec<Passage> =
            messages.iter().flat_map(|message| cut(message, &vocabulary, SHORTEST)).collect();
        // Messages come group by group.
        random::stream(seed, "passages", 0, 0).shuffle(&mut passages);
        passages
    };
    let (train, test) = (passages(&halves[0]), passages(&halves[1]));
    if train.is_empty() || test.is_empty() {
        return Err(Unusable::Damaged(format!("`{}` has no passage of {SHORTEST} words", newsgroups::SET)));
    }
    Ok(Posts { vocabulary, train, test, sums })
}

fn cut(document: &Document, vocabulary: &Vocabulary, shortest: usize) -> Vec<Passage> {
    let fresh = || Passage { class: document.class, ..Passage::default() };
    let (mut passages, mut passage) = (Vec::new(), fresh());
    for word in words(&document.text) {
        passage.places.extend(vocabulary.place(&word));
        if !passage.text.is_empty() {
            passage.text.push(' ');
        }
        passage.text.push_str(&word);
        if passage.places.len() == LONGEST {
            passages.push(std::mem::replace(&mut passage, fresh()));
        }
    }
    if passage.places.len() >= shortest {
        passages.push(passage);
    }
    passages
}

/// `parts` are to learn from, to look at and to test on.
fn sets(
    vocabulary: Vocabulary,
    parts: [&[Passage]; 3],
    source: &str,
    sums: BTreeMap<String, String>,
) -> (Sets, Wording) {
    let test = parts[2].iter().map(|passage| passage.text.clone()).collect();
    let [train, validation, judged] = parts.map(|passages| {
        let mut pictures = Digits { height: 1, width: vocabulary.words.len(), ..Digits::default() };
        for passage in passages {
            let mut picture = vec![0; pictures.width];
            passage.places.iter().for_each(|&place| picture[place] = 255);
            pictures.push(&picture, passage.class);
        }
        pictures
    });
    let sets = Sets { train, validation, test: judged, source: source.to_string(), sums };
    (sets, Wording { vocabulary, test })
}

/// Texts with a share of their words wiped out, at least one of them unless the share is none; and what is asked of each:
/// which words those were, all alike. `[batch, words]`, both.
pub fn masked(texts: &Digits, indices: &[u32], share: f64, seed: u64, step: u64) -> (Vec<u8>, Vec<f32>) {
    let width = texts.width;
    let mut pictures = Vec::with_capacity(indices.len() * width);
    let mut asked = vec![0.0; indices.len() * width];
    for (&index, asked) in indices.iter().zip(asked.chunks_mut(width)) {
        let mut picture = texts.image(index as usize).to_vec();
        let mut places: Vec<usize> = (0..width).filter(|&place| picture[place] > 0).collect();
        random::stream(seed, "mask", step, u64::from(index)).shuffle(&mut places);
        let least = usize::from(share > 0.0);
        let hidden = ((share * places.len() as f64).round() as usize).max(least).min(places.len());
        for &place in &places[..hidden] {
            picture[place] = 0;
            asked[place] = 1.0 / hidden as f32;
        }
        pictures.extend(picture);
    }
    (pictures, asked)
}
