//! A holder's certificate, for as long as it is needed: service providers may not keep one (公的個人認証法).

use crate::algorithm::PublicKey;
use crate::glance::Glance;
use crate::holder::Holder;
use crate::purpose::{Purpose, Signing};
use der::asn1::ObjectIdentifier;
use std::marker::PhantomData;
use thiserror::Error;
use zeroize::Zeroizing;

/// A certificate of these is about 1.8 KB.
pub const LONGEST_CERTIFICATE: usize = 4_096;

/// Bytes that are no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// More than [`LONGEST_CERTIFICATE`] bytes.
    #[error("more than {LONGEST_CERTIFICATE} bytes: not a certificate of these cards")]
    TooLong,
    /// Not one X.509 certificate in DER.
    #[error("not one X.509 certificate in DER")]
    Unreadable,
    /// A key that is neither RSA nor P-384.
    #[error("the certificate's key is of a kind that these cards do not have")]
    UnknownKey,
    /// subjectAltName does not say who the holder is in the way of these certificates.
    #[error("the certificate does not name its holder in the way of these cards")]
    NoHolder,
}

/// A certificate of one [`Purpose`]: never copied, shown or stored, and wiped when it goes.
///
/// That it is of that purpose is what its holder says; [`crate::path::examine`] finds out.
///
/// It cannot be copied:
/// ```compile_fail,E0277
/// fn copied<T: Clone>() {}
/// copied::<kazasu_pki::TransientCertificate<kazasu_pki::Signing>>();
/// ```
/// nor shown:
/// ```compile_fail,E0277
/// fn shown<T: std::fmt::Debug>() {}
/// shown::<kazasu_pki::TransientCertificate<kazasu_pki::Signing>>();
/// ```
/// ```compile_fail,E0277
/// fn shown<T: std::fmt::Display>() {}
/// shown::<kazasu_pki::TransientCertificate<kazasu_pki::UserAuthentication>>();
/// ```
/// nor stored:
/// ```compile_fail,E0277
/// fn stored<T: serde::Serialize>() {}
/// stored::<kazasu_pki::TransientCertificate<kazasu_pki::Signing>>();
/// ```
/// and its bytes do not outlive the look at them:
/// ```compile_fail
/// # fn f(certificate: &kazasu_pki::TransientCertificate<kazasu_pki::Signing>) -> &[u8] {
/// certificate.with_der(|der| der)
/// # }
/// ```
/// One for user authentication is not one for signing, and has no holder's name to give:
/// ```compile_fail,E0308
/// # fn f(certificate: kazasu_pki::TransientCertificate<kazasu_pki::UserAuthentication>) {
/// let _: kazasu_pki::TransientCertificate<kazasu_pki::Signing> = certificate;
/// # }
/// ```
/// ```compile_fail,E0599
/// # fn f(certificate: kazasu_pki::TransientCertificate<kazasu_pki::UserAuthentication>) {
/// certificate.holder();
/// # }
/// ```
/// What can be done with both, so that the refusals above are about what they say:
/// ```
/// fn there<T: Send + Sync>() {}
/// there::<kazasu_pki::TransientCertificate<kazasu_pki::Signing>>();
/// # fn f(certificate: kazasu_pki::TransientCertificate<kazasu_pki::Signing>) {
/// let _: usize = certificate.with_der(|der| der.len());
/// let _ = certificate.holder();
/// # }
/// ```
pub struct TransientCertificate<P> {
    der: Zeroizing<Vec<u8>>,
    purpose: PhantomData<fn() -> P>,
}

impl<P: Purpose> TransientCertificate<P> {
    /// From the card, or from whoever sent it.
    ///
    /// # Errors
    /// [`CertificateError::TooLong`], [`CertificateError::Unreadable`].
    pub fn new(der: &[u8]) -> Result<Self, CertificateError> {
        Glance::at(der)?;
        Ok(Self { der: Zeroizing::new(der.to_vec()), purpose: PhantomData })
    }

    /// Its bytes, for as long as `look` runs.
    pub fn with_der<R>(&self, look: impl FnOnce(&[u8]) -> R) -> R {
        look(&self.der)
    }

    /// What a tap needs of it.
    ///
    /// # Errors
    /// [`CertificateError::Unreadable`].
    pub fn glance(&self) -> Result<Glance<'_>, CertificateError> {
        Glance::at(&self.der)
    }

    /// The key that checks what the card signed.
    ///
    /// # Errors
    /// [`CertificateError::UnknownKey`].
    pub fn key(&self) -> Result<PublicKey, CertificateError> {
        self.glance()?.key().ok_or(CertificateError::UnknownKey)
    }

    /// Under which policies it was issued.
    ///
    /// # Errors
    /// [`CertificateError::Unreadable`].
    pub fn policies(&self) -> Result<Vec<ObjectIdentifier>, CertificateError> {
        Ok(crate::path::policies(&self.glance()?))
    }
}

impl TransientCertificate<Signing> {
    /// Name, birth date, sex and address.
    ///
    /// # Errors
    /// [`CertificateError::NoHolder`], [`CertificateError::Unreadable`].
    pub fn holder(&self) -> Result<Holder, CertificateError> {
        Holder::of(&self.glance()?)
    }
}
