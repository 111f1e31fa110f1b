//! The threshold that a metric would choose.

use kindling_protocol::text::{Text, text};
use kindling_statistics::confusion::Confusion;
use kindling_statistics::cost::Costs;
use kindling_statistics::curves::{Place, Ranking};

use super::problem::Judged;

/// What is made as good as possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Accuracy,
    F1,
    BalancedAccuracy,
    Matthews,
    /// The expected cost, as low as possible.
    Cost,
}

impl Rule {
    pub const ALL: [Rule; 5] = [Rule::Cost, Rule::Accuracy, Rule::F1, Rule::BalancedAccuracy, Rule::Matthews];

    /// As the knob names it; `None` where the threshold is set by hand.
    pub fn of(word: &str) -> Option<Rule> {
        Rule::ALL.into_iter().find(|rule| rule.id() == word)
    }

    pub fn id(self) -> &'static str {
        match self {
            Rule::Accuracy => "accuracy",
            Rule::F1 => "f1",
            Rule::BalancedAccuracy => "balanced",
            Rule::Matthews => "matthews",
            Rule::Cost => "cost",
        }
    }

    pub fn name(self) -> Text {
        match self {
            Rule::Accuracy => text("Accuracy", "准确率"),
            Rule::F1 => text("F1", "F1"),
            Rule::BalancedAccuracy => text("Balanced accuracy", "平衡准确率"),
            Rule::Matthews => text("Matthews correlation", "马修斯相关系数"),
            Rule::Cost => text("Expected cost", "期望代价"),
        }
    }

    /// The best threshold for it on a judged set: halfway between two neighbouring scores, since a new sample will not
    /// score exactly what an old one did. Of equals the highest; above all scores, where nothing is called positive.
    pub fn threshold(self, judged: &Judged, costs: Costs) -> f64 {
        let ranking = Ranking::new(&judged.truth, &judged.scores);
        let worth = |at: &Place| match self {
            Rule::Cost => -costs.at(&ranking, at),
            _ => self.worth(&Confusion::at_place(&ranking, at)),
        };
        let highest = ranking.places.first().map_or(0.0, |place| place.threshold);
        let above = if highest < 1.0 { (1.0 + highest) / 2.0 } else { 1.0f64.next_up() };
        let mut best = (worth(&ranking.place(above)), above);
        for (place, at) in ranking.places.iter().enumerate() {
            let worth = worth(at);
            if worth > best.0 {
                let below = ranking.places.get(place + 1).map_or(0.0, |next| next.threshold);
                best = (worth, (at.threshold + below) / 2.0);
            }
        }
        best.1
    }

    fn worth(self, matrix: &Confusion) -> f64 {
        match self {
            Rule::Accuracy => matrix.accuracy(),
            Rule::F1 => matrix.cells(1).rates().f1,
            Rule::BalancedAccuracy => matrix.balanced_accuracy(),
            Rule::Matthews => matrix.matthews(),
            Rule::Cost => unreachable!("a cost is read from the ranking"),
        }
    }
}
