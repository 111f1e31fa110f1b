//! What all charts of a page share: axis, smoothing, zoom, cross-hair; and the bar that sets them.

use leptos::prelude::*;

use crate::charts::curve::XAxis;
use crate::charts::scale::short;
use crate::i18n::{self, charts as words, t, tr};
use crate::lab::segmented::Segmented;

/// Shared, so that the cross-hair of one chart reads the others at the same moment.
#[derive(Clone, Copy)]
pub struct ChartSettings {
    pub axis: RwSignal<XAxis>,
    /// Weight of the moving average.
    pub smoothing: RwSignal<f64>,
    pub zoom: RwSignal<Option<(f64, f64)>>,
    /// Where the cross-hair stands, in the unit of the axis.
    pub hover: RwSignal<Option<f64>>,
}

impl ChartSettings {
    pub fn new() -> Self {
        let settings = ChartSettings {
            axis: RwSignal::new(XAxis::Step),
            smoothing: RwSignal::new(0.8),
            zoom: RwSignal::new(None),
            hover: RwSignal::new(None),
        };
        // A zoom in steps means nothing in seconds.
        Effect::watch(
            move || settings.axis.get(),
            move |_, _, _| {
                settings.zoom.set(None);
                settings.hover.set(None);
            },
            false,
        );
        settings
    }
}

impl Default for ChartSettings {
    fn default() -> Self {
        ChartSettings::new()
    }
}

/// A position on the horizontal axis in words.
pub fn x_text(axis: XAxis, x: f64) -> String {
    match axis {
        XAxis::Step => format!("{x:.0}"),
        XAxis::Epoch => short(x),
        XAxis::Time if x < 60.0 => format!("{} s", short(x)),
        XAxis::Time if x < 3600.0 => format!("{:.0}:{:02.0}", (x / 60.0).floor(), (x % 60.0).floor()),
        XAxis::Time => format!("{:.0}:{:02.0} h", (x / 3600.0).floor(), (x % 3600.0 / 60.0).floor()),
    }
}

#[component]
pub fn ChartToolbar(settings: ChartSettings) -> impl IntoView {
    let axes = vec![(XAxis::Step, &words::STEP), (XAxis::Epoch, &words::EPOCH), (XAxis::Time, &words::TIME)];
    let zoomed = move || {
        settings.zoom.get().map(|(from, to)| {
            let (from, to) = (x_text(settings.axis.get(), from), x_text(settings.axis.get(), to));
            view! {
                <span class="chart-zoomed">{words::zoomed(i18n::language(), &from, &to)}</span>
                <button class="button" type="button" data-testid="chart-show-all" on:click=move |_| settings.zoom.set(None)>
                    {tr(&words::RESET_ZOOM)}
                </button>
            }
        })
    };
    view! {
        <div class="chart-toolbar">
            <Segmented
                legend=&words::X_AXIS
                options=axes
                value=settings.axis
                on_choose=move |axis| settings.axis.set(axis)
                testid="chart-axis"
            />
            <label class="chart-smoothing">
                <span>{tr(&words::SMOOTHING)}</span>
                <input
                    type="range"
                    min="0"
                    max="0.99"
                    step="0.01"
                    data-testid="chart-smoothing"
                    aria-label=move || t(&words::SMOOTHING)
                    prop:value=move || settings.smoothing.get().to_string()
                    on:input=move |event| settings.smoothing.set(event_target_value(&event).parse().unwrap_or(0.0))
                />
                <output class="number">{move || format!("{:.2}", settings.smoothing.get())}</output>
            </label>
            {zoomed}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_said_in_the_unit_of_the_axis() {
        assert_eq!(x_text(XAxis::Step, 1200.2), "1200");
        assert_eq!(x_text(XAxis::Epoch, 1.5), "1.5");
        assert_eq!(x_text(XAxis::Time, 12.5), "12.5 s");
        assert_eq!(x_text(XAxis::Time, 119.9), "1:59");
        assert_eq!(x_text(XAxis::Time, 3725.0), "1:02 h");
    }
}
