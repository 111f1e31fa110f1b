//! Weights on their way into the page and out of it: opened, refused, published.

use kindling_tests::page::{Pointer, events};
use kindling_tests::{Gpu, Page, Server};
use serde_json::{Value, json};

use super::pad::{digit_strokes, placed};
use super::steering::wait_for_state;
use super::{PATIENCE, Visit};
use crate::handoff::{blob, publish, put_together, sha256, take_apart, trained_with};

#[test]
fn a_model_of_the_server_is_opened_and_one_that_is_not_right_is_refused() {
    let server = Server::start();
    publish(&server, &trained_with(&server, 1), "first");
    let other = publish(&server, &trained_with(&server, 2), "second");
    let listed = with_wrong_ones(&server, &other);
    let mut visit = Visit::of(server, "/models", Gpu::Off);
    let page = &mut visit.page;

    // Until the shipped model is there, its card grows and pushes the others down, from under the pointer.
    page.wait_for("!!document.querySelector('[data-testid=shipped-model] [data-testid=in-use]')", PATIENCE);
    // A line slow enough to see the progress on.
    let slow = json!({ "offline": false, "latency": 0, "downloadThroughput": 100_000, "uploadThroughput": -1 });
    page.wait_for(&card("first v1"), PATIENCE);
    page.call("Network.emulateNetworkConditions", slow);
    let sizes = page.eval(&format!("{}.innerText", card("first v1")));
    let sizes = sizes.as_str().expect("a text");
    assert!(sizes.contains("KB f32") && sizes.contains("KB f16"), "{sizes}");
    page.eval(&format!(
        "(() => {{ window.shares = []; const card = {}; new MutationObserver(() => {{ \
           const share = card.querySelector('progress')?.getAttribute('value'); if (share) shares.push(Number(share)); }}) \
           .observe(card, {{ subtree: true, childList: true, attributes: true }}); }})()",
        card("first v1")
    ));
    open(page, "first v1");
    page.wait_for(&in_use("first v1"), PATIENCE);
    let shares = page.eval("window.shares");
    assert!(
        shares.as_array().is_some_and(|shares| shares.iter().any(|share| share.as_f64().is_some_and(|s| s < 1.0))),
        "no progress was seen: {shares}"
    );
    page.call(
        "Network.emulateNetworkConditions",
        json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 }),
    );
    let parity = page.eval(&format!("{}.querySelector('[data-testid=parity]').innerText", card("first v1")));
    let difference: f64 = parity.as_str().and_then(|text| text.parse().ok()).expect("a number");
    assert!((0.0..=2e-3).contains(&difference), "{parity}");
    println!("opened in the page, the greatest difference of a logit is {difference:e}");
    answers_with(page, "first v1");

    // Damaged where the server keeps it: one bit, then the end. Each time the model before goes on answering.
    let hash = other["manifest"]["weights"].as_array().expect("weights").iter().find(|file| file["dtype"] == "f16");
    let hash = hash.expect("f16 weights")["sha256"].as_str().expect("a hash").to_owned();
    let file = visit.server.state_dir().join("blobs").join(&hash);
    let whole = std::fs::read(&file).expect("the blob is a file of its own");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (bytes, said) in [(&flipped[..], "sha256"), (&whole[..whole.len() - 9], "cut short")] {
        std::fs::write(&file, bytes).expect("the blob can be damaged");
        refused(page, "second v1", said);
        answers_with(page, "first v1");
    }

    // Whole files that are no weights of this model, as no Kindling server would list them.
    page.eval(&format!(
        "(() => {{ const real = window.fetch; window.fetch = async request => \
           new URL(request.url ?? request, location).pathname === '/api/models' \
             ? new Response({:?}, {{ headers: {{ 'content-type': 'application/json' }} }}) : real.call(window, request); }})()",
        listed.to_string()
    ));
    for (name, said) in [
        ("missing v1", "is missing"),
        ("turned v1", "has shape"),
        ("typed v1", "has type"),
        ("infinite v1", "not a finite number"),
        ("other v1", "computes something else"),
        ("torn v1", "not a safetensors file"),
    ] {
        refused(page, name, said);
        answers_with(page, "first v1");
    }
    // In the language of the page.
    page.click("language");
    refused(page, "missing v1", "缺少张量");
    // A whole sentence; what the reader of the file said is folded away below it.
    refused(page, "torn v1", "模型未被使用：不是 safetensors 文件。");
    assert!(
        page.eval("document.querySelector('[data-testid=refused] details p').textContent.length").as_u64() > Some(0)
    );
    page.click("language");

    // Mended, it is taken: nothing damaged was kept.
    std::fs::write(&file, &whole).expect("the blob can be mended");
    visit_models(page);
    open(page, "second v1");
    page.wait_for(&in_use("second v1"), PATIENCE);
    answers_with(page, "second v1");
    // The browser itself says that a transfer broke off.
    let faults: Vec<String> = page.take_faults().into_iter().filter(|fault| !fault.contains("net::ERR_")).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn weights_trained_in_the_browser_answer_on_the_pad_and_are_published() {
    let mut visit = Visit::to("/labs/digits?data=generated&samples=500&epochs=2&width=16&seed=9", Gpu::Off);
    let page = &mut visit.page;
    page.wait_for_test_id("run", PATIENCE);
    page.click("run");
    wait_for_state(page, "good");
    let run = page.wait_for_run("run.info.state === 'finished'", PATIENCE);
    page.click("to-pad");
    page.wait_for_test_id("open-pad", PATIENCE);
    page.click("open-pad");
    answer(page);
    let chosen = page.eval("document.querySelector('[data-testid=model-choice]').selectedOptions[0].innerText");
    assert!(chosen.as_str().is_some_and(|name| name.contains("Trained here")), "{chosen}");

    page.eval("history.back()");
    page.wait_for_test_id("publish", PATIENCE);
    page.click("publish");
    page.fill("publish-name", "from-the-browser");
    page.click("publish-do");
    page.wait_for("document.querySelector('.model-actions .notice.good a[href=\"/models\"]')?.innerText", PATIENCE);
    let version = visit.server.get("/api/models/from-the-browser/1").json();
    let weights = |manifest: &Value| manifest["weights"][0]["sha256"].clone();
    let trained = events(&run).last().map(|report| weights(&report["model"]));
    assert_eq!(Some(weights(&version["manifest"])), trained, "the published weights are those of the run");
    page.click_on("document.querySelector('.model-actions .notice.good a[href=\"/models\"]')");
    page.wait_for(&card("from-the-browser v1"), PATIENCE);
    open(page, "from-the-browser v1");
    page.wait_for(&in_use("from-the-browser v1"), PATIENCE);
    answers_with(page, "from-the-browser v1");
    page.assert_clean();
}

/// The server's list with further models whose weights are whole files, and wrong.
fn with_wrong_ones(server: &Server, right: &Value) -> Value {
    let half = right["manifest"]["weights"].as_array().expect("weights").iter().find(|file| file["dtype"] == "f16");
    let weights = blob(server, &half.expect("f16 weights")["sha256"]);
    let (header, data) = take_apart(&weights);
    let tensors = || header.as_object().expect("an object").keys().filter(|key| *key != "__metadata__");
    let last = tensors().max_by_key(|name| header[*name]["data_offsets"][1].as_u64()).expect("tensors");
    let matrix = tensors().find(|name| header[*name]["shape"].as_array().is_some_and(|shape| shape.len() == 2));
    let matrix = matrix.expect("a matrix");
    let from = header[last]["data_offsets"][0].as_u64().expect("an offset") as usize;
    let (mut missing, mut turned, mut typed) = (header.clone(), header.clone(), header.clone());
    missing.as_object_mut().expect("an object").remove(last);
    turned[matrix]["shape"].as_array_mut().expect("a shape").reverse();
    typed[matrix]["dtype"] = "I16".into();
    let (mut infinite, mut other) = (data.clone(), data.clone());
    // The exponent of an f16 number all ones; and every sign turned.
    infinite[..2].copy_from_slice(&0x7c00_u16.to_le_bytes());
    other.chunks_exact_mut(2).for_each(|half| half[1] ^= 0x80);
    let wrong = [
        ("missing", put_together(&missing, &data[..from])),
        ("turned", put_together(&turned, &data)),
        ("typed", put_together(&typed, &data)),
        ("infinite", put_together(&header, &infinite)),
        ("other", put_together(&header, &other)),
        ("torn", put_together(&header, &data[..data.len() - 4])),
    ];
    let mut listed = server.get("/api/models").json();
    for (name, file) in wrong {
        let hash = sha256(&file);
        let put = server.put(&format!("/api/blobs/{hash}"), "application/octet-stream", &file);
        assert_eq!(put.status, 201, "{}", put.text());
        let mut version = right.clone();
        version["name"] = name.into();
        version["manifest"]["name"] = name.into();
        version["manifest"]["weights"] = json!([{ "dtype": "f16", "sha256": hash, "bytes": file.len() }]);
        listed.as_array_mut().expect("a list").push(version);
    }
    listed
}

/// JavaScript that finds a version's card.
fn card(title: &str) -> String {
    format!("document.querySelector('[data-testid=model-version][data-name=\"{title}\"]')")
}

fn in_use(title: &str) -> String {
    format!("{}?.querySelector('[data-testid=in-use]')?.checkVisibility()", card(title))
}

fn open(page: &mut Page, title: &str) {
    page.wait_for(&card(title), PATIENCE);
    page.click_on(&format!("{}.querySelector('[data-testid=open-here]')", card(title)));
}

/// Goes to the models by the page's own link: the pad keeps its model, which a reload would not.
fn visit_models(page: &mut Page) {
    page.click_on("document.querySelector('.site-nav a[href=\"/\"]')");
    page.wait_for_test_id("digit-pad", PATIENCE);
    page.click_on("document.querySelector('.site-nav a[href=\"/models\"]')");
}

/// Opens a version and waits until the page says why it does not.
fn refused(page: &mut Page, title: &str, said: &str) {
    visit_models(page);
    open(page, title);
    let refusal = format!("{}?.querySelector('[data-testid=refused]')?.innerText", card(title));
    let words = page.wait_for(&refusal, PATIENCE);
    println!("{title}: {words}");
    assert!(words.as_str().is_some_and(|words| words.contains(said)), "{title}: `{said}` is not in {words}");
    assert_eq!(page.eval(&format!("{} === true", in_use(title))), false, "{title}");
}

/// The pad answers a new drawing, and names this model.
fn answers_with(page: &mut Page, model: &str) {
    page.click_on("document.querySelector('.site-nav a[href=\"/\"]')");
    answer(page);
    let who = page.text("answer-who");
    assert!(who.starts_with(&format!("{model} ·")), "`{model}` did not answer, but {who}");
}

fn answer(page: &mut Page) {
    page.wait_for_test_id("digit-pad", PATIENCE);
    let answer = page.replay(Pointer::Mouse, &placed(&digit_strokes(1), 0.6, 0.2, 0.2));
    assert!(!answer.digit.is_empty() && (0.0..=1.0).contains(&answer.confidence), "{answer:?}");
}
