//! All-reduce on a ring: every replica sends to the next one only, and in the end each has the sum of all.

use std::ops::Range;

use super::compress::Sparse;

/// What one replica sent to the next, in one round: all replicas send at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    pub round: usize,
    pub from: usize,
    /// Of the vector; where sparse vectors go round, whose it is.
    pub chunk: usize,
    pub bytes: usize,
}

/// Where a vector is cut: as many chunks as there are replicas, as equal as can be.
fn chunk(length: usize, count: usize, index: usize) -> Range<usize> {
    index * length / count..(index + 1) * length / count
}

/// Every vector becomes the sum of all: in `2 (N - 1)` rounds each replica sends `2 (N - 1) / N` of a vector, which is
/// the least that is possible (Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002).
///
/// Reduce-scatter: chunk `c` sets out at replica `c`, and each next one adds its own, so after `N - 1` rounds replica
/// `c - 1` has its whole sum. All-gather: the sums go round once more and are copied. So all have the same bits.
pub fn all_reduce(vectors: &mut [Vec<f32>]) -> Vec<Message> {
    let (count, length) = (vectors.len(), vectors[0].len());
    let mut log = Vec::new();
    for round in 0..2 * (count - 1) {
        let adds = round < count - 1;
        // All of a round are read before any is received.
        let sent: Vec<(usize, Vec<f32>)> = (0..count)
            .map(|from| {
                // In both halves a replica hands on what it was sent the round before.
                let index = (from + 2 * count - round) % count;
                (index, vectors[from][chunk(length, count, index)].to_vec())
            })
            .collect();
        for (from, (index, values)) in sent.into_iter().enumerate() {
            log.push(Message { round, from, chunk: index, bytes: 4 * values.len() });
            let place = &mut vectors[(from + 1) % count][chunk(length, count, index)];
            match adds {
                true => place.iter_mut().zip(values).for_each(|(sum, value)| *sum += value),
                false => place.copy_from_slice(&values),
            }
        }
    }
    log
}

/// Sparse vectors name different places, so they can't be added chunk by chunk: each goes round whole, in `N - 1`
/// rounds. What comes back is the dense sum that every replica makes of all of them, in the order of the replicas.
pub fn all_gather(parts: &[Sparse], length: usize) -> (Vec<f32>, Vec<Message>) {
    let count = parts.len();
    let mut log = Vec::new();
    for round in 0..count - 1 {
        for from in 0..count {
            let chunk = (from + count - round) % count;
            log.push(Message { round, from, chunk, bytes: 8 * parts[chunk].len() });
        }
    }
    let mut sum = vec![0.0; length];
    parts.iter().flatten().for_each(|&(place, value)| sum[place as usize] += value);
    (sum, log)
}

/// How long the messages take where each link has this latency and this many bytes a millisecond: a round is over when
/// its longest message is.
pub fn duration_ms(log: &[Message], latency_ms: f64, bytes_per_ms: f64) -> f64 {
    let rounds = log.last().map_or(0, |message| message.round + 1);
    let longest = |round| log.iter().filter(|message| message.round == round).map(|message| message.bytes).max();
    (0..rounds).map(|round| latency_ms + longest(round).unwrap_or(0) as f64 / bytes_per_ms).sum()
}
