//! Small files that grow: each is refused, for its own reason, in a process that may have little memory.

mod common;
mod pdfs;

use kazasu_pki::pdf::{Damage, EarlierSignatures, Pdf, PdfError};
use lopdf::{Dictionary, Stream};
use pdfs::looked_at;
use std::path::Path;
use std::process::Command;

/// In kilobytes: the address space of the process that reads the bomb. The program itself takes some 100 000 of them.
const MEMORY: usize = 700_000;

const CATALOG: &str = "<</Pages 2 0 R/Type/Catalog>>";
const PAGES: &str = "<</Count 1/Kids[3 0 R]/Type/Pages>>";
const PAGE: &str = "<</MediaBox[0 0 300 300]/Parent 2 0 R/Type/Page>>";

// ---- a file under a table that is a stream

fn stream(entries: &str, content: &[u8], packed: bool) -> Vec<u8> {
    let mut stream = Stream::new(Dictionary::new(), content.to_vec());
    if packed {
        stream.compress().expect("packed");
    }
    let filter = if stream.dict.has(b"Filter") { "/Filter/FlateDecode" } else { "" };
    let head = format!("<<{entries}{filter}/Length {}>>\nstream\n", stream.content.len());
    [head.as_bytes(), &stream.content, b"\nendstream"].concat()
}

/// `objects` with their numbers from 1, `members` of the object stream in number 10, and `more` for the table's
/// dictionary.
fn file(objects: &[Vec<u8>], members: &[u32]) -> Vec<u8> {
    let mut file = b"%PDF-1.5\n".to_vec();
    let (mut index, mut rows) = (String::from("0 1 "), vec![0; 7]);
    let mut row = |number: u32, kind: u8, place: u32, last: u16| {
        index += &format!("{number} 1 ");
        rows.push(kind);
        rows.extend(place.to_be_bytes());
        rows.extend(last.to_be_bytes());
    };
    for (number, body) in (1_u32..).zip(objects) {
        row(number, 1, u32::try_from(file.len()).expect("a place"), 0);
        file.extend([format!("{number} 0 obj\n").as_bytes(), body, b"\nendobj\n"].concat());
    }
    for (place, member) in (0_u16..).zip(members) {
        row(*member, 2, 4, place);
    }
    let start = file.len();
    let table = stream(&format!("/Type/XRef/W[1 4 2]/Index[{index}]/Size 900000/Root 1 0 R"), &rows, false);
    file.extend([&b"900001 0 obj\n"[..], &table, b"\nendobj\n"].concat());
    file.extend(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    file
}

/// One object stream that holds this, behind its header.
fn packed(count: usize, header: &str, content: &[u8]) -> Vec<u8> {
    let entries = format!("/Type/ObjStm/N {count}/First {}", header.len());
    stream(&entries, &[header.as_bytes(), content].concat(), true)
}

fn with(body: Vec<u8>) -> Vec<u8> {
    file(&[CATALOG.into(), PAGES.into(), PAGE.into(), body], &[11])
}

/// A table that announces more than it has, or more than anybody has.
fn table(widths: &str, index: &str, content: &[u8], more: &str) -> Vec<u8> {
    let mut file = format!("%PDF-1.5\n1 0 obj\n{CATALOG}\nendobj\n").into_bytes();
    let start = file.len();
    let table = stream(&format!("/Type/XRef/W[{widths}]/Index[{index}]/Size 9/Root 1 0 R{more}"), content, true);
    file.extend([&b"2 0 obj\n"[..], &table, b"\nendobj\n"].concat());
    file.extend(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    file
}

// ---- all of them

/// Each with why it is refused.
fn bombs() -> Vec<(&'static str, PdfError, Vec<u8>)> {
    let malformed = |why| PdfError::Malformed { why };
    let zeros = |count: usize| ["[".as_bytes(), &b"0 ".repeat(count), b"]"].concat();
    let list = ["[", &"0 ".repeat(8_000), "]"].concat();
    let same = (11..30_000).fold(String::new(), |header, number| header + &format!("{number} 0 "));
    let ends = (0..95).fold(String::new(), |all, _| all + "%%EOF\n");
    let nested = (4..4_000)
        .rev()
        .fold(Vec::new(), |inner, number| [format!("{number} 0 obj\n(").as_bytes(), &inner, b")\nendobj\n"].concat());
    vec![
        ("twelve million numbers in 24 kilobytes", PdfError::TooLarge, with(packed(1, "11 0 ", &zeros(12_000_000)))),
        (
            "eight million lists",
            PdfError::TooLarge,
            with(packed(1, "11 0 ", &[b"[", &b"[]".repeat(8_000_000)[..], b"]"].concat())),
        ),
        ("nothing but blanks", PdfError::TooLarge, with(packed(1, "11 0 ", &b" ".repeat(70_000_000)))),
        (
            "one list that is thirty thousand objects",
            malformed(Damage::ObjectStream { number: 4 }),
            with(packed(29_989, &same, list.as_bytes())),
        ),
        ("six million numbers as they are", PdfError::TooLarge, with(zeros(6_000_000))),
        (
            "a table of four milliards of nothing",
            malformed(Damage::Table { at: 54 }),
            table("0 0 0", "0 4000000000", b"\0", ""),
        ),
        ("a table of eight million lines", PdfError::TooLarge, table("1 1 0", "0 8000000", &vec![0; 16_000_000], "")),
        (
            "a table in rows of two gigabytes",
            malformed(Damage::Packing),
            table("1 4 2", "0 1", &[0; 8], "/DecodeParms<</Predictor 12/Columns 2147483647>>"),
        ),
        ("many packed blanks", PdfError::TooLarge, {
            let blanks = packed(1, "11 0 ", &[&b" ".repeat(60_000_000)[..], b"0"].concat());
            let objects = [CATALOG.into(), PAGES.into(), PAGE.into()].into_iter();
            file(&objects.chain(std::iter::repeat_n(blanks, 5)).collect::<Vec<_>>(), &[])
        }),
        ("objects in each other", malformed(Damage::Within { at: 63 }), {
            let mut file = format!("%PDF-1.5\n1 0 obj\n{CATALOG}\nendobj\n").into_bytes();
            let places: Vec<_> = (4..4_000)
                .scan(file.len(), |at, number: u32| {
                    let here = *at;
                    *at += format!("{number} 0 obj\n(").len();
                    Some((number, here))
                })
                .collect();
            file.extend(nested);
            let start = file.len();
            let mut table = String::from("xref\n1 1\n0000000009 00000 n \n");
            for (number, place) in places {
                table += &format!("{number} 1\n{place:010} 00000 n \n");
            }
            file.extend(
                format!("{table}trailer\n<</Size 4000/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n{ends}").bytes(),
            );
            file
        }),
        ("ninety-five signatures that each claim a revision", PdfError::TooLarge, revisions(95, 90_000)),
    ]
}

/// A file of `values` numbers, and signatures each of which claims that the file ended at another line of its end.
fn revisions(count: u32, values: usize) -> Vec<u8> {
    let fields = (0..count).fold(String::new(), |all, n| all + &format!("{} 0 R ", 100 + n));
    let catalog = format!("<</Pages 2 0 R/Type/Catalog/AcroForm<</Fields[{fields}]>>>>");
    let mut objects =
        vec![(1, catalog), (2, PAGES.into()), (3, PAGE.into()), (4, format!("[{}]", "0 ".repeat(values)))];
    for n in 0..count {
        objects.push((100 + n, format!("<</FT/Sig/T(s{n})/V {} 0 R>>", 300 + n)));
        let range = format!("[0 5 10 @{n:07}]");
        let entries = format!("/Type/Sig/Filter/A/SubFilter/adbe.pkcs7.detached/ByteRange{range}/Contents<00>");
        objects.push((300 + n, format!("<<{entries}>>")));
    }
    objects.sort();
    let objects: Vec<_> = objects.iter().map(|(number, body)| (*number, body.as_str())).collect();
    let file = String::from_utf8_lossy(&pdfs::pdf(&objects, "")[15..]).into_owned();
    let mut file = format!("%PDF-1.7\n%{}\n{file}", "x".repeat(4)).into_bytes();
    let end = file.windows(9).rposition(|window| window == b"startxref").expect("its end");
    let last = file[end..].to_vec();
    for n in 0..count {
        file.extend(&last);
        let at = file.windows(8).position(|window| *window == *format!("@{n:07}").as_bytes()).expect("a range");
        let length = file.len() - 10;
        file[at..at + 8].copy_from_slice(format!("{length:08}").as_bytes());
    }
    file.extend(&last);
    file
}

#[test]
fn each_bomb_is_small_and_is_refused_within_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    for (what, why, bomb) in bombs() {
        assert!(bomb.len() < 13_000_000, "{what}: {} bytes", bomb.len());
        let path = folder.path().join("bomb.pdf");
        std::fs::write(&path, bomb).expect("written");
        let said = in_little_memory(&path);
        let refused: Vec<_> =
            said.lines().filter_map(|line| line.split_once("refused: ")).map(|(_, why)| why).collect();
        let why = format!("{why:?}");
        assert!(!refused.is_empty() && refused.iter().all(|refused| *refused == why), "{what}: {said}");
    }
}

/// What the test below says about a file.
fn in_little_memory(path: &Path) -> String {
    let program = std::env::current_exe().expect("this program");
    let run = Command::new("sh")
        .args(["-c", "ulimit -v \"$1\" && exec \"$0\" --exact refuses_the_file_that_it_is_given --ignored --nocapture"])
        .arg(program)
        .arg(MEMORY.to_string())
        .env("KAZASU_BOMB", path)
        .env("RUST_TEST_THREADS", "1")
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
    if run.status.success() { said } else { format!("{}: {said}", run.status).replace("refused: ", "") }
}

#[test]
#[ignore = "is run by the test above, in a process of its own"]
fn refuses_the_file_that_it_is_given() {
    let bomb = std::fs::read(std::env::var_os("KAZASU_BOMB").expect("a bomb")).expect("a file");
    let looked = looked_at(&bomb).and_then(|verified| verified.damage.map_or(Ok(()), Err));
    // Only whoever looks at signatures has to look at revisions.
    let revisions = pdfs::first(&bomb, b"/ByteRange").is_some();
    let opened = Pdf::open(bomb, EarlierSignatures::MayFail).map(|_| ());
    for refusal in [looked, opened] {
        match refusal {
            Err(error @ (PdfError::TooLarge | PdfError::Malformed { .. })) => println!("refused: {error:?}"),
            Ok(()) if revisions => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_is_refused_as_too_large_says_what_to_do() {
    let bomb = with(packed(1, "11 0 ", &["[".as_bytes(), &b"0 ".repeat(600_000), b"]"].concat()));
    let refused = Pdf::open(bomb, EarlierSignatures::MayFail).map(|_| ()).expect_err("a bomb");
    assert_eq!(refused, PdfError::TooLarge);
    assert!(refused.to_string().contains("Save it again"), "{refused}");
    // A little less is only a large file.
    let large = with(packed(1, "11 0 ", &["[".as_bytes(), &b"0 ".repeat(400_000), b"]"].concat()));
    assert!(Pdf::open(large, EarlierSignatures::MayFail).is_ok());
}
