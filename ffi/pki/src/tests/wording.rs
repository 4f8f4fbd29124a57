//! What an app's holder, or whoever examines a file there, is told of each error of the crate that reads files: in
//! words of the language asked for, with no command in them, and to an examiner nothing that would destroy what there
//! is to examine.

use crate::error::{Detail, PkiError, Who};
use crate::timestamp::{of, of_pdf};
use kazasu_catalogue::{DocumentTrouble, Part, PdfRefusal, StampRefusal, Unsigned};
use kazasu_pki::CertificateError;
use kazasu_pki::algorithm::WrongSignature;
use kazasu_pki::anchors::AnchorError;
use kazasu_pki::cms::CmsError;
use kazasu_pki::genuine::ProofError;
use kazasu_pki::jws::JwsError;
use kazasu_pki::pdf::{Damage, EarlierFails, EarlierFailure, PdfError};
use kazasu_pki::sign::{FinishError, PrepareError};
use kazasu_pki::timestamp::TimestampError;

/// Every variant; the match below grows with them.
fn pdfs() -> Vec<PdfError> {
    let earlier = |failure| PdfError::Earlier(EarlierFails { field: "Signature1".into(), failure });
    let one_of_each = [
        PdfError::NotPdf,
        PdfError::TooLong,
        PdfError::TooLarge,
        PdfError::Encrypted,
        PdfError::Hybrid,
        PdfError::Certified,
        PdfError::Xfa,
        PdfError::NoPage,
        PdfError::TooManyFields,
        PdfError::NoRoom { needed: 7, room: 6 },
        PdfError::Time,
        PdfError::OtherFile,
        earlier(EarlierFailure::Changed),
        earlier(EarlierFailure::AddedLater),
        earlier(EarlierFailure::NotUnderstood),
        PdfError::NoSignature,
        PdfError::Prepare(PrepareError::Time),
        PdfError::Finish(FinishError::NotPrepared),
        PdfError::Timestamp(TimestampError::NotOurs),
    ];
    // Of each damage the catalogue has a test.
    let damaged = [Damage::NoEnd, Damage::Elsewhere { number: 7, at: 12 }, Damage::Unread];
    let all: Vec<_> = one_of_each.into_iter().chain(damaged.map(|why| PdfError::Malformed { why })).collect();
    let kind = |error: &PdfError| match error {
        PdfError::NotPdf => 0,
        PdfError::TooLong => 1,
        PdfError::TooLarge => 2,
        PdfError::Malformed { .. } => 3,
        PdfError::Encrypted => 4,
        PdfError::Hybrid => 5,
        PdfError::Certified => 6,
        PdfError::Xfa => 7,
        PdfError::NoPage => 8,
        PdfError::TooManyFields => 9,
        PdfError::NoRoom { .. } => 10,
        PdfError::Time => 11,
        PdfError::OtherFile => 12,
        PdfError::NoSignature => 13,
        PdfError::Prepare(_) => 14,
        PdfError::Finish(_) => 15,
        PdfError::Timestamp(_) => 16,
        PdfError::Earlier(_) => 17,
    };
    every(&all, kind, 18);
    all
}

/// Each kind is there.
fn every<E>(all: &[E], kind: impl Fn(&E) -> usize, kinds: usize) {
    let found: std::collections::BTreeSet<_> = all.iter().map(kind).collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), (0..kinds).collect::<Vec<_>>());
}

fn cms() -> Vec<CmsError> {
    let all = vec![
        CmsError::Indefinite,
        CmsError::NotSignedData,
        CmsError::Malformed,
        CmsError::Trailing(3),
        CmsError::TooLarge,
        CmsError::NoSigner,
    ];
    let kind = |error: &CmsError| match error {
        CmsError::Indefinite => 0,
        CmsError::NotSignedData => 1,
        CmsError::Malformed => 2,
        CmsError::Trailing(_) => 3,
        CmsError::TooLarge => 4,
        CmsError::NoSigner => 5,
    };
    every(&all, kind, 6);
    all
}

fn tokens() -> Vec<JwsError> {
    let all = vec![JwsError::TooLong, JwsError::Malformed, JwsError::Critical, JwsError::NoCertificate];
    let kind = |error: &JwsError| match error {
        JwsError::TooLong => 0,
        JwsError::Malformed => 1,
        JwsError::Critical => 2,
        JwsError::NoCertificate => 3,
    };
    every(&all, kind, 4);
    all
}

fn proofs() -> Vec<ProofError> {
    let all = vec![ProofError::TooLong, ProofError::Unreadable, ProofError::Empty];
    let kind = |error: &ProofError| match error {
        ProofError::TooLong => 0,
        ProofError::Unreadable => 1,
        ProofError::Empty => 2,
    };
    every(&all, kind, 3);
    all
}

fn anchors() -> Vec<AnchorError> {
    let all = vec![AnchorError::Unreadable, AnchorError::NotPinned, AnchorError::Ambiguous];
    let kind = |error: &AnchorError| match error {
        AnchorError::Unreadable => 0,
        AnchorError::NotPinned => 1,
        AnchorError::Ambiguous => 2,
    };
    every(&all, kind, 3);
    all
}

fn finishes() -> Vec<FinishError> {
    let all = vec![
        FinishError::Certificate(CertificateError::NoHolder),
        FinishError::NotPrepared,
        FinishError::OtherCertificate,
        FinishError::OtherContent,
        FinishError::WrongSignature(WrongSignature),
        FinishError::Authority,
    ];
    let kind = |error: &FinishError| match error {
        FinishError::Certificate(_) => 0,
        FinishError::NotPrepared => 1,
        FinishError::OtherCertificate => 2,
        FinishError::OtherContent => 3,
        FinishError::WrongSignature(_) => 4,
        FinishError::Authority => 5,
    };
    every(&all, kind, 6);
    all
}

fn timestamps() -> Vec<TimestampError> {
    let all = vec![
        TimestampError::Cms(CmsError::Malformed),
        TimestampError::NotOurs,
        TimestampError::Already,
        TimestampError::Fails,
        TimestampError::Request,
        TimestampError::Unreadable,
        TimestampError::Refused(2),
        TimestampError::OtherImprint,
        TimestampError::OtherNonce,
        TimestampError::Signature,
    ];
    let kind = |error: &TimestampError| match error {
        TimestampError::Cms(_) => 0,
        TimestampError::NotOurs => 1,
        TimestampError::Already => 2,
        TimestampError::Fails => 3,
        TimestampError::Unreadable => 4,
        TimestampError::Refused(_) => 5,
        TimestampError::OtherImprint => 6,
        TimestampError::OtherNonce => 7,
        TimestampError::Signature => 8,
        TimestampError::Request => 9,
    };
    every(&all, kind, 10);
    all
}

/// No command, and no English in a Japanese text: a name of a format or a field at the most, never two words of a
/// sentence.
fn of_an_app(detail: &Detail) {
    let texts = [&detail.english.what, &detail.english.next, &detail.japanese.what, &detail.japanese.next];
    for text in texts {
        assert!(!text.contains("--") && !text.contains("openssl") && !text.contains('`'), "{text}");
        assert!(!text.is_empty());
    }
    for text in &texts[..2] {
        assert!(text.is_ascii(), "{text}");
    }
    for text in &texts[2..] {
        let words: Vec<_> = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
        let sentence = ["the", "not", "of", "is", "a", "no", "to", "in", "has", "at", "byte", "object", "nobody"];
        assert!(!words.iter().any(|word| sentence.contains(word)), "{text}");
    }
}

#[test]
fn whoever_examines_a_file_is_never_told_to_save_it_again_nor_to_run_a_command() {
    let reasons = pdfs().iter().map(Unsigned::from).collect::<Vec<_>>().into_iter();
    let reasons = reasons.chain(cms().iter().map(Unsigned::from).collect::<Vec<_>>());
    for why in reasons.chain(tokens().iter().map(Unsigned::from).collect::<Vec<_>>()) {
        let error = PkiError::from(DocumentTrouble::NotSigned { why });
        let detail = error.detail();
        assert_eq!(detail.number, 460);
        of_an_app(detail);
        for text in [&detail.english.what, &detail.english.next] {
            for advice in ["Save", "save", "Print", "Split", "Sign it", "convert", "Remove"] {
                assert!(!text.contains(advice), "{text}");
            }
        }
        for text in [&detail.japanese.what, &detail.japanese.next] {
            for advice in ["保存し", "印刷", "分割", "変換", "外して"] {
                assert!(!text.contains(advice), "{text}");
            }
        }
    }
}

#[test]
fn each_error_of_a_file_is_told_in_the_language_asked_for_and_names_no_command() {
    let all = pdfs().into_iter().map(PkiError::from).chain(proofs().into_iter().map(PkiError::from));
    let all = all.chain(anchors().into_iter().map(PkiError::from)).chain(finishes().into_iter().map(PkiError::from));
    let all = all.chain(timestamps().into_iter().map(of)).chain(pdfs().into_iter().map(of_pdf));
    for error in all {
        of_an_app(error.detail());
    }
}

/// One of each; the match below grows with them.
fn troubles() -> Vec<DocumentTrouble> {
    let refusals = [
        PdfRefusal::NotPdf,
        PdfRefusal::Damaged(Damage::NoEnd),
        PdfRefusal::Encrypted,
        PdfRefusal::Hybrid,
        PdfRefusal::Certified,
        PdfRefusal::Xfa,
        PdfRefusal::NoPage,
        PdfRefusal::TooLarge,
    ];
    let refusal = |why: &PdfRefusal| match why {
        PdfRefusal::NotPdf => 0,
        PdfRefusal::Damaged(_) => 1,
        PdfRefusal::Encrypted => 2,
        PdfRefusal::Hybrid => 3,
        PdfRefusal::Certified => 4,
        PdfRefusal::Xfa => 5,
        PdfRefusal::NoPage => 6,
        PdfRefusal::TooLarge => 7,
    };
    every(&refusals, refusal, 8);
    let others = [
        DocumentTrouble::Expired { last_day: "2026-11-20".into() },
        DocumentTrouble::SignatureWrong,
        DocumentTrouble::Unreadable { what: Part::Certificate },
        DocumentTrouble::Origin,
        DocumentTrouble::Nonce,
        DocumentTrouble::Check,
        DocumentTrouble::TooLargeInside { most: 7 },
        DocumentTrouble::Authority { why: AnchorError::NotPinned },
        DocumentTrouble::Proof { why: ProofError::Empty },
        DocumentTrouble::NotSigned { why: Unsigned::NotCms },
    ];
    let earlier = EarlierFailure::ALL.iter().map(|&failure| DocumentTrouble::EarlierFails { failure });
    let unstamped = [
        StampRefusal::Kind,
        StampRefusal::Foreign,
        StampRefusal::Already,
        StampRefusal::Fails,
        StampRefusal::NoRoom,
        StampRefusal::Request,
        StampRefusal::Answer(TimestampError::OtherNonce),
        StampRefusal::NoRandom,
    ];
    let of_files = refusals.map(DocumentTrouble::Pdf).into_iter().chain(unstamped.map(DocumentTrouble::NotStamped));
    let all: Vec<_> = others.into_iter().chain(earlier).chain(of_files).collect();
    let kind = |trouble: &DocumentTrouble| match trouble {
        DocumentTrouble::Expired { .. } => 0,
        DocumentTrouble::SignatureWrong => 1,
        DocumentTrouble::Unreadable { .. } => 2,
        DocumentTrouble::Origin => 3,
        DocumentTrouble::Nonce => 4,
        DocumentTrouble::Check => 5,
        DocumentTrouble::TooLargeInside { .. } => 6,
        DocumentTrouble::Authority { .. } => 7,
        DocumentTrouble::Proof { .. } => 8,
        DocumentTrouble::NotSigned { .. } => 9,
        DocumentTrouble::Pdf(_) => 10,
        DocumentTrouble::EarlierFails { .. } => 11,
        DocumentTrouble::NotStamped(_) => 12,
    };
    every(&all, kind, 13);
    all
}

#[test]
fn each_number_has_its_variant() {
    let misuse = PkiError::from(kazasu_core::Error::Misuse("no"));
    let numbers: std::collections::BTreeSet<_> = troubles()
        .into_iter()
        .map(PkiError::from)
        .chain([misuse])
        .map(|error| {
            assert_eq!(error.declared(), error.detail().number, "{error:?}");
            error.declared()
        })
        .collect();
    let all = [251, 252, 253, 403, 456, 460, 461, 462, 463, 464, 465, 466, 467, 468, 472, 473];
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), all);
}

#[test]
fn a_mistake_of_a_program_is_never_told_as_the_card_s() {
    let mistakes =
        [FinishError::NotPrepared, FinishError::OtherCertificate, FinishError::OtherContent].map(PkiError::from);
    let of_pdfs = [
        PdfError::NoRoom { needed: 7, room: 6 },
        PdfError::OtherFile,
        PdfError::Timestamp(TimestampError::NotOurs),
        PdfError::Finish(FinishError::OtherContent),
    ];
    for error in mistakes.into_iter().chain(of_pdfs.map(PkiError::from)) {
        assert_eq!((error.detail().number, error.detail().who), (403, Who::Caller), "{error:?}");
    }
}
