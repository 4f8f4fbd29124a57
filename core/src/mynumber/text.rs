//! 券面事項入力補助AP: the My Number and the four attributes as text, with a record that proves them.

use super::{CONTENT, unreadable};
use crate::error::Error;
use crate::secret::{A, B, Kind, Secret, SecretKind, Text as TextSecret};
use crate::session::{Counter, Digest, LastTry, Session, Signature};
use crate::table::{Access, Application, Content, Evidence, File, Key, Operation, Pin, Privacy};
use crate::tlv::Tlv;
use crate::transport::Transport;
use core::fmt;
use core::marker::PhantomData;
use zeroize::{Zeroize, Zeroizing};

use Access::{AnyOf, Free};
use Content::{Padded, Tlv as Object};
use Evidence::{Inferred, Measured, Official};
use Privacy::{Personal, Public};
use SecretKind::{NumberA, NumberB, TextPin};

const PIN_A: &[SecretKind] = &[TextPin, NumberA];
const PIN_B: &[SecretKind] = &[TextPin, NumberB];
const PIN_A_B: &[SecretKind] = &[TextPin, NumberA, NumberB];

/// `FF10 0C` + 12 ASCII digits + `FFFF`. The integrity record covers all 17 bytes.
pub(crate) static NUMBER: File = File::row(0x0001, "My Number", "個人番号", Padded(0xFF10, 17), AnyOf(PIN_A), Personal, Measured);
pub(crate) static ATTRIBUTES: File = File::row(0x0002, "four attributes", "基本4情報", Object(0xFF20), AnyOf(PIN_B), Personal, Measured);
pub(crate) static INTEGRITY: File = File::row(0x0003, "integrity record", "真正性確認用の記録", Object(0xFF30), AnyOf(PIN_A_B), Personal, Measured);
pub(crate) static MUNICIPALITY: File = File::row(0x0004, "municipality certificate", "市区町村の証明書", Object(0x7F21), Free, Public, Measured);
static INFORMATION: File = File::row(0x0005, "application information", "アプリケーション情報", Object(0xFF40), Free, Public, Measured);
static SESSION_KEY: File = File::row(0x0006, "session-key public key", "セッション鍵用の公開鍵", Object(0xA1), AnyOf(PIN_A_B), Personal, Measured);
pub(crate) static AUTHENTICATION_KEY: File =
    File::row(0x0007, "internal-authentication public key", "内部認証用の公開鍵", Object(0xFF50), AnyOf(PIN_A_B), Personal, Measured);

static PIN: Pin = Pin::row(0x0011, TextPin, 3, Official);
/// No source names its tries.
static CODE_A: Pin = Pin::row(0x0014, NumberA, 10, Inferred);
static CODE_B: Pin = Pin::row(0x0015, NumberB, 10, Official);

pub(crate) static KEY: Key = Key::row(0x0013, "internal-authentication key", "内部認証用の秘密鍵", Free, Operation::SignDefault, Measured);

/// The table.
pub static TEXT: Application = Application {
    name: "text",
    title: "card data as text",
    title_ja: "券面事項入力補助AP",
    aid: &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
    files: &[&NUMBER, &ATTRIBUTES, &INTEGRITY, &MUNICIPALITY, &INFORMATION, &SESSION_KEY, &AUTHENTICATION_KEY],
    pins: &[&PIN, &CODE_A, &CODE_B],
    keys: &[&KEY],
    objects: &[],
    evidence: Measured,
}
.checked();

/// A buffer of this size holds any file of this application and its status word (Measured: up to 568 bytes; a long
/// address makes the attributes longer than that).
pub const TEXT_BUFFER: usize = 2_048;

impl<T: Transport> Session<T> {
    /// Opens the application (one SELECT, none if it is open already).
    ///
    /// # Errors
    /// [`Error::Absent`] when the card does not have it.
    pub async fn text(&mut self) -> Result<Text<'_, T>, Error> {
        self.open(&TEXT).await?;
        Ok(Text { session: self })
    }
}

/// The open application.
pub struct Text<'s, T> {
    session: &'s mut Session<T>,
}

/// A secret of this application.
pub trait TextOpener: Kind {}
/// One that opens the My Number.
pub trait OpensMyNumber: TextOpener {}
/// One that opens the four attributes.
pub trait OpensAttributes: TextOpener {}

impl TextOpener for TextSecret {}
impl OpensMyNumber for TextSecret {}
impl OpensAttributes for TextSecret {}
impl TextOpener for A {}
impl OpensMyNumber for A {}
impl TextOpener for B {}
impl OpensAttributes for B {}

#[allow(clippy::manual_async_fn, reason = "an async fn keeps its argument twice, and only one of the two is wiped")]
impl<T: Transport> Text<'_, T> {
    /// Tries left of a secret of this application; spends nothing.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a secret of another application; any [`Error`] of a query.
    pub async fn tries(&mut self, kind: SecretKind) -> Result<Counter, Error> {
        self.session.tries(kind).await
    }

    /// The certificate over the key that signed the records (a card-verifiable certificate, `7F21`), for a later verifier.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn municipality_certificate<'b>(&mut self, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        self.session.read(&MUNICIPALITY, buf).await
    }

    /// What the application says of itself; a word against extended length is remembered for the session.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn information(&mut self, buf: &mut [u8]) -> Result<crate::table::Information, Error> {
        self.session.information(&INFORMATION, 0xDF41, buf).await
    }

    /// Signs the digest of a verifier's nonce with the card's own key: proof that the chip is here. No secret.
    ///
    /// # Errors
    /// Any [`Error`] of a signature.
    pub async fn internal_authenticate(&mut self, nonce: &Digest) -> Result<Signature, Error> {
        self.session.sign(&KEY, nonce).await
    }

    /// Asks for the counter, then presents the secret once: the PIN, 照合番号A or 照合番号B.
    ///
    /// # Errors
    /// [`Error::WrongSecret`], [`Error::Blocked`], [`Error::LastTry`], [`Error::OutcomeUnknown`], or any [`Error`] of a query.
    pub fn unlock<K: TextOpener>(
        &mut self,
        secret: Secret<K>,
        last_try: LastTry,
    ) -> impl Future<Output = Result<UnlockedText<'_, T, K>, Error>> {
        async move {
            self.session.unlock(&secret, last_try).await?;
            Ok(UnlockedText { session: self.session, kind: PhantomData })
        }
    }

    /// Changes the PIN: presents the old one, then sets the new one (Measured by one author).
    ///
    /// # Errors
    /// As [`Self::unlock`]; [`Error::OutcomeUnknown`] with [`Step::Change`](crate::error::Step::Change) when nobody knows which of the two is valid now.
    pub fn change(
        &mut self,
        old: Secret<TextSecret>,
        new: Secret<TextSecret>,
        last_try: LastTry,
    ) -> impl Future<Output = Result<(), Error>> {
        async move { self.session.change(&old, &new, last_try).await }
    }
}

/// The application with a secret given; what can be read depends on which.
pub struct UnlockedText<'s, T, K> {
    session: &'s mut Session<T>,
    kind: PhantomData<K>,
}

impl<T: Transport, K: OpensMyNumber> UnlockedText<'_, T, K> {
    /// 個人番号. Reading and keeping it is allowed only for the purposes that the Number Act (番号法) names.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn my_number(&mut self) -> Result<MyNumber, Error> {
        // Wiped also when the operation is dropped in the middle.
        let mut buf = Zeroizing::new([0; 19]);
        MyNumber::parse(self.session.read(&NUMBER, &mut *buf).await?)
    }
}

impl<T: Transport, K: OpensAttributes> UnlockedText<'_, T, K> {
    /// 基本4情報: name, address, birth date, sex. See [`TEXT_BUFFER`].
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn attributes<'b>(&mut self, buf: &'b mut [u8]) -> Result<Attributes<'b>, Error> {
        Attributes::parse(self.session.read(&ATTRIBUTES, buf).await?)
    }
}

impl<T: Transport, K: TextOpener> UnlockedText<'_, T, K> {
    /// Digests of number and attributes, signed by the municipality's key (EF 0003), for a later verifier.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn integrity_record<'b>(&mut self, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        self.session.read(&INTEGRITY, buf).await
    }

    /// The card's own public key, signed by the municipality's (EF 0007), for a later verifier.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn authentication_key<'b>(&mut self, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        self.session.read(&AUTHENTICATION_KEY, buf).await
    }
}

/// 個人番号: 12 digits, wiped when it goes, and its record as the integrity record covers it.
pub struct MyNumber {
    record: [u8; 17],
    len: usize,
    at: usize,
}

impl MyNumber {
    /// From its record, for a verifier that has it from elsewhere than a card. Nothing is checked but the form.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(record: &[u8]) -> Result<Self, Error> {
        let object = Tlv::first(record).map_err(unreadable)?;
        if object.value.len() != 12 || !object.value.iter().all(u8::is_ascii_digit) {
            return Err(CONTENT);
        }
        let mut number = Self { record: [0; 17], len: record.len(), at: object.whole.len() - 12 };
        number.record.get_mut(..record.len()).ok_or(CONTENT)?.copy_from_slice(record);
        Ok(number)
    }

    /// The 12 digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        core::str::from_utf8(&self.record[self.at..self.at + 12]).unwrap_or_default()
    }

    /// EF 0001 as the card holds it, filler included.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        &self.record[..self.len]
    }
}

impl Drop for MyNumber {
    fn drop(&mut self) {
        self.record.zeroize();
    }
}

impl fmt::Debug for MyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MyNumber(…)")
    }
}

/// 基本4情報, borrowed from the caller's buffer.
#[derive(Clone, Copy)]
pub struct Attributes<'b> {
    /// 氏名; parts are separated by U+3000.
    pub name: &'b str,
    /// 住所.
    pub address: &'b str,
    /// 生年月日: `YYYYMMDD`, Gregorian.
    pub birth: &'b str,
    /// 性別: `1` male, `2` female, `9` not applicable, `0` unknown (JIS X 0303).
    pub sex: &'b str,
    /// EF 0002 up to the end of its object.
    pub record: &'b [u8],
}

impl<'b> Attributes<'b> {
    /// From its record, for a verifier that has it from elsewhere than a card. Nothing is checked but the form.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(record: &'b [u8]) -> Result<Self, Error> {
        let file = Tlv::first(record).map_err(unreadable)?;
        let field = |tag| core::str::from_utf8(file.child(tag).map_err(unreadable)?.value).map_err(|_| CONTENT);
        Ok(Self { name: field(0xDF22)?, address: field(0xDF23)?, birth: field(0xDF24)?, sex: field(0xDF25)?, record })
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attributes(…)")
    }
}
