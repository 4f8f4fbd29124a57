//! What each status word must come to, for each command, written from ISO/IEC 7816-4, 5.6 and from what is known of the card. It
//! shares nothing with the core. A word that no row names is refused.

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The result.
    Done,
    /// The card lacks it.
    Absent,
    /// Refused, with this step and this word.
    Refused,
    /// The answer cannot be used.
    Unusable,
    /// The card wants a secret first.
    SecretFirst,
    /// So many tries left.
    Left(u8),
    /// The card does not tell how many.
    Untold,
    /// Blocked; nothing spent.
    Blocked,
    /// Blocked by this try.
    JustBlocked,
    /// Blocked, nobody knows by what.
    BlockedSomehow,
    /// Wrong; so many tries left.
    Wrong(u8),
    /// Wrong; the card does not tell how many are left.
    WrongUntold,
}

/// Words from one to another, both included, and what they come to.
pub type Row = (u16, u16, Class);

/// Stands for the low digit of the word.
const LOW_DIGIT: u8 = 0;

use Class::{
    Absent, Blocked, BlockedSomehow, Done, JustBlocked, Left, SecretFirst, Untold, Unusable, Wrong, WrongUntold,
};

/// Nothing was expected beside the word, so bytes that wait (`61xx`) make no sense. "Not found", and what a card of another kind
/// says to a command, a parameter or a class that it does not know, all mean that the application is not there.
pub const SELECT_APPLICATION: &[Row] = &[
    (0x9000, 0x9000, Done),
    (0x6100, 0x61FF, Unusable),
    (0x6999, 0x6999, Absent),
    (0x6A81, 0x6A82, Absent),
    (0x6A86, 0x6A86, Absent),
    (0x6D00, 0x6D00, Absent),
    (0x6E00, 0x6E00, Absent),
];

/// The application is there, so another word than "not found" is no answer.
pub const SELECT_FILE: &[Row] = &[(0x9000, 0x9000, Done), (0x6100, 0x61FF, Unusable), (0x6A82, 0x6A82, Absent)];

/// Success without data is none; `61xx` hands the data out by GET RESPONSE; `6282` is the end of the file.
pub const READ: &[Row] = &[
    (0x9000, 0x9000, Unusable),
    (0x6282, 0x6282, Unusable),
    (0x6100, 0x61FF, Done),
    (0x6982, 0x6982, SecretFirst),
    (0x6A82, 0x6A82, Absent),
];

/// As READ; the record, too, may be the thing that is missing. It needs no secret, so none can be asked for.
pub const READ_RECORD: &[Row] =
    &[(0x9000, 0x9000, Unusable), (0x6282, 0x6282, Unusable), (0x6100, 0x61FF, Done), (0x6A82, 0x6A83, Absent)];

/// GET RESPONSE while a READ waits for its data: a word for READ, but more bytes cannot wait when none came.
pub const GET_RESPONSE: &[Row] = &[
    (0x9000, 0x9000, Unusable),
    (0x6282, 0x6282, Unusable),
    (0x6100, 0x61FF, Unusable),
    (0x6982, 0x6982, SecretFirst),
    (0x6A82, 0x6A82, Absent),
];

/// The counter stands in 63Cx. Words that say that nothing of that name is there mean that the secret is not there.
pub const QUERY: &[Row] = &[
    (0x9000, 0x9000, Untold),
    (0x6300, 0x6300, Untold),
    (0x63C0, 0x63C0, Blocked),
    (0x63C1, 0x63CF, Left(LOW_DIGIT)),
    (0x6983, 0x6984, Blocked),
    (0x6100, 0x61FF, Unusable),
    (0x6981, 0x6981, Absent),
    (0x6985, 0x6986, Absent),
    (0x6A80, 0x6A82, Absent),
    (0x6A86, 0x6A86, Absent),
    (0x6A88, 0x6A88, Absent),
    (0x6B00, 0x6B00, Absent),
];

/// Only these words speak of tries. There were three a moment ago, so one that is blocked now was blocked by this try, and three or
/// more cannot be left. 6982 does not say that the secret was wrong.
pub const VERIFY: &[Row] = &[
    (0x9000, 0x9000, Done),
    (0x6300, 0x6300, WrongUntold),
    (0x63C0, 0x63C0, JustBlocked),
    (0x63C1, 0x63C2, Wrong(LOW_DIGIT)),
    (0x63C3, 0x63CF, WrongUntold),
    (0x6983, 0x6984, JustBlocked),
];

/// As VERIFY, but the secret that was right a moment ago had all its tries: what blocked it is not known.
pub const CHANGE: &[Row] = &[
    (0x9000, 0x9000, Done),
    (0x6300, 0x6300, WrongUntold),
    (0x63C0, 0x63C0, JustBlocked),
    (0x63C1, 0x63CF, Wrong(LOW_DIGIT)),
    (0x6983, 0x6984, BlockedSomehow),
];

/// 256 bytes or nothing; the key may be closed, or not there.
pub const SIGN: &[Row] = &[
    (0x9000, 0x9000, Unusable),
    (0x6100, 0x61FF, Done),
    (0x6982, 0x6982, SecretFirst),
    (0x6A82, 0x6A82, Absent),
    (0x6A88, 0x6A88, Absent),
];

/// A key that no secret opens cannot ask for one.
pub const AUTHENTICATE: &[Row] =
    &[(0x9000, 0x9000, Unusable), (0x6100, 0x61FF, Done), (0x6A82, 0x6A82, Absent), (0x6A88, 0x6A88, Absent)];

/// No such object, or no such file.
pub const GET_DATA: &[Row] =
    &[(0x9000, 0x9000, Unusable), (0x6100, 0x61FF, Done), (0x6A82, 0x6A82, Absent), (0x6A88, 0x6A88, Absent)];

/// What `word` must come to by `table`.
#[must_use]
pub fn class(table: &[Row], word: u16) -> Class {
    let row = table.iter().find(|(from, to, _)| (*from..=*to).contains(&word));
    let digit = (word & 0x000F) as u8;
    match row {
        None => Class::Refused,
        Some((_, _, Left(LOW_DIGIT))) => Left(digit),
        Some((_, _, Wrong(LOW_DIGIT))) => Wrong(digit),
        Some((_, _, class)) => *class,
    }
}
