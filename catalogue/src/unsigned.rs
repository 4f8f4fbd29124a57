//! Why a file cannot be examined. Whoever examines one keeps it as it is: no reason in here says to save it again, nor names a
//! command, whatever the errors of those who read files advise whoever is about to sign.

use crate::Lang;
use crate::details::{damage, ja};
use std::fmt;

/// What keeps a file from being looked at as a signed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsigned {
    /// Another kind of file than a PDF.
    NotPdf,
    /// A PDF that is damaged or not made by the rules.
    Damaged(String),
    /// A PDF that is encrypted.
    Encrypted,
    /// A PDF with two tables of contents that need not agree.
    Hybrid,
    /// A PDF without a page.
    NoPage,
    /// A PDF with more in it than is looked at.
    TooLarge,
    /// A PDF that nobody signed.
    NoSignature,
    /// CMS in BER.
    Indefinite,
    /// CMS with something else in it.
    OtherCms,
    /// No CMS in DER.
    NotCms,
    /// CMS with something behind it.
    Trailing(usize),
    /// CMS that is larger than those of these cards.
    CmsTooLarge,
    /// CMS that nobody signed.
    NoSigner,
    /// More than a token has.
    TokenTooLong,
    /// No JWS.
    NotJws,
    /// A JWS that demands something unknown.
    Critical,
    /// A JWS without a certificate.
    NoCertificate,
    /// What only signing ends with.
    Unexamined,
}

impl Unsigned {
    /// For people.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (_, Lang::En) => self.to_string(),
            (Self::Damaged(why), Lang::Ja) => {
                format!("PDFが壊れているか、PDFの規則に従っていません ({})", damage(why))
            }
            (_, Lang::Ja) => ja(&self.to_string()).into_owned(),
        }
    }
}

/// In English, as [`crate::Trouble`] takes it.
impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPdf => "not a PDF: it does not begin with %PDF-",
            Self::Damaged(why) => return write!(f, "the PDF is damaged or not made by the rules ({why})"),
            Self::Encrypted => "the PDF is encrypted",
            Self::Hybrid => "the PDF has two tables of contents that need not agree",
            Self::NoPage => "the PDF has no page",
            Self::TooLarge => "the PDF holds more than is looked at",
            Self::NoSignature => "the PDF has no signature",
            Self::Indefinite => "written with indefinite lengths (BER); only DER can be examined",
            Self::OtherCms => "CMS, but not a signature (SignedData)",
            Self::NotCms => "not a signature in CMS, or a damaged one",
            Self::Trailing(bytes) => return write!(f, "there are {bytes} bytes after the end of the signature"),
            Self::CmsTooLarge => "larger than signatures of these cards are",
            Self::NoSigner => "there is no signature in it",
            Self::TokenTooLong => "longer than a token that is looked at",
            Self::NotJws => "not a JWS in compact form",
            Self::Critical => "its header demands something that is not understood here (crit)",
            Self::NoCertificate => "its header carries no certificate of these cards (x5c)",
            Self::Unexamined => "it cannot be examined",
        })
    }
}

impl std::error::Error for Unsigned {}

#[cfg(feature = "trust")]
mod of {
    use super::Unsigned;
    use kazasu_pki::cms::CmsError;
    use kazasu_pki::jws::JwsError;
    use kazasu_pki::pdf::PdfError;

    impl From<&PdfError> for Unsigned {
        fn from(error: &PdfError) -> Self {
            match error {
                PdfError::NotPdf => Self::NotPdf,
                PdfError::TooLong | PdfError::TooLarge | PdfError::TooManyFields => Self::TooLarge,
                PdfError::Malformed { why } => Self::Damaged(why.clone()),
                PdfError::Encrypted => Self::Encrypted,
                PdfError::Hybrid => Self::Hybrid,
                PdfError::NoPage => Self::NoPage,
                PdfError::NoSignature => Self::NoSignature,
                PdfError::Certified
                | PdfError::Xfa
                | PdfError::Earlier(_)
                | PdfError::NoRoom { .. }
                | PdfError::Time
                | PdfError::OtherFile
                | PdfError::Prepare(_)
                | PdfError::Finish(_)
                | PdfError::Timestamp(_) => Self::Unexamined,
            }
        }
    }

    impl From<&CmsError> for Unsigned {
        fn from(error: &CmsError) -> Self {
            match error {
                CmsError::Indefinite => Self::Indefinite,
                CmsError::NotSignedData => Self::OtherCms,
                CmsError::Malformed => Self::NotCms,
                CmsError::Trailing(bytes) => Self::Trailing(*bytes),
                CmsError::TooLarge => Self::CmsTooLarge,
                CmsError::NoSigner => Self::NoSigner,
            }
        }
    }

    impl From<&JwsError> for Unsigned {
        fn from(error: &JwsError) -> Self {
            match error {
                JwsError::TooLong => Self::TokenTooLong,
                JwsError::Malformed => Self::NotJws,
                JwsError::Critical => Self::Critical,
                JwsError::NoCertificate => Self::NoCertificate,
            }
        }
    }
}
