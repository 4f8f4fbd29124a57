//! One file a command, or a few that belong together.

mod bench;
mod cert;
mod cert_show;
mod data;
mod demo;
mod doctor;
mod face;
mod forms;
mod genuine;
mod login;
mod pdf;
mod pin;
mod readers;
mod record;
mod replay;
mod serve;
mod sign;
mod status;
mod timestamp;
mod trace;
mod verify;

use crate::args::{CardAction, Cli, Command, PinAction, TimestampAction};
use crate::card::Source;
use crate::failure::Failure;
use crate::secrets::Asker;
use crate::ui::{Output, Ui};
use clap::CommandFactory;
use sign::FormArg;
use std::process::ExitCode;
use std::time::SystemTime;

/// Does what the command line says. The exit code is that of a command that was done; only `doctor`, `verify` and
/// `genuine` have another one than success.
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
        Command::Cert { which, show: true, test_anchors, .. } => {
            cert_show::run(global, &mut asker()?, &mut source()?, ui, *which, *test_anchors)
        }
        Command::Cert { which, output, pem, .. } => {
            cert::run(global, &mut asker()?, &mut source()?, ui, *which, output.as_deref(), *pem)
        }
        Command::Sign {
            files,
            key,
            detached,
            cms,
            jws,
            raw,
            pades,
            hash,
            output,
            acknowledge_disclosure,
            allow_expired,
            allow_changed,
        } => {
            let forms = [
                (detached, FormArg::Detached),
                (cms, FormArg::Cms),
                (jws, FormArg::Jws),
                (raw, FormArg::Raw),
                (pades, FormArg::Pades),
            ];
            let order = sign::Order {
                key: *key,
                form: forms.into_iter().find(|(asked, _)| **asked).map(|(_, form)| form),
                hash: *hash,
                files,
                output: output.as_deref(),
                acknowledge_disclosure: *acknowledge_disclosure,
                allow_expired: *allow_expired,
                allow_changed: *allow_changed,
            };
            sign::run(global, &mut asker()?, &mut source()?, ui, &order)
        }
        Command::Verify {
            file,
            content,
            certificate,
            key,
            origin,
            nonce,
            allow_localhost,
            authority,
            crl,
            ocsp,
            timestamp_authority,
            cades,
            test_anchors,
            without,
            html,
        } => {
            let login = origin.as_deref().zip(nonce.as_deref());
            let order = verify::Order {
                file,
                content: content.as_deref(),
                certificate: certificate.as_deref(),
                key: *key,
                login: login.map(|(origin, nonce)| login::asked(origin, *allow_localhost, nonce)).transpose()?,
                authorities: authority,
                lists: crl,
                answers: ocsp,
                timestamp_authorities: timestamp_authority,
                cades: *cades,
                test_anchors: *test_anchors,
                without,
                html: html.as_deref(),
                at: SystemTime::now(),
            };
            return verify::run(ui, &order);
        }
        Command::Timestamp { action: TimestampAction::Request { file, output } } => {
            timestamp::request(file, output, ui)
        }
        Command::Timestamp { action: TimestampAction::Attach { file, request, answer, output } } => {
            timestamp::answer(file, request, answer, output, ui)
        }
        Command::Attributes => data::attributes(global, &mut asker()?, &mut source()?, ui),
        Command::MyNumber => data::my_number(global, &mut asker()?, &mut source()?, ui),
        Command::Face { output, png } => face::run(global, &mut asker()?, &mut source()?, ui, output, *png),
        Command::Pin { action: PinAction::Change { which, new_secret_env } } => {
            pin::run(global, &mut asker()?, &mut source()?, ui, *which, new_secret_env.as_deref())
        }
        Command::Genuine { nonce, application, with, holder, crl, ocsp, output, verify, test_anchors, without } => {
            let nonce = genuine::nonce(nonce.as_deref())?;
            let without = genuine::without(without)?;
            let (revocation, beside) = verify::handed_in(crl, ocsp, SystemTime::now())?;
            let judge = genuine::Judge {
                holder: holder.as_deref(),
                revocation,
                beside,
                test_anchors: *test_anchors,
                without: &without,
            };
            return match verify {
                Some(file) => judge.file(file, nonce, ui),
                None => {
                    let order = genuine::Order { application: *application, with, output: output.as_deref() };
                    genuine::run(global, &mut asker()?, &mut source()?, ui, nonce, &order, &judge)
                }
            };
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
