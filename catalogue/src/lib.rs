//! Every text that Kazasu shows to a person, in English and Japanese: what happened, what to do next, and the words
//! around results. Programs match codes and numbers, never these texts.

#[cfg(feature = "trust")]
mod damage;
#[cfg(feature = "trust")]
mod document;
mod errors;
pub mod findings;
mod help;
mod hint;
mod host;
mod names;
#[cfg(feature = "trust")]
mod pdf_fault;
#[cfg(feature = "trust")]
mod reasons;
#[cfg(feature = "trust")]
mod refusals;
#[cfg(feature = "trust")]
mod stamp;
mod system;
#[cfg(feature = "trust")]
mod trouble;
#[cfg(feature = "trust")]
pub mod trust;
#[cfg(feature = "trust")]
mod unsigned;
mod words;

#[cfg(feature = "trust")]
pub use damage::damage;
#[cfg(feature = "trust")]
pub use document::DocumentTrouble;
pub use errors::secret_name;
pub use findings::{Finding, ProjectFault};
pub use help::{Fault, HELP_JA, Heading, HelpRow, Topic, Usage, help_ja};
pub use hint::command_hint;
pub use host::{HostTrouble, Prompt};
#[cfg(feature = "trust")]
pub use pdf_fault::PdfFault;
#[cfg(feature = "trust")]
pub use reasons::{FileFault, Part};
#[cfg(feature = "trust")]
pub use refusals::{PdfRefusal, StampRefusal};
#[cfg(feature = "trust")]
pub use stamp::StampFault;
#[cfg(feature = "trust")]
pub use trouble::{Argument, Deviation, ReaderFault, SecretFault, Trouble, VirtualReaderFault};
#[cfg(feature = "trust")]
pub use unsigned::Unsigned;
pub use words::Word;

use kazasu_core::Who;

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// 日本語.
    Ja,
}

impl Lang {
    /// From a locale's name, such as `ja_JP.UTF-8`.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        if locale == "ja" || locale.starts_with("ja_") || locale.starts_with("ja-") || locale.starts_with("ja.") {
            Self::Ja
        } else {
            Self::En
        }
    }

    /// One of two texts.
    #[must_use]
    pub const fn pick(self, en: &'static str, ja: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::Ja => ja,
        }
    }
}

/// What a person is told about an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub what: String,
    /// What to do next, in one or two.
    pub next: String,
}

/// An error that can be told to a person and to a program.
pub trait Explain {
    /// In words.
    fn explain(&self, lang: Lang) -> Explanation;
    /// The stable name.
    fn code(&self) -> &'static str;
    /// The stable number; its hundreds say who must act.
    fn number(&self) -> u16;
    /// Tries left, where the error knows.
    fn tries_left(&self) -> Option<u8> {
        None
    }

    /// Who must act.
    fn who(&self) -> Who {
        match self.number() / 100 {
            1 => Who::User,
            2 => Who::Card,
            3 => Who::Link,
            _ => Who::Caller,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_tells_its_language() {
        for ja in ["ja", "ja_JP.UTF-8", "ja-JP", "ja.UTF-8"] {
            assert_eq!(Lang::of_locale(ja), Lang::Ja);
        }
        for en in ["", "C", "en_US.UTF-8", "jam_JM", "de_DE"] {
            assert_eq!(Lang::of_locale(en), Lang::En);
        }
    }
}
