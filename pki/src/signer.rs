//! Who may sign a revocation list or an OCSP answer: the authority, or for an answer somebody whom it named for that.

use crate::algorithm::PublicKey;
use crate::authority::{CRL_SIGN, SUBJECT_KEY_IDENTIFIER, claims_authority, may};
use crate::glance::Glance;
use crate::path::{EXTENDED_KEY_USAGE, is_rsa_sha256, is_signed_by, profile};
use crate::revocation::Unusable;
use der::Decode as _;
use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use spki::SubjectPublicKeyInfoRef;
use std::time::SystemTime;
use x509_cert::ext::pkix::ExtendedKeyUsage;

/// id-kp-OCSPSigning.
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
/// id-pkix-ocsp-nocheck.
const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
const DIGITAL_SIGNATURE: usize = 0;

pub(crate) struct StatusSigner<'d> {
    certificate: Glance<'d>,
    key: PublicKey,
}

impl<'d> StatusSigner<'d> {
    pub(crate) fn read(der: &'d [u8]) -> Option<Self> {
        let certificate = Glance::at(der).ok()?;
        Some(Self { certificate, key: certificate.key()? })
    }

    /// subject, DER.
    pub(crate) fn name(&self) -> &'d [u8] {
        self.certificate.subject
    }

    pub(crate) fn key_id(&self) -> Option<&'d [u8]> {
        let extension = self.certificate.extension(SUBJECT_KEY_IDENTIFIER)?;
        OctetStringRef::from_der(extension.value).ok().map(|id| id.as_bytes())
    }

    /// The bits of subjectPublicKey, of which OCSP makes a name.
    pub(crate) fn key_bits(&self) -> Option<&'d [u8]> {
        let info = SubjectPublicKeyInfoRef::from_der(self.certificate.spki).ok()?;
        let bits: BitStringRef<'d> = info.subject_public_key;
        bits.as_bytes()
    }

    pub(crate) fn may_sign_lists(&self) -> bool {
        may(&self.certificate, CRL_SIGN)
    }

    /// Whether this key made the signature, with RSA and SHA-256.
    pub(crate) fn made(&self, algorithm: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
        is_rsa_sha256(algorithm)
            && matches!(self.key, PublicKey::Rsa(_))
            && self.key.is_strong()
            && self.key.verify(&self.key.algorithm().digest(bytes).digest, signature).is_ok()
    }

    /// Whether this authority named the other one to answer for it (RFC 6960, 4.2.2.2). One whose own revocation
    /// would have to be looked up is refused: there is nobody to ask.
    pub(crate) fn delegates(&self, other: &StatusSigner<'_>, at: SystemTime) -> Result<(), Unusable> {
        let certificate = &other.certificate;
        if certificate.issuer != self.certificate.subject || !is_signed_by(certificate, &self.key) {
            return Err(Unusable::WrongIssuer);
        }
        let purposes = certificate.extension(EXTENDED_KEY_USAGE);
        let purposes = purposes.and_then(|extension| ExtendedKeyUsage::from_der(extension.value).ok());
        let is_meant_for_it = profile(certificate).is_ok()
            && purposes.is_some_and(|ExtendedKeyUsage(ids)| ids.contains(&OCSP_SIGNING))
            && may(certificate, DIGITAL_SIGNATURE)
            && certificate.extension(NO_CHECK).is_some()
            && !claims_authority(certificate)
            && (certificate.not_before..=certificate.not_after).contains(&at);
        if is_meant_for_it { Ok(()) } else { Err(Unusable::SignerMayNot) }
    }
}
