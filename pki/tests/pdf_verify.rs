//! Whatever is done to a signed PDF is found, and has its own reason.

mod common;
mod pdfs;

use common::{CardKey, reissued, today, with_key};
use kazasu_pki::finding::Conclusion;
use kazasu_pki::pdf::{EarlierSignatures, Pdf, PdfError, Profile};
use kazasu_pki::{Check, Outcome, Reason, Signing, TransientCertificate, UserAuthentication, WhyNot};
use pdfs::*;
use std::time::Duration;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};

fn good() -> Vec<u8> {
    signed(&classic(), Profile::Registry)
}

fn first_of(file: &[u8]) -> kazasu_pki::pdf::Signature {
    looked_at(file).expect("a file that can be read").signatures.swap_remove(0)
}

/// It cannot be read, or something fails; never everything that was asked.
fn is_noticed(file: &[u8]) -> bool {
    let Ok(verified) = looked_at(file) else { return true };
    let mut conclusions = verified.signatures.iter().map(|s| s.findings.conclusion(&[Check::Revocation]));
    conclusions.any(|conclusion| matches!(conclusion, Conclusion::Fails(..)))
}

// ---- a byte

/// Of a file that was signed once: a table that fails, with the bytes that are not the signed ones any more.
fn is_named(file: &[u8], at: usize, what: &str) {
    let verified = looked_at(file).unwrap_or_else(|error| panic!("{what}: {error}"));
    for signature in &verified.signatures {
        let conclusion = signature.findings.conclusion(Check::ALL);
        assert!(matches!(conclusion, Conclusion::Fails(..)), "{what}: {:?}", signature.findings);
    }
    let mut changed = verified.signatures.iter().flat_map(|signature| &signature.changed);
    assert!(changed.any(|range| range.contains(&at)), "{what}: {:?}", verified.signatures[0].findings);
}

fn one_byte_changes_anywhere_in(good: &[u8]) {
    let gap = first_of(good).ranges.expect("ranges").gap;
    for at in (0..good.len()).filter(|at| !gap.contains(at)) {
        for with in [0x01, 0x20, 0x80].into_iter().take(if at % 3 == 0 { 3 } else { 1 }) {
            let mut bad = good.to_vec();
            bad[at] ^= with;
            is_named(&bad, at, &format!("byte {at}, {:?} to {:?}", good[at] as char, bad[at] as char));
        }
    }
}

#[test]
fn one_byte_changed_anywhere_in_the_signed_ranges_fails_and_is_named() {
    one_byte_changes_anywhere_in(&good());
}

#[test]
fn one_byte_changed_anywhere_under_a_table_that_is_a_stream_fails_and_is_named() {
    one_byte_changes_anywhere_in(&signed(&with_streams(), Profile::Pades));
}

#[test]
fn one_byte_changed_in_what_a_second_signature_added_fails_and_is_named() {
    let once = good();
    let twice = signed(&once, Profile::Pades);
    let gap = looked_at(&twice).expect("findings").signatures[1].ranges.clone().expect("ranges").gap;
    for at in (once.len()..twice.len()).filter(|at| !gap.contains(at)).step_by(4) {
        let mut bad = twice.clone();
        bad[at] ^= 1;
        let verified = looked_at(&bad).expect("findings");
        assert!(is_noticed(&bad), "byte {at}");
        let mut changed = verified.signatures.iter().flat_map(|signature| &signature.changed);
        assert!(changed.any(|range| range.contains(&at)), "byte {at}");
        // The first one is what it was.
        let first = verified
            .signatures
            .iter()
            .find(|signature| signature.ranges.as_ref().is_some_and(|ranges| ranges.end() == once.len()));
        let digest = first.and_then(|first| first.findings.of(Check::ContentDigest));
        assert_eq!(digest, Some(Outcome::Holds), "byte {at}");
    }
}

#[test]
fn the_place_of_a_signature_that_is_damaged_is_still_named() {
    let good = good();
    let ranges = first_of(&good).ranges.expect("ranges");
    let gap = ranges.gap.clone();
    for at in [gap.start, gap.start + 1, gap.start + 2, gap.start + 500, gap.end - 2, gap.end - 1] {
        for with in [0x01, 0x10, 0x80] {
            let mut bad = good.clone();
            bad[at] ^= with;
            let verified = looked_at(&bad).expect("findings");
            assert!(
                verified
                    .signatures
                    .iter()
                    .all(|signature| { matches!(signature.findings.conclusion(Check::ALL), Conclusion::Fails(..)) })
            );
            assert!(
                verified.signatures.iter().any(|signature| signature.ranges.as_ref() == Some(&ranges)),
                "byte {at}"
            );
        }
    }
}

#[test]
fn of_a_file_that_was_cut_off_the_byte_range_is_told_as_it_stands_and_nothing_is_said_to_have_changed() {
    for good in [good(), signed(&with_streams(), Profile::Pades), signed(&good(), Profile::Pades)] {
        let ranges = looked_at(&good).expect("findings").signatures.swap_remove(0).ranges.expect("ranges");
        let last = looked_at(&good).expect("findings").signatures.pop().expect("a signature").ranges.expect("ranges");
        for end in [last.gap.start + 2_000, last.gap.end, last.gap.end + 5, good.len() - 7] {
            let verified = looked_at(&good[..end]).expect("findings");
            let cut = verified.signatures.iter().find(|signature| signature.ranges.as_ref() == Some(&last));
            let cut = cut.unwrap_or_else(|| panic!("cut off at {end} of {}", good.len()));
            fails(cut, Check::PdfByteRange, Reason::ByteRange);
            assert!(verified.signatures.iter().all(|signature| signature.changed.is_empty()), "{end}");
            assert!(verified.signatures.iter().any(|signature| signature.ranges.as_ref() == Some(&ranges)), "{end}");
        }
    }
}

#[test]
fn one_digit_changed_anywhere_in_the_signature_is_noticed() {
    let good = good();
    let gap = first_of(&good).ranges.expect("ranges").gap;
    for at in gap.step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(is_noticed(&bad), "byte {at}");
    }
}

#[test]
fn where_a_file_changed_is_told_as_near_as_its_signatures_tell() {
    let once = good();
    let twice = signed(&once, Profile::Pades);
    let text = first(&twice, b"100 yen").expect("the text");
    let mut early = twice.clone();
    early[text] = b'9';
    let verified = looked_at(&early).expect("findings");
    for signature in &verified.signatures {
        fails(signature, Check::ContentDigest, Reason::Changed);
        assert!(signature.changed.iter().any(|range| range.contains(&text)));
        assert_eq!(signature.changed[0].start, 0);
    }
    // In what the second signature added: the first one holds, and the change is behind it.
    let mut late = twice.clone();
    let at = last(&late, b"(D:2026").expect("a date") + 9;
    late[at] = b'1';
    let verified = looked_at(&late).expect("findings");
    assert_eq!(verified.signatures[0].findings.of(Check::ContentDigest), Some(Outcome::Holds));
    fails(&verified.signatures[1], Check::ContentDigest, Reason::Changed);
    let changed = &verified.signatures[1].changed;
    assert!(changed.iter().any(|range| range.contains(&at)));
    let gap = verified.signatures[0].ranges.clone().expect("ranges").gap;
    assert!(changed.iter().all(|range| *range == gap || range.start >= once.len()), "{changed:?}");
}

// ---- what is added later

fn added(objects: &[(u32, &str)]) -> kazasu_pki::pdf::Signature {
    let good = good();
    let file = edited(&good, objects);
    let signature = first_of(&file);
    assert_eq!(signature.findings.of(Check::ContentDigest), Some(Outcome::Holds));
    assert_eq!(signature.later.len(), 1);
    assert_eq!(signature.later[0].range, good.len()..file.len());
    assert_eq!(looked_at(&file).expect("findings").unsigned, good.len()..file.len());
    signature
}

#[test]
fn other_words_on_the_page_are_found_and_named_by_their_object_and_their_bytes() {
    let text = "<</Length 48>>\nstream\nBT /F 18 Tf 20 100 Td (I owe you 900 yen.) Tj ET\nendstream";
    let signature = added(&[(4, text)]);
    fails(&signature, Check::PdfLaterChanges, Reason::ChangedLater);
    assert_eq!(signature.later[0].objects, [4]);
}

#[test]
fn an_annotation_a_page_a_font_an_action_and_a_thing_that_was_missing_are_found() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[";
    let note = format!("{page}6 0 R 30 0 R]>>");
    let moved = format!("{page}6 0 R]/Rotate 90>>");
    let dropped = format!("{page}]>>");
    let changes: [(&str, &[(u32, &str)]); 7] = [
        ("a note", &[(3, &note), (30, "<</Type/Annot/Subtype/FreeText/Rect[0 0 300 200]/Contents(900 yen)>>")]),
        ("a page", &[(2, "<</Type/Pages/Kids[3 0 R 30 0 R]/Count 2>>"), (30, "<</Type/Page/Parent 2 0 R>>")]),
        ("a font", &[(5, "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>")]),
        (
            "an action",
            &[(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/OpenAction 30 0 R>>"), (30, "<</S/JavaScript/JS(x)>>")],
        ),
        ("a turn", &[(3, &moved)]),
        ("an annotation taken away", &[(3, &dropped)]),
        (
            "another catalog",
            &[(1, "<</Type/Catalog/Pages 30 0 R/AcroForm 22 0 R>>"), (30, "<</Type/Pages/Kids[3 0 R]/Count 1>>")],
        ),
    ];
    for (what, objects) in changes {
        let signature = added(objects);
        assert_eq!(
            signature.findings.of(Check::PdfLaterChanges),
            Some(Outcome::Fails(Reason::ChangedLater)),
            "{what}: {:?}",
            signature.later
        );
    }
    let page =
        (3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents[4 0 R 19 0 R]/Resources<</Font<</F 5 0 R>>>>>>");
    let good = signed(&pdf(&[CATALOG, PAGES, page, TEXT, FONT], ""), Profile::Registry);
    let text = "<</Length 48>>\nstream\nBT /F 18 Tf 20 100 Td (I owe you 900 yen.) Tj ET\nendstream";
    let signature = first_of(&edited(&good, &[(19, text)]));
    fails(&signature, Check::PdfLaterChanges, Reason::ChangedLater);
    assert_eq!(signature.later[0].objects, [19]);
}

#[test]
fn a_table_that_leads_to_other_bytes_of_the_signed_ones_is_found() {
    // The other text lies in the signed file from the beginning; nobody leads to it until later.
    let hidden = (4, "<</Length 48>>\nstream\nBT /F 18 Tf 20 100 Td (I owe you 900 yen.) Tj ET\nendstream");
    let file = pdf(&[CATALOG, PAGES, PAGE, hidden, FONT], "");
    let shown = (4, "<</Length 48>>\nstream\nBT /F 18 Tf 20 100 Td (I owe you 100 yen.) Tj ET\nendstream");
    let good = signed(&edited(&file, &[shown]), Profile::Registry);
    let mut bad = good.clone();
    let start = bad.len();
    let place = first(&bad, b"4 0 obj").expect("the hidden one");
    let table = format!(
        "xref\n4 1\n{place:010} 00000 n \ntrailer\n<</Size 30/Root 1 0 R/Prev {}>>\nstartxref\n{start}\n%%EOF\n",
        start_of_the_last_table(&good)
    );
    bad.extend_from_slice(table.as_bytes());
    let signature = first_of(&bad);
    fails(&signature, Check::PdfLaterChanges, Reason::ChangedLater);
    assert_eq!(signature.later[0].objects, [4]);
}

#[test]
fn bytes_behind_the_end_that_no_table_knows_are_found_and_an_empty_line_is_none() {
    let mut file = good();
    file.extend_from_slice(b"4 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n");
    let start = start_of_the_last_table(&file);
    file.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    let signature = first_of(&file);
    fails(&signature, Check::PdfLaterChanges, Reason::ChangedLater);
    assert!(signature.later[0].loose);
    let mut file = good();
    file.extend_from_slice(b"\r\n");
    assert_eq!(conclusions(&file), [Conclusion::EverythingAsked]);
}

#[test]
fn bytes_behind_the_end_that_no_table_knows_stay_found_when_somebody_signs_again() {
    let junk = |file: &mut Vec<u8>| {
        let start = start_of_the_last_table(file);
        file.extend_from_slice(b"4 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n");
        file.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    };
    for file in [good(), signed(&with_streams(), Profile::Pades)] {
        let mut words = file.clone();
        words.extend_from_slice(b"words\n");
        fails(&first_of(&words), Check::PdfLaterChanges, Reason::ChangedLater);
        let signature = first_of(&signed(&words, Profile::Pades));
        fails(&signature, Check::PdfLaterChanges, Reason::ChangedLater);
        assert!(signature.later[0].loose);
        // What looks like an object is not signed at all.
        let mut object = file.clone();
        junk(&mut object);
        fails(&first_of(&object), Check::PdfLaterChanges, Reason::ChangedLater);
        assert!(matches!(Pdf::open(object, EarlierSignatures::MayFail), Err(PdfError::Malformed { .. })));
    }
    let mut blank = good();
    blank.extend_from_slice(b"\r\n");
    assert_eq!(conclusions(&signed(&blank, Profile::Pades)), [Conclusion::EverythingAsked; 2]);
}

#[test]
fn a_field_that_is_filled_in_later_is_found() {
    let good = signed(&with_form(), Profile::Registry);
    let field = (6, "<</Type/Annot/Subtype/Widget/FT/Tx/T(Signature1)/V(no)/Rect[10 10 60 30]/F 4>>");
    let signature = first_of(&edited(&good, &[field]));
    fails(&signature, Check::PdfLaterChanges, Reason::ChangedLater);
    assert_eq!(signature.later[0].objects, [6]);
}

#[test]
fn a_program_may_note_that_it_wrote_last_and_nothing_else_about_the_document() {
    let trailer = "/Info 6 0 R";
    let information = (6, "<</Title(Contract)/Producer(one)>>");
    let mut file = pdf(&[CATALOG, PAGES, PAGE, TEXT, FONT, information], trailer);
    file = signed(&file, Profile::Registry);
    let later = |objects: &[(u32, &str)]| {
        let mut edited = file.clone();
        revision(&mut edited, objects, trailer, Some(start_of_the_last_table(&file)));
        first_of(&edited).findings.of(Check::PdfLaterChanges)
    };
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/Version/2.0>>";
    let noted = "<</Title(Contract)/Producer(two)/ModDate(D:20261120)>>";
    assert_eq!(later(&[(1, catalog), (6, noted)]), Some(Outcome::NotChecked(WhyNot::AddedLater)));
    let renamed = "<</Title(Gift)/Producer(one)>>";
    assert_eq!(later(&[(6, renamed)]), Some(Outcome::Fails(Reason::ChangedLater)));
}

/// Objects that are two things at once in a file that was prepared for it, so that a change which a signature needs
/// shows elsewhere.
#[test]
fn a_change_of_an_object_that_has_a_second_role_is_found() {
    type Change<'c> = &'c dyn Fn(&[u8]) -> Vec<(u32, String)>;
    const SHOWS: &str = "/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</Font<</F 5 0 R>>>>";
    let text = |words: &str| {
        let stream = format!("BT /F 18 Tf 20 100 Td ({words}) Tj ET");
        format!("<<{SHOWS}/Length {}>>\nstream\n{stream}\nendstream", stream.len())
    };
    let (hundred, thousands) = (text("I owe you 100 yen."), text("I owe you 9000 yen."));
    let page = |rest: &str| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R{rest}>>");
    let draws = |name: &str| {
        let stream = format!("q /{name} Do Q");
        format!("<</Length {}>>\nstream\n{stream}\nendstream", stream.len())
    };
    let found = |objects: &[(u32, &str)], trailer: &str, change: Change<'_>| {
        let file = signed(&pdf(objects, trailer), Profile::Registry);
        let change = change(&file);
        let change: Vec<_> = change.iter().map(|(number, body)| (*number, body.as_str())).collect();
        let mut later = file.clone();
        revision(&mut later, &change, trailer, Some(start_of_the_last_table(&file)));
        fails(&first_of(&later), Check::PdfLaterChanges, Reason::ChangedLater);
    };
    // What the signature made of an object, to be changed further.
    let now = |file: &[u8], number: u32| {
        let at = last(file, format!("\n{number} 0 obj").as_bytes()).expect("the object") + 7;
        let body = &file[at + number.to_string().len()..];
        String::from_utf8_lossy(&body[..first(body, b"endobj").expect("its end")]).trim().to_owned()
    };

    let producer = draws("Producer");
    let info_page = page("/Resources<</XObject 6 0 R/Font<</F 5 0 R>>>>");
    let objects = [CATALOG, PAGES, (3, &*info_page), (4, &*producer), FONT, (6, "<</Producer 7 0 R>>"), (7, &*hundred)];
    found(&objects, "/Info 6 0 R", &|_| vec![(6, "<</Producer 40 0 R>>".to_owned()), (40, thousands.clone())]);

    let extensions = draws("Extensions");
    let catalog_page = page("/Resources<</XObject 1 0 R/Font<</F 5 0 R>>>>");
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/Extensions 7 0 R>>");
    let objects = [catalog, PAGES, (3, &*catalog_page), (4, &*extensions), FONT, (7, &*hundred)];
    found(&objects, "", &|file| vec![(1, now(file, 1).replace("7 0 R", "40 0 R")), (40, thousands.clone())]);

    let x = draws("X");
    let form_page = page("/Resources 6 0 R");
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>");
    let form = (6, "<</Fields[]/XObject<</X 7 0 R>>/Font<</F 5 0 R>>>>");
    let objects = [catalog, PAGES, (3, &*form_page), (4, &*x), FONT, form, (7, &*hundred)];
    found(&objects, "", &|file| {
        let form = now(file, 6);
        vec![
            (1, now(file, 1).replace("6 0 R", "41 0 R")),
            (6, form.replace("7 0 R", "40 0 R")),
            (40, thousands.clone()),
            (41, form),
        ]
    });
}

/// Programs that find a table wrong look for objects themselves, and each finds others: what is signed must not depend
/// on who reads.
#[test]
fn a_table_that_programs_read_in_different_ways_is_refused() {
    let good = good();
    for (table, what) in [
        ("xref\n50 3\n0000000000 00000 n \n", "more announced than there are"),
        ("xref\n4 1\n0000000015 00000 n \n4 1\n0000000015 00000 n \n", "one object twice"),
        ("xref\n4 0\n0000000015 00000 n \n", "one more than announced"),
    ] {
        let mut file = good.clone();
        let start = file.len();
        let previous = start_of_the_last_table(&good);
        file.extend_from_slice(
            format!("{table}trailer\n<</Size 60/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
        );
        let seen = looked_at(&file).expect("findings");
        assert!(matches!(seen.damage, Some(PdfError::Malformed { .. })), "{what}");
        fails(&seen.signatures[0], Check::PdfStructure, Reason::Structure);
        assert_eq!(seen.signatures[0].findings.of(Check::ContentDigest), Some(Outcome::Holds), "{what}");
        assert_eq!(seen.unsigned, good.len()..file.len());
        assert!(
            matches!(Pdf::open(file, EarlierSignatures::MayFail).map(|_| ()), Err(PdfError::Malformed { .. })),
            "{what}"
        );
    }
}

/// The file with one more signature behind it whose field has an extent, as other programs make them.
fn with_a_visible_signature() -> Vec<u8> {
    let (mut file, place) = prepared(&good(), Profile::Registry);
    let at = last(&file, b"/Rect[0 0 0 0]").expect("a rectangle");
    file[at..at + 14].copy_from_slice(b"/Rect[0 0 9 9]");
    let signed = [&file[..place.start], &file[place.end..]].concat();
    forge(&mut file, place, &signed);
    file
}

#[test]
fn a_later_signature_that_draws_on_a_page_is_told_of() {
    let verified = looked_at(&with_a_visible_signature()).expect("findings");
    fails(&verified.signatures[0], Check::PdfLaterChanges, Reason::DrawnOverLater);
    let second = &verified.signatures[1];
    assert_eq!(second.findings.conclusion(&[Check::Revocation]), Conclusion::EverythingAsked);
}

#[test]
fn a_field_that_was_waiting_takes_its_signature_without_harm_to_the_others() {
    let good = signed(&with_form_apart(), Profile::Registry);
    // The empty field gets a value, and nothing else changes.
    let (mut file, _) = prepared(&good, Profile::Registry);
    file.truncate(good.len());
    let widget = "<</Type/Annot/Subtype/Widget/FT/Sig/T(hand)/Parent 6 0 R/Rect[10 10 60 30]/F 4/P 3 0 R/V 31 0 R>>";
    let empty = format!(
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange [{}]/Contents <{}>>>",
        " ".repeat(40),
        "0".repeat(12_000)
    );
    revision(&mut file, &[(10, widget), (31, &empty)], "", Some(start_of_the_last_table(&good)));
    let start = last(&file, b"/Contents <").expect("a place") + 10;
    let end = start + 12_002;
    let numbers = format!("[0 {start} {end} {}]", file.len() - end);
    put_byte_range(&mut file, &numbers);
    let all_but = [&file[..start], &file[end..]].concat();
    forge(&mut file, start..end, &all_but);
    let under = Conclusion::NotEverything(Check::PdfLaterChanges, WhyNot::AddedLater);
    assert_eq!(conclusions(&file), [Conclusion::EverythingAsked, under]);
    assert_eq!(looked_at(&file).expect("findings").signatures.iter().filter(|s| s.field == "buyer.hand").count(), 1);
}

// ---- ByteRange and Contents

/// Signed over a ByteRange of the forger's choice: the CMS is right about it.
fn with_byte_range(choose: impl FnOnce(usize, usize, usize) -> [usize; 4]) -> kazasu_pki::pdf::Signature {
    let (mut file, place) = prepared(&classic(), Profile::Registry);
    let [from, length, then, rest] = choose(place.start, place.end, file.len());
    put_byte_range(&mut file, &format!("[{from} {length} {then} {rest}]"));
    let piece = |from: usize, length: usize| file[from.min(file.len())..(from + length).min(file.len())].to_vec();
    let signed = [piece(from, length), piece(then, rest)].concat();
    forge(&mut file, place, &signed);
    first_of(&file)
}

#[test]
fn a_byte_range_that_ends_early_starts_late_overlaps_leaves_out_more_or_leaves_the_file_is_found() {
    let right = with_byte_range(|open, close, end| [0, open, close, end - close]);
    assert_eq!(right.findings.conclusion(&[Check::Revocation]), Conclusion::EverythingAsked);
    let short = with_byte_range(|open, close, end| [0, open, close, end - close - 30]);
    fails(&short, Check::PdfByteRange, Reason::ByteRangeShort);
    let late = with_byte_range(|open, close, end| [1, open - 1, close, end - close]);
    fails(&late, Check::PdfByteRange, Reason::ByteRange);
    let overlapping = with_byte_range(|open, _, end| [0, open, open - 5, end - open + 5]);
    fails(&overlapping, Check::PdfByteRange, Reason::ByteRange);
    let beyond = with_byte_range(|open, close, end| [0, open, close, end - close + 1]);
    fails(&beyond, Check::PdfByteRange, Reason::ByteRange);
    for [before, behind] in [[1, 0], [0, 1], [12, 0], [0, 9]] {
        let wide = with_byte_range(|open, close, end| [0, open - before, close + behind, end - close - behind]);
        fails(&wide, Check::PdfByteRange, Reason::ByteRangeGap);
    }
    let narrow = with_byte_range(|open, close, end| [0, open + 1, close - 1, end - close + 1]);
    fails(&narrow, Check::PdfByteRange, Reason::ByteRangeGap);
}

#[test]
fn a_byte_range_that_ends_within_what_was_added_later_is_found() {
    let (mut file, place) = prepared(&classic(), Profile::Registry);
    let (object, table) = (file.len(), start_of_the_last_table(&file));
    file.extend_from_slice(b"4 0 obj\n");
    let numbers = format!("[0 {} {} {}]", place.start, place.end, file.len() - place.end);
    put_byte_range(&mut file, &numbers);
    let signed = [&file[..place.start], &file[place.end..]].concat();
    forge(&mut file, place, &signed);
    // The object begins among the signed bytes and goes on behind them.
    file.extend_from_slice(b"<</Length 3>>\nstream\nBT \nendstream\nendobj\n");
    let start = file.len();
    let trailer = format!("trailer\n<</Size 30/Root 1 0 R/Prev {table}>>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice(format!("xref\n4 1\n{object:010} 00000 n \n{trailer}").as_bytes());
    fails(&first_of(&file), Check::PdfByteRange, Reason::ByteRangeShort);
}

#[test]
fn anything_behind_the_signature_in_its_place_is_found() {
    let mut file = good();
    let gap = first_of(&file).ranges.expect("ranges").gap;
    file[gap.end - 2] = b'1';
    fails(&first_of(&file), Check::PdfContents, Reason::Contents);
    let mut file = good();
    file[gap.start + 1..gap.end - 1].fill(b'0');
    fails(&first_of(&file), Check::PdfContents, Reason::Contents);
}

#[test]
fn the_signature_of_another_file_is_found() {
    let (mut file, other) = (good(), signed(&with_inherited_pages(), Profile::Registry));
    let (place, from) = (first_of(&file).ranges.expect("ranges").gap, first_of(&other).ranges.expect("ranges").gap);
    assert_eq!(place.len(), from.len());
    let signature = other[from].to_vec();
    file[place].copy_from_slice(&signature);
    fails(&first_of(&file), Check::ContentDigest, Reason::Changed);
}

#[test]
fn a_second_signature_dictionary_is_found() {
    // Taken over from the first, number for number.
    let good = good();
    let start = last(&good, b"<</Type/Sig").expect("a dictionary");
    let end = start + first(&good[start..], b"\nendobj").expect("its end");
    let copy = String::from_utf8(good[start..end].to_vec()).expect("text");
    // No field leads to it.
    let signature = first_of(&edited(&good, &[(30, &copy)]));
    fails(&signature, Check::PdfContents, Reason::SecondDictionary);
    // The field leads to it instead of the first.
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/V 30 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>";
    let number = {
        let at = last(&good, b"/Type/Annot").expect("a field");
        let head = last(&good[..at], b"endobj\n").expect("the object before") + 7;
        std::str::from_utf8(&good[head..head + 8])
            .expect("text")
            .split(' ')
            .next()
            .expect("a number")
            .parse()
            .expect("a number")
    };
    let signature = first_of(&edited(&good, &[(30, &copy), (number, field)]));
    fails(&signature, Check::PdfByteRange, Reason::ByteRangeGap);
    // A second field leads to the first one's dictionary.
    let twice = edited(
        &good,
        &[(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[30 0 R 31 0 R]>>>>"), (30, field), (31, field)],
    );
    assert!(is_noticed(&twice));
}

#[test]
fn two_values_for_contents_in_one_dictionary_are_found_however_they_are_written() {
    for key in ["/Contents", "/Content#73", "/#43ontents", "/ByteRange", "/Byte#52ange"] {
        let (mut file, place) = prepared(&classic(), Profile::Registry);
        // In the place of /Filter and /SubFilter, to leave all places as they are.
        let start = last(&file, b"/Filter/Adobe.PPKLite").expect("an entry");
        file[start..start + 21].fill(b' ');
        let entry = format!("{key}[0]");
        file[start..start + entry.len()].copy_from_slice(entry.as_bytes());
        let signed = [&file[..place.start], &file[place.end..]].concat();
        forge(&mut file, place, &signed);
        assert!(is_noticed(&file), "{key}");
    }
}

#[test]
fn a_field_whose_signature_is_not_there_is_found() {
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>");
    let field = (6, "<</Type/Annot/Subtype/Widget/FT/Sig/T(lost)/V 19 0 R/Rect[0 0 0 0]/P 3 0 R>>");
    let lost = pdf(&[catalog, PAGES, PAGE, TEXT, FONT, field], "");
    assert!(matches!(looked_at(&lost).err(), Some(PdfError::Malformed { .. })));
    assert!(matches!(Pdf::open(lost, EarlierSignatures::MayFail).map(|_| ()), Err(PdfError::Malformed { .. })));
    let good = good();
    let verified = looked_at(&edited(&good, &[catalog, field])).expect("findings");
    fails(&verified.signatures[0], Check::PdfStructure, Reason::Structure);
}

// ---- the signer

/// Signed under another certificate, by the key that belongs to it.
fn by(certificate: &TransientCertificate<Signing>, key: &CardKey) -> Vec<u8> {
    let prepared = Pdf::open(classic(), EarlierSignatures::MayFail).expect("a PDF").prepare(
        certificate,
        &options(Profile::Registry),
        TOLD,
    );
    let prepared = prepared.expect("prepared");
    let signature = key.sign(&prepared.to_be_signed());
    prepared.finish(certificate, &signature, &[]).expect("finished")
}

#[test]
fn a_certificate_that_may_not_sign_is_of_an_authority_or_is_over_is_found() {
    use der::{Encode as _, asn1::OctetString, oid::AssociatedOid as _};
    let key = CardKey::of::<Signing>();
    let replace = |oid, value: Vec<u8>| {
        reissued::<Signing>(|tbs| {
            for extension in tbs.extensions.iter_mut().flatten().filter(|extension| extension.extn_id == oid) {
                extension.extn_value = OctetString::new(value.clone()).expect("octets");
            }
        })
    };
    let usage = replace(KeyUsage::OID, KeyUsage(KeyUsages::KeyEncipherment.into()).to_der().expect("DER"));
    let authority = reissued::<Signing>(|tbs| {
        let value = BasicConstraints { ca: true, path_len_constraint: None }.to_der().expect("DER");
        tbs.extensions.get_or_insert_default().push(x509_cert::ext::Extension {
            extn_id: BasicConstraints::OID,
            critical: true,
            extn_value: OctetString::new(value).expect("octets"),
        });
    });
    let over = reissued::<Signing>(|tbs| {
        let last = today() - Duration::from_secs(86_400);
        tbs.validity.not_after =
            x509_cert::time::Time::UtcTime(der::asn1::UtcTime::from_system_time(last).expect("a time"));
    });
    for (der, check, reason) in [
        (usage, Check::KeyUsage, Reason::Usage),
        (authority, Check::BasicConstraints, Reason::Authority),
        (over, Check::Validity, Reason::Expired),
    ] {
        let certificate = TransientCertificate::new(&der).expect("a certificate");
        fails(&first_of(&by(&certificate, &key)), check, reason);
    }
}

#[test]
fn a_certificate_with_another_key_under_the_same_name_is_found() {
    let mine = TransientCertificate::new(&reissued::<Signing>(|_| {})).expect("a certificate");
    let theirs = with_key::<Signing>(&CardKey::of::<UserAuthentication>());
    let file = by(&mine, &CardKey::of::<Signing>());
    let hex_of =
        |certificate: &TransientCertificate<Signing>| certificate.with_der(|der| hex::encode(der).into_bytes());
    let (mine, theirs) = (hex_of(&mine), hex_of(&theirs));
    assert_eq!(mine.len(), theirs.len());
    let mut file = file;
    let at = first(&file, &mine).expect("the certificate");
    file[at..at + theirs.len()].copy_from_slice(&theirs);
    let signature = first_of(&file);
    fails(&signature, Check::SignatureValue, Reason::Signature);
    assert_eq!(signature.findings.of(Check::ContentDigest), Some(Outcome::Holds));
}

#[test]
fn a_kind_of_signature_that_is_not_understood_is_found() {
    let (mut file, place) = prepared(&classic(), Profile::Registry);
    let at = last(&file, b"adbe.pkcs7.detached").expect("a kind");
    file[at..at + 19].copy_from_slice(b"adbe.pkcs7.whatever");
    let signed = [&file[..place.start], &file[place.end..]].concat();
    forge(&mut file, place, &signed);
    fails(&first_of(&file), Check::PdfKind, Reason::PdfKind);
    // PAdES has to name its certificate; a plain CMS does not.
    let (mut file, place) = prepared(&classic(), Profile::Pades);
    let signed = [&file[..place.start], &file[place.end..]].concat();
    forge(&mut file, place, &signed);
    fails(&first_of(&file), Check::SigningCertificate, Reason::Missing);
}
