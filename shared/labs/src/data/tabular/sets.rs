//! The tables that labs share, the stand-in for them, and the learner's own file.

use std::collections::BTreeMap;

use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::table::{ColumnKind, ColumnSummary, TableSummary};
use kindling_protocol::text::{Text, text};
use sha2::{Digest, Sha256};

use super::{Column, Header, Labels, Limits, Split, Table, TableError, Values, generated, guess, label, read};
use crate::host::{DataError, Host, Interrupt};

mod schema;

pub use schema::{Meaning, Role, SCHEMAS, Schema};

/// A table with what is to be predicted.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The set's name; `generated` where the stand-in serves, `own` for the learner's file.
    pub source: String,
    pub table: Table,
    pub labels: Labels,
    /// Columns to learn from.
    pub features: Vec<usize>,
    /// What the columns mean, where that is known.
    pub meanings: Option<&'static [Meaning]>,
    /// Rows that were published as the test half.
    pub test: Vec<usize>,
    /// sha256 by part of what was read.
    pub sums: BTreeMap<String, String>,
}

impl Dataset {
    /// Shares of every class for validation and test; the rest is for training. A test half that was published stays
    /// what it is.
    pub fn split(&self, validation: f64, test: f64, seed: u64) -> Split {
        let labelled = |row: &usize| self.labels.of_row[*row].is_some();
        let published: Vec<usize> = self.test.iter().copied().filter(labelled).collect();
        let others = (0..self.table.rows).filter(|row| labelled(row) && published.binary_search(row).is_err());
        let rows: Vec<usize> = others.collect();
        let classes = self.labels.of(&rows);
        if published.is_empty() {
            return Split::stratified(&rows, &classes, validation, test, seed);
        }
        Split { test: published, ..Split::stratified(&rows, &classes, validation, 0.0, seed) }
    }

    /// A column's name; in Chinese what it means, where that is known.
    pub fn named(&self, column: usize) -> Text {
        let name = &self.table.columns[column].name;
        let meaning = self.meanings.and_then(|meanings| meanings.iter().find(|meaning| meaning.name == name));
        // What follows is the range of the values.
        let zh = meaning.and_then(|meaning| meaning.text.zh.split(['，', '；']).next()).unwrap_or(name);
        Text { en: name.clone().into(), zh: zh.to_string().into() }
    }
}

/// The set of that name, or the stand-in for it, and then it says so. `generated` asks for the stand-in.
pub async fn load(host: &dyn Host, name: &str, seed: u64) -> Result<Dataset, Interrupt> {
    if name == "generated" {
        return Ok(stand_in(seed));
    }
    let schema = SCHEMAS.iter().find(|schema| schema.name == name).expect("a lab names sets that there are");
    let (mut files, mut sums) = (Vec::new(), BTreeMap::new());
    for part in schema.parts {
        let part = format!("{name}/{part}");
        match host.data(&part).await {
            Ok(bytes) => {
                sums.insert(part, format!("{:x}", Sha256::digest(&bytes)));
                files.push(bytes);
            }
            Err(DataError::Missing(_)) => {
                host.emit(EventBody::Note { text: STAND_IN }).await?;
                return Ok(stand_in(seed));
            }
            Err(error) => return Err(damaged(error.to_string())),
        }
    }
    of_schema(schema, &files, sums).map_err(|error| damaged(format!("`{name}`: {error}")))
}

/// The learner's own file, by the hash of what it holds. `label` counts columns from 1; 0 leaves the choice to
/// [`Labels::guess`].
pub async fn load_own(host: &dyn Host, sha256: &str, label: usize) -> Result<Dataset, Interrupt> {
    if sha256.is_empty() {
        return Err(failed(NONE));
    }
    let part = format!("own/{sha256}");
    let bytes = host.data(&part).await.map_err(|error| match error {
        DataError::Missing(_) => failed(GONE),
        error => damaged(error.to_string()),
    })?;
    let own = own(&bytes, label).map_err(|error| failed(error.text()))?;
    let what = summary(&own);
    host.emit(EventBody::Note { text: what }).await?;
    Ok(Dataset { sums: [(part, format!("{:x}", Sha256::digest(&bytes)))].into(), ..own })
}

/// Reads the learner's own file.
pub fn own(bytes: &[u8], label: usize) -> Result<Dataset, TableError> {
    let table = read::read(bytes, Header::Detect, &Limits::DEFAULT)?;
    let labels = match label.checked_sub(1) {
        Some(column) => Labels::of_column(&table, column)?,
        None => Labels::guess(&table)?,
    };
    let features = label::features(&table, labels.column)?;
    Ok(Dataset { source: "own".into(), table, labels, features, meanings: None, test: vec![], sums: BTreeMap::new() })
}

/// What is in the learner's own file, or what is wrong with it.
pub fn inspect(bytes: &[u8]) -> Result<TableSummary, Text> {
    let own = own(bytes, 0).map_err(|error| error.text())?;
    let summary = |(place, column): (usize, &Column)| ColumnSummary {
        name: column.name.chars().take(60).collect(),
        kind: match &column.values {
            _ if place != own.labels.column && !own.features.contains(&place) => ColumnKind::Unused,
            Values::Numbers(_) => ColumnKind::Number,
            Values::Categories { levels, .. } => ColumnKind::Category { levels: levels.len() as u64 },
        },
        missing: column.values.missing(own.table.rows) as u64,
        example: (0..own.table.rows)
            .find(|&row| !column.values.is_missing(row))
            .map_or(String::new(), |row| column.values.show(row).chars().take(30).collect()),
    };
    Ok(TableSummary {
        rows: own.table.rows as u64,
        columns: own.table.columns.iter().enumerate().map(summary).collect(),
        label: own.labels.column as u64,
        classes: own.labels.classes.clone(),
    })
}

/// What was guessed of the learner's own file, in a sentence.
fn summary(own: &Dataset) -> Text {
    let numbers = own.features.iter().filter(|&&column| is_numbers(&own.table.columns[column])).count();
    let categories = own.features.len() - numbers;
    let unused = own.table.columns.len() - 1 - own.features.len();
    let label = &own.table.columns[own.labels.column].name;
    let (rows, classes) = (own.table.rows, own.labels.classes.join(", "));
    Text {
        en: format!(
            "Your file: {rows} rows. Columns to learn from: {numbers} of numbers, {categories} of categories; not used: {unused}. Predicted is `{label}` ({classes})."
        )
        .into(),
        zh: format!("你的文件：{rows} 行；用于学习的有 {numbers} 个数值列、{categories} 个类别列，{unused} 列未使用；预测目标是“{label}”（{classes}）。")
            .into(),
    }
}

fn is_numbers(column: &Column) -> bool {
    matches!(column.values, Values::Numbers(_))
}

/// Rows of a table with a rare class.
fn stand_in(seed: u64) -> Dataset {
    let table = generated::rare_class(seed, generated::ROWS, generated::RARE);
    let last = table.columns.len() - 1;
    let labels = Labels::of_column(&table, last).expect("two classes");
    Dataset {
        source: "generated".into(),
        features: (0..last).collect(),
        table,
        labels,
        meanings: None,
        test: vec![],
        sums: BTreeMap::new(),
    }
}

fn of_schema(
    schema: &'static Schema,
    files: &[Vec<u8>],
    sums: BTreeMap<String, String>,
) -> Result<Dataset, TableError> {
    let names: Vec<&str> = schema.columns.iter().map(|column| column.name).collect();
    let header = if schema.header { Header::Detect } else { Header::Given(&names) };
    let tables: Vec<Table> =
        files.iter().map(|file| read::read(file, header, &Limits::DEFAULT)).collect::<Result<_, _>>()?;
    let firsts = tables.first().map_or(0, |table| table.rows);
    let rows = tables.iter().map(|table| table.rows).sum();
    let mut columns = Vec::new();
    for (place, meaning) in schema.columns.iter().enumerate() {
        if let Some(found) = tables.iter().map(|table| table.columns.len()).find(|count| *count != names.len()) {
            return Err(TableError::Ragged { line: 1, cells: found, expected: names.len() });
        }
        let parts: Vec<&Values> = tables.iter().map(|table| &table.columns[place].values).collect();
        columns.push(Column { name: meaning.name.into(), values: join(&parts, &tables, meaning, schema) });
    }
    let mut features: Vec<usize> = (0..columns.len())
        .filter(|&place| matches!(schema.columns[place].role, Role::Number | Role::Category))
        .collect();
    if let Some((name, levels)) = schema.part_is {
        let cells: Vec<&str> =
            tables.iter().zip(levels).flat_map(|(table, level)| std::iter::repeat_n(*level, table.rows)).collect();
        features.push(columns.len());
        columns.push(Column { name: name.into(), values: guess::categories(&cells) });
    }
    let table = Table { columns, rows };
    let label = schema.columns.iter().position(|column| column.role == Role::Label).expect("a schema has a label");
    let labels = Labels::of_column(&table, label)?;
    let test = if schema.parts.contains(&"test") { (firsts..rows).collect() } else { vec![] };
    Ok(Dataset { source: schema.name.into(), table, labels, features, meanings: Some(schema.columns), test, sums })
}

/// One column of all parts: as it is known to be, whatever its cells look like.
fn join(parts: &[&Values], tables: &[Table], meaning: &Meaning, schema: &Schema) -> Values {
    let all_numbers = parts.iter().all(|part| matches!(part, Values::Numbers(_)));
    let named = meaning.role == Role::Label && !schema.classes.is_empty();
    if all_numbers && meaning.role != Role::Category && !named {
        let numbers = parts.iter().flat_map(|part| match part {
            Values::Numbers(numbers) => numbers.clone(),
            Values::Categories { .. } => vec![],
        });
        return Values::Numbers(numbers.collect());
    }
    let cells = parts.iter().zip(tables).flat_map(|(part, table)| (0..table.rows).map(|row| part.show(row)));
    let shown = |cell: String| match schema.classes.iter().find(|(raw, _)| *raw == cell) {
        Some((_, shown)) if named => shown.to_string(),
        _ => cell,
    };
    let cells: Vec<String> = cells.map(shown).collect();
    guess::categories(&cells.iter().map(String::as_str).collect::<Vec<_>>())
}

pub const STAND_IN: Text = text(
    "The data set is not at hand, so a generated table with a rare class serves instead: figures are not comparable.",
    "没有可用的数据集，改用程序生成的、含稀有类别的表格：结果不可比较。",
);

const NONE: Text = text("Choose a file of your own, or other data.", "请选择你自己的文件，或改用其他数据。");

const GONE: Text =
    text("Your file is not in this browser any more. Choose it again.", "你的文件已不在这个浏览器中，请重新选择。");

fn failed(text: Text) -> Interrupt {
    Interrupt::Fail { code: FailureCode::Data, text, detail: None }
}

fn damaged(detail: String) -> Interrupt {
    let text = text("The data can't be used: it is not what it should be.", "数据无法使用：内容与应有的不符。");
    Interrupt::Fail { code: FailureCode::Data, text, detail: Some(detail) }
}
