//! Signed files looked at, so that a phone can show what was checked, by whom, and what was not.

use crate::believe::Authorities;
use crate::certificate::Certificate;
use crate::document::{Key, digest};
use crate::error::Answer;
use crate::findings::Findings;
use kazasu_catalogue::{DocumentTrouble, Lang, Unsigned};
use kazasu_pki::cms::{ContentDigests, SignedFile, Trust};
use kazasu_pki::hash::Hash;
use kazasu_pki::path::examine;
use kazasu_pki::pdf;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Check, Outcome, Purpose, TransientCertificate, finding, jws, raw};
use std::iter::empty;
use std::ops::Range;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes of a file, from the first up to and without the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct ByteRange {
    /// The first.
    pub start: u64,
    /// Behind the last.
    pub end: u64,
}

impl From<&Range<usize>> for ByteRange {
    fn from(range: &Range<usize>) -> Self {
        Self { start: range.start as u64, end: range.end as u64 }
    }
}

/// What was found about one signature.
#[derive(uniffi::Object)]
pub struct Signature {
    findings: finding::Findings,
    certificate: Option<Arc<Certificate>>,
    claimed_time: Option<SystemTime>,
    timestamp: Option<SystemTime>,
    pdf: Option<InPdf>,
}

/// What a signature in a PDF has beside.
#[derive(Clone)]
struct InPdf {
    field: String,
    document_timestamp: bool,
    date: Option<String>,
    signed: Vec<ByteRange>,
    changed: Vec<ByteRange>,
    added: Vec<ByteRange>,
}

#[uniffi::export]
impl Signature {
    /// The table.
    pub fn findings(&self) -> Answer<Arc<Findings>> {
        Ok(Findings::new(self.findings.clone()))
    }

    /// The signer's certificate, if the file carries it. Whose it is, is only as true as the table says. Of a JWS and a
    /// bare signature nothing is handed out.
    pub fn certificate(&self) -> Answer<Option<Arc<Certificate>>> {
        Ok(self.certificate.clone())
    }

    /// When the signer says that it was, in seconds since 1970; a claim.
    pub fn claimed_time(&self) -> Answer<Option<i64>> {
        Ok(self.claimed_time.map(seconds))
    }

    /// When a timestamp says that it was, in seconds since 1970; as true as the lines of the timestamp say.
    pub fn timestamp(&self) -> Answer<Option<i64>> {
        Ok(self.timestamp.map(seconds))
    }

    /// In a PDF: the name of its field.
    pub fn field(&self) -> Answer<Option<String>> {
        Ok(self.pdf.as_ref().map(|pdf| pdf.field.clone()))
    }

    /// In a PDF: whether it is a timestamp of the document, which is nobody's signature.
    pub fn is_document_timestamp(&self) -> Answer<bool> {
        Ok(self.pdf.as_ref().is_some_and(|pdf| pdf.document_timestamp))
    }

    /// In a PDF: the date as it stands there, such as `D:20261121023921+09'00'`; a claim.
    pub fn claimed_date(&self) -> Answer<Option<String>> {
        Ok(self.pdf.as_ref().and_then(|pdf| pdf.date.clone()))
    }

    /// In a PDF: what it covers.
    pub fn signed_bytes(&self) -> Answer<Vec<ByteRange>> {
        Ok(self.pdf.as_ref().map(|pdf| pdf.signed.clone()).unwrap_or_default())
    }

    /// In a PDF: where the bytes are that are not the signed ones any more, as near as the other signatures tell.
    pub fn changed_bytes(&self) -> Answer<Vec<ByteRange>> {
        Ok(self.pdf.as_ref().map(|pdf| pdf.changed.clone()).unwrap_or_default())
    }

    /// In a PDF: what was added later, revision by revision.
    pub fn added_later(&self) -> Answer<Vec<ByteRange>> {
        Ok(self.pdf.as_ref().map(|pdf| pdf.added.clone()).unwrap_or_default())
    }
}

/// A signed file that was looked at, as of now.
#[derive(uniffi::Object)]
pub struct LookedAtFile {
    signatures: Vec<Arc<Signature>>,
    unsigned: Option<ByteRange>,
    payload: Option<Vec<u8>>,
    damage: Option<Unsigned>,
}

/// For people.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Damage {
    /// In English.
    pub english: String,
    /// In Japanese.
    pub japanese: String,
}

#[uniffi::export]
impl LookedAtFile {
    /// A PDF: every signature in it.
    #[uniffi::constructor]
    pub fn pdf(file: &[u8], authorities: Arc<Authorities>) -> Answer<Arc<Self>> {
        // Whoever examines a file is not told to save it again: that would destroy what there is to examine.
        let refused = |error: pdf::PdfError| not_signed(&error);
        let carried = pdf::authorities(file).map_err(refused)?;
        let anchors = authorities.signing(carried.iter().map(Vec::as_slice))?;
        let timestamps = authorities.timestamps();
        let found = pdf::verify(file, &trust(&anchors, &timestamps)).map_err(refused)?;
        let signature = |found: pdf::Signature| {
            let ranges = |ranges: &[Range<usize>]| ranges.iter().map(ByteRange::from).collect();
            let pdf = InPdf {
                field: found.field,
                document_timestamp: found.document_timestamp,
                date: found.date,
                signed: found.ranges.map(|found| ranges(&found.signed)).unwrap_or_default(),
                changed: ranges(&found.changed),
                added: found.later.iter().map(|addition| ByteRange::from(&addition.range)).collect(),
            };
            let certificate = found.certificate.map(Certificate::signing);
            let (findings, timestamp) = (found.findings, found.timestamp);
            Arc::new(Signature { findings, certificate, claimed_time: None, timestamp, pdf: Some(pdf) })
        };
        let unsigned = Some(&found.unsigned).filter(|range| !range.is_empty()).map(ByteRange::from);
        let signatures = found.signatures.into_iter().map(signature).collect();
        let damage = found.damage.as_ref().map(Unsigned::from);
        Ok(Arc::new(Self { signatures, unsigned, payload: None, damage }))
    }

    /// CMS, as DER: every signature in it. `content` is what a detached signature is about.
    #[uniffi::constructor]
    pub fn cms(file: &[u8], content: Option<Vec<u8>>, authorities: Arc<Authorities>) -> Answer<Arc<Self>> {
        let signed = SignedFile::parse(file).map_err(|error| not_signed(&error))?;
        let digests = content.map(|content| {
            let mut hasher = signed.hasher();
            hasher.update(&content);
            hasher.finish()
        });
        signed_file(&signed, digests.as_ref(), &authorities)
    }

    /// The same about a content that stays where it is: by its SHA-256, which the host makes piece by piece. Where a
    /// signature names a digest of another hash function, the table says that the content was not checked.
    #[uniffi::constructor]
    pub fn cms_of_digest(file: &[u8], sha256: &[u8], authorities: Arc<Authorities>) -> Answer<Arc<Self>> {
        let digests = ContentDigests::from(digest(sha256)?);
        let signed = SignedFile::parse(file).map_err(|error| not_signed(&error))?;
        signed_file(&signed, Some(&digests), &authorities)
    }

    /// A bare signature, by the certificate that is said to be the signer's and the key that it is said to be of.
    /// `content` is what it is about, whole: which hash function it was, only the signature knows. Anything may be a
    /// bare signature: a file that is none is one that fails.
    #[uniffi::constructor]
    pub fn raw(
        signature: &[u8],
        certificate: &[u8],
        key: Key,
        content: Option<Vec<u8>>,
        authorities: Arc<Authorities>,
    ) -> Answer<Arc<Self>> {
        let content = content.as_deref();
        let findings = match key {
            Key::Sign => bare(signature, certificate, content, &authorities.signing(empty())?)?,
            Key::Auth => bare(signature, certificate, content, &authorities.authentication(empty())?)?,
        };
        Ok(alone(findings, None))
    }

    /// A JWS in compact form.
    #[uniffi::constructor]
    pub fn jws(token: String, authorities: Arc<Authorities>) -> Answer<Arc<Self>> {
        let anchors = authorities.authentication(empty())?;
        let looked = jws::verify(token.trim_end(), &anchors, SystemTime::now(), &NotAsked);
        let looked = looked.map_err(|error| not_signed(&error))?;
        Ok(alone(looked.findings, Some(looked.payload)))
    }

    /// Its signatures, each with a table of its own; at least one.
    pub fn signatures(&self) -> Answer<Vec<Arc<Signature>>> {
        Ok(self.signatures.clone())
    }

    /// Of a PDF: bytes behind the last one that any signature covers. Nobody signed them.
    pub fn unsigned_bytes(&self) -> Answer<Option<ByteRange>> {
        Ok(self.unsigned)
    }

    /// What was signed, where the file has it inside: of a JWS the message, of attached CMS the content. It says
    /// something only when the table does.
    pub fn payload(&self) -> Answer<Option<Vec<u8>>> {
        Ok(self.payload.clone())
    }

    /// Of a PDF: why it could not be read as one. Then its signatures were looked for in its bytes alone, and of each
    /// the structure fails.
    pub fn damage(&self) -> Answer<Option<Damage>> {
        let words = |damage: &Unsigned| Damage { english: damage.words(Lang::En), japanese: damage.words(Lang::Ja) };
        Ok(self.damage.as_ref().map(words))
    }
}

/// CMS with what it is about.
fn signed_file(
    signed: &SignedFile<'_>,
    content: Option<&ContentDigests>,
    authorities: &Authorities,
) -> Answer<Arc<LookedAtFile>> {
    let anchors = authorities.signing(signed.authorities())?;
    let timestamps = authorities.timestamps();
    let payload = signed.content().map(<[u8]>::to_vec);
    let signers = signed.verify(content, &trust(&anchors, &timestamps));
    let signature = |found: kazasu_pki::cms::Signer| {
        let certificate = found.certificate.map(Certificate::signing);
        let (findings, claimed_time, timestamp) = (found.findings, found.claimed_time, found.timestamp);
        Arc::new(Signature { findings, certificate, claimed_time, timestamp, pdf: None })
    };
    let signatures = signers.into_iter().map(signature).collect();
    Ok(Arc::new(LookedAtFile { signatures, unsigned: None, payload, damage: None }))
}

/// One signature of which nothing but its table is handed out.
fn alone(findings: finding::Findings, payload: Option<Vec<u8>>) -> Arc<LookedAtFile> {
    let one = Signature { findings, certificate: None, claimed_time: None, timestamp: None, pdf: None };
    Arc::new(LookedAtFile { signatures: vec![Arc::new(one)], unsigned: None, payload, damage: None })
}

/// Which hash function it was, only a bare signature itself knows.
fn bare<P: Purpose>(
    signature: &[u8],
    certificate: &[u8],
    content: Option<&[u8]>,
    anchors: &Anchors<P>,
) -> Answer<finding::Findings> {
    let signer = TransientCertificate::<P>::new(certificate)?;
    let mut findings = examine(&signer, anchors, SystemTime::now(), &NotAsked)?.findings;
    let Some(content) = content else {
        findings.extend(&raw::without_content());
        return Ok(findings);
    };
    let lines =
        [Hash::Sha256, Hash::Sha384, Hash::Sha512].map(|hash| raw::verify(&signer, &hash.digest(content), signature));
    let holds = |lines: &&finding::Findings| lines.of(Check::SignatureValue) == Some(Outcome::Holds);
    findings.extend(lines.iter().find(holds).unwrap_or(&lines[0]));
    Ok(findings)
}

/// As of now, without asking about revocation: only accredited verifiers can.
fn trust<'t>(anchors: &'t kazasu_pki::Anchors<kazasu_pki::Signing>, timestamps: &'t [&'t [u8]]) -> Trust<'t> {
    Trust { anchors, revocation: &NotAsked, at: SystemTime::now(), timestamp_authorities: timestamps, cades: false }
}

pub(crate) fn not_signed(why: impl Into<Unsigned>) -> DocumentTrouble {
    DocumentTrouble::NotSigned { why: why.into() }
}

fn seconds(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() as i64,
        Err(before) => -(before.duration().as_secs() as i64),
    }
}
