//! Line icons, drawn on a 24-unit square in the colour of the text around them. Each stands beside its
//! word or in a control that has a label, so none speaks to a screen reader.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Undo,
    Redo,
    Clear,
    Dice,
    Keyboard,
    Sun,
    Moon,
    System,
    Arrow,
    Check,
    Cross,
    Warning,
    Download,
    Lock,
    Play,
    Pause,
    Step,
    Epoch,
    Stop,
    Reset,
    Link,
    Pen,
    Share,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Undo => "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
            Icon::Redo => "m15 7 5 5-5 5M20 12H10a6 6 0 0 0-6 6v1",
            Icon::Clear => "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
            Icon::Dice => {
                "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8.500 8.500h.01M15.500 8.500h.01M12 12h.01M8.500 15.500h.01M15.500 15.500h.01"
            }
            Icon::Keyboard => "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8",
            Icon::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600 19 19M19 5l-1.400 1.400M6.400 17.600 5 19"
            }
            Icon::Moon => "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
            Icon::System => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 7h5.500M12 11h9M12 15h8M12 19h4",
            Icon::Arrow => "M5 12h14M13 6l6 6-6 6",
            Icon::Check => "m5 13 4 4L19 7",
            Icon::Cross => "M6 6l12 12M18 6 6 18",
            Icon::Warning => "M12 4 2.500 20h19zM12 10v4M12 17h.01",
            Icon::Download => "M12 4v11M7 11l5 5 5-5M5 20h14",
            Icon::Play => "M7 4.500v15l12-7.500z",
            Icon::Pause => "M8 5v14M16 5v14",
            Icon::Step => "M6 5v14l9-7zM19 5v14",
            Icon::Epoch => "M4 5v14l7-7zM12 5v14l7-7zM21 5v14",
            Icon::Stop => "M6 6h12v12H6z",
            Icon::Reset => "M4 5v5h5M4.500 10a8 8 0 1 1-.5 4",
            Icon::Link => "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
            Icon::Pen => "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
            Icon::Share => "M12 15V4M8 8l4-4 4 4M5 13v7h14v-7",
            Icon::Lock => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
        }
    }

    pub fn view(self) -> impl IntoView {
        view! {
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                <path d=self.path() />
            </svg>
        }
    }
}

/// The flame beside the name.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 32 32" aria-hidden="true">
            <path
                fill="#d2541b"
                d="M16 2c1 5-1.500 7-4 10-2.400 2.900-4 5.400-4 8.600C8 26 11.600 30 16 30s8-4 8-9.400c0-3.200-1.300-5.400-2.600-7.300-.3 2-1.200 3.200-2.600 4C19.600 11.500 19 6 16 2z"
            />
            <path
                fill="#ffd9a8"
                d="M16.200 17c.4 2.600-3.200 4-3.200 7.300 0 2 1.400 3.400 3.100 3.400 1.800 0 3.100-1.400 3.100-3.500 0-2.700-2.600-4-3-7.200z"
            />
        </svg>
    }
}
