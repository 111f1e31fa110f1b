//! Distributed training: replicas share a batch, sum their gradients on a ring, and are one large batch.
//!
//! - [`plan`]: from knobs to what is done at a step. [`spec`]: knobs, goal, curves and panels. [`samples`]: the data.
//! - [`replica`]: weights and gradient. [`member`]: the gradient, as a worker of the crew works it out.
//! - [`ring`]: the all-reduce, message by message. [`compress`]: top-k with error feedback.
//! - [`round`]: a step asked of the crew. [`position`]: where a run stands, and its checkpoints.
//! - [`timeline`]: what it would take on machines of their own. [`speed`]: how much faster that is, worked out and as
//!   measured here. [`panels`].
//!
//! The workers are a [`crate::crew`] whose members stand for machines.
//!
//! Three trainings go step by step side by side, from the same first weights and over the same samples in the same
//! order: the replicas, one machine with the large batch, and one machine with the batch of one replica. The replicas are
//! true ones, each with weights and a shard of its own. Workers compute their gradients side by side as far as the host
//! has cores; replicas of one worker take turns. What they send is summed where the run is, as a network would do it.

mod compress;
mod member;
mod panels;
mod plan;
mod position;
mod replica;
mod ring;
mod round;
mod samples;
mod spec;
mod speed;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeMap;

use kindling_protocol::event::{EventBody, Progress};

use crate::crew::gather;
use crate::data::mnist;
use crate::data::random;
use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use crate::train::course;
use crate::train::run_loop::not_a_number;
use member::Done;
use plan::{Compression, Plan};
use position::{Position, checkpoint, resume};
use replica::{Network, Worker};
use ring::Message;
use samples::{Samples, Sets};
use speed::Speed;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run)))
    .with_pictures(
        |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
        |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
    )
    .with_crew(member::join)
    .apart();

const SLUG: &str = "distributed";
/// Points of the curves in a run, and how often panels are drawn anew.
const POINTS: u64 = 64;
const DRAWINGS: u64 = 8;
/// Steps whose times are kept.
const TIMES: usize = 64;
/// Steps that are timed as a whole, which makes them longer.
const TIMED: u64 = 8;

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let Sets { train: samples, test, sums } = Sets::load(&run).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &sums);
    let plan = Plan::of(&run.knobs, samples.len());
    let network = plan::network(&run.knobs);
    let (position, workers) = train(&run, samples, &plan, network, &config).await?;
    panels::show(&plan, &position, run.host).await?;

    let parameters = workers[0].weights.len();
    let speed = Speed::of(&plan, &position, parameters);
    if let Some(speed) = &speed {
        panels::speed_up(&plan, speed, run.host).await?;
    }
    let (replicas, large, one) = (&workers[..plan.replicas], &workers[plan.replicas], &workers[plan.replicas + 1]);
    let farthest = |from: &Worker| replicas.iter().map(|replica| distance(replica, from)).fold(0.0, f64::max);
    let accuracy = async |worker: &Worker| network.score(&worker.weights, &test, &run.device).await.accuracy();
    let figures = [
        ("difference", farthest(large)),
        ("replicas_differ", farthest(&replicas[0])),
        ("test_accuracy", accuracy(&replicas[0]).await),
        ("large_accuracy", accuracy(large).await),
        ("one_accuracy", accuracy(one).await),
        ("sent_mb", position.sent as f64 / 1e6),
    ];
    let mut figures: BTreeMap<_, _> = figures.map(|(name, value)| (name.to_string(), value)).into();
    figures.extend(speed.iter().flat_map(|speed| speed.figures(&plan)));
    run.host.emit(EventBody::Report { figures, model: None }).await
}

/// The replicas, then the worker with the large batch, then the one with a small batch.
async fn train(
    run: &Run<'_>,
    samples: Samples,
    plan: &Plan,
    network: Network,
    config: &str,
) -> Result<(Position, Vec<Worker>), Interrupt> {
    let (host, count, sample_count) = (run.host, plan.replicas, samples.len());
    let fresh = network.first(run.seed);
    let velocity = if plan.momentum > 0.0 { vec![0.0; fresh.len()] } else { vec![] };
    let mut workers = vec![Worker { unsent: vec![0.0; fresh.len()], velocity, weights: fresh }; count + 2];
    let mut position = Position { learning_rate: plan.base_rate, ..Position::default() };
    if let Some(bytes) = &run.resume {
        (position, workers) = resume(bytes, config, workers)?;
    }
    let crew = gather(&LAB, run, workers.len(), &member::setup(network, &samples)).await?;
    // From here on the workers have them.
    drop(samples);
    let mut plan = plan.clone().with_rate(position.learning_rate);
    let global = count * plan.batch;
    // Never two steps that follow each other: the times of the others are those of a crew at work.
    let timed_every = plan.steps.div_ceil(TIMED).max(2);
    let (read_every, draw_every) = (plan.steps.div_ceil(POINTS), plan.steps.div_ceil(DRAWINGS));
    let mut since = position.step % read_every;
    let mut order = (u64::MAX, vec![]);

    while position.step < plan.steps {
        let (epoch, place) = (position.step / plan.steps_per_epoch, position.step % plan.steps_per_epoch);
        if order.0 != epoch {
            order = (epoch, random::permutation(run.seed, epoch, sample_count));
        }
        let indices = &order.1[place as usize * global..][..global];
        let shards = indices.chunks(plan.batch).enumerate();
        let asks = shards.map(|(replica, shard)| member::gradient(&workers[replica].weights, shard)).chain([
            member::steps(&workers[count], indices, global, plan.rate, plan.momentum),
            member::steps(&workers[count + 1], indices, plan.batch, plan.base_rate, plan.momentum),
        ]);
        let timed = crew.size().min(count) > 1 && position.step % timed_every == timed_every / 2;
        let (done, walls) = round::ask(&*crew, host, asks.collect(), count, timed).await?;
        position.walls.extend(walls.map(|[beside, alone]| [crew.size().min(count) as f64, beside, alone]));
        let (mut gradients, mut times) = (Vec::new(), Vec::new());
        for (place, Done { mut numbers, loss, took_ms }) in done.into_iter().enumerate() {
            times.push(took_ms);
            match place.checked_sub(count) {
                None => {
                    position.losses[0] += loss / count as f32;
                    gradients.push(numbers);
                }
                Some(other) => {
                    position.losses[1 + other] += loss;
                    workers[place].velocity = numbers.split_off(workers[place].weights.len());
                    workers[place].weights = numbers;
                }
            }
        }
        // The small batches make no lane.
        times.pop();
        position.step += 1;
        let messages = meet(&plan, position.step, &mut workers[..count], gradients);
        if !messages.is_empty() {
            let from_first = messages.iter().filter(|message| message.from == 0);
            position.sent += from_first.map(|message| message.bytes as u64).sum::<u64>();
            position.ring_ms = ring::duration_ms(&messages, plan.latency_ms, plan.bytes_per_ms);
        }

        if !timed {
            position.times.extend(times.into_iter().collect::<Option<Vec<f64>>>());
            let over = position.times.len().saturating_sub(TIMES);
            position.times.drain(..over);
        }

        since += 1;
        let (step, samples) = (position.step, position.step * global as u64);
        let epoch = step as f64 / plan.steps_per_epoch as f64;
        if step.is_multiple_of(read_every) || step == plan.steps {
            let losses = position.losses.map(|sum| sum / since as f32);
            if losses.iter().any(|loss| !loss.is_finite()) {
                return Err(not_a_number(step));
            }
            let names = spec::LOSSES.map(|(name, _)| name.to_string());
            let mut values: BTreeMap<_, _> = names.into_iter().zip(losses.map(f64::from)).collect();
            values.insert("difference".into(), distance(&workers[0], &workers[count]));
            host.emit(EventBody::Points { step, epoch, values }).await?;
            position.history.push([samples as f32, losses[0], losses[1], losses[2]]);
            (position.losses, since) = ([0.0; 3], 0);
        }
        if step.is_multiple_of(draw_every) && step < plan.steps {
            panels::show(&plan, &position, host).await?;
        }
        // Each of the three trainings has seen them.
        let progress = Progress { step, steps: plan.steps, epoch, samples: 3 * samples, ..Progress::default() };
        let tick = host.tick(&progress).await?;
        // All three trainings take it.
        course::turn(&mut position.learning_rate, step, tick.turned, host).await?;
        plan = plan.with_rate(position.learning_rate);
        if tick.checkpoint {
            // A checkpoint of a run that is lost would not be read again.
            if position.losses.iter().any(|loss| !loss.is_finite()) {
                return Err(not_a_number(step));
            }
            host.checkpoint(step, checkpoint(&position, &workers, config)).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok((position, workers))
}

/// Every replica takes its step, and they send what the plan says. Local SGD (Stich 2019, arXiv:1805.09767) sends
/// weights, and only now and then.
///
/// Momentum comes after what was sent: over the mean of the gradients, or over what top-k let through of them. A velocity
/// is never sent. In local SGD each replica keeps the one it has when weights are averaged.
fn meet(plan: &Plan, step: u64, replicas: &mut [Worker], mut gradients: Vec<Vec<f32>>) -> Vec<Message> {
    let mean = 1.0 / replicas.len() as f32;
    if plan.local.is_some() {
        replicas
            .iter_mut()
            .zip(&gradients)
            .for_each(|(replica, gradient)| replica.descend(gradient, plan.rate, plan.momentum));
        if !plan.meets(step) {
            return vec![];
        }
        let mut weights: Vec<_> = replicas.iter_mut().map(|replica| std::mem::take(&mut replica.weights)).collect();
        let messages = ring::all_reduce(&mut weights);
        for (replica, sum) in replicas.iter_mut().zip(weights) {
            replica.weights = sum.into_iter().map(|sum| sum * mean).collect();
        }
        return messages;
    }
    let messages = match plan.compression {
        Compression::None => ring::all_reduce(&mut gradients),
        Compression::TopK { feedback } => {
            let mut parts = Vec::new();
            for (replica, gradient) in replicas.iter_mut().zip(&mut gradients) {
                gradient.iter_mut().zip(&replica.unsent).for_each(|(slope, unsent)| *slope += unsent);
                let keep = plan.kept(gradient.len());
                parts.push(compress::top_k(gradient, keep));
                if feedback {
                    replica.unsent.copy_from_slice(gradient);
                }
            }
            let (sum, messages) = ring::all_gather(&parts, gradients[0].len());
            gradients.fill(sum);
            messages
        }
    };
    let rate = if plan.sums { plan.rate } else { plan.rate * f64::from(mean) };
    replicas.iter_mut().zip(&gradients).for_each(|(replica, sum)| replica.descend(sum, rate, plan.momentum));
    messages
}

/// The greatest difference of any weight.
fn distance(one: &Worker, other: &Worker) -> f64 {
    let pairs = one.weights.iter().zip(&other.weights);
    f64::from(pairs.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max))
}
