//! What is to be signed, in two phases around the tap: what stands against it is told before a card is there; the
//! digest is made when the card's certificate has been read, and nothing is handed out that this certificate's key does
//! not verify.

use crate::certificate::Held;
use crate::error::{Answer, ORDER, PkiError};
use kazasu_catalogue::DocumentTrouble;
use kazasu_core::{Digest, Error};
use kazasu_pki::certificate::LONGEST_CERTIFICATE;
use kazasu_pki::cms::{self, Extras};
use kazasu_pki::hash::{Hash, bytes};
use kazasu_pki::login::{Challenge, Origin};
use kazasu_pki::pdf::{self, Options, Pdf, PdfError};
use kazasu_pki::sign::PrepareError;
use kazasu_pki::{
    Algorithm, CertificateError, DisclosureAck, Nonce, Purpose, Signing, TransientCertificate, UserAuthentication, jws,
    raw,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// CMS with the file inside is made in memory; DER has lengths up to 256 MiB.
const LARGEST_INSIDE: usize = 128 << 20;

/// A key of the card, as the bridge's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Key {
    /// 利用者証明用.
    Auth,
    /// 署名用.
    Sign,
}

/// Who will accept a signed PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PdfProfile {
    /// `adbe.pkcs7.detached`: what 登記・供託オンライン申請システム takes, and every PDF program knows.
    Registry,
    /// `ETSI.CAdES.detached`: PAdES B-B.
    Pades,
}

/// Where the content of a CMS signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Content {
    /// Beside the signature.
    Detached,
    /// Inside it.
    Attached,
}

/// Says that the holder was told what the signed file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Disclosure {
    /// The signing certificate goes into the file whole; everybody who has the file reads these four.
    TheFileWillShowNameAddressBirthDateAndSex,
}

impl Disclosure {
    const fn acknowledged(self) -> DisclosureAck {
        match self {
            Self::TheFileWillShowNameAddressBirthDateAndSex => {
                DisclosureAck::the_file_will_show_name_address_birth_date_and_sex()
            }
        }
    }
}

/// What to do with an expired certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Expired {
    /// Refuse it; nothing is signed.
    Refuse,
    /// Sign all the same; others will not accept the signature.
    Allow,
}

/// What to do with a PDF that has a signature already which fails, or which nobody can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum EarlierSignatures {
    /// Refuse it.
    MustHold,
    /// Sign it as it is, for a holder who was told; that signature goes on failing.
    MayFail,
}

/// Something to be signed: a file, a message, a login. One signature comes of it.
#[derive(uniffi::Object)]
pub struct Document {
    kind: Kind,
    stage: Mutex<Stage>,
}

/// What it is, whatever has been done with it.
enum Kind {
    Pdf(pdf::Profile, DisclosureAck),
    Cms { digest: Digest, content: Option<Vec<u8>>, told: DisclosureAck },
    Raw { digest: Digest, key: Key },
    Jws(Zeroizing<Vec<u8>>),
    Login(Origin, Nonce),
}

impl Kind {
    const fn key(&self) -> Key {
        match self {
            Self::Pdf(..) | Self::Cms { .. } => Key::Sign,
            Self::Raw { key, .. } => *key,
            Self::Jws(_) | Self::Login(..) => Key::Auth,
        }
    }

    /// Whether certificates go into what comes of it, the authority's too.
    const fn is_a_file(&self) -> bool {
        matches!(self, Self::Pdf(..) | Self::Cms { .. })
    }
}

#[allow(clippy::large_enum_variant, reason = "there is one for a document")]
enum Stage {
    /// A PDF waits as what was read of it.
    Waiting(Option<Pdf>),
    Prepared {
        digest: Digest,
        signer: Signer,
    },
    Over,
}

/// Whose signature is awaited, over what.
enum Signer {
    Pdf {
        certificate: TransientCertificate<Signing>,
        prepared: pdf::Prepared,
        original: usize,
        authority: Option<Vec<u8>>,
    },
    Cms {
        certificate: TransientCertificate<Signing>,
        prepared: cms::Prepared,
        authority: Option<Vec<u8>>,
    },
    Raw(Held),
    Jws {
        certificate: TransientCertificate<UserAuthentication>,
        prepared: jws::Prepared,
    },
    Login {
        certificate: TransientCertificate<UserAuthentication>,
    },
}

impl Signer {
    fn is(&self, der: &[u8]) -> bool {
        match self {
            Self::Pdf { certificate, .. } | Self::Cms { certificate, .. } | Self::Raw(Held::Sign(certificate)) => {
                certificate.with_der(|own| own == der)
            }
            Self::Jws { certificate, .. } | Self::Login { certificate } | Self::Raw(Held::Auth(certificate)) => {
                certificate.with_der(|own| own == der)
            }
        }
    }

    /// The PDF as it was handed in: what was added stands behind it.
    fn pdf(self) -> Answer<Option<Pdf>> {
        let Self::Pdf { prepared, original, .. } = self else { return Ok(None) };
        let bytes = prepared.as_bytes().0.get(..original).ok_or(PdfError::OtherFile)?.to_vec();
        drop(prepared);
        // It was let in already.
        Ok(Some(Pdf::open(bytes, pdf::EarlierSignatures::MayFail)?))
    }
}

#[uniffi::export]
impl Document {
    /// A PDF with the signature inside, added behind what was there. What cannot be signed is refused here: encrypted,
    /// certified against changes, damaged, ambiguous files; and those in which an earlier signature fails or cannot be
    /// looked at, unless somebody says otherwise.
    #[uniffi::constructor]
    pub fn pdf(
        content: &[u8],
        profile: PdfProfile,
        earlier: EarlierSignatures,
        disclosure: Disclosure,
    ) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let profile = match profile {
            PdfProfile::Registry => pdf::Profile::Registry,
            PdfProfile::Pades => pdf::Profile::Pades,
        };
        let earlier = match earlier {
            EarlierSignatures::MustHold => pdf::EarlierSignatures::MustHold,
            EarlierSignatures::MayFail => pdf::EarlierSignatures::MayFail,
        };
        let mut pdf = Pdf::open(content.to_vec(), earlier)?;
        let longest = [0; LONGEST_CERTIFICATE];
        pdf.rehearse(&options(profile, &[&longest]))?;
        Ok(Self::new(Kind::Pdf(profile, disclosure.acknowledged()), Some(pdf)))
    }

    /// Any file with its signature in CMS (CAdES-B-B).
    #[uniffi::constructor]
    pub fn cms(content: &[u8], place: Content, disclosure: Disclosure) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let inside = match place {
            Content::Detached => None,
            Content::Attached if content.len() > LARGEST_INSIDE => {
                return Err(DocumentTrouble::TooLargeInside { most: LARGEST_INSIDE }.into());
            }
            Content::Attached => Some(content.to_vec()),
        };
        let digest = Hash::Sha256.digest(content);
        Ok(Self::new(Kind::Cms { digest, content: inside, told: disclosure.acknowledged() }, None))
    }

    /// The same beside a file that stays where it is: by its SHA-256, which the host makes piece by piece.
    #[uniffi::constructor]
    pub fn cms_of_digest(sha256: &[u8], disclosure: Disclosure) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let told = disclosure.acknowledged();
        Ok(Self::new(Kind::Cms { digest: digest(sha256)?, content: None, told }, None))
    }

    /// Any file with the bare signature that the card makes (RSASSA-PKCS1-v1_5 over SHA-256). It names nobody: whoever
    /// verifies it needs the file and the certificate of the key beside it.
    #[uniffi::constructor]
    pub fn raw(content: &[u8], key: Key) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        Ok(Self::new(Kind::Raw { digest: Hash::Sha256.digest(content), key }, None))
    }

    /// The same of a file that stays where it is: by its SHA-256. It is looked at with the whole file only.
    #[uniffi::constructor]
    pub fn raw_of_digest(sha256: &[u8], key: Key) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        Ok(Self::new(Kind::Raw { digest: digest(sha256)?, key }, None))
    }

    /// A message to the app's own server: a JWS in compact form with the certificate for user authentication in its
    /// header. Who sees the token sees that certificate, which has no name in it.
    #[uniffi::constructor]
    pub fn jws(content: &[u8]) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        // In base64.
        let most = jws::LONGEST_JWS / 2;
        if content.len() > most {
            return Err(DocumentTrouble::TooLargeInside { most }.into());
        }
        Ok(Self::new(Kind::Jws(Zeroizing::new(content.to_vec())), None))
    }

    /// A login at a website (Web eID 1.0): the origin that the holder is shown, `https://…`, and the nonce that its
    /// server gave, in base64.
    #[uniffi::constructor]
    pub fn login(origin: String, nonce: String) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let origin = Origin::new(&origin).map_err(|_| DocumentTrouble::Origin)?;
        Ok(Self::new(Kind::Login(origin, Nonce::from_base64(&nonce)?), None))
    }

    /// With which key it is signed: what the bridge is to be asked for. Nothing more when the document is used up.
    pub fn key(&self) -> Answer<Key> {
        if matches!(&*self.stage(), Stage::Over) {
            return Err(ORDER.into());
        }
        Ok(self.kind.key())
    }

    /// Whether the certificate of the authority over the key's goes along, so that others need not look for it.
    pub fn wants_authority(&self) -> Answer<bool> {
        Ok(self.kind.is_a_file())
    }

    /// What the card signs, when its certificate has been read. For the same certificate the same digest again, so that
    /// it can be asked for again after a slip; for another one it is prepared anew. Where a certificate is refused the
    /// document stays as it was.
    pub fn digest(&self, certificate: &[u8], authority: Option<Vec<u8>>, expired: Expired) -> Answer<Vec<u8>> {
        let mut stage = self.stage();
        // All that a certificate can be refused for comes first: the same document may then be tried with another card.
        let authority = authority.filter(|_| self.kind.is_a_file());
        let algorithm = match self.kind.key() {
            Key::Sign => look::<Signing>(certificate, expired)?,
            Key::Auth => look::<UserAuthentication>(certificate, expired)?,
        };
        if self.kind.is_a_file() {
            cms::check_certificate(certificate).map_err(|_| CertificateError::Unreadable)?;
            authority.as_deref().map_or(Ok(()), cms::check_certificate)?;
        }
        if let Kind::Cms { digest, .. } | Kind::Raw { digest, .. } = &self.kind
            && Hash::that_made(digest) != algorithm.hash()
        {
            return Err(PrepareError::OtherHash(algorithm).into());
        }
        if let Kind::Pdf(..) = &self.kind {
            TransientCertificate::<Signing>::new(certificate)?.holder()?;
        }
        if let Stage::Prepared { digest, signer } = &*stage
            && signer.is(certificate)
        {
            return Ok(bytes(digest).to_vec());
        }
        let waiting = match std::mem::replace(&mut *stage, Stage::Over) {
            // What fails from here on has nothing to do with a card; then the document is used up.
            Stage::Waiting(pdf) => pdf,
            Stage::Prepared { signer, .. } => signer.pdf()?,
            Stage::Over => return Err(ORDER.into()),
        };
        let (digest, signer) = self.prepare(waiting, certificate, authority)?;
        let answer = bytes(&digest).to_vec();
        *stage = Stage::Prepared { digest, signer };
        Ok(answer)
    }

    /// What comes of the card's signature: the signed PDF, the CMS in DER, the token's text. Nothing that the
    /// certificate's key does not verify. Once: the document is used up, however it ends.
    pub fn finish(&self, signature: &[u8]) -> Answer<Vec<u8>> {
        let mut stage = self.stage();
        if !matches!(&*stage, Stage::Prepared { .. }) {
            return Err(ORDER.into());
        }
        let Stage::Prepared { signer, .. } = std::mem::replace(&mut *stage, Stage::Over) else {
            return Err(ORDER.into());
        };
        Ok(match (signer, &self.kind) {
            (Signer::Pdf { certificate, prepared, authority, .. }, _) => {
                prepared.finish(&certificate, signature, &authorities(authority.as_ref()))?
            }
            (Signer::Cms { certificate, prepared, authority }, Kind::Cms { content, .. }) => {
                let authorities = authorities(authority.as_ref());
                prepared.finish(
                    &certificate,
                    signature,
                    Extras { content: content.as_deref(), authorities: &authorities },
                )?
            }
            (Signer::Raw(Held::Sign(certificate)), Kind::Raw { digest, .. }) => {
                raw::finish(&certificate, digest, signature)?
            }
            (Signer::Raw(Held::Auth(certificate)), Kind::Raw { digest, .. }) => {
                raw::finish(&certificate, digest, signature)?
            }
            (Signer::Jws { certificate, prepared }, _) => prepared.finish(&certificate, signature)?.into_bytes(),
            (Signer::Login { certificate }, Kind::Login(origin, nonce)) => {
                Challenge::new(origin, nonce).finish(&certificate, signature)?.as_bytes().to_vec()
            }
            (Signer::Cms { .. } | Signer::Raw(_) | Signer::Login { .. }, _) => return Err(ORDER.into()),
        })
    }
}

impl Document {
    fn new(kind: Kind, pdf: Option<Pdf>) -> Arc<Self> {
        Arc::new(Self { kind, stage: Mutex::new(Stage::Waiting(pdf)) })
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // After a panic it is over, and every call says so.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prepare(&self, waiting: Option<Pdf>, der: &[u8], authority: Option<Vec<u8>>) -> Answer<(Digest, Signer)> {
        Ok(match &self.kind {
            Kind::Pdf(profile, told) => {
                let certificate = TransientCertificate::new(der)?;
                let pdf = waiting.ok_or(ORDER)?;
                let original = pdf.length();
                let authorities = authorities(authority.as_ref());
                let prepared = pdf.prepare(&certificate, &options(*profile, &authorities), *told)?;
                (prepared.to_be_signed().digest, Signer::Pdf { certificate, prepared, original, authority })
            }
            Kind::Cms { digest, told, .. } => {
                let certificate = TransientCertificate::new(der)?;
                let profile = cms::Profile::Cades { signing_time: Some(SystemTime::now()) };
                let prepared = cms::prepare(digest, &certificate, profile, *told)?;
                (prepared.to_be_signed().digest, Signer::Cms { certificate, prepared, authority })
            }
            Kind::Raw { digest, key: Key::Sign } => (*digest, Signer::Raw(Held::Sign(TransientCertificate::new(der)?))),
            Kind::Raw { digest, key: Key::Auth } => (*digest, Signer::Raw(Held::Auth(TransientCertificate::new(der)?))),
            Kind::Jws(content) => {
                let certificate = TransientCertificate::new(der)?;
                let prepared = jws::prepare(content, &certificate)?;
                (prepared.to_be_signed().digest, Signer::Jws { certificate, prepared })
            }
            Kind::Login(origin, nonce) => {
                let certificate = TransientCertificate::new(der)?;
                let digest = Challenge::new(origin, nonce).prepare(&certificate)?.digest;
                (digest, Signer::Login { certificate })
            }
        })
    }
}

/// PAdES keeps room for a timestamp; the registry may not take one.
fn options<'o>(profile: pdf::Profile, authorities: &'o [&'o [u8]]) -> Options<'o> {
    Options { profile, at: SystemTime::now(), authorities, timestamp: profile == pdf::Profile::Pades }
}

fn authorities(authority: Option<&Vec<u8>>) -> Vec<&[u8]> {
    authority.map(Vec::as_slice).into_iter().collect()
}

/// One that the host made.
pub(crate) fn digest(sha256: &[u8]) -> Answer<Digest> {
    let digest = sha256.try_into().map_err(|_| Error::Misuse("a SHA-256 has 32 bytes"))?;
    Ok(Digest::Sha256(digest))
}

/// Refuses an expired certificate, and one that says that it is for the other key. Its key's algorithm.
fn look<P: Purpose>(der: &[u8], expired: Expired) -> Answer<Algorithm> {
    let certificate = TransientCertificate::<P>::new(der)?;
    let algorithm = certificate.key()?.algorithm();
    let view = certificate.glance()?;
    if expired == Expired::Refuse && SystemTime::now() > view.not_after {
        return Err(DocumentTrouble::Expired { last_day: view.last_day() }.into());
    }
    let of_the_other = [<P::Other as Purpose>::POLICY, <P::Other as Purpose>::TEST_POLICY];
    if certificate.policies()?.iter().any(|policy| of_the_other.contains(policy)) {
        return Err(PkiError::from(Error::Misuse("the certificate of the card's other key")));
    }
    Ok(algorithm)
}
