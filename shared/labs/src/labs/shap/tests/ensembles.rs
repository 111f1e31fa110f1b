//! Shapley values are additive over models: those of an ensemble's mean are the mean of its members' values.

use super::super::shapley::{self, Regression};
use super::*;

const FEATURES: usize = 8;

/// Two networks side by side, each with half of its say: in log-odds their mean.
fn mean_of([one, other]: &[Net; 2]) -> Net {
    let sides = || one.first.chunks(one.hidden).zip(other.first.chunks(other.hidden));
    let half = |values: &[f32], others: &[f32]| values.iter().chain(others).map(|value| value / 2.0).collect();
    let bias = one.second_bias.iter().zip(&other.second_bias).map(|(one, other)| (one + other) / 2.0);
    Net {
        hidden: one.hidden + other.hidden,
        first: sides().flat_map(|(one, other)| [one, other].concat()).collect(),
        first_bias: [&one.first_bias[..], &other.first_bias].concat(),
        second: half(&one.second, &other.second),
        second_bias: bias.collect(),
        ..one.clone()
    }
}

fn mean(one: &[Vec<f64>], other: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let row = |(one, other): (&Vec<f64>, &Vec<f64>)| one.iter().zip(other).map(|(a, b)| (a + b) / 2.0).collect();
    one.iter().zip(other).map(row).collect()
}

#[test]
fn values_of_the_mean_of_two_networks_are_the_mean_of_their_values() {
    let (background, rows) = (rows(20, FEATURES, 11), rows(5, FEATURES, 12));
    let nets = [drawn(FEATURES, 12, true, 13), drawn(FEATURES, 6, true, 14)];
    let both = Model::new(mean_of(&nets), 1, Scale::LogOdds);
    let members = nets.map(|net| Model::new(net, 1, Scale::LogOdds));
    for row in &rows {
        let answers = members.each_ref().map(|model| model.answer(row));
        assert!((both.answer(row) - (answers[0] + answers[1]) / 2.0).abs() < 1e-5, "{answers:?}");
    }
    for method in [Method::Exact, Method::Kernel(254), Method::Kernel(60)] {
        let of = |model: &Model| explain(&explainer(model, &background), method, &rows);
        let [one, other] = members.each_ref().map(of);
        assert!(error(&one, &other)[1] > 0.1, "they say different things");
        let [_, most] = error(&of(&both), &mean(&one, &other));
        assert!(most < 1e-5, "{method:?}: {most}");
    }
}

/// The mean of two probabilities is no network of this kind, but a game all the same.
#[test]
fn values_of_a_mean_of_probabilities_are_the_mean_of_the_values() {
    let (background, rows) = (rows(20, FEATURES, 15), rows(5, FEATURES, 16));
    let groups: Vec<_> = (0..FEATURES).map(|input| input..input + 1).collect();
    let game = |seed: u64| {
        let model = Model::new(drawn(FEATURES, 10, true, seed), 1, Scale::Probability);
        let parts = |rows: &[Vec<f32>]| rows.iter().map(|row| model.parts(row, &groups)).collect::<Vec<_>>();
        coalition::values(&model, &parts(&rows), &parts(&background), &coalition::all(FEATURES))
    };
    let (one, other) = (game(17), game(18));
    let regression = Regression::new(FEATURES, coalition::sampled(FEATURES, 60, 19));
    let kernel = |game: &Vec<f64>| {
        let asked: Vec<f64> = regression.masks().iter().map(|&mask| game[mask as usize]).collect();
        regression.solve(&asked, game[0], game[game.len() - 1])
    };
    let exact = |game: &Vec<f64>| shapley::exact(FEATURES, game);
    let both = mean(&one, &other);
    for (name, values) in [("exact", &exact as &dyn Fn(&Vec<f64>) -> Vec<f64>), ("kernel", &kernel)] {
        let [one, other, both] = [&one, &other, &both].map(|games| games.iter().map(values).collect::<Vec<_>>());
        assert!(error(&one, &other)[1] > 0.01, "{name}: they say different things");
        let [_, most] = error(&both, &mean(&one, &other));
        assert!(most < 1e-12, "{name}: {most}");
    }
}
