//! MNIST, or a set that comes in the same files, as labs take it; generated drawings where it is not at hand or not
//! wanted.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::input::Picture;
use kindling_protocol::text::{Text, text};
use sha2::{Digest, Sha256};

use super::idx::Digits;
use super::{generator, random};
use crate::host::{DataError, Host, Interrupt};

/// How much of which set.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Such as `mnist`. `generated` asks for drawings.
    pub set: &'a str,
    /// Pictures from the front of the training half.
    pub train: usize,
    /// From the end of the training half. Together they must not be more than it has.
    pub validation: usize,
    /// From the front of the test half.
    pub test: usize,
}

/// Three parts that share no picture.
#[derive(Clone, Debug)]
pub struct Sets {
    pub train: Digits,
    pub validation: Digits,
    pub test: Digits,
    /// The name of the set, perhaps of that which is its test half alone, or `generated`.
    pub source: String,
    /// sha256 by part of what was read.
    pub sums: BTreeMap<String, String>,
}

/// Classes of every set in these files.
pub const CLASSES: usize = 10;
pub const SIDE: usize = 28;
/// What the classes of Fashion-MNIST are, in their order.
const CLOTHES: [Text; CLASSES] = [
    text("T-shirt or top", "T 恤"),
    text("Trousers", "裤子"),
    text("Pullover", "套头衫"),
    text("Dress", "连衣裙"),
    text("Coat", "外套"),
    text("Sandal", "凉鞋"),
    text("Shirt", "衬衫"),
    text("Sneaker", "运动鞋"),
    text("Bag", "包"),
    text("Ankle boot", "短靴"),
];
const TRAINING: usize = 60_000;
/// Above every seed that a run can have.
const VALIDATION_SEED: u64 = (1 << 60) + 1;
pub const TEST_SEED: u64 = (1 << 60) + 2;
/// Generated drawings that stand for a test half.
pub const GENERATED_TEST: usize = 2_000;

/// The number of a class with its name, or of a digit alone.
pub fn class_name(source: &str, class: usize) -> Text {
    match source {
        "fashion-mnist" | "fashion-mnist-10k" => numbered(class, &CLOTHES[class]),
        _ => Text { en: class.to_string().into(), zh: class.to_string().into() },
    }
}

pub fn numbered(class: usize, name: &Text) -> Text {
    Text { en: format!("{class} {}", name.en).into(), zh: format!("{class} {}", name.zh).into() }
}

/// What a lab learns from and is judged by. Says so where drawings stand in.
pub async fn sets(host: &dyn Host, seed: u64, wanted: Wanted<'_>) -> Result<Sets, Interrupt> {
    if wanted.set != "generated" {
        let mut sums = BTreeMap::new();
        let train = half(host, wanted.set, "train", &mut sums).await;
        let test = half(host, wanted.set, "test", &mut sums).await;
        match (train, test) {
            (Ok(train), Ok(test)) => {
                let held_out = train.len().saturating_sub(wanted.validation);
                return Ok(Sets {
                    validation: train.pick(held_out..train.len()),
                    train: train.pick(0..wanted.train.min(held_out)),
                    test: test.pick(0..wanted.test.min(test.len())),
                    source: wanted.set.to_string(),
                    sums,
                });
            }
            (Err(Unusable::Damaged(detail)), _) | (_, Err(Unusable::Damaged(detail))) => return Err(damaged(&detail)),
            _ => {}
        }
        if let Some(sets) = split(host, wanted).await? {
            host.emit(EventBody::Note { text: SPLIT }).await?;
            return Ok(sets);
        }
        host.emit(EventBody::Note { text: STAND_IN }).await?;
    }
    Ok(Sets {
        train: generator::digits(seed, wanted.train),
        validation: generator::digits(VALIDATION_SEED, wanted.validation),
        test: generator::digits(TEST_SEED, wanted.test.min(GENERATED_TEST)),
        source: "generated".to_string(),
        sums: BTreeMap::new(),
    })
}

/// What the test half alone makes, where that much of a set is here: its last pictures are the test set, those before
/// them are learned from.
async fn split(host: &dyn Host, wanted: Wanted<'_>) -> Result<Option<Sets>, Interrupt> {
    let mut sums = BTreeMap::new();
    let source = format!("{}-10k", wanted.set);
    let all = match half(host, &source, "test", &mut sums).await {
        Ok(all) => all,
        Err(Unusable::Missing) => return Ok(None),
        Err(Unusable::Damaged(detail)) => return Err(damaged(&detail)),
    };
    let learned = all.len() - all.len() / 5;
    let held_out = learned.saturating_sub(wanted.validation);
    Ok(Some(Sets {
        validation: all.pick(held_out..learned),
        train: all.pick(0..wanted.train.min(held_out)),
        test: all.pick(learned..all.len().min(learned.saturating_add(wanted.test))),
        source,
        sums,
    }))
}

pub const SPLIT: Text = text(
    "Of this set only the 10,000 test pictures are at hand. They are split: the first 8,000 to learn from, the last 2,000 to test on. Figures are not those of the published split.",
    "这个数据集只有 10,000 张测试图片可用，因此将其拆分：前 8,000 张用于学习，后 2,000 张用于测试。所得结果与公布的划分不可比较。",
);

pub const STAND_IN: Text = text(
    "The data set is not at hand, so generated drawings of digits serve instead. They are easier: figures are not comparable.",
    "没有可用的数据集，改用程序生成的手写数字。它们更容易识别，因此结果不可比较。",
);

/// The front of the test set of a source, as [`Sets::source`] names it.
pub async fn test(host: &dyn Host, set: &str, count: usize) -> Result<Digits, Interrupt> {
    if set == "generated" {
        return Ok(generator::digits(TEST_SEED, count.min(GENERATED_TEST)));
    }
    if let Some(set) = set.strip_suffix("-10k")
        && let Some(sets) = split(host, Wanted { set, train: 0, validation: 0, test: count }).await?
    {
        return Ok(sets.test);
    }
    let mut test = half(host, set, "test", &mut BTreeMap::new()).await;
    if matches!(test, Err(Unusable::Missing)) {
        // Where only that half is here it has a name of its own, and is the very test set.
        test = half(host, &format!("{set}-10k"), "test", &mut BTreeMap::new()).await;
    }
    match test {
        Ok(test) => Ok(test.pick(0..count.min(test.len()))),
        Err(Unusable::Damaged(detail)) => Err(damaged(&detail)),
        Err(Unusable::Missing) => {
            let text = text("The test set of this model is not at hand.", "没有可用的该模型测试集。");
            Err(Interrupt::Fail { code: FailureCode::Data, text, detail: None })
        }
    }
}

/// The front of the test set where only the test half of a set is here: it was split, and a model has learned from its
/// front.
async fn split_test(host: &dyn Host, set: &str, count: usize) -> Result<Option<Digits>, Interrupt> {
    let learned = host.data(&format!("{set}/train-labels")).await;
    if !matches!(learned, Err(DataError::Missing(_))) {
        return Ok(None);
    }
    let sets = split(host, Wanted { set, train: 0, validation: 0, test: count }).await?;
    Ok(sets.map(|sets| sets.test))
}

/// Why a half can't be had.
pub enum Unusable {
    Missing,
    Damaged(String),
}

/// One half, `train` or `test`, of a set in MNIST's files. The sums of its parts go into `sums`.
pub async fn half(
    host: &dyn Host,
    set: &str,
    half: &str,
    sums: &mut BTreeMap<String, String>,
) -> Result<Digits, Unusable> {
    let mut files = Vec::new();
    for kind in ["images", "labels"] {
        let part = format!("{set}/{half}-{kind}");
        let bytes = host.data(&part).await.map_err(|error| match error {
            DataError::Missing(_) => Unusable::Missing,
            damaged => Unusable::Damaged(damaged.to_string()),
        })?;
        sums.insert(part, format!("{:x}", Sha256::digest(&bytes)));
        files.push(bytes);
    }
    let digits = Digits::from_idx(&files[0], &files[1], CLASSES as u8);
    let digits = digits.map_err(|error| Unusable::Damaged(format!("`{set}/{half}`: {error}")))?;
    let (count, height, width) = (digits.len(), digits.height, digits.width);
    if (height, width) != (SIDE, SIDE) || count > TRAINING {
        return Err(Unusable::Damaged(format!("`{set}/{half}` has {count} pictures of {height}x{width}")));
    }
    Ok(digits)
}

pub fn damaged(detail: &str) -> Interrupt {
    let text = text("The data can't be used: it is not what it should be.", "数据无法使用：内容与应有的不符。");
    Interrupt::Fail { code: FailureCode::Data, text, detail: Some(detail.to_string()) }
}

/// A test picture chosen by `seed`, or a generated drawing where there is no test half.
pub async fn sample(host: &dyn Host, set: &str, seed: u64) -> Result<(Picture, String), Interrupt> {
    let mut random = random::stream(seed, "digits sample", 0, 0);
    let digits = match half(host, set, "test", &mut BTreeMap::new()).await {
        Ok(test) if !test.is_empty() => test.pick([random.below(test.len() as u32) as usize]),
        Err(Unusable::Damaged(detail)) => return Err(damaged(&detail)),
        _ => generator::digits(seed, 1),
    };
    Ok((picture(digits.image(0)), digits.labels[0].to_string()))
}

/// Test pictures by index, as a panel of a run on this set names them.
pub async fn samples(host: &dyn Host, set: &str, indices: &[u32]) -> Result<Vec<Picture>, Interrupt> {
    let below = |count: usize| indices.iter().copied().filter(move |&index| (index as usize) < count);
    let of = |test: &Digits| below(test.len()).map(|index| picture(test.image(index as usize))).collect();
    if set != "generated" {
        if let Some(test) = split_test(host, set, usize::MAX).await? {
            return Ok(of(&test));
        }
        match half(host, set, "test", &mut BTreeMap::new()).await {
            Ok(test) => return Ok(of(&test)),
            Err(Unusable::Damaged(detail)) => return Err(damaged(&detail)),
            Err(Unusable::Missing) => {}
        }
    }
    Ok(below(GENERATED_TEST).map(|index| picture(&generator::digit(TEST_SEED, index.into()).0)).collect())
}

fn picture(image: &[u8]) -> Picture {
    Picture { height: SIDE as u32, width: SIDE as u32, channels: 1, pixels: BASE64.encode(image) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestHost;

    #[test]
    fn a_test_half_alone_is_split_and_it_is_said() {
        let idx = |sizes: &[u32], bytes: Vec<u8>| {
            let words = sizes.iter().flat_map(|size| size.to_be_bytes());
            [0, 0, 8, sizes.len() as u8].into_iter().chain(words).chain(bytes).collect::<Vec<u8>>()
        };
        let images = (0..50u8).flat_map(|index| [index; SIDE * SIDE]).collect();
        let files = [
            ("fashion-mnist-10k/test-images".to_string(), idx(&[50, 28, 28], images)),
            ("fashion-mnist-10k/test-labels".to_string(), idx(&[50], (0..50).map(|index| index % 10).collect())),
        ];
        let host = TestHost { files: files.into(), ..TestHost::default() };
        let wanted = Wanted { set: "fashion-mnist", train: 100, validation: 5, test: 100 };
        let sets = pollster::block_on(sets(&host, 3, wanted)).expect("a half");
        let firsts = |digits: &Digits| digits.images.iter().step_by(SIDE * SIDE).copied().collect::<Vec<u8>>();
        assert!(firsts(&sets.train).into_iter().eq(0..35));
        assert!(firsts(&sets.validation).into_iter().eq(35..40));
        assert!(firsts(&sets.test).into_iter().eq(40..50));
        assert_eq!((&sets.source[..], sets.sums.len()), ("fashion-mnist-10k", 2));
        assert_eq!(host.events.take(), [EventBody::Note { text: SPLIT }]);
        let later = pollster::block_on(test(&host, &sets.source, 3)).expect("the same");
        assert_eq!(firsts(&later), [40, 41, 42], "not what was learned from");
        let whole = pollster::block_on(test(&host, "fashion-mnist", 3)).expect("the half that is here");
        assert_eq!(firsts(&whole), [0, 1, 2], "of a model that learned from the other half");
        let opened = pollster::block_on(samples(&host, "fashion-mnist", &[2, 10])).expect("those of the cells");
        assert_eq!(opened, [picture(&[42; SIDE * SIDE])]);
    }

    #[test]
    fn without_the_files_drawings_stand_in_and_it_is_said() {
        let host = TestHost::default();
        let wanted = Wanted { set: "mnist", train: 12, validation: 5, test: 7 };
        let sets = pollster::block_on(sets(&host, 3, wanted)).expect("drawings");
        assert_eq!((sets.train.len(), sets.validation.len(), sets.test.len()), (12, 5, 7));
        assert_eq!((&sets.source[..], sets.sums.len()), ("generated", 0));
        assert_eq!(host.events.take(), [EventBody::Note { text: STAND_IN }]);
        // A finished model is not asked about another set than its own.
        assert!(pollster::block_on(test(&host, "mnist", 5)).is_err());
        let drawn = pollster::block_on(test(&host, "generated", 7)).expect("drawings");
        assert_eq!(drawn.images, sets.test.images);
        let shown = pollster::block_on(samples(&host, "mnist", &[6])).expect("a drawing");
        assert_eq!(shown, [picture(sets.test.image(6))], "a panel's index names the same picture");
        assert_eq!(pollster::block_on(samples(&host, "generated", &[6, 2_000])).expect("a drawing"), shown);
    }
}
