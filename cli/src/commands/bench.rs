//! `kazasu bench`: how many commands each job takes, counted on the simulated card.

use crate::failure::Failure;
use crate::ui::Output;
use kazasu_fixtures::floor::{Ability, Cost, Job, cost};
use serde_json::json;

const fn name(job: Job) -> (&'static str, &'static str) {
    match job {
        Job::AuthCertificate => ("auth-certificate", "user-authentication certificate (1,590 bytes)"),
        Job::Sign => ("sign", "sign one digest with the signature key"),
        Job::SignCertificateAndSign => ("sign-certificate-and-sign", "signature certificate (1,758 bytes) + sign"),
        Job::NumberAndAttributes => ("number-and-attributes", "My Number + four attributes (PIN)"),
        Job::Face => ("face", "face record (3,070 bytes) with number B"),
        Job::Everything => ("everything", "all of these and a signature with each key"),
    }
}

pub(super) fn run() -> Result<Output, Failure> {
    let mut text =
        "Commands for each job, one tap, the tries-left query included; in brackets when the card has to be\n\
        found out first. Counted on the simulated card.\n\n"
            .to_owned();
    text += &format!("{:<46} {:>12} {:>12} {:>12}\n", "", "extended", "short", "short");
    text += &format!("{:<46} {:>12} {:>12} {:>12}\n", "", "short ids", "short ids", "SELECT EF");
    let mut rows = Vec::new();
    for job in Job::ALL {
        let (id, title) = name(job);
        let mut line = format!("{title:<46}");
        let mut columns = Vec::new();
        for ability in Ability::ALL {
            let (known, learning) = (cost(job, ability, true)?, cost(job, ability, false)?);
            line += &format!(" {:>12}", format!("{} ({})", known.commands, learning.commands));
            columns.push(json!({ "known": shown(known), "learning": shown(learning) }));
        }
        text += &format!("{line}\n");
        rows.push(
            json!({ "job": id, "title": title, "extended": columns[0], "short": columns[1], "select": columns[2] }),
        );
    }
    Ok(Output { json: json!({ "jobs": rows }), text })
}

fn shown(cost: Cost) -> serde_json::Value {
    json!({ "commands": cost.commands, "bytes_out": cost.bytes_out, "bytes_in": cost.bytes_in })
}
