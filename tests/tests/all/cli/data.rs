//! `kindling data`: what is whole, what is not, and what can't be had.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use kindling_tests::data_dir;

use super::{all, closed_port, json, kindling, text};

#[test]
fn every_set_is_listed_with_its_licence() {
    let empty = tempfile::tempdir().expect("a folder");
    let folder = empty.path().to_string_lossy();
    let told = text(&kindling(&["data", "list", "--data-dir", &folder]).stdout);
    assert!(told.contains("mnist  not here") && told.contains("licence: "), "{told}");
    let sets = json(&kindling(&["data", "list", "--json", "--data-dir", &folder]));
    let sets = sets.as_array().expect("a list");
    assert!(sets.iter().all(|set| set["state"] == "missing" && set["licence"] != ""), "{sets:?}");
    for name in [
        "20newsgroups",
        "adult",
        "cifar10",
        "cifar10-jpeg",
        "credit-default",
        "fashion-mnist",
        "mammography",
        "mnist",
        "wine-quality",
    ] {
        assert!(sets.iter().any(|set| set["name"] == name), "{name} is not listed");
    }
}

#[test]
fn a_whole_set_is_whole_and_each_bad_file_is_named_with_what_is_wrong() {
    let data = data_dir();
    let whole = kindling(&["data", "verify", "mnist", "--data-dir", &data.to_string_lossy()]);
    assert!(whole.status.success(), "{}", all(&whole));
    assert_eq!(text(&whole.stdout).matches(": whole").count(), 4, "{}", all(&whole));

    let copy = tempfile::tempdir().expect("a folder");
    let folder = copy.path().join("mnist");
    fs::create_dir(&folder).expect("made");
    for entry in fs::read_dir(data.join("mnist")).expect("MNIST") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), folder.join(entry.file_name())).expect("copied");
    }
    let spoil = |name: &str, how: fn(&mut Vec<u8>)| {
        let path = folder.join(name);
        let mut bytes = fs::read(&path).expect("a file");
        how(&mut bytes);
        // A new file: what was copied may be read-only.
        fs::remove_file(&path).expect("removed");
        fs::write(&path, bytes).expect("written");
    };
    spoil("t10k-images-idx3-ubyte.gz", |bytes| bytes[100_000] ^= 1);
    spoil("train-labels-idx1-ubyte.gz", |bytes| bytes.truncate(20_000));
    fs::remove_file(folder.join("t10k-labels-idx1-ubyte.gz")).expect("removed");

    let copied = copy.path().to_string_lossy().into_owned();
    let spoiled = kindling(&["data", "verify", "mnist", "--data-dir", &copied]);
    assert!(!spoiled.status.success());
    let told = text(&spoiled.stdout);
    for line in [
        "mnist/train-images-idx3-ubyte.gz: whole",
        "mnist/train-labels-idx1-ubyte.gz: it has 20000 bytes, expected 28881",
        "mnist/t10k-images-idx3-ubyte.gz: its sha256 is",
        "mnist/t10k-labels-idx1-ubyte.gz: is not here",
    ] {
        assert!(told.contains(line), "no `{line}` in:\n{told}");
    }
    let checked = json(&kindling(&["data", "verify", "mnist", "--json", "--data-dir", &copied]));
    let bad = checked.as_array().expect("a list").iter().filter(|file| file["ok"] == false).count();
    assert_eq!(bad, 3, "{checked}");

    let refused = kindling(&["train", "digits", "--data-dir", &copied]);
    let said = text(&refused.stderr);
    assert!(!refused.status.success() && said.contains("train-labels-idx1-ubyte.gz is damaged"), "{said}");
}

#[test]
fn tables_are_whole_as_published_and_as_gzip() {
    let data = data_dir();
    let tables = ["adult", "breast-cancer", "credit-default", "mammography", "wine-quality"];
    let verify = |folder: &Path| {
        let folder = folder.to_string_lossy().into_owned();
        kindling(&[&["data", "verify", "--data-dir", &folder], &tables[..]].concat())
    };
    let whole = verify(&data);
    assert!(whole.status.success(), "{}", all(&whole));
    assert_eq!(text(&whole.stdout).matches(": whole").count(), 7, "{}", all(&whole));

    // What is packed there, plain here; and the other way round.
    let copy = tempfile::tempdir().expect("a folder");
    let folder = copy.path().join("tabular");
    fs::create_dir(&folder).expect("made");
    for entry in fs::read_dir(data.join("tabular")).expect("tables") {
        let entry = entry.expect("an entry");
        let (name, bytes) = (entry.file_name().into_string().expect("a name"), fs::read(entry.path()).expect("bytes"));
        let (name, bytes) = match name.strip_suffix(".gz") {
            Some(plain) => (plain.to_string(), inflate(&bytes)),
            None => (format!("{name}.gz"), deflate(&bytes)),
        };
        fs::write(folder.join(name), bytes).expect("written");
    }
    let whole = verify(copy.path());
    assert!(whole.status.success(), "{}", all(&whole));

    fs::write(folder.join("winequality-red.csv.gz"), deflate(b"7.4,0.7,0")).expect("written");
    fs::write(folder.join("mammography.csv"), b"0.23,5.07").expect("written");
    let spoiled = verify(copy.path());
    let told = text(&spoiled.stdout);
    assert!(!spoiled.status.success());
    for line in ["winequality-red.csv: it holds 9 bytes", "mammography.csv: it has 9 bytes, expected 827904"] {
        assert!(told.contains(line), "no `{line}` in:\n{told}");
    }
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("gzip");
    plain
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("packed")
}

#[test]
fn an_archive_is_one_file_and_what_nobody_publishes_says_where_it_belongs() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_string_lossy().into_owned();
    let listed = text(&kindling(&["data", "list", "--data-dir", &data]).stdout);
    assert!(listed.contains("cifar10  not here, 170.1 MB") && listed.contains("CIFAR-10 (JPEG)"), "{listed}");

    let refused = kindling(&["data", "fetch", "cifar10-jpeg", "--data-dir", &data]);
    let said = text(&refused.stderr);
    let place = Path::new("cifar10").join("cifar10-jpeg.tar.gz");
    assert!(!refused.status.success() && said.contains(&*place.to_string_lossy()), "{said}");

    for (place, name, set) in [
        ("cifar10", "cifar-10-binary.tar.gz", "cifar10"),
        ("cifar10", "cifar10-jpeg.tar.gz", "cifar10-jpeg"),
        ("20newsgroups", "20news-bydate.tar.gz", "20newsgroups"),
    ] {
        fs::create_dir_all(folder.path().join(place)).expect("made");
        fs::write(folder.path().join(place).join(name), [7; 900]).expect("written");
        let verified = kindling(&["data", "verify", set, "--data-dir", &data]);
        let told = text(&verified.stdout);
        assert!(!verified.status.success() && told.lines().count() == 1, "{told}");
        assert!(told.contains(&format!("{place}/{name}: it has 900 bytes, expected")), "{told}");
    }
}

#[test]
fn a_mirror_that_does_not_answer_is_named_and_nothing_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mirror = format!("http://127.0.0.1:{}", closed_port());
    let failed =
        kindling(&["data", "fetch", "mnist", "--mirror", &mirror, "--data-dir", &folder.path().to_string_lossy()]);
    let said = text(&failed.stderr);
    assert!(!failed.status.success() && said.contains(&format!("{mirror}/train-images-idx3-ubyte.gz")), "{said}");
    assert_eq!(files_below(folder.path()), 0, "nothing half-written is kept");
}

fn files_below(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
