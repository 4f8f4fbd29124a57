//! `kazasu replay`: a recording in the place of the card, strictly.

use crate::failure::Failure;
use crate::ui::{Output, table};
use kazasu_catalogue::{Argument, Deviation, Trouble};
use kazasu_fixtures::record::play;
use kazasu_fixtures::replay::Deviation as Left;
use kazasu_fixtures::scenario::{self, Driver};
use serde_json::json;
use std::path::Path;

pub(super) fn run(file: &Path) -> Result<Output, Failure> {
    let recording = std::fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
    let mut jobs: Vec<(String, usize)> = Vec::new();
    let played = play(&recording, Driver::Blocking, |job, step| jobs.push((job.to_owned(), step)));
    let last = jobs.last().map_or((String::new(), 0), Clone::clone);
    played.map_err(|failure| failed(failure, last))?;
    // Which command was the last of a job is what a person looks for in the file.
    let rows: Vec<_> = jobs.iter().map(|(job, step)| (shortened(job), format!("ok ({step})"))).collect();
    let text = table(&rows.iter().map(|(job, ok)| (job.as_str(), ok.clone())).collect::<Vec<_>>());
    let shown: Vec<_> = jobs.iter().map(|(job, step)| json!({ "job": job, "last_command": step })).collect();
    Ok(Output { json: json!({ "replayed": shown }), text })
}

fn failed(failure: scenario::Failure, (job, last): (String, usize)) -> Failure {
    let (step, why) = match failure {
        scenario::Failure::Text(why) => {
            return Failure::argument(Argument::NotRecording(why.to_owned()));
        }
        scenario::Failure::Exchange(Left::BadLine { step }) => {
            return Failure::argument(Argument::RecordingLine(step));
        }
        scenario::Failure::Exchange(Left::WrongCommand { step }) => (step, Deviation::OtherCommand),
        scenario::Failure::Exchange(Left::ExtraCommand { step }) => (step, Deviation::NoCommand),
        scenario::Failure::Exchange(Left::MissingCommand { step }) => (step, Deviation::CommandMissing),
        scenario::Failure::Result { step } => (step.max(last), Deviation::OtherResult),
    };
    Trouble::Deviates { job: shortened(&job), step, why }.into()
}

/// Without the digest, which is the same everywhere.
fn shortened(job: &str) -> String {
    job.split_whitespace().filter(|word| word.len() < 64).collect::<Vec<_>>().join(" ")
}
