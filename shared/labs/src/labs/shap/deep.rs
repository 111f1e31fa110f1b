//! DeepSHAP: DeepLIFT's rescale rule (Shrikumar, Greenside and Kundaje 2017), averaged over the background (Lundberg
//! and Lee 2017).
//!
//! It goes once forward and once backward through the network for each background row, whatever the number of features. It adds up exactly, but it
//! is no Shapley value: each ReLU is replaced by the slope between two points, so features that meet in it share by
//! size and not by order.

use super::net::{Model, Scale, sigmoid};

/// Below such a difference the slope between two points is that at one of them.
const FLAT: f32 = 1e-6;

/// One value a group of inputs. `row` and the background are as [`Model::parts`] has them.
pub fn deep_shap(model: &Model, row: &[f32], background: &[Vec<f32>]) -> Vec<f64> {
    let hidden = model.net.hidden;
    let sums = |parts: &[f32]| {
        let mut sums = model.net.first_bias.clone();
        parts.chunks(hidden).for_each(|part| sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part));
        sums // [hidden]
    };
    let own = sums(row);
    let mut phi = vec![0.0f64; row.len() / hidden];
    for other in background {
        let theirs = sums(other);
        let last = last_multiplier(model, model.margin(&own), model.margin(&theirs));
        let through = own.iter().zip(&theirs).zip(&model.direction).map(|((&own, &theirs), weight)| {
            let slope = match own - theirs {
                step if step.abs() > FLAT => (model.net.bend(own) - model.net.bend(theirs)) / step,
                _ if model.net.relu && own <= 0.0 => 0.0,
                _ => 1.0,
            };
            f64::from(slope * weight) * last
        });
        let multipliers: Vec<f64> = through.collect(); // [hidden]
        for ((phi, own), theirs) in phi.iter_mut().zip(row.chunks(hidden)).zip(other.chunks(hidden)) {
            let steps = own.iter().zip(theirs).map(|(own, theirs)| f64::from(own - theirs));
            *phi += steps.zip(&multipliers).map(|(step, multiplier)| step * multiplier).sum::<f64>();
        }
    }
    phi.iter().map(|phi| phi / background.len() as f64).collect()
}

/// From the margin to what is explained: a sigmoid has a slope between two points as well.
fn last_multiplier(model: &Model, own: f32, theirs: f32) -> f64 {
    if model.scale == Scale::LogOdds {
        return 1.0;
    }
    let (at_own, at_theirs) = (f64::from(sigmoid(own)), f64::from(sigmoid(theirs)));
    match f64::from(own) - f64::from(theirs) {
        step if step.abs() > f64::from(FLAT) => (at_own - at_theirs) / step,
        _ => at_own * (1.0 - at_own),
    }
}
