//! Signatures in PDF files (ISO 32000-2, 12.8): made as an incremental update, so that what was there stays as it was,
//! byte for byte, and earlier signatures with it.
//!
//! A file is read twice: by a strict reader of our own, which takes one piece at a time and knows what a file may cost,
//! and by the library, which keeps all objects. What both do not read alike is refused.
//!
//! Memory: the file once, its objects without the contents of their streams, and for a moment the longest stream
//! (Measured).

mod budget;
mod changes;
mod damage;
mod date;
mod earlier;
mod field;
mod finish;
mod found;
mod later;
mod layout;
mod linearized;
mod prepare;
mod ranges;
mod stream;
mod structure;
mod syntax;
mod tables;
mod timestamp;
mod value;
mod verify;

pub use damage::Damage;
pub use earlier::{EarlierFails, EarlierFailure, EarlierSignatures};
pub use finish::{Options, Prepared};
pub use prepare::Profile;
pub use ranges::Ranges;
pub use timestamp::{attach_timestamp, timestamp_request};
pub use verify::{Addition, Signature, Verified, authorities, verify};

use crate::sign::{FinishError, PrepareError};
use crate::timestamp::TimestampError;
use lopdf::Document;
use thiserror::Error;

/// More than any contract has, and each offset of it still fits its place in a cross-reference table.
pub const LONGEST_FILE: usize = 2_000_000_000;

/// What one object stream or cross-reference stream may inflate to.
const LONGEST_STREAM: usize = 64 << 20;

/// Signatures in one file, and fields that may hold one.
pub const MOST_FIELDS: usize = 1_000;

/// Signatures of one file that are looked at: each costs a reading of its revision.
pub const MOST_SIGNATURES: usize = 100;

/// A file that is not signed, or not looked at any further; each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PdfError {
    /// It does not begin with `%PDF-`.
    #[error("not a PDF: it does not begin with %PDF-. Save or print the document as a PDF first")]
    NotPdf,
    /// More than [`LONGEST_FILE`] bytes.
    #[error("longer than {LONGEST_FILE} bytes. Split the document")]
    TooLong,
    /// More objects, or what they inflate to, than a file of its length has; or more tables.
    #[error("the PDF holds more than this program looks at. Save it again with a PDF program, or split the document")]
    TooLarge,
    /// Programs would not agree on what it shows.
    #[error("the PDF is damaged or not made by the rules ({why}). Save it again with a PDF program, then sign that")]
    Malformed {
        /// What was noticed first.
        why: Damage,
    },
    /// With or without a password that opens it.
    #[error("the PDF is encrypted. Remove its password or protection with the program that made it")]
    Encrypted,
    /// Two cross-reference tables, one for old programs and one for new ones, which need not agree.
    #[error("the PDF has two tables of contents (hybrid-reference). Save it again with a PDF program, then sign that")]
    Hybrid,
    /// A certification signature forbids any change (DocMDP with P = 1), and another signature is one.
    #[error("the PDF was certified so that nothing may be added, not even a signature. Ask whoever certified it")]
    Certified,
    /// Its form is XFA, which draws other pages than the ones that would be signed.
    #[error("the PDF is an XFA form, which shows other pages than it holds. Print it to a PDF, then sign that")]
    Xfa,
    /// No page that could carry the signature.
    #[error("the PDF has no page")]
    NoPage,
    /// More than [`MOST_FIELDS`], or deeper in one another than any program makes them.
    #[error("the PDF has more form fields than this program looks at, or nests them too deep")]
    TooManyFields,
    /// What is to be embedded is longer than the place kept for it.
    #[error("the signature has {needed} bytes, and {room} were kept for it. Prepare again with more room")]
    NoRoom {
        /// Bytes.
        needed: usize,
        /// Bytes.
        room: usize,
    },
    /// An instant that a PDF cannot write: before 1970 or after 9999.
    #[error("the time of signing is not between 1970 and 9999. Set the clock")]
    Time,
    /// The file is another one than the one that was prepared.
    #[error("the file has changed since it was prepared. Prepare it again")]
    OtherFile,
    /// A signature that it has already fails ([`EarlierSignatures::MustHold`]).
    #[error("a signature that the PDF has already fails. Look at it, and ask for the file as it was signed")]
    Earlier(EarlierFails),
    /// Nothing to look at.
    #[error("the PDF has no signature. Sign it first, or ask for the signed file")]
    NoSignature,
    /// Of the signature itself.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Of the signature itself.
    #[error(transparent)]
    Finish(#[from] FinishError),
    /// Of its timestamp.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
}

/// A file that may be signed: read strictly, and refused where another signature would do harm or mean nothing.
pub struct Pdf {
    bytes: Vec<u8>,
    document: Document,
}

impl Pdf {
    /// Reads it, and refuses what cannot be signed: everything that can be found out before a card is touched. Where
    /// earlier signatures must hold, each is looked at as [`verify`] does.
    ///
    /// # Errors
    /// [`PdfError`].
    pub fn open(bytes: Vec<u8>, earlier: EarlierSignatures) -> Result<Self, PdfError> {
        // Before its objects are here, so that they are not there twice.
        let looked = match earlier {
            EarlierSignatures::MustHold => earlier::must_hold(&bytes),
            EarlierSignatures::MayFail => Ok(()),
        };
        // What stands against signing it at all is told first.
        let pdf = Self::whatever_it_has(bytes)?;
        looked.map(|()| pdf)
    }

    fn whatever_it_has(bytes: Vec<u8>) -> Result<Self, PdfError> {
        let (document, unlisted) = structure::read_and_search(&bytes)?;
        let catalog = structure::catalog(&document)?;
        if structure::acro_form(&document, catalog)?.is_some_and(|form| form.has(b"XFA")) {
            return Err(PdfError::Xfa);
        }
        if field::signatures(&document)?.iter().any(|signature| signature.forbids_changes(&document)) {
            return Err(PdfError::Certified);
        }
        structure::first_page(&document)?;
        // Some programs would show it, now or when something is added.
        if let Some(at) = unlisted {
            return Err(Damage::Unlisted { at }.into());
        }
        Ok(Self { bytes, document })
    }

    /// Bytes of the file as it was read.
    #[must_use]
    pub fn length(&self) -> usize {
        self.bytes.len()
    }
}
