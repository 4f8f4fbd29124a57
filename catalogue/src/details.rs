//! What others say in English inside an error, for a Japanese one: the system, and the crates that read files. Texts that are not
//! in here stay as they are.

use std::borrow::Cow;

/// In Japanese, where that is known. A text that begins or ends with something of its own (a path, a number) keeps that.
pub(crate) fn ja(english: &str) -> Cow<'_, str> {
    if let Some((_, ja)) = TEXTS.iter().find(|(en, _)| *en == english.trim_end_matches('.')) {
        return Cow::Borrowed(ja);
    }
    if let Some(why) = english.strip_prefix("the PDF is damaged or not made by the rules (") {
        let why = why.split_once("). Save it again").map_or(why.trim_end_matches(')'), |(why, _)| why);
        return Cow::Owned(format!("PDFが壊れているか、PDFの規則に従っていません ({})", damage(why)));
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

/// What was noticed in a damaged PDF, in Japanese: of what is not known in here, only where it is.
pub(crate) fn damage(why: &str) -> Cow<'_, str> {
    match ja(why) {
        Cow::Borrowed(same) if same == why => {
            let place = why.rsplit_once("at byte ").and_then(|(_, at)| at.parse::<u64>().ok());
            place.map_or(Cow::Borrowed("解析できません"), |at| Cow::Owned(format!("{at}バイト目")))
        }
        known => known,
    }
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
    ("not a PDF: it does not begin with %PDF-", "PDFではありません"),
    ("the PDF is encrypted", "PDFが暗号化されています"),
    ("the PDF has two tables of contents that need not agree", "PDFに食い違い得る2つの目次があります"),
    ("the PDF holds more than is looked at", "PDFの内容が多すぎます"),
    ("the PDF has no signature", "PDFに署名がありません"),
    ("written with indefinite lengths (BER); only DER can be examined", "不定長(BER)で書かれています。確認できるのはDERだけです"),
    ("longer than a token that is looked at", "トークンとしては長すぎます"),
    ("it cannot be examined", "確認できません"),
    ("a record", "レコード"),
    ("the clock is not between 1970 and 9999", "時計が1970年から9999年の間にありません"),
    ("a call in the wrong order", "呼び出しの順序が違います"),
    ("something else than what was prepared", "準備したものと異なります"),
    ("a SHA-256 has 32 bytes", "SHA-256は32バイトです"),
    ("the certificate of the card's other key", "カードのもう一方の鍵の電子証明書です"),
    ("a new signature would be found elsewhere than where it is", "新しい署名が別の場所として読まれます"),
    ("object numbers run out", "オブジェクト番号が足りません"),
    ("a list is no array", "配列であるべきものが配列ではありません"),
    ("a list of fields is none", "入力欄の一覧が一覧ではありません"),
    ("a field is not an object of its own", "入力欄が独立したオブジェクトではありません"),
    ("a field is listed twice", "入力欄が二重に載っています"),
    ("a field is missing", "入力欄がありません"),
    ("a signature is missing", "署名がありません"),
    ("a signature is not a dictionary", "署名が辞書ではありません"),
    ("its tables can be read in more than one way", "目次が複数の読み方をされ得ます"),
    ("there are more objects than the file announces", "宣言より多くのオブジェクトがあります"),
    ("the end of the file is not there (startxref)", "ファイルの終わり(startxref)がありません"),
    ("the place of the table before is no number", "前の目次の位置が数ではありません"),
    ("a table or an object stream is packed in an unusual way", "目次またはオブジェクトストリームの圧縮方法が特殊です"),
    ("the PDF has more form fields than this program looks at, or nests them too deep", "PDFの入力欄が多すぎるか、入れ子が深すぎます"),
];

#[rustfmt::skip]
const NUMBERED: &[(&str, &str, &str)] = &[
    ("there are ", " bytes after the end of the signature", "署名の後に{}バイトの余分なデータがあります"),
    ("more than ", " bytes: not a certificate of these cards", "{}バイトを超えるものはマイナンバーカードの電子証明書ではありません"),
    ("a proof has not more than ", " bytes", "証明は{}バイト以内です"),
    ("longer than ", " bytes. Split the document", "{}バイトを超えています。分割してください"),
    ("longer than the ", " bytes that are read of such a file", "{}バイトを超えています(このようなファイルは{}バイトまで読み取ります)"),
    ("longer than ", " bytes: not a token that is looked at here", "{}バイトを超えるトークンは確認しません"),
    ("object ", " is missing", "オブジェクト{}がありません"),
    ("object ", " does not end", "オブジェクト{}が終わりません"),
    ("object ", " is not in the place that the table says", "オブジェクト{}が目次の示す場所にありません"),
    ("stream ", " has no length", "ストリーム{}に長さがありません"),
    ("stream ", " is not as long as it says", "ストリーム{}の長さが違います"),
    ("object stream ", " lists an object twice, or badly", "オブジェクトストリーム{}の一覧が正しくありません"),
    ("the table at byte ", " leads back to itself", "{}バイト目の目次が自身に戻ります"),
    ("the table at byte ", " is not exact", "{}バイト目の目次が正確ではありません"),
    ("an object begins at byte ", " within another", "{}バイト目でオブジェクトが別のものの中から始まっています"),
    ("no object can be read at byte ", "", "{}バイト目にオブジェクトを読み取れません"),
    ("a dictionary has a key twice at byte ", "", "{}バイト目の辞書にキーが重複しています"),
    ("objects nest too deep at byte ", "", "{}バイト目の入れ子が深すぎます"),
    ("there is no dictionary at byte ", "", "{}バイト目に辞書がありません"),
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

    #[test]
    fn of_damage_that_is_not_known_only_the_place_is_told() {
        assert_eq!(damage("object 7 is not at byte 12"), "12バイト目");
        assert_eq!(damage("object 7 does not end"), "オブジェクト7が終わりません");
        assert_eq!(damage("catalog: something new"), "解析できません");
    }
}
