//! `kazasu`: reads, unlocks and signs with Japan's My Number card from the command line.

mod args;
mod cancel;
mod card;
mod certificate;
mod commands;
mod doctor;
mod failure;
mod help;
mod picture;
mod secrets;
mod trust;
mod ui;
mod usage;

use args::{Cli, Global, LangArg};
use clap::{FromArgMatches, ValueEnum};
use kazasu_catalogue::Lang;
use kazasu_core::stack::wiping_stack;
use std::ffi::OsString;
use std::process::ExitCode;
use ui::Ui;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    // Help and usage errors come before anything is parsed, and must be in the right language already.
    let (spoken, json) = overheard(&words);
    let mut grammar = help::command(language(spoken));
    let parsed = grammar.try_get_matches_from_mut(words).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let ui = Ui { lang: language(spoken), json, verbose: false, force: false };
            return usage::refuse(&error.format(&mut grammar), ui);
        }
    };
    let Global { json, verbose, force, .. } = cli.global;
    let ui = Ui { lang: language(cli.global.lang), json, verbose, force };
    cancel::watch();
    // What a holder typed has moved through the frames of the command; whoever reads the answer may keep us waiting.
    let done = wiping_stack::<256, _>(|| commands::run(&cli, ui));
    match done.and_then(|(output, exit)| ui.show(&output).map(|()| exit)) {
        Ok(exit) => exit,
        Err(failure) => {
            ui.fail(&failure);
            failure.exit_code()
        }
    }
}

/// What the words say about `--lang` and `--json`, whatever else is wrong with them.
fn overheard(words: &[OsString]) -> (Option<LangArg>, bool) {
    let words: Vec<_> =
        words.iter().map(|word| word.to_str().unwrap_or_default()).take_while(|word| *word != "--").collect();
    let named = |name: &str| LangArg::from_str(name, false).ok();
    let lang = words.iter().enumerate().find_map(|(at, word)| match *word {
        "--lang" => words.get(at + 1).copied().and_then(named),
        _ => word.strip_prefix("--lang=").and_then(named),
    });
    (lang, words.contains(&"--json"))
}

/// `--lang`, or the first of the locale's variables that is set.
fn language(argument: Option<LangArg>) -> Lang {
    match argument {
        Some(LangArg::Ja) => Lang::Ja,
        Some(LangArg::En) => Lang::En,
        None => {
            let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
            Lang::of_locale(&locale.unwrap_or_default())
        }
    }
}
