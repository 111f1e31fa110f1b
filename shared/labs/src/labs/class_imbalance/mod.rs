//! Skewed classes: find the rare ones without drowning in false alarms.
//!
//! - [`spec`]: knobs, goal, curves and panels.
//! - [`rows`]: the table split, encoded, and made into rare against common.
//! - [`resample`]: fewer common rows, more rare ones, or new ones between them (SMOTE). Of the training part alone.
//! - [`loss`]: class weights and the focal loss.
//! - [`learn`]: the training loop.
//! - [`panels`]: what is to be seen.
//! - [`own`]: the goal on a table of the learner's own.
//!
//! Rates are [`kindling_statistics::confusion`], curves [`kindling_statistics::curves`] and what mistakes cost
//! [`kindling_statistics::cost`].

mod learn;
mod loss;
mod own;
mod panels;
mod resample;
mod rows;
mod spec;
#[cfg(test)]
mod tests;

use kindling_protocol::event::EventBody;

use crate::host::{Interrupt, Lab, Run};
use crate::labs::parts::OWN;
use crate::train::checkpoint::config_hash;
use panels::Judged;
use rows::Parts;

pub const LAB: Lab = Lab::new(spec::spec, spec::cost, |run| Box::pin(run_lab(run)));

const SLUG: &str = "class-imbalance";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let parts = Parts::load(&run).await?;
    let resampled = resample::resample(&parts.train, spec::strategy(&run.knobs), run.seed);
    let weighing = loss::Weighing::of(&run.knobs, &resampled);
    panels::counts(&parts, &resampled, &weighing, run.host).await?;

    let config = config_hash(SLUG, &run.knobs, run.seed, &parts.sums);
    let model = learn::train(&run, &resampled, &parts.validation, &weighing, &config).await?;

    let judged = Judged::of(&model, &parts.test, &run.knobs).await;
    judged.show(&parts, run.host).await?;
    let mut figures = judged.figures(learn::parameters(&run.knobs, parts.train.width));
    if run.knobs.word("data") == OWN.0 {
        let note = match own::undecided(&parts) {
            Some(why) => figures.remove("reached").map(|_| why),
            None => (judged.within_reach() < 1.0).then_some(own::OUT_OF_REACH),
        };
        if let Some(text) = note {
            run.host.emit(EventBody::Note { text }).await?;
        }
    }
    run.host.emit(EventBody::Report { figures, model: None }).await
}
