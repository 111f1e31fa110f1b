//! Distributed training: replicas share a batch, sum their gradients on a ring, and are one large batch.
//!
//! - [`plan`]: from knobs to what is done at a step. [`spec`]: knobs, goal, curves and panels. [`samples`]: the data.
//! - [`replica`]: weights and gradient. [`member`]: the gradient, as a worker of the crew works it out.
//! - [`ring`]: the all-reduce, message by message. [`compress`]: top-k with error feedback.
//! - [`timeline`]: what it would take on machines of their own. [`panels`].
//!
//! The workers are a [`crate::crew`].
//!
//! Three trainings go step by step side by side, from the same first weights and over the same samples in the same
//! order: the replicas, one machine with the large batch, and one machine with the batch of one replica. The replicas are
//! true ones, each with weights and a shard of its own. Workers compute their gradients side by side as far as the host
//! has cores; replicas of one worker take turns. What they send is summed where the run is, as a network would do it.

mod compress;
mod member;
mod panels;
mod plan;
mod replica;
mod ring;
mod samples;
mod spec;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeMap;

use kindling_protocol::event::{EventBody, Progress};
use serde::{Deserialize, Serialize};

use crate::crew::gather;
use crate::data::mnist;
use crate::data::random;
use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use crate::train::container;
use crate::train::run_loop::{not_a_number, unfit};
use member::Done;
use plan::{Compression, Plan};
use replica::{Network, Worker};
use ring::Message;
use samples::{Samples, Sets};

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run)))
    .with_pictures(
        |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
        |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
    )
    .with_crew(member::join);

const SLUG: &str = "distributed";
/// Points of the curves in a run, and how often panels are drawn anew.
const POINTS: u64 = 64;
const DRAWINGS: u64 = 8;
/// Steps whose times are kept.
const TIMED: usize = 64;

/// All that a run needs to go on, besides the weights.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Position {
    step: u64,
    /// Losses since the last point: of the replicas, the large batch and the one worker.
    losses: [f32; 3],
    /// Samples seen, and the three losses there.
    history: Vec<[f32; 4]>,
    /// Milliseconds of the last steps: each replica's, then the large batch's. None where the host has no clock.
    times: Vec<Vec<f64>>,
    /// Bytes that one replica has sent.
    sent: u64,
    /// Of the last all-reduce, by the network of the knobs.
    ring_ms: f64,
}

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let Sets { train: samples, test, sums } = Sets::load(&run).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &sums);
    let plan = Plan::of(&run.knobs, samples.len());
    let network = plan::network(&run.knobs);
    let (position, workers) = train(&run, samples, &plan, network, &config).await?;
    panels::show(&plan, &position, run.host).await?;

    let parameters = workers[0].weights.len();
    let time = timeline::StepTime::of(&plan, &position.times);
    if let Some(time) = time {
        panels::speed_up(&plan, time, parameters, run.host).await?;
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
    if let Some(time) = time {
        let [amdahl, speed_up] = timeline::speed_up(&plan, time, parameters, plan.replicas);
        figures.extend([("amdahl".into(), amdahl), ("speed_up".into(), speed_up)]);
    }
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
    let mut position = Position::default();
    if let Some(bytes) = &run.resume {
        (position, workers) = resume(bytes, config, workers)?;
    }
    let crew = gather(&LAB, run, workers.len(), &member::setup(network, &samples)).await?;
    // From here on the workers have them.
    drop(samples);
    let global = count * plan.batch;
    let (read_every, draw_every) = (plan.steps.div_ceil(POINTS), plan.steps.div_ceil(DRAWINGS));
    let mut since = position.step % read_every;
    let mut order = (u64::MAX, vec![]);

    while position.step < plan.steps {
        let (epoch, place) = (position.step / plan.steps_per_epoch, position.step % plan.steps_per_epoch);
        if order.0 != epoch {
            order = (epoch, random::permutation(run.seed, epoch, sample_count));
        }
        let indices = &order.1[place as usize * global..][..global];
        // The large batch and the small ones are asked for beside the replicas, as if they were two more.
        let shards = indices.chunks(plan.batch).enumerate();
        let asks = shards.map(|(replica, shard)| member::gradient(&workers[replica].weights, shard)).chain([
            member::steps(&workers[count], indices, global, plan.rate, plan.momentum),
            member::steps(&workers[count + 1], indices, plan.batch, plan.base_rate, plan.momentum),
        ]);
        let asked: Vec<_> = asks.enumerate().map(|(place, ask)| crew.ask(place % crew.size(), ask)).collect();
        let (mut gradients, mut times) = (Vec::new(), Vec::new());
        for (place, answer) in asked.into_iter().enumerate() {
            let Done { mut numbers, loss, took_ms } = member::done(&answer.await?);
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
        let messages = meet(plan, position.step, &mut workers[..count], gradients);
        if !messages.is_empty() {
            let from_first = messages.iter().filter(|message| message.from == 0);
            position.sent += from_first.map(|message| message.bytes as u64).sum::<u64>();
            position.ring_ms = ring::duration_ms(&messages, plan.latency_ms, plan.bytes_per_ms);
        }

        if position.times.len() == TIMED {
            position.times.remove(0);
        }
        position.times.extend(times.into_iter().collect::<Option<Vec<f64>>>());

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
            panels::show(plan, &position, host).await?;
        }
        let tick = host.tick(&Progress { step, steps: plan.steps, epoch, samples, ..Progress::default() }).await?;
        if tick.checkpoint {
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

fn checkpoint(position: &Position, workers: &[Worker], config: &str) -> Vec<u8> {
    let values = workers.iter().flat_map(|worker| worker.weights.iter().chain(&worker.unsent).chain(&worker.velocity));
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    container::write(position, config, &[("workers", &bytes)])
}

/// `workers` say how many there are, and how large.
fn resume(bytes: &[u8], config: &str, mut workers: Vec<Worker>) -> Result<(Position, Vec<Worker>), Interrupt> {
    let (position, parts) = container::read(bytes, config).map_err(|error| unfit(&error))?;
    let mut words = parts.iter().flat_map(|(_, part)| part.chunks_exact(4));
    for worker in &mut workers {
        for value in worker.weights.iter_mut().chain(&mut worker.unsent).chain(&mut worker.velocity) {
            let word = words.next().ok_or_else(|| unfit(&"it has too few weights"))?;
            *value = f32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        }
    }
    Ok((position, workers))
}
