//! Why something cannot be read or used, where a sentence ends with it. English is the crates' own; the system says the
//! rest.

use crate::{Lang, system};
use kazasu_pki::CertificateError;
use kazasu_pki::anchors::AnchorError;
use kazasu_pki::genuine::ProofError;
use kazasu_pki::timestamp::TimestampError;

/// Why a file cannot be read, written or used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// In the system's words.
    System(String),
    /// A folder stands where a file has to.
    Folder,
    /// The folder that it would be in is not there.
    NoFolder,
    /// More bytes than these, which are as many as are read of such a file.
    TooLong(u64),
    /// It begins as PEM and does not go on so.
    Pem,
    /// It is no certificate of a holder's.
    Certificate(CertificateError),
    /// It is no authority's certificate that may be believed.
    Authority(AnchorError),
    /// It is no revocation list.
    List,
    /// It is no answer about revocation.
    OcspAnswer,
    /// It is no proof of a genuine card.
    Proof(ProofError),
}

impl FileFault {
    /// The end of a sentence, without its full stop.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::System(said) => system::words(said, lang),
            Self::Folder => lang.pick("it is a folder", "フォルダーです").into(),
            Self::NoFolder => lang.pick("its folder does not exist", "そのフォルダーがありません").into(),
            Self::TooLong(most) if lang == Lang::En => format!("it has more than {most} bytes"),
            Self::TooLong(most) => format!("{most}バイトを超えています"),
            Self::Pem => lang.pick("damaged PEM", "PEM形式が壊れています").into(),
            Self::Certificate(error) => certificate(*error, lang),
            Self::Authority(error) => authority(*error, lang),
            Self::List => {
                lang.pick("not a revocation list (CRL) in DER or PEM", "失効リスト(CRL、DERかPEM)ではありません").into()
            }
            Self::OcspAnswer => lang.pick("not an OCSP answer in DER", "OCSPの応答(DER)ではありません").into(),
            Self::Proof(error) => proof(*error, lang),
        }
    }
}

/// Something of a card's, or made with it, that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Of the holder.
    Certificate,
    /// Of the holder's certificate.
    Key,
    /// Above the holder's certificate.
    Authority,
    /// Those of the demonstration cards.
    TestAuthorities,
    /// A time that cannot be written.
    Date,
    /// A login token.
    Token,
    /// 券面事項確認AP.
    Face,
    /// On the card's face.
    Photo,
    /// Of one of the two 券面 applications.
    Record,
}

impl Part {
    pub(crate) const fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Certificate => lang.pick("a certificate", "電子証明書"),
            Self::Key => lang.pick("a certificate's key", "電子証明書の鍵"),
            Self::Authority => lang.pick("an authority's certificate", "認証局の証明書"),
            Self::TestAuthorities => lang.pick("the test authorities", "テスト用の認証局"),
            Self::Date => lang.pick("a date", "日付"),
            Self::Token => lang.pick("a token", "トークン"),
            Self::Face => lang.pick("the card face", "券面"),
            Self::Photo => lang.pick("the photo", "顔写真"),
            Self::Record => lang.pick("a record", "レコード"),
        }
    }
}

pub(crate) fn certificate(error: CertificateError, lang: Lang) -> String {
    let ja = match error {
        CertificateError::TooLong => "マイナンバーカードの電子証明書としては長すぎます",
        CertificateError::Unreadable => "X.509証明書(DER)ではありません",
        CertificateError::UnknownKey => "マイナンバーカードにない種類の鍵です",
        CertificateError::NoHolder => "持ち主の記載がマイナンバーカードの形式ではありません",
    };
    spoken(&error, ja, lang)
}

pub(crate) fn authority(error: AnchorError, lang: Lang) -> String {
    let ja = match error {
        AnchorError::Unreadable => "認証局の証明書ではありません",
        AnchorError::NotPinned => "この用途で既知の認証局ではありません",
        AnchorError::Ambiguous => "2つのテスト用認証局の鍵識別子が同じです",
    };
    spoken(&error, ja, lang)
}

pub(crate) fn proof(error: ProofError, lang: Lang) -> String {
    let ja = match error {
        ProofError::TooLong => "証明データとしては長すぎます",
        ProofError::Unreadable => "kazasu-genuine:1 形式の証明ではありません",
        ProofError::Empty => "証明が空です。少なくとも1つのカードアプリケーションの内容が必要です",
    };
    spoken(&error, ja, lang)
}

/// Of an answer; what is wrong with the signature itself is told in other ways.
pub(crate) fn timestamp(error: TimestampError, lang: Lang) -> String {
    let ja = match error {
        TimestampError::Cms(_) | TimestampError::NotOurs | TimestampError::Already | TimestampError::Fails => {
            "この署名にはタイムスタンプを付けられません"
        }
        TimestampError::Request => "この署名についてのタイムスタンプの要求(RFC 3161)ではありません",
        TimestampError::Unreadable => "時刻認証局の応答(RFC 3161)ではありません",
        TimestampError::Refused(status) if lang == Lang::Ja => {
            return format!("時刻認証局に拒否されました(PKIStatus {status})。運営者に問い合わせてください");
        }
        TimestampError::Refused(_) => "",
        TimestampError::OtherImprint => "タイムスタンプの対象が異なります。要求し直してください",
        TimestampError::OtherNonce => "別の要求への応答です(ノンスが異なります)。要求し直してください",
        TimestampError::Signature => {
            "タイムスタンプの署名が、含まれている証明書のものではありません。要求し直すか、別の時刻認証局に要求してください"
        }
    };
    spoken(&error, ja, lang)
}

fn spoken(error: &dyn std::error::Error, ja: &str, lang: Lang) -> String {
    match lang {
        Lang::En => error.to_string(),
        Lang::Ja => ja.into(),
    }
}
