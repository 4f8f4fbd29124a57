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
