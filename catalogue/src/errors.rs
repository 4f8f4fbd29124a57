//! The core's errors in words.

use crate::names::{malformed_name, misuse_ja, row_name, step_name};
use crate::{Explain, Explanation, Lang};
use kazasu_core::error::{Error, Step};
use kazasu_core::mynumber::APPLICATIONS;
use kazasu_core::secret::FormatError;
use kazasu_core::{CardKind, LinkError, SecretKind, Status};

/// What the holder knows a secret as.
#[must_use]
pub const fn secret_name(kind: SecretKind, lang: Lang) -> &'static str {
    match kind {
        SecretKind::AuthPin => {
            lang.pick("the PIN for user authentication (4 digits)", "利用者証明用電子証明書の暗証番号(数字4桁)")
        }
        SecretKind::SignPassword => lang.pick(
            "the password for signatures (6 to 16 letters and digits)",
            "署名用電子証明書の暗証番号(英数字6〜16文字)",
        ),
        SecretKind::TextPin => lang.pick("the PIN for card data (4 digits)", "券面事項入力補助用の暗証番号(数字4桁)"),
        SecretKind::NumberA => lang.pick("the My Number (12 digits)", "照合番号A(個人番号12桁)"),
        SecretKind::NumberB => lang.pick(
            "number B (14 digits: birth date YYMMDD in the era, expiry year, security code)",
            "照合番号B(生年月日6桁・有効期限の西暦4桁・セキュリティコード4桁の計14桁)",
        ),
        SecretKind::BirthKey => lang.pick("the birth date (6 digits: YYMMDD in the era)", "生年月日(和暦YYMMDDの6桁)"),
        SecretKind::CardPin => {
            lang.pick("the card PIN (4 digits)", "個人番号カード用(住民基本台帳用)の暗証番号(数字4桁)")
        }
    }
}

/// What a status word says, for people who report it.
#[must_use]
fn status_name(status: Status) -> String {
    format!("{status} ({})", status.meaning())
}

fn where_to_reset(kind: SecretKind, lang: Lang) -> &'static str {
    match kind {
        SecretKind::AuthPin | SecretKind::SignPassword => lang.pick(
            "It can be set anew at the municipal office, or with the phone app and a convenience-store kiosk if the other password still works. What needs no password still works.",
            "市区町村の窓口で再設定できます。もう一方の暗証番号が使える場合は、スマホアプリとコンビニのキオスク端末でも再設定できます。暗証番号のいらない操作は今までどおり使えます。",
        ),
        _ => lang.pick(
            "It can be set anew at the municipal office. What needs no PIN still works.",
            "市区町村の窓口で再設定できます。暗証番号のいらない操作は今までどおり使えます。",
        ),
    }
}

fn tries(left: Option<u8>, lang: Lang) -> String {
    match (left, lang) {
        (Some(1), Lang::En) => "1 try is left.".into(),
        (Some(left), Lang::En) => format!("{left} tries are left."),
        (None, Lang::En) => "The card does not tell how many tries are left.".into(),
        (Some(left), Lang::Ja) => format!("残り{left}回です。"),
        (None, Lang::Ja) => "残り回数はカードから得られません。".into(),
    }
}

fn card_name(kind: CardKind, lang: Lang) -> &'static str {
    match kind {
        CardKind::MyNumber => lang.pick("a My Number card", "マイナンバーカード"),
        CardKind::Juki => lang.pick("an old Juki card", "住民基本台帳カード"),
        CardKind::AndroidToken => lang.pick("an Android phone", "Androidスマートフォン"),
        CardKind::IphoneToken => lang.pick("an iPhone", "iPhone"),
        CardKind::Nothing => lang.pick("nothing", "カードなし"),
        _ => lang.pick("another card", "別のカード"),
    }
}

fn format_reason(kind: SecretKind, reason: FormatError, lang: Lang) -> String {
    let format = kind.format();
    match (reason, lang) {
        (FormatError::Length, Lang::En) if format.min == format.max => {
            format!("The right one has {} characters.", format.min)
        }
        (FormatError::Length, Lang::En) => format!("The right one has {} to {} characters.", format.min, format.max),
        (FormatError::Length, Lang::Ja) if format.min == format.max => format!("正しくは{}文字です。", format.min),
        (FormatError::Length, Lang::Ja) => format!("正しくは{}〜{}文字です。", format.min, format.max),
        (FormatError::Character, _) if format.digits_only => {
            lang.pick("The right one has digits only.", "使えるのは数字だけです。").into()
        }
        (FormatError::Character, _) => lang
            .pick("The right one has letters A to Z and digits only.", "使えるのは英字(A〜Z)と数字だけです。")
            .into(),
        (FormatError::LetterAndDigit, _) => lang
            .pick(
                "The right one has at least one letter and one digit.",
                "英字と数字を1文字以上ずつ含む必要があります。",
            )
            .into(),
        (FormatError::CheckDigit, _) => lang
            .pick(
                "Its last digit does not fit the others; look for a typing mistake.",
                "検査用数字が合いません。打ち間違いがないか確かめてください。",
            )
            .into(),
        (FormatError::Date, _) => {
            lang.pick("The right one begins with a date.", "先頭は日付である必要があります。").into()
        }
    }
}

fn link(link: LinkError, lang: Lang) -> (&'static str, &'static str) {
    let again = lang.pick(
        "Put the card on the reader, keep it still, and do it again.",
        "カードを読み取り位置に置き、動かさずにもう一度実行してください。",
    );
    match link {
        LinkError::CardLost => (lang.pick("The card left the reader.", "カードが読み取り位置から離れました。"), again),
        LinkError::CardReset => (
            lang.pick("Another program reset the card.", "ほかのプログラムがカードをリセットしました。"),
            lang.pick(
                "Close other programs that use the card and do it again.",
                "カードを使うほかのプログラムを閉じて、もう一度実行してください。",
            ),
        ),
        LinkError::Timeout => {
            (lang.pick("The card did not answer in time.", "カードからの応答が時間内にありませんでした。"), again)
        }
        LinkError::Busy => (
            lang.pick("Another program is using the card.", "ほかのプログラムがカードを使用中です。"),
            lang.pick(
                "Close it, or wait until it is done, and do it again.",
                "そのプログラムを閉じるか、終わるのを待って、もう一度実行してください。",
            ),
        ),
        LinkError::ReaderLost => (
            lang.pick("The reader is gone.", "カードリーダーが見つからなくなりました。"),
            lang.pick(
                "Plug the reader in and do it again.",
                "カードリーダーを接続し直して、もう一度実行してください。",
            ),
        ),
        LinkError::TooLong | LinkError::Overrun => (
            lang.pick(
                "The reader cannot carry this command or its answer.",
                "カードリーダーがこの長さの命令または応答を扱えません。",
            ),
            lang.pick("Try another reader.", "別のカードリーダーを試してください。"),
        ),
        LinkError::Cancelled => (
            lang.pick("Cancelled.", "中止しました。"),
            lang.pick("Do it again when you are ready.", "準備ができたらもう一度実行してください。"),
        ),
        _ => (lang.pick("The link to the card failed.", "カードとの通信に失敗しました。"), again),
    }
}

/// The official name of the application with this title.
fn application(title: &str) -> Option<&'static str> {
    APPLICATIONS.iter().find(|application| application.title == title).map(|application| application.title_ja)
}

fn any_of(kinds: &[SecretKind], lang: Lang) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| secret_name(*kind, lang)).collect();
    names.join(lang.pick(", or ", "、または"))
}

impl Explain for Error {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, next) = match *self {
            Self::WrongSecret { kind, left } => {
                let name = secret_name(kind, lang);
                let what = match lang {
                    Lang::En => format!("Not the right secret: {name}. {}", tries(left, lang)),
                    Lang::Ja => format!("{name}が違います。{}", tries(left, lang)),
                };
                (
                    what,
                    lang.pick(
                        "Make sure that it is the right one of the card's secrets before you type it again.",
                        "どの暗証番号か確かめてから、もう一度入力してください。",
                    )
                    .into(),
                )
            }
            Self::SecretFormat { kind, reason } => {
                let name = secret_name(kind, lang);
                let what = match lang {
                    Lang::En => format!("This cannot be {name}. {}", format_reason(kind, reason, lang)),
                    Lang::Ja => format!("{name}の形式ではありません。{}", format_reason(kind, reason, lang)),
                };
                (
                    what,
                    lang.pick(
                        "Nothing was sent to the card and no try is spent. Type it again.",
                        "カードには何も送っていません。残り回数は減っていません。もう一度入力してください。",
                    )
                    .into(),
                )
            }
            Self::LastTry { kind, left } => {
                let name = secret_name(kind, lang);
                let what = match lang {
                    Lang::En => format!("A wrong entry now could block {name}. {}", tries(left, lang)),
                    Lang::Ja => format!("次に間違えると{name}がロックされるおそれがあります。{}", tries(left, lang)),
                };
                (
                    what,
                    lang.pick(
                        "Nothing was sent. Only if you are sure of it, do it again and allow the last try.",
                        "カードには送っていません。確実にわかっている場合だけ、最後の1回を許可して、もう一度実行してください。",
                    )
                    .into(),
                )
            }
            Self::Blocked { kind, spent } => {
                let name = secret_name(kind, lang);
                let what = match (lang, spent) {
                    (Lang::En, Some(true)) => {
                        format!("It was wrong, and that was the last try: {name} is blocked now. No tries are left.")
                    }
                    (Lang::En, _) => format!("Blocked: {name}. No tries are left."),
                    (Lang::Ja, Some(true)) => {
                        format!("違います。最後の1回だったため、{name}がロックされました。残り0回です。")
                    }
                    (Lang::Ja, _) => format!("{name}はロックされています。残り0回です。"),
                };
                (what, where_to_reset(kind, lang).into())
            }
            Self::WrongCard { found } => {
                let what = match lang {
                    Lang::En => format!("This is not a My Number card but {}.", card_name(found, lang)),
                    Lang::Ja => format!("マイナンバーカードではありません({})。", card_name(found, lang)),
                };
                (what, lang.pick("Put a My Number card on the reader.", "マイナンバーカードを置いてください。").into())
            }
            Self::Absent { what: name } if application(name).is_some() => {
                let official = application(name).unwrap_or_default();
                let what = match lang {
                    Lang::En => format!("This card has no application for {name} ({official})."),
                    Lang::Ja => format!("このカードには{official}がありません。"),
                };
                (what, lang.pick("Put a My Number card on the reader.", "マイナンバーカードを置いてください。").into())
            }
            Self::Absent { what: name } => {
                let certificate = name == "signature certificate";
                let what = match lang {
                    Lang::En => format!("This card has no {name}."),
                    Lang::Ja => format!("このカードには{}がありません。", row_name(name, lang)),
                };
                let next = if certificate {
                    lang.pick("Holders under 15 have none, and it lapses when name or address change; the municipal office issues one.", "15歳未満の方には発行されません。氏名や住所の変更で失効することもあります。発行は市区町村の窓口で受けられます。")
                } else {
                    lang.pick(
                        "What else is on the card can be read all the same.",
                        "カードのほかの内容は読み取れます。",
                    )
                };
                (what, next.into())
            }
            Self::Refused { step, status } => {
                let what = match lang {
                    Lang::En => format!("The card refused {}: {}.", step_name(step, lang), status_name(status)),
                    Lang::Ja => format!("カードが{}を断りました(ステータス {status})。", step_name(step, lang)),
                };
                let next = match step {
                    Step::Verify | Step::Change => lang.pick(
                        "Whether a try was spent is not known: look at the tries left before you do it again.",
                        "残り回数が減ったかどうかはわかりません。残り回数を確かめてから、もう一度実行してください。",
                    ),
                    _ => lang.pick(
                        "Do it again; if it happens again, please report it.",
                        "もう一度実行してください。続くようなら報告してください。",
                    ),
                };
                (what, next.into())
            }
            Self::Malformed { step, reason } => {
                let what = match lang {
                    Lang::En => format!(
                        "The card was asked {} and its answer cannot be used: {}.",
                        step_name(step, lang),
                        malformed_name(reason, lang)
                    ),
                    Lang::Ja => format!(
                        "カードの応答が使えません({}: {})。",
                        step_name(step, lang),
                        malformed_name(reason, lang)
                    ),
                };
                (
                    what,
                    lang.pick(
                        "Do it again; if it happens again, please report it.",
                        "もう一度実行してください。続くようなら報告してください。",
                    )
                    .into(),
                )
            }
            Self::OtherCard => (
                lang.pick(
                    "This is another card than the one that was being read.",
                    "読み取りの途中で別のカードに替わりました。",
                )
                .into(),
                lang.pick("Begin anew with one card.", "1枚のカードで最初からやり直してください。").into(),
            ),
            Self::Link(error) => {
                let (what, next) = link(error, lang);
                (what.into(), next.into())
            }
            Self::OutcomeUnknown { step, kind, link: error } => {
                let name = secret_name(kind, lang);
                let (what, _) = link(error, lang);
                match step {
                    Step::Change => (
                        match lang {
                            Lang::En => format!("{what} Whether {name} was changed is not known."),
                            Lang::Ja => format!("{what}{name}が変更されたかどうかはわかりません。"),
                        },
                        lang.pick("Look at the tries left, then try the new one first; if it is wrong, the old one is still valid.", "残り回数を確かめ、まず新しい方を試してください。違う場合は元のものが有効です。").into(),
                    ),
                    _ => (
                        match lang {
                            Lang::En => format!("{what} It happened while {name} was being checked, so a try may be spent."),
                            Lang::Ja => format!("{what}{name}の照合中だったため、残り回数が減った可能性があります。"),
                        },
                        lang.pick("It was not sent again. Look at the tries left, then do it again.", "再送はしていません。残り回数を確かめてから、もう一度実行してください。").into(),
                    ),
                }
            }
            Self::SessionOver => (
                lang.pick("This session with the card has ended.", "カードとの接続は終了しています。").into(),
                lang.pick("Begin anew.", "最初からやり直してください。").into(),
            ),
            Self::SecretRequired { kinds } => {
                let what = match lang {
                    Lang::En => format!("Needed first: {}.", any_of(kinds, lang)),
                    Lang::Ja => format!("先に必要です: {}", any_of(kinds, lang)),
                };
                (what, lang.pick("Do it again and give it.", "入力して、もう一度実行してください。").into())
            }
            Self::BufferTooSmall { needed } => (
                match lang {
                    Lang::En => format!("The file on the card is larger than expected ({needed} bytes)."),
                    Lang::Ja => format!("カード内のファイルが想定より大きいです({needed}バイト)。"),
                },
                lang.pick(
                    "Please report it: this is a limit of the program.",
                    "プログラム側の上限です。報告してください。",
                )
                .into(),
            ),
            Self::Misuse(why) => (
                match lang {
                    Lang::En => format!("The program asked for something impossible: {why}."),
                    Lang::Ja => match misuse_ja(why) {
                        Some(why) => format!("プログラムの呼び出し方が正しくありません: {why}"),
                        None => "プログラムの呼び出し方が正しくありません。".into(),
                    },
                },
                lang.pick(
                    "Please report it: this is a mistake in the program.",
                    "プログラムの誤りです。報告してください。",
                )
                .into(),
            ),
            _ => (self.to_string(), String::new()),
        };
        Explanation { what, next }
    }

    fn code(&self) -> &'static str {
        self.code()
    }

    fn number(&self) -> u16 {
        self.number()
    }

    fn tries_left(&self) -> Option<u8> {
        self.tries_left()
    }
}
