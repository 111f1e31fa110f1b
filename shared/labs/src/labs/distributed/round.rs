//! What the crew does at a step: a gradient for each replica, the step of the large batch, the steps of the small ones.

use super::member::{self, Done};
use crate::crew::Crew;
use crate::host::{Host, Interrupt};

/// The answers in the order of the asks, of which the first are the replicas' and the next is the large batch's.
///
/// All are asked at once, as if the others were two more replicas. In a round that is timed they are not: the replicas have
/// the crew for themselves, and then one worker has the large batch while the others rest. So the milliseconds of both can
/// be compared. What is computed is the same.
pub async fn ask(
    crew: &dyn Crew,
    host: &dyn Host,
    asks: Vec<Vec<u8>>,
    replicas: usize,
    timed: bool,
) -> Result<(Vec<Done>, Option<[f64; 2]>), Interrupt> {
    let together = if timed { vec![replicas, 1, 1] } else { vec![asks.len()] };
    let mut asks = asks.into_iter().enumerate();
    let (mut done, mut walls) = (Vec::new(), Vec::new());
    for count in together {
        let begun = host.now_ms();
        let part = asks.by_ref().take(count);
        let asked: Vec<_> = part.map(|(place, ask)| crew.ask(place % crew.size(), ask)).collect();
        for answer in asked {
            done.push(member::done(&answer.await?));
        }
        walls.push(host.now_ms().zip(begun).map(|(now, begun)| now - begun));
    }
    let walls = if timed { walls[0].zip(walls[1]) } else { None };
    Ok((done, walls.map(|(beside, alone)| [beside, alone])))
}
