//! Why a signature got no timestamp, from the words of whoever makes requests and reads answers.

use crate::{StampRefusal, Unsigned};
use kazasu_pki::pdf::PdfError;
use kazasu_pki::timestamp::TimestampError;

/// What is at fault where a signature in a PDF got no timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StampFault {
    /// The signature, the request or the answer.
    Refused(StampRefusal),
    /// The file. Nobody is told to save a signed one again: that would destroy what there is to examine.
    NotSigned(Unsigned),
}

impl From<PdfError> for StampFault {
    fn from(error: PdfError) -> Self {
        Self::Refused(match error {
            PdfError::Timestamp(error) => error.into(),
            PdfError::NoRoom { .. } => StampRefusal::NoRoom,
            // Or none that covers the file as it is.
            PdfError::NoSignature => StampRefusal::Kind,
            error => return Self::NotSigned(Unsigned::from(&error)),
        })
    }
}

impl From<TimestampError> for StampRefusal {
    fn from(error: TimestampError) -> Self {
        match error {
            TimestampError::Cms(_) => Self::Kind,
            TimestampError::NotOurs => Self::Foreign,
            TimestampError::Already => Self::Already,
            TimestampError::Fails => Self::Fails,
            TimestampError::Request => Self::Request,
            TimestampError::Unreadable
            | TimestampError::Refused(_)
            | TimestampError::OtherImprint
            | TimestampError::OtherNonce
            | TimestampError::Signature => Self::Answer(error),
        }
    }
}
