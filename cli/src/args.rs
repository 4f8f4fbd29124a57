//! The command line's grammar.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Reads, unlocks and signs with Japan's My Number card (個人番号カード).
///
/// With a PC/SC reader it uses the card on it; with `--card demo` the built-in demonstration card.
#[derive(Debug, Parser)]
#[command(name = "kazasu", version, max_term_width = 110, arg_required_else_help = true)]
#[command(after_help = "Exit codes say who must act: 0 done, 1 a defect of this program, 2 the caller, 3 the holder \
    (a wrong secret), 4 the card (blocked, another card), 5 the reader or the link. \
    6 is a result in which not everything asked for was checked and holds.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that stand before or after any command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Use the card on the reader with this name, or with this part of a name
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "card")]
    pub(crate) reader: Option<String>,
    /// Use a built-in card: demo[:PERSONA[,PROFILE…]]
    #[arg(long, global = true, value_name = "CARD")]
    pub(crate) card: Option<String>,
    /// Wait so long for a card to be put on the reader
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) wait: u64,
    /// Print one JSON object instead of text (docs/json.md)
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Take the secret from this environment variable
    #[arg(long, global = true, value_name = "VAR", conflicts_with = "secret_fd")]
    pub(crate) secret_env: Option<String>,
    /// Take the secret from this open file descriptor: its first line (for `pin change` the second is the new one)
    #[arg(long, global = true, value_name = "N")]
    pub(crate) secret_fd: Option<u32>,
    /// Permit spending the last try of a secret, which a wrong entry would block
    #[arg(long, global = true)]
    pub(crate) allow_last_try: bool,
    /// Replace files that are there already
    #[arg(long, global = true)]
    pub(crate) force: bool,
    /// Language of texts; otherwise LC_ALL, LC_MESSAGES or LANG decides
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<LangArg>,
    /// Show every exchange with the card, annotated, without contents
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LangArg {
    /// Japanese
    Ja,
    /// English
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A guided tour with the demonstration card
    Demo {
        /// Print the demonstration card's secrets instead
        #[arg(long)]
        secrets: bool,
    },
    /// List the card readers
    Readers,
    /// What is on the reader: kind, certificates, tries left; needs no secret
    Status,
    /// Read a certificate
    Cert {
        /// Which one; only `sign` needs a secret
        which: CertArg,
        /// Write it here (DER) instead of printing it (PEM)
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write PEM
        #[arg(long)]
        pem: bool,
        /// Show what it says, to whom it belongs (`sign`) and what was checked, instead of printing it; exits 0 also where a check fails
        #[arg(long, conflicts_with_all = ["output", "pem"])]
        show: bool,
        /// Believe the demonstration card's authorities, and nobody else; the result says so
        #[arg(long, requires = "show")]
        test_anchors: bool,
    },
    /// Sign files, all with one password, checked with the card's certificate before anything is written. The signature key signs a PDF inside (FILE.signed.pdf) and makes a signature in CMS beside any other file (CAdES-B-B, FILE.p7s), the user-authentication key a raw one (FILE.sig)
    Sign {
        /// What to sign; `-` is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Which key
        #[arg(long, default_value = "sign")]
        key: KeyArg,
        /// Make a signature in CMS beside the file (FILE.p7s)
        #[arg(long, group = "form")]
        detached: bool,
        /// Make a signature in CMS with the file inside (FILE.p7m)
        #[arg(long, group = "form")]
        cms: bool,
        /// Make a token in JWS with the file inside (FILE.jws); only with the user-authentication key
        #[arg(long, group = "form")]
        jws: bool,
        /// Make a bare signature (FILE.sig): RSASSA-PKCS1-v1_5 over the digest, 256 bytes, without a certificate
        #[arg(long, group = "form")]
        raw: bool,
        /// Sign a PDF by PAdES (B-B) instead of in the way that the registry (登記) takes
        #[arg(long, group = "form")]
        pades: bool,
        /// Which digest of a raw signature
        #[arg(long, default_value = "sha256")]
        hash: HashArg,
        /// Where the signature goes, for one file; otherwise beside each file
        #[arg(short, long, value_name = "SIGNATURE")]
        output: Option<PathBuf>,
        /// I know that everybody who has a PDF or a file signed in CMS can read the name, address, birth date and sex of the signer
        #[arg(long)]
        acknowledge_disclosure: bool,
        /// Sign although the certificate has expired
        #[arg(long)]
        allow_expired: bool,
        /// Sign a PDF although a signature that it has already fails
        #[arg(long)]
        allow_changed: bool,
    },
    /// Look at the signatures of a file: PDF, CMS (.p7s, .p7m), JWS; with --certificate a bare one (.sig), with --origin and --nonce a login token. Success only when everything that is asked for was checked and holds
    Verify {
        /// The signed file, or the signature beside one; `-` is standard input
        file: PathBuf,
        /// What a signature beside a file is about; otherwise the file without .p7s or .sig
        #[arg(long, value_name = "FILE")]
        content: Option<PathBuf>,
        /// The signer's certificate, for a bare signature (DER or PEM)
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// Which key a bare signature is to be of [default: sign]
        #[arg(long)]
        key: Option<KeyArg>,
        /// Where the login token was for: https://host
        #[arg(long, value_name = "ORIGIN", requires = "nonce", conflicts_with = "certificate")]
        origin: Option<String>,
        /// The nonce that the login token answers, in base64
        #[arg(long, value_name = "BASE64", requires = "origin")]
        nonce: Option<String>,
        /// Permit http://localhost as origin
        #[arg(long, requires = "origin")]
        allow_localhost: bool,
        /// The certificate of an authority of J-LIS, where the file does not carry it (DER or PEM); may be repeated
        #[arg(long, value_name = "FILE", conflicts_with = "test_anchors")]
        authority: Vec<PathBuf>,
        /// A revocation list of the authority's that was fetched elsewhere (DER or PEM); may be repeated
        #[arg(long, value_name = "FILE")]
        crl: Vec<PathBuf>,
        /// An OCSP answer that was fetched elsewhere (DER); may be repeated
        #[arg(long, value_name = "FILE")]
        ocsp: Vec<PathBuf>,
        /// Believe this time-stamping authority (DER or PEM); may be repeated
        #[arg(long, value_name = "FILE")]
        timestamp_authority: Vec<PathBuf>,
        /// Demand that the signature names its certificate (CAdES)
        #[arg(long)]
        cades: bool,
        /// Believe the demonstration cards' authorities, and only them; the result is stamped
        #[arg(long)]
        test_anchors: bool,
        /// Do without this check (its code in docs/json.md); may be repeated
        #[arg(long, value_name = "CHECK")]
        without: Vec<String>,
        /// Write the result as one page that can be printed
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Give a signature a timestamp (RFC 3161): ask, carry the request to an authority, attach its answer
    Timestamp {
        #[command(subcommand)]
        action: TimestampAction,
    },
    /// Name, address, birth date and sex; needs the PIN for card data or number B
    Attributes,
    /// The My Number; needs the PIN for card data or the number itself
    MyNumber,
    /// Everything that is printed on the card, as files; needs the My Number or number B
    Face {
        /// Folder for name.png, address.png, security-code.png, photo.jp2 and record.bin
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
        /// Also write the photo as photo.png
        #[arg(long)]
        png: bool,
    },
    /// Change a PIN or the password
    Pin {
        #[command(subcommand)]
        action: PinAction,
    },
    /// Let the card prove that it is genuine and here: it signs a nonce, and everything above its key is checked
    Genuine {
        /// The verifier's nonce, 32 to 64 bytes in hexadecimal; without it, one is drawn here and used once
        #[arg(long, value_name = "HEX")]
        nonce: Option<String>,
        /// Which application's key
        #[arg(long, default_value = "text")]
        application: ApplicationArg,
        /// What else is to be proven, from the text application; may be repeated
        #[arg(long, value_name = "WHAT")]
        with: Vec<WithArg>,
        /// Let the holder prove knowledge of the user-authentication PIN as well, to this audience (such as `https://example.jp`); from --secret-env or --secret-fd the second line is the PIN
        #[arg(long, value_name = "AUDIENCE")]
        holder: Option<String>,
        /// A revocation list of the authority's, about the holder's certificate (DER or PEM); may be repeated
        #[arg(long, value_name = "FILE", requires = "holder", conflicts_with = "output")]
        crl: Vec<PathBuf>,
        /// An OCSP answer about the holder's certificate (DER); may be repeated
        #[arg(long, value_name = "FILE", requires = "holder", conflicts_with = "output")]
        ocsp: Vec<PathBuf>,
        /// Write the proof here for the verifier who gave the nonce, instead of judging it
        #[arg(short, long, value_name = "FILE", requires = "nonce")]
        output: Option<PathBuf>,
        /// Judge this proof, without a card: the verifier's side
        #[arg(long, value_name = "FILE", requires = "nonce", conflicts_with_all = ["output", "with", "card", "reader"])]
        verify: Option<PathBuf>,
        /// Believe the demonstration cards' authorities, and only them; the result is stamped
        #[arg(long, conflicts_with = "output")]
        test_anchors: bool,
        /// Do without this check (its code in docs/json.md); may be repeated
        #[arg(long, value_name = "CHECK", conflicts_with = "output")]
        without: Vec<String>,
    },
    /// Log in at a server: signs its origin and its nonce, prints the token that goes to it
    Login {
        /// Where to, as a browser writes it: https://host; shown before the PIN is asked for, and signed
        #[arg(long, value_name = "ORIGIN")]
        origin: String,
        /// The server's nonce, in base64
        #[arg(long, value_name = "BASE64")]
        nonce: String,
        /// Write the token here instead of printing it
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Permit http://localhost as origin, for trying things out on this machine
        #[arg(long)]
        allow_localhost: bool,
    },
    /// The demonstration card for other programs
    Card {
        #[command(subcommand)]
        action: CardAction,
    },
    /// Explain a recorded exchange line by line, without contents
    Trace {
        /// Lines of hexadecimal, `>` for commands and `<` for responses; standard input if none is named
        file: Option<PathBuf>,
    },
    /// Record a card for the tests of a program, without its holder: invented contents of the same length under test keys
    Record {
        /// What to do with the card, in this order, in one tap
        #[arg(required = true)]
        jobs: Vec<JobArg>,
        /// Where the recording goes
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Do what a recording says, with the recording in the place of the card; any difference fails
    Replay {
        /// A file that `kazasu record` wrote
        file: PathBuf,
    },
    /// Find what will fail at run time: in an Xcode or Android project, or with this computer's readers
    Doctor {
        /// The project's folder; without it, this computer is looked at
        project: Option<PathBuf>,
    },
    /// How many commands each job takes, counted on the simulated card
    Bench,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PinAction {
    /// Give the old one, then the new one twice; from --secret-env or --secret-fd the second line is the new one
    Change {
        /// Which one
        which: PinArg,
        /// Take the new one from this environment variable
        #[arg(long, value_name = "VAR")]
        new_secret_env: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TimestampAction {
    /// Write a request about a signature, for a time-stamping authority (application/timestamp-query)
    Request {
        /// A signature in CMS (.p7s, .p7m), or a PDF that was signed with --pades
        file: PathBuf,
        /// Where the request goes
        #[arg(short, long, value_name = "REQUEST")]
        output: PathBuf,
    },
    /// Put the authority's answer (application/timestamp-reply) into the signature
    Attach {
        /// The signature that the request was about
        file: PathBuf,
        /// The request
        #[arg(value_name = "REQUEST")]
        request: PathBuf,
        /// The answer
        #[arg(value_name = "ANSWER")]
        answer: PathBuf,
        /// Where the signature with its timestamp goes
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CardAction {
    /// Put the demonstration card into vsmartcard's virtual reader (vpcd), where any PC/SC program sees it
    Serve {
        /// Whose card
        #[arg(long, default_value = "adult")]
        persona: String,
        /// Which kind of card; several, separated by commas
        #[arg(long, default_value = "standard")]
        profile: String,
        /// The virtual reader's port on this machine
        #[arg(long, default_value_t = 35963)]
        port: u16,
    },
    /// List the personas and profiles
    List,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CertArg {
    /// User authentication (利用者証明用電子証明書)
    Auth,
    /// Signature (署名用電子証明書)
    Sign,
    /// The CA of the first
    AuthCa,
    /// The CA of the second
    SignCa,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyArg {
    /// User authentication: 4-digit PIN
    Auth,
    /// Signature: password
    Sign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HashArg {
    Sha256,
    Sha384,
    Sha512,
}

impl HashArg {
    /// In JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PinArg {
    /// User authentication: 4 digits
    Auth,
    /// Signature: 6 to 16 letters and digits
    Sign,
    /// Card data: 4 digits
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ApplicationArg {
    /// Card data (券面事項入力補助AP)
    Text,
    /// Card face (券面事項確認AP)
    Surface,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WithArg {
    /// Name, address, birth date and sex
    Attributes,
    /// The My Number; compared here and never written
    MyNumber,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JobArg {
    /// Kind of card, certificates, tries left, card record
    Status,
    /// The user-authentication certificate
    #[value(name = "cert:auth")]
    CertAuth,
    /// The signature certificate: password
    #[value(name = "cert:sign")]
    CertSign,
    /// The CA of the first
    #[value(name = "cert:auth-ca")]
    CertAuthCa,
    /// The CA of the second
    #[value(name = "cert:sign-ca")]
    CertSignCa,
    /// A signature with the user-authentication key: its PIN
    #[value(name = "sign:auth")]
    SignAuth,
    /// A signature with the signature key: password
    #[value(name = "sign:sign")]
    SignSign,
    /// Name, address, birth date and sex: PIN for card data or number B
    Attributes,
    /// The My Number: PIN for card data or the number itself
    MyNumber,
    /// The card face: the My Number or number B
    Face,
    /// Proof that the chip is genuine: PIN for card data, the My Number or number B
    Genuine,
}
