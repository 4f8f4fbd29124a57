//! The little that the command line needs of a certificate: when it ends, its key, its PEM.

use crate::failure::Failure;
use der::{DateTime, Decode, Encode};
use kazasu_catalogue::Trouble;
use kazasu_core::{Digest, Signature};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey;
use rsa::pkcs8::spki::der::pem::LineEnding;
use rsa::{RsaPublicKey, sha2};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_cert::Certificate;

/// Japan is nine hours ahead; certificates end at 23:59:59 there.
const JST: Duration = Duration::from_secs(9 * 3_600);

fn parse(der: &[u8]) -> Result<Certificate, Failure> {
    Certificate::from_der(der).map_err(|_| Trouble::Unreadable { what: "a certificate" }.into())
}

/// The last day, in Japan, as `YYYY-MM-DD`; and whether it is over.
pub(crate) struct Validity {
    pub(crate) last_day: String,
    pub(crate) expired: bool,
}

impl Validity {
    pub(crate) fn of(der: &[u8]) -> Result<Self, Failure> {
        let end = parse(der)?.tbs_certificate.validity.not_after.to_unix_duration();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let day = DateTime::from_unix_duration(end + JST).map_err(|_| Trouble::Unreadable { what: "a date" })?;
        let last_day = format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
        Ok(Self { last_day, expired: now > end })
    }

    /// Refuses an expired certificate.
    pub(crate) fn check(self, allow_expired: bool) -> Result<(), Failure> {
        if self.expired && !allow_expired { Err(Trouble::Expired { last_day: self.last_day }.into()) } else { Ok(()) }
    }
}

fn key(der: &[u8]) -> Result<RsaPublicKey, Failure> {
    let spki = parse(der)?.tbs_certificate.subject_public_key_info.to_der();
    let key = spki.ok().and_then(|spki| RsaPublicKey::from_public_key_der(&spki).ok());
    key.ok_or_else(|| Trouble::Unreadable { what: "a certificate's key" }.into())
}

/// Whether the certificate's key made this signature over the digest.
pub(crate) fn verify(der: &[u8], digest: &Digest, signature: &Signature) -> Result<(), Failure> {
    let (scheme, digest): (_, &[u8]) = match digest {
        Digest::Sha256(digest) => (Pkcs1v15Sign::new::<sha2::Sha256>(), digest),
        Digest::Sha384(digest) => (Pkcs1v15Sign::new::<sha2::Sha384>(), digest),
        Digest::Sha512(digest) => (Pkcs1v15Sign::new::<sha2::Sha512>(), digest),
    };
    key(der)?.verify(scheme, digest, &signature.0).map_err(|_| Trouble::SignatureWrong.into())
}

/// `-----BEGIN CERTIFICATE-----` …
pub(crate) fn pem(der: &[u8]) -> Result<String, Failure> {
    let pem = der::pem::encode_string("CERTIFICATE", LineEnding::LF, der);
    pem.map_err(|_| Trouble::Unreadable { what: "a certificate" }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_that_the_certificate_does_not_verify_is_refused() {
        let persona = kazasu_fixtures::Persona::named("adult").expect("a persona");
        let der = persona.file("jpki", 0x0A).expect("a certificate");
        let refused = verify(&der, &Digest::Sha256([1; 32]), &Signature([2; 256]));
        assert!(matches!(refused, Err(Failure::Host(Trouble::SignatureWrong))));
    }
}
