//! Every reason that a sentence can end with, in both languages: the English is English, and no Japanese one has an
//! English sentence in it. A new variant stops the build here.
#![cfg(feature = "trust")]

use kazasu_catalogue::{
    Argument, Deviation, Explain as _, FileFault, Finding, Lang, Part, PdfRefusal, ProjectFault, ReaderFault,
    SecretFault, StampRefusal, Trouble, Unsigned, VirtualReaderFault, damage,
};
use kazasu_pki::CertificateError;
use kazasu_pki::anchors::AnchorError;
use kazasu_pki::cms::CmsError;
use kazasu_pki::genuine::ProofError;
use kazasu_pki::jws::JwsError;
use kazasu_pki::pdf::{Damage, PdfError};
use kazasu_pki::timestamp::TimestampError;

/// All variants of an enumeration: each by its name, and how one of it is made where it carries something.
macro_rules! all {
    ($of:ident: $($variant:ident $(($($inside:expr),*))? $({ $($field:ident: $value:expr),* })?),* $(,)?) => {{
        // Not exhaustive any more? The new one belongs into the list.
        let _ = |one: &$of| match one { $($of::$variant { .. } => ()),* };
        vec![$($of::$variant $(($($inside),*))? $({ $($field: $value),* })?),*]
    }};
}

fn damages() -> Vec<Damage> {
    all! { Damage:
        NoEnd, BlanksAtEnd, TableCircle { at: 12 }, Table { at: 12 }, PreviousTable, Size, HighNumbers, TwoReadings, Packing,
        NoObject { at: 12 }, TwiceTheKey { at: 12 }, TooDeep { at: 12 }, NoDictionary { at: 12 },
        Elsewhere { number: 7, at: 12 }, Unended { number: 7 }, Within { at: 12 }, NotInStream { number: 7 },
        NoLength { number: 7 }, OtherLength { number: 7 }, ObjectStream { number: 7 }, Unlisted { at: 12 },
        Missing { number: 7 }, NoCatalog, Form, FieldList, FieldInside, FieldTwice, NoField, NoSignature, SignatureKind, List,
        NumbersRunOut, SignatureElsewhere, Unread,
    }
}

fn unsigned() -> Vec<Unsigned> {
    let all = all! { Unsigned:
        NotPdf, Damaged(Damage::NoEnd), Encrypted, Hybrid, NoPage, TooLarge, NoSignature, Indefinite, OtherCms, NotCms,
        Trailing(3), CmsTooLarge, NoSigner, TokenTooLong, NotJws, Critical, NoCertificate, Empty, Proof,
        Beside("f.p7s".into()), Unexamined,
    };
    // What reads signatures ends with one of them.
    let cms = all! { CmsError: Indefinite, NotSignedData, Malformed, Trailing(3), TooLarge, NoSigner };
    let jws = all! { JwsError: TooLong, Malformed, Critical, NoCertificate };
    assert!(cms.iter().map(Unsigned::from).chain(jws.iter().map(Unsigned::from)).all(|why| all.contains(&why)));
    assert_eq!(Unsigned::from(&PdfError::from(Damage::NoEnd)), Unsigned::Damaged(Damage::NoEnd));
    all
}

fn faults() -> Vec<FileFault> {
    let certificates = all! { CertificateError: TooLong, Unreadable, UnknownKey, NoHolder };
    let authorities = all! { AnchorError: Unreadable, NotPinned, Ambiguous };
    let proofs = all! { ProofError: TooLong, Unreadable, Empty };
    let mut all = all! { FileFault:
        System("Permission denied (os error 13)".into()), Folder, NoFolder, TooLong(12), Pem,
        Certificate(CertificateError::NoHolder), Authority(AnchorError::NotPinned), Proof(ProofError::Empty), List, OcspAnswer,
    };
    all.extend(certificates.into_iter().map(FileFault::Certificate));
    all.extend(authorities.into_iter().map(FileFault::Authority));
    all.extend(proofs.into_iter().map(FileFault::Proof));
    all
}

fn troubles() -> Vec<Trouble> {
    let path = || String::from("f");
    let mut all = Vec::new();
    all.extend(unsigned().into_iter().map(|why| Trouble::NotSigned { path: path(), why }));
    all.extend(faults().into_iter().map(|why| Trouble::FileUnreadable { path: path(), why }));
    all.extend(faults().into_iter().map(|why| Trouble::FileUnwritable { path: path(), why }));
    let mut pdfs = all! { PdfRefusal:
        NotPdf, Damaged(Damage::NoEnd), Encrypted, Hybrid, Certified, Xfa, NoPage, TooLarge,
    };
    pdfs.extend(damages().into_iter().map(PdfRefusal::Damaged));
    all.extend(pdfs.into_iter().map(|why| Trouble::PdfRefused { path: path(), why }));
    let answers = all! { TimestampError:
        Cms(CmsError::Malformed), NotOurs, Already, Fails, Request, Unreadable, Refused(2), OtherImprint, OtherNonce, Signature,
    };
    let mut stamps = all! { StampRefusal:
        Kind, Foreign, Already, Fails, NoRoom, Request, Answer(TimestampError::Unreadable), NoRandom,
    };
    stamps.extend(answers.into_iter().map(StampRefusal::Answer));
    all.extend(stamps.into_iter().map(|why| Trouble::NotStamped { path: path(), why }));
    let parts = all! { Part: Certificate, Key, Authority, TestAuthorities, Date, Token, Face, Photo, Record };
    all.extend(parts.into_iter().map(|what| Trouble::Unreadable { what }));
    let deviations = all! { Deviation: OtherCommand, NoCommand, CommandMissing, OtherResult };
    all.extend(deviations.into_iter().map(|why| Trouble::Deviates { job: path(), step: 3, why }));
    let system = || String::from("Connection refused (os error 111)");
    let readers = all! { ReaderFault: Denied, Mute, Service(system()) };
    all.extend(readers.into_iter().map(|why| Trouble::ReaderFailed { why }));
    let virtuals =
        all! { VirtualReaderFault: Nobody("127.0.0.1:35963".into()), Ended, NoMessage, Length(7), Link(system()) };
    all.extend(virtuals.into_iter().map(|why| Trouble::NoVirtualReader { why }));
    let secrets = all! { SecretFault: NotSet("V".into()), NotText("V".into()), Descriptor(3, system()) };
    all.extend(secrets.into_iter().map(|why| Trouble::SecretSource { why }));
    let arguments = [
        Argument::NotRecording("`do:` is missing".into()),
        Argument::RecordingLine(3),
        Argument::NoRandom,
        Argument::CardFile("this line is not a line".into()),
    ];
    all.extend(arguments.map(Trouble::BadArgument));
    all
}

/// Not two words of a sentence in a row: a name of a format, a field or an option at the most.
fn is_japanese(text: &str) -> bool {
    const SENTENCE: [&str; 16] =
        ["the", "not", "of", "is", "a", "an", "no", "to", "in", "has", "at", "byte", "object", "it", "with", "and"];
    let mut words = text.split(|character: char| !character.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    !text.is_ascii() && words.all(|word| !SENTENCE.contains(&word))
}

#[test]
fn no_japanese_text_has_an_english_sentence_in_it() {
    for trouble in troubles() {
        let (en, ja) = (trouble.explain(Lang::En), trouble.explain(Lang::Ja));
        assert!(en.what.is_ascii() && en.next.is_ascii(), "{en:?}");
        assert!(is_japanese(&ja.what) && is_japanese(&ja.next), "{ja:?}");
    }
    let faults =
        all! { ProjectFault: System("Permission denied (os error 13)".into()), Form("not a dictionary".into()) };
    for why in faults {
        let (en, ja) = [Lang::En, Lang::Ja].map(|lang| Finding::ProjectFile { why: why.clone() }.explain(lang)).into();
        assert!(en.what.is_ascii() && is_japanese(&ja.what), "{en:?} {ja:?}");
    }
    assert!(!is_japanese("PDFが壊れています (there is no dictionary at byte 7)"), "the test would not see it");
}

#[test]
fn each_damage_is_told_apart_with_its_place_in_both_languages() {
    for lang in [Lang::En, Lang::Ja] {
        let told: Vec<_> = damages().into_iter().map(|why| damage(why, lang)).collect();
        for (place, (text, why)) in told.iter().zip(damages()).enumerate() {
            assert!(told[..place].iter().all(|earlier| earlier != text), "twice: {text}");
            let shown = format!("{why:?}");
            assert_eq!(shown.contains("at: 12"), text.contains("12"), "{text}");
            assert_eq!(shown.contains("number: 7"), text.contains('7'), "{text}");
        }
    }
}
