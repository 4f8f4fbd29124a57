//! What a plan will cost, told before a card is there.

use super::{Item, ORDER, Place, Plan};
use crate::mynumber::{common, jpki, surface, text};
use crate::secret::SecretKind;
use crate::table::{Application, Content, File};
use crate::transport::Capabilities;
use core::ptr;

/// What a plan costs on a card that knows short file ids, with files of usual sizes: the published test card's (Measured). A card
/// or link that can do less costs more; the floors of each are in the documentation of the fixtures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// Commands.
    pub commands: u32,
    /// Secrets sent.
    pub secrets: u32,
    /// Signatures made by the card.
    pub signatures: u32,
    /// Bytes of files.
    pub bytes: u32,
}

impl Estimate {
    /// Milliseconds over a phone's antenna (Inferred: 106 kbit/s are 10 bits of 9.44 µs a byte; 12 ms a command were measured over USB; how
    /// long a signature takes is published nowhere, and half a second is taken).
    #[must_use]
    pub const fn milliseconds(&self) -> u32 {
        self.commands * 12 + self.bytes * 944 / 10_000 + self.signatures * 500
    }
}

impl<P: AsRef<[Item]>> Plan<P> {
    /// The estimate for a link that carries so much, with the first of each item's secrets that `given` holds to open it, or else
    /// the first.
    #[must_use]
    pub fn estimate(&self, link: Capabilities, given: &[SecretKind]) -> Estimate {
        let mut sum = Estimate::default();
        let mut open: Option<&Application> = None;
        // As a run visits them: first without secrets.
        for free in [true, false] {
            for application in ORDER {
                let here = |item: &&Item| {
                    item.application().is_some_and(|owner| ptr::eq(owner, application))
                        && item.opened_by().is_empty() == free
                };
                let mut items = self.items().iter().filter(here).peekable();
                if items.peek().is_none() {
                    continue;
                }
                sum.commands += u32::from(!open.is_some_and(|open| ptr::eq(open, application)));
                open = Some(application);
                items.for_each(|item| sum.item(item, link));
                let sent = secrets(self.items().iter().filter(here), application, given);
                // The counter, then VERIFY.
                sum.commands += 2 * sent;
                sum.secrets += sent;
            }
        }
        sum
    }
}

impl Estimate {
    fn item(&mut self, item: &Item, link: Capabilities) {
        match item.place() {
            Place::Counter => self.commands += 1,
            Place::Key(_) => {
                self.commands += 1;
                self.signatures += 1;
            }
            Place::File(file) => {
                let size = usual_size(file);
                self.bytes += size;
                self.commands += if link.extended() { 1 } else { size.div_ceil(256) };
            }
        }
    }
}

/// How many secrets are sent in `application`: each opens every item that it can.
fn secrets<'i>(items: impl Iterator<Item = &'i Item> + Clone, application: &Application, given: &[SecretKind]) -> u32 {
    let mut sent = 0;
    let mut opened: [Option<SecretKind>; SecretKind::ALL.len()] = [None; SecretKind::ALL.len()];
    for item in items {
        let kinds = item.opened_by();
        if kinds.is_empty() || kinds.iter().any(|kind| opened.contains(&Some(*kind))) {
            continue;
        }
        let first = |among: &[SecretKind]| {
            application.pins.iter().map(|pin| pin.kind).find(|kind| kinds.contains(kind) && among.contains(kind))
        };
        opened[sent] = first(given).or_else(|| first(kinds));
        sent += 1;
    }
    sent as u32
}

/// In bytes: of the published test card (Measured); of the CA certificates, those of the demonstration cards (Inferred).
fn usual_size(file: &'static File) -> u32 {
    let sizes: [(&File, u32); 13] = [
        (&jpki::AUTH_CERTIFICATE, 1_590),
        (&jpki::SIGN_CERTIFICATE, 1_758),
        (&jpki::AUTH_CA, 1_333),
        (&jpki::SIGN_CA, 1_318),
        // The label is all that is read of it.
        (&jpki::TOKEN, 32),
        (&common::CARD, 30),
        (&text::ATTRIBUTES, 104),
        (&surface::FACE, 3_070),
        (&text::INTEGRITY, 336),
        (&text::MUNICIPALITY, 568),
        (&text::AUTHENTICATION_KEY, 536),
        (&surface::BIRTH_RECORD, 547),
        (&surface::MUNICIPALITY, 568),
    ];
    let usual = sizes.into_iter().find(|(row, _)| ptr::eq(*row, file)).map(|(_, size)| size);
    usual.unwrap_or(match file.content {
        Content::Bytes(size) | Content::Padded(_, size) => size as u32,
        Content::Tlv(_) | Content::Record => 256,
    })
}
