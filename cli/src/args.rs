//! The command line's grammar.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Reads, unlocks and signs with Japan's My Number card (個人番号カード).
///
/// With a PC/SC reader it uses the card on it; with `--card demo` the built-in demonstration card.
#[derive(Debug, Parser)]
#[command(name = "kazasu", version, max_term_width = 110, arg_required_else_help = true)]
#[command(after_help = "Exit codes say who must act: 0 done, 1 a defect of this program, 2 the caller, 3 the holder \
    (a wrong secret), 4 the card (blocked, another card), 5 the reader or the link.")]
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
    },
    /// Sign a file: RSASSA-PKCS1-v1_5 over its digest, checked with the card's certificate before it is written
    Sign {
        /// Which key
        #[arg(long)]
        key: KeyArg,
        /// Which digest
        #[arg(long, default_value = "sha256")]
        hash: HashArg,
        /// What to sign; `-` is standard input
        file: PathBuf,
        /// Where the signature goes (256 bytes)
        #[arg(short, long, value_name = "SIGNATURE")]
        output: PathBuf,
        /// Sign although the certificate has expired
        #[arg(long)]
        allow_expired: bool,
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
    /// Let the card prove that it is genuine and here: signs a nonce, writes what a verifier needs
    Genuine {
        /// The verifier's nonce, in hexadecimal
        #[arg(long, value_name = "HEX")]
        nonce: Option<String>,
        /// Which application's key
        #[arg(long, default_value = "text")]
        application: ApplicationArg,
        /// Folder for nonce.bin, signature.bin, municipality.cv and, with a secret, key.bin
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
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
