//! 共通カードAP: what every application of the card shares. Left out on purpose: changing the card PIN, which lives in two
//! applications that must be changed together at an office.

use super::CONTENT;
use crate::error::Error;
use crate::secret::SecretKind;
use crate::session::{Counter, Session, Signature};
use crate::table::{Access, Application, Content, Evidence, File, Key, Operation, Pin, Privacy};
use crate::transport::Transport;
use core::fmt;

use Access::Free;
use Content::{Bytes, Record};
use Evidence::{Measured, Official};
use Privacy::{Personal, Public};

/// `01 1C` + serial (15) + municipality (5) + expiry (8), ASCII digits.
pub(crate) static CARD: File = File::row(0x0001, "card record", "カードの記録", Record, Free, Personal, Measured);
static KEY_REFERENCE: File = File::row(0x0002, "key reference", "鍵の識別子", Bytes(16), Free, Public, Measured);

static CARD_PIN: Pin = Pin::row(0x001C, SecretKind::CardPin, 3, Official);

/// The public key is not on the card.
static KEY: Key = Key::row(0x0019, "card key", "カードの秘密鍵", Free, Operation::InternalAuthenticate, Measured);

/// The table.
pub static COMMON: Application = Application {
    name: "common",
    title: "card record",
    title_ja: "共通カードAP",
    aid: &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00],
    files: &[&CARD, &KEY_REFERENCE],
    pins: &[&CARD_PIN],
    keys: &[&KEY],
    objects: &[],
    evidence: Measured,
}
.checked();

impl<T: Transport> Session<T> {
    /// Opens the application (one SELECT, none if it is open already).
    ///
    /// # Errors
    /// [`Error::Absent`] when the card does not have it.
    pub async fn common(&mut self) -> Result<Common<'_, T>, Error> {
        self.open(&COMMON).await?;
        Ok(Common { session: self })
    }
}

/// The open application.
pub struct Common<'s, T> {
    session: &'s mut Session<T>,
}

impl<T: Transport> Common<'_, T> {
    /// Serial, municipality and expiry; no secret, so anybody near the card can read them.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn card_record(&mut self) -> Result<CardRecord, Error> {
        let mut buf = [0; 258];
        let record = self.session.read(&CARD, &mut buf).await?;
        match *record {
            [0x01, 0x1C, ref digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
                digits.first_chunk().map(|digits| CardRecord { digits: *digits }).ok_or(CONTENT)
            }
            _ => Err(CONTENT),
        }
    }

    /// The 16 bytes that name the issuer's key.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn key_reference(&mut self) -> Result<[u8; 16], Error> {
        let mut buf = [0; 18];
        self.session.read(&KEY_REFERENCE, &mut buf).await?.first_chunk().copied().ok_or(CONTENT)
    }

    /// Tries left of the card PIN, which Kazasu never sends.
    ///
    /// # Errors
    /// Any [`Error`] of a query.
    pub async fn tries(&mut self) -> Result<Counter, Error> {
        self.session.tries(SecretKind::CardPin).await
    }

    /// The card key over 1 to 255 bytes: `sha256WithRSAEncryption`, the same answer each time (Measured by one author).
    ///
    /// # Errors
    /// [`Error::Misuse`] for an empty or longer challenge; any [`Error`] of a signature.
    pub async fn internal_authenticate(&mut self, challenge: &[u8]) -> Result<Signature, Error> {
        if challenge.is_empty() || challenge.len() > 255 {
            return Err(Error::Misuse("a challenge has 1 to 255 bytes"));
        }
        self.session.compute(&KEY, challenge).await
    }
}

/// EF 0001 of the common application.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CardRecord {
    digits: [u8; 28],
}

impl CardRecord {
    fn part(&self, range: core::ops::Range<usize>) -> &str {
        core::str::from_utf8(&self.digits[range]).unwrap_or_default()
    }

    /// Manufacturer and serial number: 15 digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        self.part(0..15)
    }

    /// 市区町村コード: 5 digits.
    #[must_use]
    pub fn municipality(&self) -> &str {
        self.part(15..20)
    }

    /// `YYYYMMDD`.
    #[must_use]
    pub fn expiry(&self) -> &str {
        self.part(20..28)
    }
}

impl fmt::Debug for CardRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardRecord(…)")
    }
}
