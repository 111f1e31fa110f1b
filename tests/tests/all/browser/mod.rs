//! The page in a real Chromium, with the real server behind it.

mod cancel;
mod chosen;
mod compared;
mod crew;
mod faults;
mod fixtures;
mod hand_over;
mod idle;
mod looks;
mod on_server;
mod own_drawing;
mod own_file;
mod pad;
mod panels;
mod questions;
mod steering;
mod strangers;
mod train;

use std::time::Duration;

use kindling_tests::{Browser, Gpu, Page, Server};

/// Nothing on this page takes longer on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, a browser and its first tab, kept together: the tab lives as long as both.
struct Visit {
    server: Server,
    page: Page,
    browser: Browser,
}

impl Visit {
    /// Opens an address of a server that has this machine's data.
    fn to(path: &str, gpu: Gpu) -> Visit {
        Visit::of(Server::start(), path, gpu)
    }

    fn of(server: Server, path: &str, gpu: Gpu) -> Visit {
        let mut browser = Browser::launch(gpu);
        let mut page = browser.page();
        page.goto(&server.url(path));
        Visit { server, page, browser }
    }
}
