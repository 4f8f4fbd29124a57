//! What can go wrong around a card: readers, files, arguments.

use crate::errors::secret_name;
use crate::{Explain, Explanation, Lang};
use kazasu_core::SecretKind;

/// An error of a host, not of the card protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// What was typed is no secret that this job takes.
    SecretForm {
        /// What it takes.
        wanted: Vec<SecretKind>,
    },
    /// The new secret and its repetition differ.
    SecretsDiffer,
    /// The certificate has expired.
    Expired {
        /// The last day, `YYYY-MM-DD`.
        last_day: String,
    },
    /// The card's signature does not fit its certificate.
    SignatureWrong,
    /// Something that the card holds cannot be read.
    Unreadable {
        /// What.
        what: &'static str,
    },
    /// The smart-card service does not run.
    NoService,
    /// No reader is connected.
    NoReader,
    /// No reader has this name.
    ReaderNotFound {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: Vec<String>,
    },
    /// No card in the reader, or in any.
    NoCard,
    /// The reader or its service failed.
    ReaderFailed {
        /// In the driver's words.
        why: String,
    },
    /// Nothing listens where a virtual reader should.
    NoVirtualReader {
        /// In the plug's words.
        why: String,
    },
    /// More than one reader holds a card.
    SeveralCards {
        /// Their names.
        readers: Vec<String>,
    },
    /// A secret is needed and there is nowhere to get it from.
    SecretMissing {
        /// What would do.
        wanted: Vec<SecretKind>,
    },
    /// The named source of a secret gives none.
    SecretSource {
        /// The source and what is wrong with it.
        why: String,
    },
    /// A file cannot be read.
    FileUnreadable {
        /// Which.
        path: String,
        /// In the system's words.
        why: String,
    },
    /// A file cannot be written.
    FileUnwritable {
        /// Which.
        path: String,
        /// In the system's words.
        why: String,
    },
    /// An argument that names nothing.
    BadArgument {
        /// What is wrong with it, in English, with what would be right.
        why: String,
    },
}

impl Trouble {
    const fn row(&self) -> (u16, &'static str) {
        match self {
            Self::SecretForm { .. } => (151, "secret-form"),
            Self::SecretsDiffer => (152, "secrets-differ"),
            Self::Expired { .. } => (251, "certificate-expired"),
            Self::SignatureWrong => (252, "signature-wrong"),
            Self::Unreadable { .. } => (253, "unreadable"),
            Self::NoService => (351, "no-service"),
            Self::NoReader => (352, "no-reader"),
            Self::ReaderNotFound { .. } => (353, "reader-not-found"),
            Self::NoCard => (354, "no-card"),
            Self::ReaderFailed { .. } => (355, "reader-failed"),
            Self::NoVirtualReader { .. } => (356, "no-virtual-reader"),
            Self::SeveralCards { .. } => (451, "several-cards"),
            Self::SecretMissing { .. } => (452, "secret-missing"),
            Self::SecretSource { .. } => (453, "secret-source"),
            Self::FileUnreadable { .. } => (454, "file-unreadable"),
            Self::FileUnwritable { .. } => (455, "file-unwritable"),
            Self::BadArgument { .. } => (456, "bad-argument"),
        }
    }
}

fn list(names: &[String], lang: Lang) -> String {
    if names.is_empty() { lang.pick("none", "なし").into() } else { names.join(lang.pick(", ", "、")) }
}

fn kinds(wanted: &[SecretKind], lang: Lang) -> String {
    let names: Vec<_> = wanted.iter().map(|kind| secret_name(*kind, lang)).collect();
    names.join(lang.pick(", or ", "、または"))
}

impl Explain for Trouble {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, next): (String, String) = match (self, lang) {
            (Self::SecretForm { wanted }, Lang::En) => (
                format!("What was given is none of what this needs: {}.", kinds(wanted, lang)),
                "Nothing was sent to the card and no try is spent. Type it again.".into(),
            ),
            (Self::SecretForm { wanted }, Lang::Ja) => (
                format!("この操作に使える形式ではありません。使えるもの: {}", kinds(wanted, lang)),
                "カードには何も送っていません。残り回数は減っていません。もう一度入力してください。".into(),
            ),
            (Self::SecretsDiffer, Lang::En) => ("The two entries of the new one differ.".into(), "Nothing was changed. Do it again.".into()),
            (Self::SecretsDiffer, Lang::Ja) => ("新しい暗証番号の2回の入力が一致しません。".into(), "変更していません。もう一度実行してください。".into()),
            (Self::Expired { last_day }, Lang::En) => (
                format!("The certificate expired; {last_day} was its last day."),
                "The municipal office renews it. To sign all the same, give --allow-expired; others will not accept the signature.".into(),
            ),
            (Self::Expired { last_day }, Lang::Ja) => (
                format!("電子証明書の有効期限が切れています(最終日 {last_day})。"),
                "市区町村の窓口で更新できます。それでも署名する場合は --allow-expired を付けてください(署名は受け付けられません)。".into(),
            ),
            (Self::SignatureWrong, Lang::En) => (
                "The card's signature does not fit the card's certificate, so nothing was written.".into(),
                "Do it again; if it happens again, have the card looked at by the municipal office.".into(),
            ),
            (Self::SignatureWrong, Lang::Ja) => (
                "カードの署名が電子証明書と一致しないため、何も書き出していません。".into(),
                "もう一度実行してください。続くようなら市区町村の窓口でカードを確認してもらってください。".into(),
            ),
            (Self::Unreadable { what }, Lang::En) => (
                format!("Something on the card cannot be read: {what}."),
                "Do it again; if it happens again, please report it with the output of -v, which has no secrets in it.".into(),
            ),
            (Self::Unreadable { what }, Lang::Ja) => (
                format!("カードの内容を読み取れません: {what}"),
                "もう一度実行してください。続くようなら -v の出力(秘密は含まれません)を添えて報告してください。".into(),
            ),
            (Self::NoService, Lang::En) => (
                "The smart-card service does not run.".into(),
                "On Debian and Ubuntu: `apt install pcscd`, then `systemctl start pcscd`. Without a reader, try `--card demo`.".into(),
            ),
            (Self::NoService, Lang::Ja) => (
                "スマートカードサービスが動いていません。".into(),
                "Debian・Ubuntuでは `apt install pcscd` のあと `systemctl start pcscd` を実行してください。リーダーなしで試すには `--card demo` を付けてください。".into(),
            ),
            (Self::NoReader, Lang::En) => (
                "No card reader is connected.".into(),
                "Plug one in (a PaSoRi may need its own driver) and look with `kazasu readers`. Without a reader, try `--card demo`.".into(),
            ),
            (Self::NoReader, Lang::Ja) => (
                "カードリーダーが接続されていません。".into(),
                "接続して(PaSoRiでは専用ドライバーが必要な場合があります) `kazasu readers` で確かめてください。リーダーなしで試すには `--card demo` を付けてください。".into(),
            ),
            (Self::ReaderNotFound { wanted, there }, Lang::En) => (
                format!("No reader is named `{wanted}`. There are: {}.", list(there, lang)),
                "Give --reader a part of one of these names.".into(),
            ),
            (Self::ReaderNotFound { wanted, there }, Lang::Ja) => (
                format!("`{wanted}` という名前のリーダーはありません。接続中: {}", list(there, lang)),
                "--reader に名前の一部を指定してください。".into(),
            ),
            (Self::NoCard, Lang::En) => (
                "No card is on the reader.".into(),
                "Put the card on the reader and do it again, or give --wait SECONDS.".into(),
            ),
            (Self::NoCard, Lang::Ja) => (
                "カードが置かれていません。".into(),
                "カードを置いてもう一度実行するか、--wait 秒数 を付けてください。".into(),
            ),
            (Self::ReaderFailed { why }, Lang::En) => (format!("The reader failed: {why}."), "Unplug it, plug it in again, and do it again.".into()),
            (Self::ReaderFailed { why }, Lang::Ja) => (format!("カードリーダーでエラーが起きました: {why}"), "接続し直して、もう一度実行してください。".into()),
            (Self::NoVirtualReader { why }, Lang::En) => (format!("The card cannot be put into the virtual reader: {why}."), "On Debian and Ubuntu: `apt install pcscd vsmartcard-vpcd`, then start pcscd.".into()),
            (Self::NoVirtualReader { why }, Lang::Ja) => (format!("仮想リーダーにカードを入れられません: {why}"), "Debian・Ubuntuでは `apt install pcscd vsmartcard-vpcd` のあと pcscd を起動してください。".into()),
            (Self::SeveralCards { readers }, Lang::En) => (format!("Cards are on several readers: {}.", list(readers, lang)), "Name one with --reader.".into()),
            (Self::SeveralCards { readers }, Lang::Ja) => (format!("複数のリーダーにカードがあります: {}", list(readers, lang)), "--reader で1つ指定してください。".into()),
            (Self::SecretMissing { wanted }, Lang::En) => (
                format!("Needed: {}; and there is no terminal to ask on.", kinds(wanted, lang)),
                "Give it with --secret-env VAR or --secret-fd N. It is never taken from an argument.".into(),
            ),
            (Self::SecretMissing { wanted }, Lang::Ja) => (
                format!("必要です: {}。入力できる端末がありません。", kinds(wanted, lang)),
                "--secret-env 変数名 または --secret-fd 番号 で渡してください。引数では受け取りません。".into(),
            ),
            (Self::SecretSource { why }, Lang::En) => (format!("The secret cannot be taken from there: {why}."), "Set the variable or open the descriptor, and do it again.".into()),
            (Self::SecretSource { why }, Lang::Ja) => (format!("指定された場所から暗証番号を受け取れません: {why}"), "変数またはファイル記述子を確かめて、もう一度実行してください。".into()),
            (Self::FileUnreadable { path, why }, Lang::En) => (format!("The file {path} cannot be read: {why}."), "Nothing was sent to the card.".into()),
            (Self::FileUnreadable { path, why }, Lang::Ja) => (format!("ファイル {path} を読めません: {why}"), "カードには何も送っていません。".into()),
            (Self::FileUnwritable { path, why }, Lang::En) => (format!("The file {path} cannot be written: {why}."), "Nothing was left behind. Choose another place.".into()),
            (Self::FileUnwritable { path, why }, Lang::Ja) => (format!("ファイル {path} に書き込めません: {why}"), "途中のファイルは残っていません。別の場所を指定してください。".into()),
            (Self::BadArgument { why }, Lang::En) => (format!("{why}."), "Look at --help.".into()),
            (Self::BadArgument { why }, Lang::Ja) => (format!("引数が正しくありません: {why}"), "--help を見てください。".into()),
        };
        Explanation { what, next }
    }

    fn code(&self) -> &'static str {
        self.row().1
    }

    fn number(&self) -> u16 {
        self.row().0
    }
}
