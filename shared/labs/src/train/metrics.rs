//! What predictions are worth: loss, accuracy, the confusion matrix, the most confident mistakes.

/// Logits of a labelled set, and what follows from them.
pub struct Scored {
    pub classes: usize,
    /// `[count, classes]`.
    pub logits: Vec<f32>,
    pub labels: Vec<u8>,
}

impl Scored {
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    fn row(&self, index: usize) -> &[f32] {
        &self.logits[index * self.classes..(index + 1) * self.classes]
    }

    /// The class with the greatest logit; the first of equals.
    pub fn predicted(&self, index: usize) -> usize {
        let row = self.row(index);
        (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
    }

    pub fn right(&self) -> usize {
        (0..self.len()).filter(|&index| self.predicted(index) == usize::from(self.labels[index])).count()
    }

    /// Of nothing: 0.
    pub fn accuracy(&self) -> f64 {
        self.right() as f64 / self.len().max(1) as f64
    }

    /// Mean cross-entropy of softmax(logits / temperature). Of nothing: 0.
    pub fn loss(&self, temperature: f32) -> f64 {
        let sum: f64 = (0..self.len())
            .map(|index| {
                let row = self.row(index);
                let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let scaled = |logit: f32| f64::from(logit - top) / f64::from(temperature);
                let total: f64 = row.iter().map(|&logit| libm::exp(scaled(logit))).sum();
                libm::log(total) - scaled(row[usize::from(self.labels[index])])
            })
            .sum();
        sum / self.len().max(1) as f64
    }

    /// softmax(logits / temperature) of one sample.
    pub fn probabilities(&self, index: usize, temperature: f32) -> Vec<f32> {
        softmax(self.row(index), temperature)
    }

    /// `counts[label][predicted]`.
    pub fn confusion(&self) -> Vec<Vec<u64>> {
        let mut counts = vec![vec![0; self.classes]; self.classes];
        (0..self.len()).for_each(|index| counts[usize::from(self.labels[index])][self.predicted(index)] += 1);
        counts
    }

    /// Samples of each cell of the confusion matrix, at most `most` a cell.
    pub fn cells(&self, most: usize) -> Vec<Vec<Vec<u32>>> {
        let mut cells = vec![vec![vec![]; self.classes]; self.classes];
        for index in 0..self.len() {
            let cell: &mut Vec<u32> = &mut cells[usize::from(self.labels[index])][self.predicted(index)];
            if cell.len() < most {
                cell.push(index as u32);
            }
        }
        cells
    }

    /// Wrong answers, the most confident first.
    pub fn mistakes(&self, temperature: f32) -> Vec<(usize, f32)> {
        let mut mistakes: Vec<(usize, f32)> = (0..self.len())
            .filter(|&index| self.predicted(index) != usize::from(self.labels[index]))
            .map(|index| (index, self.probabilities(index, temperature)[self.predicted(index)]))
            .collect();
        mistakes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        mistakes
    }

    /// The temperature that gives the least loss: one number that makes a confident model honest (Guo et al. 2017).
    pub fn temperature(&self) -> f32 {
        if self.is_empty() {
            return 1.0;
        }
        // Loss has one minimum in the temperature; golden-section search on its logarithm.
        let shrink = (5f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (libm::log(0.1), libm::log(10.0));
        let loss = |log: f64| self.loss(libm::exp(log) as f32);
        while high - low > 1e-3 {
            let (left, right) = (high - shrink * (high - low), low + shrink * (high - low));
            if loss(left) < loss(right) {
                high = right;
            } else {
                low = left;
            }
        }
        libm::exp((low + high) / 2.0) as f32
    }

    /// Below this greatest probability an answer is wrong about as often as right: of all samples with less
    /// confidence, half or more are mistakes. At least a little above pure chance, at most 0.9.
    pub fn unsure_below(&self, temperature: f32) -> f32 {
        let mut answers: Vec<(f32, bool)> = (0..self.len())
            .map(|index| {
                let class = self.predicted(index);
                (self.probabilities(index, temperature)[class], class == usize::from(self.labels[index]))
            })
            .collect();
        answers.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut wrong, mut threshold) = (0, 0.0);
        for (place, &(confidence, right)) in answers.iter().enumerate() {
            wrong += usize::from(!right);
            if 2 * wrong > place {
                threshold = confidence;
            }
        }
        // Where nothing was wrong nothing was learnt: half is what "more likely than all others" means.
        if wrong == 0 { 0.5 } else { threshold.clamp(2.0 / self.classes as f32, 0.9) }
    }
}

/// Probabilities of logits.
pub fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|&logit| libm::expf((logit - top) / temperature)).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored() -> Scored {
        Scored {
            classes: 3,
            logits: vec![2.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 3.0, 5.0, 0.0, 0.0],
            labels: vec![0, 2, 2, 1],
        }
    }

    #[test]
    fn counts_by_hand() {
        let scored = scored();
        assert_eq!((0..4).map(|index| scored.predicted(index)).collect::<Vec<_>>(), [0, 1, 2, 0]);
        assert_eq!(scored.accuracy(), 0.5);
        assert_eq!(scored.confusion(), [[1, 0, 0], [1, 0, 0], [0, 1, 1]]);
        assert_eq!(scored.cells(1)[2][1], [1]);
        assert_eq!(scored.mistakes(1.0).iter().map(|mistake| mistake.0).collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    fn loss_is_the_mean_of_minus_log_probability() {
        let scored = scored();
        let expected =
            (0..4).map(|index| -f64::from(scored.probabilities(index, 2.0)[usize::from(scored.labels[index])]).ln());
        assert!((scored.loss(2.0) - expected.sum::<f64>() / 4.0).abs() < 1e-6);
        let uniform = Scored { classes: 10, logits: vec![0.3; 50], labels: vec![1; 5] };
        assert!((uniform.loss(1.0) - 10f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn temperature_finds_the_least_loss() {
        let scored = scored();
        let best = scored.temperature();
        assert!([0.5, 0.9, 1.1, 2.0].iter().all(|factor| scored.loss(best) <= scored.loss(best * factor) + 1e-6));
    }
}
