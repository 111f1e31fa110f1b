//! Rows explained one chunk after another, so that a run can pause, be cut and go on between them.

use std::ops::Range;

use kindling_protocol::event::Progress;

use super::coalition::{self, EXACT};
use super::deep::deep_shap;
use super::net::Model;
use super::shapley::{self, Regression};
use crate::host::{Interrupt, Run};

/// Rows that share the background's half of the work.
pub const CHUNK: usize = 20;
/// Coalitions of the best estimate where there are too many for all of them.
pub const BEST: usize = 1 << 14;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// All coalitions. Of more than [`EXACT`] features, KernelSHAP with [`BEST`] coalitions.
    Exact,
    /// With at most so many coalitions.
    Kernel(usize),
    Deep,
}

/// A model, what its features are, and what they are compared with.
pub struct Explainer<'a> {
    pub model: &'a Model,
    /// Inputs of each feature.
    pub groups: Vec<Range<usize>>,
    /// As [`Model::parts`] has them.
    pub background: Vec<Vec<f32>>,
    /// The mean answer over the background: what SHAP values count from.
    pub base: f64,
    pub seed: u64,
}

impl<'a> Explainer<'a> {
    pub fn new(model: &'a Model, groups: Vec<Range<usize>>, background: &[&[f32]], seed: u64) -> Self {
        let base = background.iter().map(|row| model.answer(row)).sum::<f64>() / background.len() as f64;
        let background = background.iter().map(|row| model.parts(row, &groups)).collect();
        Explainer { model, groups, background, base, seed }
    }

    /// Coalitions that a method asks for, each answered once for every background row.
    pub fn coalitions(&self, method: Method) -> usize {
        let features = self.groups.len();
        match method {
            Method::Exact if features <= EXACT => 1 << features,
            Method::Exact => BEST,
            Method::Kernel(budget) => coalition::sampled(features, budget, self.seed).masks.len(),
            Method::Deep => 1,
        }
    }

    /// SHAP values of each row: `[rows][features]`.
    pub fn explain(&self, method: Method, rows: &[&[f32]]) -> Vec<Vec<f64>> {
        let features = self.groups.len();
        let parts: Vec<Vec<f32>> = rows.iter().map(|row| self.model.parts(row, &self.groups)).collect();
        let values = |masks: &[u64]| coalition::values(self.model, &parts, &self.background, masks);
        match method {
            Method::Deep => parts.iter().map(|row| deep_shap(self.model, row, &self.background)).collect(),
            Method::Exact if features <= EXACT => {
                values(&coalition::all(features)).iter().map(|values| shapley::exact(features, values)).collect()
            }
            Method::Exact => self.explain(Method::Kernel(BEST), rows),
            Method::Kernel(budget) => {
                let coalitions = coalition::sampled(features, budget, self.seed);
                let regression = Regression::new(features, coalitions);
                let values = values(regression.masks());
                let answers = rows.iter().map(|row| self.model.answer(row));
                values.iter().zip(answers).map(|(values, answer)| regression.solve(values, self.base, answer)).collect()
            }
        }
    }

    /// [`Explainer::explain`] as a stage of a run. What comes back is for [`read`].
    pub async fn stage(&self, method: Method, rows: &[&[f32]], run: Run<'_>) -> Result<Vec<u8>, Interrupt> {
        let mut done = run.resume.clone().unwrap_or_default();
        let row_bytes = 8 * self.groups.len();
        let steps = steps(rows.len());
        while done.len() / row_bytes < rows.len() {
            let from = done.len() / row_bytes;
            let chunk = &rows[from..(from + CHUNK).min(rows.len())];
            let values = self.explain(method, chunk);
            done.extend(values.iter().flatten().flat_map(|value| value.to_le_bytes()));
            tick(self::steps(done.len() / row_bytes), steps, &done, &run).await?;
        }
        Ok(done)
    }

    /// How KernelSHAP's error falls with its budget, as a stage of a run: rows of budget, mean and greatest difference
    /// to `exact`, for [`read`].
    pub async fn errors(
        &self,
        budgets: &[usize],
        rows: &[&[f32]],
        exact: &[Vec<f64>],
        run: Run<'_>,
    ) -> Result<Vec<u8>, Interrupt> {
        let mut done = run.resume.clone().unwrap_or_default();
        for &budget in &budgets[done.len() / 24..] {
            let [mean, most] = error(&self.explain(Method::Kernel(budget), rows), exact);
            let coalitions = self.coalitions(Method::Kernel(budget)) as f64;
            done.extend([coalitions, mean, most].iter().flat_map(|value| value.to_le_bytes()));
            tick((done.len() / 24) as u64, budgets.len() as u64, &done, &run).await?;
        }
        Ok(done)
    }
}

/// Steps of [`Explainer::stage`].
pub fn steps(rows: usize) -> u64 {
    rows.div_ceil(CHUNK) as u64
}

/// Ends a step. `done` is what the stage has come to so far.
pub async fn tick(step: u64, steps: u64, done: &[u8], run: &Run<'_>) -> Result<(), Interrupt> {
    let tick = run.host.tick(&Progress { step, steps, ..Progress::default() }).await?;
    if tick.checkpoint {
        run.host.checkpoint(step, done.to_vec()).await?;
    }
    if tick.stop { Err(Interrupt::Stop) } else { Ok(()) }
}

/// What a stage came to: `[rows][columns]`.
pub fn read(bytes: &[u8], columns: usize) -> Vec<Vec<f64>> {
    let numbers = bytes.chunks_exact(8).map(|eight| f64::from_le_bytes(eight.try_into().expect("eight bytes")));
    numbers.collect::<Vec<_>>().chunks(columns).map(<[f64]>::to_vec).collect()
}

/// Mean and greatest difference between values and those they should be.
pub fn error(values: &[Vec<f64>], should: &[Vec<f64>]) -> [f64; 2] {
    let differences =
        values.iter().flatten().zip(should.iter().flatten()).map(|(value, should)| (value - should).abs());
    let count = should.iter().map(Vec::len).sum::<usize>().max(1) as f64;
    differences.fold([0.0, 0.0f64], |[mean, most], difference| [mean + difference / count, most.max(difference)])
}
