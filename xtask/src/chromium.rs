//! A browser for the browser tests, installed where that is allowed.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::cargo;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds Chromium, installs it on Debian and Ubuntu where apt may be used, or says what to install.
pub fn ensure() -> Result<()> {
    if let Some(browser) = find() {
        eprintln!("    browser: {browser}");
        return Ok(());
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let Some(package) = package(&release) else { bail!("{}", advice()) };
    let Some(apt) = apt() else { bail!("{}", advice()) };
    eprintln!("    there is no Chromium yet; apt installs `{package}`");
    for arguments in [&["update"][..], &["install", "-y", "--no-install-recommends", package, "fonts-noto-cjk"][..]] {
        let mut command = Command::new(apt[0]);
        command.args(&apt[1..]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        cargo::run(command)?;
    }
    match find() {
        Some(_) => Ok(()),
        None => bail!("apt installed `{package}`, but no Chromium is on the PATH. {}", advice()),
    }
}

/// CHROME, or the first of the usual names that answers.
fn find() -> Option<String> {
    let answers = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    match std::env::var("CHROME") {
        Ok(program) => answers(&program).then_some(program),
        Err(_) => NAMES.iter().find(|name| answers(name)).map(|name| name.to_string()),
    }
}

/// What the package is called on this system; nothing on a system without apt.
fn package(os_release: &str) -> Option<&'static str> {
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches('"').to_owned())
    };
    let id = value("ID")?;
    let like = value("ID_LIKE").unwrap_or_default();
    if id == "ubuntu" || like.split(' ').any(|one| one == "ubuntu") {
        Some("chromium-browser")
    } else if id == "debian" || like.split(' ').any(|one| one == "debian") {
        Some("chromium")
    } else {
        None
    }
}

/// apt-get as root, or through a sudo that asks for no password.
fn apt() -> Option<Vec<&'static str>> {
    if !Path::new("/usr/bin/apt-get").exists() {
        return None;
    }
    let succeeds = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
        output.ok().filter(|output| output.status.success())
    };
    let root = succeeds("id", &["-u"]).is_some_and(|output| output.stdout.trim_ascii() == b"0");
    if root {
        Some(vec!["apt-get"])
    } else if succeeds("sudo", &["-n", "true"]).is_some() {
        Some(vec!["sudo", "-n", "apt-get"])
    } else {
        None
    }
}

fn advice() -> String {
    format!(
        "The browser tests need Chromium or Chrome 128 or later, and none of {} is on the PATH. Install it \
         (Debian: apt install chromium; Fedora: dnf install chromium; macOS: brew install --cask google-chrome), \
         or set CHROME to the browser's program, and run the command again",
        NAMES.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_its_package() {
        assert_eq!(package("ID=debian\n"), Some("chromium"));
        assert_eq!(package("NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n"), Some("chromium-browser"));
        assert_eq!(package("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), Some("chromium-browser"));
        assert_eq!(package("ID=fedora\n"), None);
    }
}
