//! What a host can ask for, and core's words for it.

use crate::error::KazasuError;
use kazasu_core::mynumber::jpki::FreeCertificate;
use kazasu_core::plan::{self, Item};
use kazasu_core::{Digest, Error, LinkError};

/// Writes the bridge's twin of an enum of core's and the ways between them.
macro_rules! twin {
    ($(#[$doc:meta])* $name:ident = $core:path { $($(#[$vdoc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
        pub enum $name { $($(#[$vdoc])* $variant),* }
        impl From<$name> for $core {
            fn from(twin: $name) -> Self {
                use $core as Core;
                match twin { $($name::$variant => Core::$variant),* }
            }
        }
    };
}

twin! {
    /// A secret of the card.
    SecretKind = kazasu_core::SecretKind {
        /// 利用者証明用電子証明書の暗証番号: 4 digits.
        AuthPin,
        /// 署名用電子証明書の暗証番号: 6 to 16 letters and digits.
        SignPassword,
        /// 券面事項入力補助用の暗証番号: 4 digits.
        TextPin,
        /// 照合番号A: the 12 digits of the My Number.
        NumberA,
        /// 照合番号B: 14 digits: birth date, expiry year, security code.
        NumberB,
        /// 生年月日: 6 digits.
        BirthKey,
        /// The card PIN, whose counter alone can be asked for.
        CardPin,
    }
}

impl From<kazasu_core::SecretKind> for SecretKind {
    fn from(kind: kazasu_core::SecretKind) -> Self {
        use kazasu_core::SecretKind as Core;
        match kind {
            Core::AuthPin => Self::AuthPin,
            Core::SignPassword => Self::SignPassword,
            Core::TextPin => Self::TextPin,
            Core::NumberA => Self::NumberA,
            Core::NumberB => Self::NumberB,
            Core::BirthKey => Self::BirthKey,
            Core::CardPin => Self::CardPin,
        }
    }
}

twin! {
    /// A key that a secret opens.
    SigningKey = plan::SigningKey {
        /// 利用者証明用.
        Auth,
        /// 署名用.
        Sign,
    }
}

twin! {
    /// An application whose records a municipality signed, and in which the card has a key of its own.
    SignedRecords = plan::SignedRecords {
        /// 券面事項入力補助AP.
        Text,
        /// 券面事項確認AP.
        Surface,
    }
}

twin! {
    /// A certificate that needs no secret.
    FreeCertificateKind = FreeCertificate {
        /// 利用者証明用電子証明書.
        Auth,
        /// The CA certificate over it.
        AuthCa,
        /// The CA certificate over the signature certificate.
        SignCa,
    }
}

twin! {
    /// How a host's link failed.
    LinkFailure = LinkError {
        /// No card, or it left the field.
        CardLost,
        /// Reset by somebody else.
        CardReset,
        /// No answer in time; the card may have acted.
        Timeout,
        /// Another program holds it.
        Busy,
        /// The reader, or NFC itself, went away.
        ReaderLost,
        /// The link refused the command for its length; nothing reached the card.
        TooLong,
        /// The user or the app cancelled.
        Cancelled,
        /// Anything else.
        Other,
    }
}

/// One thing that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Want {
    /// What kind of card it is.
    CardKind,
    /// Which certificates exist.
    CertificatesPresent,
    /// Serial, municipality and expiry.
    CardRecord,
    /// Tries left of a secret.
    Tries {
        /// Which one.
        secret: SecretKind,
    },
    /// A certificate that needs no secret.
    Certificate {
        /// Which one.
        which: FreeCertificateKind,
    },
    /// The signature certificate: name, address, birth date and sex are in it.
    SigningCertificate,
    /// A signature over a digest of 32, 48 or 64 bytes: SHA-256, SHA-384 or SHA-512.
    Sign {
        /// With this key.
        key: SigningKey,
        /// The digest.
        digest: Vec<u8>,
    },
    /// A signature over a digest that the host gives in the contact, when what else the key's secret opens has been
    /// read: what is signed in a document names its certificate.
    SignLater {
        /// With this key.
        key: SigningKey,
    },
    /// 個人番号.
    MyNumber,
    /// 基本4情報.
    Attributes,
    /// The card face, photo included.
    Face,
    /// A signature over the digest of a verifier's nonce with the card's own key, which needs no secret: the chip is
    /// here.
    Presence {
        /// The application whose key it is.
        records: SignedRecords,
        /// The digest.
        digest: Vec<u8>,
    },
    /// The certificate over the key that signed the records; it needs no secret.
    MunicipalityCertificate {
        /// The application.
        records: SignedRecords,
    },
    /// The card's own public key in the text application, signed by the municipality's.
    AuthenticationKey,
    /// Digests of My Number and attributes, signed by the municipality's key.
    IntegrityRecord,
    /// The birth date alone, with the card's own public key in the surface application, signed by the municipality's.
    BirthRecord,
}

impl TryFrom<Want> for Item {
    type Error = KazasuError;

    fn try_from(want: Want) -> Result<Self, KazasuError> {
        Ok(match want {
            Want::CardKind => Self::CardKind,
            Want::CertificatesPresent => Self::CertificatesPresent,
            Want::CardRecord => Self::CardRecord,
            Want::Tries { secret } => Self::Tries(secret.into()),
            Want::Certificate { which } => Self::Certificate(which.into()),
            Want::SigningCertificate => Self::SigningCertificate,
            Want::Sign { key, digest } => Self::Sign(key.into(), digest_of(&digest)?),
            Want::SignLater { key } => Self::SignLater(key.into()),
            Want::MyNumber => Self::MyNumber,
            Want::Attributes => Self::Attributes,
            Want::Face => Self::Face,
            Want::Presence { records, digest } => Self::Presence(records.into(), digest_of(&digest)?),
            Want::MunicipalityCertificate { records } => Self::MunicipalityCertificate(records.into()),
            Want::AuthenticationKey => Self::AuthenticationKey,
            Want::IntegrityRecord => Self::IntegrityRecord,
            Want::BirthRecord => Self::BirthRecord,
        })
    }
}

pub(crate) fn digest_of(bytes: &[u8]) -> Result<Digest, Error> {
    let sha256 = || bytes.try_into().map(Digest::Sha256);
    let sha384 = || bytes.try_into().map(Digest::Sha384);
    let sha512 = || bytes.try_into().map(Digest::Sha512);
    sha256().or_else(|_| sha384()).or_else(|_| sha512()).map_err(|_| Error::Misuse("a digest has 32, 48 or 64 bytes"))
}
