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
    if whole_page && (asked_for || !ui.json) || ui.lang == Lang::En && !ui.json {
        // clap's own page or message; there is nobody left to tell when the stream is closed.
        let _ = error.print();
        return ExitCode::from(if asked_for { 0 } else { 2 });
    }
    let failure = Failure::Usage(usage(error));
    ui.fail(&failure);
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage)
        && !ui.json
    {
        ui.note(&format!("{}: {}", Heading::Usage.ja(), usage_ja(&usage.to_string())));
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
        _ => Fault::Other,
    };
    let said = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "The command is missing.".to_owned(),
        _ => sentence(&error.to_string()),
    };
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    // clap lists the likeliest last.
    Usage { said, fault, similar: similar.into_iter().flat_map(all).last() }
}

/// The first paragraph of clap's message, as one sentence.
fn sentence(message: &str) -> String {
    let message = message.strip_prefix("error:").unwrap_or(message);
    let words: Vec<_> = message.lines().take_while(|line| !line.is_empty()).flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}
