//! SHAP: what each feature adds to one answer of a model, and to its answers as a whole.
//!
//! - [`problem`]: data as features. [`learn`]: the model. [`net`]: its weights on the host.
//! - [`coalition`]: the game whose players are features. [`shapley`]: its values, exactly and by KernelSHAP.
//! - [`deep`]: DeepSHAP. [`background`]: what a missing feature is replaced by.
//! - [`explain`]: rows one chunk after another. [`panels`]: what is seen of it.
//! - [`drawing`]: the learner's own drawing, with any model for digits.
//!
//! Values that add up prove little: KernelSHAP adds up by constraint, from whatever base its background gives. So there
//! are two goals. `additivity` asks that base and values add up to the answer from the mean answer over *all* training
//! rows, which is what people take the base for: a background of one row fails it. `exact` asks that the values are
//! near the exact ones over the same background: ten coalitions fail it.

mod additive;
mod background;
mod coalition;
mod deep;
mod drawing;
mod explain;
mod knobs;
mod learn;
mod net;
mod panels;
mod plan;
mod problem;
mod shapley;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::text::{Text, text};

use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use crate::train::stages::Stages;
use explain::{Explainer, Method};
use net::Model;
use panels::Told;
use problem::Problem;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run)))
    .with_drawing(|exhibit| Box::pin(drawing::examine(exhibit)));

const SLUG: &str = "shap";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let knobs = &run.knobs;
    let problem = Problem::load(&run).await?;
    if problem.features.len() > coalition::MOST || problem.train.labels.is_empty() || problem.test.labels.is_empty() {
        let text = text(
            "The table can't be explained: it needs at most 63 columns to learn from, and rows to train and to test on.",
            "这张表无法解释：用于学习的列最多 63 个，并且要有足够的行用于训练和测试。",
        );
        return Err(Interrupt::Fail { code: FailureCode::Data, text, detail: None });
    }
    if problem.features.len() > coalition::EXACT {
        let text = too_many(problem.features.len());
        run.host.emit(EventBody::Note { text }).await?;
    }
    let config = config_hash(SLUG, knobs, run.seed, &problem.sums);
    let all = problem.rows(&problem.test);
    let rows = &all[..knobs.count("explained").min(all.len())];
    let checked = &rows[..plan::CHECKED.min(rows.len())];

    let mut stages = Stages::begin(&run, &config, &plan::stages(knobs, rows.len()))?;
    let series = |series: &str| Some(series.to_string());
    let learnt = stages.next(series, async |run| learn::train(&problem, &config, run).await).await?;
    let class = (knobs.count("class") - 1).min(problem.classes.len() - 1);
    let model = Model::new(learn::read(&learnt)?, class, plan::scale(knobs));

    let training = problem.rows(&problem.train);
    let answers: Vec<f64> = training.iter().map(|row| model.answer(row)).collect();
    let mean = answers.iter().sum::<f64>() / answers.len() as f64;
    let spread = knobs.word("rows") == "spread";
    let chosen = background::choose(&answers, knobs.count("background"), spread, run.seed);
    let chosen: Vec<&[f32]> = chosen.into_iter().map(|row| training[row]).collect();
    let explainer = Explainer::new(&model, problem.groups(), &chosen, run.seed);
    let features = problem.features.len();
    let method = plan::method(knobs);

    let exact = stages.next(|_| None, async |run| explainer.stage(Method::Exact, checked, run).await).await?;
    let exact = explain::read(&exact, features);
    let values = stages.next(|_| None, async |run| explainer.stage(method, rows, run).await).await?;
    let values = explain::read(&values, features);
    let errors = async |run: Run<'_>| explainer.errors(&plan::BUDGETS, checked, &exact, run).await;
    let errors = explain::read(&stages.next(|_| None, errors).await?, 3);

    let answers: Vec<f64> = rows.iter().map(|row| model.answer(row)).collect();
    let told = Told {
        problem: &problem,
        model: &model,
        class,
        base: explainer.base,
        rows,
        values: &values,
        answers: &answers,
    };
    panels::tell(&told, &run).await?;
    panels::errors::tell(&explainer, method, checked, &exact, &errors, &run).await?;
    if let Some(pictures) = &problem.pictures {
        panels::pixels::tell(&told, pictures, &chosen, &run).await?;
    }

    let off = |base: f64| {
        let sums = values.iter().map(|values| base + values.iter().sum::<f64>());
        sums.zip(&answers).map(|(sum, answer)| (sum - answer).abs()).fold(0.0, f64::max)
    };
    let right = all.iter().zip(&problem.test.labels).filter(|(row, label)| model.net.predict(row) == **label as usize);
    let figures = [
        ("additivity_error", off(mean)),
        ("shapley_error", explain::error(&values[..checked.len()], &exact)[1]),
        ("efficiency_error", off(explainer.base)),
        ("base", explainer.base),
        ("mean_answer", mean),
        ("accuracy", right.count() as f64 / all.len() as f64),
        ("answers_a_row", (explainer.coalitions(method) * explainer.background.len()) as f64),
    ];
    let mut figures: BTreeMap<String, f64> = figures.map(|(name, value)| (name.to_string(), value)).into();
    if features > coalition::EXACT {
        // It would be the distance to an estimate.
        figures.remove("shapley_error");
    }
    run.host.emit(EventBody::Report { figures, model: None }).await
}

/// What stands for exact values where nobody can have them.
fn too_many(features: usize) -> Text {
    let (most, best) = (coalition::EXACT, explain::BEST);
    let en = format!(
        "{features} features: of more than {most}, not all coalitions are asked. Whatever is called exact here is KernelSHAP with {best} coalitions, itself an estimate, and the goal of exact values is not judged."
    );
    let zh = format!(
        "共 {features} 个特征：超过 {most} 个时不再遍历全部子集。这里所说的“精确值”是用 {best} 个子集的 KernelSHAP，本身也是估计，因此不评判精确值这一目标。"
    );
    Text { en: en.into(), zh: zh.into() }
}
