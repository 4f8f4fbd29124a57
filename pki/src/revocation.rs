//! Whether a certificate was revoked: an answer from outside, never a yes or no.
//!
//! Only accredited verifiers (署名検証者, 団体署名検証者 and platform operators) can ask J-LIS. What they say is handed in.

use crate::certificate::TransientCertificate;
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

/// The answer. There is no way to make a yes or no of it.
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
    /// Asked, without an answer that can be used.
    Unknown {
        /// In the words of whoever was asked.
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
            Self::Good { .. } => (Outcome::Holds, true),
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
