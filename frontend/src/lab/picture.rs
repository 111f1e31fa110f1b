//! Small pictures, drawn value by value. Ink takes the theme's colour; weights take two.

use base64::Engine as _;
use kindling_protocol::event::ImageGrid;
use kindling_protocol::input::Picture;
use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, ImageData};

use crate::theme;

/// What the bytes of a picture mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// 0 is no ink, 255 is full ink.
    Ink,
    /// Red, green and blue.
    Rgb,
    /// 128 is zero; what is below and above has a colour each.
    Signed,
}

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    pub height: u32,
    pub width: u32,
    pub values: Values,
    pub bytes: Vec<u8>,
}

impl Tile {
    pub fn of_picture(picture: &Picture) -> Option<Tile> {
        let bytes = base64::prelude::BASE64_STANDARD.decode(&picture.pixels).ok()?;
        let tiles = cut(bytes, picture.height, picture.width, picture.channels, false)?;
        tiles.into_iter().next()
    }

    pub fn of_grid(grid: &ImageGrid) -> Vec<Tile> {
        let bytes = base64::prelude::BASE64_STANDARD.decode(&grid.pixels).unwrap_or_default();
        cut(bytes, grid.height, grid.width, grid.channels, grid.signed).unwrap_or_default()
    }

    /// Red, green, blue and alpha of every pixel.
    fn rgba(&self, colours: &Colours) -> Vec<u8> {
        let one = |value: &u8| match self.values {
            Values::Ink => [colours.ink[0], colours.ink[1], colours.ink[2], *value],
            _ if *value >= 128 => with_alpha(colours.above, (*value - 128) as f32 / 127.0),
            _ => with_alpha(colours.below, (128 - *value) as f32 / 128.0),
        };
        match self.values {
            Values::Rgb => self.bytes.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect(),
            Values::Ink | Values::Signed => self.bytes.iter().flat_map(one).collect(),
        }
    }
}

/// Cuts bytes into pictures; nothing if they don't fit the size they come with.
fn cut(bytes: Vec<u8>, height: u32, width: u32, channels: u32, signed: bool) -> Option<Vec<Tile>> {
    let values = match (channels, signed) {
        (1, true) => Values::Signed,
        (1, false) => Values::Ink,
        (3, false) => Values::Rgb,
        _ => return None,
    };
    let size = (height as usize).checked_mul(width as usize)?.checked_mul(channels as usize)?;
    if size == 0 || !bytes.len().is_multiple_of(size) {
        return None;
    }
    Some(bytes.chunks_exact(size).map(|bytes| Tile { height, width, values, bytes: bytes.to_vec() }).collect())
}

fn with_alpha(colour: [u8; 3], share: f32) -> [u8; 4] {
    // Weights crowd around zero: a root lifts the small ones into sight.
    [colour[0], colour[1], colour[2], (share.sqrt() * 255.0) as u8]
}

/// The theme's colours that pictures are drawn in.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Colours {
    ink: [u8; 3],
    below: [u8; 3],
    above: [u8; 3],
}

impl Colours {
    /// Tracked: read again when the theme changes.
    fn now() -> Colours {
        theme::is_dark();
        let colour = |token: &str| hex(&theme::token(token)).unwrap_or([128; 3]);
        Colours { ink: colour("--ink"), below: colour("--series-2"), above: colour("--series-1") }
    }
}

/// `#rrggbb`
fn hex(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let byte = |index: usize| u8::from_str_radix(&digits[index..index + 2], 16).ok();
    Some([byte(0)?, byte(2)?, byte(4)?])
}

#[component]
pub fn TileView(tile: Tile, #[prop(into)] label: String) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    let (width, height) = (tile.width, tile.height);
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        let pixels = tile.rgba(&Colours::now());
        let Ok(Some(context)) = canvas.get_context("2d") else { return };
        let context: CanvasRenderingContext2d = context.unchecked_into();
        if let Ok(data) = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height) {
            let _ = context.put_image_data(&data, 0.0, 0.0);
        }
    });
    view! { <canvas class="tile" node_ref=canvas width=width.to_string() height=height.to_string() role="img" aria-label=label></canvas> }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOURS: Colours = Colours { ink: [1, 2, 3], below: [0, 0, 255], above: [255, 0, 0] };

    #[test]
    fn bytes_are_cut_into_pictures_or_refused() {
        assert_eq!(cut(vec![0; 12], 2, 3, 1, false).unwrap().len(), 2);
        assert_eq!(cut(vec![0; 13], 2, 3, 1, false), None);
        assert_eq!(cut(vec![0; 12], 0, 3, 1, false), None);
        assert_eq!(cut(vec![0; 12], 2, 3, 2, false), None);
        assert_eq!(cut(vec![], u32::MAX, u32::MAX, 3, false), None);
    }

    #[test]
    fn signed_values_are_clear_at_zero_and_full_at_the_ends() {
        let tile = Tile { height: 1, width: 3, values: Values::Signed, bytes: vec![0, 128, 255] };
        assert_eq!(tile.rgba(&COLOURS), [0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 255]);
    }

    #[test]
    fn ink_is_as_opaque_as_its_value() {
        let tile = Tile { height: 1, width: 2, values: Values::Ink, bytes: vec![0, 200] };
        assert_eq!(tile.rgba(&COLOURS), [1, 2, 3, 0, 1, 2, 3, 200]);
    }

    #[test]
    fn colours_are_read_from_the_style_sheet() {
        assert_eq!(hex("#0b6aa8"), Some([0x0b, 0x6a, 0xa8]));
        assert_eq!((hex("red"), hex("#fff"), hex("#12345é")), (None, None, None));
    }
}
