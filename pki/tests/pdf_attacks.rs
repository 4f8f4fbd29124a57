//! Attacks on signed PDFs, each made here: what comes out is never a success. The names are those of the papers ("1
//! Trillion Dollar Refund", CCS 2019; "Shadow Attacks", NDSS 2021; "Processing Dangerous Paths", NDSS 2021; "Breaking
//! the Specification", S&P 2021).

mod common;
mod pdfs;

use kazasu_pki::finding::Conclusion;
use kazasu_pki::pdf::{Damage, EarlierSignatures, Pdf, PdfError, Profile, Ranges, Signature};
use kazasu_pki::{Check, Outcome, Reason};
use pdfs::*;

/// Every signature concludes that everything holds: the command line would end with 0.
fn is_believed(file: &[u8]) -> bool {
    looked_at(file).is_ok_and(|verified| {
        let mut all = verified.signatures.iter().map(|s| s.findings.conclusion(&[Check::Revocation]));
        all.all(|conclusion| conclusion == Conclusion::EverythingAsked)
    })
}

fn good() -> Vec<u8> {
    signed(&classic(), Profile::Registry)
}

// ---- a second signature, written by hand, and everything that is no mere signature

const SIGNATURE: &str = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached";
const FIELD: &str = "<</Type/Annot/Subtype/Widget/FT/Sig/T(S2)/V 30 0 R/P 3 0 R/Rect[0 0 0 0]/F 132";
const FORM: &str = "<</Fields[21 0 R 31 0 R]/SigFlags 3";
const PAGE_NOW: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>";
const ANNOTS: &str = "/Annots[21 0 R 31 0 R]";

/// What the second signature writes. It is signed as it stands there, so that it holds whatever it is.
#[derive(Clone)]
struct Second {
    signature: String,
    /// In the same dictionary, behind the signature's place.
    behind: String,
    field: String,
    form: String,
    page: String,
    more: Vec<(u32, String)>,
    trailer: String,
    /// Done to the file before the last place is signed.
    change: fn(&mut Vec<u8>),
}

impl Second {
    fn new() -> Self {
        Self {
            signature: SIGNATURE.to_owned(),
            behind: String::new(),
            field: format!("{FIELD}>>"),
            form: format!("{FORM}>>"),
            page: format!("{PAGE_NOW}{ANNOTS}>>"),
            more: Vec::new(),
            trailer: String::new(),
            change: |_| {},
        }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut second = Self::new();
        change(&mut second);
        second
    }

    /// Behind this file, signed.
    fn behind(&self, good: &[u8]) -> Vec<u8> {
        let room = "0".repeat(9_000);
        let signature = format!("{}/ByteRange [{}]/Contents <{room}>{}>>", self.signature, " ".repeat(44), self.behind);
        let mut objects = vec![(3, &*self.page), (22, &*self.form), (30, &*signature), (31, &*self.field)];
        objects.extend(self.more.iter().map(|(number, body)| (*number, &**body)));
        objects.retain(|(_, body)| !body.is_empty());
        objects.sort_by_key(|(number, _)| *number);
        let mut file = good.to_vec();
        revision(&mut file, &objects, &self.trailer, Some(start_of_the_last_table(good)));
        (self.change)(&mut file);
        let start = last(&file, b"/Contents <0000").expect("a place") + b"/Contents ".len();
        let end = start + 9_002;
        let rest = file.len() - end;
        put_byte_range(&mut file, &format!("[0 {start} {end} {rest}]"));
        let all_but = [&file[..start], &file[end..]].concat();
        forge(&mut file, start..end, &all_but);
        file
    }
}

/// What is said of the first one.
fn first_concludes(file: &[u8]) -> Conclusion {
    let verified = looked_at(file).expect("findings");
    let end = |signature: &&Signature| signature.ranges.as_ref().map_or(0, Ranges::end);
    let first = verified.signatures.iter().min_by_key(end).expect("a signature");
    first.findings.conclusion(&[Check::Revocation])
}

#[test]
fn a_second_signature_and_nothing_else_lets_the_first_one_hold() {
    let file = Second::new().behind(&good());
    assert_eq!(conclusions(&file), [Conclusion::EverythingAsked; 2]);
    // Written in other ways that mean the same.
    let file = Second::with(|second| second.field = FIELD.replace("[0 0 0 0]", "[0.0 0 .0 0]") + ">>").behind(&good());
    assert_eq!(conclusions(&file), [Conclusion::EverythingAsked; 2]);
    let file = Second::with(|second| second.signature += "/Reason(I agree)/M(D:20261120)").behind(&good());
    assert_eq!(conclusions(&file), [Conclusion::EverythingAsked; 2]);
}

#[test]
fn a_second_signature_whose_field_does_more_does_not_let_the_first_one_hold() {
    let stream = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream";
    for more in [
        "/AP<</N 40 0 R>>",
        "/MK<</CA(900 yen)>>",
        "/A<</S/JavaScript/JS(x)>>",
        "/AA<</PV<</S/JavaScript/JS(x)>>>>",
        "/Kids[]",
        "/Parent 21 0 R",
        "/TU(900 yen)",
        "/Contents(900 yen)",
        "/BS<</W 60>>",
        "/DA(/F 18 Tf)",
        "/Lock<</Type/SigFieldLock/Action/All>>",
        "/F 132",
        "/V 30 0 R",
        "/#56 30 0 R",
        "/Rect[0 0 300 200]",
    ] {
        let mut second = Second::with(|second| second.field = format!("{FIELD}{more}>>"));
        second.more.push((40, stream.to_owned()));
        assert_ne!(first_concludes(&second.behind(&good())), Conclusion::EverythingAsked, "{more}");
        second.more.clear();
        assert_ne!(first_concludes(&second.behind(&good())), Conclusion::EverythingAsked, "{more}, and no stream");
    }
    for (from, to) in [
        ("/Rect[0 0 0 0]", ""),
        ("/Rect[0 0 0 0]", "/Rect[0 0 300 200]"),
        ("/Rect[0 0 0 0]", "/Rect[16777216.0 0 16777217.0 200]"),
        ("/Rect[0 0 0 0]", "/Rect[9 9 9 9]"),
        ("/Rect[0 0 0 0]", "/Rect[0 0 0 0 0]"),
        ("/Rect[0 0 0 0]", "/Rect[0 0 0 .00000000000000000000000000000000000000000000000000001]"),
        ("/Rect[0 0 0 0]", "/Rect 40 0 R"),
        ("/Widget", "/Stamp"),
        ("/Widget", "/Ink/InkList[[0 0 300 200]]"),
        ("/Widget", "/Line/L[0 0 300 200]"),
        ("/Widget", "/Highlight/QuadPoints[10 200 290 200 10 100 290 100]"),
        ("/Widget", "/Text"),
        ("/FT/Sig", "/FT/Tx"),
        ("/F 132", "/F(4)"),
        ("/V 30 0 R", "/V 20 0 R"),
        ("/V 30 0 R", "/V 39 0 R"),
        ("/P 3 0 R", "/P 2 0 R"),
        ("/P 3 0 R", ""),
        // The name of the first one: programs take them for one field.
        ("/T(S2)", "/T(Signature1)"),
        ("/T(S2)", "/T<5369676E617475726531>"),
        ("/T(S2)", "/T(S2)%x\n"),
        ("/T(S2)", "/#54(S2)"),
    ] {
        let second = Second::with(|second| second.field = format!("{FIELD}>>").replace(from, to));
        assert_ne!(first_concludes(&second.behind(&good())), Conclusion::EverythingAsked, "{to}");
    }
}

#[test]
fn a_second_signature_whose_dictionary_form_or_page_does_more_does_not_let_the_first_one_hold() {
    let refused = |what: &str, change: &dyn Fn(&mut Second)| {
        let mut second = Second::new();
        change(&mut second);
        assert_ne!(first_concludes(&second.behind(&good())), Conclusion::EverythingAsked, "{what}");
    };
    for more in [
        "/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]",
        "/Prop_Build<</App 4 0 R>>",
        "/Name 4 0 R",
        "/Kids[3 0 R]",
        "/Type/Sig",
        "/Cert(x)",
    ] {
        refused(more, &|second| second.signature += more);
    }
    for more in
        ["/NeedAppearances true", "/DA(/F 0 Tf)", "/DR<</Font<</F 5 0 R>>>>", "/XFA(x)", "/CO[21 0 R]", "/SigFlags 3"]
    {
        refused(more, &|second| second.form = format!("{FORM}{more}>>"));
    }
    for form in [
        "<</Fields[31 0 R 21 0 R]/SigFlags 3>>",
        "<</Fields[31 0 R]/SigFlags 3>>",
        "<</Fields[21 0 R 31 0 R 31 0 R]/SigFlags 3>>",
        "<</Fields[21 0 R]/SigFlags 3>>",
        "<</Fields[21 0 R 31 0 R]/SigFlags 64>>",
        "<</Fields[21 0 R 31 0 R]/SigFlags(x)>>",
        "<</Fields[21 0 R 31 0 R 40 0 R]/SigFlags 3>>",
    ] {
        refused(form, &|second| second.form = form.to_owned());
    }
    for more in
        ["/Rotate 90", "/AA<</O<</S/JavaScript/JS(x)>>>>", "/Contents 4 0 R", "/Group<<>>", "/UserUnit 2", "/Tabs/R"]
    {
        refused(more, &|second| second.page = format!("{PAGE_NOW}{ANNOTS}{more}>>"));
    }
    for annots in ["/Annots[31 0 R]", "/Annots[31 0 R 21 0 R]", "/Annots[21 0 R 31 0 R 4 0 R]", "/Annots[21 0 R]", ""] {
        refused(annots, &|second| second.page = format!("{PAGE_NOW}{annots}>>"));
    }
    for (from, to) in [("/Contents 4 0 R", "/Contents 40 0 R"), ("/F 5 0 R", "/F 40 0 R"), ("300 200", "300 100")] {
        refused(to, &|second| {
            second.page = second.page.replace(from, to);
            second.more.push((40, TEXT.1.replace("100", "900")));
        });
    }
}

#[test]
fn a_second_signature_with_anything_beside_it_does_not_let_the_first_one_hold() {
    let refused = |what: &str, change: &dyn Fn(&mut Second)| {
        let mut second = Second::new();
        change(&mut second);
        let file = second.behind(&good());
        assert_ne!(first_concludes(&file), Conclusion::EverythingAsked, "{what}");
        assert!(!is_believed(&file), "{what}");
    };
    for (number, body) in [
        (40, "<<>>"),
        (40, "null"),
        (40, "<</Length 0>>\nstream\n\nendstream"),
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/Version/2.0>>"),
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/OpenAction 4 0 R>>"),
        (1, "<</Type/Catalog/Pages 2 0 R/Pages 2 0 R/AcroForm 22 0 R>>"),
        (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 41 0 R>>"),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1/Rotate 90>>"),
        (4, TEXT.1),
        (5, FONT.1),
        (21, "<</Type/Annot/Subtype/Widget/FT/Sig/T(x)/V 20 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>"),
        (20, "<</Type/Sig>>"),
    ] {
        refused(body, &|second| second.more.push((number, body.to_owned())));
    }
    for trailer in [
        "/Info 4 0 R",
        "/XRefStm 15",
        "/Prev 17",
        "/Root 1 0 R",
        "/Extra true",
        "/Encrypt 4 0 R",
        "/#58RefStm 15",
        "%x\n",
        "/#49D[<00><00>]",
    ] {
        refused(trailer, &|second| second.trailer = trailer.to_owned());
    }
    type Change = (&'static str, fn(&mut Vec<u8>));
    let changes: [Change; 12] = [
        ("a comment between objects", |file| put(file, b"\nendobj\n22 0 obj", b"\nendobj\n%x\n22 0 obj")),
        ("an object that no table lists", |file| put(file, b"xref\n0 1\n", b"4 0 obj\nnull\nendobj\nxref\n0 1\n")),
        ("a tab between objects", |file| put(file, b"\nendobj\n22 0 obj", b"\nendobj\n\t22 0 obj")),
        ("two blanks in a header", |file| put(file, b"22 0 obj", b"22  0 obj")),
        ("more objects announced", |file| put(file, b"/Size ", b"/Size 4")),
        ("a comment behind the end", |file| file.extend(b"%x\n")),
        ("a second end", |file| {
            let end = file[last(file, b"startxref").expect("its end")..].to_vec();
            file.extend(end);
        }),
        ("words behind the end", |file| file.extend(b"4 0 obj\nnull\nendobj\n")),
        ("a freed object", |file| put(file, b"xref\n0 1\n", b"xref\n4 1\n0000000000 00001 f \n0 1\n")),
        ("the table of the file before it was signed", |file| {
            let table = first(file, b"xref\n").expect("a table");
            let at = last(file, b"/Prev ").expect("a way back") + 6;
            let digits = file[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let text = format!("{table:0digits$}");
            file[at..at + digits].copy_from_slice(text.as_bytes());
        }),
        ("another generation", |file| put(file, b"31 0 obj", b"31 1 obj")),
        ("a line of the table that leads to what was there before", |file| {
            let place = first(file, b"3 0 obj").expect("the page as it was");
            let at = last(file, b"\n3 1\n").expect("its line") + 5;
            file[at..at + 10].copy_from_slice(format!("{place:010}").as_bytes());
        }),
    ];
    for (what, change) in changes {
        refused(what, &|second| second.change = change);
    }
}

/// pyHanko and others note which program wrote last, when, and by which rules.
#[test]
fn a_note_of_the_program_that_signed_lets_the_first_one_hold_and_nothing_else_in_its_place_does() {
    let noted = "<</Title(I owe you 100 yen)/Producer(a)/Pages 2>>";
    let good = signed(&pdf(&[CATALOG, PAGES, PAGE, TEXT, FONT, (6, noted)], "/Info 6 0 R"), Profile::Registry);
    let concludes = |more: &[(u32, &str)], trailer: &str| {
        let second = Second::with(|second| {
            second.more = more.iter().map(|(number, body)| (*number, (*body).to_owned())).collect();
            second.trailer = trailer.to_owned();
        });
        first_concludes(&second.behind(&good))
    };
    const INFO: &str = "/Info 6 0 R";
    for information in [
        "<</Title(I owe you 100 yen)/Producer(a; pyHanko 0\\0560)/ModDate(D:20261120231818Z)/Pages 2>>",
        "<</Title(I owe you 100 yen)/Producer(b)/Pages 2>>",
        noted,
    ] {
        assert_eq!(concludes(&[(6, information)], INFO), Conclusion::EverythingAsked, "{information}");
    }
    let version = "<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/Version/1.7>>";
    assert_eq!(concludes(&[(1, version)], INFO), Conclusion::EverythingAsked);
    for information in [
        "<</Title(I owe you 900 yen)/Producer(b)/Pages 2>>",
        "<</Producer(b)/Pages 2>>",
        "<</Title(I owe you 100 yen)/Producer(b)/Pages 2/Author(x)>>",
        "<</Title(I owe you 100 yen)/Producer 4 0 R/Pages 2>>",
        "<</Title(I owe you 100 yen)/Producer<</A(b)>>/Pages 2>>",
        "<</Title(I owe you 100 yen)/Producer(b)/ModDate/Now/Pages 2>>",
        "<</Title(I owe you 100 yen)/Producer(b)/Producer(c)/Pages 2>>",
        "<</Title(I owe you 100 yen)/Producer(b)/Pages 2.0>>",
        "<</Length 0>>\nstream\n\nendstream",
        "null",
    ] {
        assert_ne!(concludes(&[(6, information)], INFO), Conclusion::EverythingAsked, "{information}");
    }
    let note = "<</Title(I owe you 900 yen)>>";
    assert_ne!(concludes(&[(40, note)], "/Info 40 0 R"), Conclusion::EverythingAsked, "another one");
    assert_ne!(concludes(&[(6, noted)], ""), Conclusion::EverythingAsked, "no trailer leads there any more");
    for version in ["/2.0", "/1.4", "(1.7)", "/1.7/Version/1.7"] {
        let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/Version{version}>>");
        assert_ne!(concludes(&[(1, &catalog)], INFO), Conclusion::EverythingAsked, "{version}");
    }
    let extension = "/ESIC<</Type/DeveloperExtensions/BaseVersion/1.7/ExtensionLevel 1";
    for (more, held) in [
        (format!("{extension}>>"), true),
        (format!("{extension}/A(x)>>"), false),
        (format!("{extension}/URL 4 0 R>>"), false),
        ("/A(x)".to_owned(), false),
        ("/A 4 0 R".to_owned(), false),
        (extension.replace("/1.7", "(1.7)") + ">>", false),
    ] {
        let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm 22 0 R/Extensions<<{more}>>>>");
        assert_eq!(concludes(&[(1, &catalog)], INFO) == Conclusion::EverythingAsked, held, "{more}");
    }
    // Where nobody had noted anything.
    let bare = signed(&classic(), Profile::Registry);
    for (note, trailer, held) in [
        ("<</Producer(b)/ModDate(D:20261120231818Z)>>", "/Info 40 0 R", true),
        ("<</Producer(b)/Title(I owe you 900 yen)>>", "/Info 40 0 R", false),
        ("<</Producer(b)>>", "/Info 40 1 R", false),
        ("<</Producer 4 0 R>>", "/Info 40 0 R", false),
        ("<</Producer(b)>>", "/Info 4 0 R", false),
        ("<</Producer(b)>>", "", false),
    ] {
        let second = Second::with(|second| {
            second.more = vec![(40, note.to_owned())];
            second.trailer = trailer.to_owned();
        });
        assert_eq!(first_concludes(&second.behind(&bare)) == Conclusion::EverythingAsked, held, "{note} {trailer}");
    }
    // What is written there as a note may be something else in another place.
    let prepared = PAGE.1.replace("/Type/Page", "/Type/Page/PieceInfo 6 0 R");
    let good = signed(&pdf(&[CATALOG, PAGES, (3, &prepared), TEXT, FONT, (6, noted)], INFO), Profile::Registry);
    let second = Second::with(|second| {
        second.page = second.page.replace("/Type/Page", "/Type/Page/PieceInfo 6 0 R");
        second.more = vec![(6, noted.replace("(a)", "(b)"))];
        second.trailer = INFO.to_owned();
    });
    assert_ne!(first_concludes(&second.behind(&good)), Conclusion::EverythingAsked);
}

/// Writes other bytes in the last place of these, and moves the table's own place along.
fn put(file: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let at = last(file, from).expect("the place");
    let table = last(file, b"xref\n0 1\n").expect("a table");
    file.splice(at..at + from.len(), to.iter().copied());
    let end = last(file, b"startxref\n").expect("its end") + 10;
    let moved = if at < table { table + to.len() - from.len() } else { table };
    file.truncate(end);
    file.extend(format!("{moved}\n%%EOF\n").as_bytes());
}

/// The library rounds; where a function has its step, the rounding may decide what is shown.
#[test]
fn a_page_whose_numbers_are_others_in_the_last_digit_does_not_let_the_first_one_hold() {
    let page = PAGE.1.replace("300 200", "300.00000001 200.5");
    let good = signed(&pdf(&[CATALOG, PAGES, (3, &page), TEXT, FONT], ""), Profile::Registry);
    let second = |size: &str| {
        let page = format!("{PAGE_NOW}{ANNOTS}>>").replace("300 200", size);
        first_concludes(&Second::with(|second| second.page = page).behind(&good))
    };
    assert_eq!(second("300.00000001 200.5"), Conclusion::EverythingAsked);
    assert_ne!(second("300.00000002 200.5"), Conclusion::EverythingAsked);
    assert_ne!(second("300.0 200.5"), Conclusion::EverythingAsked);
}

// ---- shadow attacks: the file was prepared for what comes later

fn shadow(objects: &[(u32, &str)], trailer: &str, later: &[(u32, &str)]) -> Vec<u8> {
    let file = signed(&pdf(objects, trailer), Profile::Registry);
    assert!(is_believed(&file));
    let mut edited = file.clone();
    revision(&mut edited, later, trailer, Some(start_of_the_last_table(&file)));
    edited
}

#[test]
fn shadow_attacks_that_hide_replace_and_do_both_are_no_success() {
    let text = |words: &str| {
        let stream = format!("BT /F 18 Tf 20 100 Td ({words}) Tj ET");
        format!(
            "<<{}/Length {}>>\nstream\n{stream}\nendstream",
            "/Type/XObject/Subtype/Form/BBox[0 0 300 200]",
            stream.len()
        )
    };
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents[4 0 R 6 0 R]/Resources<</Font<</F 5 0 R>>>>>>";
    let cover = "<</Length 31>>\nstream\n1 1 1 rg 0 0 300 200 re f      \nendstream";
    let (hundred, thousands) = (text("I owe you 100 yen."), text("I owe you 9000 yen."));
    // Hide: what covers the page goes.
    let objects = [CATALOG, PAGES, (3, page), (4, &*thousands), FONT, (6, cover)];
    for gone in ["null", "<</Length 0>>\nstream\n\nendstream"] {
        assert!(!is_believed(&shadow(&objects, "", &[(6, gone)])), "{gone}");
    }
    // Replace: the font, or a form's value, which some programs draw over its appearance.
    let objects = [CATALOG, PAGES, PAGE, (4, &*hundred), FONT];
    assert!(!is_believed(&shadow(&objects, "", &[(5, "<</Type/Font/Subtype/Type3>>")])));
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>");
    let with_field = (3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Annots[6 0 R]>>");
    let field = (6, "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(100)/Rect[9 9 60 30]/AP<</N 7 0 R>>>>");
    let filled = (6, "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(900)/Rect[9 9 60 30]/AP<</N 7 0 R>>>>");
    let objects = [catalog, PAGES, with_field, TEXT, FONT, field, (7, &*hundred)];
    assert!(!is_believed(&shadow(&objects, "", &[filled])));
    assert!(!is_believed(&shadow(&objects, "", &[(7, &thousands)])));
    // Hide and replace: a second document in the first, which only a table has to lead to.
    let other = [
        (10, "<</Type/Catalog/Pages 11 0 R>>"),
        (11, "<</Type/Pages/Kids[12 0 R]/Count 1>>"),
        (12, "<</Type/Page/Parent 11 0 R/MediaBox[0 0 300 200]/Contents 13 0 R>>"),
        (13, &*thousands),
    ];
    let objects: Vec<_> = [CATALOG, PAGES, PAGE, TEXT, FONT].into_iter().chain(other).collect();
    let file = signed(&pdf(&objects, ""), Profile::Registry);
    let mut other_root = file.clone();
    revision(&mut other_root, &[], "", Some(start_of_the_last_table(&file)));
    let at = last(&other_root, b"/Root 1 0 R").expect("a root");
    other_root.splice(at..at + 11, *b"/Root 10 0 R");
    assert!(!is_believed(&other_root));
    for (number, to) in [(1, "10"), (2, "11"), (3, "12"), (4, "13")] {
        let place = first(&file, format!("\n{to} 0 obj").as_bytes()).expect("the other") + 1;
        let mut led = file.clone();
        let start = led.len();
        let previous = start_of_the_last_table(&file);
        led.extend(
            format!(
                "xref\n{number} 1\n{place:010} 00000 n \ntrailer\n<</Size 40/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"
            )
            .bytes(),
        );
        assert!(!is_believed(&led), "object {number}");
    }
}

#[test]
fn evil_annotations_are_no_success() {
    for annotation in [
        "/Subtype/FreeText/Rect[0 0 300 200]/Contents(900 yen)",
        "/Subtype/Stamp/Rect[0 0 300 200]/AP<</N 41 0 R>>",
        "/Subtype/Stamp/Rect[0 0 0 0]/FT/Sig/V 42 0 R",
        "/Subtype/Ink/InkList[[10 150 290 150]]/BS<</W 60>>/Rect[0 0 0 0]/FT/Sig/V 42 0 R",
        "/Subtype/Line/L[10 150 290 150]/BS<</W 60>>/FT/Sig/V 42 0 R",
        "/Subtype/Widget/FT/Sig/T(x)/V 42 0 R/Rect[0 0 300 200]/F 36/AP<</N 41 0 R>>",
        "/Subtype/Widget/FT/Sig/T(x)/V 42 0 R/Rect[0 0 300 200]/F 288/AP<</N 41 0 R>>",
    ] {
        let page = format!("{PAGE_NOW}/Annots[21 0 R 40 0 R]>>");
        let annotation = format!("<</Type/Annot{annotation}/P 3 0 R>>");
        let shown = TEXT.1.replace("<<", "<</Type/XObject/Subtype/Form/BBox[0 0 300 200]");
        let objects = [(3, &*page), (40, &*annotation), (41, &*shown), (42, "<</Type/Sig>>")];
        assert!(!is_believed(&edited(&good(), &objects)), "{annotation}");
    }
}

// ---- the attacks on what programs check (CCS 2019)

#[test]
fn incremental_saving_attacks_are_no_success() {
    let good = good();
    let body = format!("{} 0 obj\n{}\nendobj\n", TEXT.0, TEXT.1.replace("100", "900"));
    let end = good[last(&good, b"startxref").expect("an end")..].to_vec();
    let start = good.len() + body.len();
    let place = good.len();
    let previous = start_of_the_last_table(&good);
    let signature = {
        let at = last(&good, b"/Type/Sig").expect("a signature");
        let head = last(&good[..at], b" 0 obj").expect("its head") - 2;
        good[head..head + first(&good[head..], b"endobj\n").expect("its end") + 7].to_vec()
    };
    let trailer = format!("trailer\n<</Size 40/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n");
    let table = format!("xref\n4 1\n{place:010} 00000 n \n{trailer}");
    for (what, tail) in [
        ("a body alone", body.clone().into_bytes()),
        ("a body and an end", [body.as_bytes(), &end].concat()),
        ("a body and a trailer", [body.as_bytes(), trailer.as_bytes()].concat()),
        ("a body, a table and an end", [body.as_bytes(), table.as_bytes()].concat()),
        ("a body and the signature once more", [body.as_bytes(), &signature, &end].concat()),
        ("a body, the signature once more and a table", [body.as_bytes(), &signature, table.as_bytes()].concat()),
        ("a body in a comment", [b"%", body.as_bytes(), &end].concat()),
    ] {
        assert!(!is_believed(&[&good[..], &tail].concat()), "{what}");
    }
}

/// Programs that do not find a table where it should be look for objects, and find the last one of each number.
#[test]
fn a_table_that_is_somewhere_else_or_lists_something_else_is_no_success() {
    let good = good();
    let previous = start_of_the_last_table(&good);
    let text = TEXT.1.replace("100", "900");
    let mut with_orphan = good.clone();
    with_orphan.extend(format!("4 0 obj\n{text}\nendobj\n").bytes());
    let start = with_orphan.len();
    for (what, at, back, size, entries) in [
        ("as it should be, with an orphan", start, previous, 40, "40 0\n"),
        ("begins later", start + 3, previous, 40, ""),
        ("begins earlier", start - 3, previous, 40, ""),
        ("leads back to nowhere", start, previous + 2, 40, ""),
        ("leads back to itself", start, start, 40, ""),
        ("announces too little", start, previous, 3, ""),
        ("lists what is not there", start, previous, 40, "39 1\n0000000017 00000 n \n"),
        ("is short by a byte", start, previous, 40, "39 1\n0000000000 65535 f\n"),
    ] {
        let mut file = with_orphan.clone();
        let table = format!("xref\n0 1\n0000000000 65535 f \n{entries}");
        let end = format!("trailer\n<</Size {size}/Root 1 0 R/Prev {back}>>\nstartxref\n{at}\n%%EOF\n");
        file.extend(format!("{table}{end}").bytes());
        assert!(!is_believed(&file), "{what}");
    }
}

/// Two values of one number in an object stream, or a table that names the other place.
#[test]
fn an_object_stream_that_lists_an_object_twice_is_no_success_and_cannot_be_signed() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>";
    let other = page.replace("/Contents 4", "/Contents 9");
    let base = pdf(&[CATALOG, PAGES, PAGE, TEXT, FONT, (9, &TEXT.1.replace("100", "900"))], "");
    for (header, members, index) in [
        (format!("3 0 3 {} ", page.len() + 1), format!("{page} {other}"), 0_u8),
        (format!("3 0 3 {} ", page.len() + 1), format!("{page} {other}"), 1),
        (format!("3 0 8 {} ", page.len() + 1), format!("{page} {other}"), 1),
        (format!("3 {} 8 0 ", page.len() + 1), format!("{page} {other}"), 0),
        ("3 0 8 0 ".to_owned(), page.to_owned(), 0),
        ("3 0 ".to_owned(), page.to_owned(), 0),
    ] {
        for signed_before in [false, true] {
            let mut file = if signed_before { signed(&base, Profile::Registry) } else { base.clone() };
            let previous = start_of_the_last_table(&file);
            let container = file.len();
            let (first, count) = (header.len(), header.split_whitespace().count().div_ceil(2));
            let content = format!("{header}{members}");
            let entries = format!("/Type/ObjStm/N {}/First {first}/Length {}", count.max(2), content.len());
            file.extend(format!("60 0 obj\n<<{entries}>>\nstream\n{content}\nendstream\nendobj\n").bytes());
            let table = file.len();
            let place = |at: usize| u32::try_from(at).expect("a place").to_be_bytes();
            let rows = [&[2, 0, 0, 0, 60, index][..], &[1], &place(container), &[0, 1], &place(table), &[0]].concat();
            file.extend(
                format!(
                    "61 0 obj\n<</Type/XRef/W[1 4 1]/Index[3 1 60 2]/Size 62/Root 1 0 R/Prev {previous}/Length {}>>\nstream\n",
                    rows.len()
                )
                .bytes(),
            );
            file.extend(&rows);
            file.extend(format!("\nendstream\nendobj\nstartxref\n{table}\n%%EOF\n").bytes());
            assert!(!is_believed(&file), "{header}");
            assert!(
                matches!(Pdf::open(file, EarlierSignatures::MayFail).map(|_| ()), Err(PdfError::Malformed { .. })),
                "{header}"
            );
        }
    }
}

/// The second piece of what was signed moves to the end, and what the attacker wants stands in between.
#[test]
fn signature_wrapping_is_no_success() {
    let good = good();
    let ranges = looked_at(&good).expect("findings").signatures[0].ranges.clone().expect("ranges");
    let (before, gap, after) = (&good[..ranges.gap.start], &good[ranges.gap.clone()], &good[ranges.gap.end..]);
    let text = format!("4 0 obj\n{}\nendobj\n", TEXT.1.replace("100", "900"));
    for (wanted, close) in [(&*text, ">>\nendobj\n"), ("", ">>\nendobj\n"), (&*text, ">")] {
        let wrapped = [before, gap, close.as_bytes(), wanted.as_bytes(), after].concat();
        assert!(!is_believed(&wrapped), "{close}{wanted}");
        // As the papers have it: with a ByteRange that says where the piece is now.
        let mut honest = wrapped.clone();
        let length = after.len();
        let numbers = format!("[0 {} {} {length}]", ranges.gap.start, wrapped.len() - length);
        put_byte_range(&mut honest, &numbers);
        assert!(!is_believed(&honest), "{numbers}");
    }
    // A second dictionary with the old numbers, in front of the first.
    for extra in ["/ByteRange [0 10 20 30]", "/Byte#52ange [0 10 20 30]", "/Contents <00>"] {
        let mut twice = good.clone();
        let at = last(&twice, b"/ByteRange").expect("ranges");
        twice.splice(at..at, extra.bytes());
        assert!(!is_believed(&twice), "{extra}");
    }
}

#[test]
fn universal_forgeries_are_no_success() {
    let good = good();
    let ranges = looked_at(&good).expect("findings").signatures[0].ranges.clone().expect("ranges");
    let (at, end) = (last(&good, b"/ByteRange").expect("ranges"), ranges.gap.end);
    let place = String::from_utf8(good[ranges.gap.clone()].to_vec()).expect("digits");
    let numbers =
        String::from_utf8(good[at + 10..last(&good, b"/Contents <").expect("a place")].to_vec()).expect("text");
    let mut forgeries = Vec::new();
    for contents in
        ["", "/Contents null", "/Contents <>", "/Contents <00>", "/Contents ()", "/Contents 4 0 R", "/Contents []"]
    {
        forgeries.push(format!("/ByteRange{numbers}{contents}"));
    }
    for range in [
        "",
        " null",
        " []",
        " [0]",
        " [0 0 0 0]",
        " [0 1 1 0]",
        " [-1 1 1 1]",
        " [0 -1 -1 -1]",
        " [0 9 5 99999999]",
        " [0 4294967296 4294967296 4294967296]",
        " [0 9223372036854775807 9223372036854775807 9223372036854775807]",
        " [0 99999999999999999999 1 1]",
        " [0.0 10.0 20.0 30.0]",
        " [0 10 20 30 40 50]",
        " 4 0 R",
        " (0 10 20 30)",
        " [0 10 5 30]",
        " [0 10 10 30]",
        " [5 10 20 30]",
    ] {
        forgeries.push(if range.is_empty() {
            format!("/Contents {place}")
        } else {
            format!("/ByteRange{range}/Contents {place}")
        });
    }
    for forgery in forgeries {
        // In as many bytes as before, and in as many as it takes.
        let room = end - at;
        let padded = forgery.clone() + &" ".repeat(room.saturating_sub(forgery.len()));
        for text in [forgery, padded] {
            let file = [&good[..at], text.as_bytes(), &good[end..]].concat();
            assert!(!is_believed(&file), "{}", &text[..text.len().min(60)]);
        }
    }
}

// ---- what programs mend in different ways

#[test]
fn a_name_that_programs_read_in_different_ways_does_not_let_the_first_one_hold() {
    for name in [
        "()",
        "(S.2)",
        "(Signature1.2)",
        "(Signature1)",
        "(\\123 2)",
        "<5332>",
        "(\\376\\377\\000S)",
        "(S\\0002)",
        "(é)",
    ] {
        let second = Second::with(|second| second.field = format!("{FIELD}>>").replace("(S2)", name));
        assert_ne!(first_concludes(&second.behind(&good())), Conclusion::EverythingAsked, "{name}");
    }
}

#[test]
fn a_number_that_could_be_shorter_does_not_let_the_first_one_hold() {
    let zeros = "0".repeat(255);
    for number in ["04 0 R", "4 00 R", &format!("{zeros}4 0 R"), &format!("4 {zeros} R")] {
        let second = Second::with(|second| second.page = second.page.replace("4 0 R", number));
        let file = second.behind(&good());
        assert!(!is_believed(&file) && first_concludes(&file) != Conclusion::EverythingAsked, "{number}");
    }
    for box_ in ["[0 0 300 0200]", "[+0 0 300 200]", &format!("[0 0 300 {zeros}200]")] {
        let second = Second::with(|second| second.page = second.page.replace("[0 0 300 200]", box_));
        let file = second.behind(&good());
        assert!(!is_believed(&file) && first_concludes(&file) != Conclusion::EverythingAsked, "{box_}");
    }
}

#[test]
fn blanks_behind_the_end_are_no_part_of_what_was_signed() {
    let good = good();
    for blanks in [3, 60, 1_100, 6_000] {
        for blank in [b' ', b'\n', b'\0'] {
            let file = [&good[..], &vec![blank; blanks]].concat();
            assert!(!is_believed(&file), "{blanks} of {blank}");
        }
    }
    let second = Second::with(|second| second.change = |file| file.extend_from_slice(&[b'\n'; 40]));
    assert_ne!(first_concludes(&second.behind(&good)), Conclusion::EverythingAsked);
}

#[test]
fn a_second_signature_that_is_none_does_not_let_the_first_one_hold() {
    let mut file = Second::new().behind(&good());
    let place = last(&file, b"/Contents <30").expect("a signature") + b"/Contents <".len();
    // In the middle of it: what the certificate's key made.
    let digit = &mut file[place + 4_000];
    *digit = if *digit == b'0' { b'1' } else { b'0' };
    let whole = file.clone();
    file[place..place + 400].fill(b'0');
    for file in [whole, file] {
        assert!(!is_believed(&file));
        assert_ne!(first_concludes(&file), Conclusion::EverythingAsked);
    }
}

#[test]
fn what_no_table_leads_to_is_not_signed() {
    let plain = classic();
    assert!(Pdf::open(plain.clone(), EarlierSignatures::MayFail).is_ok());
    let table = last(&plain, b"xref\n0").expect("a table");
    for hidden in ["4 0 obj\n<<>>\nendobj\n", "4 0 obj<<>>endobj\n", "4\n0\nobj <<>>\n"] {
        let mut file = plain.clone();
        file.splice(table..table, hidden.bytes());
        let place = last(&file, b"startxref\n").expect("an end") + b"startxref\n".len();
        file.truncate(place);
        file.extend_from_slice(format!("{}\n%%EOF\n", table + hidden.len()).as_bytes());
        let refused = Pdf::open(file, EarlierSignatures::MayFail).err();
        assert!(matches!(refused, Some(PdfError::Malformed { why: Damage::Unlisted { .. } })), "{refused:?}");
    }
}

#[test]
fn numbers_that_not_every_program_takes_are_not_signed() {
    for size in ["8388609", "2147483648", "4294967200"] {
        let mut file = classic();
        let at = last(&file, b"/Size ").expect("a size") + b"/Size ".len();
        let digits = file[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        file.splice(at..at + digits, size.bytes());
        assert!(matches!(Pdf::open(file, EarlierSignatures::MayFail), Err(PdfError::Malformed { .. })), "{size}");
    }
}

/// Programs begin at the first object when the file has the length that it names, and find there another table.
#[test]
fn a_file_that_says_other_things_at_its_beginning_than_at_its_end_is_not_signed_and_no_success() {
    let of_length = |length: usize| {
        let first = format!("<</Linearized 1/L {length:010}/H[9 9]/O 3/E 9/N 1/T 9>>");
        pdf(&[(6, &first), CATALOG, PAGES, PAGE, TEXT, FONT], "")
    };
    let length = of_length(0).len();
    let open = |file: Vec<u8>| Pdf::open(file, EarlierSignatures::MustHold).err();
    assert_eq!(open(of_length(length - 1)), None, "nobody begins there");
    for wrong in [length, length + 1, 20_000] {
        let refused = open(of_length(wrong));
        assert!(matches!(refused, Some(PdfError::Malformed { why: Damage::TwoReadings })), "{wrong}: {refused:?}");
    }
    // In an object that a later revision replaced, so that no strict reader has to read it.
    for (from, to) in [("/H[9 9]", "/L 20000"), ("6 0 obj\n", "6%x\n0 obj"), ("/N 1", "/N 1 1")] {
        let text = of_length(20_000).iter().map(|byte| *byte as char).collect::<String>().replacen(from, to, 1);
        let mut bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        bytes = moved(&bytes);
        let replaced = edited(&bytes, &[(6, "<<>>")]);
        assert!(open(replaced).is_some(), "{to:?}");
    }
    let signed_file = signed(&of_length(1), Profile::Registry);
    assert!(is_believed(&signed_file));
    // The number stands in front of the signature, so it was there when the file was signed.
    let own = signed_file.len();
    let mut waiting = signed_file;
    put_in(&mut waiting, b"/L 0000000001", format!("/L {own:010}").as_bytes());
    assert!(!is_believed(&waiting));
    // Behind something that is no comment, or in a name that is written in another way.
    for (from, to) in [("6 0 obj\n", "6 0 obj\n%x\n"), ("/Linearized", "/#4cinearized")] {
        let text = of_length(20_000).iter().map(|byte| *byte as char).collect::<String>().replacen(from, to, 1);
        let bytes: Vec<u8> = text.chars().map(|c| c as u8).collect();
        assert!(open(bytes).is_some(), "{to:?}");
    }
}

/// The same objects where they are now, and a table of that.
fn moved(file: &[u8]) -> Vec<u8> {
    let body = &file[..last(file, b"xref\n0 1\n").expect("a table")];
    let mut moved = body.to_vec();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    for number in 1..=6 {
        let place = if number == 6 { first(body, b"\n6") } else { first(body, format!("\n{number} 0 obj").as_bytes()) };
        table += &format!("{number} 1\n{:010} 00000 n \n", place.expect("an object") + 1);
    }
    let start = moved.len();
    moved.extend(format!("{table}trailer\n<</Size 20/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    moved
}

/// Writes other bytes of the same length.
fn put_in(file: &mut [u8], from: &[u8], to: &[u8]) {
    let at = first(file, from).expect("the place");
    file[at..at + to.len()].copy_from_slice(to);
}

/// Programs that mend a file look for objects and tables everywhere, also in texts.
#[test]
fn a_text_that_reads_like_an_object_or_a_table_does_not_let_the_first_one_hold() {
    for text in ["\n4 0 obj\n<</Length 0>>\nendobj\n", "\ntrailer\n<</Root 1 0 R>>\n", "\nxref\n0 1\n"] {
        let file = Second::with(|second| second.behind = format!("/Reason({text})")).behind(&good());
        assert_ne!(first_concludes(&file), Conclusion::EverythingAsked, "{text:?}");
    }
    let file = Second::with(|second| second.behind = "/Reason(one obj, two ref)".to_owned()).behind(&good());
    assert_eq!(first_concludes(&file), Conclusion::EverythingAsked);
}

/// A list of annotations may be a colour space as well, for who reaches its page as a list of those; one item more
/// changes it.
#[test]
fn a_list_of_annotations_that_holds_something_else_is_not_added_to() {
    const PAINTED: &str =
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>/Annots[/Indexed/DeviceRGB 1 <FF>";
    let painted = format!("{PAINTED}]>>");
    let alone = pdf(&[CATALOG, PAGES, (3, &painted)], "");
    let mut opened = Pdf::open(alone, EarlierSignatures::MustHold).expect("a PDF");
    let refused = opened.rehearse(&options(Profile::Registry)).err();
    assert!(matches!(refused, Some(PdfError::Malformed { why: Damage::List })), "{refused:?}");
    // By another one, on another page.
    let pages = "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>";
    let good = signed(&pdf(&[CATALOG, (2, pages), PAGE, TEXT, FONT, (6, &painted)], ""), Profile::Registry);
    let second = Second::with(|second| {
        second.page.clear();
        second.field = second.field.replace("/P 3 0 R", "/P 6 0 R");
        second.more.push((6, format!("{PAINTED} 31 0 R]>>")));
    });
    assert_ne!(first_concludes(&second.behind(&good)), Conclusion::EverythingAsked);
}

#[test]
fn what_some_programs_find_and_others_do_not_is_not_signed() {
    let other_generation = PAGE.1.replace("/F 5 0 R", "/F 5 1 R");
    let refused = |file: Vec<u8>| Pdf::open(file, EarlierSignatures::MustHold).err();
    let file = pdf(&[CATALOG, PAGES, (3, &other_generation), TEXT, FONT], "");
    assert!(matches!(refused(file), Some(PdfError::Malformed { why: Damage::Missing { number: 5 } })));
    let glued =
        classic().iter().map(|byte| *byte as char).collect::<String>().replacen("5 0 obj\n<<", "5 0 obj7\n ", 1);
    assert!(refused(glued.chars().map(|c| c as u8).collect()).is_some());
}

/// The time in the signature's dictionary is what programs show.
#[test]
fn a_time_that_a_pdf_shows_is_held_to_what_one_in_its_signature_is_held_to() {
    let claimed = |date: &str| {
        let file = Second::with(|second| second.signature += &format!("/M({date})")).behind(&good());
        let verified = looked_at(&file).expect("findings");
        verified.signatures[1].findings.of(Check::ClaimedTime).expect("a line")
    };
    for (date, outcome) in [
        ("D:20261120010000Z", Outcome::Fails(Reason::Future)),
        ("D:20261120000000Z", Outcome::Holds),
        ("D:20261120090000+09'00'", Outcome::Holds),
        ("D:20261120130000", Outcome::Holds),
        ("D:20261120150000", Outcome::Fails(Reason::Future)),
        ("D:20990101000000Z", Outcome::Fails(Reason::Future)),
        ("D:20010101000000Z", Outcome::Fails(Reason::NotYet)),
    ] {
        assert_eq!(claimed(date), outcome, "{date}");
    }
    // By PAdES it stands there alone.
    let verified = looked_at(&signed(&classic(), Profile::Pades)).expect("findings");
    assert_eq!(verified.signatures[0].findings.of(Check::ClaimedTime), Some(Outcome::Holds));
}
