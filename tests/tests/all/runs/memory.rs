//! What a run leaves in the state folder, a later one takes over.

use kindling_tests::Server;
use serde_json::{Value, json};

use super::{OFTEN, curve, events, start};

#[test]
fn a_later_search_trains_nothing_that_an_earlier_one_trained() {
    let server = Server::start_with(OFTEN);
    let search = json!({ "lab": "hyperparameter-search", "seed": 3, "device": "cpu",
        "knobs": { "data": "generated", "trials": 4, "epochs": 3, "folds": 2 } });
    let runs = [(); 2].map(|()| events(&server, &start(&server, &search), 0));
    let known = |events: &[Value]| {
        let notes = events.iter().filter_map(|event| event["text"]["en"].as_str());
        notes.filter_map(|note| note.split_once(" are of earlier runs")).map(|(count, _)| count.to_string()).next()
    };
    assert_eq!(runs.each_ref().map(|events| known(events)), [None, Some("8 of 8 trainings".into())]);
    assert_eq!(curve(&runs[0]), curve(&runs[1]));
    assert_eq!(runs[0].last().expect("a report")["figures"], runs[1].last().expect("a report")["figures"]);
}
