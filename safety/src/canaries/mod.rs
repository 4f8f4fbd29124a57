//! Part 6: texts. Things that must never be told, in the forms in which they could be, looked for in everything that
//! the core, the catalogue and the recorder write while every operation runs into every fault. What the command line
//! and the PC/SC layer write is looked at in their own tests, by the same [`Watch`].

mod troubles;
mod values;
mod watch;

pub use watch::Watch;

use crate::model::schedule::poll_once;
use crate::model::world::Fault;
use crate::sweep::operation::{Buffer, Operation, perform};
use crate::sweep::{Bench, KINDS};
use kazasu_catalogue::Trouble;
use kazasu_core::step::block_on;
use kazasu_core::trace::Tracer;
use kazasu_core::{LastTry, Session};
use kazasu_fixtures::record::{Job, Order, Recorder, Refusal, Stopped, Transcript, record};
use kazasu_fixtures::scenario::{Driver, play};
use kazasu_fixtures::{Persona, Profile, SimCard};
use std::cell::RefCell;

/// What a search came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Operations that were run, each with a fault or without.
    pub runs: usize,
    /// Panics that were provoked.
    pub panics: usize,
    /// Recordings that were made; the others were refused.
    pub recordings: usize,
    /// Different texts.
    pub texts: usize,
    /// Things that were looked for.
    pub things: usize,
    /// What was found.
    pub hits: Vec<String>,
}

/// The adult, with secrets that stand in no text by chance.
fn marked() -> Option<Persona> {
    let mut persona = Persona::named("adult").ok()?;
    persona.secrets.auth_pin = "7391".to_owned();
    persona.secrets.text_pin = "6084".to_owned();
    persona.secrets.sign_password = "KQ7WZ93X".to_owned();
    Some(persona)
}

/// What the core hands out, what it says when it panics, and what the catalogue says: all that needs no card to fail.
#[must_use]
pub fn said() -> Summary {
    let Some(persona) = marked() else { return Summary::default() };
    let mut watch = Watch::new(&persona);
    let panics = say(&mut watch, &persona);
    Summary { panics, texts: watch.texts, things: watch.things(), hits: watch.hits, ..Summary::default() }
}

fn say(watch: &mut Watch, persona: &Persona) -> usize {
    values::look(watch, persona);
    troubles::look(watch, persona);
    strayed(watch, persona);
    values::provoke(watch, persona)
}

/// Everything. `every` = take every so many runs.
#[must_use]
pub fn search(every: usize) -> Summary {
    let Some(persona) = marked() else { return Summary::default() };
    let mut watch = Watch::new(&persona);
    let panics = say(&mut watch, &persona);
    let mut summary = Summary { panics, recordings: jobs(&mut watch, &persona), ..Summary::default() };
    let watch = RefCell::new(watch);
    let mut number = 0;
    for (_, profile, link) in KINDS {
        let Ok(profile) = Profile::named(profile) else { continue };
        let card = || SimCard::new(&persona, profile.clone()).behind(link);
        let mut bench = Bench::new(card());
        for operation in Operation::ALL.iter().copied() {
            let mut faults = vec![None];
            faults.extend((0..6).flat_map(|at| Fault::ALL.map(|fault| Some((fault, at)))));
            for fault in faults {
                number += 1;
                if fault.is_some() && number % every != 0 {
                    continue;
                }
                if operation.leaves_a_mark() {
                    bench = Bench::new(card());
                }
                bench.card.borrow_mut().power_cycle();
                summary.runs += 1;
                let traced = Tracer::new(bench.link(fault), |line| watch.borrow_mut().shown(&line));
                let mut recorder = Recorder::new(traced);
                let outcome = {
                    let mut session = Session::new(&mut recorder);
                    poll_once(perform(operation, &mut session, &persona.secrets, &mut Buffer::default()))
                };
                if let (None, true, Some(Ok(signature))) = (fault, signs(operation), &outcome) {
                    watch.borrow_mut().add("what was signed", &signature[100..124]);
                }
                watch.borrow_mut().debugged(&recorder);
                let recorded = recorder.finish();
                let mut watch = watch.borrow_mut();
                if let Some(Err(error)) = outcome {
                    watch.shown(&error);
                    watch.error(&error);
                }
                summary.recordings += usize::from(look_at_recording(&mut watch, recorded));
            }
            if operation.leaves_a_mark() {
                bench = Bench::new(card());
            }
        }
    }
    let watch = watch.into_inner();
    Summary { texts: watch.texts, things: watch.things(), hits: watch.hits, ..summary }
}

/// Whether what comes out of it is a signature.
const fn signs(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Sign
            | Operation::SignWithPassword
            | Operation::TextAuthenticate
            | Operation::SurfaceAuthenticate
            | Operation::CommonAuthenticate
    )
}

/// Looks at what a recorder gives: the transcript, or why there is none. Whether there is one.
fn look_at_recording(watch: &mut Watch, recorded: Result<Transcript, Refusal>) -> bool {
    match recorded {
        Ok(transcript) => {
            watch.look_at_transcript(transcript.as_str());
            true
        }
        Err(refusal) => {
            watch.shown(&refusal);
            let (step, what) = (refusal.step(), refusal.what());
            watch.error(&Trouble::NotRedacted { said: refusal.to_string(), step, what });
            false
        }
    }
}

/// Every job with each of the secrets that it takes, on every kind of card: what is written, or why nothing is. How
/// many recordings were made.
fn jobs(watch: &mut Watch, persona: &Persona) -> usize {
    let mut recordings = 0;
    for (_, profile, link) in KINDS {
        let Ok(profile) = Profile::named(profile) else { continue };
        for job in Job::ALL {
            let secrets = job.secrets().iter().map(|kind| Some(persona.secrets.of(*kind).to_owned().into()));
            for secret in secrets.chain(job.secrets().is_empty().then_some(None)) {
                let card = SimCard::new(persona, profile.clone()).behind(link);
                recordings += usize::from(match block_on(record(card, &[Order { job, secret }], LastTry::Refuse)) {
                    Ok(transcript) => look_at_recording(watch, Ok(transcript)),
                    Err(Stopped::Refused(refusal)) => look_at_recording(watch, Err(refusal)),
                    Err(stopped @ Stopped::Card(_)) => {
                        watch.hits.push(format!("{job:?} cannot be recorded: {stopped}"));
                        false
                    }
                });
            }
        }
    }
    recordings
}

/// What the transcript player says of a transcript with secrets in it from which the conversation strays.
fn strayed(watch: &mut Watch, persona: &Persona) {
    let select = "> 00A4040C0AD392F000260100000001\n< 9000\n";
    let verify = format!("> 0020009804{}\n< 9000\n", hex::encode(&persona.secrets.auth_pin));
    for text in [
        format!("link: short\ndo: sign auth {} 00\n{select}{verify}expect: ok\n", persona.secrets.auth_pin),
        format!(
            "link: short\ndo: sign auth {} {}\n{select}{verify}expect: ok\n",
            persona.secrets.auth_pin,
            "5A".repeat(32)
        ),
        format!("link: short\ndo: my-number {}\n{verify}expect: ok {0}\n", persona.secrets.number_a),
    ] {
        for driver in [Driver::Blocking, Driver::Stepping] {
            watch.debugged(&play(&text, driver));
        }
    }
}
