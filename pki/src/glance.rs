//! A certificate's fields (RFC 5280, 4.1), borrowed from its bytes: nothing is copied, nothing is allocated.

use crate::algorithm::PublicKey;
use crate::certificate::{CertificateError, LONGEST_CERTIFICATE};
use der::asn1::{BitStringRef, GeneralizedTime, IntRef, ObjectIdentifier, OctetStringRef, UtcTime};
use der::{Decode as _, Reader, SliceReader, Tag, TagNumber};
use std::time::{Duration, SystemTime};

/// What a tap needs of a certificate. What names its holder stays inside this crate.
#[derive(Clone, Copy)]
pub struct Glance<'d> {
    /// First instant.
    pub not_before: SystemTime,
    /// Last instant.
    pub not_after: SystemTime,
    /// TBSCertificate, header included: what the authority signed.
    pub(crate) tbs: &'d [u8],
    /// INTEGER contents; none for version 1.
    pub(crate) version: Option<u8>,
    /// CertificateSerialNumber, DER.
    pub(crate) serial: &'d [u8],
    /// signatureAlgorithm, DER; and what the signed part repeats of it.
    pub(crate) algorithm: &'d [u8],
    pub(crate) algorithm_inside: &'d [u8],
    /// issuer and subject, DER.
    pub(crate) issuer: &'d [u8],
    pub(crate) subject: &'d [u8],
    /// subjectPublicKeyInfo, DER.
    pub(crate) spki: &'d [u8],
    /// The fields that no certificate of these has.
    pub(crate) unique_ids: bool,
    /// Contents of Extensions.
    extensions: &'d [u8],
    /// The authority's signature.
    pub(crate) signature: &'d [u8],
}

/// Extension (RFC 5280, 4.2).
#[derive(Clone, Copy)]
pub(crate) struct Extension<'d> {
    pub(crate) id: ObjectIdentifier,
    pub(crate) critical: bool,
    pub(crate) value: &'d [u8],
}

impl<'d> Glance<'d> {
    /// Reads it.
    ///
    /// # Errors
    /// [`CertificateError::TooLong`], [`CertificateError::Unreadable`].
    pub fn at(der: &'d [u8]) -> Result<Self, CertificateError> {
        if der.len() > LONGEST_CERTIFICATE {
            return Err(CertificateError::TooLong);
        }
        Self::parse(der).map_err(|_| CertificateError::Unreadable)
    }

    fn parse(der: &'d [u8]) -> der::Result<Self> {
        let mut file = SliceReader::new(der)?;
        let Signed { tbs, algorithm, signature } = file.sequence(Signed::decode)?;
        file.finish(())?;
        let mut file = SliceReader::new(tbs)?;
        file.sequence(|fields| {
            let version = match is_at(fields, TagNumber::N0)? {
                true => Some(explicit(fields, |version| u8::decode(version))?),
                false => None,
            };
            let serial = of(fields, Tag::Integer)?;
            IntRef::from_der(serial)?;
            let algorithm_inside = fields.tlv_bytes()?;
            let issuer = of(fields, Tag::Sequence)?;
            let (not_before, not_after) = fields.sequence(|validity| Ok((instant(validity)?, instant(validity)?)))?;
            let subject = of(fields, Tag::Sequence)?;
            let spki = of(fields, Tag::Sequence)?;
            let mut unique_ids = false;
            for number in [TagNumber::N1, TagNumber::N2] {
                if is_at(fields, number)? {
                    fields.tlv_bytes()?;
                    unique_ids = true;
                }
            }
            let mut extensions: &[u8] = &[];
            if is_at(fields, TagNumber::N3)? {
                extensions = explicit(fields, |list| list.sequence(|list| list.read_slice(list.remaining_len())))?;
            }
            for extension in Extensions(extensions) {
                extension?;
            }
            Ok(Self {
                not_before,
                not_after,
                tbs,
                version,
                serial,
                algorithm,
                algorithm_inside,
                issuer,
                subject,
                spki,
                unique_ids,
                extensions,
                signature,
            })
        })
    }

    /// All of them, in their order.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = Extension<'d>> {
        // Each has been read once, in `parse`.
        Extensions(self.extensions).filter_map(Result::ok)
    }

    /// The first one of this identifier.
    pub(crate) fn extension(&self, id: ObjectIdentifier) -> Option<Extension<'d>> {
        self.extensions().find(|extension| extension.id == id)
    }

    /// The key that it certifies; `None` for one that is neither RSA nor P-384.
    #[must_use]
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::from_spki(self.spki)
    }

    /// The last day in Japan, as `YYYY-MM-DD`: certificates end at 23:59:59 there.
    #[must_use]
    pub fn last_day(&self) -> String {
        day_in_japan(self.not_after)
    }

    /// Days in Japan from the one of `at` to the last one: 0 on the last day itself, `None` when it is over.
    #[must_use]
    pub fn days_left(&self, at: SystemTime) -> Option<u64> {
        let day = |at: SystemTime| since_1970(at).saturating_add(JST).as_secs() / 86_400;
        (at <= self.not_after).then(|| day(self.not_after) - day(at))
    }
}

struct Extensions<'d>(&'d [u8]);

impl<'d> Iterator for Extensions<'d> {
    type Item = der::Result<Extension<'d>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut rest = SliceReader::new(self.0).ok().filter(|rest| !rest.is_finished())?;
        let read = rest.sequence(|extension| {
            let id = ObjectIdentifier::decode(extension)?;
            // DER leaves FALSE out; where it stands all the same, OpenSSL reads it, and so does this.
            let critical = match extension.peek_header()?.tag {
                Tag::Boolean => bool::decode(extension)?,
                _ => false,
            };
            Ok(Extension { id, critical, value: OctetStringRef::decode(extension)?.as_bytes() })
        });
        self.0 = match &read {
            Ok(_) => rest.read_slice(rest.remaining_len()).unwrap_or_default(),
            Err(_) => &[],
        };
        Some(read)
    }
}

/// Whether the next value has this context-specific tag.
fn is_at<'r>(reader: &mut impl Reader<'r>, number: TagNumber) -> der::Result<bool> {
    if reader.is_finished() {
        return Ok(false);
    }
    let tag = reader.peek_header()?.tag;
    Ok(matches!(tag, Tag::ContextSpecific { number: found, .. } if found == number))
}

/// The value inside an explicit context-specific tag.
fn explicit<'r, R: Reader<'r>, T>(
    reader: &mut R,
    read: impl FnOnce(&mut der::NestedReader<'_, R>) -> der::Result<T>,
) -> der::Result<T> {
    let header = der::Header::decode(reader)?;
    if !header.tag.is_constructed() {
        return Err(header.tag.value_error());
    }
    reader.read_nested(header.length, read)
}

/// The next value with its header, which has this tag.
fn of<'r>(reader: &mut impl Reader<'r>, tag: Tag) -> der::Result<&'r [u8]> {
    reader.peek_header()?.tag.assert_eq(tag)?;
    reader.tlv_bytes()
}

/// The three parts of what an authority signs, as they stand there: what it signed, how, and the signature. A certificate,
/// a revocation list (RFC 5280, 4.1 and 5.1) and an OCSP answer (RFC 6960, 4.2.1) are all made so.
pub(crate) struct Signed<'d> {
    pub(crate) tbs: &'d [u8],
    pub(crate) algorithm: &'d [u8],
    pub(crate) signature: &'d [u8],
}

impl<'d> Signed<'d> {
    /// What stands in the sequence; an OCSP answer has certificates behind it.
    pub(crate) fn decode(parts: &mut impl Reader<'d>) -> der::Result<Self> {
        let (tbs, algorithm, signature) = (parts.tlv_bytes()?, parts.tlv_bytes()?, BitStringRef::decode(parts)?);
        let signature = signature.as_bytes().ok_or_else(|| Tag::BitString.value_error())?;
        Ok(Self { tbs, algorithm, signature })
    }
}

/// Time ::= CHOICE { utcTime, generalTime }: the second form only for years that the first one cannot write (RFC
/// 5280, 4.1.2.5).
pub(crate) fn instant<'r>(reader: &mut impl Reader<'r>) -> der::Result<SystemTime> {
    if reader.peek_header()?.tag == Tag::UtcTime {
        return Ok(UtcTime::decode(reader)?.to_system_time());
    }
    let time = GeneralizedTime::decode(reader)?;
    if time.to_date_time().year() < 2050 { Err(Tag::GeneralizedTime.value_error()) } else { Ok(time.to_system_time()) }
}

/// Japan is nine hours ahead; certificates end at 23:59:59 there.
const JST: Duration = Duration::from_secs(9 * 3_600);

fn since_1970(at: SystemTime) -> Duration {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Day and time in Japan, nine hours ahead, as `YYYY-MM-DD hh:mm:ss`; within 1970 to 9999, which is what certificates can
/// say.
#[must_use]
pub fn time_in_japan(at: SystemTime) -> String {
    match der::DateTime::from_unix_duration(since_1970(at).saturating_add(JST)) {
        Ok(time) => {
            let (year, month, day) = (time.year(), time.month(), time.day());
            format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", time.hour(), time.minutes(), time.seconds())
        }
        Err(_) => String::from("9999-12-31 23:59:59"),
    }
}

/// Its day, as `YYYY-MM-DD`.
#[must_use]
pub fn day_in_japan(at: SystemTime) -> String {
    let mut time = time_in_japan(at);
    time.truncate("YYYY-MM-DD".len());
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_day_ends_in_japan_nine_hours_before_greenwich() {
        // 2030-02-17T14:59:59Z and the second after it.
        assert_eq!(day_in_japan(at(1_897_570_799)), "2030-02-17");
        assert_eq!(day_in_japan(at(1_897_570_800)), "2030-02-18");
        assert_eq!(time_in_japan(at(1_897_570_799)), "2030-02-17 23:59:59");
    }

    #[test]
    fn days_that_no_certificate_can_say_are_the_nearest_that_one_can() {
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1_000_000_000);
        assert_eq!(day_in_japan(before), "1970-01-01");
        assert_eq!(day_in_japan(at(400_000_000_000)), "9999-12-31");
    }
}
