//! `kazasu card serve` and `kazasu card list`.

use crate::cancel::{self, Held};
use crate::failure::Failure;
use crate::ui::{Output, Ui, columns};
use kazasu_catalogue::Word;
use kazasu_core::trace::Annotator;
use kazasu_fixtures::persona::PERSONAS;
use kazasu_fixtures::profile::PROFILES;
use kazasu_fixtures::{Persona, Profile, SimCard};
use kazasu_pcsc::plug::{self, VirtualCard};
use serde_json::json;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

/// The simulated card in a virtual reader.
struct Served {
    card: SimCard,
    annotator: Option<Annotator>,
}

impl VirtualCard for Served {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power_on(&mut self) {
        self.card.power_cycle();
    }

    fn power_off(&mut self) {
        self.card.power_cycle();
    }

    /// A warm reset leaves the opened state as it is (Measured by one author).
    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        if let Some(annotator) = &mut self.annotator {
            let _ = writeln!(std::io::stderr(), "  {}", annotator.command(command));
        }
        let response = self.card.command(command)?;
        if let Some(annotator) = &mut self.annotator {
            let _ = writeln!(std::io::stderr(), "  {}", annotator.response(&response));
        }
        Some(response)
    }
}

pub(super) fn serve(ui: Ui, persona: &str, profile: &str, port: u16) -> Result<Output, Failure> {
    let card = SimCard::new(&Persona::named(persona)?, Profile::named(profile)?);
    let mut served = Served { card, annotator: ui.verbose.then(Annotator::new) };
    ui.note(ui.word(Word::Serving));
    let _held = Held::new();
    let left = plug::serve(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), &mut served, cancel::flag())?;
    let tally = served.card.tally();
    let json = json!({ "left": format!("{left:?}").to_lowercase(), "commands": tally.commands });
    Ok(Output { json, text: String::new() })
}

pub(super) fn list(ui: Ui) -> Output {
    let personas: Vec<_> = PERSONAS.iter().map(|row| (row.id, ui.lang.pick(row.about, row.about_ja))).collect();
    let profiles: Vec<_> = PROFILES.iter().map(|row| (row.id, ui.lang.pick(row.about, row.about_ja))).collect();
    let lines = |rows: &[(&str, &str)]| -> String {
        rows.iter().map(|(id, about)| format!("  {id}{}  {about}\n", " ".repeat(16 - columns(id).min(16)))).collect()
    };
    let text =
        format!("{}\n{}\n{}\n{}", ui.word(Word::Personas), lines(&personas), ui.word(Word::Profiles), lines(&profiles));
    let json = |rows: &[(&str, &str)]| -> Vec<_> {
        rows.iter().map(|(id, about)| json!({ "id": id, "about": about })).collect()
    };
    Output { json: json!({ "personas": json(&personas), "profiles": json(&profiles) }), text }
}
