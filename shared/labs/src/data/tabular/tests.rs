//! Tables as people have them: with marks, odd line ends, holes and mistakes.

use super::read::read;
use super::sets::{SCHEMAS, load, load_own, own};
use super::*;
use crate::data::testing;
use crate::host::Interrupt;
use crate::testing::TestHost;
use kindling_protocol::event::EventBody;
use kindling_protocol::table::ColumnKind;

fn table(csv: &str) -> Result<Table, TableError> {
    read(csv.as_bytes(), Header::Detect, &Limits::DEFAULT)
}

fn numbers(column: &Column) -> Vec<f64> {
    match &column.values {
        Values::Numbers(numbers) => numbers.clone(),
        other => panic!("`{}` is no column of numbers but {other:?}", column.name),
    }
}

#[test]
fn one_table_in_every_form_is_the_same_table() {
    let plain = table("size,colour,class\n1.5,red,a\n-2e3,blue,b\n").unwrap();
    assert_eq!(plain.rows, 2);
    assert_eq!(numbers(&plain.columns[0]), [1.5, -2000.0]);
    let levels = vec!["blue".to_string(), "red".to_string()];
    assert_eq!(plain.columns[1].values, Values::Categories { levels, codes: vec![1, 0] });
    for other in [
        "\u{feff}size,colour,class\n1.5,red,a\n-2e3,blue,b\n",
        "size,colour,class\r\n1.5,red,a\r\n-2e3,blue,b\r\n",
        "size,colour,class\r1.5,red,a\r-2e3,blue,b",
        "size;colour;class\n1.5;red;a\n-2e3;blue;b",
        "size\tcolour\tclass\n1.5\tred\ta\n-2e3\tblue\tb\n\n\n",
        "\"size\",\"colour\",\"class\"\n\"1.5\",\"red\",\"a\"\n\"-2e3\",\"blue\",\"b\"\n",
        "size , colour , class\n 1.5, red, a\n -2.00E+03, blue, b\n",
    ] {
        assert_eq!(table(other).as_ref(), Ok(&plain), "{other:?}");
    }
}

#[test]
fn quotes_hold_separators_quotes_and_line_ends() {
    let read = table("text,n\n\"a, \"\"b\"\"\",1\n\"two\nlines\",2\n\"two\nlines\",3\n").unwrap();
    assert_eq!(
        (read.columns[0].values.show(0), read.columns[0].values.show(1)),
        ("a, \"b\"".into(), "two\nlines".into())
    );
    assert_eq!(read.rows, 3);
}

#[test]
fn a_header_is_told_from_data() {
    for (csv, names) in [
        ("a,b\n1,2\n", ["a", "b"]),
        ("1,2\n3,4\n", ["column 1", "column 2"]),
        (",b\n1,2\n", ["column 1", "b"]),
        ("x,y\nu,v\nu,w\n", ["x", "y"]),
        ("u,v\nu,w\nx,v\n", ["column 1", "column 2"]),
        ("?,red\n1,blue\n", ["column 1", "column 2"]),
    ] {
        let read = table(csv).unwrap();
        assert_eq!(read.columns.iter().map(|column| &column.name[..]).collect::<Vec<_>>(), names, "{csv:?}");
    }
    let given = read(b"1,2\n3,4\n", Header::Given(&["a", "b"]), &Limits::DEFAULT).unwrap();
    assert_eq!((given.rows, given.column("b")), (2, Some(1)));
    let twice = read(b"a,a\n1,2\n", Header::Given(&["a", "b"]), &Limits::DEFAULT).unwrap();
    assert_eq!(twice.rows, 2, "given names leave the first line alone");
}

#[test]
fn missing_cells_are_missing_in_both_kinds() {
    let read = table("n,k\n1,a\n?,\nNaN,NA\n,b\n4,?\n").unwrap();
    assert_eq!((read.columns[0].values.missing(5), read.columns[1].values.missing(5)), (3, 3));
    assert!(numbers(&read.columns[0])[2].is_nan());
    // Codes that are words for nothing only in part.
    assert_eq!(table("n,k\n1,none\n2,nan-1\n").unwrap().columns[1].values.missing(2), 0);
}

#[test]
fn each_fault_is_named_with_its_place() {
    let error = |csv: &str| table(csv).unwrap_err();
    assert_eq!(error(""), TableError::Empty);
    assert_eq!(error("\n\n"), TableError::Empty);
    assert_eq!(error("a,b\n"), TableError::Empty);
    assert_eq!(error("a\n1\n"), TableError::OneColumn);
    assert_eq!(error("a,b\n1,2\n1,2,3\n"), TableError::Ragged { line: 3, cells: 3, expected: 2 });
    assert_eq!(error("a,b\r\n\r\n1,2\r\n1\r\n"), TableError::Ragged { line: 4, cells: 1, expected: 2 });
    assert_eq!(error("PK\u{3}\u{4}"), TableError::NotText);
    assert_eq!(error("PK,age\n"), TableError::Empty, "a column of that name");
    assert_eq!(error("a,b\n1,\0\n"), TableError::NotText);
    let latin = read(b"a,b\n1,2\n3,caf\xe9\n", Header::Detect, &Limits::DEFAULT);
    assert_eq!(latin, Err(TableError::NotUtf8 { line: 3, column: 2 }));
    // A quote that is never closed swallows the rest: it shows as a cell that is too long, or a short row.
    let unclosed = format!("a,b\n1,\"x\n{}", "2,y\n".repeat(1000));
    assert!(matches!(error(&unclosed), TableError::Cell { line: 2, column: 2, .. }), "{:?}", error(&unclosed));

    let mut column: Vec<String> = (0..100).map(|number| format!("{number},a")).collect();
    column[41] = "forty,a".into();
    column.insert(0, "count,kind".into());
    let odd = error(&column.join("\n"));
    assert_eq!(odd, TableError::NoNumber { line: 43, column: 1, name: "count".into(), cell: "forty".into() });
    for part in ["Line 43", "column 1", "count", "forty", "expected"] {
        assert!(odd.to_string().contains(part), "{odd}");
    }
    column[42] = "inf,a".into();
    assert!(matches!(error(&column.join("\n")), TableError::NoNumber { line: 43, .. }));
}

#[test]
fn nothing_larger_than_its_bounds_is_kept() {
    let limits = Limits { bytes: 60, rows: 3, columns: 4, cell: 10 };
    let read = |csv: &str| read(csv.as_bytes(), Header::Detect, &limits).map(|table| table.rows);
    assert_eq!(read("a,b\n1,2\n1,2\n1,2\n"), Ok(3));
    assert_eq!(read("1,2\n1,2\n1,2\n"), Ok(3));
    assert_eq!(read("1,2\n1,2\n1,2\n1,2\n"), Err(TableError::Rows { limit: 3 }));
    assert_eq!(read("a,b\n1,2\n1,2\n1,2\n1,2\n"), Err(TableError::Rows { limit: 3 }));
    assert_eq!(read("1,2,3,4,5\n"), Err(TableError::Columns { line: 1, columns: 5, limit: 4 }));
    assert_eq!(read("a,b\n1,12345678901\n"), Err(TableError::Cell { line: 2, column: 2, bytes: 11, limit: 10 }));
    assert_eq!(read(&"1,2\n".repeat(16)), Err(TableError::TooLarge { bytes: 64, limit: 60 }));
}

#[test]
fn a_label_has_few_values_and_of_two_the_rarer_is_the_positive_one() {
    let table = table("n,k,id\n1,yes,u\n2,yes,v\n3,no,w\n4,,x\n").unwrap();
    let labels = Labels::of_column(&table, 1).unwrap();
    assert_eq!((labels.classes.join(" "), labels.of_row), ("yes no".into(), vec![Some(0), Some(0), Some(1), None]));
    assert_eq!(Labels::guess(&table).unwrap().column, 2);
    let many = (0..30).map(|row| format!("{row},{}\n", row % 2)).collect::<String>();
    let many = read(many.as_bytes(), Header::Detect, &Limits::DEFAULT).unwrap();
    let bad = TableError::BadLabel { column: 1, name: "column 1".into(), distinct: 30, most: 20 };
    assert_eq!(Labels::of_column(&many, 0), Err(bad));
    assert_eq!(Labels::of_column(&many, 5), Err(TableError::NoColumn { column: 6, columns: 2 }));
    assert_eq!(label::features(&many, 0), Ok(vec![1]));
    assert_eq!(label::features(&super::tests::table("a,b\n1,x\n1,y\n").unwrap(), 1), Err(TableError::NoFeature));
}

#[test]
fn a_split_deals_every_row_once_and_every_class_by_its_share() {
    let classes: Vec<u32> = (0..1000).map(|row| u32::from(row % 20 == 0)).collect();
    let rows: Vec<usize> = (0..1000).map(|row| 3 * row).collect();
    let split = Split::stratified(&rows, &classes, 0.2, 0.3, 7);
    assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (500, 200, 300));
    let rare = |part: &[usize]| part.iter().filter(|row| classes[**row / 3] == 1).count();
    assert_eq!((rare(&split.train), rare(&split.validation), rare(&split.test)), (25, 10, 15));
    let mut all = [split.train.clone(), split.validation.clone(), split.test.clone()].concat();
    all.sort_unstable();
    assert_eq!(all, rows);
    assert_ne!(Split::stratified(&rows, &classes, 0.2, 0.3, 8), split);
    assert_eq!(Split::stratified(&rows, &classes, 0.2, 0.3, 7), split);
    let few = Split::stratified(&[1, 2, 3, 4, 5, 6], &[0, 0, 0, 1, 1, 1], 0.01, 0.01, 1);
    assert_eq!((few.train.len(), few.validation.len(), few.test.len()), (2, 2, 2));
}

#[test]
fn an_encoder_knows_the_training_rows_alone() {
    let table = table("n,k\n1,a\n3,b\n,a\n1000,c\n5,\n").unwrap();
    let encoder = Encoder::fit(&table, &[0, 1], &[0, 1, 2]);
    assert_eq!(encoder.names(), ["n", "n: missing", "k = a", "k = b"]);
    assert_eq!(encoder.groups(), [0..2, 2..4]);
    // Mean 2 and deviation 1, of the training rows that have a number.
    let inputs = encoder.encode(&table, &[0, 1, 2, 3, 4]);
    let rows: Vec<&[f32]> = inputs.chunks(4).collect();
    assert_eq!(rows[..3], [[-1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]]);
    assert_eq!(rows[3..], [[998.0, 0.0, 0.0, 0.0], [3.0, 0.0, 0.0, 0.0]]);

    let wide: String = (0..400).map(|row| format!("{},k{}\n", row % 7, row % 40)).collect();
    let wide = read(wide.as_bytes(), Header::Detect, &Limits::DEFAULT).unwrap();
    let bounded = Encoder::fit(&wide, &[1], &(0..400).collect::<Vec<_>>());
    assert_eq!((bounded.width(), bounded.names()[30].as_str()), (31, "column 2: other"));
    let sums: Vec<f32> = bounded.encode(&wide, &[0, 39, 123]).chunks(31).map(|row| row.iter().sum()).collect();
    assert_eq!(sums, [1.0; 3], "every level has a place");
}

#[test]
fn without_the_files_a_table_stands_in_and_it_is_said() {
    let host = TestHost::default();
    let data = pollster::block_on(load(&host, "adult", 3)).unwrap();
    assert_eq!(data.source, "generated");
    assert_eq!(host.events.take(), [EventBody::Note { text: sets::STAND_IN }]);
    let all: Vec<usize> = (0..data.table.rows).collect();
    let rare = data.labels.counts(&all)[1] as f64 / data.table.rows as f64;
    assert!((rare - 0.05).abs() < 0.01, "{rare}");
    assert_eq!(data.labels.classes, ["common", "rare"]);
    let gone = pollster::block_on(load_own(&host, "00", 0));
    assert!(matches!(gone, Err(Interrupt::Fail { detail: None, .. })), "{gone:?}");
}

#[test]
fn the_learners_own_file_is_read_and_told() {
    let rows: String =
        (0..40).map(|row| format!("{},{},name{row},{}\n", row, row % 3, ["no", "yes"][row % 2])).collect();
    let data = own(format!("size,kind,name,bought\n{rows}").as_bytes(), 0).unwrap();
    assert_eq!((data.labels.column, &data.features[..]), (3, &[0, 1][..]));
    assert_eq!(own(b"a,b\n1,2\n", 0).unwrap_err(), TableError::NoLabel);
    let told = sets::inspect(format!("size,kind,name,bought\n{rows}").as_bytes()).unwrap();
    let kinds: Vec<ColumnKind> = told.columns.iter().map(|column| column.kind).collect();
    assert_eq!((told.rows, told.label, told.classes.join(" ")), (40, 3, "no yes".into()));
    let expected = [ColumnKind::Number, ColumnKind::Number, ColumnKind::Unused, ColumnKind::Category { levels: 2 }];
    assert_eq!(kinds, expected);
    let wrong = sets::inspect(b"a,b\n1,2\n3\n").unwrap_err();
    assert!(wrong.en.contains("line 3") && wrong.zh.contains("第 3 行"), "{wrong:?}");
    let host =
        TestHost { files: [("own/0f".to_string(), b"a,b\n1,x\n2,y\n3,x\n".to_vec())].into(), ..TestHost::default() };
    let data = pollster::block_on(load_own(&host, "0f", 0)).unwrap();
    assert_eq!((&data.source[..], data.table.rows, data.sums.len()), ("own", 3, 1));
    assert!(matches!(&host.events.take()[..], [EventBody::Note { text }] if text.en.contains("3 rows")));
    assert!(matches!(own(b"a,b\n1,2\n", 9).unwrap_err(), TableError::NoColumn { column: 9, .. }));
}

#[test]
fn every_schema_has_one_label_and_names_no_column_twice() {
    for schema in SCHEMAS {
        let labels = schema.columns.iter().filter(|column| column.role == sets::Role::Label).count();
        assert_eq!(labels, 1, "{}", schema.name);
        let mut names: Vec<&str> = schema.columns.iter().map(|column| column.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{}", schema.name);
    }
}

#[test]
fn the_published_sets_are_what_is_known_of_them() {
    let host = TestHost { files: testing::tables(), ..TestHost::default() };
    for (name, rows, features, classes, rarest) in [
        ("adult", 48_842, 13, "<=50K >50K", 11_687),
        ("breast-cancer", 699, 9, "benign malignant", 241),
        ("credit-default", 30_000, 23, "pays defaults", 6_636),
        ("mammography", 11_183, 6, "other calcification", 260),
        ("wine-quality", 6_497, 12, "3 4 5 6 7 8 9", 5),
    ] {
        let data = pollster::block_on(load(&host, name, 1)).unwrap();
        assert_eq!((&data.source[..], data.table.rows, data.features.len()), (name, rows, features));
        assert_eq!(data.labels.classes.join(" "), classes);
        let all: Vec<usize> = (0..rows).collect();
        assert_eq!(data.labels.counts(&all).last(), Some(&rarest), "{name}");
        assert_eq!(data.test.len(), if name == "adult" { 16_281 } else { 0 });
    }
}
