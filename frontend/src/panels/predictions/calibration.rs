//! Whether a probability means what it says: the reliability diagram.

use std::sync::Arc;

use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::lab::Unit;
use kindling_statistics::calibration::{Bin, brier, expected_calibration_error, reliability};
use leptos::prelude::*;

use super::Looked;
use crate::i18n::{self, predictions as words, t};
use crate::panels::drawing::DrawnChart;

const BINS: usize = 10;

#[component]
pub fn Calibration(looked: Looked, name: String) -> impl IntoView {
    let bins = Memo::new(move |_| looked.one.with(|one| reliability(&one.truth, &one.scores, BINS)));
    let chart = Memo::new(move |_| bins.with(|bins| Arc::new(reliability_chart(bins))));
    let told = move || {
        let error = bins.with(|bins| expected_calibration_error(bins));
        let brier = looked.one.with(|one| brier(&one.truth, &one.scores));
        words::calibration(i18n::language(), &i18n::percent(i18n::language(), error, 2), brier)
    };
    let title = Signal::derive(|| t(&words::CALIBRATION).to_string());
    view! {
        <section>
            <h4>{title}</h4>
            <p class="quiet" data-testid="calibration-told">{told}</p>
            <p class="quiet">{move || t(&words::CALIBRATION_MEANS)}</p>
            <DrawnChart name=format!("{name}-calibration") title chart />
        </section>
    }
}

fn reliability_chart(bins: &[Bin]) -> Chart {
    let filled = bins.iter().filter(|bin| bin.count > 0);
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    let share = |(index, bin): (usize, &Bin)| {
        [(index as f32 + 0.5) / bins.len() as f32, bin.count as f32 / total.max(1) as f32]
    };
    Chart {
        id: "calibration".into(),
        x: Axis::new(words::SAID.clone(), Unit::Fraction),
        y: Axis::new(words::WAS.clone(), Unit::Fraction),
        traces: vec![
            Trace::new(
                words::CLASSIFIER.clone(),
                Shape::Line,
                filled.map(|bin| [bin.said as f32, bin.was as f32]).collect(),
            ),
            Trace::new(words::PERFECT.clone(), Shape::Dashed, vec![[0.0, 0.0], [1.0, 1.0]]),
            Trace::new(words::SHARE_OF_SAMPLES.clone(), Shape::Bars, bins.iter().enumerate().map(share).collect()),
        ],
        marks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_bins_have_no_point_and_the_shares_add_up() {
        let bins = reliability(&[true, false, true, true], &[0.9, 0.05, 0.95, 0.05], BINS);
        let chart = reliability_chart(&bins);
        assert_eq!(chart.traces[0].points.len(), 3);
        let shares = &chart.traces[2].points;
        assert_eq!(shares.len(), BINS);
        assert!((shares.iter().map(|point| point[1]).sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(shares[0][1], 0.5);
    }
}
