//! What the page of runs knows and can do.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::charts::export;
use crate::lab::live::LiveRun;
use crate::lab::run_file;
use crate::router;
use crate::runner::{self, RunRow};
use crate::trouble::Trouble;

/// A deleted run can be had back for this long.
const UNDO_FOR: Duration = Duration::from_secs(6);

/// What the page knows.
#[derive(Clone, Copy)]
pub struct Runs {
    /// Nothing until they were read once.
    pub rows: RwSignal<Option<Vec<RunRow>>>,
    pub chosen: RwSignal<Vec<LiveRun>>,
    pub renaming: RwSignal<Option<String>>,
    /// Deleted for the eye, not yet for good; each deletion has a number of its own.
    pub leaving: RwSignal<Vec<(u32, RunRow)>>,
    /// The newest of those numbers.
    pub deletions: StoredValue<u32>,
    pub trouble: RwSignal<Option<Trouble>>,
}

impl Runs {
    pub fn read(self) {
        spawn_local(async move {
            let rows = runner::runs().await;
            self.rows.try_set(Some(rows));
        });
    }

    fn tell<T>(self, result: Result<T, Trouble>) {
        if let Err(trouble) = result {
            self.trouble.try_set(Some(trouble));
        }
        self.read();
    }

    pub fn rename(self, row: RunRow, name: String) {
        self.renaming.set(None);
        let name = name.trim().to_string();
        if !name.is_empty() && name != row.info.name {
            spawn_local(async move { self.tell(runner::rename(&row, &name).await) });
        }
    }

    pub fn delete(self, row: RunRow) {
        self.chosen.update(|chosen| chosen.retain(|live| live.run.id() != row.info.id));
        self.deletions.update_value(|deletions| *deletions += 1);
        // Not the run's id: a run that was taken back may be deleted again before this time is over.
        let number = self.deletions.get_value();
        self.leaving.update(|leaving| leaving.push((number, row)));
        set_timeout(move || self.delete_for_good(number), UNDO_FOR);
    }

    /// Unless it was taken back, or the page was left: then the run stays.
    fn delete_for_good(self, number: u32) {
        let row = self.leaving.try_update(|leaving| {
            let at = leaving.iter().position(|(other, _)| *other == number)?;
            Some(leaving.remove(at))
        });
        if let Some(Some((_, row))) = row {
            self.rows.update(|rows| rows.iter_mut().for_each(|rows| rows.retain(|other| other.info.id != row.info.id)));
            spawn_local(async move { self.tell(runner::delete(&row).await) });
        }
    }

    pub fn choose(self, id: String, wanted: bool) {
        if !wanted {
            self.chosen.update(|chosen| chosen.retain(|live| live.run.id() != id));
            return;
        }
        spawn_local(async move {
            match runner::open(&id).await {
                Ok(run) => {
                    let live = LiveRun::new(run);
                    self.chosen.try_update(|chosen| {
                        if chosen.iter().all(|other| other.run != live.run) {
                            chosen.push(live);
                        }
                    });
                }
                Err(trouble) => self.tell(Err::<(), _>(trouble)),
            }
        });
    }

    pub fn resume(self, row: RunRow) {
        spawn_local(async move {
            match runner::resume(&row.info.id).await {
                Ok(run) => router::navigate(&format!("/labs/{}?run={}", run.config().lab, run.id())),
                Err(error) => self.tell(error.trouble().map_or(Ok(()), Err)),
            }
        });
    }

    pub fn export(self, row: RunRow) {
        spawn_local(async move {
            match runner::events(&row).await {
                Ok(events) => {
                    let name = format!("kindling-run-{}.json", row.info.id);
                    export::save(&name, "application/json", run_file::write(&row, &events).as_bytes());
                }
                Err(trouble) => self.tell(Err::<(), _>(trouble)),
            }
        });
    }

    pub fn import(self, file: web_sys::File) {
        spawn_local(async move { self.tell(run_file::import(file).await) });
    }
}
