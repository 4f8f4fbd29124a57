//! Why a signature got no timestamp, from the words of whoever makes requests and reads answers.

use crate::StampRefusal;
use kazasu_pki::timestamp::TimestampError;

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
