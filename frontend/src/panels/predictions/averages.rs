//! Precision, recall, F1 and specificity of every class, and their three kinds of mean.

use kindling_protocol::predictions::Predictions;
use kindling_statistics::confusion::{Average, Confusion, Rates};
use leptos::prelude::*;

use super::Looked;
use super::one_class::OneClass;
use crate::components::table_scroll::TableScroll;
use crate::i18n::{self, lab, predictions as words, t, tr};

#[component]
pub fn Averages(looked: Looked) -> impl IntoView {
    let confusion = Memo::new(move |_| {
        let predictions = looked.predictions.get();
        looked.one.with(|one| of_all(&predictions, one, looked.threshold.get()))
    });
    let two = move || looked.predictions.with(|all| all.classes.len() == 2);
    let rows = move || {
        let names = looked.predictions.with(|all| all.classes.clone());
        confusion.with(|confusion| {
            let of_class = names.into_iter().enumerate().map(|(class, name)| {
                let support = lab::grouped(confusion.support(class));
                row(name, confusion.cells(class).rates(), support).into_any()
            });
            let averaged = AVERAGES.map(|(average, name, _)| {
                row(t(name).to_string(), confusion.averaged(average), lab::grouped(confusion.total())).into_any()
            });
            (of_class.collect_view(), averaged.collect_view())
        })
    };
    let accuracy = move || {
        let percent = |value| i18n::percent(i18n::language(), value, 2);
        confusion.with(|confusion| {
            words::accuracies(i18n::language(), &percent(confusion.accuracy()), &percent(confusion.balanced_accuracy()))
        })
    };
    let means = AVERAGES.map(|(_, name, meaning)| view! { <dt>{tr(name)}</dt><dd>{tr(meaning)}</dd> });
    view! {
        <details class="per-class" data-testid="averages" open>
            <summary>{tr(&words::PER_CLASS)}</summary>
            <p class="quiet">{move || t(if two() { &words::CALLED_BY_THRESHOLD } else { &words::CALLED_BY_GREATEST })}</p>
            <TableScroll>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{tr(&lab::CLASS)}</th>
                            <th class="number" scope="col">{tr(&words::PRECISION)}</th>
                            <th class="number" scope="col">{tr(&words::RECALL)}</th>
                            <th class="number" scope="col">{tr(&words::F1)}</th>
                            <th class="number" scope="col">{tr(&words::SPECIFICITY)}</th>
                            <th class="number" scope="col">{tr(&lab::SUPPORT)}</th>
                        </tr>
                    </thead>
                    <tbody>{move || rows().0}</tbody>
                    <tbody class="averages">{move || rows().1}</tbody>
                </table>
            </TableScroll>
            <p class="quiet">{accuracy}</p>
            <dl class="facts averages-means">{means.collect_view()}</dl>
        </details>
    }
}

const AVERAGES: [(Average, &i18n::Text, &i18n::Text); 3] = [
    (Average::Micro, &words::MICRO, &words::MICRO_MEANS),
    (Average::Macro, &words::MACRO, &words::MACRO_MEANS),
    (Average::Weighted, &words::WEIGHTED, &words::WEIGHTED_MEANS),
];

fn row(name: String, rates: Rates, support: String) -> impl IntoView {
    let percent = |value| i18n::percent(i18n::language(), value, 1);
    let cells = [rates.precision, rates.recall, rates.f1, rates.specificity].map(percent);
    let cells = cells.map(|cell| view! { <td class="number">{cell}</td> });
    view! { <tr><th scope="row">{name}</th>{cells.collect_view()}<td class="number">{support}</td></tr> }
}

/// Of two classes the threshold decides, of more the greatest probability.
fn of_all(predictions: &Predictions, one: &OneClass, threshold: f64) -> Confusion {
    let classes = predictions.classes.len();
    if classes == 2 {
        return one.confusion(threshold);
    }
    let greatest = |row: &[f32]| {
        // Of equals the first, as argmax has it.
        let best = (0..classes).reduce(|best, other| if row[other] > row[best] { other } else { best });
        best.unwrap_or(0) as u32
    };
    let called: Vec<u32> = predictions.probabilities.chunks(classes).map(greatest).collect();
    Confusion::new(classes, &predictions.truth, &called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_follow_the_threshold_and_more_the_greatest_probability() {
        let two = Predictions {
            id: "test".into(),
            classes: vec!["no".into(), "yes".into()],
            truth: vec![1, 0, 0],
            probabilities: vec![0.75, 0.25, 0.875, 0.125, 0.25, 0.75],
            decision: None,
        };
        let one = OneClass::of(&two, 1);
        assert_eq!(of_all(&two, &one, 0.5).rows(), [[1, 1], [1, 0]]);
        assert_eq!(of_all(&two, &one, 0.2).rows(), [[1, 1], [0, 1]]);
        let three = Predictions {
            classes: vec!["a".into(), "b".into(), "c".into()],
            truth: vec![2, 1],
            probabilities: vec![0.25, 0.25, 0.5, 0.4, 0.4, 0.2],
            ..two
        };
        let one = OneClass::of(&three, 0);
        assert_eq!(of_all(&three, &one, 0.9).rows(), [[0, 0, 0], [1, 0, 0], [0, 0, 1]]);
    }
}
