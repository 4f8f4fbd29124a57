//! 券面事項確認AP: what is printed on the card, as images, each part signed.

use super::{CONTENT, unreadable};
use crate::error::Error;
use crate::secret::{A, B, Birth, Kind, Secret, SecretKind};
use crate::session::{Counter, Digest, LastTry, Session, Signature};
use crate::table::{Access, Application, Content, Evidence, File, Information, Key, Operation, Pin, Privacy};
use crate::tlv::Tlv;
use crate::transport::Transport;
use core::fmt;
use core::marker::PhantomData;

use Access::{AnyOf, Free};
use Content::Tlv as Object;
use Evidence::{Inferred, Measured, Official};
use Privacy::{Personal, Public};
use SecretKind::{BirthKey, NumberA, NumberB};

const BIRTH: &[SecretKind] = &[BirthKey];
const A_ONLY: &[SecretKind] = &[NumberA];
const A_B: &[SecretKind] = &[NumberA, NumberB];

pub(crate) static BIRTH_RECORD: File = File::row(0x0001, "birth-date record", "生年月日の記録", Object(0xFF10), AnyOf(BIRTH), Personal, Measured);
pub(crate) static FACE: File = File::row(0x0002, "card face", "券面の情報", Object(0xFF20), AnyOf(A_B), Personal, Measured);
static INFORMATION: File = File::row(0x0003, "application information", "アプリケーション情報", Object(0xFF30), Free, Public, Measured);
pub(crate) static MUNICIPALITY: File = File::row(0x0004, "municipality certificate", "市区町村の証明書", Object(0x7F21), Free, Public, Measured);
static NUMBER_IMAGE: File = File::row(0x0005, "My Number image", "個人番号の画像", Object(0xFF40), AnyOf(A_ONLY), Personal, Measured);

/// Its tries are not known.
static BIRTH_CODE: Pin = Pin::row(0x0011, BirthKey, 10, Inferred);
static CODE_B: Pin = Pin::row(0x0012, NumberB, 10, Official);
/// No source names its tries.
static CODE_A: Pin = Pin::row(0x0013, NumberA, 10, Inferred);

pub(crate) static KEY: Key = Key::row(0x001A, "internal-authentication key", "内部認証用の秘密鍵", Free, Operation::SignDefault, Measured);

/// The table.
pub static SURFACE: Application = Application {
    name: "surface",
    title: "card face",
    title_ja: "券面事項確認AP",
    aid: &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02],
    files: &[&BIRTH_RECORD, &FACE, &INFORMATION, &MUNICIPALITY, &NUMBER_IMAGE],
    pins: &[&BIRTH_CODE, &CODE_B, &CODE_A],
    keys: &[&KEY],
    objects: &[],
    evidence: Measured,
}
.checked();

/// A buffer of this size holds the card face and its status word (Measured: 3,070 bytes; photos vary).
pub const FACE_BUFFER: usize = 16_384;

impl<T: Transport> Session<T> {
    /// Opens the application (one SELECT, none if it is open already).
    ///
    /// # Errors
    /// [`Error::Absent`] when the card does not have it.
    pub async fn surface(&mut self) -> Result<Surface<'_, T>, Error> {
        self.open(&SURFACE).await?;
        Ok(Surface { session: self })
    }
}

/// The open application.
pub struct Surface<'s, T> {
    session: &'s mut Session<T>,
}

/// A secret of this application.
pub trait SurfaceOpener: Kind {}
/// One that opens the card face.
pub trait OpensFace: SurfaceOpener {}

impl SurfaceOpener for A {}
impl SurfaceOpener for B {}
impl SurfaceOpener for Birth {}
impl OpensFace for A {}
impl OpensFace for B {}

#[allow(clippy::manual_async_fn, reason = "an async fn keeps its argument twice, and only one of the two is wiped")]
impl<T: Transport> Surface<'_, T> {
    /// Tries left of a secret of this application; spends nothing.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a secret of another application; any [`Error`] of a query.
    pub async fn tries(&mut self, kind: SecretKind) -> Result<Counter, Error> {
        self.session.tries(kind).await
    }

    /// The certificate over the key that signed the records (`7F21`), for a later verifier.
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
    pub async fn information(&mut self, buf: &mut [u8]) -> Result<Information, Error> {
        self.session.information(&INFORMATION, 0xDF31, buf).await
    }

    /// Signs the digest of a verifier's nonce with the card's own key: proof that the chip is here. No secret.
    ///
    /// # Errors
    /// Any [`Error`] of a signature.
    pub async fn internal_authenticate(&mut self, nonce: &Digest) -> Result<Signature, Error> {
        self.session.sign(&KEY, nonce).await
    }

    /// Asks for the counter, then presents the secret once: 照合番号A, 照合番号B or the birth date.
    ///
    /// # Errors
    /// [`Error::WrongSecret`], [`Error::Blocked`], [`Error::LastTry`], [`Error::OutcomeUnknown`], or any [`Error`] of a query.
    pub fn unlock<K: SurfaceOpener>(
        &mut self,
        secret: Secret<K>,
        last_try: LastTry,
    ) -> impl Future<Output = Result<UnlockedSurface<'_, T, K>, Error>> {
        async move {
            self.session.unlock(&secret, last_try).await?;
            Ok(UnlockedSurface { session: self.session, kind: PhantomData })
        }
    }
}

/// The application with a secret given; what can be read depends on which.
pub struct UnlockedSurface<'s, T, K> {
    session: &'s mut Session<T>,
    kind: PhantomData<K>,
}

impl<T: Transport, K: OpensFace> UnlockedSurface<'_, T, K> {
    /// Everything on the front and the security code (EF 0002). See [`FACE_BUFFER`].
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn face<'b>(&mut self, buf: &'b mut [u8]) -> Result<Face<'b>, Error> {
        Face::parse(self.session.read(&FACE, buf).await?)
    }
}

impl<T: Transport> UnlockedSurface<'_, T, A> {
    /// The My Number as an image, with key and signature (EF 0005).
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn number_image<'b>(&mut self, buf: &'b mut [u8]) -> Result<NumberImage<'b>, Error> {
        NumberImage::parse(self.session.read(&NUMBER_IMAGE, buf).await?)
    }
}

impl<T: Transport> UnlockedSurface<'_, T, Birth> {
    /// The birth date alone, with key and signature (EF 0001).
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn birth_record<'b>(&mut self, buf: &'b mut [u8]) -> Result<BirthRecord<'b>, Error> {
        BirthRecord::parse(self.session.read(&BIRTH_RECORD, buf).await?)
    }
}

/// The card face, borrowed from the caller's buffer.
#[derive(Clone, Copy)]
pub struct Face<'b> {
    /// `YYYYMMDD`, Gregorian.
    pub birth: &'b str,
    /// `1`, `2`, `9` or `0` (JIS X 0303).
    pub sex: &'b str,
    /// The card's own public key (`90` exponent, `91` modulus).
    pub public_key: &'b [u8],
    /// PNG, one bit greyscale; carries the glyphs that the text cannot.
    pub name_image: &'b [u8],
    /// PNG, one bit greyscale.
    pub address_image: &'b [u8],
    /// JPEG 2000, one component of 8 bits.
    pub photo: &'b [u8],
    /// Over three digests: birth, sex and key; both images; photo.
    pub signature: &'b [u8],
    /// `YYYYMMDD`; not signed.
    pub expiry: &'b str,
    /// PNG of the four digits; not signed.
    pub security_code_image: &'b [u8],
    /// EF 0002 up to the end of its object.
    pub record: &'b [u8],
}

impl<'b> Face<'b> {
    /// From its record, for a verifier that has it from elsewhere than a card. Nothing is checked but the form.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(record: &'b [u8]) -> Result<Self, Error> {
        let file = Tlv::first(record).map_err(unreadable)?;
        Ok(Self {
            birth: text(&file, 0xDF22)?,
            sex: text(&file, 0xDF23)?,
            public_key: bytes(&file, 0xDF24)?,
            name_image: bytes(&file, 0xDF25)?,
            address_image: bytes(&file, 0xDF26)?,
            photo: bytes(&file, 0xDF27)?,
            signature: bytes(&file, 0xDF28)?,
            expiry: text(&file, 0xDF29)?,
            security_code_image: bytes(&file, 0xDF2A)?,
            record,
        })
    }
}

/// The My Number as an image, borrowed from the caller's buffer.
#[derive(Clone, Copy)]
pub struct NumberImage<'b> {
    /// PNG, one bit greyscale.
    pub image: &'b [u8],
    /// The card's own public key.
    pub public_key: &'b [u8],
    /// Over the two objects above.
    pub signature: &'b [u8],
    /// EF 0005 up to the end of its object.
    pub record: &'b [u8],
}

impl<'b> NumberImage<'b> {
    pub(crate) fn parse(record: &'b [u8]) -> Result<Self, Error> {
        let file = Tlv::first(record).map_err(unreadable)?;
        Ok(Self {
            image: bytes(&file, 0xDF41)?,
            public_key: bytes(&file, 0xDF42)?,
            signature: bytes(&file, 0xDF43)?,
            record,
        })
    }
}

/// The birth date alone, borrowed from the caller's buffer.
#[derive(Clone, Copy)]
pub struct BirthRecord<'b> {
    /// `YYYYMMDD`, Gregorian.
    pub birth: &'b str,
    /// The card's own public key.
    pub public_key: &'b [u8],
    /// Over the two objects above.
    pub signature: &'b [u8],
    /// EF 0001 up to the end of its object.
    pub record: &'b [u8],
}

impl<'b> BirthRecord<'b> {
    /// From its record, for a verifier that has it from elsewhere than a card. Nothing is checked but the form.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(record: &'b [u8]) -> Result<Self, Error> {
        let file = Tlv::first(record).map_err(unreadable)?;
        Ok(Self {
            birth: text(&file, 0xDF11)?,
            public_key: bytes(&file, 0xDF12)?,
            signature: bytes(&file, 0xDF13)?,
            record,
        })
    }
}

macro_rules! shows_nothing {
    ($($name:ident)*) => { $(
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )* };
}

shows_nothing!(Face NumberImage BirthRecord);

fn bytes<'b>(file: &Tlv<'b>, tag: u32) -> Result<&'b [u8], Error> {
    Ok(file.child(tag).map_err(unreadable)?.value)
}

fn text<'b>(file: &Tlv<'b>, tag: u32) -> Result<&'b str, Error> {
    core::str::from_utf8(bytes(file, tag)?).map_err(|_| CONTENT)
}
