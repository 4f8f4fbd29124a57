//! The words of the table "what was checked, by whom, what was not".

use crate::Lang;
use kazasu_pki::finding::{By, Check, Conclusion, Findings, Outcome, Reason, WhyNot};
#[cfg(feature = "server")]
use kazasu_pki::revocation::Unusable;
use kazasu_pki::revocation::{RevocationReason, RevocationStatus};
use std::time::SystemTime;

/// Something of the table that has words.
pub trait Words {
    /// In this language.
    fn text(self, lang: Lang) -> &'static str;
}

impl Words for Check {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::CertificateProfile => lang.pick("form of the certificate", "電子証明書の形式"),
            Self::Issuer => lang.pick("issued by a known authority", "公的個人認証の認証局による発行"),
            Self::KeyUsage => lang.pick("what the key is for", "鍵用途(keyUsage)"),
            Self::ExtendedKeyUsage => lang.pick("what the certificate is for", "拡張鍵用途(extendedKeyUsage)"),
            Self::Policy => lang.pick("the authority's policy", "証明書ポリシー"),
            Self::BasicConstraints => {
                lang.pick("a person's certificate, not an authority's", "個人の電子証明書であること")
            }
            Self::Key => lang.pick("strength of the key", "鍵の強度"),
            Self::IssuerSignature => lang.pick("the authority's signature", "認証局の署名"),
            Self::Validity => lang.pick("within its validity", "電子証明書の有効期間内"),
            Self::IssuerValidity => lang.pick("the authority within its validity", "認証局の有効期間内"),
            Self::IssuerCertificate => lang.pick("the authority may issue certificates", "認証局に発行権限があること"),
            Self::Revocation => lang.pick("not revoked", "失効していないこと"),
            Self::Nonce => lang.pick("the nonce is fresh and used once", "ノンスが新しく、1回だけ使われたこと"),
            Self::TextAuthority => {
                lang.pick("card data: certified by a known authority", "券面事項入力補助AP: 既知の認証局による証明")
            }
            Self::TextCertificate => {
                lang.pick("card data: the authority's signature", "券面事項入力補助AP: 認証局の署名")
            }
            Self::TextKey => lang.pick("card data: the card's own key", "券面事項入力補助AP: カード固有の鍵"),
            Self::TextPresence => {
                lang.pick("card data: the card signed the nonce", "券面事項入力補助AP: カードがノンスに署名したこと")
            }
            Self::TextIntegrity => {
                lang.pick("card data: the record of digests", "券面事項入力補助AP: 真正性確認用の記録")
            }
            Self::TextAttributes => lang.pick("name, address, birth date and sex", "氏名・住所・生年月日・性別"),
            Self::TextNumber => lang.pick("the My Number", "個人番号"),
            Self::SurfaceAuthority => {
                lang.pick("card face: certified by a known authority", "券面事項確認AP: 既知の認証局による証明")
            }
            Self::SurfaceCertificate => {
                lang.pick("card face: the authority's signature", "券面事項確認AP: 認証局の署名")
            }
            Self::FaceSignature => lang.pick("card face: the signature", "券面の署名"),
            Self::FacePerson => {
                lang.pick("card face: birth date, sex and the card's own key", "券面の生年月日・性別・カード固有の鍵")
            }
            Self::FaceImages => lang.pick("card face: images of name and address", "券面の氏名・住所の画像"),
            Self::FacePhoto => lang.pick("card face: photo", "券面の顔写真"),
            Self::FaceExpiry => lang.pick("card face: expiry date", "券面の有効期限"),
            Self::FaceSecurityCode => lang.pick("card face: security code", "券面のセキュリティコード"),
            Self::FaceRest => lang.pick("card face: anything else", "券面のその他の項目"),
            Self::BirthRecord => lang.pick("the birth-date record", "生年月日の記録"),
            Self::NumberImage => lang.pick("the image of the My Number", "個人番号の画像"),
            Self::SurfaceKey => lang.pick(
                "card face: one card's own key in all records",
                "券面事項確認AP: すべての記録のカード固有の鍵が同じこと",
            ),
            Self::SurfacePresence => {
                lang.pick("card face: the card signed the nonce", "券面事項確認AP: カードがノンスに署名したこと")
            }
            Self::Municipality => {
                lang.pick("one municipality in both applications", "両方のアプリケーションの市区町村が同じこと")
            }
            Self::SamePerson => lang.pick("one person in both applications", "両方のアプリケーションの人物が同じこと"),
            Self::HolderSignature => {
                lang.pick("the holder's key signed the nonce (PIN)", "利用者証明用の鍵によるノンスへの署名（暗証番号）")
            }
            Self::HolderCard => lang.pick("the holder's key is on this card", "利用者証明用の鍵がこのカードにあること"),
            // ---- a signature in CMS
            Self::CmsProfile => lang.pick("form of the signature", "署名の形式"),
            Self::SignerCertificate => lang.pick("the signer's certificate is in the file", "署名者の電子証明書の同梱"),
            Self::OtherCertificates => {
                lang.pick("other certificates in the file are known authorities'", "ほかの証明書が既知の認証局のもの")
            }
            Self::SignatureAlgorithm => lang.pick("algorithms of the signature", "署名のアルゴリズム"),
            Self::SignedAttributes => lang.pick("form of what was signed", "署名対象の形式"),
            Self::ContentType => lang.pick("kind of the content", "内容の種類"),
            Self::ContentDigest => lang.pick("the content is what was signed", "内容が署名時のまま"),
            Self::SigningCertificate => {
                lang.pick("the signature names its certificate", "署名に記された電子証明書との一致")
            }
            Self::SignatureValue => lang.pick("the signature", "署名値"),
            Self::ClaimedTime => {
                lang.pick("the time that the signer claims is plausible", "署名者が主張する時刻の妥当性")
            }
            Self::TimestampImprint => {
                lang.pick("the timestamp is about what is here", "タイムスタンプの対象がここにあるものであること")
            }
            Self::TimestampSignature => lang.pick("the timestamp's signature", "タイムスタンプの署名"),
            Self::TimestampAuthority => lang.pick("the time-stamping authority", "時刻認証局"),
            Self::TimestampTime => lang.pick("the time of the timestamp", "タイムスタンプの時刻"),
            Self::TimestampRevocation => {
                lang.pick("the time-stamping authority not revoked", "時刻認証局の証明書が失効していないこと")
            }
            // ---- a signature in a PDF
            Self::PdfStructure => lang.pick("every program reads the PDF alike", "PDFの構造が正確であること"),
            Self::PdfByteRange => lang.pick("the signature covers all of its revision", "署名がその版の全体を対象"),
            Self::PdfContents => lang.pick("the signature's place in the PDF", "PDF内の署名の格納場所"),
            Self::PdfKind => lang.pick("kind of PDF signature", "PDF署名の種類"),
            Self::PdfLaterChanges => lang.pick("nothing but signatures added later", "署名以外の追加がないこと"),
            // A login token.
            Self::TokenFormat => lang.pick("form of the token", "トークンの形式"),
            Self::TokenAlgorithm => lang.pick("the key's own algorithm", "鍵に合った署名アルゴリズム"),
            Self::LoginSignature => {
                lang.pick("the card's signature over site and nonce", "サイトとノンスに対するカードの署名")
            }
        }
    }
}

impl Words for Reason {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Profile => lang.pick("not in the required form", "規定の形式ではありません"),
            Self::UnknownCritical => lang.pick(
                "it demands something that is not understood here (a critical extension)",
                "解釈できない必須の拡張があります",
            ),
            Self::UnknownIssuer => lang.pick("the authority is none of the known ones", "信頼する認証局ではありません"),
            Self::Usage => lang.pick("the key is not for this", "この用途の鍵ではありません"),
            Self::Policy => lang.pick("another policy", "証明書ポリシーが異なります"),
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
            Self::Nonce => lang.pick(
                "never given out, used before, expired, or another one",
                "発行していない、使用済み、期限切れ、または別のノンスです",
            ),
            Self::Unreadable => {
                lang.pick("too short, too long, or not such a record", "長さや形式がこの記録のものではありません")
            }
            Self::Altered => lang.pick("not the bytes that were signed", "署名されたデータと異なります"),
            Self::DigestAlgorithm => {
                lang.pick("signed, but not over SHA-256 as it should be", "署名の対象が規定のSHA-256ではありません")
            }
            Self::WrongChain => lang.pick("an authority of another application", "別のアプリケーションの認証局です"),
            Self::OtherKey => lang.pick("two records name different keys", "記録によって鍵が異なります"),
            Self::OtherMunicipality => lang.pick("two different municipalities", "市区町村が異なります"),
            Self::OtherPerson => lang.pick("two different people", "人物が異なります"),
            Self::IssuerName => lang.pick(
                "it calls the authority by another name or number than the authority's own",
                "認証局の名前か番号が一致しません",
            ),
            Self::NotAnAuthority => {
                lang.pick("not a certificate that may issue others", "電子証明書を発行できる認証局ではありません")
            }
            Self::OtherPurpose => {
                lang.pick("the certificate of the card's other key", "カードのもう一方の鍵の電子証明書です")
            }
            // ---- a signature in CMS
            Self::NoCertificate => lang.pick("the file does not carry it", "ファイルに含まれていません"),
            Self::Ambiguous => lang.pick("there are several", "該当するものが複数あります"),
            Self::NotDer => lang.pick("not in the one form that can be signed (DER)", "DERになっていません"),
            Self::Missing => lang.pick("missing", "ありません"),
            Self::Repeated => lang.pick("there more than once", "重複しています"),
            Self::Malformed => lang.pick("not readable", "読み取れません"),
            Self::Mismatch => lang.pick("says something else", "一致しません"),
            Self::Changed => lang.pick("not the content that was signed", "署名された内容と異なります"),
            Self::OtherCertificate => lang.pick("another certificate", "別の電子証明書です"),
            Self::Future => lang.pick("in the future", "未来の時刻です"),
            // ---- a signature in a PDF
            Self::Structure => {
                lang.pick("damaged, or read in different ways", "破損しているか、プログラムにより読み方が異なります")
            }
            Self::ByteRange => lang.pick("what it says it covers makes no sense", "署名の対象範囲が不正です"),
            Self::ByteRangeShort => {
                lang.pick("it ends before its revision does", "署名の対象範囲が版の途中で終わっています")
            }
            Self::ByteRangeGap => {
                lang.pick("it leaves out more than its own place", "署名の格納場所以外の部分が対象から外れています")
            }
            Self::Contents => {
                lang.pick("no signature, or something behind it", "署名でないか、余分なものが続いています")
            }
            Self::SecondDictionary => {
                lang.pick("claimed twice, or by nobody", "重複しているか、参照されていない署名があります")
            }
            Self::PdfKind => lang.pick("not understood here", "対応していない種類です"),
            Self::ChangedLater => lang.pick("the document was changed later", "署名後に文書が変更されています"),
            Self::DrawnOverLater => {
                lang.pick("a later signature draws on a page", "後の署名がページ上に表示を加えています")
            }
        }
    }
}

impl Words for WhyNot {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Moot => lang.pick("rests on a line that does not hold", "前提となる項目を確認できません"),
            Self::NoIssuerCertificate => {
                lang.pick("the authority's certificate was not handed in", "認証局の電子証明書が渡されていません")
            }
            Self::TestPolicy => lang.pick(
                "a test card's, whose authorities are not believed here",
                "テスト用カードの電子証明書ですが、その認証局を信頼していません",
            ),
            Self::NotAsked => lang.pick(
                "nobody was asked; only accredited verifiers can ask",
                "照会していません（照会できるのは署名検証者などに限られます）",
            ),
            Self::Unknown => lang.pick("no usable answer", "使える回答がありません"),
            Self::NotSigned => lang.pick("not signed by anyone", "誰も署名していません"),
            Self::NotHandedIn => lang.pick("what is needed was not handed in", "必要なものが渡されていません"),
            Self::NotRemembered => lang.pick(
                "no nonces are kept here; whoever gave this one out must see that it is used once",
                "ノンスを記録していません。発行した側で1回限りの使用を確かめてください",
            ),
            Self::NothingLinks => lang.pick(
                "nothing on the card links the two but that both signed this nonce",
                "同じノンスに署名したこと以外に両者を結び付けるものがカードにありません",
            ),
            // ---- a signature in CMS
            Self::NoContent => {
                lang.pick("the signed content was not handed in", "署名対象のファイルが渡されていません")
            }
            Self::OtherHash => lang.pick(
                "the signature names a digest of another hash function than the one handed in",
                "署名のハッシュ関数が、渡されたダイジェストのものと異なります",
            ),
            Self::NothingRests => {
                lang.pick("in the file, but nothing rests on it", "ファイルにありますが、確認には使われません")
            }
            Self::AddedLater => lang.pick(
                "signatures were added later, it seems; programs may show such a file differently",
                "後から署名が加えられたようですが、ソフトによって表示が異なるおそれがあります",
            ),
            Self::NotLookedAt => lang.pick("not looked at here", "このソフトでは確認しません"),
            Self::NoTimestampAuthority => {
                lang.pick("no time-stamping authority is believed here", "信頼する時刻認証局が指定されていません")
            }
        }
    }
}

impl Words for By {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Kazasu => lang.pick("Kazasu", "Kazasu"),
            Self::Other => lang.pick("the word of another", "第三者の回答"),
            Self::Nobody => lang.pick("nobody", "なし"),
        }
    }
}

impl Words for RevocationReason {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Unspecified => lang.pick("no reason given", "理由の記載なし"),
            Self::KeyCompromise => lang.pick("the key is no longer the holder's alone", "鍵の危殆化"),
            Self::CaCompromise => lang.pick("the authority's key is no longer its own", "認証局の鍵の危殆化"),
            Self::AffiliationChanged => {
                lang.pick("name, address, birth date or sex changed", "氏名・住所・生年月日・性別の変更")
            }
            Self::Superseded => lang.pick("renewed", "更新"),
            Self::CessationOfOperation => lang.pick("given up", "利用の終了"),
            Self::CertificateHold => lang.pick("stopped for a time", "一時停止"),
            Self::Other(_) => lang.pick("another reason", "その他の理由"),
        }
    }
}

#[cfg(feature = "server")]
impl Words for Unusable {
    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::TooLong => lang.pick("longer than any such file", "長すぎます"),
            Self::Unreadable => lang.pick("not a file of this kind, or a damaged one", "形式が異なるか、壊れています"),
            Self::WrongIssuer => lang.pick("of another authority", "別の認証局のものです"),
            Self::SignerMayNot => lang.pick("by somebody who may not sign this", "署名した者に権限がありません"),
            Self::Signature => lang.pick("its signature does not fit", "署名が一致しません"),
            Self::UnknownCritical => lang.pick(
                "it demands something that is not understood here (a critical extension)",
                "解釈できない必須の拡張があります",
            ),
            Self::Delta => lang.pick("only what changed since another list", "差分だけのリストです"),
            Self::Indirect => lang.pick("it mixes several authorities", "複数の認証局のものが混ざっています"),
            Self::OtherScope => {
                lang.pick("for some reasons or some certificates only", "一部の理由または一部の証明書だけのものです")
            }
            Self::OtherPlace => {
                lang.pick("of another distribution point than the certificate's", "別の配布点のリストです")
            }
            Self::NotYet => lang.pick("made after the time in question", "確認する時点より後のものです"),
            Self::Outdated => {
                lang.pick("too old, or the certificate has ended", "古いか、電子証明書の期限が過ぎています")
            }
            Self::NoNextUpdate => {
                lang.pick("it does not say when a newer one is due", "次回の更新日時が記載されていません")
            }
            Self::Contradiction => lang.pick("it says two things about the certificate", "内容が矛盾しています"),
            Self::Refused => lang.pick("whoever was asked refused to answer", "回答を拒否されています"),
            Self::Nonce => lang.pick("it answers another question", "別の問い合わせへの回答です"),
            Self::OtherCertificate => lang.pick("about another certificate", "別の電子証明書についてのものです"),
            Self::NotKnown => {
                lang.pick("whoever was asked does not know the certificate", "回答者が電子証明書を知りません")
            }
            Self::Disputed => {
                lang.pick("it can be read in two ways; get another one", "解釈が分かれます。別のものを取得してください")
            }
        }
    }
}

/// What an answer about revocation says, with its time as `time` writes it; `None` where nobody answered.
#[must_use]
pub fn revocation(status: &RevocationStatus, time: impl Fn(SystemTime) -> String, lang: Lang) -> Option<String> {
    Some(match (status, lang) {
        (RevocationStatus::Good { at }, Lang::En) => format!("not revoked as of {}", time(*at)),
        (RevocationStatus::Good { at }, Lang::Ja) => format!("{} の時点で失効していません", time(*at)),
        (RevocationStatus::RevokedSince { at, reason, since }, Lang::En) => {
            format!("not revoked as of {}; revoked since, on {}: {}", time(*at), time(*since), reason.text(lang))
        }
        (RevocationStatus::RevokedSince { at, reason, since }, Lang::Ja) => {
            format!("{} の時点で失効していません(その後、{} に失効: {})", time(*at), time(*since), reason.text(lang))
        }
        (RevocationStatus::Revoked { reason, at }, Lang::En) => {
            format!("revoked on {}: {}", time(*at), reason.text(lang))
        }
        (RevocationStatus::Revoked { reason, at }, Lang::Ja) => format!("{} に失効: {}", time(*at), reason.text(lang)),
        (RevocationStatus::Unknown { why }, _) => {
            #[cfg(feature = "server")]
            if let Some(unusable) = Unusable::ALL.iter().find(|unusable| unusable.code() == why) {
                return Some(format!("{}: {}", lang.pick("cannot be used", "使えません"), unusable.text(lang)));
            }
            why.clone()
        }
        (RevocationStatus::NotChecked { .. }, _) => return None,
    })
}

/// What to do about a conclusion. It names the command line's own options, so apps are told none. `demonstration` is
/// whether what was looked at is known to be a demonstration card's beyond what its certificates say.
#[must_use]
pub fn next_step(conclusion: Conclusion, findings: &Findings, demonstration: bool, lang: Lang) -> Option<&'static str> {
    let name_it = lang.pick(
        "Name the authority that you believe with --timestamp-authority.",
        "信頼する時刻認証局を --timestamp-authority で指定してください。",
    );
    let (check, why) = match conclusion {
        Conclusion::EverythingAsked => return None,
        Conclusion::Fails(Check::TimestampAuthority, Reason::UnknownIssuer) => return Some(name_it),
        Conclusion::Fails(_, reason) => return Some(after_failure(reason, findings, demonstration, lang)),
        Conclusion::NotEverything(check, why) => (check, why),
    };
    Some(match (check, why) {
        (Check::Revocation, WhyNot::NotAsked) => lang.pick(
            "Without an answer from an accredited verifier this cannot hold; --without revocation does without.",
            "署名検証者などからの回答がなければ確認できません。確認せずに済ませるには --without revocation を付けてください。",
        ),
        (_, WhyNot::NoIssuerCertificate) => lang.pick(
            "Hand the authority's certificate in with --authority.",
            "認証局の証明書を --authority で渡してください。",
        ),
        (_, WhyNot::NoContent) => lang.pick(
            "Hand the file that was signed in with --content.",
            "署名対象のファイルを --content で渡してください。",
        ),
        (Check::HolderSignature, WhyNot::NotHandedIn) => lang.pick(
            "Name with --holder for whom the proof was made; where it has no such part, ask for one that does.",
            "証明の宛先を --holder で指定してください。証明にその部分がない場合は、含むものを依頼してください。",
        ),
        (_, WhyNot::NoTimestampAuthority) => name_it,
        (Check::TimestampRevocation, _) => lang.pick(
            "Ask the time-stamping authority; --without timestamp-revocation does without.",
            "時刻認証局に確かめてください。確認せずに済ませるには --without timestamp-revocation を付けてください。",
        ),
        (Check::Nonce, WhyNot::NotRemembered) => lang.pick(
            "Where you have seen to that yourself: --without nonce.",
            "自分で確かめてある場合は --without nonce を付けてください。",
        ),
        _ => return None,
    })
}

/// The way out where there is one, and otherwise what not to do.
fn after_failure(reason: Reason, findings: &Findings, demonstration: bool, lang: Lang) -> &'static str {
    let some = |outcome| findings.lines().iter().any(|line| line.outcome == outcome);
    let test_card = demonstration || some(Outcome::NotChecked(WhyNot::TestPolicy));
    if some(Outcome::Fails(Reason::OtherPurpose)) {
        return lang.pick(
            "It is the certificate of the card's other key: documents are signed with the one for signatures, logins with the \
             one for user authentication. Of a bare signature, --key says which it is to be.",
            "カードのもう一方の鍵の電子証明書です。文書には署名用、ログインには利用者証明用の鍵を使います。署名値だけのファイルでは \
             --key で鍵を指定してください。",
        );
    }
    if reason == Reason::UnknownIssuer && test_card && !findings.test() {
        return lang.pick(
            "A demonstration card's is looked at with --test-anchors.",
            "デモカードのものを確認するには --test-anchors を付けてください。",
        );
    }
    // What a bare signature is looked at with was handed in.
    if some(Outcome::Fails(Reason::Authority)) && findings.of(Check::CmsProfile).is_none() {
        return lang.pick(
            "Do not rely on it. It is an authority's certificate, and no holder's; hand the signer's in with --certificate.",
            "信頼しないでください。認証局の証明書で、個人の電子証明書ではありません。署名者のものを --certificate で渡してください。",
        );
    }
    let fails = |check, reason| findings.of(check) == Some(Outcome::Fails(reason));
    if fails(Check::ContentDigest, Reason::Changed) && findings.of(Check::PdfContents).is_none() {
        return lang.pick(
            "Do not rely on it. The content was changed, or it is about another file than the one beside it or named with \
             --content. Keep the file as it is, and ask whoever signed it.",
            "信頼しないでください。内容が変更されたか、隣にあるファイルや --content で指定したファイルの署名ではありません。\
             ファイルはそのまま残し、署名した人に確かめてください。",
        );
    }
    if fails(Check::LoginSignature, Reason::Signature) {
        return lang.pick(
            "Do not rely on it. It was made for another origin or another nonce, or was changed.",
            "信頼しないでください。別の宛先か別のノンスのために作られたか、変更されています。",
        );
    }
    if findings.of(Check::Nonce).is_some() {
        return lang.pick(
            "Do not rely on it. Do it again with a new nonce.",
            "信頼しないでください。新しいノンスで最初からやり直してください。",
        );
    }
    lang.pick(
        "Do not rely on it. Keep the file as it is, and ask whoever signed it.",
        "信頼しないでください。ファイルはそのまま残し、署名した人に確かめてください。",
    )
}

/// How one line went.
#[must_use]
pub fn outcome(outcome: Outcome, lang: Lang) -> String {
    match outcome {
        Outcome::Holds => lang.pick("holds", "適合").to_owned(),
        Outcome::Fails(reason) => reason.text(lang).to_owned(),
        Outcome::NotChecked(why) => format!("{}: {}", lang.pick("not checked", "未確認"), why.text(lang)),
    }
}

/// The last line: what the table says together. Never "valid" alone.
#[must_use]
pub fn conclusion(conclusion: Conclusion, lang: Lang) -> String {
    match (conclusion, lang) {
        (Conclusion::EverythingAsked, Lang::En) => String::from("everything that was asked for was checked and holds"),
        (Conclusion::EverythingAsked, Lang::Ja) => String::from("求められた項目はすべて確認され、適合しています"),
        (Conclusion::Fails(check, reason), Lang::En) => {
            format!("FAILS: {}: {}", check.text(lang), reason.text(lang))
        }
        (Conclusion::Fails(check, reason), Lang::Ja) => {
            format!("不適合: {}: {}", check.text(lang), reason.text(lang))
        }
        (Conclusion::NotEverything(check, why), Lang::En) => {
            format!("NOT EVERYTHING was checked: {}: {}", check.text(lang), why.text(lang))
        }
        (Conclusion::NotEverything(check, why), Lang::Ja) => {
            format!("確認されていない項目があります: {}: {}", check.text(lang), why.text(lang))
        }
    }
}

/// What several signatures of one file say together: bad news, where there is any, stands last.
#[must_use]
pub fn sum(hold: usize, of: usize, lang: Lang) -> String {
    match (hold, lang) {
        (_, Lang::En) if hold == of => format!("all {of}: everything that was asked for was checked and holds"),
        (_, Lang::Ja) if hold == of => format!("{of}件すべてで、求められた項目はすべて確認され、適合しています"),
        (0, Lang::En) => format!("NONE of {of}: each fails, or not everything that was asked for was checked"),
        (0, Lang::Ja) => format!("{of}件のいずれにも、不適合か、確認されていない項目があります"),
        (_, Lang::En) => format!(
            "only {hold} of {of}: the other {} FAIL, or not everything that was asked for was checked",
            of - hold
        ),
        (_, Lang::Ja) => {
            format!("適合しているのは{of}件のうち{hold}件だけで、残りには不適合か、確認されていない項目があります")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_good_news_only_where_all_hold() {
        for lang in [Lang::En, Lang::Ja] {
            let told = [(3, 3), (1, 3), (0, 3)].map(|(hold, of)| sum(hold, of, lang));
            let good = conclusion(Conclusion::EverythingAsked, lang);
            assert_eq!(told.each_ref().map(|sum| sum.contains(&good)), [true, false, false], "{told:?}");
            assert!(told[1].contains('1') && told[1].contains('3'), "{told:?}");
        }
    }

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

    #[cfg(feature = "server")]
    #[test]
    fn an_answer_about_revocation_is_told_with_its_time_and_why_it_cannot_be_used() {
        let time = |_| String::from("2026-11-20");
        let told = |status: RevocationStatus, lang| revocation(&status, time, lang).unwrap_or_default();
        for lang in [Lang::En, Lang::Ja] {
            assert!(told(RevocationStatus::Good { at: SystemTime::UNIX_EPOCH }, lang).contains("2026-11-20"));
            let reason = RevocationReason::Superseded;
            let (at, since) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
            let revoked_since = told(RevocationStatus::RevokedSince { at, reason, since }, lang);
            assert!(revoked_since.matches("2026-11-20").count() == 2 && revoked_since.contains(reason.text(lang)));
            let revoked = told(RevocationStatus::Revoked { reason, at: SystemTime::UNIX_EPOCH }, lang);
            assert!(revoked.contains("2026-11-20") && revoked.contains(reason.text(lang)), "{revoked}");
            for unusable in Unusable::ALL {
                let unknown = told((*unusable).into(), lang);
                assert!(unknown.contains(unusable.text(lang)), "{unknown}");
            }
        }
        for (i, (en, ja)) in all(Unusable::ALL).iter().enumerate() {
            assert!(en.is_ascii() && !ja.is_ascii(), "{en}");
            assert!(all(Unusable::ALL)[..i].iter().all(|(_, other)| other != ja), "twice: {ja}");
        }
        let words = RevocationStatus::Unknown { why: String::from("in their words") };
        assert_eq!(told(words, Lang::Ja), "in their words");
    }

    #[test]
    fn no_word_of_the_table_is_valid_alone() {
        for (en, ja) in [all(Check::ALL), all(Reason::ALL), all(WhyNot::ALL)].concat() {
            assert!(en != "valid" && ja != "有効");
        }
    }
}
