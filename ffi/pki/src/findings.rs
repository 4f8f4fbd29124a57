//! The table "what was checked, by whom, what was not", for hosts. Nothing here answers with one word.

use crate::error::Answer;
use kazasu_catalogue::trust::{Words, conclusion};
use kazasu_catalogue::{DocumentTrouble, Lang, Word};
use kazasu_pki::Check;
use kazasu_pki::finding;
use std::sync::Arc;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Outcome {
    /// It is so.
    Holds,
    /// It is not so.
    Fails,
    /// Nobody looked.
    NotChecked,
}

/// Who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum By {
    /// This library.
    Kazasu,
    /// Somebody whose answer was handed in.
    Other,
    /// Nobody.
    Nobody,
}

/// The words of a line.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LineWords {
    /// What was looked at.
    pub check: String,
    /// Why it fails, or why nobody looked; nothing where it holds.
    pub because: Option<String>,
    /// Who looked.
    pub by: String,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Finding {
    /// What was looked at: a stable code; docs/json.md lists them.
    pub check: String,
    /// How it went.
    pub outcome: Outcome,
    /// Why it fails, or why nobody looked: a stable code.
    pub because: Option<String>,
    /// Who looked.
    pub by: By,
    /// In English.
    pub english: LineWords,
    /// In Japanese.
    pub japanese: LineWords,
}

/// What all lines together say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Concluded {
    /// Everything that was asked for was checked and holds.
    EverythingAsked,
    /// A line fails; there may be more.
    Fails,
    /// Nothing fails, but not everything that was asked for was checked.
    NotEverything,
}

/// What all lines together say about what was asked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Conclusion {
    /// Which of the three.
    pub concluded: Concluded,
    /// The line that decided it: a stable code.
    pub check: Option<String>,
    /// Why: a stable code.
    pub because: Option<String>,
    /// Whether trust rests on test authorities: then it says nothing about a real card.
    pub test: bool,
    /// In English.
    pub english: String,
    /// In Japanese.
    pub japanese: String,
}

impl Conclusion {
    pub(crate) fn of(concluded: finding::Conclusion, test: bool) -> Self {
        // Whoever shows the words shows the stamp.
        let words = |lang: Lang| {
            let stamp = if test { format!(" ({})", Word::TestAnchors.text(lang)) } else { String::new() };
            conclusion(concluded, lang) + &stamp
        };
        let (english, japanese) = (words(Lang::En), words(Lang::Ja));
        let (concluded, check, because) = match concluded {
            finding::Conclusion::EverythingAsked => (Concluded::EverythingAsked, None, None),
            finding::Conclusion::Fails(check, reason) => (Concluded::Fails, Some(check), Some(reason.code())),
            finding::Conclusion::NotEverything(check, why) => (Concluded::NotEverything, Some(check), Some(why.code())),
        };
        let check = check.map(|check| check.code().to_owned());
        Self { concluded, check, because: because.map(str::to_owned), test, english, japanese }
    }
}

/// The table about one signature, certificate or proof.
#[derive(uniffi::Object)]
pub struct Findings(finding::Findings);

impl Findings {
    pub(crate) fn new(findings: finding::Findings) -> Arc<Self> {
        Arc::new(Self(findings))
    }
}

#[uniffi::export]
impl Findings {
    /// Every line, in its order; what was not even begun is a line too.
    pub fn lines(&self) -> Answer<Vec<Finding>> {
        Ok(self.0.lines().iter().map(line).collect())
    }

    /// What the lines say together. What the caller can do without is named by the codes of its checks: nothing is left
    /// out by itself.
    pub fn conclusion(&self, without: Vec<String>) -> Answer<Conclusion> {
        Ok(Conclusion::of(self.0.conclusion(&checks(&without)?), self.0.test()))
    }

    /// Whether trust rests on test authorities. Such a table says nothing about a real card.
    pub fn test(&self) -> Answer<bool> {
        Ok(self.0.test())
    }
}

/// The checks of these codes.
pub(crate) fn checks(codes: &[String]) -> Answer<Vec<Check>> {
    let check = |code: &String| Check::ALL.iter().copied().find(|check| check.code() == code);
    codes.iter().map(|code| check(code).ok_or_else(|| DocumentTrouble::Check.into())).collect()
}

fn line(line: &finding::Finding) -> Finding {
    let (outcome, because) = match line.outcome {
        finding::Outcome::Holds => (Outcome::Holds, None),
        finding::Outcome::Fails(reason) => (Outcome::Fails, Some(reason.code())),
        finding::Outcome::NotChecked(why) => (Outcome::NotChecked, Some(why.code())),
    };
    let words = |lang| LineWords {
        check: line.check.text(lang).to_owned(),
        because: match line.outcome {
            finding::Outcome::Holds => None,
            finding::Outcome::Fails(reason) => Some(reason.text(lang).to_owned()),
            finding::Outcome::NotChecked(why) => Some(why.text(lang).to_owned()),
        },
        by: line.by.text(lang).to_owned(),
    };
    Finding {
        check: line.check.code().to_owned(),
        outcome,
        because: because.map(str::to_owned),
        by: match line.by {
            finding::By::Kazasu => By::Kazasu,
            finding::By::Other => By::Other,
            finding::By::Nobody => By::Nobody,
        },
        english: words(Lang::En),
        japanese: words(Lang::Ja),
    }
}
