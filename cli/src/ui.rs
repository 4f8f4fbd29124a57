//! What a person or a program sees: text or JSON on standard output, everything else on standard error.

use crate::failure::Failure;
use kazasu_catalogue::{Argument, FileFault, Lang, Trouble, Word};
use serde_json::Value;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// How to talk, and what may be replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    pub(crate) lang: Lang,
    pub(crate) json: bool,
    pub(crate) verbose: bool,
    /// `--force`.
    pub(crate) force: bool,
}

/// What a command has to say, for programs and for people.
pub(crate) struct Output {
    pub(crate) json: Value,
    pub(crate) text: String,
}

impl Ui {
    pub(crate) const fn word(self, word: Word) -> &'static str {
        word.text(self.lang)
    }

    /// Prints a command's result.
    pub(crate) fn show(self, output: &Output) -> Result<(), Failure> {
        if self.json { say(&format!("{}\n", output.json)) } else { say(&output.text) }
    }

    /// Prints a failure: JSON where JSON was asked for, text on standard error otherwise.
    pub(crate) fn fail(self, failure: &Failure) {
        if self.json {
            // The exit code says what happened to a reader that is gone.
            let _ = say(&format!("{}\n", failure.json(self.lang)));
            return;
        }
        let explanation = failure.explain(self.lang);
        if matches!(failure, Failure::Host(Trouble::Declined)) {
            // Somebody said no to a question; that is no error.
            return self.note(&explanation.what);
        }
        self.note(&format!("{}: {}", self.word(Word::Error), harmless(&explanation.what)));
        self.note(&format!("{}: {}", self.word(Word::Next), harmless(&explanation.next)));
    }

    /// Standard output takes a file or a JSON object, not both.
    pub(crate) fn one_voice(self, output: &Path) -> Result<(), Failure> {
        if self.json && output.as_os_str() == "-" {
            return Err(Failure::argument(Argument::TwoVoices));
        }
        Ok(())
    }

    /// Where a file went; nothing where it went to standard output.
    pub(crate) fn written(self, path: &str) -> String {
        if path == "-" { String::new() } else { format!("{}: {}\n", self.word(Word::Written), harmless(path)) }
    }

    /// A line beside the result.
    pub(crate) fn note(self, line: &str) {
        // There is nobody left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Asks a person at the terminal; anything else than yes is no. `None` where there is nobody.
    pub(crate) fn agreed(self, question: Word) -> Result<Option<bool>, Failure> {
        let mut input = io::stdin();
        if !input.is_terminal() {
            return Ok(None);
        }
        // There is nobody to ask when standard error is closed.
        let asked = write!(io::stderr(), "{} [y/N] ", self.word(question));
        let mut answer = String::new();
        let read = asked.and_then(|()| io::BufRead::read_line(&mut io::BufReader::new(&mut input), &mut answer));
        read.map_err(|error| Failure::unreadable(Path::new("-"), &error))?;
        Ok(Some(is_yes(&answer)))
    }

    /// Whether standard output is a terminal that draws.
    pub(crate) fn draws(self) -> bool {
        !self.json
            && io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none()
            && std::env::var("TERM").is_ok_and(|term| term != "dumb")
    }
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes", "はい"].contains(&answer.trim().to_lowercase().as_str())
}

/// Prints to standard output; a reader that has closed it (such as `head`) is no error.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unwritable(Path::new("-"), &error)),
        _ => Ok(()),
    }
}

/// What a card or somebody's file holds, or is called, goes to a terminal without anything that a terminal would obey.
pub(crate) fn harmless(text: &str) -> String {
    let obeyed = |character: char| {
        character.is_control()
            || matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|character| if obeyed(character) { char::REPLACEMENT_CHARACTER } else { character }).collect()
}

/// Lines of `label  value`, labels padded to one width.
pub(crate) fn table(rows: &[(&str, String)]) -> String {
    let rows: Vec<_> = rows.iter().map(|(label, value)| (harmless(label), harmless(value))).collect();
    let width = rows.iter().map(|(label, _)| columns(label)).max().unwrap_or(0);
    let line = |(label, value): &(String, String)| format!("{label}{}  {value}\n", " ".repeat(width - columns(label)));
    rows.iter().map(line).collect()
}

/// How many columns of a terminal a text takes: characters of Japanese take two.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(|character| if character < '\u{1100}' { 1 } else { 2 }).sum()
}

/// A file that appears whole or not at all; made before the card is touched, so that a bad place never costs a
/// signature. Only its owner may read it, as most of what a card holds is about a person.
pub(crate) struct Draft<'p> {
    path: &'p Path,
    place: Place,
}

enum Place {
    /// `-`.
    StandardOutput,
    /// A device or a pipe: written to, not replaced.
    Device(std::fs::File),
    /// A file beside the one that is there or will be, where it goes, and whether it may replace what is there by then.
    File(tempfile::NamedTempFile, PathBuf, bool),
}

impl<'p> Draft<'p> {
    /// Refuses a place that is taken, unless it may be replaced.
    pub(crate) fn new(path: &'p Path, ui: Ui) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            return Ok(Self { path, place: Place::StandardOutput });
        }
        let fail = |error| Failure::unwritable(path, &error);
        // What a link points to is what is meant.
        let there = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = there.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let problem = match there.metadata() {
            Ok(kind) if kind.is_dir() => Some(FileFault::Folder),
            Ok(kind) if !kind.is_file() => {
                let device = std::fs::OpenOptions::new().write(true).open(&there).map_err(fail)?;
                return Ok(Self { path, place: Place::Device(device) });
            }
            Ok(_) if !ui.force => return Err(Trouble::FileExists { path: path.display().to_string() }.into()),
            _ if !folder.is_dir() => Some(FileFault::NoFolder),
            _ => None,
        };
        if let Some(why) = problem {
            return Err(Trouble::FileUnwritable { path: path.display().to_string(), why }.into());
        }
        let file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        Ok(Self { path, place: Place::File(file, there, ui.force) })
    }

    pub(crate) fn finish(self, bytes: &[u8]) -> Result<(), Failure> {
        let Self { path, place } = self;
        let write = || match place {
            Place::StandardOutput => io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()),
            Place::Device(mut device) => device.write_all(bytes),
            Place::File(mut file, there, replaces) => {
                file.write_all(bytes)?;
                file.as_file().sync_all()?;
                if replaces {
                    file.persist(there)?
                } else {
                    file.persist_noclobber(there)?
                };
                Ok(())
            }
        };
        write().map_err(|error| Failure::unwritable(path, &error))
    }
}

/// Writes a file whole or not at all; `-` is standard output.
pub(crate) fn write_file(path: &Path, bytes: &[u8], ui: Ui) -> Result<(), Failure> {
    Draft::new(path, ui)?.finish(bytes)
}

/// Makes a folder if it is not there.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(["y\n", "Yes", "はい\n"].into_iter().all(is_yes));
        assert!(["", "\n", "n", "yesterday", "いいえ"].into_iter().all(|answer| !is_yes(answer)));
    }
}
