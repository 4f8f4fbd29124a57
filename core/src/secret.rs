//! What a holder types. A [`Secret`] is checked before a card sees it, is sent in at most one VERIFY because the call
//! consumes it, and is wiped when it goes.
//!
//! Rust moves a value by copying it, and the old place is not wiped. Where that was the stack, [`crate::stack`] helps. An
//! `async fn` of your own that holds a secret across an `.await` and then gives it away keeps such a copy in its future: make
//! the secret right before the call that takes it, and keep what was typed in a buffer that wipes itself.

use core::fmt;
use core::marker::PhantomData;
use zeroize::Zeroize;

/// The secrets of the card, by what they are called on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
    /// 利用者証明用電子証明書の暗証番号: 4 digits.
    AuthPin,
    /// 署名用電子証明書の暗証番号: 6–16 letters and digits.
    SignPassword,
    /// 券面事項入力補助用の暗証番号: 4 digits.
    TextPin,
    /// 照合番号A: the 12 digits of the My Number.
    NumberA,
    /// 照合番号B: 14 digits: birth date, expiry year, security code.
    NumberB,
    /// 生年月日: 6 digits, era year, month, day.
    BirthKey,
    /// 個人番号カード用(住民基本台帳用)の暗証番号: 4 digits. Kazasu asks for its counter and never sends it.
    CardPin,
}

/// What a secret must look like; checked before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// Digits only, or A–Z and 0–9 with at least one of each.
    pub digits_only: bool,
}

impl SecretKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::AuthPin, Self::SignPassword, Self::TextPin, Self::NumberA, Self::NumberB, Self::BirthKey, Self::CardPin];

    /// The format (official: J-LIS for the password and the PINs, Digital Agency for 照合番号).
    #[must_use]
    pub const fn format(self) -> Format {
        let (min, max) = match self {
            Self::AuthPin | Self::TextPin | Self::CardPin => (4, 4),
            Self::SignPassword => (6, 16),
            Self::NumberA => (12, 12),
            Self::NumberB => (14, 14),
            Self::BirthKey => (6, 6),
        };
        Format { min, max, digits_only: !matches!(self, Self::SignPassword) }
    }

    /// The stable name that programs may match: `auth-pin`, `sign-password`, …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthPin => "auth-pin",
            Self::SignPassword => "sign-password",
            Self::TextPin => "text-pin",
            Self::NumberA => "number-a",
            Self::NumberB => "number-b",
            Self::BirthKey => "birth-key",
            Self::CardPin => "card-pin",
        }
    }
}

/// Why a secret cannot be the right one; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Too few or too many characters.
    #[error("it has the wrong number of characters")]
    Length,
    /// A character that this secret never has.
    #[error("it has a character that this secret never has")]
    Character,
    /// The password needs at least one letter and one digit.
    #[error("it needs at least one letter and one digit")]
    LetterAndDigit,
    /// The last digit of the My Number does not fit the others.
    #[error("its check digit does not fit")]
    CheckDigit,
    /// A date that is not in the calendar, or before the first era that the card knows.
    #[error("it is not a date")]
    Date,
}

mod sealed {
    pub trait Sealed {}
}

/// The type-level name of a [`SecretKind`].
pub trait Kind: sealed::Sealed {
    /// Which one.
    const KIND: SecretKind;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $marker:ident => $alias:ident;)*) => { $(
        #[doc = concat!("Marker for [`SecretKind::", stringify!($alias), "`].")]
        #[derive(Debug, Clone, Copy)]
        pub enum $marker {}
        impl sealed::Sealed for $marker {}
        impl Kind for $marker { const KIND: SecretKind = SecretKind::$alias; }
        $(#[$doc])*
        pub type $alias = Secret<$marker>;
    )* };
}

kinds! {
    /// Opens the user-authentication key.
    Auth => AuthPin;
    /// Opens the signature key and the signature certificate. Lower case is sent as upper case, as cards store it.
    Sign => SignPassword;
    /// Opens the four attributes and the My Number.
    Text => TextPin;
    /// The My Number itself, as a key to its own record and to the card face.
    A => NumberA;
    /// Printed data as a key to the four attributes and the card face.
    B => NumberB;
    /// Opens the birth-date record.
    Birth => BirthKey;
}

const LONGEST: usize = 16;

/// A secret of a known kind, in the right format. No `Clone`, no contents in `Debug`, wiped on drop.
pub struct Secret<K> {
    bytes: [u8; LONGEST],
    len: usize,
    kind: PhantomData<K>,
}

impl<K: Kind> Secret<K> {
    /// Checks `text` and takes it. Full-width digits and letters are folded; letters become upper case.
    ///
    /// # Errors
    /// A [`FormatError`]; whatever was copied is wiped.
    pub fn new(text: &str) -> Result<Self, FormatError> {
        let mut secret = Self { bytes: [0; LONGEST], len: 0, kind: PhantomData };
        for character in text.chars() {
            let byte = fold(character).ok_or(FormatError::Character)?;
            *secret.bytes.get_mut(secret.len).ok_or(FormatError::Length)? = byte;
            secret.len += 1;
        }
        check(K::KIND, secret.expose())?;
        Ok(secret)
    }

    /// The bytes for VERIFY.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<K> Drop for Secret<K> {
    fn drop(&mut self) {
        self.bytes.zeroize();
        self.len.zeroize();
    }
}

impl<K: Kind> fmt::Debug for Secret<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", K::KIND.name())
    }
}

impl Secret<B> {
    /// 照合番号B from what is printed on the card: birth date, the year of the expiry date (four digits), security code (four digits).
    ///
    /// The birth date goes in as two digits of the era year, month and day (Measured: two authors; holders with a
    /// Gregorian year printed on the card: unknown, use [`Secret::new`] with what is printed).
    ///
    /// # Errors
    /// [`FormatError::Date`] or [`FormatError::Length`] when a part is not what the card prints.
    pub fn from_printed(birth: Date, expiry_year: u16, security_code: &str) -> Result<Self, FormatError> {
        if security_code.chars().count() != 4 || !(2016..=2099).contains(&expiry_year) {
            return Err(FormatError::Length);
        }
        let mut text = Digits::default();
        text.birth_key(birth)?;
        text.push_number(u32::from(expiry_year), 4);
        for character in security_code.chars() {
            text.push(fold(character).ok_or(FormatError::Character)?);
        }
        Self::new(text.as_str())
    }
}

impl Secret<Birth> {
    /// 生年月日 from a Gregorian date: era year, month and day in two digits each.
    ///
    /// # Errors
    /// [`FormatError::Date`] when the date is before the Meiji era.
    pub fn from_date(birth: Date) -> Result<Self, FormatError> {
        let mut text = Digits::default();
        text.birth_key(birth)?;
        Self::new(text.as_str())
    }
}

/// A day in the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A date that exists.
    ///
    /// # Errors
    /// [`FormatError::Date`] otherwise.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, FormatError> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        if day == 0 || day > days { Err(FormatError::Date) } else { Ok(Self { year, month, day }) }
    }

    /// Two digits of the year in the Japanese era, by the day on which each era began.
    fn era_year(self) -> Result<u16, FormatError> {
        const ERAS: [(Date, u16); 5] = [
            (Date { year: 2019, month: 5, day: 1 }, 2018),
            (Date { year: 1989, month: 1, day: 8 }, 1988),
            (Date { year: 1926, month: 12, day: 25 }, 1925),
            (Date { year: 1912, month: 7, day: 30 }, 1911),
            (Date { year: 1868, month: 1, day: 25 }, 1867),
        ];
        let (_, before) = ERAS.iter().find(|(first, _)| self >= *first).ok_or(FormatError::Date)?;
        let year = self.year - before;
        if year > 99 { Err(FormatError::Date) } else { Ok(year) }
    }
}

impl fmt::Debug for Date {
    /// A birth date is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Date(…)")
    }
}

/// A short text of digits, wiped on drop.
#[derive(Default)]
struct Digits {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Digits {
    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn push_number(&mut self, number: u32, digits: u32) {
        for place in (0..digits).rev() {
            self.push(b'0' + (number / 10_u32.pow(place) % 10) as u8);
        }
    }

    fn birth_key(&mut self, birth: Date) -> Result<(), FormatError> {
        self.push_number(u32::from(birth.era_year()?), 2);
        self.push_number(u32::from(birth.month), 2);
        self.push_number(u32::from(birth.day), 2);
        Ok(())
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// Full-width forms (U+FF01…U+FF5E) to ASCII, letters to upper case; anything else that is not ASCII is refused.
fn fold(character: char) -> Option<u8> {
    let ascii = match character {
        '\u{FF01}'..='\u{FF5E}' => (u32::from(character) - 0xFEE0) as u8,
        character if character.is_ascii() => character as u8,
        _ => return None,
    };
    Some(ascii.to_ascii_uppercase())
}

fn check(kind: SecretKind, bytes: &[u8]) -> Result<(), FormatError> {
    let format = kind.format();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    if digits + if format.digits_only { 0 } else { letters } != bytes.len() {
        return Err(FormatError::Character);
    }
    if !(format.min..=format.max).contains(&bytes.len()) {
        return Err(FormatError::Length);
    }
    match kind {
        SecretKind::SignPassword if digits == 0 || letters == 0 => Err(FormatError::LetterAndDigit),
        SecretKind::NumberA if !check_digit_fits(bytes) => Err(FormatError::CheckDigit),
        SecretKind::BirthKey | SecretKind::NumberB if !is_month_and_day(&bytes[2..6]) => Err(FormatError::Date),
        _ => Ok(()),
    }
}

/// The twelfth digit of a My Number (総務省令第85号, 第5条): 11 − (Σ Pn·Qn mod 11), 0 when the remainder is 0 or 1,
/// with Pn the nth digit from the right of the first eleven, Qn = n + 1 for n ≤ 6 and n − 5 above.
fn check_digit_fits(digits: &[u8]) -> bool {
    let Some((last, first)) = digits.split_last() else { return false };
    let sum: u32 = first
        .iter()
        .rev()
        .zip(1..)
        .map(|(digit, n)| u32::from(digit - b'0') * if n <= 6 { n + 1 } else { n - 5 })
        .sum();
    let expected = match sum % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    };
    u32::from(last - b'0') == expected
}

/// Cards of holders whose birth day is not known carry 00, so 00 is let through.
fn is_month_and_day(digits: &[u8]) -> bool {
    let number = |pair: &[u8]| (pair[0] - b'0') * 10 + pair[1] - b'0';
    number(&digits[..2]) <= 12 && number(&digits[2..]) <= 31
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;

    #[test]
    fn a_pin_is_four_digits_and_nothing_else() {
        assert_eq!(AuthPin::new("0123").expect("a PIN").expose(), b"0123");
        assert_eq!(AuthPin::new("123").err(), Some(FormatError::Length));
        assert_eq!(AuthPin::new("12345").err(), Some(FormatError::Length));
        assert_eq!(AuthPin::new("").err(), Some(FormatError::Length));
        assert_eq!(AuthPin::new("12a4").err(), Some(FormatError::Character));
        assert_eq!(AuthPin::new("12 4").err(), Some(FormatError::Character));
        assert_eq!(AuthPin::new("12345678901234567").err(), Some(FormatError::Length));
    }

    #[test]
    fn full_width_and_lower_case_are_folded() {
        assert_eq!(TextPin::new("１２３４").expect("a PIN").expose(), b"1234");
        assert_eq!(SignPassword::new("ａｂc１２3").expect("a password").expose(), b"ABC123");
    }

    #[test]
    fn a_password_has_six_to_sixteen_letters_and_digits_with_both() {
        assert_eq!(SignPassword::new("abc123").expect("a password").expose(), b"ABC123");
        assert_eq!(SignPassword::new("ABCDEFGH12345678").expect("a password").expose(), b"ABCDEFGH12345678");
        assert_eq!(SignPassword::new("AB123").err(), Some(FormatError::Length));
        assert_eq!(SignPassword::new("ABCDEFGH123456789").err(), Some(FormatError::Length));
        assert_eq!(SignPassword::new("123456").err(), Some(FormatError::LetterAndDigit));
        assert_eq!(SignPassword::new("ABCDEF").err(), Some(FormatError::LetterAndDigit));
        assert_eq!(SignPassword::new("ABC-123").err(), Some(FormatError::Character));
        assert_eq!(SignPassword::new("ＡＢＣ１２３ー").err(), Some(FormatError::Character));
    }

    /// 537686677188 is the published test card's number.
    #[test]
    fn number_a_is_checked_by_its_last_digit() {
        assert_eq!(NumberA::new("537686677188").expect("a number").expose(), b"537686677188");
        for wrong in 0..10 {
            let text = format!("53768667718{wrong}");
            assert_eq!(NumberA::new(&text).is_ok(), wrong == 8, "{text}");
        }
        assert_eq!(NumberA::new("53768667718").err(), Some(FormatError::Length));
    }

    /// 55021720352285 opens the published test card of somebody born on 1980-02-17.
    #[test]
    fn number_b_is_built_from_what_is_printed() {
        let born = Date::new(1980, 2, 17).expect("a date");
        assert_eq!(NumberB::from_printed(born, 2035, "2285").expect("a number").expose(), b"55021720352285");
        assert_eq!(BirthKey::from_date(born).expect("a key").expose(), b"550217");
        assert_eq!(NumberB::from_printed(born, 2035, "285").err(), Some(FormatError::Length));
        assert_eq!(NumberB::from_printed(born, 35, "2285").err(), Some(FormatError::Length));
        assert_eq!(NumberB::from_printed(born, 2035, "22x5").err(), Some(FormatError::Character));
        assert_eq!(NumberB::new("55131720352285").err(), Some(FormatError::Date));
    }

    #[test]
    fn each_era_begins_on_its_day() {
        for (date, key) in [
            ((1912, 7, 29), "450729"),
            ((1912, 7, 30), "010730"),
            ((1926, 12, 24), "151224"),
            ((1926, 12, 25), "011225"),
            ((1989, 1, 7), "640107"),
            ((1989, 1, 8), "010108"),
            ((2019, 4, 30), "310430"),
            ((2019, 5, 1), "010501"),
            ((2020, 2, 29), "020229"),
        ] {
            let date = Date::new(date.0, date.1, date.2).expect("a date");
            assert_eq!(BirthKey::from_date(date).expect("a key").expose(), key.as_bytes());
        }
        assert_eq!(Date::new(2021, 2, 29).err(), Some(FormatError::Date));
        let before = Date::new(1868, 1, 24).expect("a date");
        assert_eq!(BirthKey::from_date(before).err(), Some(FormatError::Date));
    }

    #[test]
    fn a_secret_shows_its_kind_only() {
        assert_eq!(format!("{:?}", AuthPin::new("9182").expect("a PIN")), "Secret(auth-pin)");
    }
}
