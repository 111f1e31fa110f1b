//! A cell's figures: read from the page's answer, printed for a person, and as JSON.

use kindling_tests::spread::Spread;
use serde_json::{Value, json};

use crate::cells::Cell;

/// Greatest difference of two losses, over the peer's loss, that still counts as the same computation.
pub const TOLERANCE: f64 = 1e-3;

/// One side's figures.
struct Side {
    open_ms: f64,
    first_ms: f64,
    /// Milliseconds a step, a timing each.
    times: Vec<f64>,
    gflops: f64,
    /// Of its own matrix product.
    part_of_product: f64,
    /// Kernels and submissions a step.
    gpu_work: Option<(f64, f64)>,
}

pub enum Report {
    /// The sides did not compute the same, or could not run: no time means anything.
    Wrong(String),
    Timed(Box<Timed>),
}

pub struct Timed {
    difference: f64,
    sides: [Side; 2],
    /// Of each round: its two timings lie side by side, so what else the machine does hits both.
    ratio: Spread,
}

impl Report {
    pub fn read(cell: &Cell, outcome: &Value) -> Report {
        if let Some(error) = outcome["error"].as_str() {
            return Report::Wrong(format!("did not run: {error}"));
        }
        let result = &outcome["result"];
        if let Some(fault) = result["faults"].as_array().and_then(|faults| faults.iter().find_map(Value::as_str)) {
            return Report::Wrong(format!("the GPU guard reported {fault}"));
        }
        let difference = result["difference"].as_f64();
        let Some(difference) = difference.filter(|difference| *difference <= TOLERANCE) else {
            let losses = |side: usize| result["losses"][side].to_string();
            return Report::Wrong(format!("the losses differ. Ours: {}; the peer's: {}", losses(0), losses(1)));
        };
        let sides = [0, 1].map(|index| Side::read(cell, result, index));
        let ratios: Vec<f64> = sides[0].times.iter().zip(&sides[1].times).map(|(ours, theirs)| theirs / ours).collect();
        Report::Timed(Box::new(Timed { difference, sides, ratio: Spread::of(&ratios) }))
    }

    pub fn print(&self, cell: &Cell) {
        println!("\n{} ({}): {:.2} GFLOP a step", cell.name, cell.title, cell.flop / 1e9);
        let timed = match self {
            Report::Wrong(why) => return println!("  {}: WRONG: {why}", cell.line()),
            Report::Timed(timed) => timed,
        };
        println!(
            "  {:<18}{:>8}{:>12}{:>13}{:>24}{:>9}{:>10}{:>17}",
            "", "start", "first step", "a step", "middle half", "rounds", "GFLOP/s", "of own product"
        );
        for ((name, steps), side) in cell.sides.iter().zip(cell.steps).zip(&timed.sides) {
            let step = side.step();
            println!(
                "  {name:<18}{:>6.1} s{:>10.2} s{:>10.1} ms{:>24}{:>9}{:>10.2}{:>15.0} %{}",
                side.open_ms / 1e3,
                side.first_ms / 1e3,
                step.median,
                format!("{:.1} to {:.1} ms", step.lower, step.upper),
                format!("{}x{steps}", step.count),
                side.gflops,
                100.0 * side.part_of_product,
                match side.gpu_work {
                    Some((kernels, submissions)) =>
                        format!("  {kernels:.0} kernels in {submissions:.1} submissions a step"),
                    None => String::new(),
                }
            );
        }
        let Spread { median, lower, upper, .. } = timed.ratio;
        let verdict = match cell.goal {
            Some(goal) if median >= goal => format!("; the goal of {goal} is reached"),
            Some(goal) => format!("; SHORT of the goal of {goal}"),
            None => String::new(),
        };
        println!(
            "  ours is {median:.2} times as fast (middle half of the rounds {lower:.2} to {upper:.2}){verdict}. \
             Losses of {} steps differ by at most {:.1e}",
            cell.agree, timed.difference
        );
    }

    pub fn json(&self, cell: &Cell) -> Value {
        let head = json!({ "cell": cell.name, "ours": cell.sides[0], "peer": cell.sides[1], "flopPerStep": cell.flop });
        let rest = match self {
            Report::Wrong(why) => json!({ "wrong": why }),
            Report::Timed(timed) => json!({
                "goal": cell.goal,
                "ratio": timed.ratio.json(),
                "lossDifference": timed.difference,
                "sides": timed.sides.iter().map(Side::json).collect::<Vec<_>>(),
            }),
        };
        let (Value::Object(mut head), Value::Object(rest)) = (head, rest) else { unreachable!("both are objects") };
        head.extend(rest);
        Value::Object(head)
    }
}

impl Side {
    fn read(cell: &Cell, result: &Value, index: usize) -> Side {
        let number = |key: &str| result[key][index].as_f64().unwrap_or(f64::NAN);
        let times: Vec<f64> =
            result["times"][index].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        let gflops = cell.flop / Spread::of(&times).median / 1e6;
        let product_gflops = 2.0 * f64::from(cell.product.0).powi(3) / number("productMs") / 1e6;
        let work = &result["gpuWork"][index];
        let gpu_work = work["kernels"].as_f64().zip(work["submissions"].as_f64());
        Side {
            open_ms: number("openMs"),
            first_ms: number("firstMs"),
            times,
            gflops,
            part_of_product: gflops / product_gflops,
            gpu_work,
        }
    }

    fn step(&self) -> Spread {
        Spread::of(&self.times)
    }

    fn json(&self) -> Value {
        json!({
            "startMs": self.open_ms,
            "firstStepMs": self.first_ms,
            "stepMs": self.step().json(),
            "roundsMs": self.times,
            "gflops": self.gflops,
            "partOfOwnProduct": self.part_of_product,
            "kernelsPerStep": self.gpu_work.map(|work| work.0),
            "submissionsPerStep": self.gpu_work.map(|work| work.1),
        })
    }
}
