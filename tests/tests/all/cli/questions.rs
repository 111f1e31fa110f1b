//! Question pages as they were built, held against the labs of the binary that serves them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kindling_protocol::knob;
use kindling_protocol::lab::LabSpec;
use kindling_protocol::question::{Catalogue, Code, QuestionPage};
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::Language;
use kindling_tests::Server;
use serde_json::Value;

use super::labs::Outcome;
use super::{json, kindling};

#[test]
fn knobs_goals_and_links_are_those_of_the_labs() {
    let (labs, server) = (labs(), Server::start());
    let catalogue = catalogue(&server);
    let mut wrong = Vec::new();
    for card in &catalogue.questions {
        let id = &card.id;
        let Some(lab) = labs.get(&card.lab) else {
            wrong.push(format!("{id}: there is no lab `{}`", card.lab));
            continue;
        };
        if let Err(error) = knob::resolve(&lab.knobs, &card.knobs) {
            wrong.push(format!("{id}: {error}"));
        }
        let goals: Vec<_> = lab.goals.iter().map(|goal| goal.id.as_ref()).collect();
        for goal in card.goals.iter().filter(|goal| !goals.contains(&goal.as_str())) {
            wrong.push(format!("{id}: `{goal}` is no goal of `{}`; there are {}", card.lab, goals.join(", ")));
        }
        for language in [Language::En, Language::Zh] {
            let page = file(&server, card.page.get(language));
            let page: QuestionPage = serde_json::from_value(page).expect("a page");
            let follow_ups = page.follow_ups.iter().map(|one| &one.answer);
            let quizzes = page.predictions.iter().chain(&page.faults).chain(&page.checks);
            let quizzes = quizzes.flat_map(|one| [&one.ask].into_iter().chain(&one.whys));
            let sections = [&page.question, &page.short, &page.long, &page.traps, &page.lab];
            let all = sections.into_iter().chain(follow_ups).chain(quizzes);
            for link in all.flat_map(|html| html.split("href=\"/labs/").skip(1)) {
                let link = link.split('"').next().unwrap_or_default().replace("&amp;", "&");
                wrong.extend(unusable(&labs, &link).map(|why| format!("{id} {language:?}: /labs/{link}: {why}")));
            }
        }
        let code: Code = serde_json::from_value(file(&server, &card.code)).expect("code");
        assert_eq!(code.files.first().map(|file| file.name.as_str()), Some("mod.rs"), "{id}");
        assert!(code.files.iter().all(|file| file.html.contains("class=\"line\"")), "{id}");
    }
    assert!(!catalogue.questions.is_empty() && wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_goals_of_a_question_hold_where_it_opens_its_lab() {
    let labs = labs();
    let mut wrong = Vec::new();
    // Without settings of its own a question opens at the lab's, where all goals are seen to hold.
    for card in catalogue(&Server::start()).questions.into_iter().filter(|card| !card.knobs.0.is_empty()) {
        let lab = &labs[&card.lab];
        let settings: Vec<_> = card.knobs.0.into_iter().map(|(knob, value)| (Cow::from(knob), value)).collect();
        let outcome = Outcome::of(lab, &settings);
        for goal in lab.goals.iter().filter(|goal| card.goals.iter().any(|id| *id == goal.id)) {
            if !goal.holds(outcome.figure(&goal.figure), outcome.seconds) {
                wrong.push(format!("{}: `{}` does not hold at {settings:?}: {}", card.id, goal.id, outcome.told(lab)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn labs() -> BTreeMap<String, LabSpec> {
    let labs: Vec<LabSpec> = serde_json::from_value(json(&kindling(&["labs", "--json"]))).expect("labs");
    labs.into_iter().map(|lab| (lab.slug.to_string(), lab)).collect()
}

fn catalogue(server: &Server) -> Catalogue {
    serde_json::from_value(file(server, &catalogue_address(server))).expect("a catalogue")
}

/// Why a link into a lab does not set what it says.
fn unusable(labs: &BTreeMap<String, LabSpec>, link: &str) -> Option<String> {
    let (slug, query) = link.split_once('?').unwrap_or((link, ""));
    let Some(lab) = labs.get(slug) else { return Some("there is no such lab".into()) };
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.filter(|(name, _)| *name != "place").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (_, faults) = RunConfig::from_query(lab, pairs);
    (!faults.is_empty()).then(|| format!("{faults:?}"))
}

/// From the page, which is where a browser finds it.
fn catalogue_address(server: &Server) -> String {
    let page = server.get("/questions").text();
    let after = page.split("kindling:questions\" content=\"").nth(1).expect("the page names its catalogue");
    after.split('"').next().unwrap_or_default().to_owned()
}

fn file(server: &Server, address: &str) -> Value {
    let reply = server.get(address);
    assert_eq!(reply.status, 200, "{address}");
    reply.json()
}
