//! Errors as numbers, each with its own words for the holder, so that no host has to ask for those of another one.

use crate::wants::SecretKind;
use kazasu_catalogue::{Explain, Lang};
use kazasu_core::{Error, LinkError};

/// A text for the holder.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Explanation {
    /// What happened.
    pub what: String,
    /// What to do next.
    pub next: String,
}

impl Explanation {
    pub(crate) fn of(error: &impl Explain, lang: Lang) -> Self {
        let kazasu_catalogue::Explanation { what, next } = error.explain(lang);
        Self { what, next }
    }
}

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Who {
    /// The holder: type it again, say yes.
    User,
    /// The card itself stands in the way.
    Card,
    /// The link: hold it again.
    Link,
    /// The app that calls.
    Caller,
}

impl From<kazasu_core::Who> for Who {
    fn from(who: kazasu_core::Who) -> Self {
        match who {
            kazasu_core::Who::User => Self::User,
            kazasu_core::Who::Card => Self::Card,
            kazasu_core::Who::Link => Self::Link,
            kazasu_core::Who::Caller => Self::Caller,
        }
    }
}

/// What every error tells: numbers, names and words, never what a card or a person said.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Detail {
    /// The stable number; its hundreds say who must act.
    pub number: u16,
    /// Who must act.
    pub who: Who,
    /// Which secret it is about.
    pub secret: Option<SecretKind>,
    /// Tries left, where it is known.
    pub left: Option<u8>,
    /// Whether a try was spent; nothing when nobody can know.
    pub spent: Option<bool>,
    /// The status word, where the card refused with one.
    pub status: Option<u16>,
    /// Any one of these secrets is needed first.
    pub needs: Vec<SecretKind>,
    /// For the holder.
    pub english: Explanation,
    /// For the holder.
    pub japanese: Explanation,
}

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident = $pattern:pat,)*) => {
        /// Everything that an operation can end with instead of its result.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
        pub enum KazasuError {
            $($(#[$doc])* #[error("kazasu {}", detail.number)] $variant {
                /// Numbers, names and words.
                detail: Detail,
            },)*
        }

        impl From<Error> for KazasuError {
            fn from(error: Error) -> Self {
                let detail = detail(&error);
                match error {
                    $($pattern => Self::$variant { detail },)*
                    _ => Self::LinkFailed { detail },
                }
            }
        }
    };
}

errors! {
    /// 101. The secret was wrong; one try is spent.
    WrongSecret = Error::WrongSecret { .. },
    /// 102. Not the format of this secret; nothing was sent.
    SecretFormat = Error::SecretFormat { .. },
    /// 103. One try left, and no permission to spend it; nothing is spent.
    LastTry = Error::LastTry { .. },
    /// 201. Blocked: only an office can help.
    Blocked = Error::Blocked { .. },
    /// 202. Something else than a My Number card.
    WrongCard = Error::WrongCard { .. },
    /// 203. This card has no such file, key or application.
    Absent = Error::Absent { .. },
    /// 204. A status word that has no place here.
    Refused = Error::Refused { .. },
    /// 205. The card's answer cannot be used.
    Malformed = Error::Malformed { .. },
    /// 206. Another card than before.
    OtherCard = Error::OtherCard,
    /// 301. The card left the field.
    CardLost = Error::Link(LinkError::CardLost),
    /// 302. Another program reset the card.
    CardReset = Error::Link(LinkError::CardReset),
    /// 303. No answer in time.
    Timeout = Error::Link(LinkError::Timeout),
    /// 304. Another program uses the card.
    Busy = Error::Link(LinkError::Busy),
    /// 305. The reader went away.
    ReaderLost = Error::Link(LinkError::ReaderLost),
    /// 306. The link cannot carry so much.
    TooLong = Error::Link(LinkError::TooLong),
    /// 307. More bytes came than were asked for.
    Overrun = Error::Link(LinkError::Overrun),
    /// 308. Cancelled.
    Cancelled = Error::Link(LinkError::Cancelled),
    /// 309. The link failed.
    LinkFailed = Error::Link(LinkError::Other),
    /// 310. The answer to VERIFY or to a change was lost: a try may be spent.
    OutcomeUnknown = Error::OutcomeUnknown { .. },
    /// 311. The session has ended.
    SessionOver = Error::SessionOver,
    /// 401. A secret is needed first; nothing was sent.
    SecretRequired = Error::SecretRequired { .. },
    /// 402. A buffer is too small.
    BufferTooSmall = Error::BufferTooSmall { .. },
    /// 403. A call that can never work, or in the wrong order.
    Misuse = Error::Misuse(_),
}

fn detail(error: &Error) -> Detail {
    let secret = match *error {
        Error::WrongSecret { kind, .. }
        | Error::SecretFormat { kind, .. }
        | Error::LastTry { kind, .. }
        | Error::Blocked { kind, .. }
        | Error::OutcomeUnknown { kind, .. } => Some(kind.into()),
        _ => None,
    };
    let needs = match error {
        Error::SecretRequired { kinds } => kinds.iter().map(|kind| (*kind).into()).collect(),
        _ => Vec::new(),
    };
    Detail {
        number: error.number(),
        who: error.who().into(),
        secret,
        left: error.tries_left(),
        spent: error.spent_a_try(),
        status: if let Error::Refused { status, .. } = error { Some(status.0) } else { None },
        needs,
        english: Explanation::of(error, Lang::En),
        japanese: Explanation::of(error, Lang::Ja),
    }
}
