//! The columns that say most of a class, each by itself: what is shown of a row where there is no room for all.

use std::cmp::Reverse;

use kindling_protocol::text::Text;

use super::{Dataset, Encoder, Values};

/// How many.
const SHOWN: usize = 3;

/// Of the columns whose inputs go most with `positive` in the training part: names, and values of the rows `of`.
/// `inputs` are those of the training part.
pub fn telling(
    data: &Dataset,
    encoder: &Encoder,
    inputs: &[f32],
    positive: &[bool],
    of: &[usize],
) -> Vec<(Text, Values)> {
    let strengths = correlations(inputs, encoder.width(), positive);
    let strength = |place: &usize| {
        let greatest = encoder.groups()[*place].clone().map(|input| strengths[input]).fold(0.0, f64::max);
        Reverse((greatest * 1e9) as u64)
    };
    let mut places: Vec<usize> = (0..data.features.len()).collect();
    places.sort_by_cached_key(strength);
    let columns = places.into_iter().take(SHOWN).map(|place| data.features[place]);
    columns.map(|column| (data.named(column), data.table.columns[column].values.of(of))).collect()
}

/// Of each input with the class, without sign; 0 of what never changes.
fn correlations(inputs: &[f32], width: usize, positive: &[bool]) -> Vec<f64> {
    let count = positive.len().max(1) as f64;
    let share = positive.iter().filter(|&&positive| positive).count() as f64 / count;
    let mut sums = vec![[0.0f64; 3]; width];
    for (row, &positive) in inputs.chunks(width.max(1)).zip(positive) {
        for (sums, &value) in sums.iter_mut().zip(row) {
            let value = f64::from(value);
            sums[0] += value;
            sums[1] += value * value;
            sums[2] += value * (f64::from(u8::from(positive)) - share);
        }
    }
    let correlation = |[sum, squares, product]: [f64; 3]| {
        let spread = (squares / count - (sum / count).powi(2)) * share * (1.0 - share);
        if spread > 1e-12 { (product / count / spread.sqrt()).abs() } else { 0.0 }
    };
    sums.into_iter().map(correlation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tabular::sets;

    #[test]
    fn the_columns_shown_are_those_that_tell_the_classes_apart() {
        let csv: String = (0..60)
            .map(|row| {
                let (class, odd) = (row % 3 == 0, row % 2);
                let colour = if class { "red" } else { ["blue", "green"][odd] };
                format!("{},{},{odd},{colour},{}\n", row * 7 % 5, if class { 10 + odd } else { odd }, u8::from(class))
            })
            .collect();
        let data = sets::own(format!("noise,size,odd,colour,bought\n{csv}").as_bytes(), 5).expect("a table");
        let rows: Vec<usize> = (0..60).collect();
        let encoder = Encoder::fit(&data.table, &data.features, &rows);
        let inputs = encoder.encode(&data.table, &rows);
        let positive: Vec<bool> = rows.iter().map(|row| row % 3 == 0).collect();
        let told = telling(&data, &encoder, &inputs, &positive, &[3, 4]);
        let names: Vec<&str> = told.iter().map(|(name, _)| &*name.en).collect();
        assert_eq!((names.len(), &names[..2]), (3, &["colour", "size"][..]));
        assert_eq!([told[0].1.show(0), told[0].1.show(1), told[1].1.show(0)], ["red", "blue", "11"]);
    }
}
