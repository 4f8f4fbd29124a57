//! What the operating system says in English inside an error, for a Japanese one. Its list is open: a text that is not
//! in here stays as it is.

use crate::Lang;

/// What is the text's own (`(os error 2)`) is kept.
pub(crate) fn words(said: &str, lang: Lang) -> String {
    match (TEXTS.iter().find(|(en, _)| said.contains(en)), lang) {
        (Some((en, ja)), Lang::Ja) => said.replacen(en, ja, 1),
        _ => said.to_owned(),
    }
}

#[rustfmt::skip] // a row a line
const TEXTS: &[(&str, &str)] = &[
    ("No such file or directory", "見つかりません"),
    ("Permission denied", "権限がありません"),
    ("Is a directory", "フォルダーです"),
    ("Not a directory", "フォルダーではないものが途中にあります"),
    ("No space left on device", "空き容量がありません"),
    ("Read-only file system", "書き込めない場所です"),
    ("File too large", "大きすぎます"),
    ("File name too long", "名前が長すぎます"),
    ("Bad file descriptor", "開いていません"),
    ("Input/output error", "入出力エラーです"),
    ("Connection refused", "接続を拒否されました"),
    ("stream did not contain valid UTF-8", "UTF-8の文章ではありません"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_japanese_with_its_own_parts_kept() {
        assert_eq!(words("No such file or directory (os error 2)", Lang::Ja), "見つかりません (os error 2)");
        assert_eq!(words("No such file or directory (os error 2)", Lang::En), "No such file or directory (os error 2)");
        assert_eq!(words("something new", Lang::Ja), "something new");
    }

    #[test]
    fn every_row_is_japanese_and_is_there_once() {
        for (at, (en, ja)) in TEXTS.iter().enumerate() {
            assert!(en.is_ascii() && !ja.is_ascii(), "{en}");
            assert!(TEXTS[..at].iter().all(|(earlier, _)| earlier != en), "twice: {en}");
        }
    }
}
