//! Where the card comes from: the built-in one, or a reader.

use crate::args::Global;
use crate::cancel::{self, Held};
use crate::failure::Failure;
use crate::ui::Ui;
use crate::usage::similar;
use indicatif::{ProgressBar, ProgressStyle};
use kazasu_catalogue::{Argument, Trouble, Word};
use kazasu_core::trace::{Line, Tracer};
use kazasu_core::{Capabilities, LinkError, ResponseBuf, Session, Transport};
use kazasu_fixtures::persona::PERSONAS;
use kazasu_fixtures::{Persona, Profile, SimCard};
use kazasu_pcsc::readers::{self, Card, Reader};
use kazasu_pcsc::{PcscError, PcscTransport};
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A card that may be opened more than once in a command: to look, and then, with a secret, to work.
pub(crate) enum Source {
    Demo(Box<SimCard>),
    Reader { wanted: Option<String>, patience: Duration },
}

impl Source {
    /// From `--card` or `--reader`.
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let Some(card) = &global.card else {
            return Ok(Self::Reader { wanted: global.reader.clone(), patience: Duration::from_secs(global.wait) });
        };
        let (kind, rest) = card.split_once(':').unwrap_or((card, ""));
        if kind != "demo" {
            let personas: Vec<_> = PERSONAS.iter().map(|row| row.id).collect();
            let there = personas.contains(&card.as_str()).then(|| card.clone());
            let meant = there.or_else(|| similar(card, &personas)).map_or("demo".to_owned(), |id| format!("demo:{id}"));
            return Err(Failure::argument(Argument::Card(card.clone(), Some(meant))));
        }
        let (persona, profile) = rest.split_once(',').unwrap_or((rest, ""));
        let meant = |failure| match failure {
            // As it is written here.
            Failure::Host(Trouble::BadArgument(Argument::Persona(name, there, Some(id)))) => {
                Failure::argument(Argument::Persona(name, there, Some(format!("demo:{id}"))))
            }
            other => other,
        };
        Self::demo(if persona.is_empty() { "adult" } else { persona }, profile).map_err(meant)
    }

    /// The built-in card of this person and kind.
    pub(crate) fn demo(persona: &str, profile: &str) -> Result<Self, Failure> {
        Ok(Self::Demo(Box::new(SimCard::new(&Persona::named(persona)?, Profile::named(profile)?))))
    }

    /// A new session. On a reader the card is ours alone until the session is dropped, and its keys are closed then.
    pub(crate) fn open(&mut self, ui: Ui) -> Result<Session<Link<'_>>, Failure> {
        let inner = match self {
            Self::Demo(card) => {
                card.power_cycle();
                Inner::Demo(card)
            }
            Self::Reader { wanted, patience } => {
                let reader = reader_with_card(wanted.as_deref(), *patience)?;
                let held = Held::new();
                Inner::Reader(PcscTransport::open(&reader)?, held)
            }
        };
        let progress = Progress { inner, ui, bar: None };
        Ok(Session::new(Tracer::new(progress, if ui.verbose { show } else { ignore })))
    }
}

fn reader_with_card(wanted: Option<&str>, patience: Duration) -> Result<Reader, Failure> {
    if wanted.is_none() {
        let filled: Vec<_> = readers::list()?.into_iter().filter(|reader| reader.card == Card::Present).collect();
        if filled.len() > 1 {
            let readers = filled.into_iter().map(|reader| reader.name).collect();
            return Err(Trouble::SeveralCards { readers }.into());
        }
    } else if let Some(wanted) = wanted
        && patience.is_zero()
    {
        // Says at once that the name fits none, or more than one.
        let reader = readers::find(wanted)?;
        return match reader.card {
            Card::Present => Ok(reader),
            Card::Mute => Err(PcscError::Mute.into()),
            _ => Err(Trouble::NoCard.into()),
        };
    }
    Ok(readers::wait_for_card(wanted, patience)?)
}

/// The transport of every command: traced, with progress.
pub(crate) type Link<'c> = Tracer<Progress<'c>, fn(Line<'_>)>;

fn show(line: Line<'_>) {
    // There is nobody left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "  {line}");
}

fn ignore(_: Line<'_>) {}

enum Inner<'c> {
    Demo(&'c mut SimCard),
    /// The transport goes first, and closes the card's keys.
    Reader(PcscTransport, Held),
}

/// Shows how far a long read is.
pub(crate) struct Progress<'c> {
    inner: Inner<'c>,
    ui: Ui,
    bar: Option<ProgressBar>,
}

impl Transport for Progress<'_> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        if cancel::flag().load(Ordering::SeqCst) {
            return Err(LinkError::Cancelled);
        }
        match &mut self.inner {
            Inner::Demo(card) => card.transmit(command, response).await,
            Inner::Reader(card, _) => card.transmit(command, response).await,
        }
    }

    fn capabilities(&self) -> Capabilities {
        match &self.inner {
            Inner::Demo(card) => card.capabilities(),
            Inner::Reader(card, _) => card.capabilities(),
        }
    }

    fn progress(&mut self, done: usize, total: Option<usize>) {
        let Some(total) = total.filter(|total| *total > 512 && !self.ui.json) else { return };
        if done >= total {
            return self.bar.take().into_iter().for_each(|bar| bar.finish_and_clear());
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(total as u64).with_message(self.ui.word(Word::Reading));
            let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_position(done as u64);
    }
}
