//! The little that the command line needs of a certificate: when it ends, its key, its PEM, and who is believed.

use crate::failure::Failure;
use der::pem::LineEnding;
use kazasu_catalogue::Trouble;
use kazasu_core::{Digest, Signature};
use kazasu_pki::glance::Glance;
use kazasu_pki::{Anchors, Purpose};
use std::time::SystemTime;

pub(crate) fn glance(der: &[u8]) -> Result<Glance<'_>, Failure> {
    Glance::at(der).map_err(|_| Trouble::Unreadable { what: "a certificate" }.into())
}

/// The last day, in Japan, as `YYYY-MM-DD`; and whether it is over.
pub(crate) struct Validity {
    pub(crate) last_day: String,
    pub(crate) expired: bool,
}

impl Validity {
    pub(crate) fn of(der: &[u8]) -> Result<Self, Failure> {
        let certificate = glance(der)?;
        Ok(Self { last_day: certificate.last_day(), expired: SystemTime::now() > certificate.not_after })
    }

    /// Refuses an expired certificate.
    pub(crate) fn check(self, allow_expired: bool) -> Result<(), Failure> {
        if self.expired && !allow_expired { Err(Trouble::Expired { last_day: self.last_day }.into()) } else { Ok(()) }
    }
}

/// Whether the certificate's key made this signature over the digest.
pub(crate) fn verify(der: &[u8], digest: &Digest, signature: &Signature) -> Result<(), Failure> {
    let key = glance(der)?.key().ok_or(Trouble::Unreadable { what: "a certificate's key" })?;
    key.verify(digest, &signature.0).map_err(|_| Trouble::SignatureWrong.into())
}

/// The authorities above the demonstration cards, of each purpose.
const TEST_AUTHORITIES: [(&str, [&str; 2]); 2] = [
    (
        kazasu_pki::Signing::CODE,
        [
            include_str!("../../fixtures/cards/pki/sign-ca-1.pem"),
            include_str!("../../fixtures/cards/pki/sign-ca-2.pem"),
        ],
    ),
    (
        kazasu_pki::UserAuthentication::CODE,
        [
            include_str!("../../fixtures/cards/pki/auth-ca-1.pem"),
            include_str!("../../fixtures/cards/pki/auth-ca-2.pem"),
        ],
    ),
];

/// J-LIS's authorities, of which the card brought one certificate; or, only when that was asked for, those of the demonstration.
pub(crate) fn anchors<P: Purpose>(test: bool, from_card: Option<&[u8]>) -> Result<Anchors<P>, Failure> {
    if !test {
        let mut anchors = Anchors::production();
        if let Some(der) = from_card {
            // One that is not pinned stays outside, and the table says so.
            let _ = anchors.admit(der);
        }
        return Ok(anchors);
    }
    let unreadable = || Failure::from(Trouble::Unreadable { what: "the demonstration's authorities" });
    let authorities = TEST_AUTHORITIES.iter().filter(|(purpose, _)| *purpose == P::CODE).flat_map(|(_, pem)| pem);
    let authorities: Result<Vec<_>, _> = authorities.map(|pem| der::pem::decode_vec(pem.as_bytes())).collect();
    let authorities = authorities.map_err(|_| unreadable())?;
    let authorities: Vec<_> = authorities.iter().map(|(_, der)| der.as_slice()).collect();
    Anchors::test_only(&authorities).map_err(|_| unreadable())
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
