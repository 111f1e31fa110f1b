//! A lab's Rust source as HTML, as it runs: every file but the tests, in the order in which `mod.rs` lists them.
//!
//! rustc's own lexer says what a word is. Colours are classes: the page has no inline styles.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use kindling_protocol::question::{Code, CodeFile};
use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

/// The source of the lab in `folder`.
pub fn read(folder: &Path) -> Result<Code> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    let first = files.iter().position(|(name, _)| name == "mod.rs");
    let first = first.with_context(|| format!("{} has no mod.rs", folder.display()))?;
    let listed = listed(&files[first].1);
    let place = |name: &str| {
        if name == "mod.rs" {
            return 0;
        }
        let module = name.split('/').next().unwrap_or(name).trim_end_matches(".rs");
        listed.iter().position(|one| one == module).map_or(usize::MAX, |place| place + 1)
    };
    files.sort_by_cached_key(|(name, _)| (place(name), !name.ends_with("/mod.rs"), name.clone()));
    let files = files.into_iter().map(|(name, text)| CodeFile { html: highlight(&text), name });
    Ok(Code { files: files.collect() })
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                collect(&path, &format!("{prefix}{name}/"), files)?;
            }
        } else if name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.push((format!("{prefix}{name}"), text));
        }
    }
    if files.len() > 100 {
        bail!("{} has over 100 files", folder.display());
    }
    Ok(())
}

/// The modules that the head of a file speaks of, in order: ``//! - [`spec`]: …``.
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

fn escape(text: &str, out: &mut String) {
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
    fn files_come_in_the_order_of_the_head_and_without_tests() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("mod.rs", "//! Demo.\n//!\n//! - [`spec`]: knobs, then [`plan`].\n\nmod plan;\n");
        for name in ["plan.rs", "spec.rs", "tests.rs", "also.rs", "data.json"] {
            write(name, "fn a() {}\n");
        }
        let names: Vec<_> = read(folder.path()).unwrap().files.into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["mod.rs", "spec.rs", "plan.rs", "also.rs"]);
        assert!(read(&folder.path().join("none")).is_err());
    }
}
