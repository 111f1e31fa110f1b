//! A process as a member of a run's crew: on stdin it is told what it has to know, then asked; on stdout it answers.
//!
//! An answer is a frame like the ask, with the milliseconds that it took behind it, as f64.

use std::io;
use std::process;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use anyhow::Context;
use kindling_labs::burn::tensor::Device;
use kindling_labs::labs;

use super::frame;

/// Does its part of this lab until stdin ends.
pub fn work(lab: &str) -> anyhow::Result<()> {
    let join = labs::find(lab).and_then(|lab| lab.join).with_context(|| format!("no lab `{lab}` has a crew"))?;
    let frames = hear();
    let Ok(setup) = frames.recv() else { return Ok(()) };
    let member = join(Device::flex(), &setup);
    drop(setup);
    let mut out = io::stdout().lock();
    for ask in frames {
        let begun = Instant::now();
        let mut answer = pollster::block_on(member.answer(ask));
        answer.extend((begun.elapsed().as_secs_f64() * 1e3).to_le_bytes());
        frame::write(&mut out, &answer)?;
    }
    Ok(())
}

/// Frames of stdin. At its end the run is gone, however it went: nobody waits for what is being worked out, so the process
/// ends in the middle of it.
fn hear() -> Receiver<Vec<u8>> {
    let (sender, frames) = mpsc::channel();
    thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        loop {
            match frame::read(&mut stdin) {
                Ok(Some(frame)) => drop(sender.send(frame)),
                Ok(None) => process::exit(0),
                Err(error) => {
                    eprintln!("stdin can't be read: {error}");
                    process::exit(1);
                }
            }
        }
    });
    frames
}
