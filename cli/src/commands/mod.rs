//! One file a command, or a few that belong together.

mod bench;
mod cert;
mod data;
mod demo;
mod doctor;
mod face;
mod genuine;
mod login;
mod pin;
mod readers;
mod record;
mod replay;
mod serve;
mod sign;
mod status;
mod trace;

use crate::args::{CardAction, Cli, Command, PinAction};
use crate::card::Source;
use crate::failure::Failure;
use crate::secrets::Asker;
use crate::ui::{Output, Ui};
use clap::CommandFactory;
use std::process::ExitCode;

/// Does what the command line says. The exit code is that of a command that was done; only `doctor` has another one than success.
pub(crate) fn run(cli: &Cli, ui: Ui) -> Result<(Output, ExitCode), Failure> {
    let global = &cli.global;
    // A secret that was given is read and its source checked before any card is touched.
    let asker = || Asker::new(global);
    let source = || Source::new(global);
    let output = match &cli.command {
        Command::Demo { secrets: true } => demo::secrets(global),
        Command::Demo { secrets: false } => demo::tour(global, ui),
        Command::Readers => readers::run(ui),
        Command::Status => status::run(&mut source()?, ui),
        Command::Cert { which, output, pem } => {
            cert::run(global, &mut asker()?, &mut source()?, ui, *which, output.as_deref(), *pem)
        }
        Command::Sign { key, hash, file, output, allow_expired } => {
            let order = sign::Order { key: *key, hash: *hash, file, output, allow_expired: *allow_expired };
            sign::run(global, &mut asker()?, &mut source()?, ui, &order)
        }
        Command::Attributes => data::attributes(global, &mut asker()?, &mut source()?, ui),
        Command::MyNumber => data::my_number(global, &mut asker()?, &mut source()?, ui),
        Command::Face { output, png } => face::run(global, &mut asker()?, &mut source()?, ui, output, *png),
        Command::Pin { action: PinAction::Change { which, new_secret_env } } => {
            pin::run(global, &mut asker()?, &mut source()?, ui, *which, new_secret_env.as_deref())
        }
        Command::Genuine { nonce, application, output } => {
            genuine::run(global, &mut asker()?, &mut source()?, ui, nonce.as_deref(), *application, output)
        }
        Command::Login { origin, allow_localhost, nonce, output } => {
            let order = login::Order { origin, localhost: *allow_localhost, nonce, output: output.as_deref() };
            login::run(global, &mut asker()?, &mut source()?, ui, &order)
        }
        Command::Card { action: CardAction::Serve { persona, profile, port } } => {
            serve::serve(ui, persona, profile, *port)
        }
        Command::Card { action: CardAction::List } => Ok(serve::list(ui)),
        Command::Trace { file } => trace::run(file.as_deref()),
        Command::Record { jobs, output } => record::run(global, &mut asker()?, &mut source()?, ui, jobs, output),
        Command::Replay { file } => replay::run(file),
        Command::Doctor { project } => return doctor::run(project.as_deref(), ui),
        Command::Bench => bench::run(ui),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "kazasu", &mut script);
            let text = String::from_utf8_lossy(&script).into_owned();
            Ok(Output { json: serde_json::json!({ "completions": text }), text })
        }
    };
    Ok((output?, ExitCode::SUCCESS))
}
