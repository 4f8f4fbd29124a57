//! The double's adversary here: the simulated card, and a script of what goes wrong at which call.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use kazasu_fixtures::SimCard;
use kazasu_fixtures::sim::Tally;

use super::Double;
use crate::double::{Adversary, Call, Does};
use crate::plug::VirtualCard;

/// One line of the script: the `nth` call of this kind, counted from 0, does not go well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) call: Call,
    pub(super) nth: usize,
    pub(super) lasts: Lasts,
    pub(super) does: Does,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasts {
    /// For this one call.
    Once,
    /// For every call of its kind from here on.
    ForThisCall,
    /// For every call of any kind from here on.
    ForEverything,
}

/// The card, the script, and what was seen.
pub(crate) struct Scripted {
    card: SimCard,
    /// What the card had seen when it came into the reader.
    before: Tally,
    script: Vec<Fault>,
    calls: Vec<Call>,
    commands: HashSet<u64>,
    repeated: bool,
}

impl Adversary for Scripted {
    fn is_open(&self) -> bool {
        self.card.is_open()
    }

    fn meets(&mut self, call: Call, command: &[u8]) -> Option<Does> {
        if call == Call::Transmit {
            let mut hasher = DefaultHasher::new();
            command.hash(&mut hasher);
            let new = self.commands.insert(hasher.finish());
            // Selecting an application again is how core makes sure of its card after a failure that says nothing.
            let selects = command.starts_with(&[0x00, 0xA4, 0x04]);
            self.repeated |= !new && !selects;
        }
        let count = |of| self.calls.iter().filter(|before| **before == of).count();
        let holds = |fault: &&Fault| match fault.lasts {
            Lasts::Once => fault.call == call && count(call) == fault.nth,
            Lasts::ForThisCall => fault.call == call && count(call) >= fault.nth,
            Lasts::ForEverything => count(fault.call) > fault.nth || fault.call == call && count(call) == fault.nth,
        };
        let does = self.script.iter().find(holds).map(|fault| fault.does);
        self.calls.push(call);
        does
    }
}

impl VirtualCard for Scripted {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power_on(&mut self) {
        self.card.power_cycle();
    }

    fn power_off(&mut self) {
        self.card.power_cycle();
    }

    fn reset(&mut self) {} // leaves what was verified

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        self.card.command(command)
    }
}

impl Double {
    pub(super) fn new(card: SimCard, script: Vec<Fault>) -> Self {
        let before = card.tally();
        let (calls, commands) = (Vec::new(), HashSet::new());
        Self::around(Scripted { card, before, script, calls, commands, repeated: false })
    }

    /// From now on nothing goes wrong, and the card is back in its reader, without power in between if it was away.
    pub(super) fn heal(&self) {
        self.with(|scripted| {
            scripted.script.clear();
            scripted.commands.clear();
        });
        if !self.is_present() {
            self.insert(|_| ());
        }
        self.wake();
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.log().iter().map(|entry| entry.call).collect()
    }

    pub(super) fn count(&self, call: Call) -> usize {
        self.log().iter().filter(|entry| entry.call == call).count()
    }

    pub(super) fn card<R>(&self, ask: impl FnOnce(&SimCard) -> R) -> R {
        self.with(|scripted| ask(&scripted.card))
    }

    /// The same command came a second time.
    pub(super) fn repeated(&self) -> bool {
        self.with(|scripted| scripted.repeated)
    }

    /// VERIFY commands that the card has seen in this reader.
    pub(super) fn secrets(&self) -> usize {
        self.with(|scripted| scripted.card.tally().secrets - scripted.before.secrets)
    }

    /// The card, out of the reader.
    pub(super) fn into_sim_card(self) -> SimCard {
        self.into_card().expect("everybody has left").card
    }
}
