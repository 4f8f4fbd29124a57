//! Every public method of the core that talks to a card, each as one operation on a fresh session.

use kazasu_core::mynumber::jpki::FreeCertificate;
use kazasu_core::mynumber::surface::FACE_BUFFER;
use kazasu_core::secret::{Kind, Secret};
use kazasu_core::{
    AuthPin, BirthKey, CardKind, Counter, Digest, Error, LastTry, NumberA, NumberB, SecretKind, Session, SignPassword,
    TextPin, Transport,
};
use kazasu_fixtures::persona::Secrets;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What is asked of the card.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operation { $($(#[$doc])* $name,)* }
        impl Operation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

operations! {
    /// `Session::recognise`
    Recognise,
    /// `Jpki::certificates_present`
    CertificatesPresent,
    /// `Jpki::certificate`
    AuthCertificate,
    /// `Jpki::certificate`
    AuthCa,
    /// `Jpki::certificate`
    SignCa,
    /// `Jpki::tries`
    KeyTries,
    /// `Jpki::unlock`, a wrong PIN
    WrongPin,
    /// `Jpki::unlock`, then `Unlocked::certificate`
    AuthCertificateUnlocked,
    /// `Jpki::unlock`, then `Unlocked::sign`
    Sign,
    /// `Jpki::unlock` with the password, `Unlocked::certificate`
    SignCertificate,
    /// `Jpki::unlock` with the password, `Unlocked::sign`
    SignWithPassword,
    /// `Jpki::change`
    ChangePin,
    /// `Jpki::change`
    ChangePassword,
    /// `Text::tries`
    TextTries,
    /// `Text::municipality_certificate`
    TextMunicipality,
    /// `Text::information`
    TextInformation,
    /// `Text::internal_authenticate`
    TextAuthenticate,
    /// `Text::unlock` with the PIN, `UnlockedText::my_number`
    MyNumber,
    /// `Text::unlock` with the My Number, `UnlockedText::my_number`
    MyNumberByNumber,
    /// `Text::unlock` with number B, `UnlockedText::attributes`
    Attributes,
    /// `Text::unlock`, `UnlockedText::integrity_record`
    IntegrityRecord,
    /// `Text::unlock`, `UnlockedText::authentication_key`
    AuthenticationKey,
    /// `Text::change`
    ChangeTextPin,
    /// `Surface::tries`
    SurfaceTries,
    /// `Surface::municipality_certificate`
    SurfaceMunicipality,
    /// `Surface::information`
    SurfaceInformation,
    /// `Surface::internal_authenticate`
    SurfaceAuthenticate,
    /// `Surface::unlock` with the birth date, `UnlockedSurface::birth_record`
    BirthRecord,
    /// `Surface::unlock` with number B, `UnlockedSurface::face`
    Face,
    /// `Surface::unlock` with the My Number, `UnlockedSurface::number_image`
    NumberImage,
    /// `Common::card_record`
    CardRecord,
    /// `Common::key_reference`
    KeyReference,
    /// `Common::tries`
    CardPinTries,
    /// `Common::internal_authenticate`
    CommonAuthenticate,
    /// `Session::data_object`
    DataObject,
}

impl Operation {
    /// Secrets that it hands in.
    #[must_use]
    pub const fn secrets(self) -> usize {
        match self {
            Self::ChangePin | Self::ChangePassword | Self::ChangeTextPin => 2,
            Self::WrongPin
            | Self::AuthCertificateUnlocked
            | Self::Sign
            | Self::SignCertificate
            | Self::SignWithPassword
            | Self::MyNumber
            | Self::MyNumberByNumber
            | Self::Attributes
            | Self::IntegrityRecord
            | Self::AuthenticationKey
            | Self::BirthRecord
            | Self::Face
            | Self::NumberImage => 1,
            _ => 0,
        }
    }

    /// Whether the card is another one afterwards.
    #[must_use]
    pub const fn leaves_a_mark(self) -> bool {
        matches!(self, Self::ChangePin | Self::ChangePassword | Self::ChangeTextPin | Self::WrongPin)
    }
}

const DIGEST: Digest = Digest::Sha256([0x5A; 32]);

/// Buffers that a caller keeps from one attempt to the next.
pub struct Buffer(Box<[u8; FACE_BUFFER]>);

impl Default for Buffer {
    fn default() -> Self {
        Self(Box::new([0; FACE_BUFFER]))
    }
}

/// Does `operation`; what came out, as bytes.
///
/// # Errors
/// The operation's own.
pub async fn perform<T: Transport>(
    operation: Operation,
    session: &mut Session<T>,
    secrets: &Secrets,
    Buffer(buf): &mut Buffer,
) -> Result<Vec<u8>, Error> {
    let buf = &mut buf[..];
    let refuse = LastTry::Refuse;
    Ok(match operation {
        Operation::Recognise => kind(session.recognise().await?),
        Operation::CertificatesPresent => {
            let present = session.jpki().await?.certificates_present().await?;
            vec![present.sign.into(), present.auth.into()]
        }
        Operation::AuthCertificate => session.jpki().await?.certificate(FreeCertificate::Auth, buf).await?.to_vec(),
        Operation::AuthCa => session.jpki().await?.certificate(FreeCertificate::AuthCa, buf).await?.to_vec(),
        Operation::SignCa => session.jpki().await?.certificate(FreeCertificate::SignCa, buf).await?.to_vec(),
        Operation::KeyTries => tries(session.jpki().await?.tries(SecretKind::SignPassword).await?),
        Operation::WrongPin => {
            session.jpki().await?.unlock(secret::<kazasu_core::secret::Auth>("0000")?, refuse).await?;
            Vec::new()
        }
        Operation::AuthCertificateUnlocked => {
            let mut jpki = session.jpki().await?;
            let mut unlocked = jpki.unlock(pin(secrets)?, refuse).await?;
            unlocked.certificate(buf).await?.to_vec()
        }
        Operation::Sign => session.jpki().await?.unlock(pin(secrets)?, refuse).await?.sign(&DIGEST).await?.0.to_vec(),
        Operation::SignCertificate => {
            let mut jpki = session.jpki().await?;
            let mut unlocked = jpki.unlock(password(secrets)?, refuse).await?;
            unlocked.certificate(buf).await?.to_vec()
        }
        Operation::SignWithPassword => {
            session.jpki().await?.unlock(password(secrets)?, refuse).await?.sign(&DIGEST).await?.0.to_vec()
        }
        Operation::ChangePin => {
            session.jpki().await?.change(pin(secrets)?, secret("8046")?, refuse).await?;
            Vec::new()
        }
        Operation::ChangePassword => {
            session.jpki().await?.change(password(secrets)?, secret("NEW8046")?, refuse).await?;
            Vec::new()
        }
        Operation::ChangeTextPin => {
            session.text().await?.change(text_pin(secrets)?, secret("8046")?, refuse).await?;
            Vec::new()
        }
        Operation::CardRecord => {
            let record = session.common().await?.card_record().await?;
            [record.serial(), record.municipality(), record.expiry()].concat().into_bytes()
        }
        Operation::KeyReference => session.common().await?.key_reference().await?.to_vec(),
        Operation::CardPinTries => tries(session.common().await?.tries().await?),
        Operation::CommonAuthenticate => {
            session.common().await?.internal_authenticate(b"a challenge").await?.0.to_vec()
        }
        Operation::DataObject => session.data_object(0x00F2, buf).await?.to_vec(),
        text if text as usize <= Operation::ChangeTextPin as usize => perform_text(text, session, secrets, buf).await?,
        surface => perform_surface(surface, session, secrets, buf).await?,
    })
}

async fn perform_text<T: Transport>(
    operation: Operation,
    session: &mut Session<T>,
    secrets: &Secrets,
    buf: &mut [u8],
) -> Result<Vec<u8>, Error> {
    let mut text = session.text().await?;
    let refuse = LastTry::Refuse;
    Ok(match operation {
        Operation::TextTries => tries(text.tries(SecretKind::NumberB).await?),
        Operation::TextMunicipality => text.municipality_certificate(buf).await?.to_vec(),
        Operation::TextInformation => {
            let information = text.information(buf).await?;
            vec![information.version, information.extended]
        }
        Operation::TextAuthenticate => text.internal_authenticate(&DIGEST).await?.0.to_vec(),
        Operation::MyNumber => text.unlock(text_pin(secrets)?, refuse).await?.my_number().await?.record().to_vec(),
        Operation::MyNumberByNumber => {
            let number: NumberA = secret(&secrets.number_a)?;
            text.unlock(number, refuse).await?.my_number().await?.record().to_vec()
        }
        Operation::Attributes => {
            let number: NumberB = secret(&secrets.number_b)?;
            text.unlock(number, refuse).await?.attributes(buf).await?.record.to_vec()
        }
        Operation::IntegrityRecord => {
            text.unlock(text_pin(secrets)?, refuse).await?.integrity_record(buf).await?.to_vec()
        }
        Operation::AuthenticationKey => {
            text.unlock(text_pin(secrets)?, refuse).await?.authentication_key(buf).await?.to_vec()
        }
        _ => Vec::new(),
    })
}

async fn perform_surface<T: Transport>(
    operation: Operation,
    session: &mut Session<T>,
    secrets: &Secrets,
    buf: &mut [u8],
) -> Result<Vec<u8>, Error> {
    let mut surface = session.surface().await?;
    let refuse = LastTry::Refuse;
    Ok(match operation {
        Operation::SurfaceTries => tries(surface.tries(SecretKind::NumberA).await?),
        Operation::SurfaceMunicipality => surface.municipality_certificate(buf).await?.to_vec(),
        Operation::SurfaceInformation => {
            let information = surface.information(buf).await?;
            vec![information.version, information.extended]
        }
        Operation::SurfaceAuthenticate => surface.internal_authenticate(&DIGEST).await?.0.to_vec(),
        Operation::BirthRecord => {
            let key: BirthKey = secret(&secrets.birth_key)?;
            surface.unlock(key, refuse).await?.birth_record(buf).await?.record.to_vec()
        }
        Operation::Face => {
            let number: NumberB = secret(&secrets.number_b)?;
            surface.unlock(number, refuse).await?.face(buf).await?.record.to_vec()
        }
        Operation::NumberImage => {
            let number: NumberA = secret(&secrets.number_a)?;
            surface.unlock(number, refuse).await?.number_image(buf).await?.record.to_vec()
        }
        _ => Vec::new(),
    })
}

fn kind(kind: CardKind) -> Vec<u8> {
    format!("{kind:?}").into_bytes()
}

fn tries(counter: Counter) -> Vec<u8> {
    format!("{counter:?}").into_bytes()
}

fn pin(secrets: &Secrets) -> Result<AuthPin, Error> {
    secret(&secrets.auth_pin)
}

fn password(secrets: &Secrets) -> Result<SignPassword, Error> {
    secret(&secrets.sign_password)
}

fn text_pin(secrets: &Secrets) -> Result<TextPin, Error> {
    secret(&secrets.text_pin)
}

fn secret<K: Kind>(text: &str) -> Result<Secret<K>, Error> {
    Secret::new(text).map_err(|reason| Error::SecretFormat { kind: K::KIND, reason })
}
