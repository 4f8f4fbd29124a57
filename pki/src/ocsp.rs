//! An OCSP answer (RFC 6960) that was handed in: signed by the authority, or by one whom it named for that.

use crate::certificate::TransientCertificate;
use crate::confirmed::{Fetched, confirmed};
use crate::glance::{Glance, Signed};
use crate::hash::Hash;
use crate::purpose::Purpose;
use crate::revocation::{Revocation, RevocationReason, RevocationStatus, Unusable, reason};
use crate::signer::StatusSigner;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::time::SystemTime;
use x509_cert::ext::Extension;
use x509_cert::serial_number::SerialNumber;
use x509_ocsp::{BasicOcspResponse, CertId, CertStatus, OcspResponse, OcspResponseStatus, ResponderId, SingleResponse};

/// With certificates in it, an answer is about 3 KB.
pub const LONGEST_ANSWER: usize = 64 * 1024;

const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = Hash::Sha256.oid();

/// An OCSP answer, DER. It must be about this very certificate, current at the time in question, and carry the nonce
/// that was asked with; anything else answers [`RevocationStatus::Unknown`] with the code of an [`Unusable`].
pub struct OcspAnswer<'a> {
    /// OCSPResponse.
    pub der: &'a [u8],
    /// What the question carried as its nonce; `None` when it carried none, and then an answer can be an old one, up
    /// to its nextUpdate.
    pub nonce: Option<&'a [u8]>,
}

impl<P: Purpose> Revocation<P> for OcspAnswer<'_> {
    fn status(&self, certificate: &TransientCertificate<P>, issuer: &[u8], at: SystemTime) -> RevocationStatus {
        certificate.with_der(|der| self.look(der, issuer, at)).unwrap_or_else(RevocationStatus::from)
    }
}

impl OcspAnswer<'_> {
    fn look(&self, certificate: &[u8], issuer: &[u8], at: SystemTime) -> Result<RevocationStatus, Unusable> {
        if self.der.len() > LONGEST_ANSWER {
            return Err(Unusable::TooLong);
        }
        let status = self.read(certificate, issuer, at)?;
        confirmed(status, &Fetched::Answer(self.der), certificate, issuer, at)
    }

    fn read(&self, certificate: &[u8], issuer: &[u8], at: SystemTime) -> Result<RevocationStatus, Unusable> {
        let certificate = Glance::at(certificate).map_err(|_| Unusable::Unreadable)?;
        let authority = StatusSigner::read(issuer).ok_or(Unusable::WrongIssuer)?;
        let answer = OcspResponse::from_der(self.der).map_err(|_| Unusable::Unreadable)?;
        if answer.response_status != OcspResponseStatus::Successful {
            return Err(Unusable::Refused);
        }
        let bytes = answer.response_bytes.filter(|bytes| bytes.response_type == BASIC).ok_or(Unusable::Unreadable)?;
        let basic = BasicOcspResponse::from_der(bytes.response.as_bytes()).map_err(|_| Unusable::Unreadable)?;
        let (signed, certificates) = read(bytes.response.as_bytes()).map_err(|_| Unusable::Unreadable)?;
        let data = &basic.tbs_response_data;

        // Who answered: the authority itself, or somebody with a certificate of hers for this purpose.
        let certificates: Vec<_> = certificates.iter().filter_map(|der| StatusSigner::read(der)).collect();
        let is_meant = |signer: &&StatusSigner<'_>| is_named(&data.responder_id, signer);
        let signer = if is_meant(&&authority) {
            &authority
        } else {
            let delegate = certificates.iter().find(is_meant).ok_or(Unusable::WrongIssuer)?;
            authority.delegates(delegate, at)?;
            delegate
        };
        if !signer.made(signed.algorithm, signed.tbs, signed.signature) {
            return Err(Unusable::Signature);
        }

        let extensions = data.response_extensions.as_deref().unwrap_or_default();
        understood(extensions)?;
        self.check_nonce(extensions)?;
        let mut about = data.responses.iter().filter(|single| is_about(&single.cert_id, &certificate, &authority));
        let single = about.next().ok_or(Unusable::OtherCertificate)?;
        if about.next().is_some() {
            return Err(Unusable::Contradiction);
        }
        understood(single.single_extensions.as_deref().unwrap_or_default())?;
        if data.produced_at.0.to_system_time() > at {
            return Err(Unusable::NotYet);
        }
        said(single, at)
    }

    fn check_nonce(&self, extensions: &[Extension]) -> Result<(), Unusable> {
        let Some(asked) = self.nonce else { return Ok(()) };
        let mut found = extensions.iter().filter(|extension| extension.extn_id == NONCE);
        let (Some(nonce), None) = (found.next(), found.next()) else { return Err(Unusable::Nonce) };
        let nonce = OctetStringRef::from_der(nonce.extn_value.as_bytes()).map_err(|_| Unusable::Nonce)?;
        if nonce.as_bytes() == asked { Ok(()) } else { Err(Unusable::Nonce) }
    }
}

/// What one answer says, if it says it for this time.
fn said(single: &SingleResponse, at: SystemTime) -> Result<RevocationStatus, Unusable> {
    let this_update = single.this_update.0.to_system_time();
    if this_update > at {
        return Err(Unusable::NotYet);
    }
    let next = single.next_update.ok_or(Unusable::NoNextUpdate)?;
    if next.0.to_system_time() < at {
        return Err(Unusable::Outdated);
    }
    match &single.cert_status {
        CertStatus::Good(_) => Ok(RevocationStatus::Good { at: this_update }),
        CertStatus::Revoked(info) => Ok(RevocationStatus::Revoked {
            // The codes of CRLReason are below 11.
            reason: info.revocation_reason.map_or(Ok(RevocationReason::Unspecified), |code| reason(code as u8))?,
            at: info.revocation_time.0.to_system_time(),
        }),
        CertStatus::Unknown(_) => Err(Unusable::NotKnown),
    }
}

/// What is signed, and the certificates beside it.
fn read(basic: &[u8]) -> der::Result<(Signed<'_>, Vec<&[u8]>)> {
    let mut file = SliceReader::new(basic)?;
    file.sequence(|basic| {
        let signed = Signed::decode(basic)?;
        let mut certificates = Vec::new();
        if !basic.is_finished() {
            let explicit = der::Header::decode(basic)?;
            basic.read_nested(explicit.length, |list| {
                list.sequence(|list| {
                    while !list.is_finished() {
                        certificates.push(list.tlv_bytes()?);
                    }
                    Ok(())
                })
            })?;
        }
        Ok((signed, certificates))
    })
}

/// Whether the answer names this signer as who made it.
fn is_named(id: &ResponderId, signer: &StatusSigner<'_>) -> bool {
    match id {
        ResponderId::ByName(name) => name.to_der().is_ok_and(|name| name == signer.name()),
        ResponderId::ByKey(hash) => signer.key_bits().is_some_and(|key| Sha1::digest(key)[..] == *hash.as_bytes()),
    }
}

/// Whether an answer is about this certificate of this authority.
fn is_about(id: &CertId, certificate: &Glance<'_>, authority: &StatusSigner<'_>) -> bool {
    let Some(key) = authority.key_bits() else { return false };
    let (name, key) = match id.hash_algorithm.oid {
        SHA_1 => (Sha1::digest(certificate.issuer).to_vec(), Sha1::digest(key).to_vec()),
        SHA_256 => (Sha256::digest(certificate.issuer).to_vec(), Sha256::digest(key).to_vec()),
        _ => return false,
    };
    id.issuer_name_hash.as_bytes() == name
        && id.issuer_key_hash.as_bytes() == key
        && SerialNumber::from_der(certificate.serial).is_ok_and(|serial| serial == id.serial_number)
}

/// No critical extension but the nonce.
fn understood(extensions: &[Extension]) -> Result<(), Unusable> {
    let unknown = extensions.iter().any(|extension| extension.critical && extension.extn_id != NONCE);
    if unknown { Err(Unusable::UnknownCritical) } else { Ok(()) }
}
