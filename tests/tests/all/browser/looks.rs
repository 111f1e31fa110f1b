//! Whether it loads cleanly, and follows language, colours and width.

use kindling_tests::{Browser, Gpu, Server};

use super::{PATIENCE, Visit};

const PAGES: [&str; 8] = ["/", "/questions", "/questions/q01", "/labs", "/labs/digits", "/runs", "/engine", "/models"];

#[test]
fn every_page_loads_without_a_fault() {
    let mut visit = Visit::to("/", Gpu::Off);
    for path in PAGES {
        visit.page.goto(&visit.server.url(path));
        visit.page.wait_for(
            "document.querySelector('main h1, main h2, [data-testid=digit-pad]')?.checkVisibility()",
            PATIENCE,
        );
        // What loads late, such as an engine, has its time to fail.
        visit.page.wait_for("new Promise(done => setTimeout(() => done(true), 700))", PATIENCE);
        visit.page.assert_clean();
    }
}

#[test]
fn the_browsers_language_comes_first_and_the_switch_keeps_ones_place() {
    let server = Server::start();
    let mut browser = Browser::launch(Gpu::Off);
    let mut page = browser.page();
    page.languages("zh-CN,zh,en");
    page.goto(&server.url("/labs/digits"));
    page.wait_for_test_id("language", PATIENCE);
    assert_eq!(page.eval("document.documentElement.lang"), "zh-CN");
    page.wait_for("document.querySelector('main')?.innerText.includes('手写数字')", PATIENCE);
    page.click("language");
    page.wait_for("document.documentElement.lang === 'en'", PATIENCE);
    page.wait_for("document.querySelector('main').innerText.includes('Handwritten digits')", PATIENCE);
    assert_eq!(page.eval("location.pathname"), "/labs/digits");
    page.reload();
    page.wait_for("document.documentElement.lang === 'en' && !!document.querySelector('main')", PATIENCE);
    page.assert_clean();
}

#[test]
fn no_page_shows_words_of_the_other_language() {
    let server = Server::start();
    let mut browser = Browser::launch(Gpu::Off);
    let mut page = browser.page();
    page.languages("en-US,en");
    for path in PAGES {
        page.goto(&server.url(path));
        page.wait_for("document.querySelector('main')?.innerText.length > 20", PATIENCE);
        // The switch names the other language in that language.
        let text = page.eval(
            "(() => { const copy = document.body.cloneNode(true); \
             copy.querySelectorAll('[data-testid=language], noscript').forEach(e => e.remove()); return copy.innerText; })()",
        );
        let text = text.as_str().expect("a text");
        assert!(!text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "Chinese on the English {path}: {text}");
    }
}

#[test]
fn colours_follow_the_system_until_one_is_chosen() {
    let mut visit = Visit::to("/", Gpu::Off);
    let page = &mut visit.page;
    let background = "getComputedStyle(document.documentElement).backgroundColor";
    page.wait_for_test_id("theme", PATIENCE);
    page.media(&[("prefers-color-scheme", "light")]);
    page.wait_for("document.documentElement.dataset.theme === 'light'", PATIENCE);
    let light = page.eval(background);
    page.media(&[("prefers-color-scheme", "dark")]);
    page.wait_for("document.documentElement.dataset.theme === 'dark'", PATIENCE);
    page.wait_for(&format!("{background} !== {light}"), PATIENCE);
    // From following the system the button turns through the two choices and back.
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        page.click("theme");
        seen.insert(page.eval("document.documentElement.dataset.theme").as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["dark", "light"]);
    page.assert_clean();
}

#[test]
fn nothing_sticks_out_of_a_narrow_screen() {
    let mut visit = Visit::to("/", Gpu::Off);
    visit.page.resize(320, 640, true);
    for path in PAGES {
        visit.page.goto(&visit.server.url(path));
        visit.page.wait_for("document.querySelector('main')?.innerText.length > 20", PATIENCE);
        let wide = visit.page.eval("document.documentElement.scrollWidth");
        assert!(wide.as_f64().expect("a width") <= 320.0, "{path} is {wide} wide");
    }
    let hidden =
        "(() => { const nav = document.querySelector('.site-nav'); return nav.scrollWidth - nav.clientWidth; })()";
    assert_eq!(visit.page.eval(hidden), 0, "all of the navigation is seen");
}

#[test]
fn every_control_has_a_name_and_can_be_reached_by_keyboard() {
    let mut visit = Visit::to("/", Gpu::Off);
    for path in PAGES {
        visit.page.goto(&visit.server.url(path));
        visit.page.wait_for("document.querySelector('main')?.innerText.length > 20", PATIENCE);
        let nameless = visit.page.eval(
            "[...document.querySelectorAll('button, a[href], input, select, canvas')].filter(e => e.checkVisibility()) \
             .filter(e => !(e.innerText?.trim() || e.ariaLabel || e.title || e.labels?.length \
                || e.getAttribute('aria-labelledby') || e.ariaHidden === 'true' || e.closest('[aria-hidden=true]'))) \
             .map(e => e.outerHTML.slice(0, 120))",
        );
        assert_eq!(nameless.as_array().map(Vec::len), Some(0), "{path}: {nameless}");
    }
    visit.page.goto(&visit.server.url("/"));
    visit.page.wait_for_test_id("digit-pad", PATIENCE);
    visit.page.key("Tab");
    assert_ne!(visit.page.eval("document.activeElement.tagName"), "BODY");
}
