//! PDFs in `sign` and `verify`.

use super::forms::{Form, Pending, unfinished, unprepared};
use super::verify::{Beside, Order, revocation_fact, show, signer_facts, trust, unsigned};
use crate::failure::Failure;
use crate::trust::{Looked, OfPdf, Section, in_japan};
use crate::ui::{Output, Ui};
use kazasu_catalogue::{Part, PdfFault, Trouble, Unsigned, Word, damage};
use kazasu_core::Signature as CardSignature;
use kazasu_pki::certificate::LONGEST_CERTIFICATE;
use kazasu_pki::pdf::{self, EarlierSignatures, Options, Pdf, PdfError, Profile, Signature, Verified};
use kazasu_pki::{Check, DisclosureAck, Signing, TransientCertificate};
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

/// As a PDF begins.
pub(super) const PDF_START: &[u8; 5] = b"%PDF-";

/// By its first bytes; a file that cannot be read is found out later.
pub(super) fn is_pdf(path: &Path) -> bool {
    let mut start = [0; 5];
    path.as_os_str() != "-"
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && start == *PDF_START
}

/// Also one whose first bytes were changed: it ends as PDFs do, and begins neither as DER nor as a token.
pub(super) fn was_pdf(path: &Path) -> bool {
    let ends = |mut file: File| -> io::Result<bool> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut ends = Vec::new();
        file.seek(SeekFrom::Start(length.saturating_sub(1_024)))?;
        file.take(1_024).read_to_end(&mut ends)?;
        Ok(ends_as_pdf(&ends))
    };
    let mut start = [0; 2];
    is_pdf(path)
        || path.as_os_str() != "-"
            && File::open(path).is_ok_and(|mut file| {
                file.read_exact(&mut start).is_ok() && !begins_otherwise(&start) && ends(file).unwrap_or(false)
            })
}

/// The same of one that is at hand.
pub(super) fn were_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(PDF_START) || !begins_otherwise(bytes) && ends_as_pdf(&bytes[bytes.len().saturating_sub(1_024)..])
}

/// As DER, or as a token.
fn begins_otherwise(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x30]) || bytes.starts_with(b"ey")
}

fn ends_as_pdf(end: &[u8]) -> bool {
    end.windows(5).any(|window| window == b"%%EOF")
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One byte more than is allowed says that there are more.
    let most = pdf::LONGEST_FILE as u64 + 1;
    let read = if path.as_os_str() == "-" {
        io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map(|_| bytes).map_err(|error| Failure::unreadable(path, &error))
}

/// A PDF that can be signed, waiting for the certificate, which only the password shows.
pub(super) struct Waiting {
    file: PathBuf,
    pdf: Cell<Option<Pdf>>,
    profile: Profile,
    at: SystemTime,
}

impl Waiting {
    /// Rehearses with what was read: whatever stands against signing it is told before a card is touched.
    pub(super) fn of(file: &Path, bytes: Vec<u8>, profile: Profile, allow_changed: bool) -> Result<Self, Failure> {
        let refused = |error| refused(file, error);
        let earlier = if allow_changed { EarlierSignatures::MayFail } else { EarlierSignatures::MustHold };
        let mut pdf = Pdf::open(bytes, earlier).map_err(refused)?;
        let at = SystemTime::now();
        let longest = [0; LONGEST_CERTIFICATE];
        pdf.rehearse(&options(profile, at, &[&longest])).map_err(refused)?;
        Ok(Self { file: file.to_owned(), pdf: Cell::new(Some(pdf)), profile, at })
    }
}

/// PAdES keeps room for a timestamp; the registry may not take one.
fn options<'o>(profile: Profile, at: SystemTime, authorities: &'o [&'o [u8]]) -> Options<'o> {
    Options { profile, at, authorities, timestamp: profile == Profile::Pades }
}

/// With the signature key.
#[derive(Clone, Copy)]
pub(super) struct PdfForm(pub(super) DisclosureAck);

impl Form<Signing> for PdfForm {
    type Job = Waiting;

    fn with_authority(self) -> bool {
        true
    }

    fn begin<'a>(
        self,
        job: &'a Waiting,
        certificate: &'a TransientCertificate<Signing>,
        authority: Option<&'a [u8]>,
    ) -> Result<Pending<'a>, Failure> {
        let refused = |error| refused(&job.file, error);
        let authorities: Vec<_> = authority.into_iter().collect();
        let pdf = job.pdf.take().ok_or(PdfError::OtherFile).map_err(refused)?;
        let prepared =
            pdf.prepare(certificate, &options(job.profile, job.at, &authorities), self.0).map_err(refused)?;
        let digest = prepared.to_be_signed().digest;
        let finish =
            move |signature: &CardSignature| prepared.finish(certificate, &signature.0, &authorities).map_err(refused);
        Ok(Pending { digest, finish: Box::new(finish) })
    }
}

/// `kazasu verify` of a PDF: one section for each signature.
pub(super) fn verify(
    ui: Ui,
    order: &Order<'_>,
    without: &[Check],
    beside: &Beside,
    file: &[u8],
) -> Result<(Output, ExitCode), Failure> {
    // Whoever examines a file is not told to save it again: that would destroy what there is to examine.
    let refused = |error: PdfError| match error {
        PdfError::NoSignature => refused(order.file, error),
        error => unsigned(order.file, &error),
    };
    let carried = pdf::authorities(file).map_err(refused)?;
    let carried = carried.iter().map(Vec::as_slice);
    let found = trust(order, beside, carried, |trust| pdf::verify(file, trust))?.map_err(refused)?;
    let sections = found.signatures.iter().enumerate().map(|(number, signature)| Section {
        title: title(ui, signature, number + 1),
        facts: facts(ui, signature, &found),
        findings: &signature.findings,
        pdf: Some(OfPdf { bytes: bytes(signature, &found.unsigned), document_timestamp: signature.document_timestamp }),
    });
    show(ui, order, without, beside, vec![Looked::at(order.file, file)], sections.collect())
}

/// What it is, its number and its field.
fn title(ui: Ui, signature: &Signature, number: usize) -> String {
    let word = if signature.document_timestamp { Word::DocumentTimestamp } else { Word::SignatureNumber };
    let title = format!("{} {number}", ui.word(word));
    if signature.field.is_empty() { title } else { format!("{title}: {}", signature.field) }
}

/// What the signature says of itself, and which bytes the findings are about.
fn facts(ui: Ui, signature: &Signature, found: &Verified) -> Vec<(String, String)> {
    let mut facts = signer_facts(ui, signature.certificate.as_ref(), None, signature.timestamp);
    facts.extend(revocation_fact(ui, &signature.revocation));
    let mut add = |word, value: String| facts.push((ui.word(word).to_owned(), value));
    if let Some(date) = &signature.date {
        add(Word::ClaimedTime, signature.claimed_time.map_or_else(|| date.clone(), in_japan));
    }
    if let Some(ranges) = &signature.ranges {
        add(Word::PdfSigned, spans(&ranges.signed));
    }
    if !signature.changed.is_empty() {
        add(Word::PdfChanged, spans(&signature.changed));
    }
    for addition in &signature.later {
        let objects: Vec<_> = addition.objects.iter().map(u32::to_string).collect();
        let mut what = span(&addition.range);
        if !objects.is_empty() {
            what += &format!(" ({} {})", ui.word(Word::PdfObjects), objects.join(", "));
        }
        add(Word::PdfAdded, what);
    }
    if !found.unsigned.is_empty() {
        add(Word::PdfUnsigned, span(&found.unsigned));
    }
    match &found.damage {
        Some(PdfError::Malformed { why }) => add(Word::PdfDamage, damage(*why, ui.lang)),
        Some(other) => add(Word::PdfDamage, Unsigned::from(other).words(ui.lang)),
        None => {}
    }
    facts
}

/// The same for programs: first and last byte of each range, counted from 0.
fn bytes(signature: &Signature, unsigned: &Range<usize>) -> Value {
    let ends = |range: &Range<usize>| [range.start, range.end.saturating_sub(1)];
    let added =
        signature.later.iter().map(|addition| json!({ "bytes": ends(&addition.range), "objects": addition.objects }));
    json!({
        "signed": signature.ranges.iter().flat_map(|ranges| ranges.signed.iter().map(ends)).collect::<Vec<_>>(),
        "changed": signature.changed.iter().map(ends).collect::<Vec<_>>(),
        "added": added.collect::<Vec<_>>(),
        "unsigned": (!unsigned.is_empty()).then(|| ends(unsigned)),
    })
}

/// First and last byte, counted from 0.
fn span(range: &Range<usize>) -> String {
    format!("{}–{}", range.start, range.end.saturating_sub(1))
}

fn spans(ranges: &[Range<usize>]) -> String {
    ranges.iter().map(span).collect::<Vec<_>>().join(", ")
}

pub(super) fn refused(path: &Path, error: PdfError) -> Failure {
    let path = path.display().to_string();
    match PdfFault::from(error) {
        PdfFault::File(why) => Trouble::PdfRefused { path, why }.into(),
        PdfFault::Earlier { field, failure } => Trouble::EarlierFails { path, field, failure }.into(),
        PdfFault::NoSignature => Trouble::NoSignature { path }.into(),
        PdfFault::Prepare(error) => unprepared(error),
        PdfFault::Finish(error) => unfinished(error),
        PdfFault::Program => Trouble::Unreadable { what: Part::Certificate }.into(),
    }
}
