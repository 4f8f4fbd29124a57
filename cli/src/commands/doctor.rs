//! `kazasu doctor`.

use crate::doctor::tree::Tree;
use crate::doctor::{Report, android, ios, machine};
use crate::failure::{Failure, exit_number, who_name};
use crate::ui::{Output, Ui, harmless};
use kazasu_catalogue::{Argument, Word};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(project: Option<&Path>, ui: Ui) -> Result<(Output, ExitCode), Failure> {
    let mut report = Report::default();
    match project {
        Some(folder) => {
            let tree = Tree::new(folder).map_err(|error| Failure::unreadable(folder, &error))?;
            // Both at once in the projects of Flutter and its kind.
            let (xcode, gradle) = (ios::look(&tree, &mut report), android::look(&tree, &mut report));
            if !xcode && !gradle {
                return Err(Failure::argument(Argument::NoProject(folder.display().to_string())));
            }
        }
        None => machine::look(&machine::Places::default(), machine::ask(), &mut report),
    }
    // The command was done; its exit code says who must act on what it found.
    let first = report.findings.iter().find(|found| found.finding.fails());
    let exit = first.map_or(ExitCode::SUCCESS, |found| ExitCode::from(exit_number(found.finding.who())));
    Ok((Output { json: as_json(&report, ui), text: as_text(&report, ui) }, exit))
}

fn as_json(report: &Report, ui: Ui) -> serde_json::Value {
    let findings: Vec<_> = (report.findings.iter())
        .map(|found| {
            let said = found.finding.explain(ui.lang);
            json!({
                "code": found.finding.code(),
                "fails": found.finding.fails(),
                "who": who_name(found.finding.who()),
                "where": found.place,
                "what": said.what,
                "next": said.next,
            })
        })
        .collect();
    json!({ "findings": findings, "looked_at": report.looked_at })
}

fn as_text(report: &Report, ui: Ui) -> String {
    let mut parts = Vec::new();
    for found in &report.findings {
        let said = found.finding.explain(ui.lang);
        let weight = ui.word(if found.finding.fails() { Word::WillFail } else { Word::Advice });
        let head = format!("{}: {weight} [{}]", harmless(&found.place), found.finding.code());
        parts.push(format!("{head}\n  {}\n  {}: {}\n", harmless(&said.what), ui.word(Word::Next), said.next));
    }
    let mut end = String::new();
    if !report.findings.iter().any(|found| found.finding.fails()) {
        end += &format!("{}\n", ui.word(Word::NothingFound));
    }
    if !report.looked_at.is_empty() {
        end += &format!("{}: {}\n", ui.word(Word::LookedAt), harmless(&report.looked_at.join(", ")));
    }
    parts.push(end);
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}
