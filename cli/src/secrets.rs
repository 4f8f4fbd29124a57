//! Where a secret comes from: a prompt without echo, an environment variable or a file descriptor that the user names. Never an
//! argument, which every program on the machine could read.

use crate::args::Global;
use crate::cancel::{self, Held};
use crate::failure::Failure;
use crate::ui::Ui;
use kazasu_catalogue::{Lang, Trouble, Word, secret_name};
use kazasu_core::secret::{Kind, Secret};
use kazasu_core::{Counter, Error, LastTry, LinkError, SecretKind};
use std::env::VarError;
use std::io::{ErrorKind, Read};
use std::sync::atomic::Ordering;
use zeroize::{Zeroize, Zeroizing};

/// What a holder typed; wiped when it goes.
pub(crate) type Typed = Zeroizing<String>;

/// How to get secrets.
pub(crate) enum Asker {
    /// Lines that were given beforehand.
    Given { lines: std::vec::IntoIter<Typed> },
    /// A person at a terminal.
    Prompt,
}

impl Asker {
    /// Reads what `--secret-env` or `--secret-fd` name, before any card is touched.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let text = match (&global.secret_env, global.secret_fd) {
            (Some(variable), _) => from_environment(variable)?,
            (None, Some(descriptor)) => from_descriptor(descriptor)?,
            (None, None) => return Ok(Self::Prompt),
        };
        let lines: Vec<_> = text.lines().map(|line| Typed::new(line.trim_end_matches('\r').to_owned())).collect();
        Ok(Self::Given { lines: lines.into_iter() })
    }

    /// Whether a person will be asked.
    pub(crate) const fn prompts(&self) -> bool {
        matches!(self, Self::Prompt)
    }

    /// The next secret; `wanted` says what would do, `left` how many tries are left of it, where that was asked for.
    pub(crate) fn ask(&mut self, ui: Ui, wanted: &[SecretKind], left: Option<Counter>) -> Result<Typed, Failure> {
        let missing = || Trouble::SecretMissing { wanted: wanted.to_vec() };
        match self {
            Self::Given { lines } => lines.next().ok_or_else(|| missing().into()),
            Self::Prompt => {
                let names: Vec<_> = wanted.iter().map(|kind| secret_name(*kind, ui.lang)).collect();
                let names = names.join(ui.lang.pick(" or ", "、または "));
                let left = match left {
                    Some(Counter::Left(left)) => format!(", {}: {left}", ui.word(Word::TriesLeft)),
                    _ => String::new(),
                };
                let hint = ui.word(Word::TypingIsHidden);
                prompt(&format!("{}: {names} ({hint}{left}): ", ui.word(Word::AskSecret)), || missing().into())
            }
        }
    }

    /// A new secret of this kind: the next given line, or typed twice.
    pub(crate) fn ask_new(&mut self, ui: Ui, kind: SecretKind) -> Result<Typed, Failure> {
        let missing = || Failure::from(Trouble::NewSecretMissing { kind });
        if let Self::Given { lines } = self {
            return lines.next().ok_or_else(missing);
        }
        let first = prompt(&format!("{}: ", ui.word(Word::AskNew)), missing)?;
        let second = prompt(&format!("{}: ", ui.word(Word::AskNewAgain)), missing)?;
        if first == second { Ok(first) } else { Err(Trouble::SecretsDiffer.into()) }
    }
}

/// Asks at the terminal. A signal meanwhile must not end the program while the terminal shows nothing.
fn prompt(text: &str, missing: impl FnOnce() -> Failure) -> Result<Typed, Failure> {
    let _held = Held::new();
    let typed = rpassword::prompt_password(text).map(Typed::new);
    let interrupted = typed.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted);
    if interrupted || cancel::flag().load(Ordering::SeqCst) {
        return Err(Error::Link(LinkError::Cancelled).into());
    }
    typed.map_err(|_| missing())
}

/// The variable's text.
pub(crate) fn from_environment(variable: &str) -> Result<Typed, Failure> {
    // The system's own error would show the value.
    let why = |why| Failure::from(Trouble::SecretSource { why: format!("${variable} {why}") });
    std::env::var(variable).map(Typed::new).map_err(|error| match error {
        VarError::NotPresent => why("is not set"),
        VarError::NotUnicode(value) => {
            value.into_encoded_bytes().zeroize();
            why("is not text")
        }
    })
}

fn from_descriptor(descriptor: u32) -> Result<Typed, Failure> {
    let mut text = Typed::new(String::with_capacity(4_096));
    let read = std::fs::File::open(format!("/dev/fd/{descriptor}"))
        .and_then(|file| file.take(4_096).read_to_string(&mut text));
    let why = |error| Trouble::SecretSource { why: format!("file descriptor {descriptor}: {error}") };
    read.map(|_| text).map_err(|error| why(error).into())
}

/// Checks the format; nothing has been sent yet.
pub(crate) fn checked<K: Kind>(typed: &Typed) -> Result<Secret<K>, Failure> {
    Secret::new(typed).map_err(|reason| Error::SecretFormat { kind: K::KIND, reason }.into())
}

/// Which of `wanted` this is, by its form: 4, 6, 12 or 14 digits, or letters and digits.
pub(crate) fn kind_of(typed: &Typed, wanted: &[SecretKind]) -> Result<SecretKind, Failure> {
    let length = typed.chars().count();
    let digits = typed.chars().all(|character| matches!(character, '0'..='9' | '０'..='９'));
    let fits = |kind: &&SecretKind| {
        let format = kind.format();
        format.digits_only == digits && (format.min..=format.max).contains(&length)
    };
    let kind = wanted.iter().find(fits).copied();
    kind.ok_or_else(|| Trouble::SecretForm { wanted: wanted.to_vec() }.into())
}

/// What `--allow-last-try` says.
pub(crate) const fn last_try(global: &Global) -> LastTry {
    if global.allow_last_try { LastTry::Allow } else { LastTry::Refuse }
}

/// Tries left in words.
pub(crate) fn counter(counter: Counter, lang: Lang) -> String {
    match counter {
        Counter::Left(left) => left.to_string(),
        Counter::Blocked => Word::Blocked.text(lang).to_owned(),
        Counter::Unknown => Word::Unknown.text(lang).to_owned(),
    }
}
