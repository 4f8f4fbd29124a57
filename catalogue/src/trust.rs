//! The words of the table "what was checked, by whom, what was not".

use crate::Lang;
use kazasu_pki::finding::{By, Check, Conclusion, Reason, WhyNot};

/// Something of the table that has words.
pub trait Words {
    /// In this language.
    fn text(self, lang: Lang) -> &'static str;
}

impl Words for Check {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::CertificateProfile => lang.pick("form of the certificate", "電子証明書の形式"),
            Self::Issuer => lang.pick("issued by a known authority", "既知の認証局による発行"),
            Self::KeyUsage => lang.pick("what the key is for", "鍵の用途"),
            Self::ExtendedKeyUsage => lang.pick("what the certificate is for", "電子証明書の用途"),
            Self::Policy => lang.pick("the authority's policy", "認証局のポリシー"),
            Self::BasicConstraints => {
                lang.pick("a person's certificate, not an authority's", "個人の電子証明書であること")
            }
            Self::Key => lang.pick("strength of the key", "鍵の強度"),
            Self::IssuerSignature => lang.pick("the authority's signature", "認証局の署名"),
            Self::Validity => lang.pick("within its validity", "有効期間内"),
            Self::IssuerValidity => lang.pick("the authority within its validity", "認証局の有効期間内"),
            Self::Revocation => lang.pick("revocation", "失効"),
            // A login token.
            Self::TokenFormat => lang.pick("form of the token", "トークンの形式"),
            Self::TokenAlgorithm => lang.pick("the key's own algorithm", "鍵に合った署名アルゴリズム"),
            Self::Nonce => lang.pick("the server's own nonce, used once", "サーバーが発行した一度限りのノンス"),
            Self::LoginSignature => {
                lang.pick("the card's signature over address and nonce", "サイトとノンスに対するカードの署名")
            }
        }
    }
}

impl Words for Reason {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Profile => lang.pick("not in the form of these certificates", "この電子証明書の形式ではありません"),
            Self::UnknownCritical => lang.pick(
                "it demands something that is not understood here (a critical extension)",
                "解釈できない必須の拡張があります",
            ),
            Self::UnknownIssuer => lang.pick("the authority is none of the known ones", "既知の認証局ではありません"),
            Self::Usage => lang.pick("the key is not for this", "この用途の鍵ではありません"),
            Self::Policy => lang.pick("another policy", "ポリシーが異なります"),
            Self::Authority => lang.pick("an authority's certificate", "認証局の電子証明書です"),
            Self::Weak => lang.pick("too weak, or of an unknown kind", "強度が足りないか、未知の種類です"),
            Self::Signature => {
                lang.pick("made by another key, or over other bytes", "別の鍵による署名か、内容が異なります")
            }
            Self::NotYet => lang.pick("not begun at that time", "その時点ではまだ有効ではありません"),
            Self::Expired => lang.pick("over at that time", "その時点で期限切れです"),
            Self::Revoked => lang.pick("revoked", "失効しています"),
            // A login token.
            Self::TokenUnreadable => lang.pick("not a token that can be read", "読み取れるトークンではありません"),
            Self::TokenVersion => lang.pick("another format, or a later one", "別の形式か、新しい版の形式です"),
            Self::OtherAlgorithm => lang.pick("not the algorithm of this key", "この鍵のアルゴリズムではありません"),
            Self::Nonce => {
                lang.pick("never given out, used before, or too late", "発行されていないか、使用済みか、期限切れです")
            }
        }
    }
}

impl Words for WhyNot {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Moot => {
                lang.pick("says nothing, because something above failed", "上の項目が満たされないため意味がありません")
            }
            Self::NoIssuerCertificate => {
                lang.pick("the authority's certificate was not handed in", "認証局の電子証明書が渡されていません")
            }
            Self::NotAsked => lang.pick(
                "nobody was asked; only accredited verifiers can ask",
                "照会していません（照会できるのは署名検証者などに限られます）",
            ),
            Self::Unknown => lang.pick("whoever was asked does not know", "照会先が不明と答えました"),
        }
    }
}

impl Words for By {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Kazasu => lang.pick("Kazasu", "Kazasu"),
            Self::Other => lang.pick("an answer that was handed in", "渡された回答"),
            Self::Nobody => lang.pick("nobody", "なし"),
        }
    }
}

/// The last line: what the table says together. Never "valid" alone.
#[must_use]
pub fn conclusion(conclusion: Conclusion, lang: Lang) -> String {
    match (conclusion, lang) {
        (Conclusion::EverythingAsked, Lang::En) => String::from("everything that was asked for was checked and holds"),
        (Conclusion::EverythingAsked, Lang::Ja) => String::from("求められた項目はすべて確認され、満たされています"),
        (Conclusion::Fails(check, reason), Lang::En) => {
            format!("FAILS: {}: {}", check.text(lang), reason.text(lang))
        }
        (Conclusion::Fails(check, reason), Lang::Ja) => {
            format!("不合格: {}: {}", check.text(lang), reason.text(lang))
        }
        (Conclusion::NotEverything(check, why), Lang::En) => {
            format!("NOT EVERYTHING was checked: {}: {}", check.text(lang), why.text(lang))
        }
        (Conclusion::NotEverything(check, why), Lang::Ja) => {
            format!("確認されていない項目があります: {}: {}", check.text(lang), why.text(lang))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<T: Words + Copy>(of: &[T]) -> Vec<(&'static str, &'static str)> {
        of.iter().map(|one| (one.text(Lang::En), one.text(Lang::Ja))).collect()
    }

    #[test]
    fn every_line_of_the_table_has_words_of_its_own_in_both_languages() {
        for words in [all(Check::ALL), all(Reason::ALL), all(WhyNot::ALL)] {
            for (i, (en, ja)) in words.iter().enumerate() {
                assert!(!en.is_empty() && en.is_ascii(), "{en}");
                assert!(!ja.is_ascii(), "{ja}");
                assert!(words[..i].iter().all(|(other_en, other_ja)| other_en != en && other_ja != ja), "twice: {en}");
            }
        }
    }

    #[test]
    fn no_word_of_the_table_is_valid_alone() {
        for (en, ja) in [all(Check::ALL), all(Reason::ALL), all(WhyNot::ALL)].concat() {
            assert!(en != "valid" && ja != "有効");
        }
    }
}
