//! What the tables' rows are called in Japanese, and the words for what the core was doing.

use crate::Lang;
use kazasu_core::error::{Malformed, Step};

/// English name of a row, Japanese name. A test holds it against the tables.
static NAMES: &[(&str, &str)] = &[
    ("signature certificate", "署名用電子証明書"),
    ("signature CA certificate", "署名用認証局の証明書"),
    ("token information", "トークン情報"),
    ("which certificates exist", "電子証明書の有無"),
    ("user-authentication certificate", "利用者証明用電子証明書"),
    ("user-authentication CA certificate", "利用者証明用認証局の証明書"),
    ("user-authentication key", "利用者証明用の秘密鍵"),
    ("signature key", "署名用の秘密鍵"),
    ("My Number", "個人番号"),
    ("four attributes", "基本4情報"),
    ("integrity record", "真正性確認用の記録"),
    ("municipality certificate", "市区町村の証明書"),
    ("application information", "アプリケーション情報"),
    ("session-key public key", "セッション鍵用の公開鍵"),
    ("internal-authentication public key", "内部認証用の公開鍵"),
    ("internal-authentication key", "内部認証用の秘密鍵"),
    ("birth-date record", "生年月日の記録"),
    ("card face", "券面の情報"),
    ("My Number image", "個人番号の画像"),
    ("card record", "カードの記録"),
    ("key reference", "鍵の識別子"),
    ("card key", "カードの秘密鍵"),
    ("issuer key reference", "発行者の鍵の識別子"),
    ("card number", "カード番号"),
    ("card recognition data", "カード認識データ"),
    ("municipality", "市区町村コード"),
    ("expiry date", "有効期限"),
    ("intermediate key reference", "中間鍵の識別子"),
    ("intermediate certificate", "中間証明書"),
    ("certificate below the intermediate one", "中間証明書の下の証明書"),
    ("answer to reset without TS", "リセット応答(TSを除く)"),
];

/// A row's name in this language.
pub(crate) fn row_name(name: &'static str, lang: Lang) -> &'static str {
    let japanese = NAMES.iter().find(|(english, _)| *english == name).map(|(_, japanese)| *japanese);
    match lang {
        Lang::En => name,
        Lang::Ja => japanese.unwrap_or(name),
    }
}

/// What the core was doing, after "the card refused".
pub(crate) const fn step_name(step: Step, lang: Lang) -> &'static str {
    match step {
        Step::Select => lang.pick("to select it", "選択"),
        Step::Read => lang.pick("to be read", "読み出し"),
        Step::Query => lang.pick("to tell the tries left", "残り回数の問い合わせ"),
        Step::Verify => lang.pick("to check a secret", "暗証番号の照合"),
        Step::Change => lang.pick("to change a secret", "暗証番号の変更"),
        Step::Sign => lang.pick("to sign", "署名"),
        Step::Authenticate => lang.pick("to authenticate itself", "内部認証"),
        Step::GetData => lang.pick("to give a data object", "データの取得"),
        _ => lang.pick("a command", "命令"),
    }
}

/// Why an answer cannot be used.
pub(crate) const fn malformed_name(reason: Malformed, lang: Lang) -> &'static str {
    match reason {
        Malformed::NoStatus => lang.pick("it has no status word", "ステータスワードがありません"),
        Malformed::Empty => lang.pick("it has no data", "データがありません"),
        Malformed::Size => lang.pick("its size is impossible", "大きさがあり得ません"),
        Malformed::Tlv(_) => lang.pick("an object in it is broken", "中のデータ構造が壊れています"),
        _ => lang.pick("a field has impossible content", "項目の内容があり得ません"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_core::mynumber::APPLICATIONS;

    #[test]
    fn every_row_of_every_table_has_a_japanese_name_and_no_other_has() {
        let mut rows: Vec<_> = APPLICATIONS
            .iter()
            .flat_map(|application| {
                let files = application.files.iter().map(|file| file.name);
                let keys = application.keys.iter().map(|key| key.name);
                files.chain(keys).chain(application.objects.iter().map(|object| object.name))
            })
            .collect();
        let mut names: Vec<_> = NAMES.iter().map(|(english, _)| *english).collect();
        rows.sort_unstable();
        rows.dedup();
        names.sort_unstable();
        assert_eq!(rows, names);
    }
}
