//! Status words (SW1-SW2, ISO/IEC 7816-4, 5.6), matched whole: a number is read out of one only where the standard puts one.

use core::fmt;

/// The last two bytes of every response APDU.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u16);

impl Status {
    /// `9000`: done.
    pub const OK: Self = Self(0x9000);

    /// The counter in `63Cx`, and in nothing else: how many tries are left.
    #[must_use]
    pub const fn tries(self) -> Option<u8> {
        if self.0 & 0xFFF0 == 0x63C0 { Some((self.0 & 0x0F) as u8) } else { None }
    }

    /// `6983`, `6984` (JICSAP: referenced IEF locked) and `63C0` all mean that the secret is blocked.
    #[must_use]
    pub const fn is_blocked(self) -> bool {
        matches!(self.0, 0x6983 | 0x6984 | 0x63C0)
    }

    /// `61xx`: so many bytes wait for GET RESPONSE (`00` means 256).
    #[must_use]
    pub const fn more(self) -> Option<usize> {
        if self.0 >> 8 == 0x61 { Some(count(self.0)) } else { None }
    }

    /// `6Cxx`: the command was not carried out; it wants exactly this Le (`00` means 256).
    #[must_use]
    pub const fn exact_le(self) -> Option<usize> {
        if self.0 >> 8 == 0x6C { Some(count(self.0)) } else { None }
    }

    /// What the word says, for people who read a trace.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self.0 {
            0x9000 => "ok",
            0x6282 => "end of file before Le bytes",
            0x6283 => "application locked",
            0x6300 => "wrong secret, no counter given",
            0x63C0 => "blocked, no tries left",
            0x63C1..=0x63CF => "tries left in the last digit",
            0x6700 => "wrong length",
            0x6881 => "logical channel not supported",
            0x6882 => "secure messaging not supported",
            0x6981 => "command does not fit this file",
            0x6982 => "a secret is needed first",
            0x6983 | 0x6984 => "blocked",
            0x6985 => "conditions of use not met",
            0x6986 => "no file selected",
            0x6A80 => "wrong data",
            0x6A82 => "not found",
            0x6A86 => "wrong P1-P2",
            0x6A88 => "reference not found",
            0x6B00 => "offset past the end",
            0x6D00 => "unknown instruction",
            0x6E00 => "unknown class",
            0x6100..=0x61FF => "more bytes wait",
            0x6C00..=0x6CFF => "wrong Le, the right one in the last byte",
            0x6F00..=0x6FFF => "no precise diagnosis",
            _ => "not a word that this card is known to use",
        }
    }
}

const fn count(word: u16) -> usize {
    let low = (word & 0xFF) as usize;
    if low == 0 { 256 } else { low }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_read_from_63cx_and_from_no_other_word() {
        for word in 0..=u16::MAX {
            let expected = (0x63C0..=0x63CF).contains(&word).then_some((word & 0xF) as u8);
            assert_eq!(Status(word).tries(), expected, "{word:04X}");
        }
    }

    #[test]
    fn three_words_mean_blocked() {
        let blocked = (0..=u16::MAX).filter(|word| Status(*word).is_blocked()).count();
        assert_eq!(blocked, 3);
        for word in [0x6983, 0x6984, 0x63C0] {
            assert!(Status(word).is_blocked(), "{word:04X}");
        }
    }

    #[test]
    fn a_low_byte_of_zero_counts_as_256() {
        assert_eq!(Status(0x6100).more(), Some(256));
        assert_eq!(Status(0x6C00).exact_le(), Some(256));
        assert_eq!(Status(0x6110).more(), Some(16));
        assert_eq!(Status(0x6C10).exact_le(), Some(16));
        assert_eq!(Status(0x9000).more(), None);
    }
}
