//! A lab's Rust source as HTML, as it runs: every file but the tests, in the order in which `mod.rs` lists them. After
//! them what the head of `mod.rs` names by a whole path, as in ``[`crate::train::callbacks`]``: what a question is about
//! may lie in what labs share.
//!
//! rustc's own lexer says what a word is. Colours are classes: the page has no inline styles.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use kindling_protocol::question::{Code, CodeFile};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use super::LABS;

/// Where paths lead: what they begin with, the folder of its modules, and what the page calls that.
const CRATES: [(&str, &str, &str); 2] =
    [("crate::", "shared/labs/src", ""), ("kindling_statistics::", "shared/statistics/src", "statistics/")];

/// A file's name and its text.
type Files = Vec<(String, String)>;

/// The source of the lab whose module this is.
pub fn read(root: &Path, lab: &str) -> Result<Code> {
    let mut files = folder(&root.join(LABS).join(lab), "")?;
    let paths: Vec<_> = listed(&files[0].1).into_iter().filter(|path| path.contains("::")).collect();
    for path in paths {
        files.extend(elsewhere(root, &path).with_context(|| format!("the head of {LABS}/{lab}/mod.rs"))?);
    }
    let files = files.into_iter().map(|(name, text)| CodeFile { html: highlight(&text), name });
    Ok(Code { files: files.collect() })
}

/// A module that labs share: a file, or a folder in its own reading order.
fn elsewhere(root: &Path, path: &str) -> Result<Files> {
    let found = CRATES.iter().find_map(|(prefix, source, shown)| Some((path.strip_prefix(prefix)?, source, shown)));
    let (module, source, shown) =
        found.with_context(|| format!("`{path}` is in none of the crates that labs share"))?;
    let module = module.replace("::", "/");
    let file = root.join(source).join(format!("{module}.rs"));
    if file.is_file() {
        return Ok(vec![(format!("{shown}{module}.rs"), text(&file)?)]);
    }
    folder(&root.join(source).join(&module), &format!("{shown}{module}/"))
}

/// `mod.rs`, then the others as its head lists them.
fn folder(folder: &Path, prefix: &str) -> Result<Files> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    let first = files.iter().find(|(name, _)| name == "mod.rs");
    let (_, first) = first.with_context(|| format!("{} has no mod.rs", folder.display()))?;
    let listed = listed(first);
    let place = |name: &str| {
        if name == "mod.rs" {
            return 0;
        }
        let module = name.split('/').next().unwrap_or(name).trim_end_matches(".rs");
        listed.iter().position(|one| one == module).map_or(usize::MAX, |place| place + 1)
    };
    files.sort_by_cached_key(|(name, _)| (place(name), !name.ends_with("/mod.rs"), name.clone()));
    Ok(files.into_iter().map(|(name, text)| (format!("{prefix}{name}"), text)).collect())
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                collect(&path, &format!("{prefix}{name}/"), files)?;
            }
        } else if name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") {
            files.push((format!("{prefix}{name}"), text(&path)?));
        }
    }
    if files.len() > 100 {
        bail!("{} has over 100 files", folder.display());
    }
    Ok(())
}

/// The modules and paths that the head of a file speaks of, in order: ``//! - [`spec`]: …``.
fn listed(source: &str) -> Vec<String> {
    let head = source.lines().take_while(|line| line.starts_with("//!"));
    let names = head.flat_map(|line| line.split("[`").skip(1));
    names.filter_map(|rest| rest.split_once("`]").map(|(name, _)| name.to_owned())).collect()
}

/// One `<span>` a line; what goes over several lines is closed and opened again.
pub fn highlight(source: &str) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    let mut line = String::new();
    let mut offset = 0;
    let tokens: Vec<_> = tokenize(source, FrontmatterAllowed::No).collect();
    for (place, token) in tokens.iter().enumerate() {
        let text = &source[offset..offset + token.len as usize];
        let next = tokens[place + 1..].iter().find(|token| token.kind != TokenKind::Whitespace);
        let class = class(token.kind, text, next.map(|token| token.kind));
        for (part, piece) in text.split('\n').enumerate() {
            if part > 0 {
                end(&mut out, &mut line);
            }
            if piece.is_empty() {
                continue;
            }
            match class {
                "" => escape(piece, &mut line),
                class => {
                    line.push_str(&format!("<span class=\"{class}\">"));
                    escape(piece, &mut line);
                    line.push_str("</span>");
                }
            }
        }
        offset += token.len as usize;
    }
    if !line.is_empty() {
        end(&mut out, &mut line);
    }
    out
}

fn end(out: &mut String, line: &mut String) {
    out.push_str("<span class=\"line\">");
    out.push_str(line);
    out.push_str("\n</span>");
    line.clear();
}

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "f32", "f64", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
];

fn class(kind: TokenKind, text: &str, next: Option<TokenKind>) -> &'static str {
    match kind {
        TokenKind::LineComment { doc_style } | TokenKind::BlockComment { doc_style, .. } => {
            if doc_style.is_some() {
                "c-doc"
            } else {
                "c-comment"
            }
        }
        TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Float { .. }, .. } => "c-number",
        TokenKind::Literal { .. } => "c-string",
        TokenKind::Lifetime { .. } => "c-type",
        TokenKind::Ident if KEYWORDS.contains(&text) => "c-keyword",
        TokenKind::Ident if PRIMITIVES.contains(&text) => "c-type",
        TokenKind::Ident if text.starts_with(|letter: char| letter.is_uppercase()) => {
            // `MAX_SEED` is a constant, `Run` and `T` are types.
            let constant = text.len() > 1 && !text.contains(|letter: char| letter.is_lowercase());
            if constant { "c-number" } else { "c-type" }
        }
        TokenKind::Ident if matches!(next, Some(TokenKind::OpenParen | TokenKind::Bang)) => "c-call",
        _ => "",
    }
}

pub fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a browser would show.
    fn shown(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for letter in html.chars() {
            match letter {
                '<' => inside = true,
                '>' => inside = false,
                letter if !inside => text.push(letter),
                _ => {}
            }
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[test]
    fn a_highlighted_file_is_the_file() {
        let own = include_str!("code.rs");
        let html = highlight(own);
        assert_eq!(shown(&html), own);
        assert_eq!(html.matches("<span class=\"line\">").count(), own.lines().count());
        assert!(html.contains("<span class=\"c-keyword\">fn</span> <span class=\"c-call\">highlight</span>"));
        let raw = highlight("let a = r\"<b>\n&'a\";");
        assert_eq!(raw.matches("<span class=\"c-string\">").count(), 2, "{raw}");
        assert_eq!(shown(&raw), "let a = r\"<b>\n&'a\";\n");
    }

    #[test]
    fn files_come_in_the_order_of_the_head_and_without_tests_and_then_what_it_names_elsewhere() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let head = "//! - [`spec`]: knobs, then [`plan`].\n//! Not here: [`kindling_statistics::power`], [`crate::train::old`]";
        let lab = |head: &str| write(&format!("{LABS}/demo/mod.rs"), &format!("//! Demo.\n//!\n{head}\n\nmod plan;\n"));
        lab(head);
        for name in ["plan.rs", "spec.rs", "tests.rs", "also.rs", "data.json"] {
            write(&format!("{LABS}/demo/{name}"), "fn a() {}\n");
        }
        write("shared/statistics/src/power.rs", "");
        write("shared/labs/src/train/old/mod.rs", "//! - [`two`], [`one`]\n");
        for name in ["one.rs", "two.rs", "tests.rs"] {
            write(&format!("shared/labs/src/train/old/{name}"), "");
        }
        let names: Vec<_> = read(root.path(), "demo").unwrap().files.into_iter().map(|file| file.name).collect();
        let elsewhere = ["statistics/power.rs", "train/old/mod.rs", "train/old/two.rs", "train/old/one.rs"];
        assert_eq!(names, [&["mod.rs", "spec.rs", "plan.rs", "also.rs"], &elsewhere[..]].concat());
        assert!(read(root.path(), "none").is_err());
        for nowhere in ["crate::train::gone", "std::fmt"] {
            lab(&format!("//! [`{nowhere}`]"));
            assert!(read(root.path(), "demo").is_err(), "{nowhere}");
        }
    }
}
