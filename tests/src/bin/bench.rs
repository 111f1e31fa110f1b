//! Opens the bench page in Chromium, runs every cell, and prints both sides' figures and their ratio.
//!
//! `cargo xtask bench` builds the folder and calls this. A cell counts only if both sides computed the same
//! losses before. Ratios are of medians in one page; milliseconds hold for this machine and this hour only.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use flate2::read::GzDecoder;
use kindling_tests::{Browser, Gpu, Page, data_dir};
use serde_json::{Value, json};

/// What is compared, how long each timing lasts, and what the project set out to reach.
struct Cell {
    cell: &'static str,
    ours: &'static str,
    peer: &'static str,
    timed: u32,
    agree: u32,
    goal: f64,
    gpu: bool,
}

const CELLS: &[Cell] = &[
    Cell { cell: "mlp", ours: "kindling:cpu", peer: "tensorflow:wasm", timed: 100, agree: 50, goal: 2.0, gpu: false },
    // The peer's backend takes seconds a step.
    Cell { cell: "cnn", ours: "kindling:cpu", peer: "tensorflow:cpu", timed: 1, agree: 3, goal: 40.0, gpu: false },
    Cell { cell: "mlp", ours: "kindling:gpu", peer: "tensorflow:webgpu", timed: 50, agree: 50, goal: 1.0, gpu: true },
];

/// Greatest difference of two losses, over the peer's loss, that still counts as the same computation.
const TOLERANCE: f64 = 1e-3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let folder = PathBuf::from(arguments.first().expect("the folder of the bench page"));
    let rounds: u32 = value("--rounds").and_then(|word| word.parse().ok()).unwrap_or(5);
    let only = value("--only").unwrap_or_default();
    let cpu_only = arguments.iter().any(|argument| argument == "--cpu-only");

    write_batches(&folder);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/index.html", listener.local_addr().expect("an address"));
    std::thread::spawn(move || serve(&listener, &folder));

    let mut browser = Browser::launch(Gpu::On);
    println!(
        "{}, {} cores, {rounds} rounds",
        browser.version(),
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    println!(
        "{:<6}{:<16}{:<20}{:>12}{:>12}{:>9}{:>7}  losses differ by",
        "cell", "ours", "peer", "ours ms", "peer ms", "ratio", "goal"
    );
    let mut right = true;
    for cell in CELLS {
        let line = format!("{} {} {}", cell.cell, cell.ours, cell.peer);
        if (cpu_only && cell.gpu) || !line.contains(&only) {
            continue;
        }
        // A page of its own: what one cell leaves in memory is not the next one's burden.
        let mut page = browser.page();
        page.goto(&url);
        page.wait_for("typeof window.bench === 'function'", Duration::from_secs(60));
        right &= run(&mut page, cell, rounds);
    }
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one cell and prints its line. False: the two sides did not compute the same.
fn run(page: &mut Page, cell: &Cell, rounds: u32) -> bool {
    let order = json!({
        "cell": cell.cell, "ours": cell.ours, "peer": cell.peer,
        "timed": cell.timed, "agree": cell.agree, "rounds": rounds,
    });
    // The page works on while we wait: a single call over the protocol would run into its limit.
    page.eval(&format!(
        "void (window.outcome = null, window.bench({order}).then(
            (result) => (window.outcome = {{ result }}), (error) => (window.outcome = {{ error: String(error) }})))"
    ));
    let outcome = page.wait_for("window.outcome", Duration::from_secs(900));
    if let Some(error) = outcome["error"].as_str() {
        println!("{:<6}{:<16}{:<20}  did not run: {error}", cell.cell, cell.ours, cell.peer);
        return false;
    }
    let result = &outcome["result"];
    let numbers = |value: &Value| -> Vec<f64> {
        value
            .as_array()
            .map(|list| list.iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect())
            .unwrap_or_default()
    };
    let (mine, theirs) = (numbers(&result["losses"][0]), numbers(&result["losses"][1]));
    let difference =
        mine.iter().zip(&theirs).map(|(mine, theirs)| (mine - theirs).abs() / theirs.abs()).fold(0.0, |most, next| {
            // A NaN must not disappear in a maximum.
            if next > most || next.is_nan() { next } else { most }
        });
    let times = numbers(&result["msPerStep"]);
    let agree = difference <= TOLERANCE && mine.len() == cell.agree as usize && result["fault"].is_null();
    let ratio = result["ratio"].as_f64().unwrap_or(f64::NAN);
    println!(
        "{:<6}{:<16}{:<20}{:>12.2}{:>12.2}{:>8.2}x{:>6}x  {difference:.1e}{}",
        cell.cell,
        cell.ours,
        cell.peer,
        times[0],
        times[1],
        ratio,
        cell.goal,
        match (agree, ratio >= cell.goal) {
            (false, _) => "  WRONG: the sides disagree, the times mean nothing",
            (true, false) => "  short of the goal",
            (true, true) => "",
        }
    );
    if let Some(fault) = result["fault"].as_str() {
        println!("      the GPU guard reported {fault}");
    }
    agree
}

/// The first 8,192 training images and labels, without the files' headers.
fn write_batches(folder: &Path) {
    const SAMPLES: usize = 8192;
    for (file, header, bytes, name) in [
        ("train-images-idx3-ubyte.gz", 16, SAMPLES * 784, "images.bin"),
        ("train-labels-idx1-ubyte.gz", 8, SAMPLES, "labels.bin"),
    ] {
        let path = data_dir().join("mnist").join(file);
        let packed = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut content = vec![0; header + bytes];
        GzDecoder::new(packed).read_exact(&mut content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        std::fs::write(folder.join(name), &content[header..]).expect("the folder of the bench page is writable");
    }
}

/// The few files of the bench page, to a browser on this machine.
fn serve(listener: &TcpListener, folder: &Path) {
    for stream in listener.incoming().flatten() {
        let folder = folder.to_owned();
        std::thread::spawn(move || answer(stream, &folder));
    }
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let types = HashMap::from([("html", "text/html"), ("js", "text/javascript"), ("wasm", "application/wasm")]);
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let path = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        // The rest of the request says nothing that matters here.
        loop {
            line.clear();
            if reader.read_line(&mut line)? <= 2 {
                break;
            }
        }
        let plain = path.split('/').all(|part| !part.starts_with('.'));
        let content = if plain { std::fs::read(folder.join(&path)).ok() } else { None };
        let (status, body) = content.map_or(("404 Not Found", vec![]), |body| ("200 OK", body));
        let kind = types.get(path.rsplit('.').next().unwrap_or_default()).unwrap_or(&"application/octet-stream");
        write!(stream, "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len())?;
        stream.write_all(&body)?;
        line.clear();
    }
    Ok(())
}
