//! Each error with what brings it about, and what the objects say of the demonstration cards. Documents with a card in
//! one tap are in the bridge's tests.

mod wording;

use crate::believe::{Authorities, RecordsOf, TestMunicipalAuthority};
use crate::certificate::{Certificate, HolderField};
use crate::document::{Content, Disclosure, Document, EarlierSignatures, Expired, Key, PdfProfile};
use crate::error::{Detail, PkiError, Who};
use crate::findings::{By, Concluded, Outcome};
use crate::proof::{LookedAtProof, Proof};
use crate::timestamp::TimestampRequest;
use crate::verify::LookedAtFile;
use kazasu_fixtures::{Persona, authorities};
use lopdf::{EncryptionState, EncryptionVersion, Permissions};
use std::sync::Arc;

const TOLD: Disclosure = Disclosure::TheFileWillShowNameAddressBirthDateAndSex;
const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>>>";

/// Objects numbered from 1, and a table of them.
fn pdf(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", at + 1).as_bytes());
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let end = format!("{table}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}

fn good_pdf() -> Vec<u8> {
    pdf(&["<</Type/Catalog/Pages 2 0 R>>", PAGES, PAGE], "")
}

fn file(persona: &str, application: &str, id: u16) -> Vec<u8> {
    Persona::named(persona).expect("a persona").file(application, id).expect("a file")
}

fn signing(persona: &str) -> Vec<u8> {
    file(persona, "jpki", 0x0001)
}

fn authentication(persona: &str) -> Vec<u8> {
    file(persona, "jpki", 0x000A)
}

fn demonstration() -> Arc<Authorities> {
    let der = |pem: &str| der::pem::decode_vec(pem.as_bytes()).expect("PEM").1;
    let (signing, authentication) = (authorities::SIGNING.map(der), authorities::USER_AUTHENTICATION.map(der));
    Authorities::test_only(signing.to_vec(), authentication.to_vec(), Vec::new(), Vec::new()).expect("authorities")
}

fn pdf_document(file: &[u8]) -> Result<Arc<Document>, PkiError> {
    Document::pdf(file, PdfProfile::Registry, EarlierSignatures::MustHold, TOLD)
}

fn a_file() -> Arc<Document> {
    Document::cms(b"text", Content::Detached, TOLD).expect("a file")
}

/// The error is this variant, its number is in the variant's documentation, and its words are there in both languages.
macro_rules! ends_in {
    ($variant:ident $number:literal $code:literal: $answer:expr) => {
        match $answer.map(|_| ()) {
            Err(PkiError::$variant { detail }) => told(&detail, $number, $code),
            other => panic!("{} of {}: {other:?}", $code, stringify!($answer)),
        }
    };
}

fn told(detail: &Detail, number: u16, code: &str) {
    assert_eq!((detail.number, detail.code.as_str()), (number, code));
    assert_eq!(detail.who, if number < 300 { Who::Card } else { Who::Caller });
    assert!(detail.english.what.is_ascii() && !detail.japanese.what.is_ascii(), "{detail:?}");
    assert!(!detail.english.next.is_empty() && !detail.japanese.next.is_empty(), "{detail:?}");
}

#[test]
fn each_pdf_that_cannot_be_signed_is_refused_with_its_number_before_a_card_is_there() {
    let catalog = "<</Type/Catalog/Pages 2 0 R>>";
    let with_form = |form: &str| format!("<</Type/Catalog/Pages 2 0 R/AcroForm<<{form}>>>>");
    ends_in!(NotPdf 461 "not-a-pdf": pdf_document(b"I owe you 100 yen."));
    ends_in!(PdfDamaged 462 "pdf-damaged": pdf_document(b"%PDF-1.7\nand nothing else"));
    let mut document = lopdf::Document::load_mem(&pdf(&[catalog, PAGES, PAGE], "/ID[<00><00>]")).expect("a document");
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: "",
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).expect("a state");
    document.encrypt(&state).expect("encrypted");
    let mut encrypted = Vec::new();
    document.save_to(&mut encrypted).expect("saved");
    ends_in!(PdfEncrypted 463 "pdf-encrypted": pdf_document(&encrypted));
    ends_in!(PdfHybrid 464 "pdf-hybrid": pdf_document(&hybrid()));
    let signature = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>/Reference\
         [<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]>>";
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(c)/V 5 0 R/Rect[0 0 0 0]/F 132>>";
    let certified = pdf(&[&with_form("/Fields[4 0 R]/SigFlags 3"), PAGES, PAGE, field, signature], "");
    ends_in!(PdfCertified 465 "pdf-certified": pdf_document(&certified));
    let xfa = pdf(&[&with_form("/Fields[]/XFA 4 0 R"), PAGES, PAGE, "<<>>"], "");
    ends_in!(PdfXfa 466 "pdf-xfa": pdf_document(&xfa));
    let empty = pdf(&[catalog, "<</Type/Pages/Kids[]/Count 0>>"], "");
    ends_in!(PdfNoPage 467 "pdf-no-page": pdf_document(&empty));
    let fields: Vec<_> = (0..=1_000).map(|n| format!("<</FT/Tx/T({n})>>")).collect();
    let list: String = (0..fields.len()).map(|at| format!("{} 0 R ", at + 4)).collect();
    let catalog = with_form(&format!("/Fields[{list}]"));
    let mut objects = vec![catalog.as_str(), PAGES, PAGE];
    objects.extend(fields.iter().map(String::as_str));
    ends_in!(PdfTooLarge 468 "pdf-too-large": pdf_document(&pdf(&objects, "")));
    assert!(pdf_document(&good_pdf()).is_ok());
}

/// A table and a stream of references that need not agree.
fn hybrid() -> Vec<u8> {
    let mut file = good_pdf();
    let table = file.windows(5).rposition(|window| window == b"\nxref").expect("a table") + 1;
    let stream = file.len();
    let entry = [&[1][..], &(stream as u16).to_be_bytes(), &[0]].concat();
    file.extend_from_slice(b"8 0 obj\n<</Type/XRef/Size 9/W[1 2 1]/Index[8 1]/Root 1 0 R/Length 4>>\nstream\n");
    file.extend_from_slice(&entry);
    file.extend_from_slice(b"\nendstream\nendobj\n");
    let start = file.len();
    let trailer = format!("<</Size 9/Root 1 0 R/Prev {table}/XRefStm {stream}>>");
    let end = format!("xref\n0 1\n0000000000 65535 f \ntrailer\n{trailer}\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}

#[test]
fn an_expired_certificate_is_refused_unless_somebody_says_otherwise_and_may_be_tried_with_another_card() {
    let documents = [
        (pdf_document(&good_pdf()).expect("a PDF"), signing("expired"), signing("adult")),
        (a_file(), signing("expired"), signing("adult")),
        (Document::jws(b"hello").expect("a message"), authentication("expired"), authentication("adult")),
    ];
    for (document, expired, good) in documents {
        ends_in!(Expired 251 "certificate-expired": document.digest(&expired, None, Expired::Refuse));
        let digest = document.digest(&good, None, Expired::Refuse).expect("a digest");
        assert_eq!(digest.len(), 32);
        let of_expired = document.digest(&expired, None, Expired::Allow).expect("a digest");
        assert_ne!(of_expired, digest);
        // Also of the same certificate again.
        ends_in!(Expired 251 "certificate-expired": document.digest(&expired, None, Expired::Refuse));
        assert_eq!(document.digest(&expired, None, Expired::Allow), Ok(of_expired));
    }
}

#[test]
fn what_the_certificate_does_not_verify_is_not_handed_out() {
    let signed = [pdf_document(&good_pdf()).expect("a PDF"), a_file()].map(|document| (document, signing("adult")));
    let login = Document::login("https://shop.example".into(), "A".repeat(43) + "=").expect("a login");
    let sent = [Document::jws(b"hello").expect("a message"), login].map(|document| (document, authentication("adult")));
    let raw = [(Key::Sign, signing("adult")), (Key::Auth, authentication("adult"))]
        .map(|(key, certificate)| (Document::raw(b"text", key).expect("a file"), certificate));
    for (document, certificate) in signed.into_iter().chain(sent).chain(raw) {
        document.digest(&certificate, None, Expired::Refuse).expect("a digest");
        ends_in!(SignatureWrong 252 "signature-wrong": document.finish(&[7; 256]));
        // Used up.
        ends_in!(Misuse 403 "misuse": document.key());
        ends_in!(Misuse 403 "misuse": document.finish(&[7; 256]));
        ends_in!(Misuse 403 "misuse": document.digest(&signing("adult"), None, Expired::Allow).and_then(|_| document.finish(&[7; 256])));
    }
    let proof = Proof::new(&[7; 32]).expect("a proof");
    let audience = || "https://verifier.example".to_owned();
    ends_in!(SignatureWrong 252 "signature-wrong": proof.holder(audience(), &authentication("adult"), &[7; 256], None));
    ends_in!(BadArgument 456 "bad-argument": proof.json());
}

#[test]
fn what_is_not_a_card_s_is_told_as_unreadable() {
    ends_in!(Unreadable 253 "unreadable": a_file().digest(&[0x30, 0], None, Expired::Refuse));
    ends_in!(Unreadable 253 "unreadable": Certificate::new(&[0x30, 0], Key::Sign));
    ends_in!(Unreadable 253 "unreadable": Certificate::new(&[0x30; 5_000], Key::Auth));
    let proof = Proof::new(&[7; 32]).expect("a proof");
    ends_in!(Unreadable 253 "unreadable": proof.text(&[], &[7; 256], None, None, None));
    let municipal = file("adult", "surface", 0x0004);
    ends_in!(Unreadable 253 "unreadable": proof.surface(&municipal, &[7; 256], Some(municipal.clone()), None));
    let document = a_file();
    // Before the card signs.
    ends_in!(Unreadable 253 "unreadable": document.digest(&signing("adult"), Some(vec![0x30, 0]), Expired::Refuse));
    document.digest(&signing("adult"), None, Expired::Refuse).expect("a digest");
}

/// The adult's certificate with a key of the next cards' kind, which signs a SHA-384: the curve's own base point.
fn of_the_next_card() -> Vec<u8> {
    let hex = |text: &str| -> Vec<u8> {
        let digit = |c: u8| char::from(c).to_digit(16).expect("hexadecimal") as u8;
        text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
    };
    let point = "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7\
                 3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F";
    let key = [hex("3076301006072A8648CE3D020106052B8104002203620004"), hex(point)].concat();
    let mut der = signing("adult");
    let rsa = hex("30820122300D06092A864886F70D010101");
    let at = der.windows(rsa.len()).position(|window| window == rsa).expect("an RSA key");
    let shorter = (4 + 0x122 - key.len()) as u16;
    der.splice(at..at + 4 + 0x122, key);
    // The lengths of the certificate and of what is signed of it.
    for length in [2, 6] {
        let now = u16::from_be_bytes([der[length], der[length + 1]]) - shorter;
        der[length..length + 2].copy_from_slice(&now.to_be_bytes());
    }
    der
}

#[test]
fn a_key_that_signs_digests_of_another_hash_function_is_refused_before_the_card_signs() {
    for document in [a_file(), Document::raw(b"text", Key::Sign).expect("a file")] {
        ends_in!(Unreadable 253 "unreadable": document.digest(&of_the_next_card(), None, Expired::Refuse));
        document.digest(&signing("adult"), None, Expired::Refuse).expect("it may be tried with another card");
    }
}

#[test]
fn a_timestamp_is_not_asked_for_where_no_signature_could_take_it() {
    ends_in!(TimestampRefused 473 "timestamp-refused": TimestampRequest::cms(b"text"));
    ends_in!(TimestampRefused 473 "timestamp-refused": TimestampRequest::pdf(&good_pdf()));
    // A signed file that was damaged is not to be saved again.
    ends_in!(NotSigned 460 "not-signed": TimestampRequest::pdf(b"text"));
    ends_in!(NotSigned 460 "not-signed": TimestampRequest::pdf(b"%PDF-1.7\nand nothing else"));
}

#[test]
fn a_pdf_may_be_tried_again_after_a_certificate_that_names_no_holder() {
    let nobody = der::pem::decode_vec(authorities::SIGNING[0].as_bytes()).expect("PEM").1;
    let document = pdf_document(&good_pdf()).expect("a PDF");
    ends_in!(Unreadable 253 "unreadable": document.digest(&nobody, None, Expired::Allow));
    assert_eq!(document.key(), Ok(Key::Sign));
    document.digest(&signing("adult"), None, Expired::Refuse).expect("a digest");
    // Prepared for one card, it stays so.
    ends_in!(Unreadable 253 "unreadable": document.digest(&nobody, None, Expired::Allow));
    document.digest(&signing("long"), None, Expired::Allow).expect("a digest");
}

#[test]
fn a_call_in_the_wrong_order_or_with_the_other_key_s_certificate_is_a_misuse() {
    ends_in!(Misuse 403 "misuse": a_file().finish(&[7; 256]));
    ends_in!(Misuse 403 "misuse": a_file().digest(&authentication("adult"), None, Expired::Refuse));
    let message = Document::jws(b"hello").expect("a message");
    ends_in!(Misuse 403 "misuse": message.digest(&signing("adult"), None, Expired::Refuse));
    message.digest(&authentication("adult"), None, Expired::Refuse).expect("a digest");
    let raw = Document::raw(b"text", Key::Auth).expect("a file");
    ends_in!(Misuse 403 "misuse": raw.digest(&signing("adult"), None, Expired::Refuse));
    assert_eq!((raw.key(), raw.wants_authority()), (Ok(Key::Auth), Ok(false)));
    raw.digest(&authentication("adult"), None, Expired::Refuse).expect("a digest");
    for length in [0, 20, 48, 64] {
        let digest = vec![7; length];
        ends_in!(Misuse 403 "misuse": Document::cms_of_digest(&digest, TOLD));
        ends_in!(Misuse 403 "misuse": Document::raw_of_digest(&digest, Key::Sign));
        ends_in!(Misuse 403 "misuse": LookedAtFile::cms_of_digest(b"text", &digest, demonstration()));
    }
}

#[test]
fn an_argument_that_cannot_be_used_is_told_at_once() {
    let nonce = || "A".repeat(43) + "=";
    for origin in ["http://shop.example", "https://shop.example/", "https://Shop.example", "shop.example", ""] {
        ends_in!(BadArgument 456 "bad-argument": Document::login(origin.into(), nonce()));
    }
    for nonce in ["", "AAAA", "not base64"] {
        ends_in!(BadArgument 456 "bad-argument": Document::login("https://shop.example".into(), nonce.into()));
    }
    for length in [0, 31, 65] {
        ends_in!(BadArgument 456 "bad-argument": Proof::new(&vec![7; length]));
    }
    ends_in!(BadArgument 456 "bad-argument": Document::jws(&vec![7; (1 << 19) + 1]));
    ends_in!(BadArgument 456 "bad-argument": Authorities::production(vec![signing("adult")], Vec::new()));
    ends_in!(BadArgument 456 "bad-argument": Authorities::test_only(vec![vec![7]], Vec::new(), Vec::new(), Vec::new()));
    let municipal = vec![TestMunicipalAuthority { records: RecordsOf::Text, id: vec![7; 16], modulus: vec![7; 255] }];
    ends_in!(BadArgument 456 "bad-argument": Authorities::test_only(Vec::new(), Vec::new(), municipal, Vec::new()));
    for json in [&b""[..], b"{}", b"[]"] {
        ends_in!(BadArgument 456 "bad-argument": LookedAtProof::new(json, &[7; 32], None, demonstration()));
    }
    let certificate = Certificate::new(&signing("adult"), Key::Sign).expect("a certificate");
    let findings = certificate.examine(demonstration()).expect("findings");
    ends_in!(BadArgument 456 "bad-argument": findings.conclusion(vec!["everything".into()]));
}

/// CMS without a signature that would verify: with the content type of a timestamp (RFC 3161, 2.4.2), and of a file's.
const OF_A_TIMESTAMP: &str = "304F06092A864886F70D010702A04230400201033100300D060B2A86\
    4886F70D0109100104312A302802010130053000020101300B0609608648016503040201300D06092A864886F70D01010105000400";
const OF_A_SIGNATURE: &str = "304D06092A864886F70D010702A040303E0201033100300B06092A86\
    4886F70D010701312A302802010130053000020101300B0609608648016503040201300D06092A864886F70D01010105000400";

#[test]
fn a_timestamp_of_the_document_is_told_from_a_signature() {
    let form = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 6 0 R]/SigFlags 3>>>>";
    let field = |name: &str, value: u8| {
        format!("<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/V {value} 0 R/Rect[0 0 0 0]/F 132/P 3 0 R>>")
    };
    let value =
        |kind: &str, cms: &str| format!("<<{kind}/Filter/Adobe.PPKLite/ByteRange[0 9 11 9]/Contents<{cms:0<400}>>>");
    let (timestamp, signature) = (field("Timestamp1", 5), field("Signature1", 7));
    let token = value("/Type/DocTimeStamp/SubFilter/ETSI.RFC3161", OF_A_TIMESTAMP);
    let cms = value("/Type/Sig/SubFilter/adbe.pkcs7.detached", OF_A_SIGNATURE);
    let file = pdf(&[form, PAGES, PAGE, &timestamp, &token, &signature, &cms], "");
    let looked = LookedAtFile::pdf(&file, demonstration()).expect("a file");
    let mut kinds: Vec<_> = looked
        .signatures()
        .expect("signatures")
        .iter()
        .map(|one| (one.field().expect("an answer").expect("a field"), one.is_document_timestamp().expect("an answer")))
        .collect();
    kinds.sort();
    assert_eq!(kinds, [("Signature1".to_owned(), false), ("Timestamp1".to_owned(), true)]);
}

#[test]
fn a_file_that_nobody_signed_is_told_as_that() {
    ends_in!(NotSigned 460 "not-signed": LookedAtFile::cms(b"text", None, demonstration()));
    ends_in!(NotSigned 460 "not-signed": LookedAtFile::pdf(&good_pdf(), demonstration()));
    // Whoever examines a file is not told to save it again.
    ends_in!(NotSigned 460 "not-signed": LookedAtFile::pdf(b"text", demonstration()));
    ends_in!(NotSigned 460 "not-signed": LookedAtFile::jws("text".into(), demonstration()));
}

#[test]
fn a_certificate_tells_its_holder_piece_by_piece_and_its_validity_in_japan() {
    let certificate = Certificate::new(&signing("adult"), Key::Sign).expect("a certificate");
    let field =
        |field| certificate.holder(field).expect("an answer").map(|bytes| String::from_utf8(bytes).expect("text"));
    let expected = [
        (HolderField::Name, Some("数差　花子")),
        (HolderField::Address, Some("数差県花市見本町中央１２－３－４０５")),
        (HolderField::Birth, Some("19800217")),
        (HolderField::Era, Some("showa")),
        (HolderField::Sex, Some("2")),
        (HolderField::NameSubstitutes, Some("")),
        (HolderField::AddressSubstitutes, Some("")),
    ];
    for (which, text) in expected {
        assert_eq!(field(which).as_deref(), text, "{which:?}");
    }
    assert_eq!(certificate.key(), Ok(Key::Sign));
    let (first, last) = (certificate.first_day().expect("a day"), certificate.last_day().expect("a day"));
    assert!(first < last && last == "2030-02-17", "{first} {last}");
    assert!(certificate.days_left().expect("an answer").is_some_and(|days| (1..3_653).contains(&days)));
    assert_eq!(certificate.algorithm().expect("an answer").as_deref(), Some("RS256"));
    assert_eq!(certificate.key_bits(), Ok(Some(2_048)));
    assert_eq!(certificate.policies(), Ok(vec!["1.2.392.200149.8.5.1.0.20".to_owned()]));
    assert_eq!(certificate.authority(demonstration()), Ok(None), "no authority of J-LIS's");

    let other = Certificate::new(&authentication("adult"), Key::Auth).expect("a certificate");
    assert_eq!((other.key(), other.holder(HolderField::Name)), (Ok(Key::Auth), Ok(None)));
    let over = Certificate::new(&signing("expired"), Key::Sign).expect("a certificate");
    assert_eq!((over.days_left(), over.last_day()), (Ok(None), Ok("2024-12-24".to_owned())));
    let long = Certificate::new(&signing("long"), Key::Sign).expect("a certificate");
    let stands = long.holder(HolderField::NameSubstitutes).expect("an answer").expect("flags that fit");
    assert!(!stands.is_empty(), "a name with characters that the certificate cannot write");
}

#[test]
fn a_table_has_a_line_for_each_check_in_codes_and_in_both_languages_and_says_whom_it_believes() {
    let certificate = Certificate::new(&signing("adult"), Key::Sign).expect("a certificate");
    let findings = certificate.examine(demonstration()).expect("findings");
    let lines = findings.lines().expect("lines");
    assert_eq!(lines.len(), 12);
    for line in &lines {
        let (expected, by) = match line.check.as_str() {
            "revocation" => (Outcome::NotChecked, By::Nobody),
            _ => (Outcome::Holds, By::Kazasu),
        };
        assert_eq!((line.outcome, line.by), (expected, by), "{line:?}");
        assert_eq!(line.because.is_some(), expected != Outcome::Holds);
        for words in [&line.english, &line.japanese] {
            assert_eq!(words.because.is_some(), expected != Outcome::Holds);
            assert!(!words.check.is_empty() && !words.by.is_empty());
        }
        assert!(line.english.check.is_ascii() && !line.japanese.check.is_ascii());
    }
    let whole = findings.conclusion(Vec::new()).expect("a conclusion");
    assert_eq!((whole.concluded, whole.check.as_deref()), (Concluded::NotEverything, Some("revocation")));
    assert_eq!(whole.because.as_deref(), Some("not-asked"));
    let without = findings.conclusion(vec!["revocation".into()]).expect("a conclusion");
    assert_eq!((without.concluded, &without.check, &without.because), (Concluded::EverythingAsked, &None, &None));
    // Believed for tests alone, and every result says so.
    assert!(whole.test && without.test && findings.test().expect("a stamp"));
    for conclusion in [whole, without] {
        assert!(conclusion.english.contains("test authorities"), "{}", conclusion.english);
        assert!(conclusion.japanese.contains("テスト用の認証局"), "{}", conclusion.japanese);
    }

    let production = Authorities::production(Vec::new(), Vec::new()).expect("authorities");
    let findings = certificate.examine(production).expect("findings");
    let unknown = findings.conclusion(vec!["revocation".into()]).expect("a conclusion");
    assert_eq!((unknown.concluded, unknown.check.as_deref()), (Concluded::Fails, Some("issuer")));
    assert_eq!((unknown.because.as_deref(), unknown.test), (Some("unknown-issuer"), false));
    assert!(!unknown.english.contains("test authorities"));
}

#[test]
fn no_error_shows_what_a_file_or_a_person_said() {
    let certificate = signing("expired");
    let name = Certificate::new(&certificate, Key::Sign).expect("a certificate").holder(HolderField::Name);
    let name = String::from_utf8(name.expect("an answer").expect("a name")).expect("text");
    let said = || format!("hanako {name}");
    let pki = |bytes: String| bytes.into_bytes();
    let document = a_file();
    let login = |origin: String, nonce: String| Document::login(origin, nonce).map(|_| ());
    let damaged = |text: &str| {
        let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm {text}>>");
        pdf(&[&catalog, PAGES, PAGE], "")
    };
    let finished = {
        let document = a_file();
        document.digest(&signing("adult"), None, Expired::Refuse).expect("a digest");
        document.finish(&pki(said()))
    };
    let findings = Certificate::new(&signing("adult"), Key::Sign).and_then(|it| it.examine(demonstration()));
    let findings = findings.expect("findings");
    let json = |text: String| LookedAtProof::new(&pki(text), &[7; 32], None, demonstration()).map(|_| ());
    let refusals: Vec<(u16, Result<(), PkiError>)> = vec![
        (251, document.digest(&certificate, None, Expired::Refuse).map(|_| ())),
        (252, finished.map(|_| ())),
        (253, document.digest(&pki(said()), None, Expired::Refuse).map(|_| ())),
        (403, document.finish(&pki(said())).map(|_| ())),
        (403, Document::cms_of_digest(&pki(said()), TOLD).map(|_| ())),
        (456, login(format!("https://{}", said()), "A".repeat(43) + "=")),
        (456, login("https://shop.example".into(), said())),
        (456, Authorities::production(vec![pki(said())], Vec::new()).map(|_| ())),
        (456, Proof::new(name.as_bytes()).map(|_| ())),
        (456, json(said())),
        (456, json(format!(r#"{{"{}":1}}"#, said()))),
        (456, findings.conclusion(vec![said()]).map(|_| ())),
        (403, Document::raw_of_digest(&pki(said()), Key::Sign).map(|_| ())),
        (253, LookedAtFile::raw(b"text", &pki(said()), Key::Sign, None, demonstration()).map(|_| ())),
        (473, TimestampRequest::cms(&pki(said())).map(|_| ())),
        (460, TimestampRequest::pdf(&pki(format!("%PDF-1.7\n{}", said()))).map(|_| ())),
        (460, LookedAtFile::cms(&pki(said()), None, demonstration()).map(|_| ())),
        (460, LookedAtFile::jws(said(), demonstration()).map(|_| ())),
        (460, LookedAtFile::pdf(&pki(said()), demonstration()).map(|_| ())),
        (460, LookedAtFile::pdf(&pki(format!("%PDF-1.7\n{}", said())), demonstration()).map(|_| ())),
        (461, pdf_document(&pki(said())).map(|_| ())),
        (462, pdf_document(&pki(format!("%PDF-1.7\n{}", said()))).map(|_| ())),
        (462, pdf_document(&damaged(&format!("({})", said()))).map(|_| ())),
        (462, pdf_document(&damaged("/hanako")).map(|_| ())),
        (462, pdf_document(&damaged(&format!("<</Fields[({})]>>", said()))).map(|_| ())),
        (462, pdf_document(&damaged(&format!("<</{name} 1/{name} 2>>"))).map(|_| ())),
    ];
    for (number, refused) in refusals {
        let error = refused.expect_err("refused");
        assert_eq!((error.detail().number, error.to_string()), (number, format!("kazasu {number}")), "{error:?}");
        let shown = format!("{error:?}");
        assert!(!shown.contains("hanako") && !shown.contains(&name), "{shown}");
        assert_eq!(shown.contains("2024-12-24"), number == 251, "{shown}");
    }
}
