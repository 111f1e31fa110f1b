//! `en.md` and `zh.md`: Markdown to HTML, section by section, with formulas as MathML.
//!
//! A plain subset: no raw HTML, no pictures, and links that lead to a source or stay in the program.

use std::ops::{Range, RangeInclusive};

use kindling_protocol::question::FollowUp;
use kindling_protocol::text::Language;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::fault::{Fault, line_at};
use super::head::is_chinese;
use super::{code, formula};

/// A page has these sections in this order: id, English, Chinese.
pub const SECTIONS: [(&str, &str, &str); 6] = [
    ("question", "Question", "题目"),
    ("short", "In 60 seconds", "60 秒回答"),
    ("long", "In 5 minutes", "5 分钟回答"),
    ("traps", "Traps", "常见陷阱"),
    ("follow-ups", "Follow-ups", "追问"),
    ("lab", "See it in the lab", "在实验中观察"),
];

const FOLLOW_UPS: RangeInclusive<usize> = 4..=20;

/// How long a section is: words in English, characters in Chinese. Formulas and follow-ups are not counted.
const LENGTHS: [(&str, RangeInclusive<usize>, RangeInclusive<usize>); 5] = [
    ("question", 15..=200, 20..=300),
    ("short", 60..=250, 90..=400),
    ("long", 350..=1100, 450..=1800),
    ("traps", 40..=500, 60..=800),
    ("lab", 40..=600, 60..=900),
];

/// A page's text: HTML by section, follow-ups apart.
#[derive(Debug, Default)]
pub struct Prose {
    pub sections: Vec<String>,
    pub follow_ups: Vec<FollowUp>,
}

/// What a text may link to.
pub struct Known<'a> {
    pub is_lab: &'a dyn Fn(&str) -> bool,
    pub is_question: &'a dyn Fn(&str) -> bool,
}

/// Renders a file of a question. Every fault is told, not only the first.
pub fn render(file: &str, text: &str, language: Language, known: &Known) -> Result<Prose, Vec<Fault>> {
    let mut reader = Reader { file, text, known, faults: Vec::new() };
    let events = reader.events();
    let parts = reader.parts(events);
    let mut prose = Prose::default();
    for (place, (id, english, chinese)) in SECTIONS.into_iter().enumerate() {
        let title = match language {
            Language::En => english,
            Language::Zh => chinese,
        };
        let expected = format!("## {title} {{#{id}}}");
        let Some(part) = parts.get(place) else {
            reader.faults.push(Fault::new(file, None, format!("expected the section `{expected}`")));
            continue;
        };
        if part.id != id || part.title != title {
            let what = format!("`## {} {{#{}}}`: expected `{expected}`", part.title, part.id);
            reader.faults.push(Fault::new(file, Some(part.line), what));
            continue;
        }
        if id == "follow-ups" {
            prose.follow_ups = reader.follow_ups(part);
        }
        let html = to_html(&part.events);
        if html.is_empty() || (language == Language::Zh) != is_chinese(&html) {
            let what = format!("expected this section to have text in {}", name(language));
            reader.faults.push(Fault::new(file, Some(part.line), what));
        } else if let Some(what) = wrong_length(id, &html, language) {
            reader.faults.push(Fault::new(file, Some(part.line), what));
        }
        prose.sections.push(html);
    }
    if let Some(part) = parts.get(SECTIONS.len()) {
        reader.faults.push(Fault::new(file, Some(part.line), format!("`{}` is one section too many", part.title)));
    }
    if reader.faults.is_empty() { Ok(prose) } else { Err(reader.faults) }
}

/// A single paragraph, as it stands in `question.toml`, without its `<p>`.
pub fn render_line(file: &str, line: Option<usize>, text: &str, known: &Known) -> Result<String, Vec<Fault>> {
    let mut reader = Reader { file, text, known, faults: Vec::new() };
    let events: Vec<_> = reader.events().into_iter().map(|(event, _)| event).collect();
    let inner = match events.as_slice() {
        [Event::Start(Tag::Paragraph), inner @ .., Event::End(TagEnd::Paragraph)]
            if !inner.contains(&Event::End(TagEnd::Paragraph)) =>
        {
            to_html(inner)
        }
        _ => return Err(vec![Fault::new(file, line, format!("`{text}`: expected a single paragraph"))]),
    };
    if reader.faults.is_empty() {
        return Ok(inner);
    }
    Err(reader.faults.into_iter().map(|fault| Fault { line, ..fault }).collect())
}

/// What is wrong with the length of a section, if anything is.
fn wrong_length(id: &str, html: &str, language: Language) -> Option<String> {
    let (_, english, chinese) = LENGTHS.iter().find(|(section, ..)| *section == id)?;
    let mut text = String::new();
    for (place, piece) in html.split("<math").enumerate() {
        let piece = if place == 0 { piece } else { piece.split_once("</math>").map_or("", |(_, after)| after) };
        text.extend(piece.split('<').map(|part| part.split_once('>').map_or(part, |(_, words)| words)));
        text.push(' ');
    }
    let (count, expected, unit) = match language {
        Language::En => (text.split_whitespace().count(), english, "words"),
        Language::Zh => (text.chars().filter(|letter| is_chinese(&letter.to_string())).count(), chinese, "characters"),
    };
    (!expected.contains(&count))
        .then(|| format!("its length is {count}: expected {} to {} {unit}", expected.start(), expected.end()))
}

fn name(language: Language) -> &'static str {
    match language {
        Language::En => "English, and no Chinese",
        Language::Zh => "Chinese",
    }
}

/// A section as it was read.
struct Part<'a> {
    title: String,
    id: String,
    line: usize,
    events: Vec<Event<'a>>,
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    known: &'a Known<'a>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn fault(&mut self, at: &Range<usize>, what: impl Into<String>) {
        self.faults.push(Fault::new(self.file, Some(line_at(self.text, at.start)), what));
    }

    /// Everything in the file that may be in it, with formulas, links and code made ready.
    fn events(&mut self) -> Vec<(Event<'a>, usize)> {
        let options = Options::ENABLE_MATH | Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
        let mut events = Vec::new();
        let mut rust: Option<String> = None;
        for (event, at) in Parser::new_ext(self.text, options).into_offset_iter() {
            let line = line_at(self.text, at.start);
            let event = match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(name))) if &*name == "rust" => {
                    rust = Some(String::new());
                    continue;
                }
                Event::Text(text) if rust.is_some() => {
                    rust.as_mut().unwrap_or(&mut String::new()).push_str(&text);
                    continue;
                }
                Event::End(TagEnd::CodeBlock) if rust.is_some() => {
                    let source = rust.take().unwrap_or_default();
                    Event::Html(format!("<pre class=\"code\"><code>{}</code></pre>", code::highlight(&source)).into())
                }
                Event::InlineMath(latex) => self.formula(&latex, false, &at),
                Event::DisplayMath(latex) => self.formula(&latex, true, &at),
                Event::Start(Tag::Link { dest_url, .. }) => self.link(&dest_url, &at),
                Event::End(TagEnd::Link) => Event::InlineHtml("</a>".into()),
                Event::Start(Tag::Table(alignments)) => {
                    events.push((Event::Html("<div class=\"table-scroll\" tabindex=\"0\">".into()), line));
                    Event::Start(Tag::Table(alignments))
                }
                Event::End(TagEnd::Table) => {
                    events.push((Event::End(TagEnd::Table), line));
                    Event::Html("</div>".into())
                }
                Event::Html(_) | Event::InlineHtml(_) => {
                    self.fault(&at, "raw HTML: expected Markdown; write `<` as `\\<` where it is meant");
                    continue;
                }
                Event::Start(Tag::Image { .. }) => {
                    self.fault(&at, "a picture: expected text; the lab draws");
                    continue;
                }
                Event::End(TagEnd::Image) => continue,
                Event::Text(text) => {
                    self.unclosed(&text, &at);
                    let rest = text.trim_start_matches(CLOSING);
                    match events.last_mut() {
                        Some((Event::InlineHtml(math), _)) if rest.len() < text.len() && math.ends_with(END) => {
                            let (formula, closing) =
                                (&math[..math.len() - END.len()], &text[..text.len() - rest.len()]);
                            *math = format!("{formula}<mtext>{closing}</mtext>{END}").into();
                            Event::Text(rest.to_owned().into())
                        }
                        _ => Event::Text(text),
                    }
                }
                event => event,
            };
            events.push((event, line));
        }
        events
    }

    /// What was meant as bold or as a formula, and is not: it would be shown as stars or dollars.
    fn unclosed(&mut self, text: &str, at: &Range<usize>) {
        if self.text[..at.start].ends_with('\\') {
            return;
        }
        if text.contains('*') {
            self.fault(at, "`*` opens or closes nothing here: put punctuation and brackets outside the bold words");
        }
        if text.contains('$') {
            self.fault(
                at,
                "`$` opens or closes nothing here: a formula has no space inside its `$`; write \\$ for money",
            );
        }
    }

    fn formula(&mut self, latex: &str, block: bool, at: &Range<usize>) -> Event<'a> {
        match formula::render(latex, block) {
            Ok(mathml) => Event::InlineHtml(mathml.into()),
            Err(why) => {
                self.fault(at, why);
                Event::Text(CowStr::Borrowed(""))
            }
        }
    }

    fn link(&mut self, target: &str, at: &Range<usize>) -> Event<'a> {
        let path = target.split('?').next().unwrap_or_default();
        let known = match path.split('/').collect::<Vec<_>>().as_slice() {
            ["https:", "", host, ..] => !host.is_empty() && !target.contains(['"', '<', '>', ' ']),
            ["", "labs", slug] => (self.known.is_lab)(slug) && plain(&target[path.len()..]),
            ["", "questions", id] => path == target && (self.known.is_question)(id),
            _ => false,
        };
        if !known {
            let expected = "an https address, /labs/SLUG?KNOB=VALUE or /questions/ID that exists";
            self.fault(at, format!("the link `{target}`: expected {expected}"));
        }
        let elsewhere = if target.starts_with('/') { "" } else { " target=\"_blank\" rel=\"noopener noreferrer\"" };
        Event::InlineHtml(format!("<a href=\"{}\"{elsewhere}>", target.replace('&', "&amp;")).into())
    }

    fn parts(&mut self, events: Vec<(Event<'a>, usize)>) -> Vec<Part<'a>> {
        let mut parts: Vec<Part> = Vec::new();
        let mut in_title = false;
        for (event, line) in events {
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H2, id, .. }) => {
                    let id = id.map(|id| id.to_string()).unwrap_or_default();
                    parts.push(Part { title: String::new(), id, line, events: Vec::new() });
                    in_title = true;
                }
                Event::End(TagEnd::Heading(HeadingLevel::H2)) => in_title = false,
                Event::Start(Tag::Heading { level, .. }) if level != HeadingLevel::H3 => {
                    let what = "a heading of level 1 or over 3: sections are `##`, what is in them is `###`";
                    self.faults.push(Fault::new(self.file, Some(line), what));
                }
                event => match parts.last_mut() {
                    Some(part) if in_title => match event {
                        Event::Text(text) => part.title.push_str(&text),
                        _ => part.title.push('?'),
                    },
                    Some(part) => part.events.push(event),
                    None => {
                        let what = "expected `## …` before any text";
                        self.faults.push(Fault::new(self.file, Some(line), what));
                        return parts;
                    }
                },
            }
        }
        parts
    }

    fn follow_ups(&mut self, part: &Part<'a>) -> Vec<FollowUp> {
        let heading = |event: &Event| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H3, .. }));
        let mut all = Vec::new();
        let pieces = part.events.split(heading);
        for (place, piece) in pieces.enumerate() {
            let end = piece.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_))));
            let (ask, answer) = match end {
                Some(end) => (to_html(&piece[..end]), to_html(&piece[end + 1..])),
                None => (String::new(), to_html(piece)),
            };
            let complete = !ask.is_empty() && !answer.is_empty();
            if place > 0 && !complete || place == 0 && !piece.is_empty() {
                let what = format!("follow-up {place}: expected `### a question` and then its answer");
                self.faults.push(Fault::new(self.file, Some(part.line), what));
            }
            if place > 0 {
                all.push(FollowUp { ask, answer });
            }
        }
        if !FOLLOW_UPS.contains(&all.len()) {
            let (least, most) = (FOLLOW_UPS.start(), FOLLOW_UPS.end());
            let what = format!("{} follow-ups: expected {least} to {most}", all.len());
            self.faults.push(Fault::new(self.file, Some(part.line), what));
        }
        all
    }
}

/// What may not begin a line. A browser would break it before, so after a formula it becomes a part of that.
const CLOSING: [char; 17] =
    ['.', ',', ';', ':', '!', '?', ')', ']', '%', '，', '。', '；', '：', '！', '？', '）', '、'];
const END: &str = "</math>";

/// A query of knobs: nothing in it needs escaping.
fn plain(query: &str) -> bool {
    query.chars().all(|letter| letter.is_ascii_alphanumeric() || "?&=.-_".contains(letter))
}

fn to_html(events: &[Event]) -> String {
    let mut out = String::new();
    html::push_html(&mut out, events.iter().cloned());
    out.trim().to_owned()
}
