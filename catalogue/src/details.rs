//! What others say in English inside an error, for a Japanese one: the system, and the crates that read files. Texts that are not
//! in here stay as they are.

use std::borrow::Cow;

/// In Japanese, where that is known. A text that begins or ends with something of its own (a path, a number) keeps that.
pub(crate) fn ja(english: &str) -> Cow<'_, str> {
    if let Some((_, ja)) = TEXTS.iter().find(|(en, _)| *en == english.trim_end_matches('.')) {
        return Cow::Borrowed(ja);
    }
    if let Some(why) = english.strip_prefix("the PDF is damaged or not made by the rules (") {
        let why = why.split_once("). Save it again").map_or(why, |(why, _)| why);
        return Cow::Owned(format!("PDFが壊れているか、PDFの規則に従っていません ({why})"));
    }
    // `No such file or directory (os error 2)`
    if let Some((en, ja)) = SYSTEM.iter().find(|(en, _)| english.contains(en)) {
        let (before, after) = english.split_once(en).unwrap_or_default();
        return Cow::Owned(format!("{before}{ja}{after}"));
    }
    let numbered = NUMBERED.iter().find_map(|(before, after, ja)| {
        Some((english.strip_prefix(before)?.strip_suffix(after)?, ja))
            .filter(|(number, _)| number.parse::<u64>().is_ok())
    });
    numbered.map_or(Cow::Borrowed(english), |(number, ja)| Cow::Owned(ja.replace("{}", number)))
}

#[rustfmt::skip] // a row a line
const SYSTEM: &[(&str, &str)] = &[
    ("No such file or directory", "見つかりません"),
    ("Permission denied", "権限がありません"),
    ("Is a directory", "フォルダーです"),
    ("Not a directory", "フォルダーではないものが途中にあります"),
    ("No space left on device", "空き容量がありません"),
    ("Read-only file system", "書き込めない場所です"),
    ("File too large", "大きすぎます"),
    ("Bad file descriptor", "開いていません"),
    ("is not set", "が設定されていません"),
    ("is not text", "が文字列ではありません"),
    ("stream did not contain valid UTF-8", "UTF-8の文章ではありません"),
];

#[rustfmt::skip]
const TEXTS: &[(&str, &str)] = &[
    ("it is a folder", "フォルダーです"),
    ("its folder does not exist", "そのフォルダーがありません"),
    ("a certificate", "電子証明書"),
    ("a certificate's key", "電子証明書の鍵"),
    ("a date", "日付"),
    ("a token", "トークン"),
    ("an authority's certificate", "認証局の証明書"),
    ("the test authorities", "テスト用の認証局"),
    ("the card face", "券面"),
    ("the photo", "顔写真"),
    ("not the certificate of an authority", "認証局の証明書ではありません"),
    ("this authority is none of those that are known for this purpose", "この用途で既知の認証局ではありません"),
    ("written with indefinite lengths (BER); only DER can be examined: convert it with openssl cms -cmsout -outform DER", "不定長(BER)で書かれています。確認できるのはDERだけです。openssl cms -cmsout -outform DER で変換してください"),
    ("CMS, but not a signature (SignedData)", "CMSですが、署名(SignedData)ではありません"),
    ("not a signature in CMS, or a damaged one", "CMS形式の署名ではないか、壊れています"),
    ("larger than signatures of these cards are", "マイナンバーカードの署名としては大きすぎます"),
    ("there is no signature in it", "署名が含まれていません"),
    ("not a JWS in compact form", "JWS(コンパクト形式)ではありません"),
    ("its header demands something that is not understood here (crit)", "ヘッダーに解釈できない要求(crit)があります"),
    ("its header carries no certificate of these cards (x5c)", "ヘッダーにマイナンバーカードの電子証明書(x5c)がありません"),
    ("only a file with one signature that Kazasu made can take a timestamp", "タイムスタンプを付けられるのは、Kazasuで作った署名が1つだけのファイルです"),
    ("not an answer of a time-stamping authority (RFC 3161)", "時刻認証局の応答(RFC 3161)ではありません"),
    ("the timestamp is about something else; ask again", "タイムスタンプの対象が異なります。要求し直してください"),
    ("the timestamp answers another request (nonce); ask again", "別の要求への応答です(ノンスが異なります)。要求し直してください"),
    ("the timestamp is not signed by the certificate that it carries; ask again or another authority", "タイムスタンプの署名が、含まれている証明書のものではありません。要求し直すか、別の時刻認証局に要求してください"),
    ("not one X.509 certificate in DER", "X.509証明書(DER)ではありません"),
    ("the certificate's key is of a kind that these cards do not have", "マイナンバーカードにない種類の鍵です"),
    ("the certificate does not name its holder in the way of these cards", "持ち主の記載がマイナンバーカードの形式ではありません"),
    ("not a proof in the format kazasu-genuine:1", "kazasu-genuine:1 形式の証明ではありません"),
    ("the proof is empty; it needs a part from at least one application of the card", "証明が空です。少なくとも1つのカードアプリケーションの内容が必要です"),
    ("two test authorities claim the same key identifier", "2つのテスト用認証局の鍵識別子が同じです"),
    ("the operating system gives no random bytes", "OSから乱数を得られません"),
    ("not a PDF: it does not begin with %PDF-. Save or print the document as a PDF first", "PDFではありません"),
    ("the PDF is encrypted. Remove its password or protection with the program that made it", "PDFが暗号化されています。作成したソフトでパスワードや保護を外してください"),
    ("the PDF has two tables of contents (hybrid-reference). Save it again with a PDF program, then sign that", "PDFに食い違い得る2つの目次があります"),
    ("the PDF has no signature. Sign it first, or ask for the signed file", "PDFに署名がありません。署名済みのファイルを指定してください"),
    ("the PDF has no page", "PDFにページがありません"),
    ("the PDF has more form fields than this program looks at, or nests them too deep", "PDFの入力欄が多すぎるか、入れ子が深すぎます"),
];

#[rustfmt::skip]
const NUMBERED: &[(&str, &str, &str)] = &[
    ("there are ", " bytes after the end of the signature", "署名の後に{}バイトの余分なデータがあります"),
    ("more than ", " bytes: not a certificate of these cards", "{}バイトを超えるものはマイナンバーカードの電子証明書ではありません"),
    ("a proof has not more than ", " bytes", "証明は{}バイト以内です"),
    ("longer than ", " bytes. Split the document", "{}バイトを超えています。分割してください"),
    ("longer than ", " bytes: not a token that is looked at here", "{}バイトを超えるトークンは確認しません"),
    ("the time-stamping authority refused (PKIStatus ", "); ask its operator", "時刻認証局に拒否されました(PKIStatus {})。運営者に問い合わせてください"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_in_english_is_japanese_with_its_own_parts_kept() {
        assert_eq!(ja("No such file or directory (os error 2)"), "見つかりません (os error 2)");
        assert_eq!(ja("there are 3 bytes after the end of the signature"), "署名の後に3バイトの余分なデータがあります");
        assert_eq!(ja("a certificate"), "電子証明書");
        assert_eq!(ja("something new"), "something new");
    }

    #[test]
    fn every_row_is_japanese_and_is_there_once() {
        let rows =
            SYSTEM.iter().chain(TEXTS).map(|(en, ja)| (*en, *ja)).chain(NUMBERED.iter().map(|row| (row.0, row.2)));
        let rows: Vec<_> = rows.collect();
        for (at, (en, ja)) in rows.iter().enumerate() {
            assert!(en.is_ascii() && !ja.is_ascii(), "{en}");
            assert!(rows[..at].iter().all(|earlier| earlier != &(*en, *ja)), "twice: {en}");
        }
    }
}
