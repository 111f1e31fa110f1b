//! From keys to strokes: a pen that moves from cell to cell of a grid.

use leptos::prelude::*;

use super::desk::Desk;
use super::sheet::SIDE;

/// Cells along a side.
pub const CELLS: i32 = 14;

/// Where the keyboard's pen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Column and row.
    pub cell: [i32; 2],
    pub down: bool,
    /// Shown while the canvas has the focus by keyboard.
    pub shown: bool,
}

impl Default for Cursor {
    fn default() -> Self {
        Cursor { cell: [CELLS / 2, CELLS / 4], down: false, shown: false }
    }
}

impl Cursor {
    /// The middle of the cell, in pad units.
    pub fn point(&self) -> [f32; 2] {
        self.cell.map(|cell| (cell as f32 + 0.5) * SIDE / CELLS as f32)
    }
}

/// Does what the key means on the pad. Tells whether it meant anything.
pub fn press(key: &str, cursor: RwSignal<Cursor>, desk: Desk) -> bool {
    let step = match key {
        "ArrowLeft" => [-1, 0],
        "ArrowRight" => [1, 0],
        "ArrowUp" => [0, -1],
        "ArrowDown" => [0, 1],
        "Home" => [-1, -1],
        "PageUp" => [1, -1],
        "End" => [-1, 1],
        "PageDown" => [1, 1],
        " " | "Enter" => {
            cursor.update(|cursor| (cursor.down, cursor.shown) = (!cursor.down, true));
            let now = cursor.get_untracked();
            desk.sheet.update(|sheet| if now.down { sheet.begin(now.point()) } else { sheet.end() });
            return true;
        }
        _ => return false,
    };
    cursor.update(|cursor| {
        cursor.cell = [0, 1].map(|axis| (cursor.cell[axis] + step[axis]).clamp(0, CELLS - 1));
        cursor.shown = true;
    });
    let now = cursor.get_untracked();
    if now.down {
        desk.sheet.update(|sheet| {
            sheet.extend(now.point());
        });
    }
    true
}

/// Lifts the pen and hides it.
pub fn leave(cursor: RwSignal<Cursor>, desk: Desk) {
    // A canvas that is taken off the page loses the focus after its signals are gone.
    let Some(now) = cursor.try_get_untracked() else { return };
    if now.down {
        desk.sheet.update(|sheet| sheet.end());
    }
    if now.down || now.shown {
        cursor.set(Cursor { down: false, shown: false, ..now });
    }
}
