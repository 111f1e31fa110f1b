//! Training, validation and test: rows by index, seeded and stratified.

use crate::data::random;

/// Three parts that share no row, each in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    pub train: Vec<usize>,
    pub validation: Vec<usize>,
    pub test: Vec<usize>,
}

impl Split {
    /// Gives `validation` and `test` these shares of every class, to the nearest row, but at least one row of a class
    /// that has three. `rows` are those to be dealt, `classes` theirs. The rest is for training.
    pub fn stratified(rows: &[usize], classes: &[u32], validation: f64, test: f64, seed: u64) -> Split {
        let mut split = Split::default();
        let count = classes.iter().max().map_or(0, |most| most + 1);
        for class in 0..count {
            let mut of_class: Vec<usize> =
                rows.iter().zip(classes).filter(|(_, known)| **known == class).map(|(row, _)| *row).collect();
            random::stream(seed, "tabular split", 0, u64::from(class)).shuffle(&mut of_class);
            let share = |share: f64| match (share * of_class.len() as f64).round() as usize {
                0 if share > 0.0 && of_class.len() >= 3 => 1,
                rows => rows,
            };
            let test = share(test).min(of_class.len());
            let validation = share(validation).min(of_class.len() - test);
            let (tested, rest) = of_class.split_at(test);
            let (validated, trained) = rest.split_at(validation);
            split.test.extend(tested);
            split.validation.extend(validated);
            split.train.extend(trained);
        }
        [&mut split.train, &mut split.validation, &mut split.test].into_iter().for_each(|part| part.sort_unstable());
        split
    }
}
