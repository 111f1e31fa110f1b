//! Top-k: only the largest numbers of a gradient are sent (Aji and Heafield 2017, arXiv:1704.05021).

/// Places and values.
pub type Sparse = Vec<(u32, f32)>;

/// Takes the `keep` largest numbers out of `values`, the first of equals first. What stays in `values` was not sent:
/// added to the next gradient it is sent later instead of never, which is the error feedback with which sparse SGD
/// converges (Stich et al. 2018, arXiv:1809.07599).
pub fn top_k(values: &mut [f32], keep: usize) -> Sparse {
    let mut places: Vec<u32> = (0..values.len() as u32).collect();
    let size = |place: &u32| values[*place as usize].abs();
    if keep < places.len() {
        places.select_nth_unstable_by(keep, |a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
        places.truncate(keep);
    }
    places.sort_unstable();
    places.into_iter().map(|place| (place, std::mem::take(&mut values[place as usize]))).collect()
}
