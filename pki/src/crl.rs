//! A revocation list (RFC 5280, 5 and 6.3) that was handed in, of the authority that issued the certificate and
//! nobody else.

use crate::certificate::TransientCertificate;
use crate::confirmed::{Fetched, confirmed};
use crate::glance::{Glance, Signed};
use crate::path::{AUTHORITY_KEY_IDENTIFIER, CRL_DISTRIBUTION_POINTS};
use crate::purpose::Purpose;
use crate::revocation::{Revocation, RevocationReason, RevocationStatus, Unusable, read_reason};
use crate::signer::StatusSigner;
use der::asn1::{ContextSpecific, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader, Tag};
use std::time::SystemTime;
use x509_cert::Version;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::IssuingDistributionPoint;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlDistributionPoints};
use x509_cert::serial_number::SerialNumber;

/// A list of one municipality is far smaller.
pub const LONGEST_LIST: usize = 64 * 1024 * 1024;

const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
const DELTA_CRL_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
// Not by the type's own identifier, which is another extension's in x509-cert 0.2.
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const CERTIFICATE_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.29");

/// A revocation list, DER. Complete, for all reasons, by the certificate's own authority, and current at the time in
/// question; anything else answers [`RevocationStatus::Unknown`] with the code of an [`Unusable`].
pub struct RevocationList<'a>(pub &'a [u8]);

impl<P: Purpose> Revocation<P> for RevocationList<'_> {
    fn status(&self, certificate: &TransientCertificate<P>, issuer: &[u8], at: SystemTime) -> RevocationStatus {
        certificate.with_der(|der| look(self.0, der, issuer, at)).unwrap_or_else(RevocationStatus::from)
    }
}

fn look(list: &[u8], certificate: &[u8], issuer: &[u8], at: SystemTime) -> Result<RevocationStatus, Unusable> {
    if list.len() > LONGEST_LIST {
        return Err(Unusable::TooLong);
    }
    let status = read(list, certificate, issuer, at)?;
    confirmed(status, &Fetched::List(list), certificate, issuer, at)
}

/// Whether the certificate's authority signed it and an entry is about the certificate. Also where nothing can be said
/// by it, it may have said that.
pub(crate) fn names(list: &[u8], certificate: &[u8], issuer: &[u8]) -> bool {
    let named = || {
        let certificate = Glance::at(certificate).ok()?;
        let signer = StatusSigner::read(issuer)?;
        let (signed, _) = around(list).ok().filter(|_| list.len() <= LONGEST_LIST)?;
        if !signer.may_sign_lists() || !signer.made(signed.algorithm, signed.tbs, signed.signature) {
            return None;
        }
        let serial = SerialNumber::from_der(certificate.serial).ok()?;
        // One whose entries cannot be read may name anybody.
        let Ok(list) = CertificateList::from_der(list) else { return Some(true) };
        Some(list.tbs_cert_list.revoked_certificates?.iter().any(|entry| entry.serial_number == serial))
    };
    named().unwrap_or(false)
}

fn read(list: &[u8], certificate: &[u8], issuer: &[u8], at: SystemTime) -> Result<RevocationStatus, Unusable> {
    let certificate = Glance::at(certificate).map_err(|_| Unusable::Unreadable)?;
    let signer = StatusSigner::read(issuer).ok_or(Unusable::WrongIssuer)?;
    let (signed, around) = around(list).map_err(|_| Unusable::Unreadable)?;
    if around.issuer != signer.name() || around.issuer != certificate.issuer {
        return Err(Unusable::WrongIssuer);
    }
    let extensions = &around.extensions;
    if let Some(extension) = one(extensions, AUTHORITY_KEY_IDENTIFIER)? {
        let named =
            AuthorityKeyIdentifier::from_der(extension.extn_value.as_bytes()).map_err(|_| Unusable::Unreadable)?;
        if named.key_identifier.is_some_and(|id| Some(id.as_bytes()) != signer.key_id()) {
            return Err(Unusable::WrongIssuer);
        }
    }
    if !signer.may_sign_lists() {
        return Err(Unusable::SignerMayNot);
    }
    if !signer.made(signed.algorithm, signed.tbs, signed.signature) {
        return Err(Unusable::Signature);
    }
    scope(extensions, &certificate)?;
    let list = CertificateList::from_der(list).map_err(|_| Unusable::Unreadable)?;
    let fields = &list.tbs_cert_list;
    if fields.signature != list.signature_algorithm {
        return Err(Unusable::Unreadable);
    }
    if fields.this_update.to_system_time() > at {
        return Err(Unusable::NotYet);
    }
    let next = fields.next_update.ok_or(Unusable::NoNextUpdate)?;
    if next.to_system_time() < at {
        return Err(Unusable::Outdated);
    }
    let serial = SerialNumber::from_der(certificate.serial).map_err(|_| Unusable::Unreadable)?;
    entry(fields.revoked_certificates.as_deref().unwrap_or_default(), &serial, fields.this_update.to_system_time())
}

/// What stands around a list's entries.
struct Around<'d> {
    /// issuer, DER.
    issuer: &'d [u8],
    /// crlExtensions.
    extensions: Vec<Extension>,
}

/// Whose list it is, without a look at its entries: there can be millions, and they are read when it is known that the
/// authority signed them.
fn around(list: &[u8]) -> der::Result<(Signed<'_>, Around<'_>)> {
    let mut file = SliceReader::new(list)?;
    let signed = file.sequence(Signed::decode)?;
    let signed = file.finish(signed)?;
    let mut tbs = SliceReader::new(signed.tbs)?;
    let around = tbs.sequence(|fields| {
        if Version::decode(fields)? != Version::V2 {
            return Err(Tag::Integer.value_error());
        }
        // signature
        fields.tlv_bytes()?;
        let issuer = fields.tlv_bytes()?;
        let mut last: &[u8] = &[];
        while !fields.is_finished() {
            last = fields.tlv_bytes()?;
        }
        let extensions = match last.first() {
            Some(0xA0) => ContextSpecific::<Vec<Extension>>::from_der(last)?.value,
            _ => Vec::new(),
        };
        Ok(Around { issuer, extensions })
    })?;
    Ok((signed, tbs.finish(around)?))
}

/// The extension of this identifier; twice the same is nothing that could be followed.
fn one(extensions: &[Extension], id: ObjectIdentifier) -> Result<Option<&Extension>, Unusable> {
    let mut found = extensions.iter().filter(|extension| extension.extn_id == id);
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        _ => Err(Unusable::Unreadable),
    }
}

/// Whether the list is about this certificate: complete, for holders, for every reason, and of its distribution point.
fn scope(extensions: &[Extension], certificate: &Glance<'_>) -> Result<(), Unusable> {
    if one(extensions, DELTA_CRL_INDICATOR)?.is_some() {
        return Err(Unusable::Delta);
    }
    let known = [CRL_NUMBER, ISSUING_DISTRIBUTION_POINT, AUTHORITY_KEY_IDENTIFIER];
    if extensions.iter().any(|extension| extension.critical && !known.contains(&extension.extn_id)) {
        return Err(Unusable::UnknownCritical);
    }
    let Some(point) = one(extensions, ISSUING_DISTRIBUTION_POINT)? else {
        // Without it the authority says that its list is about everything that it issued.
        return Ok(());
    };
    let scope = IssuingDistributionPoint::from_der(point.extn_value.as_bytes()).map_err(|_| Unusable::Unreadable)?;
    if scope.indirect_crl {
        return Err(Unusable::Indirect);
    }
    if scope.only_some_reasons.is_some() || scope.only_contains_ca_certs || scope.only_contains_attribute_certs {
        return Err(Unusable::OtherScope);
    }
    let Some(place) = scope.distribution_point else { return Ok(()) };
    let points = certificate.extension(CRL_DISTRIBUTION_POINTS).ok_or(Unusable::OtherPlace)?;
    let CrlDistributionPoints(points) =
        CrlDistributionPoints::from_der(points.value).map_err(|_| Unusable::Unreadable)?;
    // A place that another authority or only some reasons share is none of these certificates'.
    let whole = points.iter().filter(|point| point.reasons.is_none() && point.crl_issuer.is_none());
    let mut places = whole.filter_map(|point| point.distribution_point.as_ref());
    if places.any(|known| *known == place) { Ok(()) } else { Err(Unusable::OtherPlace) }
}

fn entry(entries: &[RevokedCert], serial: &SerialNumber, good_at: SystemTime) -> Result<RevocationStatus, Unusable> {
    let extensions = |entry: &RevokedCert| entry.crl_entry_extensions.clone().unwrap_or_default();
    // RFC 5280, 5.3: one critical extension that is not understood makes the whole list useless.
    for entry in entries.iter().filter(|entry| entry.crl_entry_extensions.is_some()) {
        for extension in extensions(entry) {
            match extension.extn_id {
                CERTIFICATE_ISSUER => return Err(Unusable::Indirect),
                REASON_CODE => {}
                _ if extension.critical => return Err(Unusable::UnknownCritical),
                _ => {}
            }
        }
    }
    let mut found = entries.iter().filter(|entry| entry.serial_number == *serial);
    let (first, None) = (found.next(), found.next()) else { return Err(Unusable::Contradiction) };
    let Some(entry) = first else { return Ok(RevocationStatus::Good { at: good_at }) };
    let reason = match one(&extensions(entry), REASON_CODE)? {
        Some(extension) => read_reason(extension.extn_value.as_bytes())?,
        None => RevocationReason::Unspecified,
    };
    Ok(RevocationStatus::Revoked { reason, at: entry.revocation_date.to_system_time() })
}
