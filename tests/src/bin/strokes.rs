//! How well the page reads the drawings of a file: replays each on the real pad and counts the right answers.
//!
//! `KINDLING_STROKES=FILE cargo run --release -p kindling-tests --bin strokes -- [mouse|touch|pen|script]`. A line of
//! the file is `{"label":7,"strokes":[[[x,y],...],...]}`, y down, any scale. No part of the suite: it needs a file of
//! drawings by people, and the repository has none.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kindling_tests::page::{Pointer, replay};
use kindling_tests::{Browser, Gpu, Server};

fn main() {
    let file = std::env::var_os("KINDLING_STROKES").expect("KINDLING_STROKES names a file of drawings");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let pointer = match std::env::args().nth(1).as_deref() {
        None | Some("mouse") => Pointer::Mouse,
        Some("touch") => Pointer::Touch,
        Some("pen") => Pointer::Pen,
        Some("script") => Pointer::Script,
        Some(other) => panic!("`{other}` is none of mouse, touch, pen, script"),
    };
    let drawings = replay::read(&text);
    let server = Server::start();
    let mut browser = Browser::launch(Gpu::Off);
    let mut page = browser.page();
    page.goto(&server.url("/"));
    page.wait_for("!!document.querySelector('[data-testid=digit-answer]')", Duration::from_secs(60));

    let begun = Instant::now();
    let mut classes: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
    for (index, drawing) in drawings.iter().enumerate() {
        let answer = page.replay(pointer, &drawing.strokes);
        let class = classes.entry(drawing.label).or_default();
        class.1 += 1;
        if answer.digit == drawing.label.to_string() {
            class.0 += 1;
        } else {
            println!("{index}: {} taken for {} ({:.1} %)", drawing.label, answer.digit, 100.0 * answer.confidence);
        }
    }
    for (label, (right, count)) in &classes {
        println!("{label}: {right} of {count}");
    }
    let (right, count) = classes.values().fold((0, 0), |sum, class| (sum.0 + class.0, sum.1 + class.1));
    let share = 100.0 * right as f64 / count.max(1) as f64;
    println!("{right} of {count} ({share:.2} %) by {pointer:?} in {:.0} s", begun.elapsed().as_secs_f64());
}
