//! LaTeX to MathML.
//!
//! The page's content security policy knows no inline styles, so the few that a formula needs become classes, which
//! `static/questions.css` defines.

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

/// More is no formula.
const LONGEST: usize = 1000;
/// A longer one in a line may be wider than a telephone, and no browser breaks it: there it gets a line of its own.
const LONG: usize = 24;

/// What the converter writes as styles, and our classes for them.
const CLASSES: &[(&str, &str)] = &[
    ("text-align: left", "m-left"),
    ("text-align: right", "m-right"),
    ("text-align: center", "m-centre"),
    ("justify-items: start", ""),
    ("justify-items: end", ""),
    ("justify-items: center", ""),
    ("padding-left: 0", "m-tight-left"),
    ("padding-right: 0", "m-tight-right"),
    ("padding-left:1em", "m-apart"),
    ("margin-left:-0.16666667em", "m-back"),
];

/// A formula as MathML, or why it can't be one.
pub fn render(latex: &str, block: bool) -> Result<String, String> {
    if latex.len() > LONGEST {
        return Err(format!("the formula has {} bytes, expected {LONGEST} at most", latex.len()));
    }
    let converter = LatexToMathML::new(MathCoreConfig::default()).map_err(|error| format!("{error:?}"))?;
    let display = if block { MathDisplay::Block } else { MathDisplay::Inline };
    let converted = converter
        .convert_with_local_state(latex, display)
        .map_err(|error| format!("`{latex}` is no formula that we can draw: {error}"))?;
    let mathml = classed(&converted.mathml).map_err(|why| format!("`{latex}`: {why}"))?;
    // What may be wider than a narrow page scrolls, and can be reached by Tab for it.
    Ok(match (block, latex.len() > LONG) {
        (true, _) => mathml.replacen("<math", "<math tabindex=\"0\"", 1),
        (false, true) => mathml.replacen("<math", "<math class=\"m-long\" tabindex=\"0\"", 1),
        (false, false) => mathml,
    })
}

fn classed(mathml: &str) -> Result<String, String> {
    const OPEN: &str = " style=\"";
    let mut out = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some(at) = rest.find(OPEN) {
        out.push_str(&rest[..at]);
        let after = &rest[at + OPEN.len()..];
        let end = after.find('"').ok_or("a style without an end")?;
        let mut classes = Vec::new();
        for declaration in after[..end].split(';').map(str::trim).filter(|one| !one.is_empty()) {
            let known = CLASSES.iter().find(|(style, _)| *style == declaration);
            let (_, class) = known.ok_or_else(|| {
                format!("it needs the style `{declaration}`; keep to fractions, sums, scripts, cases and aligned")
            })?;
            classes.push(*class);
        }
        classes.retain(|class| !class.is_empty());
        if !classes.is_empty() {
            out.push_str(&format!(" class=\"{}\"", classes.join(" ")));
        }
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    if out.contains("href") || out.contains("<merror") {
        return Err("expected a formula and nothing else".into());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_questions_write_becomes_mathml_without_styles() {
        for latex in [
            r"-\frac{1}{N}\sum_{i=1}^{N} \log p_{i,y_i}",
            r"f(x)=\begin{cases}1 & x>0\\0 & \text{otherwise}\end{cases}",
            r"\begin{aligned}a&=b\\&=c\end{aligned}",
            r"\mathbb{E}\left[\lVert w \rVert_2^2\right] \le \operatorname{relu}\!\left(\frac{a}{b}\right)",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\hat{y}, \bar x, \tilde{x}, \boldsymbol{\theta}, \mathcal{L}, \sqrt{v_t}+\varepsilon, \lfloor x \rfloor",
        ] {
            let mathml = render(latex, true).unwrap();
            assert!(
                mathml.starts_with("<math tabindex=\"0\" display=\"block\">") && !mathml.contains(" style="),
                "{mathml}"
            );
        }
        assert!(render("x", false).unwrap().starts_with("<math>"));
    }

    #[test]
    fn what_is_no_formula_is_named() {
        assert!(render(r"\foo{x}", false).unwrap_err().contains("\\foo"));
        assert!(render(r"\frac{a", false).unwrap_err().contains("\\frac{a"));
        assert!(render(r"\color{red}{x}", false).unwrap_err().contains("color"));
        assert!(render(&"x".repeat(LONGEST + 1), false).is_err());
    }
}
