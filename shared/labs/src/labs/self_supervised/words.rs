//! What is to be seen of texts: those that are held for alike, and what stands behind the masks.

use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::text::{Text, text};

use super::encoder::Encoder;
use super::panels::{ASKED, NEIGHBOURS, names};
use super::probe::{Features, logits};
use super::texts::{self, Wording};
use crate::data::idx::Digits;
use crate::data::mnist::Sets;
use crate::host::{Host, Interrupt, Run};
use crate::train::metrics::Scored;

pub const GUESSES: &str = "guesses";
const SHOWN: usize = 2;
const TOLD: usize = 3;
/// Words of a passage that a table shows.
const WRITTEN: usize = 40;

/// The beginning of a passage. `hidden` says which words cannot be seen.
fn written(passage: &str, hidden: impl Fn(&str) -> bool) -> String {
    let mut words: Vec<&str> = passage.split(' ').map(|word| if hidden(word) { "▢" } else { word }).collect();
    if words.len() > WRITTEN {
        words[WRITTEN] = "…";
        words.truncate(WRITTEN + 1);
    }
    words.join(" ")
}

/// A text, and those whose features point most nearly the same way, each with its class.
pub async fn neighbours(features: &Features, sets: &Sets, wording: &Wording, host: &dyn Host) -> Result<(), Interrupt> {
    let names = names(&sets.source);
    let cell = |place: usize| {
        let (name, shown) = (&names[usize::from(features.labels[place])], written(&wording.test[place], |_| false));
        let with = |name: &str| format!("{name}: {shown}").into();
        Cell::from(Text { en: with(&name.en), zh: with(&name.zh) })
    };
    let row = |asked: usize| [asked].into_iter().chain(features.nearest(asked, SHOWN)).map(cell).collect();
    host.emit(EventBody::Table {
        id: NEIGHBOURS.to_string(),
        columns: vec![text("Text", "文本"), text("Nearest", "最近邻"), text("Second nearest", "第二近邻")],
        rows: (0..ASKED.min(sets.test.len())).map(row).collect(),
    })
    .await
}

/// Some guesses, and how often the likeliest one is among the masked words.
pub async fn guesses(learnt: &Encoder, test: &Digits, wording: &Wording, run: &Run<'_>) -> Result<(), Interrupt> {
    let all: Vec<u32> = (0..test.len() as u32).collect();
    // A network that was asked for nothing is asked for one word.
    let share = run.knobs.number("masked").max(f64::MIN_POSITIVE);
    let (pictures, asked) = texts::masked(test, &all, share, run.seed, u64::MAX);
    let shown = Digits { images: pictures, ..test.clone() };
    let logits = logits(learnt, &shown, &run.device).await;
    let scored = Scored { classes: test.width, logits, labels: test.labels.clone() };
    let (words, is_asked) =
        (&wording.vocabulary.words, |text: usize, word: usize| asked[text * test.width + word] > 0.0);
    let row = |text: usize| {
        let wiped = |word: &str| wording.vocabulary.place(word).is_some_and(|place| is_asked(text, place));
        let masked: Vec<&str> =
            (0..words.len()).filter(|&word| is_asked(text, word)).map(|word| &words[word][..]).collect();
        let probabilities = scored.probabilities(text, 1.0);
        let mut likely: Vec<usize> = (0..words.len()).collect();
        likely.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        let guess = |&word: &usize| format!("{} {:.1} %", words[word], 100.0 * probabilities[word]);
        let guesses = likely.iter().take(TOLD).map(guess).collect::<Vec<_>>().join(", ");
        [written(&wording.test[text], wiped), masked.join(", "), guesses].map(Cell::from).into()
    };
    let right = (0..test.len()).filter(|&text| is_asked(text, scored.predicted(text))).count();
    let commonest = (0..words.len()).map(|word| (0..test.len()).filter(|&text| is_asked(text, word)).count()).max();
    let share = |name: Text, count: usize| {
        let share = 100.0 * count as f64 / test.len().max(1) as f64;
        vec![name.into(), String::new().into(), format!("{share:.1} %").into()]
    };
    let mut rows: Vec<Vec<Cell>> = (0..ASKED.min(test.len())).map(row).collect();
    rows.push(share(text("First guess is one of the masked words", "首选猜测是被遮住的词之一"), right));
    rows.push(share(text("By the commonest word alone", "只猜最常见的词"), commonest.unwrap_or(0)));
    let columns = vec![text("Masked", "遮住之后"), text("They were", "原词"), text("Guesses", "猜测")];
    run.host.emit(EventBody::Table { id: GUESSES.to_string(), columns, rows }).await
}
