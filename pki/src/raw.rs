//! Raw signatures: what the card answers, checked, without a certificate around it.
//!
//! For an RSA card that is RSASSA-PKCS1-v1_5 (RFC 8017, 8.2): 256 bytes over the DigestInfo of a digest.
//! `openssl dgst -verify` takes it with the file, and platform operators take it with the certificate and one of two
//! things: the digest alone, or [`digest_info`], the very bytes that were padded and signed.

use crate::certificate::TransientCertificate;
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::purpose::Purpose;
use crate::sign::FinishError;
use kazasu_core::Digest;

/// The signature, if the certificate's key made it over this digest.
///
/// # Errors
/// [`FinishError::Certificate`], [`FinishError::WrongSignature`].
pub fn finish<P: Purpose>(
    certificate: &TransientCertificate<P>,
    digest: &Digest,
    signature: &[u8],
) -> Result<Vec<u8>, FinishError> {
    certificate.key()?.verify(digest, signature)?;
    Ok(signature.to_vec())
}

/// The line of the table about a raw signature; the certificate's own lines come from [`crate::path::examine`].
#[must_use]
pub fn verify<P: Purpose>(certificate: &TransientCertificate<P>, digest: &Digest, signature: &[u8]) -> Findings {
    let mut findings = Findings::new();
    let holds = certificate.key().is_ok_and(|key| key.verify(digest, signature).is_ok());
    findings.require(Check::SignatureValue, holds, Reason::Signature);
    findings
}

/// The same line where the content is not there.
#[must_use]
pub fn without_content() -> Findings {
    let mut findings = Findings::new();
    findings.add(Check::SignatureValue, Outcome::NotChecked(WhyNot::NoContent));
    findings
}

/// DigestInfo (RFC 8017, 9.2) in DER: AlgorithmIdentifier with NULL, then the digest.
#[must_use]
pub fn digest_info(digest: &Digest) -> Vec<u8> {
    let (info, length) = digest.digest_info();
    info[..length].to_vec()
}
