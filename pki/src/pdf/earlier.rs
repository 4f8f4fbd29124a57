//! Signatures that a file has already, whoever made them: who signs after one that fails signs what that signer did
//! not.

use super::PdfError;
use super::verify::{Signature, verify};
use crate::anchors::Anchors;
use crate::cms::Trust;
use crate::finding::{Check, Outcome, Reason};
use crate::revocation::NotAsked;
use std::time::SystemTime;

/// What to do with a file in which an earlier signature fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierSignatures {
    /// Refuse it ([`PdfError::Earlier`](super::PdfError::Earlier)).
    MustHold,
    /// Sign it as it is, for a holder who was told; the earlier signature goes on failing.
    MayFail,
}

/// A signature that a file has already, and that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierFails {
    /// Its field: a text from the file, and nothing where the field has no name.
    pub field: String,
    /// What is the matter with it.
    pub failure: EarlierFailure,
}

/// How an earlier signature fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierFailure {
    /// What it is about is not as it was signed.
    Changed,
    /// What it is about is, and something else than signatures was added behind it.
    AddedLater,
    /// Nobody can tell: it is of a kind that is not understood here, or not there any more.
    NotUnderstood,
}

impl EarlierFailure {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Changed, Self::AddedLater, Self::NotUnderstood];
}

/// Who signed does not matter here, so nobody is believed.
///
/// # Errors
/// [`PdfError::Earlier`] with the first one that fails; those of a file whose signatures cannot all be looked at.
pub(super) fn must_hold(file: &[u8]) -> Result<(), PdfError> {
    let trust = Trust {
        anchors: &Anchors::production(),
        revocation: &NotAsked,
        // None of the lines that are asked for here depends on it.
        at: SystemTime::UNIX_EPOCH,
        timestamp_authorities: &[],
        cades: false,
    };
    let found = match verify(file, &trust) {
        Err(PdfError::NoSignature) => return Ok(()),
        found => found?,
    };
    if let Some(damage) = found.damage {
        return Err(damage);
    }
    // What only looks like one may be part of a file that is attached.
    let failing = found
        .signatures
        .into_iter()
        .filter(|signature| signature.of_a_field)
        .find_map(|signature| Some(EarlierFails { failure: failure(&signature)?, field: signature.field }));
    failing.map_or(Ok(()), |failing| Err(PdfError::Earlier(failing)))
}

/// Without its certificate's lines: whose it is, is not what the next signer confirms. All others must hold: what
/// nobody can look at may be what somebody made so.
fn failure(signature: &Signature) -> Option<EarlierFailure> {
    let of = |check| signature.findings.of(check);
    let holds = |check| of(check) == Some(Outcome::Holds);
    let own: &[Check] = match signature.document_timestamp {
        false => &[
            Check::CmsProfile,
            Check::SignatureAlgorithm,
            Check::SignedAttributes,
            Check::ContentDigest,
            Check::SignatureValue,
        ],
        true => &[Check::TimestampImprint, Check::TimestampSignature],
    };
    let of_pdfs = [Check::PdfKind, Check::PdfByteRange, Check::PdfContents];
    let forged = of(Check::SignatureValue) == Some(Outcome::Fails(Reason::Signature));
    if !holds(Check::PdfKind) {
        // It may be about something else than the bytes around it.
        Some(EarlierFailure::NotUnderstood)
    } else if signature.is_intact() == Some(false) || holds(Check::SignatureAlgorithm) && forged {
        Some(EarlierFailure::Changed)
    } else if matches!(of(Check::PdfLaterChanges), Some(Outcome::Fails(_))) {
        Some(EarlierFailure::AddedLater)
    } else {
        let all = own.iter().chain(&of_pdfs).all(|check| holds(*check));
        (!all).then_some(EarlierFailure::NotUnderstood)
    }
}
