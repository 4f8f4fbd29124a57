//! Looks at every signature of a file: each gets its own table.

use super::attributes::{
    CONTENT_TYPE, EssCertId, EssCertIdV2, IssuerSerial, MESSAGE_DIGEST, SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_SHA1,
    SIGNING_TIME, SigningCertificate, SigningCertificateV2, TIMESTAMP,
};
use super::wire::{AttributeRef, SignedFile, SignerRef, attributes};
use crate::algorithm::{PublicKey, Scheme};
use crate::anchors::{Anchors, Issuer};
use crate::authority::Authority;
use crate::certificate::{LONGEST_CERTIFICATE, TransientCertificate};
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::glance::Glance;
use crate::hash::{self, Hash, Hasher};
use crate::path::examine;
use crate::purpose::{Purpose as _, Signing};
use crate::revocation::{Revocation, RevocationStatus};
use crate::timestamp;
use cms::content_info::CmsVersion;
use cms::signed_data::SignerIdentifier;
use der::asn1::{ObjectIdentifier, OctetString, OctetStringRef};
use der::{Decode, Encode as _, Header, Length, Tag};
use kazasu_core::Digest;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::io;
use std::time::{Duration, SystemTime};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

/// The clocks of whoever signed and whoever looks may differ by so much.
pub(crate) const CLOCKS: Duration = Duration::from_secs(300);

/// Whether a signature has to name its certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Where it does, it has to be the right one.
    Free,
    /// As CAdES demands it.
    Demanded,
    /// The same, and by SHA-1 too (RFC 5816).
    OfATimestamp,
}

/// What the caller believes, and asks for.
#[derive(Clone, Copy)]
pub struct Trust<'t> {
    /// The authorities of signing certificates.
    pub anchors: &'t Anchors<Signing>,
    /// Whom to ask about revocation.
    pub revocation: &'t dyn Revocation<Signing>,
    /// When to look: now. A signature with a timestamp that holds in everything is looked at as of that time.
    pub at: SystemTime,
    /// Certificates of time-stamping authorities, or of whoever issued theirs, in DER.
    pub timestamp_authorities: &'t [&'t [u8]],
    /// Whether the signature has to name its certificate, as CAdES and PAdES have it. Where it does, that is checked
    /// anyway.
    pub cades: bool,
}

/// What was found about one signature.
pub struct Signer {
    /// The table.
    pub findings: Findings,
    /// The signer's certificate, if the file carries it. Whose it is, is only as true as the table says.
    pub certificate: Option<TransientCertificate<Signing>>,
    /// When the signer says that it was; a claim.
    pub claimed_time: Option<SystemTime>,
    /// When the timestamp says that it was; as true as the lines of the timestamp say.
    pub timestamp: Option<SystemTime>,
    /// The answer about revocation, with its reason and time.
    pub revocation: RevocationStatus,
}

/// Takes the content piece by piece, for as many hash functions as the signatures use.
pub struct ContentHasher(Vec<Hasher>);

/// Digests of a content.
pub struct ContentDigests(Vec<Digest>);

impl ContentHasher {
    /// The next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.iter_mut().for_each(|hasher| hasher.update(piece));
    }

    /// The digests of all pieces.
    #[must_use]
    pub fn finish(self) -> ContentDigests {
        ContentDigests(self.0.into_iter().map(Hasher::finish).collect())
    }
}

impl io::Write for ContentHasher {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<Digest> for ContentDigests {
    /// One that was made elsewhere. Signatures that name one of another hash function are not checked against it.
    fn from(digest: Digest) -> Self {
        Self(vec![digest])
    }
}

impl ContentDigests {
    fn of(&self, hash: Hash) -> Option<&Digest> {
        self.0.iter().find(|digest| Hash::that_made(digest) == hash)
    }
}

impl SignedFile<'_> {
    /// To be filled with the content that a detached signature is about.
    #[must_use]
    pub fn hasher(&self) -> ContentHasher {
        ContentHasher(self.hashes().into_iter().map(Hasher::new).collect())
    }

    /// Looks at every signature. `content` is what a detached signature is about; where the file carries the content
    /// too, both have to be what was signed.
    #[must_use]
    pub fn verify(&self, content: Option<&ContentDigests>, trust: &Trust<'_>) -> Vec<Signer> {
        let attached = self.content().map(|content| {
            let mut hasher = self.hasher();
            hasher.update(content);
            hasher.finish()
        });
        let contents: Vec<_> = content.into_iter().chain(&attached).collect();
        self.signers.iter().map(|signer| self.look_at(signer, &contents, trust)).collect()
    }

    fn look_at(&self, signer: &SignerRef<'_>, contents: &[&ContentDigests], trust: &Trust<'_>) -> Signer {
        let timestamp = signer.timestamp(trust);
        let at = timestamp.as_ref().and_then(timestamp::Looked::proven).unwrap_or(trust.at);
        let found = self.certificate_of(signer);
        let der = found.ok();
        let certificate = der.and_then(|der| TransientCertificate::new(der).ok());
        let mut findings = Findings::new();
        if trust.anchors.is_test() {
            findings.stamp_as_test();
        }
        let mut revocation = RevocationStatus::NotChecked { why: WhyNot::Moot };
        if let Some(certificate) = &certificate
            && let Ok(examined) = examine(certificate, trust.anchors, at, trust.revocation)
        {
            findings.extend(&examined.findings);
            revocation = examined.revocation;
        }
        // What was asked for is a line also where there is no certificate to look at.
        findings.add_unbegun(Check::of_a_certificate());
        let found = match (&certificate, found) {
            (Some(_), Ok(_)) => Outcome::Holds,
            (None, Ok(_)) => Outcome::Fails(Reason::Malformed),
            (_, Err(reason)) => Outcome::Fails(reason),
        };
        for (check, outcome) in
            self.signature_lines(signer, contents, der, if trust.cades { Naming::Demanded } else { Naming::Free })
        {
            findings.add(check, outcome);
            if check == Check::CmsProfile {
                findings.add(Check::SignerCertificate, found);
                self.other_certificates(trust.anchors, &mut findings);
            }
        }
        let claimed_time = signer.claimed_time(trust.at, der, &mut findings);
        let time = timestamp.and_then(|timestamp| timestamp.told(&mut findings));
        Signer { findings, certificate, claimed_time, timestamp: time, revocation }
    }

    /// A signature covers its own certificate at most. Of the others, the pinned ones say what they always say.
    fn other_certificates(&self, anchors: &Anchors<Signing>, findings: &mut Findings) {
        let mut others = self.authorities().peekable();
        if others.peek().is_some() {
            let known = others.all(|der| is_pinned(der, anchors));
            let outcome = if known { Outcome::Holds } else { Outcome::NotChecked(WhyNot::NothingRests) };
            findings.add(Check::OtherCertificates, outcome);
        }
    }

    /// What a signature itself says, without its certificate's authority.
    pub(crate) fn signature_lines(
        &self,
        signer: &SignerRef<'_>,
        contents: &[&ContentDigests],
        certificate: Option<&[u8]>,
        naming: Naming,
    ) -> Vec<(Check, Outcome)> {
        let key = certificate.and_then(|der| Glance::at(der).ok()).and_then(|glance| PublicKey::from_spki(glance.spki));
        let signed = signer.signed.map(attributes);
        let none = Vec::new();
        let signed_attributes = signed.as_ref().and_then(|signed| signed.as_ref().ok()).unwrap_or(&none);
        let mut lines = vec![
            (Check::CmsProfile, outcome(self.profile(signer))),
            (Check::SignatureAlgorithm, algorithms(signer, key.as_ref())),
            (Check::SignedAttributes, outcome(well_formed(signed.as_ref()))),
            (Check::ContentType, outcome(self.content_type(signed_attributes))),
            (Check::ContentDigest, content_digest(signer, signed_attributes, contents)),
        ];
        let named = one(signed_attributes, SIGNING_CERTIFICATE);
        let by_sha1 = one(signed_attributes, SIGNING_CERTIFICATE_SHA1);
        if naming != Naming::Free || named != Err(Reason::Missing) {
            let line = match certificate {
                Some(certificate) if named == Err(Reason::Missing) && naming == Naming::OfATimestamp => {
                    outcome(by_sha1.and_then(|value| names_by_sha1(value, certificate)))
                }
                Some(certificate) => outcome(named.and_then(|value| names(value, certificate))),
                None => Outcome::NotChecked(WhyNot::Moot),
            };
            lines.push((Check::SigningCertificate, line));
        }
        lines.push((Check::SignatureValue, signature_value(signer, key.as_ref())));
        lines
    }

    /// RFC 5652, 5.1 and 5.3. What is never taken for granted by a verifier is still not left to a forger.
    fn profile(&self, signer: &SignerRef<'_>) -> Result<(), Reason> {
        let by_key = |signer: &SignerRef<'_>| matches!(signer.id, SignerIdentifier::SubjectKeyIdentifier(_));
        let plain = self.content_type == super::attributes::DATA && !self.signers.iter().any(by_key);
        let version = if plain { CmsVersion::V1 } else { CmsVersion::V3 };
        let own = if by_key(signer) { CmsVersion::V3 } else { CmsVersion::V1 };
        let listed = self.digest_algorithms.iter().any(|algorithm| algorithm.oid == signer.digest_algorithm.oid);
        if self.version == version && signer.version == own && listed { Ok(()) } else { Err(Reason::Profile) }
    }

    /// The one certificate that the signer's identifier names.
    pub(crate) fn certificate_of(&self, signer: &SignerRef<'_>) -> Result<&[u8], Reason> {
        let mut named = self.certificates.iter().filter(|der| signer.is_by(der));
        let first = named.next().ok_or(Reason::NoCertificate)?;
        if named.all(|another| another == first) { Ok(first) } else { Err(Reason::Ambiguous) }
    }

    fn content_type(&self, attributes: &[AttributeRef<'_>]) -> Result<(), Reason> {
        let named: ObjectIdentifier = decode(one(attributes, CONTENT_TYPE)?)?;
        if named == self.content_type { Ok(()) } else { Err(Reason::Mismatch) }
    }
}

impl SignerRef<'_> {
    /// Whether the signer's identifier names this certificate.
    pub(super) fn is_by(&self, certificate: &[u8]) -> bool {
        if certificate.len() > LONGEST_CERTIFICATE {
            return false;
        }
        let Ok(certificate) = Certificate::from_der(certificate) else { return false };
        let certificate = certificate.tbs_certificate;
        match &self.id {
            SignerIdentifier::IssuerAndSerialNumber(id) => {
                id.issuer == certificate.issuer && id.serial_number == certificate.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(id) => {
                certificate.get::<SubjectKeyIdentifier>().ok().flatten().is_some_and(|(_, own)| own == *id)
            }
        }
    }

    /// When the signer says that it was. Only what contradicts the claim is found here; nothing proves it.
    fn claimed_time(&self, at: SystemTime, certificate: Option<&[u8]>, findings: &mut Findings) -> Option<SystemTime> {
        let attributes = self.signed.and_then(|signed| attributes(signed).ok())?;
        let claimed = match one(&attributes, SIGNING_TIME) {
            Err(Reason::Missing) => return None,
            claimed => claimed.and_then(decode::<Time>).map(SystemTime::from),
        };
        let validity = certificate.and_then(|der| Glance::at(der).ok());
        let plausible = claimed.and_then(|claimed| plausible(claimed, claimed, validity.as_ref(), at));
        findings.add(Check::ClaimedTime, outcome(plausible));
        claimed.ok()
    }

    /// What the timestamp says, where there is one.
    fn timestamp(&self, trust: &Trust<'_>) -> Option<timestamp::Looked> {
        let unsigned = self.unsigned?;
        let Ok(attributes) = attributes(unsigned) else { return Some(timestamp::fails(Reason::Malformed)) };
        match one(&attributes, TIMESTAMP) {
            Ok(token) => Some(timestamp::look(
                token,
                &|hash| hash.digest(self.signature),
                trust.timestamp_authorities,
                trust.at + CLOCKS,
            )),
            Err(Reason::Missing) => None,
            Err(reason) => Some(timestamp::fails(reason)),
        }
    }
}

/// Whether somebody may have signed at some time from `first` to `last`, as of `now`.
pub(crate) fn plausible(
    first: SystemTime,
    last: SystemTime,
    validity: Option<&Glance<'_>>,
    now: SystemTime,
) -> Result<(), Reason> {
    if first > now + CLOCKS {
        Err(Reason::Future)
    } else if validity.is_some_and(|validity| last < validity.not_before) {
        Err(Reason::NotYet)
    } else if validity.is_some_and(|validity| first > validity.not_after) {
        Err(Reason::Expired)
    } else {
        Ok(())
    }
}

fn is_pinned(der: &[u8], anchors: &Anchors<Signing>) -> bool {
    if !anchors.is_test() {
        let fingerprint: [u8; 32] = Sha256::digest(der).into();
        return Signing::PINS.iter().any(|pin| pin.fingerprint == fingerprint);
    }
    // Test authorities have no pins: known by their bytes. Anybody can make another certificate of the same identifier.
    Authority::read(der).is_some_and(|(id, _)| matches!(anchors.issuer(&id), Issuer::Known(known) if known.der == der))
}

fn outcome(result: Result<(), Reason>) -> Outcome {
    match result {
        Ok(()) => Outcome::Holds,
        Err(reason) => Outcome::Fails(reason),
    }
}

/// The value of an attribute that must be there once, with one value.
fn one<'d>(attributes: &[AttributeRef<'d>], oid: ObjectIdentifier) -> Result<&'d [u8], Reason> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    let attribute = found.next().ok_or(Reason::Missing)?;
    match attribute.values[..] {
        [value] if found.next().is_none() => Ok(value),
        [] => Err(Reason::Missing),
        _ => Err(Reason::Repeated),
    }
}

fn decode<'d, T: Decode<'d>>(value: &'d [u8]) -> Result<T, Reason> {
    T::from_der(value).map_err(|_| Reason::Malformed)
}

/// RFC 5652, 5.3: SignedAttributes is in DER, and an attribute there once.
fn well_formed(attributes: Option<&der::Result<Vec<AttributeRef<'_>>>>) -> Result<(), Reason> {
    let attributes = attributes.ok_or(Reason::Missing)?.as_ref().map_err(|_| Reason::Malformed)?;
    let twice = attributes
        .iter()
        .enumerate()
        .any(|(i, attribute)| attributes[..i].iter().any(|earlier| earlier.oid == attribute.oid));
    if twice {
        Err(Reason::Repeated)
    } else if !attributes.is_sorted_by(|one, next| one.der < next.der) {
        Err(Reason::NotDer)
    } else {
        Ok(())
    }
}

/// RFC 5754, 2 and 3: the digest is a strong one, the scheme is the key's, and both speak of the same digest.
fn algorithms(signer: &SignerRef<'_>, key: Option<&PublicKey>) -> Outcome {
    let Some(hash) = signer.hash() else { return Outcome::Fails(Reason::Weak) };
    let Some(key) = key else { return Outcome::NotChecked(WhyNot::Moot) };
    let parameters = signer.signature_algorithm.parameters;
    let agrees = match (key, Scheme::of_oid(&signer.signature_algorithm.oid), hash) {
        (PublicKey::Rsa(_), Some(Scheme::Rsa(over)), _) if over.is_none_or(|over| over == hash) => {
            parameters.is_none_or(|parameters| parameters.is_null())
        }
        (PublicKey::P384(_), Some(Scheme::EcdsaSha384), Hash::Sha384) => parameters.is_none(),
        _ => false,
    };
    if !key.is_strong() { Outcome::Fails(Reason::Weak) } else { outcome(agrees.then_some(()).ok_or(Reason::Mismatch)) }
}

fn content_digest(signer: &SignerRef<'_>, attributes: &[AttributeRef<'_>], contents: &[&ContentDigests]) -> Outcome {
    let signed = one(attributes, MESSAGE_DIGEST).and_then(decode::<OctetStringRef<'_>>);
    let (signed, hash) = match (signed, signer.hash()) {
        (Err(reason), _) => return Outcome::Fails(reason),
        (Ok(_), None) => return Outcome::NotChecked(WhyNot::Moot),
        (Ok(signed), Some(hash)) => (signed, hash),
    };
    if contents.is_empty() {
        return Outcome::NotChecked(WhyNot::NoContent);
    }
    let digests: Vec<_> = contents.iter().map(|content| content.of(hash)).collect();
    if digests.iter().flatten().any(|own| hash::bytes(own) != signed.as_bytes()) {
        Outcome::Fails(Reason::Changed)
    } else if digests.contains(&None) {
        Outcome::NotChecked(WhyNot::OtherHash)
    } else {
        Outcome::Holds
    }
}

/// RFC 5035, 5.4: the first one named is the signer's.
fn names(value: &[u8], certificate: &[u8]) -> Result<(), Reason> {
    let named: SigningCertificateV2 = decode(value)?;
    let EssCertIdV2 { hash_algorithm, cert_hash, issuer_serial } =
        named.certs.into_iter().next().ok_or(Reason::Missing)?;
    let hash = match hash_algorithm {
        None => Hash::Sha256,
        Some(algorithm) => Hash::of_oid(&algorithm.oid).ok_or(Reason::Weak)?,
    };
    is_named(certificate, hash::bytes(&hash.digest(certificate)), &cert_hash, issuer_serial.as_ref())
}

/// RFC 5035, 5.4.1: the same by SHA-1. Whose key signed, the signature itself tells.
fn names_by_sha1(value: &[u8], certificate: &[u8]) -> Result<(), Reason> {
    let named: SigningCertificate = decode(value)?;
    let EssCertId { cert_hash, issuer_serial } = named.certs.into_iter().next().ok_or(Reason::Missing)?;
    is_named(certificate, &Sha1::digest(certificate), &cert_hash, issuer_serial.as_ref())
}

fn is_named(certificate: &[u8], own: &[u8], hash: &OctetString, issuer: Option<&IssuerSerial>) -> Result<(), Reason> {
    let parsed = Certificate::from_der(certificate).map_err(|_| Reason::Malformed)?.tbs_certificate;
    let same_issuer = issuer.is_none_or(|named| {
        named.serial_number == parsed.serial_number && named.issuer == [GeneralName::DirectoryName(parsed.issuer)]
    });
    if hash.as_bytes() == own && same_issuer { Ok(()) } else { Err(Reason::OtherCertificate) }
}

fn signature_value(signer: &SignerRef<'_>, key: Option<&PublicKey>) -> Outcome {
    let (Some(hash), Some(key)) = (signer.hash(), key) else { return Outcome::NotChecked(WhyNot::Moot) };
    let Some(message) = signer.signed.and_then(as_set) else { return Outcome::NotChecked(WhyNot::Moot) };
    outcome(key.verify(&hash.digest(&message), signer.signature).map_err(|_| Reason::Signature))
}

/// RFC 5652, 5.4: signed under the tag of SET OF, not under the implicit one.
fn as_set(contents: &[u8]) -> Option<Vec<u8>> {
    let length = Length::try_from(contents.len()).ok()?;
    let mut set = Header::new(Tag::Set, length).ok()?.to_der().ok()?;
    set.extend_from_slice(contents);
    Some(set)
}
