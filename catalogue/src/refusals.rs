//! Why a file does not get what was asked for: a PDF a signature, a signature a timestamp.

use crate::Lang;
use crate::damage::damage;
use crate::reasons::timestamp;
use crate::trouble::ended;
use kazasu_pki::pdf::Damage;
use kazasu_pki::timestamp::TimestampError;

/// Why a signature does not get a timestamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StampRefusal {
    /// No signature in CMS, nor a PDF with one.
    Kind,
    /// Several signatures, or one that would have to be written in another way.
    Foreign,
    /// One is enough.
    Already,
    /// The signature fails.
    Fails,
    /// A PDF whose signature has no room for one.
    NoRoom,
    /// The file that should be the request is none.
    Request,
    /// The authority's answer.
    Answer(TimestampError),
    /// The system gives no random bytes for the request.
    NoRandom,
}

impl StampRefusal {
    /// What happened, where nobody names files.
    pub(crate) fn of_an_app(&self, lang: Lang) -> String {
        let subject = match self {
            Self::Answer(_) | Self::Request => lang.pick("What came", "受け取ったデータ"),
            Self::NoRandom => lang.pick("No timestamp", "タイムスタンプなし"),
            _ => lang.pick("This file", "このファイル"),
        };
        let what = self.explain(subject, lang).0;
        // A blank stands between Japanese and a name alone.
        if lang == Lang::Ja { what.replacen(' ', "", 1) } else { what }
    }

    pub(crate) fn explain(&self, path: &str, lang: Lang) -> (String, String) {
        let (what, next): (String, &str) = match (self, lang) {
            (Self::Kind, Lang::En) => (
                " has no signature that takes a timestamp.".into(),
                "Give a signature in CMS (.p7s, .p7m) or a PDF that was signed with --pades.",
            ),
            (Self::Kind, Lang::Ja) => (
                " にはタイムスタンプを付けられる署名がありません。".into(),
                "CMS形式の署名(.p7s、.p7m)か、--pades で署名したPDFを指定してください。",
            ),
            (Self::Foreign, Lang::En) => (
                " has several signatures, or one that Kazasu cannot write again without changing it.".into(),
                "Let the program that signed it ask for the timestamp.",
            ),
            (Self::Foreign, Lang::Ja) => (
                " には署名が複数あるか、Kazasuでは変えずに書き直せない署名があります。".into(),
                "署名したソフトでタイムスタンプを付けてください。",
            ),
            (Self::Already, Lang::En) => {
                (" has a timestamp already.".into(), "One is enough; `kazasu verify` shows what it says.")
            }
            (Self::Already, Lang::Ja) => (
                " にはすでにタイムスタンプがあります。".into(),
                "1つで十分です。内容は `kazasu verify` で確認できます。",
            ),
            (Self::Fails, Lang::En) => (
                " has a signature that fails, so a timestamp would prove nothing.".into(),
                "Look at it with `kazasu verify`, and use the file as it was signed.",
            ),
            (Self::Fails, Lang::Ja) => (
                " の署名は有効ではないため、タイムスタンプを付けても証明になりません。".into(),
                "`kazasu verify` で確認し、署名時のままのファイルを使ってください。",
            ),
            (Self::NoRoom, Lang::En) => (
                " has no room for a timestamp: it was signed for the registry, which may refuse one.".into(),
                "Where a timestamp is wanted, sign with --pades.",
            ),
            (Self::NoRoom, Lang::Ja) => (
                " にはタイムスタンプを入れる場所がありません(登記向けの署名で、タイムスタンプは受け付けられないことがあります)。"
                    .into(),
                "タイムスタンプを付けるには --pades で署名してください。",
            ),
            (Self::Request, Lang::En) => (
                " is not a request for a timestamp of this signature.".into(),
                "The signature is as it was. Give the file that `kazasu timestamp request` wrote for it.",
            ),
            (Self::Request, Lang::Ja) => (
                " はこの署名についてのタイムスタンプの要求ではありません。".into(),
                "署名は元のままです。`kazasu timestamp request` で書き出したファイルを指定してください。",
            ),
            (Self::Answer(why), Lang::En) => (
                format!(" cannot be used as the authority's answer: {}", ended(&timestamp(*why, lang))),
                "The signature is as it was. Ask again with a new request, or ask another authority.",
            ),
            (Self::Answer(why), Lang::Ja) => (
                format!(" は時刻認証局の応答として使えません: {}", timestamp(*why, lang)),
                "署名は元のままです。新しい要求を作るか、別の時刻認証局に要求してください。",
            ),
            (Self::NoRandom, Lang::En) => (
                ": the request was not made, because the system gives no random bytes.".into(),
                "Do it again; if it happens again, something is wrong with this computer.",
            ),
            (Self::NoRandom, Lang::Ja) => (
                ": OSから乱数を得られないため、要求を作れません。".into(),
                "もう一度実行してください。続くようなら、このコンピューターに問題があります。",
            ),
        };
        (format!("{path}{what}"), next.into())
    }
}

/// Why a PDF is not signed, or not looked at; nothing was sent to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PdfRefusal {
    /// Another kind of file.
    NotPdf,
    /// Damaged, changed, or not made by the rules.
    Damaged(Damage),
    /// With or without a password that opens it.
    Encrypted,
    /// Two tables of contents that need not agree.
    Hybrid,
    /// A certification signature forbids any change.
    Certified,
    /// A form of another kind, which shows other pages.
    Xfa,
    /// Not one page.
    NoPage,
    /// More bytes, or more fields, than are looked at.
    TooLarge,
}

impl PdfRefusal {
    pub(crate) const fn number(&self) -> (u16, &'static str) {
        match self {
            Self::NotPdf => (461, "not-a-pdf"),
            Self::Damaged(_) => (462, "pdf-damaged"),
            Self::Encrypted => (463, "pdf-encrypted"),
            Self::Hybrid => (464, "pdf-hybrid"),
            Self::Certified => (465, "pdf-certified"),
            Self::Xfa => (466, "pdf-xfa"),
            Self::NoPage => (467, "pdf-no-page"),
            Self::TooLarge => (468, "pdf-too-large"),
        }
    }

    pub(crate) fn explain(&self, path: &str, lang: Lang) -> (String, String) {
        let again = lang.pick(
            "Save it again with a PDF program, or print it to a PDF, and use that.",
            "PDFソフトで保存し直すか、PDFとして印刷し直したものを使ってください。",
        );
        let print = lang.pick("Print it to a PDF and use that.", "PDFとして印刷したものを使ってください。");
        let (what, next): (String, &str) = match (self, lang) {
            (Self::NotPdf, Lang::En) => ("is not a PDF.".into(), "Name a PDF, or leave --pades out."),
            (Self::NotPdf, Lang::Ja) => ("はPDFではありません。".into(), "PDFを指定するか、--pades を外してください。"),
            (Self::Damaged(why), Lang::En) => (
                format!("is damaged, was changed, or was not made by the rules of PDF: {}", ended(&damage(*why, lang))),
                again,
            ),
            (Self::Damaged(why), Lang::Ja) => {
                (format!("は壊れているか変更されているか、PDFの規則に従っていません: {}", damage(*why, lang)), again)
            }
            (Self::Encrypted, Lang::En) => {
                ("is encrypted.".into(), "Remove the password or the protection with the program that made it.")
            }
            (Self::Encrypted, Lang::Ja) => {
                ("は暗号化されています。".into(), "作成したソフトでパスワードや保護を外してください。")
            }
            (Self::Hybrid, Lang::En) => ("has two tables of contents that need not agree.".into(), again),
            (Self::Hybrid, Lang::Ja) => ("には食い違い得る2つの目次があります。".into(), again),
            (Self::Certified, Lang::En) => (
                "was certified so that nothing may be added, not even a signature.".into(),
                "Ask whoever certified it for a copy that may be signed.",
            ),
            (Self::Certified, Lang::Ja) => (
                "は証明済みで、署名を含む一切の追加が禁じられています。".into(),
                "証明した人に、署名できるものをもらってください。",
            ),
            (Self::Xfa, Lang::En) => ("is an XFA form, which shows other pages than it holds.".into(), print),
            (Self::Xfa, Lang::Ja) => ("はXFAフォームで、中身と異なるページを表示します。".into(), print),
            (Self::NoPage, Lang::En) => ("has no page.".into(), again),
            (Self::NoPage, Lang::Ja) => ("にはページがありません。".into(), again),
            (Self::TooLarge, Lang::En) => ("has more bytes or form fields than are looked at.".into(), "Split it."),
            (Self::TooLarge, Lang::Ja) => ("は大きすぎるか、入力欄が多すぎます。".into(), "分割してください。"),
        };
        let nothing = lang.pick(" Nothing was sent to the card.", "カードには何も送っていません。");
        (format!("{path}{}{what}", lang.pick(" ", "")), format!("{next}{nothing}"))
    }
}
