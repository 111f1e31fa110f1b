//! Which questions are shown. The address holds it, so that a reload or a link shows the same ones.

use kindling_protocol::question::{Card, Catalogue, Named};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Every word of it must be found.
    pub words: String,
    pub topic: String,
    pub role: String,
    /// 1 to 5; 0 is any.
    pub difficulty: u8,
    /// [`DUE`], [`NEW`] or any.
    pub practice: String,
}

/// Graded, and to be practised again today.
pub const DUE: &str = "due";
/// Not graded yet.
pub const NEW: &str = "new";

impl Filter {
    /// Names that are not ours are left aside.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut filter = Filter::default();
        for (name, value) in pairs {
            match name.as_str() {
                "q" => filter.words = value,
                "topic" => filter.topic = value,
                "role" => filter.role = value,
                "practice" if [DUE, NEW].contains(&&*value) => filter.practice = value,
                "difficulty" => filter.difficulty = value.parse().ok().filter(|level| *level <= 5).unwrap_or(0),
                _ => {}
            }
        }
        filter
    }

    /// As the address has it, without `?`. `encode` makes a value fit for it.
    pub fn to_query(&self, encode: impl Fn(&str) -> String) -> String {
        let difficulty = if self.difficulty == 0 { String::new() } else { self.difficulty.to_string() };
        let pairs = [
            ("q", &self.words),
            ("topic", &self.topic),
            ("role", &self.role),
            ("difficulty", &difficulty),
            ("practice", &self.practice),
        ];
        let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    /// The questions it leaves, in the catalogue's order. `due_in`: days until one is due, if it was graded.
    pub fn apply<'a>(&self, catalogue: &'a Catalogue, due_in: impl Fn(&str) -> Option<u32>) -> Vec<&'a Card> {
        let practised = |card: &Card| match self.practice.as_str() {
            DUE => due_in(&card.id) == Some(0),
            NEW => due_in(&card.id).is_none(),
            _ => true,
        };
        catalogue.questions.iter().filter(|card| self.holds(card, catalogue) && practised(card)).collect()
    }

    fn holds(&self, card: &Card, catalogue: &Catalogue) -> bool {
        let mut text = [&card.id, &*card.title.en, &*card.title.zh, &card.lab, &card.words].join(" ");
        for Named { id, name } in catalogue.topics.iter().chain(&catalogue.roles) {
            if card.topics.contains(id) || card.roles.contains(id) {
                text = [&text, &*name.en, &*name.zh].join(" ");
            }
        }
        let text = text.to_lowercase();
        // Each part of `cross-validation` by itself finds `cross validation` too.
        let apart = |letter: char| letter.is_whitespace() || letter == '-';
        (self.topic.is_empty() || card.topics.contains(&self.topic))
            && (self.role.is_empty() || card.roles.contains(&self.role))
            && (self.difficulty == 0 || card.difficulty == self.difficulty)
            && self.words.to_lowercase().split(apart).all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use kindling_protocol::knob::Knobs;
    use kindling_protocol::text::text;

    use super::*;

    fn catalogue() -> Catalogue {
        let card = |id: &str, title, topic: &str, difficulty, words: &str| Card {
            id: id.into(),
            title,
            difficulty,
            minutes: 5,
            topics: vec![topic.into()],
            roles: vec!["engineer".into()],
            lab: "digits".into(),
            knobs: Knobs::default(),
            goals: vec![],
            words: words.into(),
            page: text("", ""),
            code: String::new(),
        };
        Catalogue {
            topics: vec![Named { id: "vision".into(), name: text("Vision", "视觉") }],
            roles: vec![Named { id: "engineer".into(), name: text("Engineer", "工程师") }],
            questions: vec![
                card("q01", text("Train on Digits", "训练数字识别"), "vision", 1, "early stopping 早停"),
                card("q02", text("Skewed classes", "类别不平衡"), "data", 2, "SMOTE McNemar PGD SimCLR"),
            ],
        }
    }

    #[test]
    fn words_are_found_in_titles_ids_topics_roles_and_search_words_in_both_languages() {
        let catalogue = catalogue();
        let found = |words: &str| {
            let filter = Filter { words: words.into(), ..Filter::default() };
            filter.apply(&catalogue, |_| None).iter().map(|card| card.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found(""), ["q01", "q02"]);
        assert_eq!(found("digits TRAIN"), ["q01"]);
        assert_eq!(found("不平衡"), ["q02"]);
        assert_eq!((found("视觉"), found("q02")), (vec!["q01".into()], vec!["q02".into()]));
        assert!(found("train skewed").is_empty());
        for word in ["early stopping", "Early-Stopping", "早停"] {
            assert_eq!(found(word), ["q01"], "{word}");
        }
        for word in ["PGD", "mcnemar", "SimCLR", "smote"] {
            assert_eq!(found(word), ["q02"], "{word}");
        }
        assert_eq!((found("工程师"), found("engineer")), (found(""), found("")));
    }

    #[test]
    fn what_is_due_and_what_was_never_graded_are_found() {
        let catalogue = catalogue();
        let found = |practice: &str, due_in: fn(&str) -> Option<u32>| {
            let filter = Filter { practice: practice.into(), ..Filter::default() };
            filter.apply(&catalogue, due_in).iter().map(|card| card.id.clone()).collect::<Vec<_>>()
        };
        let first_is_due = |id: &str| (id == "q01").then_some(0);
        assert_eq!((found(DUE, first_is_due), found(NEW, first_is_due)), (vec!["q01".into()], vec!["q02".into()]));
        assert!(found(DUE, |_| Some(1)).is_empty() && found(NEW, |_| Some(1)).is_empty());
    }

    #[test]
    fn the_address_holds_the_filter() {
        let filter = Filter {
            words: "a b".into(),
            topic: "vision".into(),
            role: "engineer".into(),
            difficulty: 1,
            practice: DUE.into(),
        };
        let query = filter.to_query(|value| value.replace(' ', "%20"));
        assert_eq!(query, "q=a%20b&topic=vision&role=engineer&difficulty=1&practice=due");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let back = Filter::from_pairs(pairs.map(|(name, value)| (name.into(), value.replace("%20", " "))));
        assert_eq!(back, filter);
        assert_eq!(Filter::default().to_query(str::to_owned), "");
        let odd = [("difficulty", "9"), ("practice", "often"), ("colour", "red")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(Filter::from_pairs(odd), Filter::default());
        let one = Filter { topic: "vision".into(), difficulty: 2, ..Filter::default() };
        assert!(one.apply(&catalogue(), |_| None).is_empty());
    }
}
