//! Precision-recall and ROC, with the threshold as a point to drag.

use std::sync::Arc;

use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::Text;
use leptos::prelude::*;

use super::Looked;
use super::one_class::OneClass;
use crate::i18n::{self, predictions as words, t};
use crate::panels::drawing::{DrawnChart, Handle};

#[component]
pub fn Curves(looked: Looked, name: String) -> impl IntoView {
    let (one, threshold) = (looked.one, looked.threshold);
    let precision_recall = Memo::new(move |_| one.with(|one| Arc::new(precision_recall(one))));
    let roc = Memo::new(move |_| one.with(|one| Arc::new(roc(one))));
    let place = move || one.with(|one| one.ranking.place(threshold.get()));
    let moved_to = move |found: Option<f64>| {
        if let Some(found) = found {
            threshold.set(found);
        }
    };
    let on_precision_recall = Handle {
        at: Signal::derive(move || one.with(|one| one.on_precision_recall(&place()))),
        drag: Callback::new(move |point| {
            moved_to(one.with_untracked(|one| one.nearest(point, |place| one.on_precision_recall(place))));
        }),
    };
    let on_roc = Handle {
        at: Signal::derive(move || one.with(|one| Some(one.on_roc(&place())))),
        drag: Callback::new(move |point| {
            moved_to(one.with_untracked(|one| one.nearest(point, |place| Some(one.on_roc(place)))));
        }),
    };
    let percent = |value: f64| i18n::percent(i18n::language(), value, 2);
    let average_precision =
        move || one.with(|one| (percent(one.ranking.average_precision()), percent(one.base_rate())));
    let area = move || one.with(|one| one.ranking.auc().map(percent));
    let title = |text: &'static Text| Signal::derive(move || t(text).to_string());
    view! {
        <div class="predictions-pair">
            <section>
                <h4>{title(&words::PRECISION_RECALL)}</h4>
                <p class="quiet" data-testid="average-precision">{move || {
                    let (average, base) = average_precision();
                    words::average_precision(i18n::language(), &average, &base)
                }}</p>
                <DrawnChart name=format!("{name}-pr") title=title(&words::PRECISION_RECALL) chart=precision_recall handle=on_precision_recall />
            </section>
            <section>
                <h4>{title(&words::ROC)}</h4>
                <p class="quiet" data-testid="auc">{move || words::area(i18n::language(), area().as_deref())}</p>
                <DrawnChart name=format!("{name}-roc") title=title(&words::ROC) chart=roc handle=on_roc />
            </section>
        </div>
    }
}

fn share(label: &Text) -> Axis {
    Axis::new(label.clone(), Unit::Fraction)
}

fn line(points: Vec<(f64, f64)>) -> Vec<[f32; 2]> {
    points.into_iter().map(|(x, y)| [x as f32, y as f32]).collect()
}

fn precision_recall(one: &OneClass) -> Chart {
    let base = one.base_rate() as f32;
    Chart {
        id: "precision-recall".into(),
        x: share(&words::RECALL),
        y: share(&words::PRECISION),
        traces: vec![
            Trace::new(words::CLASSIFIER.clone(), Shape::Line, line(one.ranking.precision_recall())),
            Trace::new(words::BASE_RATE.clone(), Shape::Dashed, vec![[0.0, base], [1.0, base]]),
        ],
        marks: Vec::new(),
    }
}

fn roc(one: &OneClass) -> Chart {
    Chart {
        id: "roc".into(),
        x: share(&words::FALSE_POSITIVE_RATE),
        y: share(&words::TRUE_POSITIVE_RATE),
        traces: vec![
            Trace::new(words::CLASSIFIER.clone(), Shape::Line, line(one.ranking.roc())),
            Trace::new(words::CHANCE.clone(), Shape::Dashed, vec![[0.0, 0.0], [1.0, 1.0]]),
        ],
        marks: Vec::new(),
    }
}
