//! The parts of a certificate that a tap needs, borrowed from its bytes: nothing is copied, nothing is allocated.

use crate::certificate::CertificateError;
use der::asn1::{BitStringRef, GeneralizedTime, UtcTime};
use der::{Decode as _, Reader, SliceReader, Tag, TagNumber};
use std::time::{Duration, SystemTime};

/// RFC 5280, 4.1: the fields of a certificate, each a slice of it.
#[derive(Clone, Copy)]
pub struct Glance<'d> {
    /// TBSCertificate, header included: what the authority signed.
    pub tbs: &'d [u8],
    /// signatureAlgorithm, DER.
    pub algorithm: &'d [u8],
    /// The authority's signature.
    pub signature: &'d [u8],
    /// issuer, DER.
    pub issuer: &'d [u8],
    /// First instant.
    pub not_before: SystemTime,
    /// Last instant.
    pub not_after: SystemTime,
    /// subjectPublicKeyInfo, DER.
    pub spki: &'d [u8],
}

impl<'d> Glance<'d> {
    /// Reads what comes before the extensions.
    ///
    /// # Errors
    /// [`CertificateError::Unreadable`].
    pub fn at(der: &'d [u8]) -> Result<Self, CertificateError> {
        Self::parse(der).map_err(|_| CertificateError::Unreadable)
    }

    fn parse(der: &'d [u8]) -> der::Result<Self> {
        let mut file = SliceReader::new(der)?;
        let (tbs, algorithm, signature) = file.sequence(|certificate| {
            Ok((certificate.tlv_bytes()?, certificate.tlv_bytes()?, BitStringRef::decode(certificate)?))
        })?;
        file.finish(())?;
        let signature = signature.as_bytes().ok_or_else(|| Tag::BitString.value_error())?;
        let mut file = SliceReader::new(tbs)?;
        file.sequence(|tbs_certificate| {
            if tbs_certificate.peek_byte() == Some(0xA0) {
                let version = tbs_certificate.peek_header()?;
                version.tag.assert_eq(Tag::ContextSpecific { constructed: true, number: TagNumber::N0 })?;
                tbs_certificate.tlv_bytes()?;
            }
            tbs_certificate.tlv_bytes()?; // serialNumber: linkable, and of no use here
            tbs_certificate.tlv_bytes()?; // signature: repeats the algorithm
            let issuer = tbs_certificate.tlv_bytes()?;
            let (not_before, not_after) =
                tbs_certificate.sequence(|validity| Ok((instant(validity)?, instant(validity)?)))?;
            tbs_certificate.tlv_bytes()?; // subject
            let spki = tbs_certificate.tlv_bytes()?;
            while !tbs_certificate.is_finished() {
                tbs_certificate.tlv_bytes()?;
            }
            Ok(Self { tbs, algorithm, signature, issuer, not_before, not_after, spki })
        })
    }

    /// The last day in Japan, as `YYYY-MM-DD`: certificates end at 23:59:59 there.
    #[must_use]
    pub fn last_day(&self) -> String {
        day_in_japan(self.not_after)
    }
}

/// Time ::= CHOICE { utcTime, generalTime }.
fn instant<'r>(reader: &mut impl Reader<'r>) -> der::Result<SystemTime> {
    match reader.peek_header()?.tag {
        Tag::UtcTime => Ok(UtcTime::decode(reader)?.to_system_time()),
        _ => Ok(GeneralizedTime::decode(reader)?.to_system_time()),
    }
}

/// The day in Japan, nine hours ahead, as `YYYY-MM-DD`.
#[must_use]
pub fn day_in_japan(at: SystemTime) -> String {
    let there = at.checked_add(Duration::from_secs(9 * 3_600)).unwrap_or(at);
    match der::DateTime::from_system_time(there) {
        Ok(day) => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        Err(_) => String::from("9999-12-31"),
    }
}
