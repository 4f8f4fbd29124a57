//! Every trouble that the catalogue can tell, in both languages. Where it repeats somebody else's words (`why`), these
//! are what the system, the recorder or a card file say while a secret stands in what they read.

use super::watch::Watch;
use kazasu_catalogue::{
    Argument, Deviation, DocumentTrouble, FileFault, Part, PdfRefusal, ReaderFault, SecretFault, StampRefusal, Trouble,
    Unsigned, VirtualReaderFault, Word,
};
use kazasu_core::{Error, SecretKind};
use kazasu_fixtures::{Persona, Profile, persona::PersonaError, record::Refusal};
use kazasu_pki::anchors::AnchorError;
use kazasu_pki::genuine::ProofError;
use kazasu_pki::pdf::{Damage, EarlierFailure};
use kazasu_pki::timestamp::TimestampError;
use std::io::{Cursor, Read};

pub(super) fn look(watch: &mut Watch, persona: &Persona) {
    for trouble in troubles(persona) {
        watch.error(&trouble);
    }
    for trouble in documents() {
        watch.error(&trouble);
    }
    // The core's own errors that no card provokes.
    for error in [Error::Misuse("a test"), Error::BufferTooSmall { needed: 7 }, Error::SessionOver, Error::OtherCard] {
        watch.shown(&error);
        watch.error(&error);
    }
}

/// Each kind of trouble at least once; the numbers tell that none is left out.
fn troubles(persona: &Persona) -> Vec<Trouble> {
    let (wanted, kind) = (SecretKind::ALL.to_vec(), SecretKind::TextPin);
    let system = system(persona);
    let (path, job) = ("contract.txt".to_owned(), "status".to_owned());
    let names = || vec!["Reader 00 00".to_owned(), "Reader 01 00".to_owned()];
    let mut all = vec![
        Trouble::SecretForm { wanted: wanted.clone() },
        Trouble::SecretsDiffer,
        Trouble::Expired { last_day: "2030-02-17".to_owned(), login: false },
        Trouble::Expired { last_day: "2030-02-17".to_owned(), login: true },
        Trouble::SignatureWrong,
        Trouble::Unreadable { what: Part::Certificate },
        Trouble::Deviates { job, step: 3, why: Deviation::OtherCommand },
        Trouble::NoService,
        Trouble::NoReader,
        Trouble::ReaderNotFound { wanted: "Reader".to_owned(), there: names() },
        Trouble::NoCard,
        Trouble::ReaderFailed { why: ReaderFault::Service(system.clone()) },
        Trouble::NoVirtualReader { why: VirtualReaderFault::Link(system.clone()) },
        Trouble::SeveralCards { readers: names() },
        Trouble::ReaderAmbiguous { wanted: "Reader".to_owned(), found: names() },
        Trouble::VirtualReaderOccupied,
        Trouble::NewSecretMissing { kind },
        Trouble::SecretMissing { wanted },
        Trouble::SecretSource { why: SecretFault::Descriptor(3, system.clone()) },
        Trouble::FileUnreadable { path: path.clone(), why: FileFault::System(system.clone()) },
        Trouble::NotSigned { path: path.clone(), why: Unsigned::NotCms },
        Trouble::NoSignature { path: path.clone() },
        Trouble::FileUnwritable { path: path.clone(), why: FileFault::System(system.clone()) },
        Trouble::FileExists { path: path.clone() },
        Trouble::Disclosure,
        Trouble::Declined,
    ];
    let field = || "Signature1".to_owned();
    all.extend(EarlierFailure::ALL.iter().map(|&failure| Trouble::EarlierFails {
        path: path.clone(),
        field: field(),
        failure,
    }));
    all.extend(refusals_of_timestamps().map(|why| Trouble::NotStamped { path: path.clone(), why }));
    all.extend(refusals_of_pdfs().map(|why| Trouble::PdfRefused { path: path.clone(), why }));
    all.extend(refusals().map(|refusal| {
        let (step, what) = (refusal.step(), refusal.what());
        Trouble::NotRedacted { said: refusal.to_string(), step, what }
    }));
    all.extend(arguments(persona).into_iter().map(Trouble::BadArgument));
    all
}

/// What the system says of a file or a variable that holds a secret and is not text.
fn system(persona: &Persona) -> String {
    let broken = [persona.secrets.number_a.as_bytes(), &[0xFF]].concat();
    let error = Cursor::new(broken).read_to_string(&mut String::new()).err();
    error.map_or_else(String::new, |error| error.to_string())
}

fn refusals_of_timestamps() -> [StampRefusal; 8] {
    [
        StampRefusal::Kind,
        StampRefusal::Foreign,
        StampRefusal::Already,
        StampRefusal::Fails,
        StampRefusal::NoRoom,
        StampRefusal::Request,
        StampRefusal::Answer(TimestampError::OtherNonce),
        StampRefusal::NoRandom,
    ]
}

fn refusals_of_pdfs() -> [PdfRefusal; 8] {
    [
        PdfRefusal::NotPdf,
        PdfRefusal::Damaged(Damage::NoEnd),
        PdfRefusal::Encrypted,
        PdfRefusal::Hybrid,
        PdfRefusal::Certified,
        PdfRefusal::Xfa,
        PdfRefusal::NoPage,
        PdfRefusal::TooLarge,
    ]
}

/// The same things as an app tells them.
fn documents() -> Vec<DocumentTrouble> {
    let mut all = vec![
        DocumentTrouble::Expired { last_day: "2030-02-17".to_owned() },
        DocumentTrouble::SignatureWrong,
        DocumentTrouble::Unreadable { what: Part::Certificate },
        DocumentTrouble::Origin,
        DocumentTrouble::Nonce,
        DocumentTrouble::Check,
        DocumentTrouble::TooLargeInside { most: 16 },
        DocumentTrouble::Authority { why: AnchorError::NotPinned },
        DocumentTrouble::Proof { why: ProofError::Empty },
        DocumentTrouble::NotSigned { why: Unsigned::Damaged(Damage::NoEnd) },
    ];
    all.extend(EarlierFailure::ALL.iter().map(|&failure| DocumentTrouble::EarlierFails { failure }));
    all.extend(refusals_of_timestamps().map(DocumentTrouble::NotStamped));
    all.extend(refusals_of_pdfs().map(DocumentTrouble::Pdf));
    all
}

fn refusals() -> impl Iterator<Item = Refusal> {
    let (step, what, part) = (7, "four attributes", "the birth date");
    [
        Refusal::Empty,
        Refusal::UnknownApplication { step },
        Refusal::UnknownFile { step },
        Refusal::UnknownSecret { step },
        Refusal::UnknownCommand { step },
        Refusal::UnknownData { step },
        Refusal::Contradiction { what },
        Refusal::Incomplete { what },
        Refusal::NotUnderstood { what, part },
        Refusal::TooShort { what },
        Refusal::Survives { what },
        Refusal::DoesNotReplay { step },
        Refusal::Keys,
    ]
    .into_iter()
}

fn arguments(persona: &Persona) -> Vec<Argument> {
    let mut all = vec![
        Argument::Card("other".to_owned(), None),
        Argument::Persona("nobody".to_owned(), vec!["adult"], Some("demo:adult".to_owned())),
        Argument::Nonce,
        Argument::Check("revokation".to_owned(), vec!["revocation"], None),
        Argument::KeyAndForm,
        Argument::HashOfForm,
        Argument::OneOutput,
        Argument::NoOutput,
        Argument::SomePdfs,
        Argument::NamedPdf("contract.pdf".to_owned()),
        Argument::PdfOutput("contract.pdf".to_owned()),
        Argument::RawAlone,
        Argument::TokenAlone,
        Argument::NotOfThisFile("--key", vec![Word::BareFile], Word::JwsFile),
        Argument::PdfBeside("a.txt.p7s".to_owned(), "a.txt".to_owned()),
        Argument::ReadForPage("a.txt".to_owned()),
        Argument::TwoIntoOne("a.txt.p7s".to_owned()),
        Argument::WithSurface,
        Argument::NumberInProof,
        Argument::TooLargeInside(16),
        Argument::Origin,
        Argument::LoginNonce,
        Argument::TwoVoices,
        Argument::TwoInputs,
        Argument::SameFile,
        Argument::TraceLine(3),
        Argument::EmptyTrace,
        Argument::NoProject("folder".to_owned()),
        Argument::NotRecording("`do:` is missing".to_owned()),
        Argument::RecordingLine(3),
        Argument::NoRandom,
    ];
    if let Err(unknown) = Profile::named("nothing") {
        all.push(Argument::Profile(unknown.0, vec!["standard"], None));
    }
    // A card file whose line with the My Number is broken, one whose bytes are not hexadecimal, one that ends too soon.
    let number = &persona.secrets.number_a;
    for text in [
        format!("[secrets]\nauth_pin = \"{0}\"\nnumber_a = {number}\"\n", persona.secrets.auth_pin),
        format!("[secrets]\nnumber_a = \"{number}\n"),
        format!("[secrets]\nnumber_a = \"{number}\"\n"),
    ] {
        if let Err(error @ PersonaError::File(_)) = Persona::from_toml(&text) {
            all.push(Argument::CardFile(error.to_string()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_catalogue::Explain;
    use std::collections::BTreeSet;

    /// A new trouble or argument stops the build here, and then belongs into the lists above.
    #[test]
    fn no_trouble_and_no_argument_is_left_out() {
        let persona = Persona::named("adult").expect("a persona");
        let numbers: BTreeSet<_> = troubles(&persona).iter().map(Explain::number).collect();
        assert_eq!(numbers.len(), 36);
        let kind = |argument: &Argument| match argument {
            Argument::Card(..) => 0,
            Argument::Persona(..) => 1,
            Argument::Profile(..) => 2,
            Argument::CardFile(_) => 3,
            Argument::Nonce => 4,
            Argument::TwoVoices => 5,
            Argument::TwoInputs => 6,
            Argument::SameFile => 7,
            Argument::TraceLine(_) => 8,
            Argument::EmptyTrace => 9,
            Argument::NoProject(_) => 10,
            Argument::NotRecording(_) => 11,
            Argument::Check(..) => 12,
            Argument::KeyAndForm => 13,
            Argument::HashOfForm => 14,
            Argument::OneOutput => 15,
            Argument::NoOutput => 16,
            Argument::SomePdfs => 17,
            Argument::NamedPdf(_) => 18,
            Argument::TooLargeInside(_) => 19,
            Argument::RawAlone => 20,
            Argument::Origin => 21,
            Argument::LoginNonce => 22,
            Argument::TokenAlone => 23,
            Argument::WithSurface => 24,
            Argument::NumberInProof => 25,
            Argument::NotOfThisFile(..) => 26,
            Argument::PdfBeside(..) => 27,
            Argument::ReadForPage(_) => 28,
            Argument::TwoIntoOne(_) => 29,
            Argument::RecordingLine(_) => 30,
            Argument::NoRandom => 31,
            Argument::PdfOutput(_) => 32,
        };
        let kinds: BTreeSet<_> = arguments(&persona).iter().map(kind).collect();
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), (0..33).collect::<Vec<_>>());
        for trouble in troubles(&persona) {
            match trouble {
                Trouble::SecretForm { .. }
                | Trouble::SecretsDiffer
                | Trouble::Expired { .. }
                | Trouble::SignatureWrong
                | Trouble::Unreadable { .. }
                | Trouble::NotRedacted { .. }
                | Trouble::Deviates { .. }
                | Trouble::NoService
                | Trouble::NoReader
                | Trouble::ReaderNotFound { .. }
                | Trouble::NoCard
                | Trouble::ReaderFailed { .. }
                | Trouble::NoVirtualReader { .. }
                | Trouble::SeveralCards { .. }
                | Trouble::ReaderAmbiguous { .. }
                | Trouble::VirtualReaderOccupied
                | Trouble::NewSecretMissing { .. }
                | Trouble::SecretMissing { .. }
                | Trouble::SecretSource { .. }
                | Trouble::FileUnreadable { .. }
                | Trouble::FileUnwritable { .. }
                | Trouble::NotSigned { .. }
                | Trouble::NoSignature { .. }
                | Trouble::EarlierFails { .. }
                | Trouble::NotStamped { .. }
                | Trouble::PdfRefused { .. }
                | Trouble::FileExists { .. }
                | Trouble::Disclosure
                | Trouble::Declined
                | Trouble::BadArgument(_) => {}
            }
        }
    }
}
