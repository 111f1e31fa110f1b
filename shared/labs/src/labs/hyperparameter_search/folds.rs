//! Stratified folds: equal to scikit-learn's `StratifiedKFold` without its shuffling.

/// The fold in which each row is judged. Every class is spread over the folds as evenly as its rows allow.
pub fn stratified(classes: &[u32], folds: usize) -> Vec<usize> {
    // Classes in the order in which they first come up.
    let mut known: Vec<u32> = Vec::new();
    let encode = |class: &u32| {
        known.iter().position(|one| one == class).unwrap_or_else(|| {
            known.push(*class);
            known.len() - 1
        })
    };
    let encoded: Vec<usize> = classes.iter().map(encode).collect();
    // Sorted by class and dealt like cards, so that folds differ by one row at most, in all and of each class.
    let mut sorted = encoded.clone();
    sorted.sort_unstable();
    let mut wanted = vec![vec![0; folds]; known.len()];
    for (place, class) in sorted.into_iter().enumerate() {
        wanted[class][place % folds] += 1;
    }
    let deal = |class: usize| {
        let fold = wanted[class].iter().position(|&left| left > 0).expect("as many as there are rows");
        wanted[class][fold] -= 1;
        fold
    };
    encoded.into_iter().map(deal).collect()
}
