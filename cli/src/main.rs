//! `kazasu`: reads, unlocks and signs with Japan's My Number card from the command line.

mod args;
mod card;
mod certificate;
mod commands;
mod failure;
mod picture;
mod secrets;
mod ui;

use args::{Cli, LangArg};
use clap::Parser;
use kazasu_catalogue::Lang;
use std::process::ExitCode;
use ui::Ui;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui { lang: language(cli.global.lang), json: cli.global.json, verbose: cli.global.verbose };
    match commands::run(&cli, ui) {
        Ok(output) => {
            ui.show(&output);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            ui.fail(&failure);
            failure.exit_code()
        }
    }
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
