//! The words around results.

use crate::Lang;

macro_rules! words {
    ($($word:ident = $en:literal, $ja:literal;)*) => {
        /// A word or a sentence of the command line's output.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is its own English text")]
        pub enum Word { $($word),* }

        impl Word {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$word),*];

            /// In this language.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match self { $(Self::$word => lang.pick($en, $ja)),* }
            }
        }
    };
}

words! {
    Card = "Card", "カード";
    KindMyNumber = "My Number card", "マイナンバーカード";
    KindJuki = "old Juki card", "住民基本台帳カード";
    KindAndroid = "Android phone", "Androidスマートフォン";
    KindIphone = "iPhone", "iPhone";
    KindOther = "another card", "その他のカード";
    KindNothing = "no card", "カードなし";
    Certificates = "Certificates", "電子証明書";
    SignCertificate = "signature", "署名用";
    AuthCertificate = "user authentication", "利用者証明用";
    Present = "there", "あり";
    Missing = "not there", "なし";
    ValidUntil = "valid until", "有効期限";
    ExpiredOn = "EXPIRED on", "期限切れ";
    ValidFrom = "valid from", "有効期間の開始";
    DaysLeft = "days left", "残り日数";
    Substitutes = "characters that stand for others", "代替文字";
    Policy = "policy", "ポリシー";
    Key = "key", "鍵";
    Authority = "authority", "認証局";
    SignAuthority = "authority for signatures", "署名用認証局";
    AuthAuthority = "authority for user authentication", "利用者証明用認証局";
    NotPinned = "none of J-LIS's known ones", "既知のJ-LIS認証局ではありません";
    TriesLeft = "Tries left", "暗証番号の残り回数";
    Blocked = "blocked", "ロック済み";
    Unknown = "unknown", "不明";
    Serial = "Serial", "製造番号";
    Municipality = "Municipality", "市区町村コード";
    Expiry = "Expires", "カードの有効期限";
    Name = "Name", "氏名";
    Address = "Address", "住所";
    Birth = "Born", "生年月日";
    Meiji = "Meiji", "明治";
    Taisho = "Taisho", "大正";
    Showa = "Showa", "昭和";
    Heisei = "Heisei", "平成";
    Reiwa = "Reiwa", "令和";
    Sex = "Sex", "性別";
    Male = "male", "男";
    Female = "female", "女";
    NotApplicable = "not applicable", "適用不能";
    MyNumber = "My Number", "個人番号";
    Written = "written", "書き出しました";
    Signed = "signed and checked with the card's certificate", "署名し、カードの電子証明書で検証しました";
    Changed = "changed", "変更しました";
    AskDisclosure = "Everybody who has the signed file can read your name, address, date of birth and sex in it. Sign?", "署名したファイルを持つ人は誰でも、あなたの氏名・住所・生年月日・性別を読めます。署名しますか?";
    SignatureNumber = "Signature", "署名";
    DocumentTimestamp = "Timestamp of the document", "文書タイムスタンプ";
    NotCompared = "What the signature is about is not beside it, so the two were not compared.", "署名対象のファイルが隣にないため、署名との照合はしていません。";
    ClaimedTime = "Signed at, the signer claims", "署名者が主張する署名時刻";
    PdfSigned = "Signed bytes", "署名の対象(バイト位置)";
    PdfChanged = "Changed, within bytes", "変更された範囲(バイト位置)";
    PdfAdded = "Added later, bytes", "後からの追加(バイト位置)";
    PdfDamage = "Not read, because", "読み取れなかった理由";
    PdfObjects = "changed objects:", "変更されたオブジェクト:";
    PdfUnsigned = "Bytes behind every signature", "どの署名の対象でもない末尾(バイト位置)";
    PdfFile = "a PDF", "PDF";
    CmsFile = "a signature in CMS", "CMSの署名";
    JwsFile = "a JWS", "JWS";
    BareFile = "a bare signature", "署名値だけのファイル";
    TokenFile = "a login token", "ログイン用トークンのファイル";
    LoginToken = "Login token", "ログイン用トークン";
    LookedAtTime = "Looked at", "確認日時";
    Revocation = "Revocation", "失効情報";
    TimestampTime = "Timestamp", "タイムスタンプ";
    ReportTitle = "What was checked, by whom, and what was not", "確認した項目と、確認していない項目";
    ReportCheck = "Item", "項目";
    ReportOutcome = "Outcome", "結果";
    ReportBy = "Checked by", "確認した者";
    LeftOut = "not checked, and done without as asked", "未確認のまま、指定により除外した項目";
    TestAnchors = "trust rests on test authorities: this says nothing about a real card", "テスト用の認証局による結果です。実在のカードについては何も示しません";
    Error = "Error", "エラー";
    Next = "What to do", "対処";
    AskSecret = "Type", "入力してください";
    AskNew = "The new one", "新しい暗証番号";
    AskNewAgain = "The new one again", "新しい暗証番号(もう一度)";
    TypingIsHidden = "what you type is not shown", "入力は表示されません";
    Reading = "reading", "読み取り中";
    NoReaders = "No card reader is connected.", "カードリーダーが接続されていません。";
    ReaderEmpty = "empty", "カードなし";
    ReaderCard = "card", "カードあり";
    ReaderMute = "card that does not answer", "応答しないカード";
    ClaimCardPresent = "a genuine card was there", "本物のカードがその場にあった";
    ClaimHolderEnteredPin = "somebody entered the PIN of user authentication", "利用者証明用の暗証番号が入力された";
    ProofHere = "the proof that was made here", "ここで作成した証明";
    Serving = "Putting the demonstration card into the virtual reader; Ctrl-C takes it out.", "デモカードを仮想リーダーに入れます。Ctrl-C で取り出します。";
    LoggingIn = "Logging in at", "ログイン先";
    ForFace = "for the card face", "券面用";
    Personas = "Personas", "ペルソナ(カードの持ち主)";
    Profiles = "Profiles", "プロファイル(カードの種類)";
    BenchIntro = "Commands for each job, one tap, the tries-left query included; in brackets when what the card can do has to be found out first. Counted on the simulated card.", "1回かざして行う操作ごとの命令数。残り回数の問い合わせを含みます。括弧内はカードの能力を調べながらの場合。シミュレーターでの計数です。";
    BenchExtended = "extended", "拡張長";
    BenchShort = "short", "短縮長";
    BenchShortIds = "short ids", "短縮EF";
    BenchSelect = "SELECT EF", "SELECT EF";
    JobAuthCertificate = "user-authentication certificate (1,590 bytes)", "利用者証明用電子証明書(1,590バイト)";
    JobSign = "sign one digest with the signature key", "署名用の鍵で1回署名";
    JobSignCertificateAndSign = "signature certificate (1,758 bytes) + sign", "署名用電子証明書(1,758バイト)と署名";
    JobNumberAndAttributes = "My Number + four attributes (PIN)", "個人番号と基本4情報(暗証番号)";
    JobFace = "face record (3,070 bytes) with number B", "券面(3,070バイト、照合番号B)";
    JobEverything = "all of these and a signature with each key", "以上すべてと両方の鍵の署名";
    NoOpenssl = "(openssl is not installed; kazasu checked the signature with the certificate)", "(opensslがないため、kazasuが電子証明書で検証しました)";
    OtherExpired = "The user-authentication certificate has expired, and the signature certificate probably with it", "利用者証明用電子証明書の有効期限が切れています。署名用電子証明書も切れている可能性があります";
    WillFail = "will fail", "実行時に失敗します";
    Advice = "advice", "助言";
    NothingFound = "Nothing was found that will fail.", "実行時に失敗する問題は見つかりませんでした。";
    LookedAt = "Looked at", "確認したもの";
    NumberActNote = "Reading and keeping a My Number is allowed only for the purposes named in the Number Act.", "個人番号の取得・保管は番号法で定められた目的に限られます。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages() {
        for word in Word::ALL {
            assert!(!word.text(Lang::En).is_empty() && !word.text(Lang::Ja).is_empty(), "{word:?}");
        }
    }
}
