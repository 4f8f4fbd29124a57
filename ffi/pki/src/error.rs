//! Errors as numbers, each with its own words for the holder, in the shapes of the bridge's.

use kazasu_catalogue::{DocumentTrouble, Explain, Lang, Part, PdfFault, Unsigned};
use kazasu_core::Error;
use kazasu_pki::anchors::AnchorError;
use kazasu_pki::genuine::ProofError;
use kazasu_pki::login::LoginError;
use kazasu_pki::pdf::PdfError;
use kazasu_pki::sign::{FinishError, PrepareError};
use kazasu_pki::{CertificateError, NonceError};

/// A text for the holder.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Explanation {
    /// What happened.
    pub what: String,
    /// What to do next.
    pub next: String,
}

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Who {
    /// The holder.
    User,
    /// The card itself stands in the way.
    Card,
    /// The link: hold it again.
    Link,
    /// The app that calls, or the file that it was given.
    Caller,
}

/// What every error tells: numbers, names and words, never what a card or a person said.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Detail {
    /// The stable number; its hundreds say who must act.
    pub number: u16,
    /// The stable name.
    pub code: String,
    /// Who must act.
    pub who: Who,
    /// For the holder.
    pub english: Explanation,
    /// For the holder.
    pub japanese: Explanation,
}

impl Detail {
    fn of(error: &impl Explain) -> Self {
        let said = |lang| {
            let kazasu_catalogue::Explanation { what, next } = error.explain(lang);
            Explanation { what, next }
        };
        Self {
            number: error.number(),
            code: error.code().to_owned(),
            who: match error.who() {
                kazasu_core::Who::User => Who::User,
                kazasu_core::Who::Card => Who::Card,
                kazasu_core::Who::Link => Who::Link,
                kazasu_core::Who::Caller => Who::Caller,
            },
            english: said(Lang::En),
            japanese: said(Lang::Ja),
        }
    }
}

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident = $number:literal,)*) => {
        /// Everything that a call can end with instead of its result.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
        pub enum PkiError {
            $($(#[$doc])* #[error("kazasu {}", detail.number)] $variant {
                /// Numbers, names and words.
                detail: Detail,
            },)*
        }

        impl PkiError {
            fn of(error: &impl Explain) -> Self {
                let detail = Detail::of(error);
                match detail.number {
                    $($number => Self::$variant { detail },)*
                    // Never: tests go through all of them.
                    _ => Self::Misuse { detail },
                }
            }

            /// The number of its variant.
            #[cfg(test)]
            pub(crate) const fn declared(&self) -> u16 {
                match self {
                    $(Self::$variant { .. } => $number,)*
                }
            }

            /// What it tells.
            #[cfg(test)]
            pub(crate) fn detail(&self) -> &Detail {
                match self {
                    $(Self::$variant { detail } => detail,)*
                }
            }
        }
    };
}

errors! {
    /// 251. The certificate has expired; nothing was signed.
    Expired = 251,
    /// 252. The card's signature does not fit its certificate; nothing was made of it.
    SignatureWrong = 252,
    /// 253. What was handed in as the card's cannot be read, or is something else.
    Unreadable = 253,
    /// 403. A call that can never work, or in the wrong order.
    Misuse = 403,
    /// 456. An argument that cannot be used: an origin, a nonce, a check's code, an authority, a proof, too many bytes.
    BadArgument = 456,
    /// 460. No signed file that can be looked at.
    NotSigned = 460,
    /// 461. Another kind of file.
    NotPdf = 461,
    /// 462. A PDF that is damaged or not made by the rules.
    PdfDamaged = 462,
    /// 463. A PDF that is encrypted, with or without a password.
    PdfEncrypted = 463,
    /// 464. A PDF with two tables of contents that need not agree.
    PdfHybrid = 464,
    /// 465. A PDF that was certified so that nothing may be added.
    PdfCertified = 465,
    /// 466. An XFA form, which shows other pages than it holds.
    PdfXfa = 466,
    /// 467. A PDF without a page.
    PdfNoPage = 467,
    /// 468. More bytes or form fields than are looked at.
    PdfTooLarge = 468,
    /// 472. A PDF with a signature that fails or that nobody can look at; signing after that is to be asked for.
    PdfSignatureFails = 472,
    /// 473. A signature that takes no timestamp, or an answer that is none to the request.
    TimestampRefused = 473,
}

pub(crate) type Answer<T> = Result<T, PkiError>;

pub(crate) const ORDER: Error = Error::Misuse("a call in the wrong order");

/// A mistake of a program's, never of the card's.
const OTHER: Error = Error::Misuse("something else than what was prepared");

impl From<Error> for PkiError {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl From<DocumentTrouble> for PkiError {
    fn from(trouble: DocumentTrouble) -> Self {
        Self::of(&trouble)
    }
}

const fn unreadable(what: Part) -> DocumentTrouble {
    DocumentTrouble::Unreadable { what }
}

impl From<CertificateError> for PkiError {
    fn from(_: CertificateError) -> Self {
        unreadable(Part::Certificate).into()
    }
}

impl From<NonceError> for PkiError {
    fn from(_: NonceError) -> Self {
        DocumentTrouble::Nonce.into()
    }
}

impl From<AnchorError> for PkiError {
    fn from(error: AnchorError) -> Self {
        DocumentTrouble::Authority { why: error }.into()
    }
}

impl From<ProofError> for PkiError {
    fn from(error: ProofError) -> Self {
        DocumentTrouble::Proof { why: error }.into()
    }
}

impl From<PrepareError> for PkiError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Certificate(error) => error.into(),
            PrepareError::OtherHash(_) => unreadable(Part::Key).into(),
            PrepareError::Time => Error::Misuse("the clock is not between 1970 and 9999").into(),
        }
    }
}

impl From<FinishError> for PkiError {
    fn from(error: FinishError) -> Self {
        match error {
            FinishError::WrongSignature(_) => DocumentTrouble::SignatureWrong.into(),
            FinishError::Authority => unreadable(Part::Authority).into(),
            FinishError::Certificate(error) => error.into(),
            FinishError::NotPrepared | FinishError::OtherCertificate | FinishError::OtherContent => OTHER.into(),
        }
    }
}

impl From<LoginError> for PkiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Certificate(error) => error.into(),
            LoginError::WrongSignature(_) => DocumentTrouble::SignatureWrong.into(),
        }
    }
}

impl From<PdfError> for PkiError {
    fn from(error: PdfError) -> Self {
        match PdfFault::from(error) {
            PdfFault::File(why) => DocumentTrouble::Pdf(why).into(),
            // Its field is a text from the file, which no error shows.
            PdfFault::Earlier { failure, .. } => DocumentTrouble::EarlierFails { failure }.into(),
            PdfFault::NoSignature => DocumentTrouble::NotSigned { why: Unsigned::NoSignature }.into(),
            PdfFault::Prepare(error) => error.into(),
            PdfFault::Finish(error) => error.into(),
            PdfFault::Program => OTHER.into(),
        }
    }
}
