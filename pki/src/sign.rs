//! Signing in two phases around a tap: `prepare` says what the card is to sign, without a card; `finish` takes the
//! signature and returns nothing that the certificate's key does not verify. Between them are plain bytes, so several
//! things can be prepared, signed after one password in one tap, and finished.

use crate::algorithm::{Algorithm, WrongSignature};
use crate::certificate::CertificateError;
use thiserror::Error;

/// Says that the caller has told the holder what a signed file shows to everybody who opens it. There is no other way
/// to a signature that carries the signing certificate:
///
/// ```compile_fail,E0061
/// # use kazasu_pki::{cms::{prepare, Profile}, Signing, TransientCertificate};
/// fn without_telling(digest: &kazasu_core::Digest, certificate: &TransientCertificate<Signing>) {
///     let _ = prepare(digest, certificate, Profile::Cades { signing_time: None });
/// }
/// ```
///
/// nor by way of what was stored between the phases:
///
/// ```compile_fail,E0061
/// # use kazasu_pki::{cms, Signing, TransientCertificate};
/// fn without_telling(attributes: &[u8], certificate: &TransientCertificate<Signing>) {
///     let _ = cms::Prepared::from_bytes(attributes, certificate);
/// }
/// ```
/// ```compile_fail,E0061
/// # use kazasu_pki::{pdf, Signing, TransientCertificate};
/// fn without_telling(file: Vec<u8>, attributes: &[u8], certificate: &TransientCertificate<Signing>) {
///     let _ = pdf::Prepared::from_bytes(file, attributes, certificate);
/// }
/// ```
///
/// The same, told:
///
/// ```
/// # use kazasu_pki::{cms, pdf, DisclosureAck, Signing, TransientCertificate};
/// fn told(file: Vec<u8>, attributes: &[u8], certificate: &TransientCertificate<Signing>, told: DisclosureAck) {
///     let _ = cms::Prepared::from_bytes(attributes, certificate, told);
///     let _ = pdf::Prepared::from_bytes(file, attributes, certificate, told);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DisclosureAck(());

impl DisclosureAck {
    /// The 署名用電子証明書 goes into the file whole: name, address, birth date and sex of the holder.
    #[must_use]
    pub const fn the_file_will_show_name_address_birth_date_and_sex() -> Self {
        Self(())
    }
}

/// What cannot be prepared for signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PrepareError {
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The content's digest was made by another hash function than the key's scheme uses.
    #[error("a key for {} signs digests of its own hash function only; make the content's digest with that", .0.name())]
    OtherHash(Algorithm),
    /// A signing time that ASN.1 cannot write: before 1970 or after 9999.
    #[error("the signing time is out of range; check the clock")]
    Time,
}

/// What cannot be finished; nothing was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FinishError {
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Not what [`prepare`](crate::cms::prepare) gave out.
    #[error("these bytes were not prepared for a signature; prepare again")]
    NotPrepared,
    /// Prepared for another certificate.
    #[error("this was prepared for another certificate; prepare again with the one of the card that signed")]
    OtherCertificate,
    /// Prepared for another content.
    #[error("this was prepared for other contents; the file has changed meanwhile")]
    OtherContent,
    /// Not a signature by the certificate's key over what was prepared: a fault of the card or of what is between.
    #[error(transparent)]
    WrongSignature(#[from] WrongSignature),
    /// An authority's certificate that is to go along.
    #[error("what is to go along is not an authority's certificate")]
    Authority,
}
