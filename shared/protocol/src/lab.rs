//! A lab's description: what the page and the command line need to know without linking burn.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::knob::{self, Choice, Knob, KnobError, KnobKind, KnobValue, Knobs, When};
use crate::text::Text;

/// Everything that can be said of a lab before it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabSpec {
    /// Names the lab in links, folders and commands: lower case, digits and `-`.
    pub slug: Cow<'static, str>,
    pub title: Text,
    pub summary: Text,
    pub knobs: Vec<Knob>,
    /// Knobs of a run so small that a test can afford it, laid over the defaults. The goals hold there too, and fail at
    /// their counter-knobs laid over it.
    pub quick: Vec<(Cow<'static, str>, KnobValue)>,
    pub goals: Vec<Goal>,
    /// Curves the lab emits, in drawing order. A point of a series that is not listed here is a fault.
    pub series: Vec<Series>,
    /// What a report can come to, in the order to show it in. A report names nothing else.
    pub figures: Vec<Figure>,
    /// Panels besides the curves, in drawing order, named as the events that fill them.
    pub panels: Vec<Panel>,
    /// A run hands over a model, for the pad and the registry.
    pub model: bool,
    /// What it shows of the learner's own drawing, if it looks at one.
    pub drawing: Option<Examination>,
    pub places: Vec<Place>,
    /// Data sets the lab reads, by name. One that is an option of a choice knob is read when it is chosen.
    pub data: Vec<Cow<'static, str>>,
}

/// Knob values laid over others.
pub type Overlay = [(Cow<'static, str>, KnobValue)];

impl LabSpec {
    /// The defaults with each overlay laid over what comes before it.
    pub fn knobs_with(&self, overlays: &[&Overlay]) -> Result<Knobs, KnobError> {
        let over = overlays.iter().copied().flatten().map(|(id, value)| (id.to_string(), value.clone()));
        knob::resolve(&self.knobs, &Knobs(over.collect()))
    }

    /// The data sets that a run with these knobs reads.
    pub fn data_for(&self, knobs: &Knobs) -> Vec<&str> {
        let chosen = |set: &&str| match self.chooser(set) {
            Some((knob, _)) => knobs.0.get(knob.id.as_ref()) == Some(&KnobValue::Word(set.to_string())),
            None => true,
        };
        self.data.iter().map(AsRef::as_ref).filter(chosen).collect()
    }

    /// The knob that chooses a data set, and the options that need no data set at all.
    pub fn chooser(&self, set: &str) -> Option<(&Knob, Vec<&str>)> {
        let named = |options: &[Choice]| options.iter().any(|option| option.id == set);
        self.knobs.iter().find_map(|knob| match &knob.kind {
            KnobKind::Choice { options, .. } if named(options) => {
                let ids = options.iter().map(|option| option.id.as_ref());
                Some((knob, ids.filter(|id| self.data.iter().all(|set| set != id)).collect()))
            }
            _ => None,
        })
    }
}

/// A check that a finished run passes or fails by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Goal {
    pub id: Cow<'static, str>,
    pub text: Text,
    /// The id of one of the lab's figures. A report without it leaves the goal unmeasured: the data of that run could not
    /// decide it, and a note says why.
    pub figure: Cow<'static, str>,
    pub test: GoalTest,
    /// Seconds of training within which the figure must be reached, where time is part of the goal: the running time
    /// at the newest point of the run's curves, pauses left out. What comes after that point (the test at the end,
    /// handing over the weights) is no training, so it is not counted.
    ///
    /// A curve that crossed the bound on the way reaches nothing: the figure is of the weights that the run ends with,
    /// and those of before were never tested. Who wants them sooner plans a shorter run.
    pub within_s: Option<f64>,
    /// Knobs at which the goal fails, laid over the defaults: the mistake that the lab teaches to see. One that is idle
    /// there is for other choices of the learner's.
    pub counter: Vec<(Cow<'static, str>, KnobValue)>,
    /// It is judged only where all of these hold. What some data do not allow, or another method does not reach, is
    /// nobody's mistake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_when: Vec<When>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GoalTest {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// Whether a run of its lab with these values is judged by it. A condition on a knob that is idle asks nothing.
    pub fn judges(&self, knobs: &[Knob], values: &Knobs) -> bool {
        let asks = |when: &&When| knobs.iter().any(|knob| knob.id == when.knob && knob.counts(values));
        self.only_when.iter().filter(asks).all(|when| when.holds(values))
    }

    /// `trained_s` is the time of training, as [`Goal::within_s`] counts it. A figure that is not a number never passes.
    pub fn holds(&self, figure: f64, trained_s: f64) -> bool {
        let reached = match self.test {
            GoalTest::AtLeast(bound) => figure >= bound,
            GoalTest::AtMost(bound) => figure <= bound,
        };
        reached && self.within_s.is_none_or(|limit| trained_s <= limit)
    }
}

/// One curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    pub id: Cow<'static, str>,
    pub label: Text,
    /// Series of one chart share an axis: `loss`, `accuracy`, `reward`, ...
    pub chart: Cow<'static, str>,
    pub unit: Unit,
}

/// A number that a finished run comes to, under this id in its [`Report`](crate::event::EventBody::Report).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    pub id: Cow<'static, str>,
    pub label: Text,
    pub unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A plain number.
    Number,
    /// From 0 to 1, shown as a percentage.
    Fraction,
}

/// A panel besides the curves. Which panel an event fills is told by the event's `id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Panel {
    pub id: Cow<'static, str>,
    pub title: Text,
    pub help: Text,
    /// Knobs at which a run fills it, laid over the defaults, where the defaults leave it empty. The empty panel offers
    /// them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled_at: Vec<(Cow<'static, str>, KnobValue)>,
}

/// What a lab shows of one drawing and one model, without a run and while the pen moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Examination {
    pub lead: Text,
    /// Apart from those of a run: what is tried on a drawing leaves the next run as it was.
    pub knobs: Vec<Knob>,
    pub panels: Vec<Panel>,
}

/// Where a run can take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In this tab, on the CPU.
    Cpu,
    /// In this tab, on WebGPU.
    Gpu,
    /// On the server, on whichever device it chooses.
    Server,
}

/// What a run with these knobs will take, worked out before it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cost {
    pub steps: u64,
    /// Training samples seen in all steps together.
    pub samples: u64,
    /// Floating-point operations in all, forward and backward, a multiply-add counted as two.
    pub flops: f64,
    pub parameters: u64,
    /// Data read before the first step.
    pub data_bytes: u64,
    /// A rough upper bound: parameters, optimiser state, one batch of activations, the data.
    pub memory_bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::text;

    #[test]
    fn a_data_set_is_read_unless_a_knob_chooses_otherwise() {
        let choice = |id: &'static str| Choice { id: id.into(), label: text(id, id) };
        let spec = LabSpec {
            slug: "demo".into(),
            title: text("Demo", "演示"),
            summary: text("A lab to test with.", "测试用的实验。"),
            knobs: vec![Knob {
                id: "data".into(),
                label: text("Data", "数据"),
                help: text("Where it comes from.", "从何而来。"),
                kind: KnobKind::Choice { options: vec![choice("mnist"), choice("drawn")], default: "mnist".into() },
                live: false,
                only_when: vec![],
            }],
            quick: vec![],
            goals: vec![],
            series: vec![],
            figures: vec![],
            panels: vec![],
            model: false,
            drawing: None,
            places: vec![],
            data: vec!["mnist".into(), "wine".into()],
        };
        let with = |word: &str| Knobs([("data".to_string(), KnobValue::Word(word.into()))].into());
        assert_eq!(spec.data_for(&with("mnist")), ["mnist", "wine"]);
        assert_eq!(spec.data_for(&with("drawn")), ["wine"]);
        assert_eq!(
            spec.chooser("mnist").map(|(knob, others)| (knob.id.as_ref(), others)),
            Some(("data", vec!["drawn"]))
        );
        assert!(spec.chooser("wine").is_none());
    }

    #[test]
    fn a_goal_needs_the_figure_in_time_and_a_number() {
        let goal = Goal {
            id: "accuracy".into(),
            text: text("97 % within a minute", "一分钟内达到 97%"),
            figure: "test_accuracy".into(),
            test: GoalTest::AtLeast(0.97),
            within_s: Some(60.0),
            counter: vec![],
            only_when: vec![],
        };
        assert!(goal.holds(0.97, 60.0));
        assert!(!goal.holds(0.9699, 1.0));
        assert!(!goal.holds(0.99, 60.1));
        assert!(!goal.holds(f64::NAN, 1.0));
        let at_most = Goal { test: GoalTest::AtMost(0.1), within_s: None, ..goal };
        assert!(at_most.holds(0.1, 1e9) && !at_most.holds(0.11, 0.0));
    }

    #[test]
    fn a_goal_is_judged_where_its_conditions_hold_and_an_idle_knob_asks_nothing() {
        let choice = |id: &'static str| {
            let kind = KnobKind::Choice { options: vec![], default: "".into() };
            Knob { id: id.into(), label: text(id, id), help: text(id, id), kind, live: false, only_when: vec![] }
        };
        let knobs = [choice("data"), choice("task").only_when("data", &["pictures"])];
        let values = |data: &'static str, task: &'static str| {
            Knobs([("data".to_string(), data.into()), ("task".to_string(), task.into())].into())
        };
        let goal = Goal {
            id: "gain".into(),
            text: text("gain", "提升"),
            figure: "gain".into(),
            test: GoalTest::AtLeast(0.1),
            within_s: None,
            counter: vec![],
            only_when: vec![When::of("task", &["views", "masks"])],
        };
        assert!(
            goal.judges(&knobs, &values("pictures", "masks")) && !goal.judges(&knobs, &values("pictures", "turns"))
        );
        assert!(goal.judges(&knobs, &values("sentences", "turns")));
        assert!(Goal { only_when: vec![], ..goal }.judges(&knobs, &values("pictures", "turns")));
    }
}
