//! A PDF gets its signature as an update: what was there stays, whatever shape it has; what cannot be signed is refused
//! before there is a card.

mod common;
mod pdfs;

use common::{CardKey, certificate, with_key};
use kazasu_pki::finding::Conclusion;
use kazasu_pki::pdf::{EarlierSignatures, LONGEST_FILE, MOST_FIELDS, Options, Pdf, PdfError, Prepared, Profile};
use kazasu_pki::sign::{FinishError, PrepareError};
use kazasu_pki::{CertificateError, Signing, TransientCertificate, UserAuthentication};
use lopdf::{Document, Object};
use pdfs::*;
use std::time::{Duration, UNIX_EPOCH};

// ---- what comes out

#[test]
fn each_shape_of_file_is_signed_for_each_profile_and_again_and_stays_as_it_was_in_front() {
    for (shape, file) in all() {
        for profile in [Profile::Registry, Profile::Pades] {
            let once = signed(&file, profile);
            assert!(once.starts_with(&file), "{shape}");
            assert_eq!(conclusions(&once), [Conclusion::EverythingAsked], "{shape} {profile:?}");
            let twice = signed(&once, Profile::Registry);
            assert!(twice.starts_with(&once), "{shape}");
            let thrice = signed(&twice, Profile::Pades);
            // What came behind the first ones is proven to be signatures and nothing else.
            assert_eq!(conclusions(&thrice), [Conclusion::EverythingAsked; 3], "{shape} {profile:?}");
        }
    }
}

/// Each entry of the dictionary that 登記・供託オンライン申請システム asks for: Type, Filter, SubFilter, Name, M, ByteRange, Contents.
#[test]
fn the_signature_dictionary_has_what_the_registry_asks_for() {
    let file = signed(&classic(), Profile::Registry);
    let document = Document::load_mem(&file).expect("a document");
    let mut found =
        document.objects.values().filter_map(|object| object.as_dict().ok()).filter(|d| d.has(b"ByteRange"));
    let dictionary = found.next().expect("a signature");
    assert!(found.next().is_none());
    let name = |key: &[u8]| dictionary.get(key).and_then(Object::as_name).expect("a name");
    assert_eq!(
        [name(b"Type"), name(b"Filter"), name(b"SubFilter")],
        [&b"Sig"[..], b"Adobe.PPKLite", b"adbe.pkcs7.detached"]
    );
    let text = |key: &[u8]| lopdf::decode_text_string(dictionary.get(key).expect("a text")).expect("a text");
    assert_eq!(text(b"Name"), certificate::<Signing>().holder().expect("a holder").name());
    assert_eq!(text(b"M"), "D:20261120090000+09'00'");
    let numbers = dictionary.get(b"ByteRange").and_then(Object::as_array).expect("numbers");
    let numbers: Vec<_> = numbers.iter().map(|n| n.as_i64().expect("a number") as usize).collect();
    assert_eq!((numbers[0], numbers[2] + numbers[3]), (0, file.len()));
    assert_eq!((file[numbers[1]], file[numbers[2] - 1]), (b'<', b'>'));
    assert!(file[..numbers[1]].ends_with(b"/Contents "));
}

#[test]
fn the_update_has_a_table_of_the_same_kind_as_the_one_before_and_announces_no_fewer_objects() {
    for (file, table) in [(classic(), true), (with_streams(), false)] {
        let signed = signed(&file, Profile::Registry);
        assert_eq!(signed[start_of_the_last_table(&signed)..].starts_with(b"xref"), table);
        let size = |file: &[u8]| {
            let trailer = Document::load_mem(file).expect("a document").trailer;
            trailer.get(b"Size").and_then(Object::as_i64).expect("a size")
        };
        assert!(size(&signed) > size(&file));
    }
}

#[test]
fn what_waits_for_the_card_is_plain_bytes() {
    let certificate = certificate::<Signing>();
    let pdf = Pdf::open(classic(), EarlierSignatures::MayFail).expect("a PDF");
    let prepared = pdf.prepare(&certificate, &options(Profile::Pades), TOLD).expect("prepared");
    let (file, attributes) = prepared.as_bytes();
    let (file, attributes) = (file.to_vec(), attributes.to_vec());
    let signature = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    let again = Prepared::from_bytes(file.clone(), &attributes, &certificate, TOLD).expect("prepared");
    let finished = again.finish(&certificate, &signature, &[]).expect("finished");
    assert_eq!(finished, prepared.finish(&certificate, &signature, &[]).expect("finished"));
    // Another file that is also prepared, under the attributes of the first.
    let other = prepared_bytes(&with_form());
    let mixed = Prepared::from_bytes(other, &attributes, &certificate, TOLD).expect("prepared");
    assert_eq!(mixed.finish(&certificate, &signature, &[]), Err(PdfError::OtherFile));
    let wrong = Prepared::from_bytes(file, b"x", &certificate, TOLD).err();
    assert_eq!(wrong, Some(PdfError::Finish(FinishError::NotPrepared)));
}

fn prepared_bytes(file: &[u8]) -> Vec<u8> {
    prepared(file, Profile::Pades).0
}

#[test]
fn nothing_is_returned_that_the_certificate_does_not_verify() {
    let certificate = certificate::<Signing>();
    let prepare = || {
        Pdf::open(classic(), EarlierSignatures::MayFail).expect("a PDF").prepare(
            &certificate,
            &options(Profile::Registry),
            TOLD,
        )
    };
    let good = CardKey::of::<Signing>().sign(&prepare().expect("prepared").to_be_signed());
    let other = CardKey::of::<UserAuthentication>().sign(&prepare().expect("prepared").to_be_signed());
    let mut glitch = good.clone();
    glitch[100] ^= 1;
    for signature in [other, glitch, Vec::new()] {
        let refused = prepare().expect("prepared").finish(&certificate, &signature, &[]);
        assert!(matches!(refused, Err(PdfError::Finish(FinishError::WrongSignature(_)))));
    }
    assert!(prepare().expect("prepared").finish(&certificate, &good, &[]).is_ok());
}

#[test]
fn the_next_cards_p_384_goes_the_same_way() {
    let key = CardKey::p384();
    let certificate = with_key::<Signing>(&key);
    for profile in [Profile::Registry, Profile::Pades] {
        let prepared = Pdf::open(with_streams(), EarlierSignatures::MayFail).expect("a PDF").prepare(
            &certificate,
            &options(profile),
            TOLD,
        );
        let prepared = prepared.expect("prepared");
        let signature = key.sign(&prepared.to_be_signed());
        let file = prepared.finish(&certificate, &signature, &[]).expect("finished");
        // The certificate is of a card that does not exist yet; everything else holds.
        let looked_at = looked_at(&file).expect("findings");
        fails(&looked_at.signatures[0], kazasu_pki::Check::Key, kazasu_pki::Reason::Weak);
        let others = looked_at.signatures[0].findings.lines().iter();
        let failing = others.filter(|line| matches!(line.outcome, kazasu_pki::Outcome::Fails(_))).count();
        assert_eq!(failing, 1);
    }
}

#[test]
fn a_rehearsal_changes_nothing_and_takes_the_longest_certificate_there_is() {
    let mut pdf = Pdf::open(with_form_apart(), EarlierSignatures::MayFail).expect("a PDF");
    pdf.rehearse(&options(Profile::Registry)).expect("rehearsed");
    let prepared = pdf.prepare(&certificate(), &options(Profile::Registry), TOLD).expect("prepared");
    assert_eq!(prepared.as_bytes().0, self::prepared(&with_form_apart(), Profile::Registry).0);
}

// ---- what is refused

fn refusal(file: Vec<u8>) -> PdfError {
    Pdf::open(file, EarlierSignatures::MayFail).err().expect("a refusal")
}

#[test]
fn another_kind_of_file_is_refused() {
    assert_eq!(refusal(b"PK\x03\x04".to_vec()), PdfError::NotPdf);
    assert_eq!(refusal(Vec::new()), PdfError::NotPdf);
    // Mail programs put lines in front; then places in the file are other ones than its tables say.
    assert_eq!(refusal([b"\n", &classic()[..]].concat()), PdfError::NotPdf);
}

#[test]
fn a_file_of_more_than_two_gigabytes_is_refused() {
    let mut file = vec![0; LONGEST_FILE + 1];
    file[..5].copy_from_slice(b"%PDF-");
    assert_eq!(refusal(file), PdfError::TooLong);
}

#[test]
fn a_damaged_file_is_refused_and_not_repaired() {
    let whole = classic();
    let cut = whole[..whole.len() - 60].to_vec();
    let mut shifted = whole.clone();
    shifted.insert(20, b' ');
    let mut renamed = whole.clone();
    let at = first(&renamed, b"5 0 obj").expect("an object");
    renamed[at] = b'7';
    for file in [cut, shifted, renamed] {
        assert!(matches!(refusal(file), PdfError::Malformed { .. }));
    }
}

#[test]
fn an_encrypted_file_is_refused_with_and_without_a_password_that_opens_it() {
    for password in ["", "secret"] {
        let mut document = Document::load_mem(&classic()).expect("a document");
        let version = lopdf::EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: password,
            key_length: 128,
            permissions: lopdf::Permissions::all(),
        };
        let state = lopdf::EncryptionState::try_from(version).expect("a state");
        document.encrypt(&state).expect("encrypted");
        let mut file = Vec::new();
        document.save_to(&mut file).expect("saved");
        assert_eq!(refusal(file), PdfError::Encrypted, "{password:?}");
    }
}

#[test]
fn a_file_with_two_tables_is_refused() {
    let mut file = classic();
    let table = start_of_the_last_table(&file);
    let stream = file.len();
    let entry = [&[1][..], &(stream as u16).to_be_bytes(), &[0]].concat();
    file.extend_from_slice(b"8 0 obj\n<</Type/XRef/Size 9/W[1 2 1]/Index[8 1]/Root 1 0 R/Length 4>>\nstream\n");
    file.extend_from_slice(&entry);
    file.extend_from_slice(b"\nendstream\nendobj\n");
    revision(&mut file, &[FONT], &format!("/XRefStm {stream}"), Some(table));
    assert_eq!(refusal(file.clone()), PdfError::Hybrid);
    // Also when it is not the last revision.
    assert_eq!(refusal(edited(&file, &[FONT])), PdfError::Hybrid);
}

#[test]
fn a_file_that_was_certified_against_any_change_is_refused_and_another_certified_one_is_not() {
    let certified = |permission: u8| {
        let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/SigFlags 3>>/Perms<</DocMDP 7 0 R>>>>");
        let field = (6, "<</Type/Annot/Subtype/Widget/FT/Sig/T(c)/V 7 0 R/Rect[0 0 0 0]/F 132>>");
        let reference = format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>/Reference\
             [<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P {permission}/V/1.2>>>>]>>"
        );
        pdf(&[catalog, PAGES, PAGE, TEXT, FONT, field, (7, &reference)], "")
    };
    assert_eq!(refusal(certified(1)), PdfError::Certified);
    assert!(Pdf::open(certified(2), EarlierSignatures::MayFail).is_ok());
}

#[test]
fn an_xfa_form_is_refused() {
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA 4 0 R>>>>");
    assert_eq!(refusal(pdf(&[catalog, PAGES, PAGE, TEXT, FONT], "")), PdfError::Xfa);
}

#[test]
fn a_file_without_a_page_is_refused() {
    let pages = (2, "<</Type/Pages/Kids[]/Count 0>>");
    assert_eq!(refusal(pdf(&[CATALOG, pages], "")), PdfError::NoPage);
}

#[test]
fn more_fields_than_any_form_has_are_refused_and_so_are_fields_in_a_circle() {
    let fields: Vec<_> = (0..=MOST_FIELDS as u32).map(|n| (10 + n, format!("<</FT/Tx/T({n})>>"))).collect();
    let list: String = fields.iter().map(|(number, _)| format!("{number} 0 R ")).collect();
    let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{list}]>>>>");
    let mut objects = vec![(1, catalog.as_str()), PAGES, PAGE, TEXT, FONT];
    objects.extend(fields.iter().map(|(number, field)| (*number, field.as_str())));
    assert_eq!(refusal(pdf(&objects, "")), PdfError::TooManyFields);
    let catalog = (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>");
    let circle = pdf(&[catalog, PAGES, PAGE, TEXT, FONT, (6, "<</T(a)/Kids[6 0 R]>>")], "");
    assert!(matches!(refusal(circle), PdfError::Malformed { .. }));
}

#[test]
fn what_does_not_fit_into_the_place_that_was_kept_is_refused() {
    let certificate = certificate::<Signing>();
    let prepared = Pdf::open(classic(), EarlierSignatures::MayFail).expect("a PDF").prepare(
        &certificate,
        &options(Profile::Registry),
        TOLD,
    );
    let prepared = prepared.expect("prepared");
    let signature = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    let authorities = ["sign-ca-1", "sign-ca-2", "auth-ca-1", "auth-ca-2"].map(common::authority);
    let authorities = authorities.each_ref().map(Vec::as_slice);
    let refused = prepared.finish(&certificate, &signature, &authorities);
    assert!(matches!(refused, Err(PdfError::NoRoom { .. })), "{:?}", refused.err());
    let options = Options { authorities: &authorities, ..options(Profile::Registry) };
    let prepared = Pdf::open(classic(), EarlierSignatures::MayFail)
        .expect("a PDF")
        .prepare(&certificate, &options, TOLD)
        .expect("prepared");
    let signature = CardKey::of::<Signing>().sign(&prepared.to_be_signed());
    assert!(prepared.finish(&certificate, &signature, &authorities).is_ok());
}

#[test]
fn a_clock_that_nobody_has_set_is_noticed() {
    let options = Options { at: UNIX_EPOCH - Duration::from_secs(86_400), ..options(Profile::Pades) };
    let mut pdf = Pdf::open(classic(), EarlierSignatures::MayFail).expect("a PDF");
    assert_eq!(pdf.rehearse(&options), Err(PdfError::Time));
}

#[test]
fn a_certificate_without_a_holder_cannot_sign() {
    let authentication = common::certificate_der::<UserAuthentication>();
    let certificate = TransientCertificate::<Signing>::new(&authentication).expect("a certificate");
    let refused = Pdf::open(classic(), EarlierSignatures::MayFail)
        .expect("a PDF")
        .prepare(&certificate, &options(Profile::Pades), TOLD)
        .err();
    assert_eq!(refused, Some(PdfError::Prepare(PrepareError::Certificate(CertificateError::NoHolder))));
}

#[test]
fn a_file_without_a_signature_has_none_to_look_at() {
    assert_eq!(looked_at(&classic()).err(), Some(PdfError::NoSignature));
}

// ---- timestamps; OpenSSL's authority gives them in .ci/judge-documents

#[test]
fn only_an_answer_of_a_time_stamping_authority_becomes_a_timestamp() {
    use kazasu_pki::pdf::{attach_timestamp, timestamp_request};
    use kazasu_pki::timestamp::TimestampError;
    let file = signed(&signed(&classic(), Profile::Registry), Profile::Pades);
    let request = timestamp_request(&file, [7; 16]).expect("a request");
    let refused = attach_timestamp(file.clone(), &request, b"sorry").err();
    assert_eq!(refused, Some(PdfError::Timestamp(TimestampError::Unreadable)));
    // It is about the last signature, which covers the file; an unsigned one has none.
    assert_ne!(request, timestamp_request(&signed(&classic(), Profile::Pades), [7; 16]).expect("a request"));
    assert_eq!(timestamp_request(&classic(), [7; 16]), Err(PdfError::NoSignature));
    assert_eq!(timestamp_request(&edited(&file, &[TEXT]), [7; 16]), Err(PdfError::NoSignature));
}
