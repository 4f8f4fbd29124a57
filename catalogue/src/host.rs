//! What can go wrong on a phone before and around the card, and the few words on its NFC sheet.

use crate::{Explain, Explanation, Lang};
use kazasu_core::Who;

macro_rules! troubles {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $code:literal $who:ident
       $en:literal $en_next:literal $ja:literal $ja_next:literal;)*) => {
        /// An error of a phone's or another host's own, not of the card protocol.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum HostTrouble { $($(#[$doc])* $variant,)* }

        impl HostTrouble {
            /// Every one, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
        }

        impl Explain for HostTrouble {
            fn explain(&self, lang: Lang) -> Explanation {
                let (what, next) = match self {
                    $(Self::$variant => (lang.pick($en, $ja), lang.pick($en_next, $ja_next)),)*
                };
                Explanation { what: what.into(), next: next.into() }
            }

            fn code(&self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            fn number(&self) -> u16 {
                match self { $(Self::$variant => $number,)* }
            }

            fn who(&self) -> Who {
                match self { $(Self::$variant => Who::$who,)* }
            }
        }
    };
}

troubles! {
    /// The device has no NFC, or none that an app may use.
    NfcUnavailable = 501 "nfc-unavailable" User
        "This device cannot read cards by NFC." "Use a phone with NFC."
        "この端末はNFCでカードを読み取れません。" "NFC対応のスマートフォンをお使いください。";
    /// NFC is switched off.
    NfcOff = 502 "nfc-off" User
        "NFC is switched off." "Switch it on in the settings and do it again."
        "NFCがオフになっています。" "設定でNFCをオンにして、もう一度実行してください。";
    /// The app was built without the right to use NFC.
    MissingEntitlement = 503 "missing-entitlement" Caller
        "This app is not permitted to use NFC."
        "Please tell the makers of the app: its NFC entitlement or permission is missing."
        "このアプリにはNFCを使う権限がありません。"
        "アプリの提供元に、NFCのエンタイトルメントまたは権限がないことをお知らせください。";
    /// The app does not declare an application of the card that is to be selected.
    MissingAid = 504 "missing-aid" Caller
        "This app does not declare the card's applications."
        "Please tell the makers of the app: an application identifier (AID) of the My Number card is missing in its settings."
        "このアプリの設定に、カードのアプリケーションIDがありません。"
        "アプリの提供元に、マイナンバーカードのAIDの設定が足りないことをお知らせください。";
    /// The app does not say what it uses NFC for.
    MissingUsageText = 505 "missing-usage-text" Caller
        "This app does not say what it uses NFC for."
        "Please tell the makers of the app: the NFC usage description is missing in its settings."
        "このアプリの設定に、NFCの利用目的がありません。"
        "アプリの提供元に、NFCの利用目的の設定がないことをお知らせください。";
    /// The system is busy with another NFC session.
    SystemBusy = 506 "system-busy" User
        "NFC is busy." "Wait a few seconds and do it again."
        "NFCが使用中です。" "数秒待って、もう一度実行してください。";
    /// The system's time for one session is over.
    SessionTimeout = 507 "session-timeout" User
        "The time for reading is over." "Do it again, and hold the card to the phone until it says that it is done."
        "読み取りの制限時間を過ぎました。" "もう一度実行し、完了と表示されるまでカードをかざし続けてください。";
    /// The user closed the sheet, or did not allow NFC.
    UserCancelled = 508 "user-cancelled" User
        "You cancelled." "Do it again when you are ready."
        "中止しました。" "準備ができたらもう一度実行してください。";
    /// What was held there cannot be a My Number card.
    WrongTag = 509 "wrong-tag" Card
        "This is not a My Number card." "Hold your My Number card to the phone, and no other card."
        "マイナンバーカードではありません。" "マイナンバーカードだけをかざしてください。";
    /// NFC failed, and the system gave no better reason.
    HostFailed = 510 "host-failed" Link
        "NFC failed." "Do it again; if it happens again, restart the phone."
        "NFCでエラーが起きました。" "もう一度実行してください。続くようなら、端末を再起動してください。";
}

impl HostTrouble {
    /// The one with this number.
    #[must_use]
    pub fn numbered(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|trouble| trouble.number() == number)
    }
}

/// A line for the holder while a card is read by a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Before there is a card.
    Hold,
    /// The same, where the antenna is in the upper part of the phone's back.
    HoldTop,
    /// In the middle.
    HoldMiddle,
    /// In the lower part.
    HoldBottom,
    /// While it is being read.
    Reading,
    /// It slipped away.
    HoldAgain,
    /// It slipped away more than once.
    OtherPlace,
    /// There are several.
    OneCard,
    /// The end.
    Done,
}

impl Prompt {
    /// In words.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Hold => lang.pick(
                "Hold your My Number card to the phone and keep it there.",
                "マイナンバーカードをかざし、そのまま動かさないでください。",
            ),
            Self::HoldTop => lang.pick(
                "Hold your My Number card to the upper part of the phone's back and keep it there.",
                "マイナンバーカードを端末の背面の上部にかざし、そのまま動かさないでください。",
            ),
            Self::HoldMiddle => lang.pick(
                "Hold your My Number card to the middle of the phone's back and keep it there.",
                "マイナンバーカードを端末の背面の中央にかざし、そのまま動かさないでください。",
            ),
            Self::HoldBottom => lang.pick(
                "Hold your My Number card to the lower part of the phone's back and keep it there.",
                "マイナンバーカードを端末の背面の下部にかざし、そのまま動かさないでください。",
            ),
            Self::Reading => {
                lang.pick("Reading. Keep the card where it is.", "読み取り中です。カードを動かさないでください。")
            }
            Self::HoldAgain => lang
                .pick("The card slipped away. Hold it there again.", "カードが離れました。もう一度かざしてください。"),
            Self::OtherPlace => lang.pick(
                "The card slips away. Take the phone out of its case and try another place.",
                "カードが離れやすいようです。ケースを外し、かざす位置を変えてください。",
            ),
            Self::OneCard => {
                lang.pick("There are several cards. Hold only one.", "カードが複数あります。1枚だけかざしてください。")
            }
            Self::Done => lang.pick("Done.", "完了しました。"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_its_own_number_in_the_five_hundreds_and_words_in_both_languages() {
        for (at, trouble) in HostTrouble::ALL.iter().enumerate() {
            assert_eq!(trouble.number(), 501 + at as u16);
            assert_eq!(HostTrouble::numbered(trouble.number()), Some(*trouble));
            let (en, ja) = (trouble.explain(Lang::En), trouble.explain(Lang::Ja));
            assert!(en.what.is_ascii() && en.next.is_ascii() && en.what.ends_with('.') && en.next.ends_with('.'));
            assert!(ja.what.ends_with('。') && ja.next.ends_with('。'), "{ja:?}");
        }
        assert_eq!(HostTrouble::numbered(500), None);
        assert_eq!(HostTrouble::numbered(511), None);
    }

    #[test]
    fn the_five_that_people_mix_up_differ() {
        use HostTrouble::{SessionTimeout, SystemBusy, UserCancelled, WrongTag};
        let wrong_pin = kazasu_core::Error::WrongSecret { kind: kazasu_core::SecretKind::AuthPin, left: Some(2) };
        let mut numbers =
            [UserCancelled, SessionTimeout, SystemBusy, WrongTag].map(|trouble| trouble.number()).to_vec();
        numbers.push(wrong_pin.number());
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 5);
    }
}
