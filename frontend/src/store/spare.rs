//! Kept files that can be made anew, and are not kept for ever.

use std::collections::BTreeSet;

use kindling_protocol::knob::{KnobValue, Knobs};

use super::db::{self, Table};
use super::files::{self, Own};
use super::{StoreError, runs};

/// So many that nothing refers to are kept: what a form in another tab holds, or a link of today, is among them.
const KEPT: usize = 20;

/// Drops the oldest spare files beyond [`KEPT`] to which neither a run of this browser nor `form` refers.
pub async fn clear(form: Knobs) {
    // What could not be dropped is in the way of nobody.
    drop(try_clear(form).await);
}

async fn try_clear(form: Knobs) -> Result<(), StoreError> {
    let notes = db::read(&[Table::Notes]).await?.all(Table::Notes, Some(db::named(files::OWN))).await?;
    let kept = notes.iter().filter_map(|note| serde_json::from_str(&note.as_string()?).ok()).collect();
    // A list that can't be read says nothing of what is in use.
    let runs = runs::list().await?;
    let of_runs = runs.iter().flat_map(|run| [&run.info.config.knobs, &run.info.turned]);
    let used = of_runs.chain([&form]).flat_map(words).collect();
    for sha256 in beyond(kept, &used, KEPT) {
        files::remove_own(&sha256).await?;
    }
    Ok(())
}

fn words(knobs: &Knobs) -> impl Iterator<Item = &str> {
    knobs.0.values().filter_map(|value| match value {
        KnobValue::Word(word) => Some(word.as_str()),
        _ => None,
    })
}

/// Those of the spare ones that are neither in use nor among the newest.
fn beyond(kept: Vec<Own>, used: &BTreeSet<&str>, limit: usize) -> Vec<String> {
    let spare = kept.into_iter().filter_map(|own| Some((own.spare_since_ms?, own.file.sha256)));
    let mut spare: Vec<(u64, String)> = spare.filter(|(_, sha256)| !used.contains(sha256.as_str())).collect();
    spare.sort_unstable_by(|one, other| other.cmp(one));
    spare.into_iter().skip(limit).map(|(_, sha256)| sha256).collect()
}

#[cfg(test)]
mod tests {
    use kindling_protocol::model::FileRef;

    use super::*;

    #[test]
    fn the_oldest_go_and_never_one_in_use_nor_a_table() {
        let own = |sha256: &str, spare_since_ms| Own {
            name: sha256.into(),
            file: FileRef { sha256: sha256.into(), bytes: 1 },
            spare_since_ms,
        };
        let kept = vec![
            own("oldest-used", Some(0)),
            own("table", None),
            own("old", Some(2)),
            own("older", Some(1)),
            own("newest", Some(9)),
            own("new", Some(3)),
        ];
        let used = BTreeSet::from(["oldest-used", "of a choice"]);
        assert_eq!(beyond(kept.clone(), &used, 2), ["old", "older"]);
        assert_eq!(beyond(kept.clone(), &used, 4), Vec::<String>::new());
        assert_eq!(beyond(kept, &BTreeSet::new(), 4), ["oldest-used"]);
    }
}
