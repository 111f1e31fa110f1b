//! From the bytes of a CSV file to a table.
//!
//! Comma, semicolon or tab; quotes as in RFC 4180; LF, CRLF or CR; with a byte order mark or without. Everything is
//! bounded before it is kept, and nothing is guessed silently: what can't be read is an error that says where.

use kindling_protocol::text::Text;

use super::{Table, guess};

/// How much a table may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub bytes: usize,
    pub rows: usize,
    pub columns: usize,
    /// Bytes of one cell.
    pub cell: usize,
}

impl Limits {
    /// What a browser tab can train on.
    pub const DEFAULT: Limits = Limits { bytes: 20 << 20, rows: 200_000, columns: 200, cell: 1_000 };
}

/// Where the names of the columns come from.
#[derive(Clone, Copy, Debug)]
pub enum Header<'a> {
    /// From the first line, if it looks like names.
    Detect,
    /// These; every line of the file is data.
    Given(&'a [&'a str]),
}

/// Cells as they stand in the file, without spaces around them.
pub(super) struct Cells {
    pub names: Vec<String>,
    /// By row; all as long as `names`.
    pub rows: Vec<Vec<String>>,
    /// The line of the file that each row begins at.
    pub lines: Vec<u64>,
}

/// Reads a table.
pub fn read(bytes: &[u8], header: Header<'_>, limits: &Limits) -> Result<Table, TableError> {
    guess::table(cells(bytes, header, limits)?)
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn cells(bytes: &[u8], header: Header<'_>, limits: &Limits) -> Result<Cells, TableError> {
    if bytes.len() > limits.bytes {
        return Err(TableError::TooLarge { bytes: bytes.len(), limit: limits.bytes });
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0x1f, 0x8b]) || bytes.contains(&0) {
        return Err(TableError::NotText);
    }
    let (mut rows, mut lines) = (Vec::<Vec<String>>::new(), Vec::new());
    let mut records = Records::new(bytes, limits);
    while let Some((line, row)) = records.next()? {
        // One more than there may be rows: the first may be a header.
        if rows.len() > limits.rows {
            return Err(TableError::Rows { limit: limits.rows });
        }
        let expected = rows.first().map_or(row.len(), Vec::len);
        if row.len() != expected {
            return Err(TableError::Ragged { line, cells: row.len(), expected });
        }
        rows.push(row);
        lines.push(line);
    }
    let Some(first) = rows.first() else { return Err(TableError::Empty) };
    if first.len() < 2 {
        return Err(TableError::OneColumn);
    }
    let names = match header {
        Header::Given(names) if names.len() != first.len() => {
            return Err(TableError::Ragged { line: 1, cells: first.len(), expected: names.len() });
        }
        Header::Given(names) => names.iter().map(ToString::to_string).collect(),
        Header::Detect if guess::is_header(&rows) => {
            lines.remove(0);
            guess::names(&rows.remove(0))
        }
        Header::Detect => guess::names(&vec![String::new(); first.len()]),
    };
    match rows.len() {
        0 => Err(TableError::Empty),
        count if count > limits.rows => Err(TableError::Rows { limit: limits.rows }),
        _ => Ok(Cells { names, rows, lines }),
    }
}

/// The file record by record.
struct Records<'a> {
    reader: csv_core::Reader,
    bytes: &'a [u8],
    /// Where the next record begins, and on which line.
    at: usize,
    line: u64,
    /// Contents of the cells of one record, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    limits: Limits,
}

impl<'a> Records<'a> {
    fn new(bytes: &'a [u8], limits: &Limits) -> Self {
        Records {
            reader: csv_core::ReaderBuilder::new().delimiter(separator(bytes)).build(),
            bytes,
            at: 0,
            line: 1,
            cells: vec![0; 4 << 10],
            // One cell too many is told from a record that just fits.
            ends: vec![0; limits.columns + 1],
            limits: *limits,
        }
    }

    /// The line that the next record begins on, and its cells.
    fn next(&mut self) -> Result<Option<(u64, Vec<String>)>, TableError> {
        let blank = self.bytes[self.at..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        self.go_on(blank);
        let (line, mut length, mut count) = (self.line, 0, 0);
        loop {
            let input = &self.bytes[self.at..];
            let (read, used, written, ended) =
                self.reader.read_record(input, &mut self.cells[length..], &mut self.ends[count..]);
            (length, count) = (length + written, count + ended);
            self.go_on(used);
            match read {
                // The end is said by asking again with nothing.
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull => self.cells.resize(2 * self.cells.len(), 0),
                csv_core::ReadRecordResult::OutputEndsFull => count = self.limits.columns + 1,
                csv_core::ReadRecordResult::Record => {}
                csv_core::ReadRecordResult::End => return Ok(None),
            }
            if count > self.limits.columns {
                return Err(TableError::Columns { line, columns: count, limit: self.limits.columns });
            }
            if read == csv_core::ReadRecordResult::Record {
                let starts = std::iter::once(0).chain(self.ends.iter().copied());
                let cells = starts.zip(&self.ends[..count]).map(|(start, end)| &self.cells[start..*end]);
                let row = (1..).zip(cells).map(|(column, cell)| one_cell(cell, line, column, &self.limits));
                return Ok(Some((line, row.collect::<Result<_, _>>()?)));
            }
        }
    }

    /// Counts the line ends of so many bytes. CR and LF are one together.
    fn go_on(&mut self, bytes: usize) {
        let end = |place: usize| match self.bytes[place] {
            b'\n' => true,
            b'\r' => self.bytes.get(place + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += (self.at..self.at + bytes).filter(|place| end(*place)).count() as u64;
        self.at += bytes;
    }
}

fn one_cell(cell: &[u8], line: u64, column: usize, limits: &Limits) -> Result<String, TableError> {
    if cell.len() > limits.cell {
        return Err(TableError::Cell { line, column, bytes: cell.len(), limit: limits.cell });
    }
    let cell = std::str::from_utf8(cell).map_err(|_| TableError::NotUtf8 { line, column })?;
    Ok(cell.trim().to_string())
}

/// The one of comma, semicolon and tab that the first line has most of, outside quotes.
fn separator(bytes: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([0; 3], false);
    const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
    for byte in bytes.iter().copied().skip_while(u8::is_ascii_whitespace) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => {
                SEPARATORS.iter().zip(&mut counts).for_each(|(one, count)| *count += usize::from(*one == byte))
            }
            _ => {}
        }
    }
    let best = (0..3).fold(0, |best, place| if counts[place] > counts[best] { place } else { best });
    SEPARATORS[best]
}

/// Why a file is no table. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableError {
    TooLarge {
        bytes: usize,
        limit: usize,
    },
    NotText,
    NotUtf8 {
        line: u64,
        column: usize,
    },
    Empty,
    OneColumn,
    Ragged {
        line: u64,
        cells: usize,
        expected: usize,
    },
    Rows {
        limit: usize,
    },
    Columns {
        line: u64,
        columns: usize,
        limit: usize,
    },
    Cell {
        line: u64,
        column: usize,
        bytes: usize,
        limit: usize,
    },
    /// Nearly all of the column are numbers, this is none.
    NoNumber {
        line: u64,
        column: usize,
        name: String,
        cell: String,
    },
    /// No column can be predicted.
    NoLabel,
    /// The column that was chosen can't be predicted.
    BadLabel {
        column: usize,
        name: String,
        distinct: usize,
        most: usize,
    },
    NoColumn {
        column: usize,
        columns: usize,
    },
    /// Besides the label nothing can be learnt from.
    NoFeature,
}

impl TableError {
    /// As a person reads it.
    pub fn text(&self) -> Text {
        use TableError::*;
        let (en, zh) = match self {
            TooLarge { bytes, limit } => (
                format!("The file has {bytes} bytes, expected at most {limit}."),
                format!("文件有 {bytes} 字节，最多允许 {limit} 字节。"),
            ),
            NotText => (
                "This is no text file. Expected CSV in UTF-8; a spreadsheet can be saved as that.".into(),
                "这不是文本文件。需要 UTF-8 编码的 CSV；电子表格可以另存为这种格式。".into(),
            ),
            NotUtf8 { line, column } => (
                format!("Line {line}, column {column}: these bytes are no UTF-8. Save the file as CSV in UTF-8."),
                format!("第 {line} 行第 {column} 列：不是 UTF-8 编码。请将文件另存为 UTF-8 编码的 CSV。"),
            ),
            Empty => (
                "The table has no rows. Expected a line for each example.".into(),
                "表中没有数据行。需要每个样本占一行。".into(),
            ),
            OneColumn => (
                "The table has one column. Expected at least two, parted by commas, semicolons or tabs.".into(),
                "表中只有一列。至少需要两列，以逗号、分号或制表符分隔。".into(),
            ),
            Ragged { line, cells, expected } => (
                format!("Cells in line {line}: {cells}, expected {expected} as in the first line."),
                format!("第 {line} 行有 {cells} 个单元格，应与第一行相同，为 {expected} 个。"),
            ),
            Rows { limit } => (
                format!("The table has more than {limit} rows, expected at most that many."),
                format!("表的行数超过 {limit}，最多允许这么多行。"),
            ),
            Columns { line, columns, limit } => (
                format!("Line {line} has {columns} cells, expected at most {limit}."),
                format!("第 {line} 行有 {columns} 个单元格，最多允许 {limit} 个。"),
            ),
            Cell { line, column, bytes, limit } => (
                format!("Line {line}, column {column}: a cell of {bytes} bytes, expected at most {limit}. Is a quote not closed?"),
                format!("第 {line} 行第 {column} 列：单元格有 {bytes} 字节，最多允许 {limit} 字节。是否有引号没有闭合？"),
            ),
            NoNumber { line, column, name, cell } => (
                format!("Line {line}, column {column} ({name}): `{cell}` is no number, expected one as in nearly all rows of this column. Leave a missing cell empty."),
                format!("第 {line} 行第 {column} 列（{name}）：`{cell}` 不是数，而这一列几乎全是数。缺失的单元格请留空。"),
            ),
            NoLabel => (
                "No column can be predicted: expected one with 2 to 20 different values.".into(),
                "没有可以预测的列：需要一列恰有 2 到 20 种不同的值。".into(),
            ),
            BadLabel { column, name, distinct, most } => (
                format!("Column {column} ({name}) has {distinct} different values, expected 2 to {most} classes."),
                format!("第 {column} 列（{name}）有 {distinct} 种不同的值，类别数应在 2 到 {most} 之间。"),
            ),
            NoColumn { column, columns } => (
                format!("There is no column {column}: the table has {columns}."),
                format!("没有第 {column} 列：表中共有 {columns} 列。"),
            ),
            NoFeature => (
                "Besides the label no column can be learnt from: all are constant, empty or different in nearly every row.".into(),
                "除标签外没有可用来学习的列：它们或是常数，或是空的，或是几乎每行都不同。".into(),
            ),
        };
        Text { en: en.into(), zh: zh.into() }
    }
}

impl std::fmt::Display for TableError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text().en)
    }
}

impl std::error::Error for TableError {}
