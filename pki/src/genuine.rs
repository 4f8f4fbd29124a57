//! Whether a card is genuine and was there: one verifier for server, phone and command line.
//!
//! Three steps. The server draws a [`Nonce`]. Where the card is, it signs [`card_digest`] with its own key (no PIN),
//! and for `holder` also [`holder_digest`] with the user-authentication key (PIN); records and signatures travel as a
//! [`Proof`]. The server takes its nonce back ([`Challenge::consume`]) and looks at everything ([`verify`]).
//!
//! What the links prove, and what not:
//!
//! * **A genuine card was there**: an authority of J-LIS's certified the municipality's key, that signed a record with
//!   the card's own key, and that key signed the nonce. No PIN is needed for this signature, so it says nothing about
//!   who held the card. The record with the key opens only with a secret, but a copy of it opens without: that it was
//!   presented shows that somebody once gave the PIN, 照合番号A or 照合番号B, not that somebody did so now.
//! * **Its holder entered the PIN**: the user-authentication key, which works only after its PIN, signed nonce and
//!   audience. This is knowledge of the PIN now, under the certificate's own conditions (validity, revocation).
//! * **Both on one card** cannot be proven: no signature on the card links the two keys ([`Check::HolderCard`]). The
//!   keys of the two 券面 applications differ as well (Measured on the published test card); what they have in common is
//!   the municipality ([`Check::Municipality`]) and what they say of the person ([`Check::SamePerson`]).
//! * **A relay** is not excluded: whoever passes the nonce on to a card elsewhere passes the answer back.

mod proof;

pub use proof::{Bytes, HolderProof, LONGEST_PROOF, Proof, ProofError, SurfaceProof, TextProof, signed_face};

use crate::algorithm::{Algorithm, DigestToSign};
use crate::anchors::Anchors;
use crate::certificate::TransientCertificate;
use crate::cv::{Chain, CvAuthorities, CvCertificate, RecordError, children, objects, public_key};
use crate::finding::{Check, Conclusion, Findings, Outcome, Reason, WhyNot};
use crate::nonce::{Nonce, NonceStore};
use crate::opened::{digest, opened, signed_digest};
use crate::path::examine;
use crate::purpose::UserAuthentication;
use crate::revocation::{Revocation, RevocationStatus};
use kazasu_core::mynumber::surface::{BirthRecord, Face};
use kazasu_core::mynumber::text::{Attributes, MyNumber};
use kazasu_core::tlv::Tlv;
use rsa::RsaPublicKey;
use sha2::{Digest as _, Sha256};
use std::time::SystemTime;

use Outcome::{Fails, Holds, NotChecked};

/// What the card's own key signs, in either application: the nonce.
#[must_use]
pub fn card_digest(nonce: &Nonce) -> DigestToSign {
    Algorithm::Rs256.digest(nonce.as_bytes())
}

/// What the holder's key signs: the SHA-256 digests of this protocol's name, of the audience and of the nonce, one
/// after another. The audience (such as `https://example.jp`) is the verifier's own: what was signed for another is no
/// use here. 96 bytes: neither a login's 64 nor a document's attributes can be mistaken for it.
#[must_use]
pub fn holder_digest(nonce: &Nonce, audience: &str) -> DigestToSign {
    let parts = [b"kazasu-genuine:1 holder", audience.as_bytes(), nonce.as_bytes()];
    Algorithm::Rs256.digest(&parts.map(Sha256::digest).concat())
}

/// The nonce of one attempt, and whether it was fresh.
pub struct Challenge {
    nonce: Nonce,
    freshness: Outcome,
}

impl Challenge {
    /// Takes the nonce out of the verifier's store. With `None` it was not in there (any more), and nothing that was
    /// signed over it proves that a card is present.
    pub fn consume<S: NonceStore>(nonce: Nonce, store: &S, at: SystemTime) -> (Self, Option<S::Session>) {
        let session = store.consume(&nonce, at);
        let freshness = if session.is_some() { Holds } else { Fails(Reason::Nonce) };
        (Self { nonce, freshness }, session)
    }

    /// Where nobody keeps nonces. The caller has to see that this one is its own and used once; the table says so.
    #[must_use]
    pub const fn unremembered(nonce: Nonce) -> Self {
        Self { nonce, freshness: NotChecked(WhyNot::NotRemembered) }
    }
}

/// Whom the verifier believes, and when.
pub struct Trust<'a> {
    /// Above the municipalities' certificates.
    pub municipalities: &'a CvAuthorities,
    /// Where the holder is to prove knowledge of the PIN. Asked for here and missing in the proof is a line of the
    /// table.
    pub holder: Option<HolderTrust<'a>>,
    /// The time in question, for the holder's certificate. Card-verifiable certificates have no validity.
    pub at: SystemTime,
}

/// Above the holder's certificate.
pub struct HolderTrust<'a> {
    /// The authorities.
    pub anchors: &'a Anchors<UserAuthentication>,
    /// Whom to ask about revocation.
    pub revocation: &'a dyn Revocation<UserAuthentication>,
    /// Who is to be proven to: the verifier's own name, never one that came with the proof.
    pub audience: &'a str,
}

/// What the verifier has itself and what never travels in a proof; compared with the signed records, and not kept.
#[derive(Clone, Copy, Default)]
pub struct AtHand<'a> {
    /// The My Number, for those whom the Number Act (番号法) allows to have it.
    pub my_number: Option<&'a MyNumber>,
    /// EF 0005 of the surface application: the same as an image.
    pub number_image: Option<&'a [u8]>,
}

/// What can be wanted of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A genuine card signed the nonce. Who held it is not said.
    CardPresent,
    /// Somebody who knows the PIN of the user-authentication key let it sign nonce and audience.
    HolderEnteredPin,
}

const TEXT_CHAIN: [Check; 4] = [Check::TextAuthority, Check::TextCertificate, Check::TextKey, Check::TextPresence];
const SURFACE_CHAIN: [Check; 4] =
    [Check::SurfaceAuthority, Check::SurfaceCertificate, Check::SurfaceKey, Check::SurfacePresence];

/// What was found. Contents come out only where each link above them holds.
pub struct Genuine<'p> {
    /// The table.
    pub findings: Findings,
    /// The answer about the holder's certificate, with its reason and time, where one was looked at.
    pub revocation: Option<RevocationStatus>,
    municipality: Option<&'p str>,
    attributes: Option<Attributes<'p>>,
    face: Option<Face<'p>>,
    birth: Option<BirthRecord<'p>>,
}

impl<'p> Genuine<'p> {
    /// Whether one thing was proven, whatever else is in the table; but where any line fails, nothing is.
    ///
    /// `without` is as in [`Findings::conclusion`]: what the caller can do without, named check by check.
    #[must_use]
    pub fn proves(&self, claim: Claim, without: &[Check]) -> Conclusion {
        if let Conclusion::Fails(check, reason) = self.findings.conclusion(Check::ALL) {
            return Conclusion::Fails(check, reason);
        }
        let chain = match claim {
            Claim::HolderEnteredPin => [Check::HolderSignature].into_iter().chain(Check::of_a_certificate()).collect(),
            Claim::CardPresent if self.findings.of(Check::TextPresence) == Some(Holds) => TEXT_CHAIN.to_vec(),
            Claim::CardPresent if self.findings.of(Check::SurfacePresence).is_some() => SURFACE_CHAIN.to_vec(),
            Claim::CardPresent => TEXT_CHAIN.to_vec(),
        };
        for check in [Check::Nonce].into_iter().chain(chain).filter(|check| !without.contains(check)) {
            match self.findings.of(check) {
                Some(Holds) => {}
                Some(NotChecked(why)) => return Conclusion::NotEverything(check, why),
                Some(Fails(reason)) => return Conclusion::Fails(check, reason),
                None => return Conclusion::NotEverything(check, WhyNot::NotHandedIn),
            }
        }
        Conclusion::EverythingAsked
    }

    /// The municipality's code (five digits), where its certificate holds and no other one names another.
    #[must_use]
    pub const fn municipality(&self) -> Option<&'p str> {
        self.municipality
    }

    /// 基本4情報, where certificate, integrity record and digest hold.
    #[must_use]
    pub const fn attributes(&self) -> Option<Attributes<'p>> {
        self.attributes
    }

    /// The card face, where certificate, signature and all three digests hold; without what nobody signed: expiry date
    /// and security code are empty.
    #[must_use]
    pub const fn face(&self) -> Option<Face<'p>> {
        self.face
    }

    /// The birth date, where certificate and signature hold.
    #[must_use]
    pub const fn birth(&self) -> Option<BirthRecord<'p>> {
        self.birth
    }
}

/// Looks at everything in the proof. No network, no clock, nothing kept.
#[must_use]
pub fn verify<'p>(proof: &'p Proof, challenge: &Challenge, trust: &Trust<'_>, at_hand: AtHand<'_>) -> Genuine<'p> {
    let mut genuine = Genuine {
        findings: Findings::new(),
        revocation: None,
        municipality: None,
        attributes: None,
        face: None,
        birth: None,
    };
    genuine.findings.add(Check::Nonce, challenge.freshness);
    let text = proof.text.as_ref().map(|text| genuine.text(text, challenge, trust, at_hand));
    let surface = proof.surface.as_ref().map(|surface| genuine.surface(surface, challenge, trust, at_hand));
    if let (Some(text), Some(surface)) = (text, surface) {
        genuine.compare(&text, &surface);
    }
    genuine.holder(proof, challenge, trust);
    genuine
}

/// What an application says, believed or not.
#[derive(Default)]
struct Says<'p> {
    municipality: Option<&'p str>,
    birth: Option<&'p str>,
    sex: Option<&'p str>,
}

impl<'p> Genuine<'p> {
    fn text(
        &mut self,
        proof: &'p TextProof,
        challenge: &Challenge,
        trust: &Trust<'_>,
        at_hand: AtHand<'_>,
    ) -> Says<'p> {
        let checks = [Check::TextAuthority, Check::TextCertificate];
        let certificate = self.certificate(&proof.certificate, Chain::Text, checks, trust.municipalities);
        // What a municipality signs is worth what its certificate is.
        let certified = self.hold(&checks);
        let municipal = certificate.as_ref().map(CvCertificate::key).filter(|_| certified);

        let key = record(municipal, proof.key.as_deref(), |key, record| {
            let [card, signature] = objects(record, 0xFF50, [0xDF51, 0xDF52])?;
            Ok((public_key(card.value)?, signed_digest(key, signature.value, &[card.whole])))
        });
        let (key, outcome) = split(key);
        self.findings.add(Check::TextKey, outcome);
        let presence = presence(challenge, key.as_ref().filter(|_| outcome == Holds), &proof.signature);
        self.findings.add(Check::TextPresence, presence);

        let integrity = record(municipal, proof.integrity.as_deref(), |key, record| {
            let [number, attributes, signature] = objects(record, 0xFF30, [0xDF31, 0xDF32, 0xDF33])?;
            let outcome = signed_digest(key, signature.value, &[number.whole, attributes.whole]);
            Ok(([number.value, attributes.value], outcome))
        });
        let wanted = proof.attributes.is_some() || at_hand.my_number.is_some();
        let (digests, outcome) = split(integrity);
        if wanted || proof.integrity.is_some() {
            self.findings.add(Check::TextIntegrity, outcome);
        }
        let attributes = proof.attributes.as_deref().map(attribute_objects);
        if let Some(attributes) = &attributes {
            let outcome = match (attributes, digests) {
                (Err(RecordError), _) => Fails(Reason::Unreadable),
                (Ok(_), None) => NotChecked(WhyNot::Moot),
                (Ok((_, signed)), Some([_, wanted])) => equal(&digest(&[signed]), wanted),
            };
            self.findings.add(Check::TextAttributes, outcome);
        }
        if let Some(number) = at_hand.my_number {
            let outcome =
                digests.map_or(NotChecked(WhyNot::Moot), |[wanted, _]| equal(&digest(&[number.record()]), wanted));
            self.findings.add(Check::TextNumber, outcome);
        }

        let attributes = attributes.and_then(Result::ok).map(|(attributes, _)| attributes);
        if certified && self.hold(&[Check::TextIntegrity, Check::TextAttributes]) {
            self.attributes = attributes;
        }
        let municipality = self.says(certificate, certified);
        Says { municipality, birth: attributes.map(|said| said.birth), sex: attributes.map(|said| said.sex) }
    }

    fn surface(
        &mut self,
        proof: &'p SurfaceProof,
        challenge: &Challenge,
        trust: &Trust<'_>,
        at_hand: AtHand<'_>,
    ) -> Says<'p> {
        let checks = [Check::SurfaceAuthority, Check::SurfaceCertificate];
        let certificate = self.certificate(&proof.certificate, Chain::Surface, checks, trust.municipalities);
        // What a municipality signs is worth what its certificate is.
        let certified = self.hold(&checks);
        let municipal = certificate.as_ref().map(CvCertificate::key).filter(|_| certified);
        // The card's key as each record names it, and whether the municipality signed that.
        let mut keys = Vec::new();

        let face = proof.face.as_deref().map(|record| self.face_lines(municipal, record, &mut keys));
        let birth = proof.birth.as_deref().map(|bytes| {
            let (key, outcome) = split(signed_pair(municipal, bytes, 0xFF10, [0xDF11, 0xDF12, 0xDF13]));
            self.findings.add(Check::BirthRecord, outcome);
            keys.extend(key.map(|key| (key, outcome)));
            BirthRecord::parse(bytes)
        });
        if let Some(bytes) = at_hand.number_image {
            let (key, outcome) = split(signed_pair(municipal, bytes, 0xFF40, [0xDF41, 0xDF42, 0xDF43]));
            self.findings.add(Check::NumberImage, outcome);
            keys.extend(key.map(|key| (key, outcome)));
        }

        let outcome = match keys.first() {
            None => NotChecked(WhyNot::NotHandedIn),
            Some((first, _)) if keys.iter().any(|(key, _)| key != first) => Fails(Reason::OtherKey),
            Some(_) if keys.iter().all(|(_, outcome)| *outcome == Holds) => Holds,
            Some(_) => NotChecked(WhyNot::Moot),
        };
        self.findings.add(Check::SurfaceKey, outcome);
        let key = keys.first().map(|(key, _)| key).filter(|_| outcome == Holds);
        self.findings.add(Check::SurfacePresence, presence(challenge, key, &proof.signature));

        let face = face.and_then(Result::ok);
        let birth = birth.and_then(Result::ok);
        let lines = [Check::FaceSignature, Check::FacePerson, Check::FaceImages, Check::FacePhoto];
        if certified && self.hold(&lines) {
            self.face = face.map(|face| Face { expiry: "", security_code_image: &[], ..face });
        }
        if certified && self.hold(&[Check::BirthRecord]) {
            self.birth = birth;
        }
        let municipality = self.says(certificate, certified);
        let said = face.map(|face| face.birth).or(birth.map(|birth| birth.birth));
        Says { municipality, birth: said, sex: face.map(|face| face.sex) }
    }

    /// The lines of the card face.
    fn face_lines(
        &mut self,
        municipal: Option<&RsaPublicKey>,
        bytes: &'p [u8],
        keys: &mut Vec<(RsaPublicKey, Outcome)>,
    ) -> Result<Face<'p>, RecordError> {
        const PARTS: [Check; 3] = [Check::FacePerson, Check::FaceImages, Check::FacePhoto];
        let parsed = face_objects(bytes).and_then(|objects| {
            let face = Face::parse(bytes).map_err(|_| RecordError)?;
            Ok((public_key(face.public_key)?, face, objects))
        });
        let Ok((card, face, FaceObjects { signed, rest })) = parsed else {
            self.findings.add(Check::FaceSignature, Fails(Reason::Unreadable));
            for check in PARTS {
                self.findings.add(check, NotChecked(WhyNot::Moot));
            }
            return Err(RecordError);
        };
        let [birth, sex, key, name, address, photo] = signed;
        let digests = [digest(&[birth, sex, key]), digest(&[name, address]), digest(&[photo])];
        let signed = municipal.map(|municipal| opened::<3>(municipal, face.signature));
        self.findings.add(
            Check::FaceSignature,
            match &signed {
                Some(Ok(_)) => Holds,
                Some(Err(reason)) => Fails(*reason),
                None => NotChecked(WhyNot::Moot),
            },
        );
        for (nth, check) in PARTS.into_iter().enumerate() {
            let outcome = match &signed {
                Some(Ok(signed)) => equal(&digests[nth], &signed[nth]),
                _ => NotChecked(WhyNot::Moot),
            };
            self.findings.add(check, outcome);
        }
        let person = self.findings.of(Check::FacePerson);
        keys.push((card, person.unwrap_or(NotChecked(WhyNot::Moot))));
        let unsigned = [
            (Check::FaceExpiry, face.expiry.is_empty()),
            (Check::FaceSecurityCode, face.security_code_image.is_empty()),
            (Check::FaceRest, !rest),
        ];
        for (check, _) in unsigned.into_iter().filter(|(_, absent)| !absent) {
            self.findings.add(check, NotChecked(WhyNot::NotSigned));
        }
        Ok(face)
    }

    /// Authority and signature of a municipality's certificate.
    fn certificate(
        &mut self,
        record: &'p [u8],
        chain: Chain,
        [authority, signature]: [Check; 2],
        authorities: &CvAuthorities,
    ) -> Option<CvCertificate<'p>> {
        if authorities.is_test() {
            self.findings.stamp_as_test();
        }
        let certificate = CvCertificate::parse(record);
        let (named, signed) = match &certificate {
            Ok(certificate) => certificate.examine(chain, authorities),
            Err(RecordError) => (Fails(Reason::Unreadable), None),
        };
        self.findings.add(authority, named);
        self.findings.add(signature, signed.unwrap_or(NotChecked(WhyNot::Moot)));
        certificate.ok()
    }

    /// The municipality that the certificate names; what the result shows of it must hold.
    fn says(&mut self, certificate: Option<CvCertificate<'p>>, certified: bool) -> Option<&'p str> {
        let municipality = certificate?.municipality();
        if certified {
            self.municipality = Some(municipality);
        }
        Some(municipality)
    }

    fn compare(&mut self, text: &Says<'p>, surface: &Says<'p>) {
        let same = |one: Option<&str>, other: Option<&str>| Some(one? == other?);
        let line = |same: Option<bool>, reason| match same {
            Some(true) => Holds,
            Some(false) => Fails(reason),
            None => NotChecked(WhyNot::NotHandedIn),
        };
        let municipality = line(same(text.municipality, surface.municipality), Reason::OtherMunicipality);
        self.findings.add(Check::Municipality, municipality);
        if matches!(municipality, Fails(_)) {
            self.municipality = None;
        }
        let person = match (same(text.birth, surface.birth), same(text.sex, surface.sex)) {
            (_, Some(false)) => Some(false),
            (birth, _) => birth,
        };
        self.findings.add(Check::SamePerson, line(person, Reason::OtherPerson));
    }

    fn holder(&mut self, proof: &Proof, challenge: &Challenge, trust: &Trust<'_>) {
        let (holder, trust, at) = match (&proof.holder, &trust.holder) {
            (None, None) => return,
            (Some(holder), Some(of)) => (holder, of, trust.at),
            (Some(_), None) => return self.findings.add(Check::HolderSignature, NotChecked(WhyNot::NotHandedIn)),
            (None, Some(_)) => {
                self.findings.add(Check::HolderSignature, NotChecked(WhyNot::NotHandedIn));
                return self.findings.add_unbegun(Check::of_a_certificate());
            }
        };
        let together = (proof.text.is_some() || proof.surface.is_some()).then_some(Check::HolderCard);
        let Ok((certificate, examined)) = TransientCertificate::new(&holder.certificate).and_then(|certificate| {
            let examined = examine(&certificate, trust.anchors, at, trust.revocation)?;
            Ok((certificate, examined))
        }) else {
            self.findings.add(Check::CertificateProfile, Fails(Reason::Unreadable));
            let asked = [Check::HolderSignature].into_iter().chain(Check::of_a_certificate());
            return self.findings.add_unbegun(asked.chain(together));
        };
        let message = holder_digest(&challenge.nonce, trust.audience);
        let outcome = match certificate.key() {
            _ if matches!(challenge.freshness, Fails(_)) => NotChecked(WhyNot::Moot),
            Ok(key) if key.verify(&message.digest, &holder.signature).is_ok() => Holds,
            Ok(_) => Fails(Reason::Signature),
            Err(_) => Fails(Reason::Weak),
        };
        self.findings.add(Check::HolderSignature, outcome);
        self.findings.extend(&examined.findings);
        self.revocation = Some(examined.revocation);
        if let Some(both) = together {
            self.findings.add(both, NotChecked(WhyNot::NothingLinks));
        }
    }

    fn hold(&self, checks: &[Check]) -> bool {
        checks.iter().all(|check| self.findings.of(*check) == Some(Holds))
    }
}

/// A record under the municipality's key: what it holds and whether that is signed, or why that is not known.
fn record<'r, T>(
    municipal: Option<&RsaPublicKey>,
    record: Option<&'r [u8]>,
    read: impl FnOnce(&RsaPublicKey, &'r [u8]) -> Result<(T, Outcome), RecordError>,
) -> Result<(T, Outcome), Outcome> {
    let record = record.ok_or(NotChecked(WhyNot::NotHandedIn))?;
    let municipal = municipal.ok_or(NotChecked(WhyNot::Moot))?;
    read(municipal, record).map_err(|RecordError| Fails(Reason::Unreadable))
}

fn split<T>(read: Result<(T, Outcome), Outcome>) -> (Option<T>, Outcome) {
    match read {
        Ok((held, outcome)) => (Some(held), outcome),
        Err(outcome) => (None, outcome),
    }
}

/// A record of two objects, the second the card's key, and a signature over both.
fn signed_pair(
    municipal: Option<&RsaPublicKey>,
    bytes: &[u8],
    tag: u32,
    tags: [u32; 3],
) -> Result<(RsaPublicKey, Outcome), Outcome> {
    record(municipal, Some(bytes), |municipal, bytes| {
        let [content, card, signature] = objects(bytes, tag, tags)?;
        let outcome = signed_digest(municipal, signature.value, &[content.whole, card.whole]);
        Ok((public_key(card.value)?, outcome))
    })
}

/// Whether the card's key signed the nonce. Nothing is shown by an old nonce or a key that nobody vouches for.
fn presence(challenge: &Challenge, key: Option<&RsaPublicKey>, signature: &[u8]) -> Outcome {
    match key {
        Some(key) if !matches!(challenge.freshness, Fails(_)) => {
            match signed_digest(key, signature, &[challenge.nonce.as_bytes()]) {
                // Over another nonce: for the one who asked, that is another answer.
                Fails(Reason::Altered) => Fails(Reason::Nonce),
                outcome => outcome,
            }
        }
        _ => NotChecked(WhyNot::Moot),
    }
}

fn equal(digest: &[u8], signed: &[u8]) -> Outcome {
    if digest == signed { Holds } else { Fails(Reason::Altered) }
}

/// EF 0002 of the text application, and what of it the integrity record covers: all objects behind the table.
fn attribute_objects(bytes: &[u8]) -> Result<(Attributes<'_>, &[u8]), RecordError> {
    let objects = children(bytes, 0xFF20)?;
    let objects = behind_the_table(bytes, &objects)?;
    let signed = objects.iter().map(|object| object.whole.len()).sum::<usize>();
    let at = bytes.len().checked_sub(signed).ok_or(RecordError)?;
    once(objects, [0xDF22, 0xDF23, 0xDF24, 0xDF25])?;
    Ok((Attributes::parse(bytes).map_err(|_| RecordError)?, &bytes[at..]))
}

struct FaceObjects<'p> {
    /// DF22 … DF27, whole.
    signed: [&'p [u8]; 6],
    /// Whether there are objects that nobody here knows.
    rest: bool,
}

fn face_objects(bytes: &[u8]) -> Result<FaceObjects<'_>, RecordError> {
    let objects = children(bytes, 0xFF20)?;
    let objects = behind_the_table(bytes, &objects)?;
    let [birth, sex, key, name, address, photo, _, _, _] =
        once(objects, [0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29, 0xDF2A])?;
    let signed = [birth, sex, key, name, address, photo];
    Ok(FaceObjects { signed, rest: objects.len() > 9 })
}

/// The objects behind DF21, which says where each of them starts, counted from the start of the file. Nobody signed it,
/// so it must be right. A face without what nobody signed has none.
fn behind_the_table<'o, 'p>(bytes: &[u8], objects: &'o [Tlv<'p>]) -> Result<&'o [Tlv<'p>], RecordError> {
    let Some((table, objects)) = objects.split_first().filter(|(first, _)| first.tag == 0xDF21) else {
        return Ok(objects);
    };
    let (entries, []) = table.value.as_chunks::<2>() else { return Err(RecordError) };
    let mut at = bytes.len() - objects.iter().map(|object| object.whole.len()).sum::<usize>();
    if entries.len() > objects.len() {
        return Err(RecordError);
    }
    for (entry, object) in entries.iter().zip(objects) {
        if usize::from(u16::from_be_bytes(*entry)) != at {
            return Err(RecordError);
        }
        at += object.whole.len();
    }
    Ok(objects)
}

/// Each of these tags once, in any order and with others between them.
fn once<'p, const N: usize>(objects: &[Tlv<'p>], tags: [u32; N]) -> Result<[&'p [u8]; N], RecordError> {
    let mut found = [&[][..]; N];
    for (place, tag) in found.iter_mut().zip(tags) {
        let mut those = objects.iter().filter(|object| object.tag == tag);
        let (Some(object), None) = (those.next(), those.next()) else { return Err(RecordError) };
        *place = object.whole;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_a_holder_who_lacks(check: Check) -> Genuine<'static> {
        let mut findings = Findings::new();
        let lines = [Check::Nonce, Check::HolderSignature].into_iter().chain(Check::of_a_certificate());
        for line in lines {
            findings.add(line, if line == check { NotChecked(WhyNot::NoIssuerCertificate) } else { Holds });
        }
        Genuine { findings, revocation: None, municipality: None, attributes: None, face: None, birth: None }
    }

    #[test]
    fn a_holder_is_proven_by_every_line_of_the_certificate() {
        let all = with_a_holder_who_lacks(Check::TextKey).proves(Claim::HolderEnteredPin, &[]);
        assert_eq!(all, Conclusion::EverythingAsked);
        for check in [Check::IssuerSignature, Check::IssuerCertificate, Check::IssuerValidity, Check::Revocation] {
            let genuine = with_a_holder_who_lacks(check);
            let missing = Conclusion::NotEverything(check, WhyNot::NoIssuerCertificate);
            assert_eq!(genuine.proves(Claim::HolderEnteredPin, &[]), missing);
            assert_eq!(genuine.proves(Claim::HolderEnteredPin, &[check]), Conclusion::EverythingAsked);
        }
    }
}
