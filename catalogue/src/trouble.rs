//! What can go wrong around a card: readers, files, arguments.

use crate::errors::secret_name;
use crate::names::row_name;
use crate::{Explain, Explanation, FileFault, Lang, Part, PdfRefusal, StampRefusal, Unsigned, Word, system};
use kazasu_core::SecretKind;
use kazasu_pki::pdf::EarlierFailure;

/// An argument that names nothing, or that does not go with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// `--card` takes something else, perhaps this.
    Card(String, Option<String>),
    /// No such persona; these are there, and perhaps this is meant.
    Persona(String, Vec<&'static str>, Option<String>),
    /// No such profile; these are there, and perhaps this is meant.
    Profile(String, Vec<&'static str>, Option<String>),
    /// The card file cannot be read.
    CardFile(String),
    /// `--nonce` takes hexadecimal digits, so many.
    Nonce,
    /// There is no check of this code; these are there, and perhaps this is meant.
    Check(String, Vec<&'static str>, Option<String>),
    /// The user-authentication key makes `--raw` and `--jws`, the signature key `--detached`, `--cms` and `--raw`.
    KeyAndForm,
    /// `--hash` is for raw signatures.
    HashOfForm,
    /// `-o` names one file, and there are several to sign.
    OneOutput,
    /// Beside standard input there is no place for a signature.
    NoOutput,
    /// Some of the files are PDFs and some are not, and no form is named.
    SomePdfs,
    /// A file that is called a PDF and is none, and no form is named.
    NamedPdf(String),
    /// A file that is called a PDF, for a signature that is none.
    PdfOutput(String),
    /// A bare signature names no certificate.
    RawAlone,
    /// An option of `verify` that says nothing about such a file: the option, what it is for, what the file is.
    NotOfThisFile(&'static str, Vec<Word>, Word),
    /// A PDF that is called a signature of the file beside it: the PDF, the file.
    PdfBeside(String, String),
    /// The page of `--html` would replace a file that is read for it.
    ReadForPage(String),
    /// Two files would be signed into this one.
    TwoIntoOne(String),
    /// A login token was signed for an origin and a nonce.
    TokenAlone,
    /// `genuine --with` is about the text application.
    WithSurface,
    /// A My Number does not travel.
    NumberInProof,
    /// More bytes than can go inside a signature.
    TooLargeInside(usize),
    /// `--origin` takes what a browser writes.
    Origin,
    /// `login --nonce` takes base64.
    LoginNonce,
    /// `-o -` and `--json` both want standard output.
    TwoVoices,
    /// Two files, or a file and the secret, would come from standard input.
    TwoInputs,
    /// The signature would replace what is signed.
    SameFile,
    /// This line of a trace is not hexadecimal.
    TraceLine(usize),
    /// There is no exchange in the trace.
    EmptyTrace,
    /// Neither an Xcode nor a Gradle project is in this folder.
    NoProject(String),
    /// A file that is no recording, in the words of whoever read it, which are English.
    NotRecording(String),
    /// A line of a recording, behind so many commands, cannot be read.
    RecordingLine(usize),
    /// The system gives no random bytes.
    NoRandom,
}

impl Argument {
    fn what(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Card(given, _), Lang::En) => format!("--card takes demo[:PERSONA[,PROFILE…]], not `{given}`."),
            (Self::Card(given, _), Lang::Ja) => {
                format!("--card は demo[:ペルソナ[,プロファイル…]] の形です(`{given}` は使えません)。")
            }
            (Self::Persona(name, there, _), Lang::En) => {
                format!("There is no persona `{name}`; there are: {}.", there.join(", "))
            }
            (Self::Persona(name, there, _), Lang::Ja) => {
                format!("`{name}` というペルソナはありません。使えるもの: {}", there.join("、"))
            }
            (Self::Profile(name, there, _), Lang::En) => {
                format!("There is no profile `{name}`; there are: {}.", there.join(", "))
            }
            (Self::Profile(name, there, _), Lang::Ja) => {
                format!("`{name}` というプロファイルはありません。使えるもの: {}", there.join("、"))
            }
            (Self::CardFile(why), Lang::En) => format!("The card file cannot be read: {}", ended(why)),
            (Self::CardFile(_), Lang::Ja) => "カードのファイルを読めません(理由は --lang en で表示されます)。".into(),
            (Self::Nonce, Lang::En) => {
                "--nonce takes 64 to 128 hexadecimal digits: 32 to 64 bytes, two digits a byte.".into()
            }
            (Self::Nonce, Lang::Ja) => "--nonce は16進数64〜128桁(32〜64バイト、1バイト2桁)で指定してください。".into(),
            (Self::Check(code, _, Some(_)), Lang::En) => format!("There is no check `{code}`."),
            (Self::Check(code, _, Some(_)), Lang::Ja) => format!("`{code}` という項目はありません。"),
            (Self::Check(code, there, None), Lang::En) => {
                format!("There is no check `{code}`; there are: {}.", there.join(", "))
            }
            (Self::Check(code, there, None), Lang::Ja) => {
                format!("`{code}` という項目はありません。使えるもの: {}", there.join("、"))
            }
            (Self::KeyAndForm, Lang::En) => {
                "The user-authentication key makes --raw and --jws; the signature key makes --detached, --cms, --pades and --raw."
                    .into()
            }
            (Self::KeyAndForm, Lang::Ja) => {
                "利用者証明用の鍵では --raw と --jws、署名用の鍵では --detached・--cms・--pades・--raw を使えます。".into()
            }
            (Self::HashOfForm, Lang::En) => "--hash is for --raw; the other forms use SHA-256.".into(),
            (Self::HashOfForm, Lang::Ja) => "--hash は --raw でのみ使えます(ほかの形式はSHA-256です)。".into(),
            (Self::OneOutput, Lang::En) => {
                "-o names one file, and there are several to sign; without it each signature goes beside its file.".into()
            }
            (Self::OneOutput, Lang::Ja) => {
                "複数のファイルに署名するときは -o を使えません。付けなければ、署名はそれぞれのファイルの隣に書き出します。"
                    .into()
            }
            (Self::SomePdfs, Lang::En) => {
                "PDFs are signed inside and other files beside them; sign them apart, or name a form such as --detached.".into()
            }
            (Self::SomePdfs, Lang::Ja) => {
                "PDFは中に、ほかのファイルは隣に署名します。別々に署名するか、--detached などで形式を指定してください。".into()
            }
            (Self::NoOutput, Lang::En) => "Say with -o where the signature of standard input goes.".into(),
            (Self::NoOutput, Lang::Ja) => "標準入力への署名の書き出し先を -o で指定してください。".into(),
            (Self::NamedPdf(path), Lang::En) => {
                format!("{path} is called a PDF and is none; to sign it as it is, name a form such as --detached.")
            }
            (Self::NamedPdf(path), Lang::Ja) => {
                format!("{path} はPDFという名前ですがPDFではありません。そのまま署名するには --detached などで形式を指定してください。")
            }
            (Self::PdfOutput(path), Lang::En) => {
                format!("{path} is called a PDF, and a signature of this form is none; name another file for it.")
            }
            (Self::PdfOutput(path), Lang::Ja) => {
                format!("{path} はPDFという名前ですが、この形式の署名はPDFではありません。別のファイル名を指定してください。")
            }
            (Self::RawAlone, Lang::En) => {
                "A bare signature says nothing of its signer; hand in the certificate with --certificate.".into()
            }
            (Self::RawAlone, Lang::Ja) => {
                "署名値だけのファイルからは署名者がわかりません。電子証明書を --certificate で渡してください。".into()
            }
            (Self::NotOfThisFile(option, takes, is), Lang::En) => {
                let takes: Vec<_> = takes.iter().map(|word| word.text(lang)).collect();
                format!("{option} is for {}; this file is {}.", takes.join(" or "), is.text(lang))
            }
            (Self::NotOfThisFile(option, takes, is), Lang::Ja) => {
                let takes: Vec<_> = takes.iter().map(|word| word.text(lang)).collect();
                format!("{option} は{}で使うオプションです。このファイルは{}です。", takes.join("・"), is.text(lang))
            }
            (Self::PdfBeside(pdf, content), Lang::En) => format!(
                "{pdf} is a PDF, signed inside, and says nothing about {content}; to look at the PDF itself, give it a name that ends in .pdf."
            ),
            (Self::PdfBeside(pdf, content), Lang::Ja) => format!(
                "{pdf} は中に署名のあるPDFで、{content} の署名ではありません。PDF自体を確認するには、名前の末尾を .pdf にしてください。"
            ),
            (Self::ReadForPage(path), Lang::En) => {
                format!("The page would replace {path}, which is read for it; name another file for the page.")
            }
            (Self::ReadForPage(path), Lang::Ja) => {
                format!("書き出し先の {path} は確認に使うファイルです。別のファイル名を指定してください。")
            }
            (Self::TwoIntoOne(path), Lang::En) => {
                format!("Two of the files would be signed into {path}; name each file once, or sign them apart with -o.")
            }
            (Self::TwoIntoOne(path), Lang::Ja) => {
                format!("2つのファイルの署名の書き出し先が同じ {path} です。同じファイルを重ねて指定しないか、-o で別々に署名してください。")
            }
            (Self::TokenAlone, Lang::En) => {
                "A login token is looked at together with what it was made for: give --origin and --nonce.".into()
            }
            (Self::TokenAlone, Lang::Ja) => {
                "ログイン用トークンは、宛先とノンスとともに確認します。--origin と --nonce を指定してください。".into()
            }
            (Self::WithSurface, Lang::En) => "--with is for --application text.".into(),
            (Self::WithSurface, Lang::Ja) => "--with は --application text でのみ使えます。".into(),
            (Self::NumberInProof, Lang::En) => {
                "A My Number is never written into a proof; leave -o or --with my-number out.".into()
            }
            (Self::NumberInProof, Lang::Ja) => {
                "個人番号は証明に書き込みません。-o か --with my-number を外してください。".into()
            }
            (Self::TooLargeInside(most), Lang::En) => {
                format!("The file is too large to go inside a signature ({most} bytes at most); use --detached.")
            }
            (Self::TooLargeInside(most), Lang::Ja) => {
                format!("ファイルが大きすぎて署名に含められません(最大{most}バイト)。--detached を使ってください。")
            }
            (Self::Origin, Lang::En) => {
                "--origin takes https:// and a host in lower case, at most a port, nothing behind it; \
                 http://localhost only with --allow-localhost."
                    .into()
            }
            (Self::Origin, Lang::Ja) => {
                "--origin は https:// と小文字のホスト名(必要ならポート番号)だけで指定してください。\
                 http://localhost を使えるのは --allow-localhost を付けたときだけです。"
                    .into()
            }
            (Self::LoginNonce, Lang::En) => "--nonce takes the base64 of 32 to 64 bytes, as the server gave it.".into(),
            (Self::LoginNonce, Lang::Ja) => {
                "--nonce は32〜64バイトのbase64を、サーバーから受け取ったまま指定してください。".into()
            }
            (Self::TwoVoices, Lang::En) => "The file and `--json` both want standard output; name a file instead of `-`.".into(),
            (Self::TwoVoices, Lang::Ja) => {
                "ファイルの書き出し先 `-` と `--json` はどちらも標準出力を使います。ファイル名を指定してください。".into()
            }
            (Self::TwoInputs, Lang::En) => {
                "Standard input gives one thing only, a file or the secret; name the other file, or use another descriptor.".into()
            }
            (Self::TwoInputs, Lang::Ja) => {
                "標準入力から受け取れるのは、ファイルか暗証番号の1つだけです。ファイル名か別のファイル記述子を指定してください。"
                    .into()
            }
            (Self::SameFile, Lang::En) => {
                "The signature would replace the file that is signed; name another file for it.".into()
            }
            (Self::SameFile, Lang::Ja) => {
                "署名の書き出し先が署名するファイルと同じです。別のファイル名を指定してください。".into()
            }
            (Self::TraceLine(line), Lang::En) => format!("Line {line} of the trace is not hexadecimal."),
            (Self::TraceLine(line), Lang::Ja) => format!("記録の{line}行目が16進数ではありません。"),
            (Self::EmptyTrace, Lang::En) => "There is no line with `>` or `<` in the trace.".into(),
            (Self::EmptyTrace, Lang::Ja) => "記録に `>` や `<` で始まる行がありません。".into(),
            (Self::NoProject(folder), Lang::En) => {
                format!("There is neither an Xcode nor an Android project in {folder}.")
            }
            (Self::NoProject(folder), Lang::Ja) => {
                format!("{folder} にはXcodeのプロジェクトもAndroidのプロジェクトもありません。")
            }
            (Self::NotRecording(why), Lang::En) => format!("This is no recording: {}", ended(why)),
            (Self::NotRecording(_), Lang::Ja) => "記録ファイルではありません(理由は --lang en で表示されます)。".into(),
            (Self::RecordingLine(step), Lang::En) => {
                format!("This is no recording: a line after command {step} cannot be read.")
            }
            (Self::RecordingLine(step), Lang::Ja) => {
                format!("記録ファイルではありません({step}番目の命令の後の行を読み取れません)。")
            }
            (Self::NoRandom, Lang::En) => "The operating system gives no random bytes.".into(),
            (Self::NoRandom, Lang::Ja) => "OSから乱数を得られません。".into(),
        }
    }

    /// The help where it lists what there is; the others have said what to do, and that nothing happened is all that is
    /// left.
    fn next(&self, lang: Lang) -> String {
        let next = match self {
            Self::Card(_, Some(meant)) | Self::Persona(.., Some(meant)) | Self::Profile(.., Some(meant)) => {
                return match lang {
                    Lang::En => format!("Did you mean `{meant}`? Look at `kazasu card list`."),
                    Lang::Ja => format!("`{meant}` ではありませんか。一覧は `kazasu card list` でわかります。"),
                };
            }
            Self::Check(.., Some(meant)) => {
                return match lang {
                    Lang::En => format!("Did you mean `{meant}`?"),
                    Lang::Ja => format!("`{meant}` ではありませんか。"),
                };
            }
            Self::Card(..)
            | Self::Persona(..)
            | Self::Profile(..)
            | Self::CardFile(_)
            | Self::TraceLine(_)
            | Self::EmptyTrace
            | Self::NoProject(_)
            | Self::NotRecording(_)
            | Self::RecordingLine(_) => lang.pick("Look at --help.", "--help を見てください。"),
            Self::Check(..)
            | Self::RawAlone
            | Self::TokenAlone
            | Self::NotOfThisFile(..)
            | Self::PdfBeside(..)
            | Self::ReadForPage(_) => lang.pick("Nothing was looked at.", "何も確認していません。"),
            _ => lang.pick("Nothing was sent to the card.", "カードには何も送っていません。"),
        };
        next.into()
    }
}

/// How a replay left its recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deviation {
    /// Another command than was recorded.
    OtherCommand,
    /// More commands than were recorded.
    NoCommand,
    /// Fewer commands than were recorded.
    CommandMissing,
    /// The same commands, and another result.
    OtherResult,
}

impl Deviation {
    const fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::OtherCommand => lang.pick("another command was recorded", "別の命令が記録されています"),
            Self::NoCommand => lang.pick("no command was recorded there", "そこには命令が記録されていません"),
            Self::CommandMissing => lang.pick("this command did not come", "この命令が来ませんでした"),
            Self::OtherResult => lang.pick("the result is another one", "結果が異なります"),
        }
    }
}

/// Why a reader failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderFault {
    /// The system does not let this program use it.
    Denied,
    /// The card in it does not answer.
    Mute,
    /// In the words of the smart-card service.
    Service(String),
}

impl ReaderFault {
    fn words(&self, lang: Lang) -> String {
        match self {
            Self::Denied => lang
                .pick(
                    "the system does not allow this program to use it",
                    "このプログラムによる使用が許可されていません",
                )
                .into(),
            Self::Mute => lang
                .pick(
                    "the card in it does not answer; turn it over or place it again",
                    "カードが応答しません。裏返すか、置き直してください",
                )
                .into(),
            Self::Service(said) => system::words(said, lang),
        }
    }
}

/// Why the card is not in the virtual reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VirtualReaderFault {
    /// Nobody listens at this address.
    Nobody(String),
    /// It closed the connection.
    Ended,
    /// It said something that is no message.
    NoMessage,
    /// The card's answer to reset, or a response of its, has a length that cannot be carried.
    Length(usize),
    /// In the system's words.
    Link(String),
}

impl VirtualReaderFault {
    fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Nobody(address), Lang::En) => {
                format!("no virtual reader listens on {address}: is pcscd running, with vsmartcard's vpcd?")
            }
            (Self::Nobody(address), Lang::Ja) => format!("{address} に仮想リーダー(vsmartcardのvpcd)がありません"),
            (Self::Ended, _) => {
                lang.pick("it went away; pcscd has ended", "仮想リーダーがなくなりました(pcscdの終了)").into()
            }
            (Self::NoMessage, _) => lang
                .pick("what it sent broke off, or was empty", "仮想リーダーからの通信が途中で切れたか、空です")
                .into(),
            (Self::Length(length), Lang::En) => format!("an answer of the card's has {length} bytes"),
            (Self::Length(length), Lang::Ja) => format!("カードの応答の長さ({length}バイト)を扱えません"),
            (Self::Link(said), _) => system::words(said, lang),
        }
    }
}

/// Why a source gives no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretFault {
    /// There is no variable of this name.
    NotSet(String),
    /// What the variable of this name holds is no text.
    NotText(String),
    /// An open file, by its number; in the system's words.
    Descriptor(u32, String),
}

impl SecretFault {
    fn words(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NotSet(variable), Lang::En) => format!("${variable} is not set"),
            (Self::NotSet(variable), Lang::Ja) => format!("${variable} が設定されていません"),
            (Self::NotText(variable), Lang::En) => format!("${variable} is not text"),
            (Self::NotText(variable), Lang::Ja) => format!("${variable} が文字列ではありません"),
            (Self::Descriptor(number, said), Lang::En) => format!("file descriptor {number}: {said}"),
            (Self::Descriptor(number, said), Lang::Ja) => {
                format!("ファイル記述子{number}: {}", system::words(said, lang))
            }
        }
    }
}

/// An error of a host, not of the card protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// What was typed is no secret that this job takes.
    SecretForm {
        /// What it takes.
        wanted: Vec<SecretKind>,
    },
    /// The new secret and its repetition differ.
    SecretsDiffer,
    /// The certificate has expired.
    Expired {
        /// The last day, `YYYY-MM-DD`.
        last_day: String,
        /// Whether it was to log in: no server takes such a login.
        login: bool,
    },
    /// The card's signature does not fit its certificate.
    SignatureWrong,
    /// Something that the card holds cannot be read.
    Unreadable {
        /// What.
        what: Part,
    },
    /// What the card sent cannot be recorded without its holder.
    NotRedacted {
        /// In the recorder's words, which are English.
        said: String,
        /// Which command it is about.
        step: Option<usize>,
        /// Which part of the card it is about: a name of the tables'.
        what: Option<&'static str>,
    },
    /// A replay left the recorded conversation, or came to another result.
    Deviates {
        /// The job.
        job: String,
        /// The last command.
        step: usize,
        /// How.
        why: Deviation,
    },
    /// The smart-card service does not run.
    NoService,
    /// No reader is connected.
    NoReader,
    /// No reader has this name.
    ReaderNotFound {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: Vec<String>,
    },
    /// No card in the reader, or in any.
    NoCard,
    /// The reader or its service failed.
    ReaderFailed {
        /// Why.
        why: ReaderFault,
    },
    /// Nothing listens where a virtual reader should.
    NoVirtualReader {
        /// Why.
        why: VirtualReaderFault,
    },
    /// More than one reader holds a card.
    SeveralCards {
        /// Their names.
        readers: Vec<String>,
    },
    /// More than one reader has this part of a name.
    ReaderAmbiguous {
        /// What was asked for.
        wanted: String,
        /// The readers that match.
        found: Vec<String>,
    },
    /// Another card is in the virtual reader already.
    VirtualReaderOccupied,
    /// The new secret is missing.
    NewSecretMissing {
        /// Which one.
        kind: SecretKind,
    },
    /// A secret is needed and there is nowhere to get it from.
    SecretMissing {
        /// What would do.
        wanted: Vec<SecretKind>,
    },
    /// The named source of a secret gives none.
    SecretSource {
        /// The source and what is wrong with it.
        why: SecretFault,
    },
    /// A file cannot be read.
    FileUnreadable {
        /// Which.
        path: String,
        /// Why.
        why: FileFault,
    },
    /// A file cannot be written.
    FileUnwritable {
        /// Which.
        path: String,
        /// Why.
        why: FileFault,
    },
    /// A PDF that cannot be signed, or looked at.
    PdfRefused {
        /// Which.
        path: String,
        /// Why.
        why: PdfRefusal,
    },
    /// A file is no signed file that can be looked at.
    NotSigned {
        /// Which.
        path: String,
        /// Why.
        why: Unsigned,
    },
    /// A PDF, or what is left of one, that nobody has signed.
    NoSignature {
        /// Which.
        path: String,
    },
    /// A PDF that is to be signed holds a signature that fails.
    EarlierFails {
        /// Which.
        path: String,
        /// The field of that signature.
        field: String,
        /// What is the matter with it.
        failure: EarlierFailure,
    },
    /// A signature does not get a timestamp.
    NotStamped {
        /// Which file is at fault: the signature's or the answer's.
        path: String,
        /// Why.
        why: StampRefusal,
    },
    /// An argument that names nothing.
    BadArgument(Argument),
    /// A file is there already, and nobody said that it may be replaced.
    FileExists {
        /// Which.
        path: String,
    },
    /// Nobody said that the holder's attributes may be in the file.
    Disclosure,
    /// A person was asked whether they may, and said no.
    Declined,
}

impl Trouble {
    const fn row(&self) -> (u16, &'static str) {
        match self {
            Self::SecretForm { .. } => (151, "secret-form"),
            Self::SecretsDiffer => (152, "secrets-differ"),
            Self::Expired { .. } => (251, "certificate-expired"),
            Self::SignatureWrong => (252, "signature-wrong"),
            Self::Unreadable { .. } => (253, "unreadable"),
            Self::NotRedacted { .. } => (254, "not-redacted"),
            Self::Deviates { .. } => (255, "replay-deviates"),
            Self::NoService => (351, "no-service"),
            Self::NoReader => (352, "no-reader"),
            Self::ReaderNotFound { .. } => (353, "reader-not-found"),
            Self::NoCard => (354, "no-card"),
            Self::ReaderFailed { .. } => (355, "reader-failed"),
            Self::NoVirtualReader { .. } => (356, "no-virtual-reader"),
            Self::SeveralCards { .. } => (451, "several-cards"),
            Self::SecretMissing { .. } => (452, "secret-missing"),
            Self::SecretSource { .. } => (453, "secret-source"),
            Self::FileUnreadable { .. } => (454, "file-unreadable"),
            Self::FileUnwritable { .. } => (455, "file-unwritable"),
            Self::BadArgument(_) => (456, "bad-argument"),
            Self::ReaderAmbiguous { .. } => (457, "reader-ambiguous"),
            Self::NotSigned { .. } | Self::NoSignature { .. } => (460, "not-signed"),
            Self::PdfRefused { why, .. } => why.number(),
            Self::FileExists { .. } => (469, "file-exists"),
            Self::Disclosure => (470, "disclosure"),
            Self::Declined => (471, "declined"),
            Self::EarlierFails { .. } => (472, "pdf-signature-fails"),
            Self::NotStamped { .. } => (473, "timestamp-refused"),
            Self::NewSecretMissing { .. } => (458, "new-secret-missing"),
            Self::VirtualReaderOccupied => (357, "virtual-reader-occupied"),
        }
    }
}

/// `why` as the end of a sentence, whatever it ends with.
pub(crate) fn ended(why: &str) -> String {
    format!("{}.", why.trim_end_matches(['.', '?', '!']))
}

/// A field's name in the middle of a sentence, where it has one.
fn named(field: &str, lang: Lang) -> String {
    match (field, lang) {
        ("", _) => lang.pick(" ", "").into(),
        (field, Lang::En) => format!(", {field}, "),
        (field, Lang::Ja) => format!(" {field} "),
    }
}

/// How a signature fails that a PDF has already: the end of a sentence about it.
pub(crate) const fn earlier(failure: EarlierFailure, lang: Lang) -> &'static str {
    match failure {
        EarlierFailure::Changed => {
            lang.pick("fails: its content was changed", "有効ではありません: 署名後に内容が変更されています")
        }
        EarlierFailure::AddedLater => lang.pick(
            "fails: more than signatures was added behind it",
            "有効ではありません: 署名の後に、署名以外のものが追加されています",
        ),
        EarlierFailure::NotUnderstood => lang.pick(
            "cannot be looked at: it is damaged, or of a kind that is not understood here",
            "確認できません: 壊れているか、解釈できない種類の署名です",
        ),
    }
}

fn list(names: &[String], lang: Lang) -> String {
    if names.is_empty() { lang.pick("none", "なし").into() } else { names.join(lang.pick(", ", "、")) }
}

fn kinds(wanted: &[SecretKind], lang: Lang) -> String {
    let names: Vec<_> = wanted.iter().map(|kind| secret_name(*kind, lang)).collect();
    names.join(lang.pick(", or ", "、または"))
}

impl Explain for Trouble {
    fn explain(&self, lang: Lang) -> Explanation {
        let (what, next): (String, String) = match (self, lang) {
            (Self::SecretForm { wanted }, Lang::En) => (
                format!("What was given is none of what this needs: {}.", kinds(wanted, lang)),
                "Nothing was sent to the card and no try is spent. Type it again.".into(),
            ),
            (Self::SecretForm { wanted }, Lang::Ja) => (
                format!("この操作に使える形式ではありません。使えるもの: {}", kinds(wanted, lang)),
                "カードには何も送っていません。残り回数は減っていません。もう一度入力してください。".into(),
            ),
            (Self::SecretsDiffer, Lang::En) => ("The two entries of the new one differ.".into(), "Nothing was changed. Do it again.".into()),
            (Self::SecretsDiffer, Lang::Ja) => ("新しい暗証番号の2回の入力が一致しません。".into(), "変更していません。もう一度実行してください。".into()),
            (Self::Expired { last_day, login }, Lang::En) => {
                let all_the_same = " To sign all the same, give --allow-expired; others will not accept the signature.";
                (
                    format!("The certificate expired; {last_day} was its last day."),
                    format!("The municipal office renews it.{}", if *login { "" } else { all_the_same }),
                )
            }
            (Self::Expired { last_day, login }, Lang::Ja) => {
                let all_the_same = "それでも署名する場合は --allow-expired を付けてください(署名は受け付けられません)。";
                (
                    format!("電子証明書の有効期限が切れています(最終日 {last_day})。"),
                    format!("市区町村の窓口で更新できます。{}", if *login { "" } else { all_the_same }),
                )
            }
            (Self::SignatureWrong, Lang::En) => (
                "The card's signature does not fit the card's certificate, so nothing was written.".into(),
                "Do it again; if it happens again, have the card looked at by the municipal office.".into(),
            ),
            (Self::SignatureWrong, Lang::Ja) => (
                "カードの署名が電子証明書と一致しないため、何も書き出していません。".into(),
                "もう一度実行してください。続くようなら市区町村の窓口でカードを確認してもらってください。".into(),
            ),
            (Self::Unreadable { what }, Lang::En) => (
                format!("Something on the card cannot be read: {}.", what.text(lang)),
                "Do it again; if it happens again, please report it with the output of -v, which has no secrets in it.".into(),
            ),
            (Self::Unreadable { what }, Lang::Ja) => (
                format!("カードの内容を読み取れません: {}", what.text(lang)),
                "もう一度実行してください。続くようなら -v の出力(秘密は含まれません)を添えて報告してください。".into(),
            ),
            (Self::NotRedacted { said, .. }, Lang::En) => (
                format!("The recording was thrown away, because it could not be made free of the holder: {said}."),
                "Nothing was written. Please report this sentence; it has nothing of the card in it.".into(),
            ),
            (Self::NotRedacted { step, what, .. }, Lang::Ja) => {
                let step = step.map(|step| format!("{step}番目の命令"));
                let name = what.map(|what| row_name(what, lang)).filter(|name| !name.is_ascii()).map(str::to_owned);
                let place = step.or(name).map(|place| format!("({place})")).unwrap_or_default();
                (
                    format!("記録から個人の情報を取り除けないため、記録を破棄しました{place}。"),
                    "何も書き出していません。--lang en を付けて実行し、表示された文を報告してください(カードの内容は含まれません)。".into(),
                )
            }
            (Self::Deviates { job, step, why }, Lang::En) => (
                format!("The replay of `{job}` deviates at command {step}: {}.", why.text(lang)),
                "Either the program has changed, and then the card is to be recorded again, or the file has.".into(),
            ),
            (Self::Deviates { job, step, why }, Lang::Ja) => (
                format!("`{job}` の再生が{step}番目の命令で記録と一致しません: {}", why.text(lang)),
                "プログラムが変わったのなら記録し直し、記録ファイルが変わったのなら元に戻してください。".into(),
            ),
            (Self::NoService, Lang::En) => (
                "The smart-card service does not run.".into(),
                "On Debian and Ubuntu: `apt install pcscd`, then `systemctl start pcscd`. Without a reader, try `--card demo`.".into(),
            ),
            (Self::NoService, Lang::Ja) => (
                "スマートカードサービスが動いていません。".into(),
                "Debian・Ubuntuでは `apt install pcscd` のあと `systemctl start pcscd` を実行してください。リーダーなしで試すには `--card demo` を付けてください。".into(),
            ),
            (Self::NoReader, Lang::En) => (
                "No card reader is connected.".into(),
                "Plug one in (a PaSoRi may need its own driver) and look with `kazasu readers`. Without a reader, try `--card demo`.".into(),
            ),
            (Self::NoReader, Lang::Ja) => (
                "カードリーダーが接続されていません。".into(),
                "接続して(PaSoRiでは専用ドライバーが必要な場合があります) `kazasu readers` で確かめてください。リーダーなしで試すには `--card demo` を付けてください。".into(),
            ),
            (Self::ReaderNotFound { wanted, there }, Lang::En) => (
                format!("No reader is named `{wanted}`. There are: {}.", list(there, lang)),
                "Give --reader a part of one of these names.".into(),
            ),
            (Self::ReaderNotFound { wanted, there }, Lang::Ja) => (
                format!("`{wanted}` という名前のリーダーはありません。接続中: {}", list(there, lang)),
                "--reader に名前の一部を指定してください。".into(),
            ),
            (Self::NoCard, Lang::En) => (
                "No card is on the reader.".into(),
                "Put the card on the reader and do it again; with --wait SECONDS the command waits for it.".into(),
            ),
            (Self::NoCard, Lang::Ja) => (
                "カードが置かれていません。".into(),
                "カードを置いてもう一度実行してください。--wait 秒数 を付けると、置かれるまで待ちます。".into(),
            ),
            (Self::ReaderFailed { why }, Lang::En) => (format!("The reader failed: {}", ended(&why.words(lang))), "Unplug it, plug it in again, and do it again.".into()),
            (Self::ReaderFailed { why }, Lang::Ja) => (format!("カードリーダーでエラーが起きました: {}", why.words(lang)), "接続し直して、もう一度実行してください。".into()),
            (Self::NoVirtualReader { why }, Lang::En) => (format!("The card cannot be put into the virtual reader: {}", ended(&why.words(lang))), "On Debian and Ubuntu: `apt install pcscd vsmartcard-vpcd`, then start pcscd.".into()),
            (Self::NoVirtualReader { why }, Lang::Ja) => (format!("仮想リーダーにカードを入れられません: {}", why.words(lang)), "Debian・Ubuntuでは `apt install pcscd vsmartcard-vpcd` のあと pcscd を起動してください。".into()),
            (Self::SeveralCards { readers }, Lang::En) => (format!("Cards are on several readers: {}.", list(readers, lang)), "Name one with --reader.".into()),
            (Self::SeveralCards { readers }, Lang::Ja) => (format!("複数のリーダーにカードがあります: {}", list(readers, lang)), "--reader で1つ指定してください。".into()),
            (Self::ReaderAmbiguous { wanted, found }, Lang::En) => (
                format!("`{wanted}` is a part of several readers' names: {}.", list(found, lang)),
                "Give --reader more of the name.".into(),
            ),
            (Self::ReaderAmbiguous { wanted, found }, Lang::Ja) => (
                format!("`{wanted}` を名前に含むリーダーが複数あります: {}", list(found, lang)),
                "--reader に、1つに決まるところまで名前を指定してください。".into(),
            ),
            (Self::VirtualReaderOccupied, Lang::En) => (
                "Another card is in the virtual reader already.".into(),
                "Take it out (end the other `kazasu card serve`), or use the second reader: --port 35964.".into(),
            ),
            (Self::VirtualReaderOccupied, Lang::Ja) => (
                "仮想リーダーには別のカードが入っています。".into(),
                "先に動いている `kazasu card serve` を終えるか、2つめのリーダー(--port 35964)を使ってください。".into(),
            ),
            (Self::NewSecretMissing { kind }, Lang::En) => (
                format!("The new one is missing: {}.", secret_name(*kind, lang)),
                "Give it with --new-secret-env VAR, or as the second line of --secret-env or --secret-fd. Nothing was changed.".into(),
            ),
            (Self::NewSecretMissing { kind }, Lang::Ja) => (
                format!("新しい方がありません: {}", secret_name(*kind, lang)),
                "--new-secret-env 変数名 で渡すか、--secret-env・--secret-fd の2行目に書いてください。変更していません。".into(),
            ),
            (Self::SecretMissing { wanted }, Lang::En) => (
                format!("Needed: {}; and there is no terminal to ask on.", kinds(wanted, lang)),
                "Give it with --secret-env VAR or --secret-fd N. It is never taken from an argument.".into(),
            ),
            (Self::SecretMissing { wanted }, Lang::Ja) => (
                format!("必要です: {}。入力できる端末がありません。", kinds(wanted, lang)),
                "--secret-env 変数名 または --secret-fd 番号 で渡してください。引数では受け取りません。".into(),
            ),
            (Self::SecretSource { why }, Lang::En) => (format!("The secret cannot be taken from there: {}", ended(&why.words(lang))), "Set the variable or open the descriptor, and do it again.".into()),
            (Self::SecretSource { why }, Lang::Ja) => (format!("指定された場所から暗証番号を受け取れません: {}", why.words(lang)), "変数またはファイル記述子を確かめて、もう一度実行してください。".into()),
            (Self::FileUnreadable { path, why }, Lang::En) => (format!("The file {path} cannot be read: {}", ended(&why.words(lang))), "Look at its name, and whether it may be read and is whole.".into()),
            (Self::FileUnreadable { path, why }, Lang::Ja) => (format!("ファイル {path} を読めません: {}", why.words(lang)), "名前、読み取りの権限、内容を確かめてください。".into()),
            (Self::FileUnwritable { path, why }, Lang::En) => (format!("The file {path} cannot be written: {}", ended(&why.words(lang))), "Nothing was left behind. Choose another place.".into()),
            (Self::FileUnwritable { path, why }, Lang::Ja) => (format!("ファイル {path} に書き込めません: {}", why.words(lang)), "途中のファイルは残っていません。別の場所を指定してください。".into()),
            (Self::PdfRefused { path, why }, lang) => why.explain(path, lang),
            (Self::NotSigned { path, why }, Lang::En) => (
                format!("{path} is no signed file that can be looked at: {}", ended(&why.words(lang))),
                why.next(lang),
            ),
            (Self::NotSigned { path, why }, Lang::Ja) => (
                format!("{path} は確認できる署名付きファイルではありません: {}", why.words(lang)),
                why.next(lang),
            ),
            (Self::NoSignature { path }, Lang::En) => (
                format!("{path} has no signature."),
                "Sign it with `kazasu sign`, or ask for the signed file. A signature beside it is looked at by its own name (.p7s).".into(),
            ),
            (Self::NoSignature { path }, Lang::Ja) => (
                format!("{path} には署名がありません。"),
                "`kazasu sign` で署名するか、署名済みのファイルをもらってください。別ファイルの署名は、その名前(.p7s)で指定してください。".into(),
            ),
            (Self::EarlierFails { path, field, failure }, Lang::En) => (
                format!("A signature that {path} has already{}{}.", named(field, lang), earlier(*failure, lang)),
                "Look at it with `kazasu verify`, and ask for the file as it was signed. To sign it as it is, give \
                 --allow-changed; that signature goes on failing. Nothing was sent to the card."
                    .into(),
            ),
            (Self::EarlierFails { path, field, failure }, Lang::Ja) => (
                format!("{path} にすでにある署名{}は{}", named(field, lang), earlier(*failure, lang)),
                "`kazasu verify` で確認し、署名時のままのファイルをもらってください。このまま署名するには --allow-changed を\
                 付けてください(その署名は有効になりません)。カードには何も送っていません。"
                    .into(),
            ),
            (Self::NotStamped { path, why }, lang) => why.explain(path, lang),
            (Self::BadArgument(argument), lang) => (argument.what(lang), argument.next(lang)),
            (Self::FileExists { path }, Lang::En) => {
                (format!("{path} is there already."), "Move it away, name another place, or replace it with --force.".into())
            }
            (Self::FileExists { path }, Lang::Ja) => (
                format!("{path} がすでにあります。"),
                "移動するか、別の書き出し先を指定するか、置き換えるなら --force を付けてください。".into(),
            ),
            (Self::Disclosure, Lang::En) => (
                "The signed file would show the holder's name, address, birth date and sex to everybody who has it.".into(),
                "When that is wanted, give --acknowledge-disclosure. Nothing was sent to the card.".into(),
            ),
            (Self::Disclosure, Lang::Ja) => (
                "署名したファイルを持つ人は誰でも、署名者の氏名・住所・生年月日・性別を読めます。".into(),
                "それでよければ --acknowledge-disclosure を付けてください。カードには何も送っていません。".into(),
            ),
            (Self::Declined, Lang::En) => {
                ("Nothing was signed.".into(), "Nothing was sent to the card, and no try is spent.".into())
            }
            (Self::Declined, Lang::Ja) => {
                ("署名していません。".into(), "カードには何も送っていません。残り回数は減っていません。".into())
            }
        };
        Explanation { what, next }
    }

    fn code(&self) -> &'static str {
        self.row().1
    }

    fn number(&self) -> u16 {
        self.row().0
    }
}
