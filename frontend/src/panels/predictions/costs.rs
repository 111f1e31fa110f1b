//! What the mistakes cost at each threshold, and the cheapest one.

use std::sync::Arc;

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::Text;
use kindling_statistics::cost::Costs;
use leptos::prelude::*;

use super::Looked;
use super::one_class::OneClass;
use super::threshold::{ABOVE_ALL, written};
use crate::charts::scale::short;
use crate::i18n::{self, predictions as words, t, tr};
use crate::panels::drawing::{DrawnChart, Handle};

/// Thresholds of the curve.
const PLACES: u32 = 200;

#[component]
pub fn CostCurve(looked: Looked, name: String) -> impl IntoView {
    let of_run = looked.decision;
    let [false_positive, false_negative] =
        of_run.map_or([1.0, 5.0], |decision| [decision.false_positive, decision.false_negative]);
    let costs = RwSignal::new(Costs { false_positive, false_negative });
    let of_run = of_run.map(|decision| decision.threshold);
    let (one, threshold) = (looked.one, looked.threshold);
    let best = Memo::new(move |_| {
        let (best, cost) = one.with(|one| costs.get().cheapest(&one.ranking));
        (best.min(ABOVE_ALL), cost)
    });
    let chart = Memo::new(move |_| one.with(|one| Arc::new(cost_chart(one, costs.get(), best.get().0, of_run))));
    let cost_now = move || one.with(|one| costs.get().at_threshold(&one.ranking, threshold.get()));
    let handle = Handle {
        at: Signal::derive(move || Some((threshold.get().min(1.0), cost_now()))),
        drag: Callback::new(move |(x, _): (f64, f64)| threshold.set(x.clamp(0.0, 1.0))),
    };
    let told = move || {
        let (best, cheapest) = best.get();
        let if_calibrated = costs.with(|costs| costs.threshold());
        let if_calibrated = if_calibrated.is_finite().then(|| written(if_calibrated));
        words::costs(i18n::language(), &short(cost_now()), &short(cheapest), &written(best), if_calibrated.as_deref())
    };
    let field = move |label: &'static Text, testid: &'static str, get: fn(&Costs) -> f64, set: fn(&mut Costs, f64)| {
        view! {
            <label class="field">
                <span class="label">{tr(label)}</span>
                <input
                    type="number"
                    min="0"
                    step="any"
                    data-testid=testid
                    prop:value=costs.with_untracked(get).to_string()
                    on:input=move |event| {
                        let cost = event_target_value(&event).parse::<f64>();
                        if let Some(cost) = cost.ok().filter(|cost| (0.0..1e9).contains(cost)) {
                            costs.update(|costs| set(costs, cost));
                        }
                    }
                />
            </label>
        }
    };
    let title = Signal::derive(|| t(&words::COSTS).to_string());
    view! {
        <section>
            <h4>{title}</h4>
            <div class="cost-fields">
                {field(&words::COST_FALSE_POSITIVE, "cost-fp", |costs| costs.false_positive, |costs, cost| costs.false_positive = cost)}
                {field(&words::COST_FALSE_NEGATIVE, "cost-fn", |costs| costs.false_negative, |costs, cost| costs.false_negative = cost)}
                <button class="button" type="button" data-testid="cost-best" on:click=move |_| threshold.set(best.get_untracked().0)>{tr(&words::TAKE_CHEAPEST)}</button>
            </div>
            <p class="quiet" role="status" data-testid="cost-told">{told}</p>
            <DrawnChart name=format!("{name}-cost") title chart handle />
        </section>
    }
}

fn cost_chart(one: &OneClass, costs: Costs, best: f64, of_run: Option<f64>) -> Chart {
    let at = |threshold: f64| costs.at_threshold(&one.ranking, threshold) as f32;
    let curve = (0..=PLACES).map(|place| f64::from(place) / f64::from(PLACES)).map(|x| [x as f32, at(x)]).collect();
    let flat = |cost: f32| vec![[0.0, cost], [1.0, cost]];
    let mark = |x: f64, text: Text| ChartMark { x: x.min(1.0) as f32, text };
    let mut marks = vec![mark(best, words::cheapest_mark(&written(best)))];
    marks.extend(of_run.map(|at| mark(at, words::run_mark(&written(at)))));
    let if_calibrated = costs.threshold();
    if if_calibrated.is_finite() {
        marks.push(mark(if_calibrated, words::calibrated_mark(&written(if_calibrated))));
    }
    Chart {
        id: "cost".into(),
        x: Axis::new(words::THRESHOLD_SHORT.clone(), Unit::Number),
        y: Axis::new(words::MEAN_COST.clone(), Unit::Number),
        traces: vec![
            Trace::new(words::CLASSIFIER.clone(), Shape::Line, curve),
            Trace::new(words::CALL_NONE.clone(), Shape::Dashed, flat(at(f64::INFINITY))),
            Trace::new(words::CALL_ALL.clone(), Shape::Dashed, flat(at(0.0))),
        ],
        marks,
    }
}

#[cfg(test)]
mod tests {
    use kindling_protocol::predictions::Predictions;

    use super::*;

    #[test]
    fn the_curve_begins_at_calling_all_and_ends_at_calling_none() {
        let predictions = Predictions {
            id: "test".into(),
            classes: vec!["no".into(), "yes".into()],
            truth: vec![1, 0, 0, 0],
            probabilities: vec![0.25, 0.75, 0.5, 0.5, 0.875, 0.125, 0.75, 0.25],
            decision: None,
        };
        let one = OneClass::of(&predictions, 1);
        let costs = Costs { false_positive: 1.0, false_negative: 8.0 };
        let chart = cost_chart(&one, costs, 0.75, None);
        let curve = &chart.traces[0].points;
        assert_eq!((curve[0], *curve.last().unwrap()), ([0.0, 0.75], [1.0, 2.0]));
        assert_eq!((chart.traces[1].points[0][1], chart.traces[2].points[0][1]), (2.0, 0.75));
        assert_eq!(curve[140][1], 0.0, "at 0.7 every sample is right");
        assert!((chart.marks[1].x - 1.0 / 9.0).abs() < 1e-6);
        let free = Costs { false_positive: 0.0, false_negative: 0.0 };
        assert_eq!(cost_chart(&one, free, 0.5, None).marks.len(), 1);
        assert_eq!(cost_chart(&one, free, 0.5, Some(0.25)).marks[1].x, 0.25);
    }
}
