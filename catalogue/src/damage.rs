//! What is damaged in a PDF, in words.

use crate::Lang;
use kazasu_pki::pdf::Damage;

/// What was noticed first, and where.
#[must_use]
pub fn damage(why: Damage, lang: Lang) -> String {
    match lang {
        Lang::En => why.to_string(),
        Lang::Ja => ja(why),
    }
}

fn ja(why: Damage) -> String {
    match why {
        Damage::NoEnd => "ファイルの終わり(startxref)がありません".into(),
        Damage::BlanksAtEnd => "ファイルの末尾に空白が多すぎます".into(),
        Damage::TableCircle { at } => format!("{at}バイト目の目次が自身に戻ります"),
        Damage::Table { at } => format!("{at}バイト目の目次が正確ではありません"),
        Damage::PreviousTable => "前の目次の位置が数ではありません".into(),
        Damage::Size => "宣言より多くのオブジェクトがあります".into(),
        Damage::HighNumbers => "一部のソフトが扱えないほど大きなオブジェクト番号が宣言されています".into(),
        Damage::TwoReadings => "目次が複数の読み方をされ得ます".into(),
        Damage::Packing => "目次またはオブジェクトストリームの圧縮方法が特殊です".into(),
        Damage::NoObject { at } => format!("{at}バイト目にオブジェクトを読み取れません"),
        Damage::TwiceTheKey { at } => format!("{at}バイト目の辞書にキーが重複しています"),
        Damage::TooDeep { at } => format!("{at}バイト目の入れ子が深すぎます"),
        Damage::NoDictionary { at } => format!("{at}バイト目に辞書がありません"),
        Damage::Elsewhere { number, at } => format!("オブジェクト{number}が、目次の示す{at}バイト目にありません"),
        Damage::Unended { number } => format!("オブジェクト{number}が終わりません"),
        Damage::Within { at } => format!("{at}バイト目でオブジェクトが別のものの中から始まっています"),
        Damage::NotInStream { number } => format!("オブジェクト{number}が目次の示す場所にありません"),
        Damage::NoLength { number } => format!("ストリーム{number}に長さがありません"),
        Damage::OtherLength { number } => format!("ストリーム{number}の長さが違います"),
        Damage::ObjectStream { number } => format!("オブジェクトストリーム{number}の一覧が正しくありません"),
        Damage::Unlisted { at } => format!("{at}バイト目のオブジェクトがどの目次にもありません"),
        Damage::Missing { number } => format!("オブジェクト{number}がありません"),
        Damage::NoCatalog => "文書カタログ(Root)がありません".into(),
        Damage::Form => "フォーム(AcroForm)が辞書ではありません".into(),
        Damage::FieldList => "入力欄の一覧が一覧ではありません".into(),
        Damage::FieldInside => "入力欄が独立したオブジェクトではありません".into(),
        Damage::FieldTwice => "入力欄が二重に載っています".into(),
        Damage::NoField => "入力欄がありません".into(),
        Damage::NoSignature => "入力欄の指す署名がありません".into(),
        Damage::SignatureKind => "署名が辞書ではありません".into(),
        Damage::List => "配列であるべきものが配列ではありません".into(),
        Damage::NumbersRunOut => "オブジェクト番号が足りません".into(),
        Damage::SignatureElsewhere => "新しい署名が別の場所として読まれます".into(),
        Damage::Unread => "全体を読み取れません".into(),
    }
}
