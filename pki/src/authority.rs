//! A certification authority's own certificate: read once, when it becomes an anchor.

use crate::algorithm::PublicKey;
use crate::finding::Reason;
use crate::glance::Glance;
use crate::path::{BASIC_CONSTRAINTS, KEY_USAGE, is_signed_by, profile};
use der::Decode as _;
use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use std::time::SystemTime;
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::serial_number::SerialNumber;

/// subjectKeyIdentifier.
pub(crate) const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
/// keyCertSign and cRLSign, as bits of keyUsage.
pub(crate) const CERT_SIGN: usize = 5;
pub(crate) const CRL_SIGN: usize = 6;

/// What later questions need of it.
pub(crate) struct Authority {
    pub(crate) der: Vec<u8>,
    /// subject, DER: what it is called in what it issues.
    pub(crate) subject: Vec<u8>,
    /// issuer, DER; and its serial number: what an authorityKeyIdentifier calls it.
    pub(crate) issuer: Vec<u8>,
    pub(crate) serial: Option<SerialNumber>,
    pub(crate) key: Option<PublicKey>,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    /// Whether it may issue certificates at all.
    pub(crate) sound: Result<(), Reason>,
}

impl Authority {
    /// Its key identifier, and the rest; `None` for what is no certificate or has no key identifier.
    pub(crate) fn read(der: &[u8]) -> Option<(Vec<u8>, Self)> {
        let glance = Glance::at(der).ok()?;
        let key_id = OctetStringRef::from_der(glance.extension(SUBJECT_KEY_IDENTIFIER)?.value).ok()?;
        let key = glance.key();
        let authority = Self {
            der: der.to_vec(),
            subject: glance.subject.to_vec(),
            issuer: glance.issuer.to_vec(),
            serial: SerialNumber::from_der(glance.serial).ok(),
            sound: sound(&glance, key.as_ref()),
            key,
            not_before: glance.not_before,
            not_after: glance.not_after,
        };
        Some((key_id.as_bytes().to_vec(), authority))
    }
}

/// Self-signed, with a strong key, basicConstraints critical with CA:TRUE, keyUsage critical with keyCertSign, as the
/// six of J-LIS are (Measured: their files).
fn sound(glance: &Glance<'_>, key: Option<&PublicKey>) -> Result<(), Reason> {
    profile(glance)?;
    let constraints = glance.extension(BASIC_CONSTRAINTS).filter(|extension| extension.critical);
    let constraints = constraints.and_then(|extension| BasicConstraints::from_der(extension.value).ok());
    if !constraints.is_some_and(|constraints| constraints.ca) || !may(glance, CERT_SIGN) {
        return Err(Reason::NotAnAuthority);
    }
    let key = key.filter(|key| key.is_strong()).ok_or(Reason::Weak)?;
    if glance.issuer == glance.subject && is_signed_by(glance, key) { Ok(()) } else { Err(Reason::Signature) }
}

/// Whether keyUsage is critical and has this bit.
pub(crate) fn may(glance: &Glance<'_>, bit: usize) -> bool {
    let usage = glance.extension(KEY_USAGE).filter(|extension| extension.critical);
    let usage = usage.and_then(|extension| BitStringRef::from_der(extension.value).ok());
    usage.is_some_and(|usage| usage.bits().nth(bit) == Some(true))
}

/// Whether it says that it is an authority; one that says it in a way that cannot be read is one as well.
pub(crate) fn claims_authority(glance: &Glance<'_>) -> bool {
    let constraints = glance.extension(BASIC_CONSTRAINTS);
    constraints.is_some_and(|extension| BasicConstraints::from_der(extension.value).map_or(true, |found| found.ca))
}
