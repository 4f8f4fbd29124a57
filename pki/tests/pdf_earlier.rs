//! Whoever signs a PDF after somebody else is told where the earlier signature fails.

mod common;
mod pdfs;

use kazasu_pki::pdf::{EarlierFails, EarlierFailure, EarlierSignatures, MOST_SIGNATURES, Pdf, PdfError, Profile};
use pdfs::*;

fn refused(file: &[u8]) -> Option<PdfError> {
    // Whoever may sign after it all the same may open it.
    assert!(Pdf::open(file.to_vec(), EarlierSignatures::MayFail).is_ok());
    Pdf::open(file.to_vec(), EarlierSignatures::MustHold).err()
}

/// With one byte of what was signed changed.
fn changed(file: &[u8]) -> Vec<u8> {
    let mut changed = file.to_vec();
    changed[first(file, b"/MediaBox").expect("a page") + 11] ^= 1;
    changed
}

fn fails(failure: EarlierFailure) -> Option<PdfError> {
    Some(PdfError::Earlier(EarlierFails { field: "Signature1".into(), failure }))
}

#[test]
fn a_file_that_nobody_signed_or_in_which_all_signatures_hold_may_be_signed() {
    for (what, file) in all() {
        assert_eq!(refused(&file), None, "{what}");
        let once = signed(&file, Profile::Registry);
        assert_eq!(refused(&once), None, "{what}");
        assert_eq!(refused(&signed(&once, Profile::Pades)), None, "{what}");
    }
}

#[test]
fn a_signature_whose_content_was_changed_is_named_by_its_field_whoever_signed_after_it() {
    let bad = changed(&signed(&classic(), Profile::Registry));
    assert_eq!(refused(&bad), fails(EarlierFailure::Changed));
    let again = signed(&bad, Profile::Registry);
    assert_eq!(refused(&again), fails(EarlierFailure::Changed), "the later signature holds");
}

#[test]
fn a_signature_behind_which_more_than_signatures_was_added_is_told_apart() {
    let once = signed(&classic(), Profile::Registry);
    let added = edited(&once, &[(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 3 2]/Resources<<>>>>")]);
    assert_eq!(refused(&added), fails(EarlierFailure::AddedLater));
}

#[test]
fn a_field_without_a_name_is_looked_at_as_well() {
    let mut bad = signed(&classic(), Profile::Registry);
    let at = first(&bad, b"/T(Signature1)").expect("a name");
    bad[at + 1] = b'X';
    let nameless = EarlierFails { field: String::new(), failure: EarlierFailure::Changed };
    assert_eq!(refused(&bad), Some(PdfError::Earlier(nameless)));
}

/// Whoever changes a file could have made its signature unreadable, so that nothing fails but that.
#[test]
fn a_signature_that_cannot_be_looked_at_is_not_taken_for_one_that_holds() {
    let good = signed(&classic(), Profile::Registry);
    let gap = looked_at(&good).expect("findings").signatures[0].ranges.clone().expect("ranges").gap;
    let with = |at: usize, text: &str| {
        let mut bad = changed(&good);
        bad[at..at + text.len()].copy_from_slice(text.as_bytes());
        bad
    };
    let of = |name: &[u8]| first(&good, name).expect("an entry") + name.len();
    let garbled = with(gap.start + 1, "00");
    let emptied = with(gap.start + 1, &"0".repeat(gap.len() - 2));
    // A timestamp of the document is about it in another way; its bytes are not said to have changed.
    let stamp = with(of(b"/SubFilter"), "/ETSI.RFC3161       ");
    let nowhere = with(of(b"/ByteRange "), "[1");
    for (what, file) in [("garbled", garbled), ("emptied", emptied), ("a timestamp", stamp)] {
        assert_eq!(refused(&file), fails(EarlierFailure::NotUnderstood), "{what}");
    }
    assert!(matches!(refused(&nowhere), Some(PdfError::Earlier(_))), "{:?}", refused(&nowhere));
}

/// Which hash function it was stands outside of what is signed: another one there, and nobody can tell.
#[test]
fn a_signature_of_which_nobody_can_tell_whether_it_holds_is_not_taken_for_one_that_does() {
    let good = signed(&classic(), Profile::Registry);
    let gap = looked_at(&good).expect("findings").signatures[0].ranges.clone().expect("ranges").gap;
    let text = std::str::from_utf8(&good[gap.clone()]).expect("hex").to_lowercase();
    const SHA_256: &str = "608648016503040201";
    let places: Vec<_> = text.match_indices(SHA_256).map(|(at, _)| gap.start + at + SHA_256.len() - 1).collect();
    assert!(places.len() >= 2, "in SignedData and in SignerInfo: {places:?}");
    for (what, file) in [("as it was", good.clone()), ("changed", changed(&good))] {
        for at in &places {
            let mut unknown = file.clone();
            unknown[*at] = b'9';
            assert!(matches!(refused(&unknown), Some(PdfError::Earlier(_))), "{what}, {at}: {:?}", refused(&unknown));
        }
        let mut all = file;
        places.iter().for_each(|at| all[*at] = b'9');
        assert_eq!(refused(&all), fails(EarlierFailure::NotUnderstood), "{what}");
    }
}

#[test]
fn more_signatures_than_are_looked_at_are_not_taken_for_ones_that_hold() {
    let numbers = 4..=4 + MOST_SIGNATURES as u32;
    let list: String = numbers.clone().map(|number| format!("{number} 0 R ")).collect();
    let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{list}]/SigFlags 3>>>>");
    let fields: Vec<_> = numbers.map(|n| (n, format!("<</FT/Sig/T({n})/V<</Type/Sig>>>>"))).collect();
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>>>";
    let mut objects = vec![(1, catalog.as_str()), (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"), (3, page)];
    objects.extend(fields.iter().map(|(number, field)| (*number, field.as_str())));
    assert_eq!(refused(&pdf(&objects, "")), Some(PdfError::TooManyFields));
}

#[test]
fn what_only_looks_like_a_signature_in_a_file_that_is_attached_stands_against_nothing() {
    let other = changed(&signed(&classic(), Profile::Registry));
    let dictionary = first(&other, b"/ByteRange").expect("a signature");
    let text: String = other[dictionary..].iter().map(|byte| *byte as char).collect();
    let text = &text[..text.find("endobj").expect("an end")];
    let attached = format!("<</Length {}>>\nstream\n{text}\nendstream", text.len());
    let file = edited(&classic(), &[(9, &attached)]);
    let found = looked_at(&file).expect("something that looks like one").signatures;
    assert_eq!(found.iter().map(|signature| &*signature.field).collect::<Vec<_>>(), [""]);
    assert_eq!(refused(&file), None);
}
