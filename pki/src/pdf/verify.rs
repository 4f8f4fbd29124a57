//! Looks at every signature of a PDF: what it covers, what was added later, and the CMS inside.

use super::budget::Budget;
use super::changes::{Changes, between};
use super::field::{self, SignatureField};
use super::found::{self, Found};
use super::ranges::{LONGEST_DICTIONARY, Ranges};
use super::{MOST_SIGNATURES, PdfError, date, later, structure};
use crate::certificate::TransientCertificate;
use crate::cms::{CLOCKS, SignedFile, Trust, plausible, without_padding};
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::hash::Hasher;
use crate::purpose::Signing;
use crate::revocation::RevocationStatus;
use crate::timestamp;
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Object, ObjectId, decode_text_string};
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::SystemTime;

/// What was found about one signature field.
pub struct Signature {
    /// The field's full name; nothing where no field leads to it.
    pub field: String,
    /// `Name` in the signature dictionary: a claim.
    pub name: Option<String>,
    /// `M` in the signature dictionary, as it stands there: a claim.
    pub date: Option<String>,
    /// The same as a time, where its zone is written.
    pub claimed_time: Option<SystemTime>,
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
    /// Whether it is a timestamp of the document (ETSI EN 319 142-1, 5.4.3): no holder's signature, but when everything
    /// in front of it was there.
    pub document_timestamp: bool,
    /// Whether a field leads to it; fields may have no name.
    pub(super) of_a_field: bool,
}

impl Signature {
    fn none_yet(field: Option<String>) -> Self {
        Self {
            of_a_field: field.is_some(),
            field: field.unwrap_or_default(),
            name: None,
            date: None,
            claimed_time: None,
            ranges: None,
            findings: Findings::new(),
            certificate: None,
            timestamp: None,
            revocation: RevocationStatus::NotChecked { why: WhyNot::Moot },
            changed: Vec::new(),
            later: Vec::new(),
            document_timestamp: false,
        }
    }

    /// The lines of its CMS, over both ranges, come first. How many have signed in it; the first one is looked at.
    fn look_into(&mut self, bytes: &[u8], cms: &SignedFile<'_>, ranges: &Ranges, trust: &Trust<'_>) -> usize {
        let pieces = ranges.there(bytes.len());
        if cms.is_timestamp() {
            let digest = |hash| {
                let mut hasher = Hasher::new(hash);
                pieces.iter().for_each(|piece| hasher.update(&bytes[piece.clone()]));
                hasher.finish()
            };
            self.document_timestamp = true;
            let looked = timestamp::look_at(cms, &digest, trust.timestamp_authorities, trust.at + CLOCKS);
            self.timestamp = looked.told(&mut self.findings);
            return 1;
        }
        let mut hasher = cms.hasher();
        pieces.into_iter().for_each(|piece| hasher.update(&bytes[piece]));
        let mut signers = cms.verify(Some(&hasher.finish()), trust);
        let count = signers.len();
        if count == 0 {
            self.findings.add(Check::ContentDigest, Outcome::NotChecked(WhyNot::Moot));
            return 0;
        }
        let signer = signers.swap_remove(0);
        self.findings.extend(&signer.findings);
        self.certificate = signer.certificate;
        self.timestamp = signer.timestamp;
        self.revocation = signer.revocation;
        count
    }

    /// The time in the dictionary is held to what one in the CMS is held to; either is shown.
    fn claim(&mut self, date: String, now: SystemTime) {
        if let Some((first, last)) = date::read(&date) {
            self.claimed_time = (first == last).then_some(first);
            let validity = self.certificate.as_ref().and_then(|certificate| certificate.glance().ok());
            let plausible =
                plausible(first, last, validity.as_ref(), now).map_or_else(Outcome::Fails, |()| Outcome::Holds);
            match self.findings.of(Check::ClaimedTime) {
                None => self.findings.add(Check::ClaimedTime, plausible),
                Some(Outcome::Holds) => self.findings.replace(Check::ClaimedTime, plausible),
                Some(_) => {}
            }
        }
        self.date = Some(date);
    }

    /// Whether what it is about is as it was; `None` where nobody could tell.
    pub(super) fn is_intact(&self) -> Option<bool> {
        let digest = if self.document_timestamp { Check::TimestampImprint } else { Check::ContentDigest };
        match self.findings.of(digest)? {
            Outcome::Holds => Some(true),
            Outcome::Fails(Reason::Changed | Reason::Mismatch) => Some(false),
            _ => None,
        }
    }
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
    /// Proven, byte by byte, to be one more signature that shows nothing, and nothing else.
    pub one_signature: bool,
}

/// What was found in a file.
pub struct Verified {
    /// One for each signature field that is signed; at least one.
    pub signatures: Vec<Signature>,
    /// Bytes behind the last one that any signature covers; empty where the last signature covers the file.
    pub unsigned: Range<usize>,
    /// Why the file could not be read as one. Then its signatures were looked for in its bytes alone, and of each the
    /// structure fails.
    pub damage: Option<PdfError>,
}

/// Looks at everything. All findings are reported; nothing is decided.
///
/// # Errors
/// [`PdfError::NoSignature`], and those of a file that cannot be read, where nothing in it looks like a signature.
pub fn verify(bytes: &[u8], trust: &Trust<'_>) -> Result<Verified, PdfError> {
    whole(bytes, trust).or_else(|why| pieces(bytes, trust, why))
}

/// By the file's own structure.
fn whole(bytes: &[u8], trust: &Trust<'_>) -> Result<Verified, PdfError> {
    let (document, unlisted) = structure::read_and_search(bytes)?;
    let fields = field::signatures(&document)?;
    if fields.is_empty() {
        return Err(PdfError::NoSignature);
    }
    if fields.len() > MOST_SIGNATURES {
        return Err(PdfError::TooManyFields);
    }
    let listed = unlisted.is_none();
    let alone = alone(&document, &fields);
    let ranges: Vec<_> = fields.iter().map(|field| Ranges::of(field.dictionary, &document, bytes.len())).collect();
    let mut hashing = Hashing::default();
    if !ranges.iter().flatten().all(|ranges| hashing.may(&ranges.signed)) {
        return Err(PdfError::TooLarge);
    }
    let history = History::of(bytes, &document, ranges.iter().flatten())?;
    let find = || found::all(bytes);
    let found = LazyCell::new(&find as &dyn Fn() -> Vec<Found>);
    let looked = fields.iter().zip(&ranges).map(|(field, ranges)| {
        let looking = Looking { bytes, document: &document, field, alone, listed, history: &history, found: &found };
        looking.look(ranges.as_ref().map_err(|reason| *reason), trust)
    });
    let mut looked: Vec<_> = looked.collect();
    doubt_what_rests_on_others(&mut looked);
    // What an authority saw at a time is nobody's signature.
    if looked.iter().all(|signature| signature.document_timestamp) {
        for timestamp in &mut looked {
            timestamp.findings.add(Check::SignerCertificate, Outcome::Fails(Reason::Missing));
        }
    }
    // One that no field leads to.
    if looked.iter().any(|signature| signature.findings.of(Check::PdfContents) != Some(Outcome::Holds)) {
        let places: Vec<_> = looked.iter().flat_map(|looked| &looked.ranges).map(|ranges| ranges.gap.clone()).collect();
        let others = found.iter().filter(|found| !places.contains(&found.ranges.gap));
        looked.extend(others.map(|found| piece(bytes, found, true, trust, &mut hashing)));
    }
    let end = ranges.iter().flatten().map(Ranges::end).max().unwrap_or(0);
    Ok(Verified { signatures: with_changed(looked, bytes.len()), unsigned: end..bytes.len(), damage: None })
}

/// That only signatures were added later says something where these are signatures: by a certificate that is believed,
/// over these bytes.
fn doubt_what_rests_on_others(looked: &mut [Signature]) {
    const SIGNATURE: [Check; 3] = [Check::ContentDigest, Check::SignatureValue, Check::IssuerSignature];
    const TIMESTAMP: [Check; 3] = [Check::TimestampImprint, Check::TimestampSignature, Check::TimestampAuthority];
    let stands = |signature: &Signature| {
        let own = if signature.document_timestamp { TIMESTAMP } else { SIGNATURE };
        let mut all = own.iter().chain(&[Check::PdfByteRange, Check::PdfContents]);
        all.all(|check| signature.findings.of(*check) == Some(Outcome::Holds))
    };
    let end = |signature: &Signature| signature.ranges.as_ref().map_or(usize::MAX, Ranges::end);
    let doubtful = looked.iter().filter(|signature| !stands(signature)).map(end).max();
    for signature in looked.iter_mut().filter(|signature| Some(end(signature)) < doubtful) {
        if signature.findings.of(Check::PdfLaterChanges) == Some(Outcome::Holds) {
            signature.findings.replace(Check::PdfLaterChanges, Outcome::NotChecked(WhyNot::AddedLater));
        }
    }
}

/// By whatever in the bytes looks like a signature.
fn pieces(bytes: &[u8], trust: &Trust<'_>, why: PdfError) -> Result<Verified, PdfError> {
    let found = found::all(bytes);
    if found.is_empty() {
        return Err(why);
    }
    // The file can be read, and leads to none of them.
    let unreferenced = why == PdfError::NoSignature;
    let mut hashing = Hashing::default();
    let looked = found.iter().map(|found| piece(bytes, found, unreferenced, trust, &mut hashing));
    let signatures = with_changed(looked.collect(), bytes.len());
    let end = found.iter().map(|found| found.ranges.end()).max().unwrap_or(0).min(bytes.len());
    Ok(Verified { signatures, unsigned: end..bytes.len(), damage: (!unreferenced).then_some(why) })
}

/// A signature that was found in the bytes: nobody leads to it, or nobody can tell.
fn piece(bytes: &[u8], found: &Found, unreferenced: bool, trust: &Trust<'_>, hashing: &mut Hashing) -> Signature {
    let moot = Outcome::NotChecked(WhyNot::Moot);
    let mut looked = Signature::none_yet(None);
    let cms = found.contents.as_deref().and_then(without_padding).and_then(|der| SignedFile::parse(der).ok());
    match &cms {
        Some(cms) if hashing.may(&found.ranges.there(bytes.len())) => {
            looked.look_into(bytes, cms, &found.ranges, trust);
        }
        _ => looked.findings.add(Check::ContentDigest, moot),
    }
    let structure = if unreferenced { Outcome::Holds } else { Outcome::Fails(Reason::Structure) };
    looked.findings.add(Check::PdfStructure, structure);
    looked.findings.add(Check::PdfByteRange, found.wrong.map_or(moot, Outcome::Fails));
    let contents = match &cms {
        None => Outcome::Fails(Reason::Contents),
        Some(_) if unreferenced => Outcome::Fails(Reason::SecondDictionary),
        Some(_) => moot,
    };
    looked.findings.add(Check::PdfContents, contents);
    looked.findings.add(Check::PdfKind, moot);
    looked.findings.add(Check::PdfLaterChanges, moot);
    looked.ranges = Some(found.ranges.clone());
    looked
}

/// Bytes that all signatures together are about: each is about all in front of it.
const MOST_HASHED: u64 = 4 << 30;

/// What was hashed so far.
#[derive(Default)]
struct Hashing(u64);

impl Hashing {
    fn may(&mut self, signed: &[Range<usize>]) -> bool {
        self.0 += signed.iter().map(|range| range.len() as u64).sum::<u64>();
        self.0 <= MOST_HASHED
    }
}

/// Where the digest is another one: everything signed, without what another signature, whose digest holds, covers too.
/// Where signed bytes are missing, nobody can tell whether others changed.
fn with_changed(mut signatures: Vec<Signature>, length: usize) -> Vec<Signature> {
    let of = |signature: &Signature, intact| {
        let looked_at = signature.is_intact() == Some(intact);
        let ranges = signature.ranges.iter().filter(|ranges| looked_at && ranges.end() <= length);
        ranges.flat_map(|ranges| ranges.signed.clone()).collect::<Vec<_>>()
    };
    let intact: Vec<_> = signatures.iter().flat_map(|signature| of(signature, true)).collect();
    for signature in &mut signatures {
        let changed = of(signature, false);
        signature.changed = changed.into_iter().flat_map(|range| without(range, &intact)).collect();
    }
    signatures
}

/// Certificates in the signatures of a file that are none of the signers', in DER: to be handed to
/// [`Anchors::admit`](crate::Anchors::admit), which takes the pinned ones.
///
/// # Errors
/// [`PdfError`] of a file that cannot be read.
pub fn authorities(bytes: &[u8]) -> Result<Vec<Vec<u8>>, PdfError> {
    let of = |contents: &[u8]| {
        let file = without_padding(contents).and_then(|der| SignedFile::parse(der).ok());
        file.into_iter().flat_map(|file| file.authorities().map(<[u8]>::to_vec).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let whole = structure::read(bytes).and_then(|document| {
        let fields = field::signatures(&document)?;
        let contents =
            fields.iter().filter_map(|field| field.dictionary.get(b"Contents").and_then(Object::as_str).ok());
        Ok(contents.flat_map(of).collect())
    });
    whole.or_else(|why| match &found::all(bytes)[..] {
        [] => Err(why),
        found => Ok(found.iter().filter_map(|found| found.contents.as_deref()).flat_map(of).collect()),
    })
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
        let clean = unexplained.is_empty() && !visible && listed;
        let one_signature = clean && later::is_one_signature(bytes, range.clone(), before, after);
        // What stood behind the end before somebody signed again is as loose as it was.
        let loose = !listed || !one_signature && later::begins_loose(bytes, &range);
        Ok(Self { range, objects: unexplained.into_iter().collect(), visible, loose, one_signature })
    }
}

struct Looking<'l, 'd> {
    bytes: &'l [u8],
    document: &'d Document,
    field: &'l SignatureField<'d>,
    /// No other dictionary lays claim to a signature.
    alone: bool,
    /// A table leads to each object.
    listed: bool,
    history: &'l History,
    /// What can be found in the bytes alone; wanted only where something is wrong.
    found: &'l LazyCell<Vec<Found>, &'l dyn Fn() -> Vec<Found>>,
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
        let claimed = self.alone && contents.is_ok_and(|(_, of_its_revision)| of_its_revision);
        // What the ranges leave out may not be the signature's own place: then what lies around that is looked at.
        let (contents, covered) = match (contents, ranges) {
            (Ok((contents, _)), Ok(ranges)) => (Some(contents), Some(ranges)),
            _ => self.own_place().map_or((None, ranges.ok()), |found| (found.contents.as_deref(), Some(&found.ranges))),
        };
        let cms = contents.and_then(without_padding).and_then(|der| SignedFile::parse(der).ok());

        let mut looked = Signature::none_yet(Some(self.field.name.clone()));
        let (trust, known) = self.kind(trust);
        let mut kind = Outcome::NotChecked(WhyNot::Moot);
        match (&cms, covered) {
            (Some(cms), Some(covered)) => {
                let one = looked.look_into(self.bytes, cms, covered, &trust) == 1;
                let holds = known == Some(cms.is_timestamp()) && (cms.is_timestamp() || cms.content().is_none()) && one;
                kind = if holds { Outcome::Holds } else { Outcome::Fails(Reason::PdfKind) };
            }
            _ => looked.findings.add(Check::ContentDigest, Outcome::NotChecked(WhyNot::Moot)),
        }
        looked.findings.require(Check::PdfStructure, self.listed, Reason::Structure);
        looked.findings.add(Check::PdfByteRange, covers.map_or_else(Outcome::Fails, |()| Outcome::Holds));
        looked.findings.add(
            Check::PdfContents,
            match (&cms, covers) {
                (_, Err(_)) => Outcome::NotChecked(WhyNot::Moot),
                (_, Ok(())) if !claimed => Outcome::Fails(Reason::SecondDictionary),
                (None, Ok(())) => Outcome::Fails(Reason::Contents),
                (Some(_), Ok(())) => Outcome::Holds,
            },
        );
        looked.findings.add(Check::PdfKind, kind);
        looked.later = ranges.map(|ranges| self.history.after(ranges.end())).unwrap_or_default();
        let later = if covers.is_ok() { self.judged(&looked.later) } else { Outcome::NotChecked(WhyNot::Moot) };
        looked.findings.add(Check::PdfLaterChanges, later);
        looked.name = text(self.document, dictionary, b"Name");
        if let Some(date) = text(self.document, dictionary, b"M") {
            if looked.document_timestamp { looked.date = Some(date) } else { looked.claim(date, trust.at) }
        }
        looked.ranges = covered.cloned();
        looked
    }
    /// Where its dictionary stands, something in the bytes looks like a signature.
    fn own_place(&self) -> Option<&Found> {
        let Some(XrefEntry::Normal { offset, .. }) = self.document.reference_table.get(self.field.object.0) else {
            return None;
        };
        let near = |found: &&Found| {
            found.ranges.gap.start.checked_sub(*offset as usize).is_some_and(|far| far < LONGEST_DICTIONARY)
        };
        self.found.iter().find(near)
    }

    /// Whom to believe of a signature of its kind; and whether that is a timestamp, where the kind is known here.
    fn kind<'t>(&self, trust: &Trust<'t>) -> (Trust<'t>, Option<bool>) {
        let name = |key: &[u8]| {
            structure::entry(self.document, self.field.dictionary, key).and_then(|name| name.as_name().ok())
        };
        let (cades, timestamp) = match (name(b"SubFilter"), name(b"Type")) {
            (Some(b"adbe.pkcs7.detached"), _) => (false, Some(false)),
            (Some(b"ETSI.CAdES.detached"), _) => (true, Some(false)),
            (Some(b"ETSI.RFC3161"), Some(b"DocTimeStamp")) => (false, Some(true)),
            _ => (false, None),
        };
        let trust = Trust { cades: cades || trust.cades, ..*trust };
        (trust, timestamp.filter(|_| name(b"Filter").is_some()))
    }

    /// The end of a line. More of it pushes the end of the file out of what programs look at.
    fn is_blank(&self, addition: &Addition) -> bool {
        addition.range.len() <= 2 && self.bytes[addition.range.clone()].trim_ascii().is_empty()
    }

    fn judged(&self, later: &[Addition]) -> Outcome {
        let forbidden = !later.is_empty() && self.field.forbids_changes(self.document);
        if forbidden || later.iter().any(|addition| !addition.objects.is_empty() || addition.loose) {
            Outcome::Fails(Reason::ChangedLater)
        } else if later.iter().any(|addition| addition.visible) {
            Outcome::Fails(Reason::DrawnOverLater)
        } else if later.iter().any(|addition| !addition.one_signature && !self.is_blank(addition)) {
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

#[cfg(test)]
mod tests {
    use super::Hashing;

    #[test]
    fn many_signatures_over_a_large_file_are_not_all_hashed() {
        let signed = [0..1_000_000_000, 1_000_010_000..1_500_000_000];
        let mut hashing = Hashing::default();
        assert_eq!([(); 4].map(|()| hashing.may(&signed)), [true, true, false, false]);
    }
}
