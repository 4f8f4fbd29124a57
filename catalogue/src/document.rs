//! What can go wrong with a document, a login or a proof in an app: the words that name no option of a command line.
//! Codes and numbers are those of [`Trouble`](crate::Trouble).

use crate::reasons::{authority, proof};
use crate::trouble::{earlier, ended};
use crate::{Explain, Explanation, Lang, Part, PdfRefusal, StampRefusal, Unsigned};
use kazasu_pki::anchors::AnchorError;
use kazasu_pki::genuine::ProofError;
use kazasu_pki::pdf::EarlierFailure;

/// An error of a document in an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentTrouble {
    /// The certificate has expired.
    Expired {
        /// The last day, `YYYY-MM-DD`.
        last_day: String,
    },
    /// The card's signature does not fit its certificate.
    SignatureWrong,
    /// What was handed in as the card's cannot be read, or is something else.
    Unreadable {
        /// What.
        what: Part,
    },
    /// Not the origin that a browser writes.
    Origin,
    /// Not a nonce: another length, or not base64.
    Nonce,
    /// There is no check of this code.
    Check,
    /// More bytes than can go inside a signature.
    TooLargeInside {
        /// So many can.
        most: usize,
    },
    /// What is to be believed cannot be read, or is none of the authorities that may be.
    Authority {
        /// Why.
        why: AnchorError,
    },
    /// Not a proof.
    Proof {
        /// Why.
        why: ProofError,
    },
    /// Not signed, or not as anybody could look at it.
    NotSigned {
        /// Why.
        why: Unsigned,
    },
    /// A PDF that cannot be signed, or looked at.
    Pdf(PdfRefusal),
    /// A PDF that is to be signed holds a signature that fails.
    EarlierFails {
        /// What is the matter with it.
        failure: EarlierFailure,
    },
    /// A signature does not get a timestamp.
    NotStamped(StampRefusal),
}

impl DocumentTrouble {
    const fn row(&self) -> (u16, &'static str) {
        match self {
            Self::Expired { .. } => (251, "certificate-expired"),
            Self::SignatureWrong => (252, "signature-wrong"),
            Self::Unreadable { .. } => (253, "unreadable"),
            Self::Origin
            | Self::Nonce
            | Self::Check
            | Self::TooLargeInside { .. }
            | Self::Authority { .. }
            | Self::Proof { .. } => (456, "bad-argument"),
            Self::NotSigned { .. } => (460, "not-signed"),
            Self::Pdf(why) => why.number(),
            Self::EarlierFails { .. } => (472, "pdf-signature-fails"),
            Self::NotStamped(_) => (473, "timestamp-refused"),
        }
    }

    fn words(&self, lang: Lang) -> (String, String) {
        let nothing = lang.pick("Nothing was signed.", "署名はしていません。");
        let app = lang.pick("Please tell the makers of the app.", "アプリの提供元にお知らせください。");
        let (what, next): (String, String) = match (self, lang) {
            (Self::Expired { last_day }, Lang::En) => (
                format!("The certificate expired; {last_day} was its last day."),
                format!("The municipal office renews it. {nothing}"),
            ),
            (Self::Expired { last_day }, Lang::Ja) => (
                format!("電子証明書の有効期限が切れています(最終日 {last_day})。"),
                format!("市区町村の窓口で更新できます。{nothing}"),
            ),
            (Self::SignatureWrong, Lang::En) => (
                "The card's signature does not fit the card's certificate, so nothing was made of it.".into(),
                "Do it again; if it happens again, have the card looked at by the municipal office.".into(),
            ),
            (Self::SignatureWrong, Lang::Ja) => (
                "カードの署名が電子証明書と一致しないため、使用していません。".into(),
                "もう一度実行してください。続くようなら市区町村の窓口でカードを確認してもらってください。".into(),
            ),
            (Self::Unreadable { what }, Lang::En) => (
                format!("Something from the card cannot be read: {}.", what.text(lang)),
                format!("Do it again; if it happens again: {app}"),
            ),
            (Self::Unreadable { what }, Lang::Ja) => (
                format!("カードの内容を読み取れません: {}", what.text(lang)),
                format!("もう一度実行してください。続くようなら{app}"),
            ),
            (Self::Origin, Lang::En) => (
                "This is not the origin of a website: https:// and a host in lower case, at most a port, nothing behind it.".into(),
                app.into(),
            ),
            (Self::Origin, Lang::Ja) => (
                "ウェブサイトのオリジンではありません(https:// と小文字のホスト名、必要ならポート番号だけ)。".into(),
                app.into(),
            ),
            (Self::Nonce, Lang::En) => ("The server's nonce cannot be used: it has 32 to 64 bytes.".into(), app.into()),
            (Self::Nonce, Lang::Ja) => ("サーバーのノンスを使えません(32〜64バイトが必要です)。".into(), app.into()),
            (Self::Check, Lang::En) => ("There is no check of this code.".into(), app.into()),
            (Self::Check, Lang::Ja) => ("このコードの項目はありません。".into(), app.into()),
            (Self::TooLargeInside { most }, Lang::En) => (
                format!("The file is too large to go inside a signature ({most} bytes at most)."),
                "Sign it with the signature beside it (detached).".into(),
            ),
            (Self::TooLargeInside { most }, Lang::Ja) => (
                format!("ファイルが大きすぎて署名に含められません(最大{most}バイト)。"),
                "署名を別ファイルにする形式(detached)で署名してください。".into(),
            ),
            (Self::Authority { why }, Lang::En) => (format!("This authority is not believed: {}", ended(&authority(*why, lang))), app.into()),
            (Self::Authority { why }, Lang::Ja) => (format!("この認証局は信頼できません: {}", authority(*why, lang)), app.into()),
            (Self::Proof { why }, Lang::En) => (format!("This is no proof that can be looked at: {}", ended(&proof(*why, lang))), app.into()),
            (Self::Proof { why }, Lang::Ja) => (format!("確認できる証明データではありません: {}", proof(*why, lang)), app.into()),
            (Self::NotSigned { why }, Lang::En) => (
                format!("This is no signed file that can be looked at: {}", ended(&why.words(lang))),
                "If somebody signed it, it is not as it was signed: keep it, and ask for it again.".into(),
            ),
            (Self::NotSigned { why }, Lang::Ja) => (
                format!("確認できる署名付きファイルではありません: {}", why.words(lang)),
                "署名されたものであれば、署名時のままではありません。このファイルは残したまま、送り主に再送を依頼してください。".into(),
            ),
            (Self::Pdf(PdfRefusal::NotPdf), Lang::En) => (
                "This file is not a PDF.".into(),
                "Save or print the document as a PDF, and use that.".into(),
            ),
            (Self::Pdf(PdfRefusal::NotPdf), Lang::Ja) => {
                ("このファイルはPDFではありません。".into(), "PDFとして保存または印刷したものを使ってください。".into())
            }
            (Self::Pdf(why), Lang::En) => why.explain("This PDF", lang),
            (Self::Pdf(why), Lang::Ja) => why.explain("このPDF", lang),
            (Self::EarlierFails { failure }, Lang::En) => (
                format!("A signature that this PDF has already {}.", earlier(*failure, lang)),
                format!("Ask whoever sent it for the file as it was signed. {nothing}"),
            ),
            (Self::EarlierFails { failure }, Lang::Ja) => (
                format!("このPDFにすでにある署名は{}", earlier(*failure, lang)),
                format!("署名時のままのファイルを、送り主に依頼してください。{nothing}"),
            ),
            (Self::NotStamped(why), _) => (why.of_an_app(lang), unstamped(why, lang).into()),
        };
        (what, next)
    }
}

/// What to do where a signature got no timestamp.
const fn unstamped(why: &StampRefusal, lang: Lang) -> &'static str {
    match why {
        StampRefusal::Kind => lang.pick(
            "A timestamp goes into a signature in CMS, or into a PDF that was signed by PAdES.",
            "CMS形式の署名か、PAdESで署名したPDFが必要です。",
        ),
        StampRefusal::Foreign => lang.pick(
            "Let the program that signed it ask for the timestamp.",
            "署名したソフトでタイムスタンプを付けてください。",
        ),
        StampRefusal::Already => lang.pick("One is enough.", "1つで十分です。"),
        StampRefusal::Fails => lang.pick("Use the file as it was signed.", "署名時のままのファイルを使ってください。"),
        StampRefusal::NoRoom => lang.pick(
            "Where a timestamp is wanted, sign by PAdES.",
            "タイムスタンプを付けるには、PAdESで署名してください。",
        ),
        StampRefusal::Request | StampRefusal::Answer(_) => lang.pick(
            "The signature is as it was. Ask again with a new request, or ask another authority.",
            "署名は元のままです。新しい要求を作るか、別の時刻認証局に要求してください。",
        ),
        StampRefusal::NoRandom => lang.pick(
            "Do it again; if it happens again, something is wrong with this device.",
            "もう一度実行してください。続くようなら、この端末に問題があります。",
        ),
    }
}

impl Explain for DocumentTrouble {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, next) = self.words(lang);
        Explanation { what, next }
    }

    fn code(&self) -> &'static str {
        self.row().1
    }

    fn number(&self) -> u16 {
        self.row().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trouble;
    use kazasu_pki::pdf::Damage;

    fn all() -> Vec<DocumentTrouble> {
        let refusals = [
            PdfRefusal::NotPdf,
            PdfRefusal::Damaged(Damage::NoEnd),
            PdfRefusal::Encrypted,
            PdfRefusal::Hybrid,
            PdfRefusal::Certified,
            PdfRefusal::Xfa,
            PdfRefusal::NoPage,
            PdfRefusal::TooLarge,
        ];
        let others = [
            DocumentTrouble::Expired { last_day: "2026-11-20".into() },
            DocumentTrouble::SignatureWrong,
            DocumentTrouble::Unreadable { what: Part::Certificate },
            DocumentTrouble::Origin,
            DocumentTrouble::Nonce,
            DocumentTrouble::Check,
            DocumentTrouble::TooLargeInside { most: 7 },
            DocumentTrouble::Authority { why: AnchorError::NotPinned },
            DocumentTrouble::Proof { why: ProofError::Empty },
            DocumentTrouble::NotSigned { why: Unsigned::NotCms },
        ];
        let earlier = EarlierFailure::ALL.iter().map(|&failure| DocumentTrouble::EarlierFails { failure });
        let unstamped = [
            StampRefusal::Kind,
            StampRefusal::Foreign,
            StampRefusal::Already,
            StampRefusal::Fails,
            StampRefusal::NoRoom,
            StampRefusal::Request,
            StampRefusal::Answer(kazasu_pki::timestamp::TimestampError::OtherNonce),
            StampRefusal::NoRandom,
        ];
        let of_files = refusals.into_iter().map(DocumentTrouble::Pdf).chain(unstamped.map(DocumentTrouble::NotStamped));
        of_files.chain(others).chain(earlier).collect()
    }

    #[test]
    fn no_text_of_an_app_names_an_option_of_the_command_line() {
        for trouble in all() {
            for lang in [Lang::En, Lang::Ja] {
                let Explanation { what, next } = trouble.explain(lang);
                assert!(!what.is_empty() && !next.is_empty(), "{trouble:?}");
                assert!(![&what, &next].iter().any(|text| text.contains("--") || text.contains('`')), "{what} {next}");
                assert_eq!(what.is_ascii(), lang == Lang::En, "{what}");
            }
        }
    }

    #[test]
    fn numbers_and_codes_are_those_of_the_command_line() {
        let path = || String::from("file");
        let same = |app: DocumentTrouble, command: Trouble| {
            assert_eq!((app.number(), app.code()), (command.number(), command.code()));
        };
        for app in all() {
            let command = match &app {
                DocumentTrouble::Expired { last_day } => Trouble::Expired { last_day: last_day.clone(), login: false },
                DocumentTrouble::SignatureWrong => Trouble::SignatureWrong,
                DocumentTrouble::Unreadable { what } => Trouble::Unreadable { what: *what },
                DocumentTrouble::NotSigned { why } => Trouble::NotSigned { path: path(), why: why.clone() },
                DocumentTrouble::Pdf(why) => Trouble::PdfRefused { path: path(), why: why.clone() },
                DocumentTrouble::NotStamped(why) => Trouble::NotStamped { path: path(), why: why.clone() },
                DocumentTrouble::EarlierFails { failure } => {
                    Trouble::EarlierFails { path: path(), field: "Signature1".into(), failure: *failure }
                }
                _ => Trouble::BadArgument(crate::Argument::Origin),
            };
            same(app, command);
        }
    }
}
