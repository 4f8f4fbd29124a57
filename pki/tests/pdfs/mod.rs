//! PDFs, written by hand: each of the shapes that a signature has to fit into.
#![allow(dead_code, reason = "each test uses its part")]

use lopdf::{Document, SaveOptions};

/// Objects with their numbers, behind each other, and a table of where they are.
pub(crate) fn pdf(objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    revision(&mut file, objects, trailer, None);
    file
}

/// Appends objects and a table of them; `previous` is where the last table starts.
pub(crate) fn revision(file: &mut Vec<u8>, objects: &[(u32, &str)], trailer: &str, previous: Option<usize>) {
    let mut places = Vec::new();
    for (number, body) in objects {
        places.push((*number, file.len()));
        file.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    let start = file.len();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, place) in &places {
        table += &format!("{number} 1\n{place:010} 00000 n \n");
    }
    let announced = last(file, b"/Size").and_then(|at| {
        let text = String::from_utf8_lossy(&file[at + 5..(at + 15).min(file.len())]).trim_start().to_owned();
        text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    });
    let size = objects.iter().map(|(number, _)| number + 1).max().unwrap_or(1).max(20).max(announced.unwrap_or(0));
    let previous = previous.map_or(String::new(), |previous| format!("/Prev {previous}"));
    file.extend_from_slice(
        format!("{table}trailer\n<</Size {size}/Root 1 0 R{previous}{trailer}>>\nstartxref\n{start}\n%%EOF\n")
            .as_bytes(),
    );
}

/// Appends to any file what an editor would.
pub(crate) fn edited(file: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let mut edited = file.to_vec();
    revision(&mut edited, objects, "", Some(start_of_the_last_table(file)));
    edited
}

/// The number behind the last `startxref`.
pub(crate) fn start_of_the_last_table(file: &[u8]) -> usize {
    let at = last(file, b"startxref").expect("startxref");
    let text = std::str::from_utf8(&file[at + 9..]).expect("text");
    text.split_ascii_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

pub(crate) fn last(file: &[u8], wanted: &[u8]) -> Option<usize> {
    file.windows(wanted.len()).rposition(|window| window == wanted)
}

pub(crate) fn first(file: &[u8], wanted: &[u8]) -> Option<usize> {
    file.windows(wanted.len()).position(|window| window == wanted)
}

pub(crate) const CATALOG: (u32, &str) = (1, "<</Type/Catalog/Pages 2 0 R>>");
pub(crate) const PAGES: (u32, &str) = (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
pub(crate) const PAGE: (u32, &str) =
    (3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>");
pub(crate) const TEXT: (u32, &str) =
    (4, "<</Length 48>>\nstream\nBT /F 18 Tf 20 100 Td (I owe you 100 yen.) Tj ET\nendstream");
pub(crate) const FONT: (u32, &str) = (5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");

/// One page, a table, no form.
pub(crate) fn classic() -> Vec<u8> {
    pdf(
        &[CATALOG, PAGES, PAGE, TEXT, FONT],
        "/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]",
    )
}

/// The same in object streams, under a cross-reference stream.
pub(crate) fn with_streams() -> Vec<u8> {
    let mut document = Document::load_mem(&classic()).expect("a document");
    let mut file = Vec::new();
    let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
    document.save_with_options(&mut file, options).expect("saved");
    file
}

/// A form that stands in the catalog, with a text field and an annotation.
pub(crate) fn with_form() -> Vec<u8> {
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DA(/F 0 Tf)>>>>");
    let page = (3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Annots[6 0 R]>>");
    let field = (6, "<</Type/Annot/Subtype/Widget/FT/Tx/T(Signature1)/V(yes)/Rect[10 10 60 30]/F 4>>");
    pdf(&[catalog, PAGES, page, TEXT, FONT, field], "")
}

/// A form, its list of fields and the page's list of annotations are objects of their own; a signature is waited for.
pub(crate) fn with_form_apart() -> Vec<u8> {
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R>>");
    let page = (3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Annots 9 0 R>>");
    let parent = (6, "<</T(buyer)/Kids[10 0 R]>>");
    let form = (7, "<</Fields 8 0 R/SigFlags 1>>");
    let widget = (10, "<</Type/Annot/Subtype/Widget/FT/Sig/T(hand)/Parent 6 0 R/Rect[10 10 60 30]/F 4/P 3 0 R>>");
    pdf(&[catalog, PAGES, page, TEXT, FONT, parent, form, (8, "[6 0 R]"), (9, "[10 0 R]"), widget], "")
}

/// What a page does not say itself stands above it.
pub(crate) fn with_inherited_pages() -> Vec<u8> {
    let pages =
        (2, "<</Type/Pages/Kids[6 0 R]/Count 1/MediaBox[0 0 300 200]/Rotate 90/Resources<</Font<</F 5 0 R>>>>>>");
    let between = (6, "<</Type/Pages/Parent 2 0 R/Kids[3 0 R]/Count 1>>");
    let page = (3, "<</Type/Page/Parent 6 0 R/Contents 4 0 R>>");
    pdf(&[CATALOG, pages, page, TEXT, FONT, between], "")
}

/// Already edited once.
pub(crate) fn with_two_revisions() -> Vec<u8> {
    let text = "<</Length 48>>\nstream\nBT /F 18 Tf 20 100 Td (I owe you 200 yen.) Tj ET\nendstream";
    edited(&classic(), &[(4, text)])
}

pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("classic", classic()),
        ("object and cross-reference streams", with_streams()),
        ("a form", with_form()),
        ("a form apart", with_form_apart()),
        ("inherited pages", with_inherited_pages()),
        ("two revisions", with_two_revisions()),
    ]
}

use super::common::{CardKey, certificate, today};
use kazasu_pki::pdf::{EarlierSignatures, Options, Pdf, Profile};
use kazasu_pki::{DisclosureAck, Signing};

pub(crate) const TOLD: DisclosureAck = DisclosureAck::the_file_will_show_name_address_birth_date_and_sex();

pub(crate) fn options(profile: Profile) -> Options<'static> {
    Options { profile, at: today(), authorities: &[], timestamp: profile == Profile::Pades }
}

/// Signed with the demonstration card's key.
pub(crate) fn signed(file: &[u8], profile: Profile) -> Vec<u8> {
    let pdf = Pdf::open(file.to_vec(), EarlierSignatures::MayFail).expect("a PDF that can be signed");
    let prepared = pdf.prepare(&certificate::<Signing>(), &options(profile), TOLD).expect("prepared");
    let signature = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    prepared.finish(&certificate(), &signature, &[]).expect("finished")
}

// ---- looking

use super::common::anchors;
use kazasu_pki::cms::Trust;
use kazasu_pki::finding::Conclusion;
use kazasu_pki::pdf::{PdfError, Signature, Verified, verify};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Check, Outcome, Reason};

/// Under the test authorities, on 2026-11-20.
pub(crate) fn looked_at(file: &[u8]) -> Result<Verified, PdfError> {
    let anchors = anchors::<Signing>();
    let trust =
        Trust { anchors: &anchors, revocation: &NotAsked, at: today(), timestamp_authorities: &[], cades: false };
    verify(file, &trust)
}

/// What the lines of each signature say, but for revocation.
pub(crate) fn conclusions(file: &[u8]) -> Vec<Conclusion> {
    let signatures = looked_at(file).expect("a file that can be read").signatures;
    signatures.iter().map(|signature| signature.findings.conclusion(&[Check::Revocation])).collect()
}

pub(crate) fn fails(signature: &Signature, check: Check, reason: Reason) {
    assert_eq!(signature.findings.of(check), Some(Outcome::Fails(reason)), "{:?}", signature.findings);
}

// ---- forging

/// A file that is prepared for the demonstration card: an empty place in it, and where.
pub(crate) fn prepared(file: &[u8], profile: Profile) -> (Vec<u8>, std::ops::Range<usize>) {
    let pdf = Pdf::open(file.to_vec(), EarlierSignatures::MayFail).expect("a PDF that can be signed");
    let prepared = pdf.prepare(&certificate::<Signing>(), &options(profile), TOLD).expect("prepared");
    let bytes = prepared.as_bytes().0.to_vec();
    let start = last(&bytes, b"/Contents <").expect("a place") + b"/Contents ".len();
    let end = start + bytes[start..].iter().position(|byte| *byte == b'>').expect("an end") + 1;
    (bytes, start..end)
}

/// Puts other numbers into the last ByteRange, of no greater length.
pub(crate) fn put_byte_range(file: &mut [u8], numbers: &str) {
    let start = last(file, b"/ByteRange [").expect("ByteRange") + b"/ByteRange ".len();
    let end = start + file[start..].iter().position(|byte| *byte == b'/').expect("an end");
    assert!(numbers.len() <= end - start);
    file[start..end].fill(b' ');
    file[start..start + numbers.len()].copy_from_slice(numbers.as_bytes());
}

/// Signs any bytes and puts the signature into a place, as somebody with the holder's key and a program of their own
/// would.
pub(crate) fn forge(file: &mut [u8], place: std::ops::Range<usize>, signed: &[u8]) {
    use kazasu_pki::cms::{Extras, Profile, prepare};
    let certificate = certificate::<Signing>();
    let digest = kazasu_pki::Algorithm::Rs256.digest(signed).digest;
    let prepared = prepare(&digest, &certificate, Profile::Plain { signing_time: today() }, TOLD).expect("prepared");
    let signature = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    let der = prepared.finish(&certificate, &signature, Extras::default()).expect("finished");
    let digits = hex::encode(der);
    file[place.start + 1..place.start + 1 + digits.len()].copy_from_slice(digits.as_bytes());
}
