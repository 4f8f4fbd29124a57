//! The command line's help in Japanese, and what is said about a command line that cannot be understood. The English
//! help is the doc comments of the command line's grammar; a test there holds this table and the grammar together.

use crate::{Explain, Explanation, Lang};
use Topic::{About, After, Argument, Hint, More, Value};

/// What a text of the help is about, within one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic<'a> {
    /// The command in one line.
    About,
    /// What follows that line on the command's own page.
    More,
    /// The end of the command's page.
    After,
    /// An argument, by its id.
    Argument(&'a str),
    /// What stands for the argument's value, in angle brackets.
    Hint(&'a str),
    /// An argument's id and one of its possible values.
    Value(&'a str, &'a str),
}

/// A row of [`HELP_JA`]: the command's path without the program's name, what the text is about, and the text.
pub type HelpRow = (&'static str, Topic<'static>, &'static str);

/// The Japanese text for a command (`""`, `"sign"`, `"pin change"`) and a topic.
#[must_use]
pub fn help_ja(command: &str, topic: Topic<'_>) -> Option<&'static str> {
    HELP_JA.iter().find(|row| row.0 == command && row.1 == topic).map(|row| row.2)
}

/// Every Japanese text of the help.
#[rustfmt::skip] // a row a line
pub const HELP_JA: &[HelpRow] = &[
    ("", About, "マイナンバーカード(個人番号カード)を読み取り、暗証番号を照合し、電子署名をします。"),
    ("", More, "PC/SC対応のカードリーダーに置いたカードを使います。`--card demo` を付けると、リーダーなしで内蔵のデモカードを使います。"),
    ("", After, "終了コードは、だれが対処すればよいかを表します: 0 成功、1 このプログラムの不具合、2 呼び出し側(引数やファイルなど)、3 本人(暗証番号の誤りなど)、4 カード(ロック済み、別のカードなど)、5 カードリーダーまたは通信。6 は、求められた項目がすべて確認されて適合したわけではない結果。"),
    ("", Argument("reader"), "この名前(一部でも可)のカードリーダーに置いたカードを使う"),
    ("", Hint("reader"), "名前"),
    ("", Argument("card"), "内蔵のカードを使う: demo[:人物[,カードの種類…]](一覧は `kazasu card list`)"),
    ("", Hint("card"), "カード"),
    ("", Argument("wait"), "カードが置かれるまで待つ秒数"),
    ("", Hint("wait"), "秒数"),
    ("", Argument("json"), "文章の代わりにJSONオブジェクトを1つ出力する(docs/json.md)"),
    ("", Argument("secret_env"), "暗証番号をこの環境変数から受け取る"),
    ("", Hint("secret_env"), "変数名"),
    ("", Argument("secret_fd"), "暗証番号を、開いてあるこのファイル記述子の1行目から受け取る(pin change では2行目が新しい方)"),
    ("", Hint("secret_fd"), "番号"),
    ("", Argument("allow_last_try"), "残り1回の照合を許可する(間違えるとロックされる)"),
    ("", Argument("force"), "すでにあるファイルを置き換える"),
    ("", Argument("lang"), "表示する言語。指定がなければ LC_ALL、LC_MESSAGES、LANG の順に見て決める"),
    ("", Hint("lang"), "言語"),
    ("", Value("lang", "ja"), "日本語"),
    ("", Value("lang", "en"), "英語"),
    ("", Argument("verbose"), "カードとのやり取りを、内容を伏せて説明付きで表示する"),
    ("", Argument("help"), "この説明を表示する"),
    ("", Argument("version"), "バージョンを表示する"),

    ("help", About, "この説明、または指定したコマンドの説明を表示する"),

    ("demo", About, "デモカードでひととおりの機能を案内する"),
    ("demo", Argument("secrets"), "案内の代わりに、デモカードの暗証番号を表示する"),

    ("readers", About, "カードリーダーの一覧を表示する"),

    ("status", About, "置かれているカードの種類、電子証明書、暗証番号の残り回数を表示する(暗証番号は不要)"),

    ("cert", About, "電子証明書を読み取る"),
    ("cert", Argument("which"), "読み取る電子証明書。暗証番号が必要なのは `sign` だけ"),
    ("cert", Hint("which"), "証明書"),
    ("cert", Value("which", "auth"), "利用者証明用電子証明書"),
    ("cert", Value("which", "sign"), "署名用電子証明書"),
    ("cert", Value("which", "auth-ca"), "利用者証明用の認証局(CA)の証明書"),
    ("cert", Value("which", "sign-ca"), "署名用の認証局(CA)の証明書"),
    ("cert", Argument("output"), "画面に表示(PEM形式)せず、このファイルに書き出す(DER形式)"),
    ("cert", Hint("output"), "ファイル"),
    ("cert", Argument("pem"), "ファイルにPEM形式で書き出す"),
    ("cert", Argument("show"), "書き出す代わりに、内容と持ち主(`sign` のみ)、確認した項目を表示する。不適合の項目があっても終了コードは0"),
    ("cert", Argument("test_anchors"), "デモカードの認証局だけを信頼する。結果にはその旨が示される"),

    ("sign", About, "ファイルに電子署名する。暗証番号の入力は1回。カードの電子証明書で検証してから書き出す。署名用の鍵ではPDFはその中(ファイル名.signed.pdf)、ほかのファイルは隣のCMS形式の署名(CAdES-B-B、ファイル名.p7s)、利用者証明用の鍵では署名値だけ(ファイル名.sig)を作る"),
    ("sign", Argument("files"), "署名するファイル。`-` は標準入力"),
    ("sign", Hint("files"), "ファイル"),
    ("sign", Argument("key"), "署名に使う鍵"),
    ("sign", Hint("key"), "鍵"),
    ("sign", Value("key", "auth"), "利用者証明用電子証明書の鍵(暗証番号は数字4桁)"),
    ("sign", Value("key", "sign"), "署名用電子証明書の鍵(暗証番号は英数字6〜16文字)"),
    ("sign", Argument("detached"), "CMS形式の署名をファイルの隣に作る(ファイル名.p7s)"),
    ("sign", Argument("cms"), "ファイルを含むCMS形式の署名を作る(ファイル名.p7m)"),
    ("sign", Argument("jws"), "ファイルを含むJWS形式のトークンを作る(ファイル名.jws)。利用者証明用の鍵のみ"),
    ("sign", Argument("raw"), "署名値だけを作る(ファイル名.sig)。ハッシュ値へのRSASSA-PKCS1-v1_5、256バイト、電子証明書なし"),
    ("sign", Argument("pades"), "PDFに、登記で使える形式ではなくPAdES(B-B)で署名する"),
    ("sign", Argument("hash"), "--raw のハッシュ関数"),
    ("sign", Hint("hash"), "ハッシュ関数"),
    ("sign", Argument("output"), "署名の書き出し先(ファイルが1つのとき)。省略すると各ファイルの隣"),
    ("sign", Hint("output"), "署名ファイル"),
    ("sign", Argument("acknowledge_disclosure"), "PDFやCMS形式で署名したファイルを持つ人は誰でも署名者の氏名・住所・生年月日・性別を読めることを承知している"),
    ("sign", Argument("allow_expired"), "電子証明書の有効期限が切れていても署名する"),
    ("sign", Argument("allow_changed"), "PDFにすでにある署名が有効でなくても署名する"),

    ("verify", About, "ファイルの署名(PDF、CMSの .p7s・.p7m、JWS)を確認する。--certificate を付けると署名値だけのファイル(.sig)、--origin と --nonce を付けるとログイン用トークン。求められた項目がすべて確認され、適合した場合だけ成功(終了コード0)"),
    ("verify", Argument("file"), "署名付きファイル、またはファイルの隣の署名。`-` は標準入力"),
    ("verify", Hint("file"), "ファイル"),
    ("verify", Argument("content"), "署名対象のファイル。省略すると .p7s や .sig を除いた名前のファイル"),
    ("verify", Hint("content"), "ファイル"),
    ("verify", Argument("certificate"), "署名値だけのファイルを確認するときの、署名者の電子証明書(DERまたはPEM)"),
    ("verify", Hint("certificate"), "ファイル"),
    ("verify", Argument("key"), "署名値だけのファイルに使われたはずの鍵 [既定値: sign]"),
    ("verify", Hint("key"), "鍵"),
    ("verify", Value("key", "auth"), "利用者証明用電子証明書の鍵(暗証番号は数字4桁)"),
    ("verify", Value("key", "sign"), "署名用電子証明書の鍵(暗証番号は英数字6〜16文字)"),
    ("verify", Argument("origin"), "ログイン用トークンの宛先(https://ホスト名)"),
    ("verify", Hint("origin"), "オリジン"),
    ("verify", Argument("nonce"), "ログイン用トークンが答えているノンスのbase64表記"),
    ("verify", Hint("nonce"), "base64"),
    ("verify", Argument("allow_localhost"), "オリジンとして http://localhost も認める"),
    ("verify", Argument("authority"), "J-LISの認証局の証明書(DERまたはPEM)。ファイルに含まれていないときに使う。繰り返し指定できる"),
    ("verify", Hint("authority"), "ファイル"),
    ("verify", Argument("crl"), "別の方法で入手した認証局の失効リスト(CRL、DERまたはPEM)。繰り返し指定できる"),
    ("verify", Hint("crl"), "ファイル"),
    ("verify", Argument("ocsp"), "別の方法で入手したOCSPレスポンス(DER)。繰り返し指定できる"),
    ("verify", Hint("ocsp"), "ファイル"),
    ("verify", Argument("timestamp_authority"), "この時刻認証局を信頼する(DERまたはPEM)。繰り返し指定できる"),
    ("verify", Hint("timestamp_authority"), "ファイル"),
    ("verify", Argument("cades"), "署名が自分の電子証明書を指していることを求める(CAdES)"),
    ("verify", Argument("test_anchors"), "デモカードの認証局だけを信頼する。結果にはその旨が示される"),
    ("verify", Argument("without"), "この項目(コードは docs/json.md)は確認されなくてもよい。繰り返し指定できる"),
    ("verify", Hint("without"), "項目"),
    ("verify", Argument("html"), "結果を印刷できる1ページのHTMLとして書き出す"),
    ("verify", Hint("html"), "ファイル"),

    ("timestamp", About, "署名にタイムスタンプ(RFC 3161)を付ける。要求を作り、時刻認証局に届け、その応答を署名に入れる"),

    ("timestamp request", About, "時刻認証局に届ける要求(application/timestamp-query)を書き出す"),
    ("timestamp request", Argument("file"), "CMS形式の署名(.p7s、.p7m)、または --pades で署名したPDF"),
    ("timestamp request", Hint("file"), "署名"),
    ("timestamp request", Argument("output"), "要求の書き出し先"),
    ("timestamp request", Hint("output"), "要求"),

    ("timestamp attach", About, "時刻認証局の応答(application/timestamp-reply)を署名に入れる"),
    ("timestamp attach", Argument("file"), "要求の対象とした署名"),
    ("timestamp attach", Hint("file"), "署名"),
    ("timestamp attach", Argument("request"), "要求"),
    ("timestamp attach", Hint("request"), "要求"),
    ("timestamp attach", Argument("answer"), "応答"),
    ("timestamp attach", Hint("answer"), "応答"),
    ("timestamp attach", Argument("output"), "タイムスタンプの入った署名の書き出し先"),
    ("timestamp attach", Hint("output"), "先"),

    ("attributes", About, "氏名・住所・生年月日・性別を読み取る(券面事項入力補助用の暗証番号または照合番号Bが必要)"),

    ("my-number", About, "個人番号(マイナンバー)を読み取る(券面事項入力補助用の暗証番号または照合番号Aが必要)"),

    ("face", About, "券面に印刷された情報をすべてファイルに書き出す(照合番号Aまたは照合番号Bが必要)"),
    ("face", Argument("output"), "name.png、address.png、security-code.png、photo.jp2、record.bin を書き出すフォルダー"),
    ("face", Hint("output"), "フォルダー"),
    ("face", Argument("png"), "顔写真を photo.png としても書き出す"),

    ("pin", About, "暗証番号を変更する"),

    ("pin change", About, "今の暗証番号を1回、新しい暗証番号を2回入力して変更する。--secret-env や --secret-fd で渡す場合は2行目が新しい暗証番号"),
    ("pin change", Argument("which"), "変更する暗証番号"),
    ("pin change", Hint("which"), "暗証番号"),
    ("pin change", Value("which", "auth"), "利用者証明用電子証明書の暗証番号(数字4桁)"),
    ("pin change", Value("which", "sign"), "署名用電子証明書の暗証番号(英数字6〜16文字)"),
    ("pin change", Value("which", "text"), "券面事項入力補助用の暗証番号(数字4桁)"),
    ("pin change", Argument("new_secret_env"), "新しい暗証番号をこの環境変数から受け取る"),
    ("pin change", Hint("new_secret_env"), "変数名"),

    ("genuine", About, "カードが本物で、いま手元にあることをカード自身に証明させる。ノンスに署名させ、カードの鍵の上にある署名をすべて確認する"),
    ("genuine", Argument("nonce"), "検証側が作ったノンス(使い捨ての乱数)、32〜64バイトの16進表記。ない場合はここで作り、1回だけ使う"),
    ("genuine", Hint("nonce"), "16進数"),
    ("genuine", Argument("application"), "どのカードアプリケーションの鍵を使うか"),
    ("genuine", Hint("application"), "アプリ"),
    ("genuine", Value("application", "text"), "券面事項入力補助AP"),
    ("genuine", Value("application", "surface"), "券面事項確認AP"),
    ("genuine", Argument("with"), "あわせて証明する内容(券面事項入力補助AP)。繰り返し指定できる"),
    ("genuine", Hint("with"), "内容"),
    ("genuine", Value("with", "attributes"), "氏名・住所・生年月日・性別"),
    ("genuine", Value("with", "my-number"), "個人番号(ここで照合するだけで、書き出さない)"),
    ("genuine", Argument("holder"), "利用者証明用の暗証番号を知っていることも、この相手(https://example.jp など)に対して証明する。--secret-env や --secret-fd で渡す場合は2行目がその暗証番号"),
    ("genuine", Hint("holder"), "相手"),
    ("genuine", Argument("crl"), "本人の電子証明書についての、別の方法で入手した認証局の失効リスト(CRL、DERまたはPEM)。繰り返し指定できる"),
    ("genuine", Hint("crl"), "ファイル"),
    ("genuine", Argument("ocsp"), "本人の電子証明書についての、別の方法で入手したOCSPレスポンス(DER)。繰り返し指定できる"),
    ("genuine", Hint("ocsp"), "ファイル"),
    ("genuine", Argument("output"), "確認せずに、ノンスを作った検証側へ渡す証明をこのファイルに書き出す"),
    ("genuine", Hint("output"), "ファイル"),
    ("genuine", Argument("verify"), "カードを使わずにこの証明を確認する(検証側)"),
    ("genuine", Hint("verify"), "ファイル"),
    ("genuine", Argument("test_anchors"), "デモカードの認証局だけを信頼する。結果にはその旨が示される"),
    ("genuine", Argument("without"), "この項目(コードは docs/json.md)は確認されなくてもよい。繰り返し指定できる"),
    ("genuine", Hint("without"), "項目"),

    ("login", About, "サーバーにログインする。サーバーのオリジンとノンスに署名し、サーバーに送るトークンを表示する"),
    ("login", Argument("origin"), "ログイン先のオリジン(ブラウザーの表記どおりの https://ホスト名)。暗証番号を尋ねる前に表示し、これに署名する"),
    ("login", Hint("origin"), "オリジン"),
    ("login", Argument("nonce"), "サーバーが作ったノンス(使い捨ての乱数)のbase64表記"),
    ("login", Hint("nonce"), "base64"),
    ("login", Argument("output"), "画面に表示せず、このファイルにトークンを書き出す"),
    ("login", Hint("output"), "ファイル"),
    ("login", Argument("allow_localhost"), "オリジンとして http://localhost も認める(この機械で試すとき用)"),

    ("card", About, "デモカードをほかのプログラムから使う"),

    ("card serve", About, "デモカードをvsmartcardの仮想リーダー(vpcd)に入れる。PC/SCを使うどのプログラムからも見える"),
    ("card serve", Argument("persona"), "だれのカードか"),
    ("card serve", Hint("persona"), "人物"),
    ("card serve", Argument("profile"), "カードの種類。複数はコンマで区切る"),
    ("card serve", Hint("profile"), "カードの種類"),
    ("card serve", Argument("port"), "このコンピューター上の仮想リーダーのポート番号"),
    ("card serve", Hint("port"), "ポート番号"),

    ("card list", About, "デモカードの人物とカードの種類の一覧を表示する"),

    ("trace", About, "記録したカードとのやり取りを、内容を伏せて1行ずつ説明する"),
    ("trace", Argument("file"), "16進表記の行からなるファイル。`>` で始まる行は命令、`<` で始まる行は応答。省略すると標準入力"),
    ("trace", Hint("file"), "ファイル"),

    ("record", About, "プログラムのテスト用に、カードとのやり取りを本人の情報なしで記録する。内容は同じ長さの架空のもの、鍵はテスト用に置き換える"),
    ("record", Argument("jobs"), "カードで行う操作。この順に、1回のかざしで行う。暗証番号は、必要な操作ごとに1行ずつ"),
    ("record", Hint("jobs"), "操作"),
    ("record", Value("jobs", "status"), "カードの種類、電子証明書、残り回数、カードの記録"),
    ("record", Value("jobs", "cert:auth"), "利用者証明用電子証明書"),
    ("record", Value("jobs", "cert:sign"), "署名用電子証明書(署名用の暗証番号)"),
    ("record", Value("jobs", "cert:auth-ca"), "利用者証明用の認証局(CA)の証明書"),
    ("record", Value("jobs", "cert:sign-ca"), "署名用の認証局(CA)の証明書"),
    ("record", Value("jobs", "sign:auth"), "利用者証明用の鍵での署名(利用者証明用の暗証番号)"),
    ("record", Value("jobs", "sign:sign"), "署名用の鍵での署名(署名用の暗証番号)"),
    ("record", Value("jobs", "attributes"), "氏名・住所・生年月日・性別(券面事項入力補助用の暗証番号または照合番号B)"),
    ("record", Value("jobs", "my-number"), "個人番号(券面事項入力補助用の暗証番号または照合番号A)"),
    ("record", Value("jobs", "face"), "券面の情報(照合番号Aまたは照合番号B)"),
    ("record", Value("jobs", "genuine"), "カードが本物である証明(券面事項入力補助用の暗証番号、照合番号Aまたは照合番号B)"),
    ("record", Argument("output"), "記録を書き出すファイル"),
    ("record", Hint("output"), "ファイル"),

    ("replay", About, "記録のとおりに操作する。カードの代わりに記録が答え、少しでも違えば失敗する"),
    ("replay", Argument("file"), "`kazasu record` が書き出したファイル"),
    ("replay", Hint("file"), "ファイル"),

    ("doctor", About, "実行時に失敗する原因を探す。XcodeまたはAndroidのプロジェクト、あるいはこのコンピューターのカードリーダーまわりを調べる"),
    ("doctor", Argument("project"), "プロジェクトのフォルダー。省略すると、このコンピューターを調べる"),
    ("doctor", Hint("project"), "プロジェクト"),

    ("bench", About, "操作ごとの命令の数を、シミュレーターのカードで数える"),

    ("completions", About, "シェルの補完スクリプトを出力する"),
    ("completions", Argument("shell"), "シェルの種類"),
    ("completions", Hint("shell"), "シェル"),
];

macro_rules! headings {
    ($($heading:ident = $ja:literal;)*) => {
        /// What the help page itself says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is its own English text")]
        pub enum Heading { $($heading),* }

        impl Heading {
            /// In Japanese; the English ones are clap's.
            #[must_use]
            pub const fn ja(self) -> &'static str {
                match self { $(Self::$heading => $ja),* }
            }
        }
    };
}

headings! {
    Usage = "使い方";
    Commands = "コマンド";
    Arguments = "引数";
    Options = "オプション";
    GlobalOptions = "全コマンド共通のオプション";
    Default = "既定値";
    OneOf = "指定できる値";
    CommandHint = "コマンド";
    SeeHelp = "詳しくは --help を付けて実行してください。";
}

/// A command line that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What is wrong.
    pub fault: Fault,
    /// Something that is spelled alike.
    pub similar: Option<String>,
}

/// What is wrong with a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no such option, or one argument too many.
    UnknownArgument(String),
    /// There is no such command.
    UnknownCommand(String),
    /// The command is missing; these are possible.
    MissingCommand(Vec<String>),
    /// These arguments are missing.
    MissingArguments(Vec<String>),
    /// The argument's value is missing.
    MissingValue {
        /// Which argument.
        argument: String,
        /// What it takes; may be empty.
        possible: Vec<String>,
    },
    /// The argument does not take this value.
    BadValue {
        /// Which argument.
        argument: String,
        /// What was given.
        value: String,
        /// What it takes; may be empty.
        possible: Vec<String>,
    },
    /// The argument was given more than once.
    Repeated(String),
    /// The argument does not go together with these.
    Conflict {
        /// Which argument.
        argument: String,
        /// With what.
        with: Vec<String>,
    },
    /// More or fewer values than the argument takes, or one without its equals sign.
    Values(String),
    /// A word of it is no text.
    NotText,
    /// Anything else.
    Other,
}

impl Explain for Usage {
    fn explain(&self, lang: Lang) -> Explanation {
        let what = match lang {
            Lang::En => self.fault.en(),
            Lang::Ja => format!("引数が正しくありません。{}", self.fault.ja()),
        };
        let next = match (&self.similar, lang) {
            (Some(similar), Lang::En) => format!("Did you mean `{similar}`? Look at --help."),
            (None, Lang::En) => "Look at --help.".into(),
            (Some(similar), Lang::Ja) => format!("`{similar}` ではありませんか。{}", Heading::SeeHelp.ja()),
            (None, Lang::Ja) => Heading::SeeHelp.ja().into(),
        };
        Explanation { what, next }
    }

    fn code(&self) -> &'static str {
        "usage"
    }

    fn number(&self) -> u16 {
        459
    }
}

fn listed(names: &[String], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

impl Fault {
    fn en(&self) -> String {
        let possible = |names: &[String]| {
            if names.is_empty() { String::new() } else { format!(" Possible: {}.", listed(names, ", ")) }
        };
        match self {
            Self::UnknownArgument(argument) => format!("There is no argument `{argument}` here."),
            Self::UnknownCommand(command) => format!("There is no command `{command}`."),
            Self::MissingCommand(there) => format!("The command is missing.{}", possible(there)),
            Self::MissingArguments(missing) => format!("Needed and not given: {}.", listed(missing, ", ")),
            Self::MissingValue { argument, possible: there } => {
                format!("The value of `{argument}` is missing.{}", possible(there))
            }
            Self::BadValue { argument, value, possible: there } => {
                format!("`{argument}` cannot be `{value}`.{}", possible(there))
            }
            Self::Repeated(argument) => format!("`{argument}` can be given only once."),
            Self::Conflict { argument, with } if with.is_empty() => {
                format!("`{argument}` does not go together with the other arguments.")
            }
            Self::Conflict { argument, with } => {
                format!("`{argument}` does not go together with {}.", listed(with, ", "))
            }
            Self::Values(argument) => format!("`{argument}` takes another number of values."),
            Self::NotText => "A word of the command line is not UTF-8.".into(),
            Self::Other => "The command line cannot be understood.".into(),
        }
    }

    fn ja(&self) -> String {
        let possible = |names: &[String]| {
            if names.is_empty() { String::new() } else { format!("{}: {}", Heading::OneOf.ja(), listed(names, "、")) }
        };
        match self {
            Self::UnknownArgument(argument) => format!("`{argument}` という引数はありません。"),
            Self::UnknownCommand(command) => format!("`{command}` というコマンドはありません。"),
            Self::MissingCommand(there) => format!("コマンドがありません。{}", possible(there)),
            Self::MissingArguments(missing) => format!("必要な引数がありません: {}", listed(missing, "、")),
            Self::MissingValue { argument, possible: there } => {
                format!("`{argument}` に値がありません。{}", possible(there))
            }
            Self::BadValue { argument, value, possible: there } => {
                format!("`{argument}` に `{value}` は指定できません。{}", possible(there))
            }
            Self::Repeated(argument) => format!("`{argument}` は1回しか指定できません。"),
            Self::Conflict { argument, with } if with.is_empty() => {
                format!("`{argument}` はほかの引数と同時に指定できません。")
            }
            Self::Conflict { argument, with } => {
                format!("`{argument}` は {} と同時に指定できません。", listed(with, "、"))
            }
            Self::Values(argument) => format!("`{argument}` の値の数が違います。"),
            Self::NotText => "UTF-8の文字列ではない引数があります。".into(),
            Self::Other => "コマンドラインを解釈できません。".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_written_twice_or_left_empty() {
        for (at, row) in HELP_JA.iter().enumerate() {
            assert!(!row.2.is_empty(), "{row:?}");
            assert!(HELP_JA[..at].iter().all(|other| (other.0, other.1) != (row.0, row.1)), "twice: {row:?}");
        }
    }

    #[test]
    fn a_usage_error_says_what_to_do_in_both_languages() {
        let usage = Usage { fault: Fault::UnknownArgument("--jsn".into()), similar: Some("--json".into()) };
        let (en, ja) = (usage.explain(Lang::En), usage.explain(Lang::Ja));
        assert_eq!(en.what, "There is no argument `--jsn` here.");
        assert_eq!(en.next, "Did you mean `--json`? Look at --help.");
        assert_eq!(ja.what, "引数が正しくありません。`--jsn` という引数はありません。");
        assert_eq!(ja.next, "`--json` ではありませんか。詳しくは --help を付けて実行してください。");
        assert_eq!((usage.number(), usage.code(), usage.who()), (459, "usage", kazasu_core::Who::Caller));
    }

    #[test]
    fn every_fault_of_a_command_line_is_told_in_both_languages() {
        let one = || String::from("--x");
        let faults = [
            Fault::UnknownArgument(one()),
            Fault::UnknownCommand(one()),
            Fault::MissingCommand(vec![one()]),
            Fault::MissingArguments(vec![one()]),
            Fault::MissingValue { argument: one(), possible: vec![one()] },
            Fault::BadValue { argument: one(), value: one(), possible: vec![one()] },
            Fault::Repeated(one()),
            Fault::Conflict { argument: one(), with: vec![one()] },
            Fault::Conflict { argument: one(), with: Vec::new() },
            Fault::Values(one()),
            Fault::NotText,
            Fault::Other,
        ];
        for fault in faults {
            let usage = Usage { fault, similar: None };
            let (en, ja) = (usage.explain(Lang::En), usage.explain(Lang::Ja));
            assert!(en.what.is_ascii() && en.what.ends_with('.') && !en.what.contains(".."), "{en:?}");
            let english = ja.what.split(|character: char| !character.is_ascii_alphabetic());
            assert!(english.filter(|word| !["x", "", "UTF"].contains(word)).count() == 0, "{ja:?}");
        }
    }
}
