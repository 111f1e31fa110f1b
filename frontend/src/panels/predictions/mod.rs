//! What a classifier's predictions are worth: curves with a threshold to drag, the confusion matrix there and all
//! that is read from it, what mistakes cost, and whether probabilities mean what they say.
//!
//! - [`one_class`]: the predictions as one class against the rest. [`threshold`]: where it is cut, by a slider.
//! - [`curves`]: precision-recall and ROC. [`matrix`]: the four cells; [`metric`]: what is made of them.
//! - [`averages`]: class by class and in the mean. [`costs`], [`calibration`].

mod averages;
mod calibration;
mod costs;
mod curves;
mod matrix;
mod metric;
mod one_class;
mod threshold;

use std::fmt::Write;
use std::sync::Arc;

use kindling_protocol::predictions::{Decision, Predictions};
use leptos::prelude::*;

use crate::charts::export::{quoted, save};
use crate::charts::save::save_button;
use crate::i18n::{self, predictions as told, tr};
use averages::Averages;
use calibration::Calibration;
use costs::CostCurve;
use curves::Curves;
use matrix::FourCells;
use one_class::OneClass;
use threshold::{ThresholdSlider, written};

/// Copy: what the parts of the panel look at.
#[derive(Clone, Copy)]
struct Looked {
    predictions: Signal<Arc<Predictions>>,
    /// The class that counts as positive.
    class: RwSignal<usize>,
    one: Memo<Arc<OneClass>>,
    /// Positive is what scores at least so much.
    threshold: RwSignal<f64>,
    /// How the run decides.
    decision: Option<Decision>,
}

#[component]
pub fn PredictionsView(#[prop(into)] predictions: Signal<Arc<Predictions>>) -> impl IntoView {
    let sound =
        Memo::new(move |_| predictions.with(|predictions| predictions.check().is_ok().then_some(predictions.decision)));
    move || match sound.get() {
        // Another run's decision begins anew.
        Some(decision) => view! { <Parts predictions decision /> }.into_any(),
        None => view! { <p class="notice warn">{tr(&told::DAMAGED)}</p> }.into_any(),
    }
}

#[component]
fn Parts(predictions: Signal<Arc<Predictions>>, decision: Option<Decision>) -> impl IntoView {
    let classes = Memo::new(move |_| predictions.with(|predictions| predictions.classes.clone()));
    let id = predictions.with_untracked(|predictions| predictions.id.clone());
    // Of two, the second is the positive one; of more, any may be.
    let class = RwSignal::new(usize::from(classes.with_untracked(|classes| classes.len() == 2)));
    let one = Memo::new(move |_| predictions.with(|predictions| Arc::new(OneClass::of(predictions, class.get()))));
    let threshold = RwSignal::new(decision.map_or(0.5, |decision| decision.threshold));
    let looked = Looked { predictions, class, one, threshold, decision };
    let of_run = decision.map(|decision| written(decision.threshold));
    let save_csv = move || {
        predictions.with_untracked(|predictions| {
            let name = format!("kindling-{}.csv", predictions.id);
            save(&name, "text/csv;charset=utf-8", csv(predictions).as_bytes());
        });
    };
    // As the labs that judge and compare take it.
    let save_json = move || {
        predictions.with_untracked(|predictions| {
            let json = serde_json::to_vec(predictions).expect("plain data");
            save(&format!("kindling-{}.json", predictions.id), "application/json", &json);
        });
    };
    let choice = move || {
        let names = classes.get();
        (names.len() > 2).then(|| {
            let options = names.into_iter().enumerate().map(|(index, name)| {
                view! { <option value=index.to_string() selected=move || class.get() == index>{name}</option> }
            });
            view! {
                <label class="field predictions-class">
                    <span class="label">{tr(&told::CLASS_AGAINST_REST)}</span>
                    <select data-testid="predictions-class" on:change=move |event| class.set(event_target_value(&event).parse().unwrap_or(0))>
                        {options.collect_view()}
                    </select>
                </label>
            }
        })
    };
    view! {
        <div class="predictions" data-testid=format!("predictions-{id}")>
            <div class="predictions-head">
                {choice}
                <ThresholdSlider looked />
                {save_button("CSV", "predictions-csv", save_csv)}
                {save_button("JSON", "predictions-json", save_json)}
            </div>
            <p class="quiet" data-testid="predictions-of-run">{move || told::of_run(i18n::language(), of_run.as_deref())}</p>
            <Curves looked name=id.clone() />
            <FourCells looked />
            <Averages looked />
            <div class="predictions-pair">
                <CostCurve looked name=id.clone() />
                <Calibration looked name=id.clone() />
            </div>
        </div>
    }
}

/// A sample a line: its true class and every probability.
fn csv(predictions: &Predictions) -> String {
    let mut text = String::from("sample,truth");
    for name in &predictions.classes {
        write!(text, ",{}", quoted(name)).expect("writing to a string");
    }
    text.push('\n');
    let rows = predictions.probabilities.chunks(predictions.classes.len());
    for (sample, (truth, row)) in predictions.truth.iter().zip(rows).enumerate() {
        write!(text, "{sample},{}", quoted(&predictions.classes[*truth as usize])).expect("writing to a string");
        for probability in row {
            write!(text, ",{probability}").expect("writing to a string");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_every_sample() {
        let classes = vec!["no".to_string(), "yes, sir".into()];
        let predictions = Predictions {
            id: "test".into(),
            classes,
            truth: vec![1, 0],
            probabilities: vec![0.25, 0.75, 0.5, 0.5],
            decision: None,
        };
        let lines = "sample,truth,no,\"yes, sir\"\n0,\"yes, sir\",0.25,0.75\n1,no,0.5,0.5\n";
        assert_eq!(csv(&predictions), lines);
    }
}
