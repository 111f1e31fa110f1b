//! One binary for every test from outside: it links once, and its names say what they hold.

mod browser;
mod cli;
mod docs;
mod handoff;
mod house;
mod http;
mod runs;
