//! Where a secret comes from: a prompt without echo, an environment variable or a file descriptor that the user names.
//! Never an argument, which every program on the machine could read.

use crate::args::Global;
use crate::cancel::{self, Held};
use crate::card::Source;
use crate::failure::Failure;
use crate::ui::Ui;
use kazasu_catalogue::{Lang, SecretFault, Trouble, Word, secret_name};
use kazasu_core::secret::{Kind, Secret};
use kazasu_core::step::block_on;
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

    /// The next secret; `wanted` says what would do, `left` how many tries are left of each, where that was asked for.
    pub(crate) fn ask(&mut self, ui: Ui, wanted: &[SecretKind], left: &[Counter]) -> Result<Typed, Failure> {
        let missing = || Trouble::SecretMissing { wanted: wanted.to_vec() };
        match self {
            Self::Given { lines } => lines.next().ok_or_else(|| missing().into()),
            Self::Prompt => prompt(&question(ui, wanted, left), || missing().into()),
        }
    }

    /// Asks a person for one of these secrets of one application, who is told first how many tries are left of each.
    /// That is looked up in a session of its own, so that the card is not held while somebody types.
    pub(crate) fn ask_with_tries(
        &mut self,
        ui: Ui,
        source: &mut Source,
        holds: Holds,
        wanted: &[SecretKind],
    ) -> Result<Typed, Failure> {
        let left = if self.prompts() { holds.tries(source, ui, wanted)? } else { Vec::new() };
        self.ask(ui, wanted, &left)
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

/// The application that a secret belongs to; each counts on its own.
#[derive(Clone, Copy)]
pub(crate) enum Holds {
    Jpki,
    Text,
    Surface,
}

impl Holds {
    /// Tries left of each; an error where all of them are blocked, as nobody needs to type then.
    fn tries(self, source: &mut Source, ui: Ui, wanted: &[SecretKind]) -> Result<Vec<Counter>, Failure> {
        let mut session = source.open(ui)?;
        let mut left = Vec::new();
        for kind in wanted.iter().copied() {
            left.push(block_on(async {
                match self {
                    Self::Jpki => session.jpki().await?.tries(kind).await,
                    Self::Text => session.text().await?.tries(kind).await,
                    Self::Surface => session.surface().await?.tries(kind).await,
                }
            })?);
        }
        match wanted.first() {
            Some(kind) if left.iter().all(|left| *left == Counter::Blocked) => {
                Err(Error::Blocked { kind: *kind, spent: Some(false) }.into())
            }
            _ => Ok(left),
        }
    }
}

/// What a person is asked.
fn question(ui: Ui, wanted: &[SecretKind], left: &[Counter]) -> String {
    let name = |(nth, kind): (usize, &SecretKind)| {
        let name = secret_name(*kind, ui.lang);
        match left.get(nth) {
            Some(Counter::Left(left)) => format!("{name} [{}: {left}]", ui.word(Word::TriesLeft)),
            Some(Counter::Blocked) => format!("{name} [{}]", ui.word(Word::Blocked)),
            Some(Counter::Unknown) | None => name.to_owned(),
        }
    };
    let names: Vec<_> = wanted.iter().enumerate().map(name).collect();
    let names = names.join(ui.lang.pick(" or ", "、または "));
    format!("{}: {names} ({}): ", ui.word(Word::AskSecret), ui.word(Word::TypingIsHidden))
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
    let source =
        |why: fn(String) -> SecretFault| Failure::from(Trouble::SecretSource { why: why(variable.to_owned()) });
    std::env::var(variable).map(Typed::new).map_err(|error| match error {
        VarError::NotPresent => source(SecretFault::NotSet),
        VarError::NotUnicode(value) => {
            value.into_encoded_bytes().zeroize();
            source(SecretFault::NotText)
        }
    })
}

fn from_descriptor(descriptor: u32) -> Result<Typed, Failure> {
    let mut text = Typed::new(String::with_capacity(4_096));
    let read = std::fs::File::open(format!("/dev/fd/{descriptor}"))
        .and_then(|file| file.take(4_096).read_to_string(&mut text));
    let why = |error: std::io::Error| SecretFault::Descriptor(descriptor, error.to_string());
    read.map(|_| text).map_err(|error| Trouble::SecretSource { why: why(error) }.into())
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

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_catalogue::Lang::{self, En, Ja};

    fn asked(lang: Lang, wanted: &[SecretKind], left: &[Counter]) -> String {
        question(Ui { lang, json: false, verbose: false, force: false }, wanted, left)
    }

    #[test]
    fn r01_who_is_asked_sees_the_tries_left_of_each_secret_that_would_do() {
        let either = [SecretKind::TextPin, SecretKind::NumberB];
        let text = asked(En, &either, &[Counter::Left(1), Counter::Left(10)]);
        assert!(text.contains("[Tries left: 1] or ") && text.contains("[Tries left: 10]"), "{text}");
        let text = asked(Ja, &either, &[Counter::Blocked, Counter::Left(10)]);
        assert!(text.contains("[ロック済み]、または ") && text.contains("[暗証番号の残り回数: 10]"), "{text}");
        let text = asked(En, &either, &[Counter::Unknown, Counter::Unknown]);
        assert!(!text.contains('['), "{text}");
    }
}
