//! Why a file cannot be examined. Whoever examines one keeps it as it is: no reason in here says to save it again, nor
//! names a command, whatever the errors of those who read files advise whoever is about to sign.

use crate::Lang;
use crate::damage::damage;
use kazasu_pki::cms::CmsError;
use kazasu_pki::jws::JwsError;
use kazasu_pki::pdf::{Damage, PdfError};

/// What keeps a file from being looked at as a signed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsigned {
    /// Another kind of file than a PDF.
    NotPdf,
    /// A PDF that is damaged or not made by the rules.
    Damaged(Damage),
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
    /// Nothing.
    Empty,
    /// A proof of a genuine card.
    Proof,
    /// What was signed: this signature lies beside it.
    Beside(String),
    /// What only signing ends with.
    Unexamined,
}

impl Unsigned {
    /// What to do, with the commands that do it.
    pub(crate) fn next(&self, lang: Lang) -> String {
        let text = match (self, lang) {
            (Self::Beside(signature), Lang::En) => return format!("Did you mean `kazasu verify {signature}`?"),
            (Self::Beside(signature), Lang::Ja) => return format!("`kazasu verify {signature}` ではありませんか。"),
            (Self::Proof, _) => lang.pick(
                "Look at it with `kazasu genuine --verify`.",
                "`kazasu genuine --verify` で確認してください。",
            ),
            (Self::Encrypted, _) => lang.pick(
                "Kazasu does not look into it. Keep it as it is, and look at it with a PDF program that knows its password.",
                "Kazasuでは確認できません。このファイルは残したまま、パスワードで開けるPDFソフトで確認してください。",
            ),
            _ => lang.pick(
                "If somebody signed it, it is not as it was signed: keep it, and ask for it again. Otherwise give the signed \
                 file or the signature (.pdf, .p7s, .p7m, .jws), and what it is about with --content.",
                "署名されたものであれば、署名時のままではありません。このファイルは残したまま、送り主に再送を依頼してください。\
                 そうでなければ、署名付きのファイルか署名(.pdf、.p7s、.p7m、.jws)を指定し、署名対象は --content で渡してください。",
            ),
        };
        text.into()
    }

    /// For people: the end of a sentence, without its full stop.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        let text = match (self, lang) {
            (Self::Damaged(why), Lang::En) => {
                return format!("the PDF is damaged or not made by the rules ({})", damage(*why, lang));
            }
            (Self::Damaged(why), Lang::Ja) => {
                return format!("PDFが壊れているか、PDFの規則に従っていません ({})", damage(*why, lang));
            }
            (Self::Trailing(bytes), Lang::En) => {
                return format!("there are {bytes} bytes after the end of the signature");
            }
            (Self::Trailing(bytes), Lang::Ja) => return format!("署名の後に{bytes}バイトの余分なデータがあります"),
            (Self::NotPdf, _) => lang.pick("not a PDF: it does not begin with %PDF-", "PDFではありません"),
            (Self::Encrypted, _) => lang.pick("the PDF is encrypted", "PDFが暗号化されています"),
            (Self::Hybrid, _) => lang
                .pick("the PDF has two tables of contents that need not agree", "PDFに食い違い得る2つの目次があります"),
            (Self::NoPage, _) => lang.pick("the PDF has no page", "PDFにページがありません"),
            (Self::TooLarge, _) => lang.pick("the PDF holds more than is looked at", "PDFの内容が多すぎます"),
            (Self::NoSignature, _) => lang.pick("the PDF has no signature", "PDFに署名がありません"),
            (Self::Indefinite, _) => lang.pick(
                "written with indefinite lengths (BER); only DER can be examined",
                "不定長(BER)で書かれています。確認できるのはDERだけです",
            ),
            (Self::OtherCms, _) => {
                lang.pick("CMS, but not a signature (SignedData)", "CMSですが、署名(SignedData)ではありません")
            }
            (Self::NotCms, _) => {
                lang.pick("not a signature in CMS, or a damaged one", "CMS形式の署名ではないか、壊れています")
            }
            (Self::CmsTooLarge, _) => {
                lang.pick("larger than signatures of these cards are", "マイナンバーカードの署名としては大きすぎます")
            }
            (Self::NoSigner, _) => lang.pick("there is no signature in it", "署名が含まれていません"),
            (Self::TokenTooLong, _) => lang.pick("longer than a token that is looked at", "トークンとしては長すぎます"),
            (Self::NotJws, _) => lang.pick("not a JWS in compact form", "JWS(コンパクト形式)ではありません"),
            (Self::Critical, _) => lang.pick(
                "its header demands something that is not understood here (crit)",
                "ヘッダーに解釈できない要求(crit)があります",
            ),
            (Self::NoCertificate, _) => lang.pick(
                "its header carries no certificate of these cards (x5c)",
                "ヘッダーにマイナンバーカードの電子証明書(x5c)がありません",
            ),
            (Self::Empty, _) => lang.pick("it is empty", "空のファイルです"),
            (Self::Proof, _) => lang.pick("it is the proof of a genuine card", "本物のカードであることの証明です"),
            (Self::Beside(signature), Lang::En) => return format!("its signature is beside it, in {signature}"),
            (Self::Beside(signature), Lang::Ja) => return format!("署名は隣の {signature} にあります"),
            (Self::Unexamined, _) => lang.pick("it cannot be examined", "確認できません"),
        };
        text.into()
    }
}

impl From<&PdfError> for Unsigned {
    fn from(error: &PdfError) -> Self {
        match error {
            PdfError::NotPdf => Self::NotPdf,
            PdfError::TooLong | PdfError::TooLarge | PdfError::TooManyFields => Self::TooLarge,
            PdfError::Malformed { why } => Self::Damaged(*why),
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
