//! A file of the learner's own: chosen or dropped, kept in this browser by its hash, and read before a run.

use js_sys::Uint8Array;
use kindling_protocol::knob::KnobValue;
use kindling_protocol::model::FileRef;
use kindling_protocol::table::{ColumnKind, TableSummary};
use kindling_protocol::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::digest::sha256_hex;
use crate::i18n::{self, own_file as words, t, tr};
use crate::lab::kept_file::{self, Known};
use crate::runner::pad::Pad;
use crate::store::files::{self, Own};
use crate::trouble::{Trouble, TroubleText};

/// What a file holds, or why it is no table.
type Found = Result<TableSummary, Text>;

#[component]
pub fn OwnFile(
    field: String,
    described: String,
    accept: String,
    /// Bytes at most.
    limit: u64,
    /// The hash of the file, or nothing.
    chosen: Memo<String>,
    set: Callback<KnobValue>,
) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let known = RwSignal::new(Known::Nothing);
    // A file that was given and is not the chosen one: it is being read, or was refused. The one of before stays.
    let offered = RwSignal::new(Known::<Found>::Nothing);
    kept_file::look_up(chosen, known, &words::GONE, move |own, bytes| look_into(pad, own, bytes));
    let take = move |event: web_sys::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let Some(file) = file else { return };
        offered.set(Known::Reading);
        spawn_local(async move {
            let taken = take_in(pad, &file, limit).await;
            // One that is no table is told, and no run is given it.
            if let Known::Read { own, found: Ok(_) } = &taken {
                let hash = own.file.sha256.clone();
                offered.try_set(Known::Nothing);
                known.try_set(taken);
                // The page may be left meanwhile.
                set.try_run(KnobValue::Word(hash));
            } else {
                offered.try_set(taken);
            }
        });
    };
    let remove = move |_| {
        let hash = chosen.get_untracked();
        known.set(Known::Nothing);
        offered.set(Known::Nothing);
        set.run(KnobValue::Word(String::new()));
        spawn_local(async move {
            // What could not be removed is in the way of nobody.
            drop(files::remove_own(&hash).await);
        });
    };
    let told = move |known: Known<Found>, testid: String| {
        let view = match known {
            Known::Nothing => return None,
            Known::Reading => view! { <p class="knob-help">{tr(&words::READING)}</p> }.into_any(),
            Known::Read { own, found: Ok(table) } => view! {
                <div class="own-file" data-testid=testid>
                    <OwnName own />
                    <button class="button" type="button" data-testid="file-remove" on:click=remove>{tr(&words::REMOVE)}</button>
                    <Summary table />
                </div>
            }.into_any(),
            Known::Read { own, found: Err(why) } => view! {
                <div class="own-file" data-testid=testid>
                    <OwnName own />
                    <p class="notice bad" role="alert">{move || i18n::own(&why)}</p>
                </div>
            }.into_any(),
            Known::Trouble(trouble) => view! {
                <div class="notice bad" role="alert" data-testid=testid><TroubleText trouble /></div>
            }.into_any(),
        };
        Some(view)
    };
    let (of_offered, of_known) = (format!("{field}-refused"), format!("{field}-known"));
    let refused = move || told(offered.get(), of_offered.clone());
    let still = move || {
        let is_refused = offered.with(|offered| !matches!(offered, Known::Nothing | Known::Reading));
        let holds = is_refused && !chosen.with(String::is_empty);
        holds.then(|| view! { <p class="knob-help">{tr(&words::STILL)}</p> })
    };
    let shown = move || told(known.get(), of_known.clone());
    view! {
        <div class="file-drop">
            <span aria-hidden="true">{tr(&words::CHOOSE)}</span>
            // Over all of it, so that a file can be dropped on it by the browser's own means.
            <input
                type="file"
                id=field.clone()
                data-testid=field
                aria-describedby=described
                accept=accept
                title=move || t(&words::CHOOSE)
                on:change=take
            />
        </div>
        <p class="knob-help">{tr(&words::STAYS)}</p>
        <div aria-live="polite">{refused} {still} {shown}</div>
    }
}

/// Reads the file, looks into it, and keeps it if it is a table.
async fn take_in(pad: Pad, file: &web_sys::File, limit: u64) -> Known<Found> {
    if file.size() > limit as f64 {
        return Known::Trouble(words::too_large(&i18n::bytes(limit)).into());
    }
    let bytes = match JsFuture::from(file.array_buffer()).await {
        Ok(buffer) => Uint8Array::new(&buffer),
        Err(error) => return Known::Trouble(Trouble::new(words::UNREADABLE.clone(), format!("{error:?}"))),
    };
    let name = file.name().chars().take(100).collect();
    let file = FileRef { sha256: sha256_hex(&bytes), bytes: u64::from(bytes.length()) };
    let own = Own { name, file, spare_since_ms: None };
    let known = look_into(pad, own.clone(), bytes.clone()).await;
    if matches!(known, Known::Read { found: Ok(_), .. })
        && let Err(error) = files::put_own(&own, &bytes).await
    {
        return Known::Trouble(error.trouble());
    }
    known
}

async fn look_into(pad: Pad, own: Own, bytes: Uint8Array) -> Known<Found> {
    match pad.inspect(&bytes.to_vec()).await {
        Ok(found) => Known::Read { own, found },
        Err(trouble) => Known::Trouble(trouble),
    }
}

#[component]
fn OwnName(own: Own) -> impl IntoView {
    let size = i18n::bytes(own.file.bytes);
    view! { <p class="own-file-name"><b>{own.name}</b> " " <span class="quiet number">{size}</span></p> }
}

/// Rows, columns and what each was read as.
#[component]
fn Summary(table: TableSummary) -> impl IntoView {
    let label = table.columns.get(table.label as usize).map(|column| column.name.clone()).unwrap_or_default();
    let (rows, columns, classes) = (table.rows, table.columns.len(), table.classes.join(", "));
    let sentence = move || words::summary(i18n::language(), rows, columns, &label, &classes);
    let kind = |kind: ColumnKind| {
        move || match kind {
            ColumnKind::Number => t(&words::NUMBER).to_string(),
            ColumnKind::Category { levels } => words::category(i18n::language(), levels),
            ColumnKind::Unused => t(&words::UNUSED).to_string(),
        }
    };
    let lines = table.columns.into_iter().map(|column| {
        view! {
            <tr>
                <th scope="row">{column.name}</th>
                <td>{kind(column.kind)}</td>
                <td class="number">{i18n::lab::grouped(column.missing)}</td>
                <td class="quiet">{column.example}</td>
            </tr>
        }
    });
    view! {
        <p class="knob-help" data-testid="file-summary">{sentence}</p>
        <div class="own-file-columns" tabindex="0">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{tr(&words::COLUMN)}</th>
                        <th scope="col">{tr(&words::KIND)}</th>
                        <th scope="col">{tr(&words::MISSING)}</th>
                        <th scope="col">{tr(&words::EXAMPLE)}</th>
                    </tr>
                </thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
        </div>
    }
}
