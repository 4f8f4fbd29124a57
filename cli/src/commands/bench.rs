//! `kazasu bench`: how many commands each job takes, counted on the simulated card.

use crate::failure::Failure;
use crate::ui::{Output, Ui, columns};
use kazasu_catalogue::Word;
use kazasu_fixtures::floor::{Ability, Cost, Job, cost};
use serde_json::json;

const fn name(job: Job) -> (&'static str, Word) {
    match job {
        Job::AuthCertificate => ("auth-certificate", Word::JobAuthCertificate),
        Job::Sign => ("sign", Word::JobSign),
        Job::SignCertificateAndSign => ("sign-certificate-and-sign", Word::JobSignCertificateAndSign),
        Job::NumberAndAttributes => ("number-and-attributes", Word::JobNumberAndAttributes),
        Job::Face => ("face", Word::JobFace),
        Job::Everything => ("everything", Word::JobEverything),
    }
}

pub(super) fn run(ui: Ui) -> Result<Output, Failure> {
    let (text, jobs) = table(ui)?;
    Ok(Output { json: json!({ "jobs": jobs }), text: format!("{}\n\n{text}", ui.word(Word::BenchIntro)) })
}

/// The table alone, for people and for programs.
pub(super) fn table(ui: Ui) -> Result<(String, Vec<serde_json::Value>), Failure> {
    let width = Job::ALL.iter().map(|job| columns(ui.word(name(*job).1))).max().unwrap_or(0);
    let cell = |text: &str| " ".repeat(13_usize.saturating_sub(columns(text))) + text;
    let line = |title: &str, cells: [&str; 3]| {
        title.to_owned() + &" ".repeat(width - columns(title)) + &cells.map(cell).concat() + "\n"
    };
    let mut text = line("", [Word::BenchExtended, Word::BenchShort, Word::BenchShort].map(|word| ui.word(word)));
    text += &line("", [Word::BenchShortIds, Word::BenchShortIds, Word::BenchSelect].map(|word| ui.word(word)));
    let mut rows = Vec::new();
    for job in Job::ALL {
        let (id, title) = name(job);
        let mut row = json!({ "job": id, "title": ui.word(title) });
        let mut cells = [const { String::new() }; 3];
        for ((cell, ability), column) in cells.iter_mut().zip(Ability::ALL).zip(["extended", "short", "select"]) {
            let (known, learning) = (cost(job, ability, true)?, cost(job, ability, false)?);
            *cell = format!("{} ({})", known.commands, learning.commands);
            row[column] = json!({ "known": shown(known), "learning": shown(learning) });
        }
        text += &line(ui.word(title), [&cells[0], &cells[1], &cells[2]]);
        rows.push(row);
    }
    Ok((text, rows))
}

fn shown(cost: Cost) -> serde_json::Value {
    json!({ "commands": cost.commands, "bytes_out": cost.bytes_out, "bytes_in": cost.bytes_in })
}
