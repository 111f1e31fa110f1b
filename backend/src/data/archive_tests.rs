//! Archives written here, whole and spoiled, and CIFAR-10 and 20 Newsgroups as they lie in the folder of data.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use kindling_protocol::api::DataState;

use super::archive::{ArchiveError, Inside, decode, records, unpack};
use super::cifar::{CLASSES, EACH, RECORD, SIDE};
use super::{Library, PartError, sets};

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A JPEG of one colour, in luma and chroma: only the first block of each component says anything.
fn jpeg(side: u16, [luma, blue, red]: [i32; 3]) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    let mut segment = |marker: u8, body: &[u8]| {
        file.extend([0xff, marker]);
        file.extend((body.len() as u16 + 2).to_be_bytes());
        file.extend(body);
    };
    segment(0xdb, &[&[0u8][..], &[1; 64]].concat());
    let [high, low] = side.to_be_bytes();
    segment(0xc0, &[8, high, low, high, low, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // Twelve lengths of four bits for the means; one bit for "nothing more" in a block.
    let lengths = |at: usize, count: u8| std::array::from_fn::<u8, 16, _>(|place| if place == at { count } else { 0 });
    segment(0xc4, &[&[0x00][..], &lengths(3, 12), &(0..12).collect::<Vec<u8>>()].concat());
    segment(0xc4, &[&[0x10][..], &lengths(0, 1), &[0]].concat());
    segment(0xda, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let mut bits = String::new();
    for block in 0..(side.div_ceil(8)).pow(2) {
        for mean in [luma, blue, red] {
            // A mean is eight times its level, and is told as the difference to the block before.
            let value = if block == 0 { 8 * (mean - 128) } else { 0 };
            let length = (i32::BITS - value.unsigned_abs().leading_zeros()) as usize;
            let coded = if value < 0 { value + (1 << length) - 1 } else { value };
            bits += &format!("{length:04b}");
            if length > 0 {
                bits += &format!("{coded:0length$b}");
            }
            bits.push('0');
        }
    }
    while !bits.len().is_multiple_of(8) {
        bits.push('1');
    }
    for byte in bits.as_bytes().chunks(8) {
        let byte = u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap();
        file.push(byte);
        if byte == 0xff {
            file.push(0);
        }
    }
    file.extend([0xff, 0xd9]);
    file
}

/// Name and content of a file in an archive.
type Member = (String, Vec<u8>);

const FILE: Inside = Inside::File { folder: "batches", name: "b.bin" };

#[test]
fn a_file_comes_out_of_an_archive_as_it_went_in() {
    for prefix in ["", "./"] {
        let names = ["batches/a.bin", "batches/b.bin"].map(|name| format!("{prefix}{name}"));
        let archive = gzip(&tar(&[(&names[0], &[1; 900]), (&names[1], &[2; 700])]));
        assert_eq!(unpack(&archive[..], FILE, 700).unwrap(), [2; 700]);
    }
}

#[test]
fn an_archive_that_is_not_what_it_should_be_is_refused() {
    let whole = tar(&[("batches/a.bin", &[1; 900]), ("batches/b.bin", &[2; 700])]);
    let fault = |archive: &[u8]| unpack(archive, FILE, 700).unwrap_err();
    assert!(
        matches!(fault(&gzip(&tar(&[("batches/a.bin", &[1; 9])]))), ArchiveError::Absent(name) if name == "batches/b.bin")
    );
    let other = fault(&gzip(&tar(&[("batches/b.bin", &[2; 701])]))).to_string();
    assert_eq!(other, "`batches/b.bin` has 701 bytes, expected 700");
    assert!(matches!(fault(b"no gzip at all"), ArchiveError::Unreadable(_)));
    assert!(matches!(fault(&gzip(&[7; 2_000])), ArchiveError::Unreadable(_)));
    // Cut in the archive, and cut before it was packed.
    let packed = gzip(&whole);
    for length in [0, 20, packed.len() / 2] {
        fault(&packed[..length]);
    }
    for length in [600, 1_300, 2_100] {
        fault(&gzip(&whole[..length]));
    }
}

#[test]
fn a_folder_becomes_its_files_in_order_and_one_that_is_not_whole_is_named() {
    const FOLDER: Inside = Inside::Folder("train/sci.med");
    // By name, 9 comes after 10; `sci.medicine` only begins like it.
    let files: &[(&str, &[u8])] = &[
        ("train/sci.med/9", b"caf\xe9"),
        ("train/sci.medicine/1", b"no"),
        ("test/sci.med/1", b"nor this"),
        ("train/sci.med/10", b""),
    ];
    let framed = b"\0\0\0\0\x04\0\0\0caf\xe9";
    let whole = tar(files);
    assert_eq!(unpack(&gzip(&whole)[..], FOLDER, framed.len() as u64).unwrap(), framed);

    let fault = |archive: &[u8], bytes: u64| unpack(&gzip(archive)[..], FOLDER, bytes).unwrap_err().to_string();
    assert_eq!(fault(&whole, 11), "`train/sci.med` has 12 bytes, expected 11");
    assert_eq!(fault(&whole, 13), "`train/sci.med` has 12 bytes, expected 13");
    assert_eq!(fault(&tar(&files[1..3]), 12), "`train/sci.med` is not in it");
    let twice = tar(&[files[0], files[0]]);
    assert_eq!(fault(&twice, 16), "`train/sci.med/9` is in it twice");
    for length in [100, 514, 2_100] {
        fault(&whole[..length], 12);
    }
    // A length that no machine could hold: nothing is asked of the memory.
    let mut huge = whole.clone();
    huge[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    let sum: u32 = huge[..148].iter().chain(&huge[156..512]).map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
    huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert!(fault(&huge, 12).contains("`train/sci.med` has 92233720368547"), "{}", fault(&huge, 12));
}

#[test]
fn a_jpeg_becomes_its_three_planes() {
    // Pure red, rounded.
    let red = jpeg(SIDE as u16, [76, 85, 255]);
    let mut planes = vec![0; RECORD - 1];
    decode(&red, &mut planes).unwrap();
    for (plane, expected) in planes.chunks(SIDE * SIDE).zip([254u8, 0, 0]) {
        assert!(plane.iter().all(|&value| value.abs_diff(expected) <= 2), "{:?}", &plane[..8]);
    }
    let refused = |jpeg: &[u8]| decode(jpeg, &mut vec![0; RECORD - 1]).unwrap_err();
    for length in 0..red.len() {
        refused(&red[..length]);
    }
    for side in [24, 40] {
        refused(&jpeg(side, [76, 85, 255]));
    }
    let mut spoiled = red.clone();
    // Where its size and its codes are told.
    spoiled[71..120].fill(0xa5);
    refused(&spoiled);
}

#[test]
fn pictures_become_records_with_all_classes_in_turn_and_a_bad_one_is_named() {
    let grey = |level: usize| jpeg(SIDE as u16, [level as i32, 128, 128]);
    let files: Vec<Member> = CLASSES
        .iter()
        .enumerate()
        .flat_map(|(class, name)| {
            [7, 8, 9].map(|number| (format!("train/{name}/{number:04}.jpg"), grey(10 * class + number)))
        })
        .chain([("test/cat/0007.jpg".to_string(), grey(200)), ("train/readme.txt".to_string(), vec![1; 40])])
        .collect();
    let read = |files: &[Member]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (&name[..], &bytes[..])).collect();
        records(tar::Archive::new(&tar(&files)[..]).entries().unwrap(), "train", 8, 2)
    };
    let found = read(&files).unwrap();
    assert_eq!(found.len(), 20 * RECORD);
    for (place, record) in found.chunks(RECORD).enumerate() {
        let (class, number) = (place % 10, 8 + place / 10);
        assert_eq!(usize::from(record[0]), class);
        assert!(record[1..].iter().all(|&pixel| usize::from(pixel).abs_diff(10 * class + number) <= 1), "at {place}");
    }

    let spoiled = |how: &dyn Fn(&mut Vec<Member>)| {
        let mut files = files.clone();
        how(&mut files);
        read(&files).unwrap_err().to_string()
    };
    let place = files.iter().position(|(name, _)| name == "train/frog/0009.jpg").unwrap();
    let told = [
        spoiled(&|files| drop(files.remove(place))),
        spoiled(&|files| files.push(files[place].clone())),
        spoiled(&|files| files[place].1.truncate(100)),
        spoiled(&|files| files[place].1.extend([0; 20_000])),
    ];
    for (told, what) in told.iter().zip(["is not in it", "twice", "cut short", "expected at most"]) {
        assert!(told.contains("train/frog/0009.jpg") && told.contains(what), "{told}");
    }
}

fn library() -> Library {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    Library::new(std::env::var_os("KINDLING_DATA").map_or_else(beside, PathBuf::from))
}

#[test]
fn twenty_newsgroups_have_all_their_messages_in_each_group_and_half() {
    let library = library();
    let set = sets::find("20newsgroups").unwrap();
    assert_eq!(library.describe(set).state, DataState::Present, "say with KINDLING_DATA where 20 Newsgroups is");
    let mut counts = [0, 0];
    for part in set.parts {
        let mut left = &library.read(&format!("{}/{}", set.name, part.name)).unwrap()[..];
        while let Some((length, rest)) = left.split_first_chunk() {
            let (message, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
            let headers = message.windows(2).position(|pair| pair == b"\n\n").expect("a blank line");
            assert!(message[..headers].windows(8).any(|word| word == b"Subject:"), "{}", part.name);
            counts[usize::from(part.name.starts_with("test-"))] += 1;
            left = rest;
        }
        assert!(left.is_empty());
    }
    assert_eq!(counts, [11_314, 7_532]);
}

#[test]
fn an_archive_that_was_packed_anew_must_be_one_that_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let set = sets::find("20newsgroups").unwrap();
    let library = Library::new(folder.path().into());
    std::fs::create_dir(folder.path().join(set.folder)).unwrap();
    let file = folder.path().join(set.folder).join(set.parts[0].file);
    for (bytes, _) in set.parts[0].pins() {
        for (bytes, what) in [(bytes + 1, "bytes, expected 14464277"), (bytes, "its sha256 is")] {
            std::fs::write(&file, vec![9; bytes as usize]).unwrap();
            let told = library.file(set, &set.parts[0]).unwrap_err().to_string();
            assert!(told.contains(what), "{told}");
        }
    }
}

/// Whichever edition lies in the folder of data: what others published of it, and what a decoder made of it once.
#[test]
fn cifar10_is_what_it_should_be_and_asked_for_together_it_is_unpacked_once() {
    let library = library();
    let here = ["cifar10", "cifar10-jpeg"].map(|name| sets::find(name).unwrap());
    let set = here.into_iter().find(|set| !library.lacks(set)).expect("say with KINDLING_DATA where CIFAR-10 is");
    let described = library.describe(set);
    assert_eq!((described.state, described.parts.len()), (DataState::Present, 6));
    let mut seen = 0;
    for part in set.parts {
        let bytes = library.read(&format!("{}/{}", set.name, part.name)).unwrap();
        assert_eq!(bytes.len(), CLASSES.len() * EACH * RECORD);
        let mut counts = [0; 10];
        bytes.chunks(RECORD).for_each(|record| counts[usize::from(record[0])] += 1);
        assert!(counts.iter().all(|&count| (850..=1_150).contains(&count)), "{}: {counts:?}", part.name);
        seen += counts.iter().sum::<usize>();
    }
    assert_eq!(seen, 60_000);
    let (held, part) = (library.file(set, &set.parts[5]).unwrap(), &set.parts[5]);
    let [one, other] = [(); 2].map(|()| match library.content(set, part, &held).unwrap() {
        super::Content::Whole(bytes) => bytes,
        super::Content::Stream(_) => panic!("it is in an archive"),
    });
    assert_eq!(one.as_ref().as_ptr(), other.as_ref().as_ptr());
    drop((one, other));
    assert!(
        library.unpacked.lock().unwrap().values().all(|bytes| bytes.strong_count() == 0),
        "nothing stays in memory"
    );
}

#[test]
fn an_archive_of_another_sum_is_refused_before_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let set = sets::find("cifar10-jpeg").unwrap();
    let part = &set.parts[0];
    std::fs::create_dir(folder.path().join("cifar10")).unwrap();
    let file = folder.path().join("cifar10").join(part.file);
    let library = Library::new(folder.path().into());
    assert!(matches!(library.file(set, part), Err(PartError::Missing { .. })));
    let told = library.fetch(set, &[], &mut |_| ()).unwrap_err().to_string();
    assert!(told.contains("nobody publishes") && told.contains(part.file), "{told}");
    for (bytes, what) in [(part.bytes - 1, "bytes"), (part.bytes, "sha256")] {
        std::fs::write(&file, vec![9; bytes as usize]).unwrap();
        let told = library.file(set, part).unwrap_err().to_string();
        assert!(told.contains(part.file) && told.contains(what), "{told}");
        assert!(library.read("cifar10-jpeg/train-1").is_err());
    }
}
