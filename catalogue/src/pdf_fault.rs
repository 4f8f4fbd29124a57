//! Why a PDF is not signed, sorted by who can do something about it: once, for the command line and for apps.

use crate::PdfRefusal;
use kazasu_pki::pdf::{EarlierFails, EarlierFailure, PdfError};
use kazasu_pki::sign::{FinishError, PrepareError};

/// What is at fault where a PDF was not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PdfFault {
    /// The file.
    File(PdfRefusal),
    /// A signature that it has already.
    Earlier {
        /// Its field: a text from the file.
        field: String,
        /// What is the matter with it.
        failure: EarlierFailure,
    },
    /// That it has none.
    NoSignature,
    /// Certificate or clock, before the card signed.
    Prepare(PrepareError),
    /// What the card signed.
    Finish(FinishError),
    /// A mistake of the program that calls.
    Program,
}

impl From<PdfError> for PdfFault {
    fn from(error: PdfError) -> Self {
        Self::File(match error {
            PdfError::NotPdf => PdfRefusal::NotPdf,
            PdfError::TooLong | PdfError::TooLarge | PdfError::TooManyFields => PdfRefusal::TooLarge,
            PdfError::Malformed { why } => PdfRefusal::Damaged(why),
            PdfError::Encrypted => PdfRefusal::Encrypted,
            PdfError::Hybrid => PdfRefusal::Hybrid,
            PdfError::Certified => PdfRefusal::Certified,
            PdfError::Xfa => PdfRefusal::Xfa,
            PdfError::NoPage => PdfRefusal::NoPage,
            PdfError::Earlier(EarlierFails { field, failure }) => {
                return Self::Earlier { field, failure };
            }
            PdfError::NoSignature => return Self::NoSignature,
            PdfError::Prepare(error) => return Self::Prepare(error),
            PdfError::Finish(error) => return Self::Finish(error),
            PdfError::Time => return Self::Prepare(PrepareError::Time),
            PdfError::NoRoom { .. } | PdfError::OtherFile | PdfError::Timestamp(_) => return Self::Program,
        })
    }
}
