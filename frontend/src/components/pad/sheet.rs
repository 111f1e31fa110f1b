//! What lies on the pad: strokes or a picture, and the way back and forth.

use std::sync::Arc;

use kindling_protocol::input::{Drawing, MAX_POINTS, MAX_STROKES, ModelInput, Picture, Stroke};

/// Side of the pad in pad units. A drawing means the same on every screen.
pub const SIDE: f32 = 280.0;

/// Points nearer than this to the last one add nothing that could be seen.
const STEP: f32 = 0.4;

const MAX_HISTORY: usize = 200;

/// The sheet on the pad. Every change but the growth of a stroke can be undone.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    content: Content,
    /// The stroke under the pen.
    pen: Option<Stroke>,
    past: Vec<Content>,
    future: Vec<Content>,
}

#[derive(Clone, Debug)]
pub enum Content {
    Strokes(Vec<Arc<Stroke>>),
    /// A picture from the data, with its true label.
    Example {
        picture: Picture,
        label: String,
    },
}

impl Default for Content {
    fn default() -> Self {
        Content::Strokes(Vec::new())
    }
}

impl Sheet {
    pub fn is_empty(&self) -> bool {
        self.pen.is_none() && matches!(&self.content, Content::Strokes(strokes) if strokes.is_empty())
    }

    pub fn content(&self) -> &Content {
        &self.content
    }

    pub fn pen(&self) -> Option<&Stroke> {
        self.pen.as_ref()
    }

    /// The picture from the data that lies on the pad, and its label.
    pub fn example(&self) -> Option<(&Picture, &str)> {
        match &self.content {
            Content::Example { picture, label } => Some((picture, label)),
            Content::Strokes(_) => None,
        }
    }

    /// Puts the pen down. A picture makes way; a stroke that was not ended is ended.
    pub fn begin(&mut self, point: [f32; 2]) {
        self.end();
        if self.strokes().is_some_and(|strokes| strokes.len() >= MAX_STROKES) {
            return;
        }
        self.remember();
        if self.strokes().is_none() {
            self.content = Content::default();
        }
        self.pen = Some(vec![point]);
    }

    /// Moves the pen. Tells whether the stroke grew.
    pub fn extend(&mut self, point: [f32; 2]) -> bool {
        let points = self.points();
        let Some(pen) = &mut self.pen else { return false };
        let far = pen.last().is_none_or(|last| (point[0] - last[0]).hypot(point[1] - last[1]) >= STEP);
        let grows = far && points < MAX_POINTS;
        if grows {
            pen.push(point);
        }
        grows
    }

    /// Lifts the pen.
    pub fn end(&mut self) {
        if let (Some(stroke), Content::Strokes(strokes)) = (self.pen.take(), &mut self.content) {
            strokes.push(Arc::new(stroke));
        }
    }

    pub fn clear(&mut self) {
        self.end();
        if !self.is_empty() {
            self.remember();
            self.content = Content::default();
        }
    }

    pub fn show(&mut self, picture: Picture, label: String) {
        self.end();
        self.remember();
        self.content = Content::Example { picture, label };
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    pub fn undo(&mut self) {
        self.end();
        if let Some(content) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.content, content));
        }
    }

    pub fn redo(&mut self) {
        self.end();
        if let Some(content) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.content, content));
        }
    }

    /// What a model is asked about. `brush` is the pen's width, a fraction of the side.
    pub fn input(&self, brush: f32) -> ModelInput {
        match &self.content {
            Content::Example { picture, .. } => ModelInput::Picture(picture.clone()),
            Content::Strokes(strokes) => {
                let strokes = strokes.iter().map(|stroke| stroke.as_ref()).chain(&self.pen).cloned().collect();
                ModelInput::Drawing(Drawing { strokes, side: SIDE, brush: brush * SIDE })
            }
        }
    }

    fn strokes(&self) -> Option<&Vec<Arc<Stroke>>> {
        match &self.content {
            Content::Strokes(strokes) => Some(strokes),
            Content::Example { .. } => None,
        }
    }

    fn points(&self) -> usize {
        let done = self.strokes().map_or(0, |strokes| strokes.iter().map(|stroke| stroke.len()).sum());
        done + self.pen.as_ref().map_or(0, Vec::len)
    }

    fn remember(&mut self) {
        self.past.push(self.content.clone());
        self.future.clear();
        if self.past.len() > MAX_HISTORY {
            self.past.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strokes(sheet: &Sheet) -> Vec<Stroke> {
        match sheet.input(0.1) {
            ModelInput::Drawing(drawing) => drawing.strokes,
            ModelInput::Picture(_) => panic!("a picture lies on the pad"),
        }
    }

    fn draw(sheet: &mut Sheet, from: [f32; 2], to: [f32; 2]) {
        sheet.begin(from);
        sheet.extend(to);
        sheet.end();
    }

    #[test]
    fn every_step_goes_back_and_forth() {
        let mut sheet = Sheet::default();
        draw(&mut sheet, [0.0, 0.0], [9.0, 9.0]);
        draw(&mut sheet, [5.0, 0.0], [5.0, 9.0]);
        sheet.clear();
        assert!(sheet.is_empty());
        sheet.undo();
        assert_eq!(strokes(&sheet).len(), 2);
        sheet.undo();
        assert_eq!(strokes(&sheet), [vec![[0.0, 0.0], [9.0, 9.0]]]);
        sheet.redo();
        sheet.redo();
        assert!(sheet.is_empty() && !sheet.can_redo());
        sheet.undo();
        draw(&mut sheet, [1.0, 1.0], [2.0, 2.0]);
        assert!(!sheet.can_redo(), "a new stroke ends what could be done again");
    }

    #[test]
    fn a_stroke_on_a_picture_begins_a_drawing_and_undo_brings_the_picture_back() {
        let mut sheet = Sheet::default();
        sheet.show(Picture { height: 1, width: 1, channels: 1, pixels: "/w==".into() }, "7".into());
        assert_eq!(sheet.example().unwrap().1, "7");
        draw(&mut sheet, [0.0, 0.0], [9.0, 9.0]);
        assert_eq!(strokes(&sheet).len(), 1);
        sheet.undo();
        assert!(sheet.example().is_some());
    }

    #[test]
    fn the_stroke_under_the_pen_counts_at_once_and_bounds_hold() {
        let mut sheet = Sheet::default();
        sheet.begin([0.0, 0.0]);
        assert_eq!(strokes(&sheet), [vec![[0.0, 0.0]]]);
        assert!(!sheet.extend([0.1, 0.1]), "too near to be seen");
        for step in 0..2 * MAX_POINTS {
            sheet.extend([if step % 2 == 0 { 9.0 } else { 0.0 }, 0.0]);
        }
        for _ in 0..2 * MAX_STROKES {
            sheet.begin([1.0, 1.0]);
        }
        sheet.end();
        let strokes = strokes(&sheet);
        assert!(strokes.len() <= MAX_STROKES);
        assert!(strokes[0].len() <= MAX_POINTS);
    }
}
