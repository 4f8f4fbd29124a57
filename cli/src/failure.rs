//! What a command can end with instead of its output, and the exit code that says who must act.

use crate::usage::similar;
use kazasu_catalogue::{
    Argument, Explain, Explanation, FileFault, Lang, ReaderFault, Trouble, Usage, VirtualReaderFault, command_hint,
};
use kazasu_core::{Error, Who};
use kazasu_fixtures::persona::{PERSONAS, PersonaError};
use kazasu_fixtures::profile::{PROFILES, UnknownProfile};
use kazasu_pcsc::PcscError;
use kazasu_pcsc::plug::PlugError;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// From the card protocol, from what is around it, or from the command line itself.
#[derive(Debug)]
pub(crate) enum Failure {
    Card(Error),
    Host(Trouble),
    Usage(Usage),
}

impl Failure {
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Card(error) => error,
            Self::Host(trouble) => trouble,
            Self::Usage(usage) => usage,
        }
    }

    pub(crate) fn explain(&self, lang: Lang) -> Explanation {
        let mut explanation = self.inner().explain(lang);
        if let Self::Card(error) = self
            && let Some(hint) = command_hint(error, lang)
        {
            // Japanese has no blank between sentences.
            explanation.next += lang.pick(" ", "");
            explanation.next += hint;
        }
        explanation
    }

    /// `{"error": {…}}`; see docs/json.md.
    pub(crate) fn json(&self, lang: Lang) -> Value {
        let error = self.inner();
        let Explanation { what, next } = self.explain(lang);
        let spent = match self {
            Self::Card(error) => error.spent_a_try(),
            Self::Host(_) | Self::Usage(_) => Some(false),
        };
        json!({ "error": {
            "code": error.code(),
            "number": error.number(),
            "who": who_name(error.who()),
            "tries_left": error.tries_left(),
            "spent_a_try": spent,
            "what": what,
            "next": next,
        } })
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Card(Error::Misuse(_) | Error::BufferTooSmall { .. }) => 1,
            failure => exit_number(failure.inner().who()),
        })
    }

    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::misread(path, FileFault::System(error.to_string()))
    }

    pub(crate) fn misread(path: &Path, why: FileFault) -> Self {
        Trouble::FileUnreadable { path: path.display().to_string(), why }.into()
    }

    pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Trouble::FileUnwritable { path: path.display().to_string(), why: FileFault::System(error.to_string()) }.into()
    }

    pub(crate) fn argument(argument: Argument) -> Self {
        Trouble::BadArgument(argument).into()
    }
}

/// The exit code of whoever must act.
pub(crate) const fn exit_number(who: Who) -> u8 {
    match who {
        Who::Caller => 2,
        Who::User => 3,
        Who::Card => 4,
        Who::Link => 5,
    }
}

pub(crate) const fn who_name(who: Who) -> &'static str {
    match who {
        Who::User => "user",
        Who::Card => "card",
        Who::Link => "link",
        Who::Caller => "caller",
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Card(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Host(trouble)
    }
}

impl From<PersonaError> for Failure {
    fn from(error: PersonaError) -> Self {
        Self::argument(match error {
            PersonaError::Unknown(name) => {
                let there: Vec<_> = PERSONAS.iter().map(|row| row.id).collect();
                let meant = similar(&name, &there);
                Argument::Persona(name, there, meant)
            }
            PersonaError::File(why) => Argument::CardFile(why),
        })
    }
}

impl From<UnknownProfile> for Failure {
    fn from(UnknownProfile(name): UnknownProfile) -> Self {
        let there: Vec<_> = PROFILES.iter().map(|row| row.id).collect();
        let meant = similar(&name, &there);
        Self::argument(Argument::Profile(name, there, meant))
    }
}

impl From<PlugError> for Failure {
    fn from(error: PlugError) -> Self {
        let why = match error {
            PlugError::Occupied { .. } => return Trouble::VirtualReaderOccupied.into(),
            PlugError::NoReader { address } => VirtualReaderFault::Nobody(address.to_string()),
            PlugError::ReaderGone => VirtualReaderFault::Ended,
            PlugError::Stalled | PlugError::EmptyMessage => VirtualReaderFault::NoMessage,
            PlugError::BadAtr { length } | PlugError::ResponseTooLong { length } => VirtualReaderFault::Length(length),
            PlugError::Io(error) => VirtualReaderFault::Link(error.to_string()),
            other => VirtualReaderFault::Link(other.to_string()),
        };
        Trouble::NoVirtualReader { why }.into()
    }
}

impl From<PcscError> for Failure {
    fn from(error: PcscError) -> Self {
        match error {
            PcscError::NoService => Trouble::NoService.into(),
            PcscError::NoReader => Trouble::NoReader.into(),
            PcscError::ReaderNotFound { wanted, there } => Trouble::ReaderNotFound { wanted, there }.into(),
            PcscError::ReaderAmbiguous { wanted, found } => Trouble::ReaderAmbiguous { wanted, found }.into(),
            PcscError::NoCard => Trouble::NoCard.into(),
            PcscError::Denied => Trouble::ReaderFailed { why: ReaderFault::Denied }.into(),
            PcscError::Mute => Trouble::ReaderFailed { why: ReaderFault::Mute }.into(),
            PcscError::Other(said) => Trouble::ReaderFailed { why: ReaderFault::Service(said.to_string()) }.into(),
            ref link => Error::Link(link.into()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_core::SecretKind;

    #[test]
    fn an_error_of_the_card_names_the_command_or_option_that_helps_in_text_and_in_json() {
        let failure = Failure::Card(Error::LastTry { kind: SecretKind::AuthPin, left: Some(1) });
        for lang in [Lang::En, Lang::Ja] {
            assert!(failure.explain(lang).next.contains("--allow-last-try"), "{lang:?}");
            assert_eq!(failure.json(lang)["error"]["next"], failure.explain(lang).next);
        }
        assert!(
            Failure::Card(Error::Absent { what: "card record" }).explain(Lang::En).next.contains("`kazasu status`")
        );
    }
}
