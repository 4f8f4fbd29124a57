//! Looks at every signature of a PDF: what it covers, what was added later, and the CMS inside.

use super::changes::{Changes, between};
use super::field::{self, SignatureField};
use super::ranges::Ranges;
use super::syntax::Budget;
use super::{MOST_SIGNATURES, PdfError, structure};
use crate::certificate::TransientCertificate;
use crate::cms::{SignedFile, Signer, Trust, without_padding};
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::purpose::Signing;
use crate::revocation::RevocationStatus;
use lopdf::{Dictionary, Document, Object, ObjectId, decode_text_string};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::SystemTime;

/// What was found about one signature field.
pub struct Signature {
    /// The field's full name.
    pub field: String,
    /// `Name` in the signature dictionary: a claim.
    pub name: Option<String>,
    /// `M` in the signature dictionary, as it stands there: a claim.
    pub date: Option<String>,
    /// What it says it covers; `None` where that makes no sense.
    pub ranges: Option<Ranges>,
    /// The table.
    pub findings: Findings,
    /// The signer's certificate, if the signature carries it. Whose it is, is only as true as the table says.
    pub certificate: Option<TransientCertificate<Signing>>,
    /// When the timestamp says that it was; as true as its lines say.
    pub timestamp: Option<SystemTime>,
    /// The answer about revocation, with its reason and time.
    pub revocation: RevocationStatus,
    /// Where the bytes are that are not the signed ones any more: as near as the other signatures of the file tell.
    pub changed: Vec<Range<usize>>,
    /// What was added to the file after this signature, revision by revision.
    pub later: Vec<Addition>,
}

/// What somebody put behind a signed revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Bytes of the file.
    pub range: Range<usize>,
    /// Numbers of objects that changed in another way than a further signature needs. None: only signatures were added.
    pub objects: Vec<u32>,
    /// A signature in it draws on a page.
    pub visible: bool,
    /// Bytes that no table of the file knows of, or that programs read in different ways.
    pub loose: bool,
}

/// What was found in a file.
pub struct Verified {
    /// One for each signature field that is signed; at least one.
    pub signatures: Vec<Signature>,
    /// Bytes behind the last one that any signature covers; empty where the last signature covers the file.
    pub unsigned: Range<usize>,
}

/// Looks at everything. All findings are reported; nothing is decided.
///
/// # Errors
/// [`PdfError::NoSignature`], and those of a file that cannot be read.
pub fn verify(bytes: &[u8], trust: &Trust<'_>) -> Result<Verified, PdfError> {
    let document = structure::read(bytes)?;
    let fields = field::signatures(&document)?;
    if fields.is_empty() {
        return Err(PdfError::NoSignature);
    }
    if fields.len() > MOST_SIGNATURES {
        return Err(PdfError::TooManyFields);
    }
    let alone = alone(&document, &fields);
    let ranges: Vec<_> = fields.iter().map(|field| Ranges::of(field.dictionary, &document, bytes.len())).collect();
    let history = History::of(bytes, &document, ranges.iter().flatten())?;
    let mut signatures = Vec::new();
    let mut intact = Vec::new();
    for (field, ranges) in fields.iter().zip(&ranges) {
        let looking = Looking { bytes, document: &document, field, alone, history: &history };
        let signature = looking.look(ranges.as_ref().map_err(|reason| *reason), trust);
        if signature.findings.of(Check::ContentDigest) == Some(Outcome::Holds) {
            intact.extend(ranges.iter().flat_map(|ranges| ranges.signed.clone()));
        }
        signatures.push(signature);
    }
    for signature in &mut signatures {
        if signature.findings.of(Check::ContentDigest) == Some(Outcome::Fails(Reason::Changed)) {
            let signed = signature.ranges.iter().flat_map(|ranges| ranges.signed.clone());
            signature.changed = signed.flat_map(|range| without(range, &intact)).collect();
        }
    }
    let end = ranges.iter().flatten().map(Ranges::end).max().unwrap_or(0);
    Ok(Verified { signatures, unsigned: end..bytes.len() })
}

/// Certificates in the signatures of a file that are none of the signers', in DER: to be handed to
/// [`Anchors::admit`](crate::Anchors::admit), which takes the pinned ones.
///
/// # Errors
/// [`PdfError`] of a file that cannot be read.
pub fn authorities(bytes: &[u8]) -> Result<Vec<Vec<u8>>, PdfError> {
    let document = structure::read(bytes)?;
    let fields = field::signatures(&document)?;
    let contents = fields.iter().filter_map(|field| field.dictionary.get(b"Contents").and_then(Object::as_str).ok());
    let files = contents.filter_map(|contents| SignedFile::parse(without_padding(contents)?).ok());
    Ok(files.flat_map(|file| file.authorities().map(<[u8]>::to_vec).collect::<Vec<_>>()).collect())
}

/// Each signature dictionary is the value of one field, and there is none that no field leads to.
fn alone(document: &Document, fields: &[SignatureField<'_>]) -> bool {
    let known = |number| fields.iter().filter(|field| field.object.0 == number).count();
    let another = document.objects.iter().any(|((number, _), object)| {
        object.as_dict().is_ok_and(|entries| entries.has(b"ByteRange") && entries.has(b"Contents"))
            && known(*number) == 0
    });
    !another && fields.iter().all(|field| known(field.object.0) == 1)
}

/// A range without those that lie in others.
fn without(range: Range<usize>, others: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut left = vec![range];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|piece| [piece.start..piece.end.min(other.start), piece.start.max(other.end)..piece.end])
            .filter(|piece| piece.start < piece.end)
            .collect();
    }
    left
}

/// The signature dictionaries that a revision's form leads to.
fn objects(document: &Document) -> Result<Vec<ObjectId>, PdfError> {
    Ok(field::signatures(document)?.into_iter().map(|field| field.object).collect())
}

/// The revisions that signatures say they end, and what each step from one to the next changed.
struct History {
    /// By where they end: the signature dictionaries that a form leads to in that revision.
    revisions: BTreeMap<usize, Vec<ObjectId>>,
    steps: Vec<Addition>,
}

impl History {
    fn of<'r>(bytes: &[u8], whole: &Document, ranges: impl Iterator<Item = &'r Ranges>) -> Result<Self, PdfError> {
        let mut ends: Vec<_> = ranges.map(Ranges::end).collect();
        ends.sort_unstable();
        ends.dedup();
        let mut history = Self { revisions: BTreeMap::new(), steps: Vec::new() };
        let mut before: Option<(usize, Document)> = None;
        let mut budget = Budget::of_its_revisions(bytes.len());
        for end in ends.into_iter().filter(|end| *end < bytes.len()) {
            let revision = &bytes[..end];
            // Not the end of a revision: the signature's own table says so, and it is no step on the way.
            if !revision.trim_ascii_end().ends_with(b"%%EOF") {
                continue;
            }
            let document = match structure::read_within(revision, &mut budget) {
                Err(PdfError::TooLarge) => return Err(PdfError::TooLarge),
                Err(_) => continue,
                Ok(document) => document,
            };
            let Ok(there) = objects(&document) else { continue };
            history.revisions.insert(end, there);
            if let Some((start, earlier)) = &before {
                history.steps.push(Addition::of(*start..end, bytes, earlier, &document)?);
            }
            before = Some((end, document));
        }
        history.revisions.insert(bytes.len(), objects(whole)?);
        if let Some((start, earlier)) = before {
            history.steps.push(Addition::of(start..bytes.len(), bytes, &earlier, whole)?);
        }
        Ok(history)
    }

    fn after(&self, end: usize) -> Vec<Addition> {
        self.steps.iter().filter(|step| step.range.start >= end).cloned().collect()
    }
}

impl Addition {
    fn of(range: Range<usize>, bytes: &[u8], before: &Document, after: &Document) -> Result<Self, PdfError> {
        let Changes { unexplained, visible } = between(before, after)?;
        let listed = range.contains(&after.xref_start) || bytes[range.clone()].trim_ascii().is_empty();
        Ok(Self { range, objects: unexplained.into_iter().collect(), visible, loose: !listed })
    }
}

struct Looking<'l, 'd> {
    bytes: &'l [u8],
    document: &'d Document,
    field: &'l SignatureField<'d>,
    /// No other dictionary lays claim to a signature.
    alone: bool,
    history: &'l History,
}

impl Looking<'_, '_> {
    fn look(&self, ranges: Result<&Ranges, Reason>, trust: &Trust<'_>) -> Signature {
        let dictionary = self.field.dictionary;
        let contents = ranges.and_then(|ranges| {
            let contents = ranges.contents(self.bytes, self.field, self.document)?;
            let ends = self.history.revisions.get(&ranges.end());
            ends.ok_or(Reason::ByteRangeShort).map(|fields| (contents, fields.contains(&self.field.object)))
        });
        let covers = contents.map(|_| ());
        let cms = contents.map_or(Err(None), |(contents, of_its_revision)| {
            if !self.alone || !of_its_revision {
                return Err(Some(Reason::SecondDictionary));
            }
            without_padding(contents).ok_or(Some(Reason::Contents))
        });
        let cms = cms.and_then(|der| SignedFile::parse(der).map_err(|_| Some(Reason::Contents)));
        let (signer, kind) = match (&cms, ranges) {
            (Ok(cms), Ok(ranges)) => self.signer(cms, ranges, trust),
            _ => (None, Outcome::NotChecked(WhyNot::Moot)),
        };
        let mut findings = Findings::new();
        let (mut certificate, mut timestamp) = (None, None);
        let mut revocation = RevocationStatus::NotChecked { why: WhyNot::Moot };
        match signer {
            Some(signer) => {
                findings.extend(&signer.findings);
                certificate = signer.certificate;
                timestamp = signer.timestamp;
                revocation = signer.revocation;
            }
            None => findings.add(Check::ContentDigest, Outcome::NotChecked(WhyNot::Moot)),
        }
        findings.add(Check::PdfByteRange, covers.map_or_else(Outcome::Fails, |()| Outcome::Holds));
        findings.add(
            Check::PdfContents,
            match &cms {
                Ok(_) => Outcome::Holds,
                Err(Some(reason)) => Outcome::Fails(*reason),
                Err(None) => Outcome::NotChecked(WhyNot::Moot),
            },
        );
        findings.add(Check::PdfKind, kind);
        let later = ranges.map(|ranges| self.history.after(ranges.end())).unwrap_or_default();
        findings.add(
            Check::PdfLaterChanges,
            if covers.is_ok() { self.judged(&later) } else { Outcome::NotChecked(WhyNot::Moot) },
        );
        Signature {
            field: self.field.name.clone(),
            name: text(self.document, dictionary, b"Name"),
            date: text(self.document, dictionary, b"M"),
            ranges: ranges.ok().cloned(),
            findings,
            certificate,
            timestamp,
            revocation,
            changed: Vec::new(),
            later,
        }
    }

    /// The CMS over both ranges, and whether it is what the dictionary says it is.
    fn signer(&self, cms: &SignedFile<'_>, ranges: &Ranges, trust: &Trust<'_>) -> (Option<Signer>, Outcome) {
        let name = |key: &[u8]| {
            structure::entry(self.document, self.field.dictionary, key).and_then(|name| name.as_name().ok())
        };
        let cades = match name(b"SubFilter") {
            Some(b"adbe.pkcs7.detached") => Some(false),
            Some(b"ETSI.CAdES.detached") => Some(true),
            _ => None,
        };
        let mut hasher = cms.hasher();
        for piece in ranges.signed.clone() {
            hasher.update(&self.bytes[piece]);
        }
        let trust = Trust { cades: cades.unwrap_or(false) || trust.cades, ..*trust };
        let mut signers = cms.verify(Some(&hasher.finish()), &trust);
        let known = cades.is_some() && name(b"Filter").is_some() && cms.content().is_none() && signers.len() == 1;
        let kind = if known { Outcome::Holds } else { Outcome::Fails(Reason::PdfKind) };
        ((!signers.is_empty()).then(|| signers.swap_remove(0)), kind)
    }

    fn judged(&self, later: &[Addition]) -> Outcome {
        let forbidden = !later.is_empty() && self.field.forbids_changes(self.document);
        if forbidden || later.iter().any(|addition| !addition.objects.is_empty() || addition.loose) {
            Outcome::Fails(Reason::ChangedLater)
        } else if later.iter().any(|addition| addition.visible) {
            Outcome::Fails(Reason::DrawnOverLater)
        } else if later.iter().any(|addition| !self.bytes[addition.range.clone()].trim_ascii().is_empty()) {
            // Programs mend a broken file each in its own way. That nothing was found is not that nothing shows.
            Outcome::NotChecked(WhyNot::AddedLater)
        } else {
            Outcome::Holds
        }
    }
}

fn text(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<String> {
    structure::entry(document, dictionary, key).and_then(|text| decode_text_string(text).ok())
}
