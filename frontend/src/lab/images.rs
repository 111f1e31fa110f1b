//! Pictures of a lab, with what stands under and above them.

use kindling_protocol::event::ImageGrid;
use leptos::html::Ul;
use leptos::prelude::*;

use crate::charts::export::save_list;
use crate::charts::save::save_button;
use crate::i18n::{self, lab as words, t};
use crate::lab::picture::{Tile, TileView};

#[component]
pub fn Images(
    /// Of the file.
    name: String,
    grid: Memo<ImageGrid>,
) -> impl IntoView {
    let list = NodeRef::<Ul>::new();
    let tiles = move || {
        let grid = grid.get();
        let language = i18n::language();
        let heads: Vec<String> = grid.columns.iter().map(i18n::own).collect();
        let one = |(index, tile): (usize, Tile)| {
            let caption = grid.captions.get(index).cloned().unwrap_or_default();
            let (label, called) = (caption.label, caption.predicted);
            let spoken = match (&label, &called) {
                (Some(label), Some(called)) => words::caption(language, label, called),
                (Some(label), None) => label.clone(),
                _ => (index + 1).to_string(),
            };
            let spoken = match heads.get(index % heads.len().max(1)) {
                Some(head) => format!("{head}: {spoken}"),
                None => spoken,
            };
            let wrong = label != called;
            let sure = caption.confidence.map(|confidence| i18n::percent(language, confidence as f64, 0));
            let written = label.map(|label| {
                let called = called.map(|called| view! { " → " <b class:wrong=wrong>{called}</b> });
                view! { <span class="tile-caption" aria-hidden="true">{label}{called} <small class="number">{sure}</small></span> }
            });
            view! { <li><TileView tile label=spoken />{written}</li> }
        };
        let tiles = Tile::of_grid(&grid).into_iter().enumerate().map(one).collect_view();
        // Each picture is spoken with its heading, so a heading alone would be said twice.
        let heads = heads.iter().map(|head| view! { <li class="tile-head" aria-hidden="true">{head.clone()}</li> });
        (heads.collect_view(), tiles)
    };
    let columns = Memo::new(move |_| grid.with(|grid| grid.columns.len()));
    // Nothing takes the property away.
    let template = move || match columns.get() {
        0 => String::new(),
        columns => format!("repeat({columns}, minmax(2.75rem, 5.5rem))"),
    };
    let signed = move || grid.with(|grid| grid.signed);
    let save = move || {
        list.get_untracked().and_then(|list| save_list(format!("kindling-{name}.png"), &list));
    };
    view! {
        <ul class="tiles" node_ref=list class:weights=signed class:rows=move || columns.get() != 0 style:grid-template-columns=template>{tiles}</ul>
        {move || signed().then(|| view! {
            <p class="quiet sign-key">
                <span class="sign below" aria-hidden="true"></span>{t(&words::NEGATIVE)}
                <span class="sign above" aria-hidden="true"></span>{t(&words::POSITIVE)}
            </p>
        })}
        <div>{save_button("PNG", "images-png", save)}</div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::picture::Values;

    #[test]
    fn a_damaged_grid_shows_nothing() {
        let grid =
            ImageGrid { height: 2, width: 2, channels: 1, pixels: "AAAA".into(), signed: true, ..ImageGrid::default() };
        assert!(Tile::of_grid(&grid).is_empty());
        let whole = ImageGrid { pixels: "AAAAAA==".into(), ..grid };
        assert_eq!(Tile::of_grid(&whole).iter().map(|tile| tile.values).collect::<Vec<_>>(), [Values::Signed]);
    }
}
