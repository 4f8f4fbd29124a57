//! What can go wrong, said by who must act. Texts for people are in the catalogue; programs match the variant, the
//! [`code`](Error::code) or the [`number`](Error::number), which never change their meaning.

use crate::secret::{FormatError, SecretKind};
use crate::status::Status;
use crate::table::CardKind;
use crate::tlv::TlvError;
use crate::transport::LinkError;

/// Who can do something about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The holder: type it again, say yes.
    User,
    /// The card itself stands in the way: blocked, another card, nothing there.
    Card,
    /// The link: hold it again, plug it in.
    Link,
    /// The program that calls: a secret, a buffer, an order that it must give.
    Caller,
}

/// What the core was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// SELECT of an application or a file.
    Select,
    /// READ BINARY or READ RECORD.
    Read,
    /// VERIFY without data: how many tries are left.
    Query,
    /// VERIFY.
    Verify,
    /// CHANGE REFERENCE DATA.
    Change,
    /// PERFORM SECURITY OPERATION: COMPUTE DIGITAL SIGNATURE.
    Sign,
    /// INTERNAL AUTHENTICATE.
    Authenticate,
    /// GET DATA.
    GetData,
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Fewer than the two bytes of a status word.
    #[error("no status word")]
    NoStatus,
    /// `9000` with no data where data is due.
    #[error("no data where data is due")]
    Empty,
    /// The answer or the file is of a size that it never has, or over the caps (64 KiB a file, 1,000 chunks, 2,048 commands).
    #[error("a size that it never has")]
    Size,
    /// An object inside it is broken.
    #[error("{0}")]
    Tlv(TlvError),
    /// Another object than the one with this tag, which is what the file holds.
    #[error("another object than {0:02X}")]
    Tag(u32),
    /// A field's content is not what the field holds.
    #[error("a field's content is not what the field holds")]
    Content,
}

/// Everything that an operation can end with instead of its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The secret was wrong; one try is spent. `left` is what the card says, `None` where it does not count.
    #[error("wrong {}", kind.name())]
    WrongSecret {
        /// Which secret.
        kind: SecretKind,
        /// Tries left.
        left: Option<u8>,
    },
    /// Not the format of this secret; nothing was sent, nothing is spent.
    #[error("not the format of {}: {reason}", kind.name())]
    SecretFormat {
        /// Which secret.
        kind: SecretKind,
        /// What is wrong with it.
        reason: FormatError,
    },
    /// One try left, or a counter that the card does not tell, and no permission to spend it; nothing is spent.
    #[error("the last try of {} was not permitted", kind.name())]
    LastTry {
        /// Which secret.
        kind: SecretKind,
        /// Tries left; `None` where the card did not tell.
        left: Option<u8>,
    },
    /// Blocked: only the office that issued the card can help.
    #[error("{} is blocked", kind.name())]
    Blocked {
        /// Which secret.
        kind: SecretKind,
        /// Whether this call spent the last try; `None` when nobody can know.
        spent: Option<bool>,
    },
    /// Something else than a My Number card.
    #[error("not a My Number card: {found:?}")]
    WrongCard {
        /// What it is.
        found: CardKind,
    },
    /// This card has no such file, key or application.
    #[error("this card has no {what}")]
    Absent {
        /// The table's name of it.
        what: &'static str,
    },
    /// The card answered with a status word that has no place here.
    #[error("the card refused {step:?} with {status}")]
    Refused {
        /// What was asked.
        step: Step,
        /// The status word.
        status: Status,
    },
    /// The card's answer cannot be used.
    #[error("the card's answer to {step:?} is unusable: {reason}")]
    Malformed {
        /// What was asked.
        step: Step,
        /// What is wrong.
        reason: Malformed,
    },
    /// After a link failure another card came than the one that was being read; begin anew.
    #[error("this is another card than before")]
    OtherCard,
    /// The link failed where that costs nothing.
    #[error("{0}")]
    Link(#[from] LinkError),
    /// The answer to VERIFY or CHANGE REFERENCE DATA was lost: a try may be spent, the secret may be changed. Ask for the counter before anything else.
    #[error("the answer to {step:?} of {} was lost", kind.name())]
    OutcomeUnknown {
        /// [`Step::Verify`] or [`Step::Change`].
        step: Step,
        /// Which secret.
        kind: SecretKind,
        /// What happened to the link.
        link: LinkError,
    },
    /// The session ended with an earlier link error; a new one must be opened, on a card that may be another.
    #[error("this session has ended; open a new one")]
    SessionOver,
    /// One of these secrets must be given first; nothing was sent, or the card said so.
    #[error("a secret is needed first")]
    SecretRequired {
        /// Any one of them opens it.
        kinds: &'static [SecretKind],
    },
    /// The caller's buffer is smaller than the file and its status word.
    #[error("a buffer of {needed} bytes is needed")]
    BufferTooSmall {
        /// Bytes needed.
        needed: usize,
    },
    /// An argument that can never work.
    #[error("{0}")]
    Misuse(&'static str),
}

impl Error {
    /// The stable name that programs and scripts may match.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.row().1
    }

    /// The stable number: the hundreds say who must act.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.row().0
    }

    const fn row(&self) -> (u16, &'static str) {
        match self {
            Self::WrongSecret { .. } => (101, "wrong-secret"),
            Self::SecretFormat { .. } => (102, "secret-format"),
            Self::LastTry { .. } => (103, "last-try"),
            Self::Blocked { .. } => (201, "blocked"),
            Self::WrongCard { .. } => (202, "wrong-card"),
            Self::Absent { .. } => (203, "absent"),
            Self::Refused { .. } => (204, "refused"),
            Self::Malformed { .. } => (205, "malformed"),
            Self::OtherCard => (206, "other-card"),
            Self::Link(LinkError::CardLost) => (301, "card-lost"),
            Self::Link(LinkError::CardReset) => (302, "card-reset"),
            Self::Link(LinkError::Timeout) => (303, "timeout"),
            Self::Link(LinkError::Busy) => (304, "busy"),
            Self::Link(LinkError::ReaderLost) => (305, "reader-lost"),
            Self::Link(LinkError::TooLong) => (306, "too-long"),
            Self::Link(LinkError::Overrun) => (307, "overrun"),
            Self::Link(LinkError::Cancelled) => (308, "cancelled"),
            Self::Link(LinkError::Other) => (309, "link-failed"),
            Self::OutcomeUnknown { .. } => (310, "outcome-unknown"),
            Self::SessionOver => (311, "session-over"),
            Self::SecretRequired { .. } => (401, "secret-required"),
            Self::BufferTooSmall { .. } => (402, "buffer-too-small"),
            Self::Misuse(_) => (403, "misuse"),
        }
    }

    /// Who must act.
    #[must_use]
    pub const fn who(&self) -> Who {
        match self.number() / 100 {
            1 => Who::User,
            2 => Who::Card,
            3 => Who::Link,
            _ => Who::Caller,
        }
    }

    /// The counter, where this error knows it.
    #[must_use]
    pub const fn tries_left(&self) -> Option<u8> {
        match self {
            Self::WrongSecret { left, .. } | Self::LastTry { left, .. } => *left,
            Self::Blocked { .. } => Some(0),
            _ => None,
        }
    }

    /// Whether the call spent a try; `None` when nobody can know.
    #[must_use]
    pub const fn spent_a_try(&self) -> Option<bool> {
        match self {
            Self::WrongSecret { .. } => Some(true),
            Self::Blocked { spent, .. } => *spent,
            Self::OutcomeUnknown { .. } | Self::Refused { step: Step::Verify | Step::Change, .. } => None,
            _ => Some(false),
        }
    }
}
