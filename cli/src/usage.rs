//! A command line that cannot be understood: what clap found, as a failure like any other.

use crate::failure::Failure;
use crate::help::usage_ja;
use crate::ui::Ui;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use kazasu_catalogue::{Fault, Heading, Lang, Usage};
use std::process::ExitCode;

/// Shows what parsing ended with instead of a command: help and version as they are, anything else as a failure.
pub(crate) fn refuse(error: &clap::Error, ui: Ui) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let whole_page = asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if whole_page && (asked_for || !ui.json) {
        // clap's own page; there is nobody left to tell when the stream is closed.
        let _ = error.print();
        return ExitCode::from(if asked_for { 0 } else { 2 });
    }
    let failure = Failure::Usage(usage(error));
    ui.fail(&failure);
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage)
        && !ui.json
    {
        let usage = usage.to_string();
        ui.note(&match ui.lang {
            Lang::En => usage.trim().to_owned(),
            Lang::Ja => format!("{}: {}", Heading::Usage.ja(), usage_ja(&usage)),
        });
    }
    failure.exit_code()
}

fn usage(error: &clap::Error) -> Usage {
    let all = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(many)) => many.clone(),
        _ => Vec::new(),
    };
    let one = |kind| all(kind).into_iter().next().unwrap_or_default();
    let (argument, possible) = (one(ContextKind::InvalidArg), all(ContextKind::ValidValue));
    let fault = match error.kind() {
        ErrorKind::UnknownArgument => Fault::UnknownArgument(argument),
        ErrorKind::InvalidSubcommand => Fault::UnknownCommand(one(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand => Fault::MissingCommand(all(ContextKind::ValidSubcommand)),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Fault::MissingCommand(Vec::new()),
        ErrorKind::MissingRequiredArgument => Fault::MissingArguments(all(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => match one(ContextKind::InvalidValue) {
            value if value.is_empty() => Fault::MissingValue { argument, possible },
            value => Fault::BadValue { argument, value, possible },
        },
        ErrorKind::ArgumentConflict => match all(ContextKind::PriorArg) {
            with if with == [argument.clone()] => Fault::Repeated(argument),
            with => Fault::Conflict { argument, with },
        },
        ErrorKind::NoEquals | ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Fault::Values(argument)
        }
        ErrorKind::InvalidUtf8 => Fault::NotText,
        _ => Fault::Other,
    };
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    // clap lists the likeliest last.
    Usage { fault, similar: similar.into_iter().flat_map(all).last() }
}

/// One of these names that is spelled like this one, as clap finds them.
pub(crate) fn similar(given: &str, names: &[&'static str]) -> Option<String> {
    let name = clap::Arg::new("name").value_parser(clap::builder::PossibleValuesParser::new(names.iter().copied()));
    let error = clap::Command::new("names").arg(name).try_get_matches_from(["names", "--", given]).err()?;
    match error.get(ContextKind::SuggestedValue)? {
        ContextValue::String(one) => Some(one.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::similar;

    #[test]
    fn a_name_that_is_spelled_alike_is_found_and_no_other() {
        let names = ["adult", "child", "last-try"];
        assert_eq!(similar("adlt", &names).as_deref(), Some("adult"));
        assert_eq!(similar("lasttry", &names).as_deref(), Some("last-try"));
        assert_eq!((similar("zzz", &names), similar("", &names)), (None, None));
    }
}
