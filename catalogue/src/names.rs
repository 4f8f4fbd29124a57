//! What the tables' rows are called, and the words for what the core was doing.

use crate::Lang;
use kazasu_core::error::{Malformed, Step};
use kazasu_core::mynumber::APPLICATIONS;

/// A row's name in this language; the tables carry both.
pub(crate) fn row_name(name: &'static str, lang: Lang) -> &'static str {
    let rows = || {
        APPLICATIONS.iter().flat_map(|application| {
            let files = application.files.iter().map(|file| (file.name, file.name_ja));
            let keys = application.keys.iter().map(|key| (key.name, key.name_ja));
            files.chain(keys).chain(application.objects.iter().map(|object| (object.name, object.name_ja)))
        })
    };
    match lang {
        Lang::En => name,
        Lang::Ja => rows().find(|(english, _)| *english == name).map_or(name, |(_, japanese)| japanese),
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
        Malformed::Tag(_) => {
            lang.pick("it is another object than the expected one", "あるはずのものとは別のデータです")
        }
        Malformed::Tlv(_) => lang.pick("an object in it is broken", "中のデータ構造が壊れています"),
        _ => lang.pick("a field has impossible content", "項目の内容があり得ません"),
    }
}

/// A mistake of a program's, in Japanese. Its English is a name in the code of whoever found it;.
pub(crate) fn misuse_ja(english: &str) -> Option<&'static str> {
    MISUSE.iter().find(|(en, _)| *en == english).map(|(_, ja)| *ja)
}

#[rustfmt::skip] // a row a line
const MISUSE: &[(&str, &str)] = &[
    // core
    ("this secret is never sent", "この暗証番号は送りません"),
    ("this secret has been sent", "この暗証番号は送信済みです"),
    ("this application has no such secret", "このカードアプリケーションにこの暗証番号はありません"),
    ("no such data object", "このデータオブジェクトはありません"),
    ("a challenge has 1 to 255 bytes", "チャレンジは1〜255バイトです"),
    ("a signature whose digest is made later needs Run::go_with", "ハッシュ値を後から作る署名には Run::go_with が必要です"),
    ("a plan has 1 to 64 items", "計画の項目は1〜64個です"),
    ("this counter is not on the card", "この残り回数はカードにありません"),
    ("this item is no file", "この項目はファイルではありません"),
    // the bridge
    ("a digest has 32, 48 or 64 bytes", "ハッシュ値は32・48・64バイトのいずれかです"),
    ("a call in the wrong order", "呼び出しの順序が違います"),
    ("this secret is not changed", "この暗証番号は変更できません"),
    ("a link carries at least a short APDU", "短縮長の命令を運べない接続です"),
    ("a secret is UTF-8", "暗証番号はUTF-8で渡します"),
    ("a SHA-256 has 32 bytes", "SHA-256は32バイトです"),
    ("the certificate of the card's other key", "カードのもう一方の鍵の電子証明書です"),
    ("something else than what was prepared", "準備したものと異なります"),
    ("the clock is not between 1970 and 9999", "時計が1970年から9999年の間にありません"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                sources(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                found.push(entry);
            }
        }
    }

    #[test]
    fn every_mistake_that_a_program_can_be_told_of_has_japanese_words_and_no_other_has() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let mut files = Vec::new();
        for part in ["core/src", "ffi/src", "ffi/pki/src"] {
            sources(&root.join(part), &mut files);
        }
        files.retain(|file| !file.iter().any(|part| part == "tests" || part == "tests.rs"));
        let mut said: Vec<String> = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(file).expect("a text");
            let quoted = text.split("Misuse(\"").skip(1).filter_map(|rest| rest.split('"').next());
            said.extend(quoted.map(str::to_owned));
        }
        said.sort_unstable();
        said.dedup();
        let mut known: Vec<_> = MISUSE.iter().map(|(en, _)| (*en).to_owned()).collect();
        known.sort_unstable();
        assert_eq!(said, known);
        assert!(MISUSE.iter().all(|(_, ja)| !ja.is_ascii()));
    }
}
