//! Whether a certificate was revoked: an answer from outside, never a yes or no.
//!
//! Only accredited verifiers (署名検証者, 団体署名検証者 and platform operators) can ask J-LIS. What they say is handed in.

use crate::certificate::TransientCertificate;
#[cfg(feature = "server")]
use crate::finding::coded;
use crate::finding::{Outcome, Reason, WhyNot};
use crate::purpose::Purpose;
use std::time::SystemTime;

/// Why a certificate ended early (RFC 5280, 5.3.1), with what it means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    /// Discarded before it was issued.
    Unspecified,
    /// The key is no longer the holder's alone.
    KeyCompromise,
    /// The authority's key is no longer its own.
    CaCompromise,
    /// One of name, address, birth date and sex changed.
    AffiliationChanged,
    /// Renewed.
    Superseded,
    /// Given up.
    CessationOfOperation,
    /// Stopped for a time; never lifted in this system.
    CertificateHold,
    /// Another code.
    Other(u8),
}

/// The answer. There is no way to make a yes or no of it:
/// ```compile_fail,E0308
/// # fn f(status: kazasu_pki::RevocationStatus) {
/// if status {}
/// # }
/// ```
/// ```compile_fail,E0277
/// # fn f(status: kazasu_pki::RevocationStatus) {
/// let _: bool = status.into();
/// # }
/// ```
/// and whoever leaves out a kind of answer is told:
/// ```compile_fail,E0004
/// # use kazasu_pki::RevocationStatus;
/// # fn f(status: RevocationStatus) {
/// match status {
///     RevocationStatus::Good { .. } => {}
///     RevocationStatus::Revoked { .. } => {}
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Not revoked.
    Good {
        /// When that was so.
        at: SystemTime,
    },
    /// Revoked.
    Revoked {
        /// Why.
        reason: RevocationReason,
        /// When.
        at: SystemTime,
    },
    /// Not revoked at the time in question, and revoked since, for a reason that begins then.
    RevokedSince {
        /// The time in question.
        at: SystemTime,
        /// Why it was revoked.
        reason: RevocationReason,
        /// When.
        since: SystemTime,
    },
    /// Asked, without an answer that can be used.
    Unknown {
        /// In the words of whoever was asked; of a list or an answer that was handed in, the code of an `Unusable`.
        why: String,
    },
    /// Not asked.
    NotChecked {
        /// Why.
        why: WhyNot,
    },
}

impl RevocationStatus {
    /// The line of the table, and whether somebody looked. Unknown never holds.
    pub(crate) fn outcome(&self) -> (Outcome, bool) {
        match self {
            Self::Good { .. } | Self::RevokedSince { .. } => (Outcome::Holds, true),
            Self::Revoked { .. } => (Outcome::Fails(Reason::Revoked), true),
            Self::Unknown { .. } => (Outcome::NotChecked(WhyNot::Unknown), false),
            Self::NotChecked { why } => (Outcome::NotChecked(*why), false),
        }
    }
}

/// Somebody who can be asked: an adapter to an accredited verifier's service, or to an answer that is already here.
pub trait Revocation<P: Purpose> {
    /// About one certificate, whose authority is known and whose signature has been checked.
    fn status(&self, certificate: &TransientCertificate<P>, issuer: &[u8], at: SystemTime) -> RevocationStatus;
}

/// Nobody is asked.
pub struct NotAsked;

impl<P: Purpose> Revocation<P> for NotAsked {
    fn status(&self, _: &TransientCertificate<P>, _: &[u8], _: SystemTime) -> RevocationStatus {
        RevocationStatus::NotChecked { why: WhyNot::NotAsked }
    }
}

#[cfg(feature = "server")]
coded! {
    /// Why a list or an answer that was handed in says nothing.
    Unusable {
        /// More bytes than any has.
        TooLong = "too-long",
        /// Not what it should be, in DER.
        Unreadable = "unreadable",
        /// By somebody else than the certificate's authority, or whom that one named.
        WrongIssuer = "wrong-issuer",
        /// By somebody who may not sign this.
        SignerMayNot = "signer-may-not",
        /// The signature was made by another key, over other bytes, or in a way that is too weak.
        Signature = "signature",
        /// A critical extension that nobody here understands.
        UnknownCritical = "unknown-critical",
        /// What changed since another list, and nothing else.
        Delta = "delta",
        /// It holds certificates of other authorities.
        Indirect = "indirect",
        /// For some reasons only, or not for holders' certificates.
        OtherScope = "other-scope",
        /// Of another distribution point than the certificate's.
        OtherPlace = "other-place",
        /// Made after the time in question.
        NotYet = "not-yet",
        /// A newer one was due before the time in question.
        Outdated = "outdated",
        /// It does not say when a newer one is due.
        NoNextUpdate = "no-next-update",
        /// It says two things about the certificate.
        Contradiction = "contradiction",
        /// The one who was asked refused to answer.
        Refused = "refused",
        /// Without the nonce that was asked with, or with another one.
        Nonce = "nonce",
        /// About another certificate.
        OtherCertificate = "other-certificate",
        /// The one who was asked does not know the certificate.
        NotKnown = "not-known",
        /// Two implementations, this one and certval, read two things in it.
        Disputed = "disputed",
    }
}

#[cfg(feature = "server")]
impl From<Unusable> for RevocationStatus {
    fn from(why: Unusable) -> Self {
        Self::Unknown { why: why.code().to_owned() }
    }
}

/// CRLReason, DER. A code that nobody defined is a reason too: the certificate is revoked all the same.
#[cfg(feature = "server")]
pub(crate) fn read_reason(der: &[u8]) -> Result<RevocationReason, Unusable> {
    match *der {
        [0x0A, 1, code] => reason(code),
        _ => Err(Unusable::Unreadable),
    }
}

/// `removeFromCRL` takes something back, which only a delta can.
#[cfg(feature = "server")]
pub(crate) fn reason(code: u8) -> Result<RevocationReason, Unusable> {
    Ok(match code {
        0 => RevocationReason::Unspecified,
        1 => RevocationReason::KeyCompromise,
        2 => RevocationReason::CaCompromise,
        3 => RevocationReason::AffiliationChanged,
        4 => RevocationReason::Superseded,
        5 => RevocationReason::CessationOfOperation,
        6 => RevocationReason::CertificateHold,
        8 => return Err(Unusable::Delta),
        other => RevocationReason::Other(other),
    })
}
