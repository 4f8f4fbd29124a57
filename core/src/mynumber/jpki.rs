//! 公的個人認証AP (JPKI): two certificates, their CA certificates, and a key for each.

use super::CONTENT;
use crate::error::Error;
use crate::secret::{Auth, Kind, Secret, SecretKind, Sign};
use crate::session::{Counter, Digest, LastTry, Session, Signature};
use crate::table::{Access, Application, CardKind, Content, Evidence, File, Key, Operation, Pin, Privacy};
use crate::transport::{LinkError, Transport};
use core::marker::PhantomData;

use Access::{AnyOf, Free, FreeOnCard};
use Content::Bytes;
use Evidence::{Measured, Official};
use Privacy::{Personal, Public};

/// A certificate is a SEQUENCE (X.509).
const DER: Content = Content::Tlv(0x30);

const PIN: &[SecretKind] = &[SecretKind::AuthPin];
const PASSWORD: &[SecretKind] = &[SecretKind::SignPassword];

pub(crate) static SIGN_CERTIFICATE: File =
    File::row(0x0001, "signature certificate", "署名用電子証明書", DER, AnyOf(PASSWORD), Personal, Measured);
pub(crate) static SIGN_CA: File = File::row(0x0002, "signature CA certificate", "署名用認証局の証明書", DER, Free, Public, Measured);
/// CK_TOKEN_INFO of PKCS#11, integers big-endian; the label comes first.
pub(crate) static TOKEN: File = File::row(0x0006, "token information", "トークン情報", Bytes(160), Free, Personal, Measured);
/// `8F` = there: byte 0 signature, byte 1 user authentication; byte 2 unknown.
pub(crate) static PRESENT: File = File::row(0x0008, "which certificates exist", "電子証明書の有無", Bytes(3), Free, Public, Measured);
pub(crate) static AUTH_CERTIFICATE: File =
    File::row(0x000A, "user-authentication certificate", "利用者証明用電子証明書", DER, FreeOnCard(PIN), Personal, Measured);
pub(crate) static AUTH_CA: File = File::row(0x000B, "user-authentication CA certificate", "利用者証明用認証局の証明書", DER, Free, Public, Measured);

static AUTH_PIN: Pin = Pin::row(0x0018, SecretKind::AuthPin, 3, Official);
static SIGN_PASSWORD: Pin = Pin::row(0x001B, SecretKind::SignPassword, 5, Official);

pub(crate) static AUTH_KEY: Key = Key::row(0x0017, "user-authentication key", "利用者証明用の秘密鍵", AnyOf(PIN), Operation::Sign, Measured);
pub(crate) static SIGN_KEY: Key = Key::row(0x001A, "signature key", "署名用の秘密鍵", AnyOf(PASSWORD), Operation::Sign, Measured);

/// The table.
pub static JPKI: Application = Application {
    name: "jpki",
    title: "public key infrastructure for individuals",
    title_ja: "公的個人認証AP",
    aid: &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
    files: &[&SIGN_CERTIFICATE, &SIGN_CA, &TOKEN, &PRESENT, &AUTH_CERTIFICATE, &AUTH_CA],
    pins: &[&AUTH_PIN, &SIGN_PASSWORD],
    keys: &[&AUTH_KEY, &SIGN_KEY],
    objects: &[],
    evidence: Measured,
}
.checked();

/// A buffer of this size holds any certificate of this card and its status word (Measured: up to 1,758 bytes).
pub const CERTIFICATE_BUFFER: usize = 4_096;

/// How the label of EF 0006 names what carries the application.
const LABELS: [(&[u8], CardKind); 4] = [
    (b"JPKIAPICCTOKEN2", CardKind::MyNumber),
    (b"JPKIAPICCTOKEN", CardKind::Juki),
    (b"JPKIAPGPSETOKEN", CardKind::AndroidToken),
    (b"JPKIAPIOSTOKEN", CardKind::IphoneToken),
];

impl<T: Transport> Session<T> {
    /// Opens the application (one SELECT, none if it is open already).
    ///
    /// # Errors
    /// [`Error::WrongCard`] when the card does not have it.
    pub async fn jpki(&mut self) -> Result<Jpki<'_, T>, Error> {
        match self.open(&JPKI).await {
            Ok(()) => Ok(Jpki { session: self }),
            Err(Error::Absent { .. }) => Err(Error::WrongCard { found: CardKind::Other }),
            Err(error) => Err(error),
        }
    }

    /// What is in the reader: by SELECT and EF 0006, never by ATR.
    ///
    /// # Errors
    /// [`Error::Link`] unless the link says that no card is there.
    pub async fn recognise(&mut self) -> Result<CardKind, Error> {
        match self.jpki().await {
            Ok(mut jpki) => jpki.token_kind().await,
            Err(Error::WrongCard { found }) => Ok(found),
            Err(Error::Refused { .. }) => Ok(CardKind::Other),
            Err(Error::Link(LinkError::CardLost)) => Ok(CardKind::Nothing),
            Err(error) => Err(error),
        }
    }
}

/// The open application.
pub struct Jpki<'s, T> {
    session: &'s mut Session<T>,
}

/// What may be read without a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreeCertificate {
    /// 利用者証明用電子証明書 (EF 000A). A phone token wants the PIN first; see [`Unlocked::certificate`].
    Auth,
    /// The CA certificate over [`Self::Auth`] (EF 000B). It comes from the card: a help to build a chain, no trust anchor.
    AuthCa,
    /// The CA certificate over the signature certificate (EF 0002).
    SignCa,
}

impl FreeCertificate {
    pub(crate) const fn file(self) -> &'static File {
        match self {
            Self::Auth => &AUTH_CERTIFICATE,
            Self::AuthCa => &AUTH_CA,
            Self::SignCa => &SIGN_CA,
        }
    }
}

/// Which certificates a card carries (EF 0008).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificatesPresent {
    /// 署名用電子証明書; holders under 15 have none.
    pub sign: bool,
    /// 利用者証明用電子証明書.
    pub auth: bool,
}

/// A secret that opens a key of this application.
pub trait JpkiSecret: Kind {
    #[doc(hidden)]
    const ROWS: (&'static File, &'static Key);
}

impl JpkiSecret for Auth {
    const ROWS: (&'static File, &'static Key) = (&AUTH_CERTIFICATE, &AUTH_KEY);
}

impl JpkiSecret for Sign {
    const ROWS: (&'static File, &'static Key) = (&SIGN_CERTIFICATE, &SIGN_KEY);
}

#[allow(clippy::manual_async_fn, reason = "an async fn keeps its argument twice, and only one of the two is wiped")]
impl<'s, T: Transport> Jpki<'s, T> {
    /// What carries this application: EF 0006, the first 32 bytes (the label, padded).
    ///
    /// # Errors
    /// Any [`Error`] of a read without a secret.
    pub async fn token_kind(&mut self) -> Result<CardKind, Error> {
        let mut buf = [0; 34];
        let len = self.session.read_start(&TOKEN, &mut buf, 32).await?;
        let label = buf[..len].trim_ascii_end();
        let known = LABELS.iter().find(|(name, _)| *name == label.strip_suffix(&[0]).unwrap_or(label));
        Ok(known.map_or(CardKind::Other, |(_, kind)| *kind))
    }

    /// Which certificates exist; no secret, one READ of three bytes.
    ///
    /// # Errors
    /// Any [`Error`] of a read without a secret.
    pub async fn certificates_present(&mut self) -> Result<CertificatesPresent, Error> {
        let mut buf = [0; 5];
        match *self.session.read(&PRESENT, &mut buf).await? {
            [sign, auth, ..] => Ok(CertificatesPresent { sign: sign == 0x8F, auth: auth == 0x8F }),
            _ => Err(CONTENT),
        }
    }

    /// A certificate that needs no secret, as DER without filler. See [`CERTIFICATE_BUFFER`].
    ///
    /// # Errors
    /// [`Error::Absent`], [`Error::SecretRequired`] from a phone token, or any other [`Error`] of a read.
    pub async fn certificate<'b>(&mut self, which: FreeCertificate, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        self.session.read(which.file(), buf).await
    }

    /// Tries left of the PIN or of the password; spends nothing.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a secret of another application; any [`Error`] of a query.
    pub async fn tries(&mut self, kind: SecretKind) -> Result<Counter, Error> {
        self.session.tries(kind).await
    }

    /// Asks for the counter, then presents the secret once. What it opens stays open until another application is selected.
    ///
    /// # Errors
    /// [`Error::WrongSecret`], [`Error::Blocked`], [`Error::LastTry`], [`Error::OutcomeUnknown`], or any [`Error`] of a query.
    pub fn unlock<K: JpkiSecret>(
        &mut self,
        secret: Secret<K>,
        last_try: LastTry,
    ) -> impl Future<Output = Result<Unlocked<'_, T, K>, Error>> {
        async move {
            self.session.unlock(&secret, last_try).await?;
            Ok(Unlocked { session: self.session, kind: PhantomData })
        }
    }

    /// Changes the PIN or the password: presents the old one, then sets the new one (Measured by one author).
    ///
    /// # Errors
    /// As [`Self::unlock`]; [`Error::OutcomeUnknown`] with [`Step::Change`](crate::error::Step::Change) when nobody knows which of the two is valid now.
    pub fn change<K: JpkiSecret>(
        &mut self,
        old: Secret<K>,
        new: Secret<K>,
        last_try: LastTry,
    ) -> impl Future<Output = Result<(), Error>> {
        async move { self.session.change(&old, &new, last_try).await }
    }
}

/// The application with one key open; only here is there a `sign`.
pub struct Unlocked<'s, T, K> {
    session: &'s mut Session<T>,
    kind: PhantomData<K>,
}

impl<T: Transport, K: JpkiSecret> Unlocked<'_, T, K> {
    /// The certificate of the open key, as DER without filler.
    ///
    /// # Errors
    /// [`Error::Absent`] where the card has none, or any [`Error`] of a read.
    pub async fn certificate<'b>(&mut self, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        self.session.read(K::ROWS.0, buf).await
    }

    /// Signs a digest: RSASSA-PKCS1-v1_5 (RFC 8017, 8.2). As often as wanted after one unlock; a card that closes the key
    /// after each signature answers the next one with [`Error::SecretRequired`].
    ///
    /// # Errors
    /// Any [`Error`] of a signature.
    pub async fn sign(&mut self, digest: &Digest) -> Result<Signature, Error> {
        self.session.sign(K::ROWS.1, digest).await
    }
}
