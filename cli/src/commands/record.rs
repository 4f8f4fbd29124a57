//! `kazasu record`: secrets and place first, then the card, then a file in which nothing is the holder's, or none.

use crate::args::{Global, JobArg};
use crate::card::Source;
use crate::failure::Failure;
use crate::secrets::{Asker, Typed, checked, kind_of, last_try};
use crate::ui::{Draft, Output, Ui};
use kazasu_catalogue::Trouble;
use kazasu_core::SecretKind;
use kazasu_core::secret::{A, Auth, B, Sign, Text};
use kazasu_core::step::block_on;
use kazasu_fixtures::record::{Job, Order, Stopped, record};
use serde_json::json;
use std::path::Path;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    jobs: &[JobArg],
    output: &Path,
) -> Result<Output, Failure> {
    let draft = Draft::new(output, ui)?;
    let mut orders = Vec::new();
    for job in jobs.iter().flat_map(|job| meant(*job)) {
        let wanted = job.secrets();
        let secret = if wanted.is_empty() { None } else { Some(well_formed(asker.ask(ui, wanted, &[])?, wanted)?) };
        orders.push(Order { job: *job, secret });
    }
    let link = source.open(ui)?.into_transport();
    let transcript = block_on(record(link, &orders, last_try(global)))?;
    draft.finish(transcript.as_str().as_bytes())?;
    let text = ui.written(&output.display().to_string());
    let json = json!({
        "recording": output.display().to_string(),
        "jobs": orders.len(),
        "commands": transcript.exchanges(),
    });
    Ok(Output { json, text })
}

const fn meant(job: JobArg) -> &'static [Job] {
    match job {
        JobArg::Status => &[Job::Recognise, Job::Status, Job::CardRecord],
        JobArg::CertAuth => &[Job::AuthCertificate],
        JobArg::CertSign => &[Job::SignCertificate],
        JobArg::CertAuthCa => &[Job::AuthCa],
        JobArg::CertSignCa => &[Job::SignCa],
        JobArg::SignAuth => &[Job::AuthSignature],
        JobArg::SignSign => &[Job::SignSignature],
        JobArg::Attributes => &[Job::Attributes],
        JobArg::MyNumber => &[Job::MyNumber],
        JobArg::Face => &[Job::Face],
        JobArg::Genuine => &[Job::Genuine],
    }
}

/// Checks the format of every secret before the card is touched.
fn well_formed(typed: Typed, wanted: &[SecretKind]) -> Result<Typed, Failure> {
    match kind_of(&typed, wanted)? {
        SecretKind::AuthPin => drop(checked::<Auth>(&typed)?),
        SecretKind::SignPassword => drop(checked::<Sign>(&typed)?),
        SecretKind::NumberA => drop(checked::<A>(&typed)?),
        SecretKind::NumberB => drop(checked::<B>(&typed)?),
        _ => drop(checked::<Text>(&typed)?),
    }
    Ok(typed)
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Card(error) => error.into(),
            Stopped::Refused(refusal) => {
                let (step, what) = (refusal.step(), refusal.what());
                Trouble::NotRedacted { said: refusal.to_string(), step, what }.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_catalogue::Lang;
    use kazasu_fixtures::record::Refusal;

    #[test]
    fn a_refused_recording_is_told_with_its_reason_and_nothing_of_the_card() {
        let refused = Stopped::Refused(Refusal::UnknownFile { step: 7 });
        let error = Failure::from(refused).json(Lang::En)["error"].clone();
        assert_eq!((&error["code"], &error["who"]), (&"not-redacted".into(), &"card".into()));
        let what = error["what"].as_str().expect("a text");
        assert!(what.contains("command 7 concerns a file, a key or an object that no table describes."), "{what}");
        let refused = Stopped::Refused(Refusal::Incomplete { what: "four attributes" });
        for (refused, place) in
            [(refused, "基本4情報"), (Stopped::Refused(Refusal::UnknownData { step: 7 }), "7番目の命令")]
        {
            let what = Failure::from(refused).json(Lang::Ja)["error"]["what"].to_string();
            assert!(what.contains(place) && !what.contains(" the "), "{what}");
        }
    }
}
