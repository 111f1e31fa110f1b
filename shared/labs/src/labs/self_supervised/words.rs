//! What is to be seen of sentences: those that are held for alike, and what stands behind the mask.

use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::text::{Text, text};

use super::encoder::Encoder;
use super::panels::{ASKED, NEIGHBOURS};
use super::probe::{Features, logits};
use super::sentences;
use crate::data::idx::Digits;
use crate::host::{Host, Interrupt, Run};
use crate::train::metrics::Scored;

pub const GUESSES: &str = "guesses";
const SHOWN: usize = 2;
const TOLD: usize = 3;

/// `hidden` says of each place whether it cannot be seen.
fn written(words: &[usize], hidden: impl Fn(usize) -> bool) -> String {
    let vocabulary = sentences::vocabulary();
    let word = |(place, &word)| if hidden(place) { "▢" } else { vocabulary[word] };
    words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

/// A sentence, and those whose features point most nearly the same way.
pub async fn neighbours(features: &Features, test: &Digits, host: &dyn Host) -> Result<(), Interrupt> {
    let cell = |place: usize| Cell::from(written(&sentences::read(test.image(place)), |_| false));
    let row = |asked: usize| [asked].into_iter().chain(features.nearest(asked, SHOWN)).map(cell).collect();
    host.emit(EventBody::Table {
        id: NEIGHBOURS.to_string(),
        columns: vec![text("Sentence", "句子"), text("Nearest", "最近邻"), text("Second nearest", "第二近邻")],
        rows: (0..ASKED.min(test.len())).map(row).collect(),
    })
    .await
}

/// Some guesses, and how many of all are right.
pub async fn guesses(learnt: &Encoder, test: &Digits, run: &Run<'_>) -> Result<(), Interrupt> {
    let all: Vec<u32> = (0..test.len() as u32).collect();
    let (pictures, asked) = sentences::masked(test, &all, run.knobs.count("masked").max(1), run.seed, u64::MAX);
    let shown = Digits { images: pictures, ..test.clone() };
    let labels = asked.iter().map(|&word| word as u8).collect();
    let scored = Scored { classes: test.width, logits: logits(learnt, &shown, &run.device).await, labels };
    let vocabulary = sentences::vocabulary();
    let row = |place: usize| {
        let whole = sentences::read(test.image(place));
        let wiped = |row: usize| shown.image(place)[row * test.width..][..test.width].iter().all(|&ink| ink == 0);
        let probabilities = scored.probabilities(place, 1.0);
        let mut likely: Vec<usize> = (0..vocabulary.len()).collect();
        likely.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        let guess = |&word: &usize| format!("{} {:.0} %", vocabulary[word], 100.0 * probabilities[word]);
        let guesses = likely[..TOLD].iter().map(guess).collect::<Vec<_>>().join(", ");
        [written(&whole, wiped), vocabulary[asked[place] as usize].to_string(), guesses].map(Cell::from).into()
    };
    let commonest = (0..vocabulary.len()).map(|word| asked.iter().filter(|&&one| one as usize == word).count()).max();
    let chance = commonest.unwrap_or(0) as f64 / asked.len().max(1) as f64;
    let share =
        |name: Text, share: f64| vec![name.into(), String::new().into(), format!("{:.1} %", 100.0 * share).into()];
    let mut rows: Vec<Vec<Cell>> = (0..ASKED.min(test.len())).map(row).collect();
    rows.push(share(text("Guessed of all test sentences", "全部测试句子中猜对的"), scored.accuracy()));
    rows.push(share(text("By the commonest word alone", "只猜最常见的词"), chance));
    let columns = vec![text("Masked", "遮住一词"), text("It was", "原词"), text("Guesses", "猜测")];
    run.host.emit(EventBody::Table { id: GUESSES.to_string(), columns, rows }).await
}
