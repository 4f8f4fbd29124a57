//! Part 2: the link fails. Every operation, on cards and links of three kinds, at every exchange, in every way: the right typed
//! error, no command too many, no try lost, nothing left open, and a fresh session that succeeds. Time is counted in exchanges.

mod faulty;
pub mod operation;

pub use faulty::{Bench, Faulty, Sent};

use crate::model::schedule::poll_once;
use crate::model::world::Fault;
use kazasu_core::error::{Malformed, Step};
use kazasu_core::mynumber::APPLICATIONS;
use kazasu_core::{Capabilities, Error, LinkError, Session};
use kazasu_fixtures::{Persona, Profile, SimCard};
use operation::{Buffer, Operation, perform};
use std::collections::BTreeMap;

/// A card and a link of one kind.
pub const KINDS: [(&str, &str, Capabilities); 3] = [
    ("extended", "standard", Capabilities::EXTENDED),
    ("short", "short-only", Capabilities::SHORT),
    ("no short file ids", "short-only,no-short-ids", Capabilities::SHORT),
];

/// What a sweep came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Fault points: an operation, an exchange of it, a fault there.
    pub points: usize,
    /// By the code of the error that came out, or what else did.
    pub outcomes: BTreeMap<String, usize>,
    /// Points after which the same session went on over a new link.
    pub resumed: usize,
    /// What went wrong.
    pub violations: Vec<String>,
}

type Outcome = Option<Result<Vec<u8>, Error>>;

/// Everything. `every` = take every so many fault points.
#[must_use]
pub fn sweep(every: usize) -> Summary {
    let mut summary = Summary::default();
    let Ok(persona) = Persona::named("adult") else { return summary };
    let mut number = 0;
    for (name, profile, link) in KINDS {
        let Ok(profile) = Profile::named(profile) else { continue };
        let fresh = || SimCard::new(&persona, profile.clone()).behind(link);
        let mut bench = Bench::new(fresh());
        for operation in Operation::ALL.iter().copied() {
            let (usual, sent) = run(operation, &bench, &persona);
            for at in 0..sent.len() {
                for fault in Fault::ALL {
                    number += 1;
                    if fault == Fault::Swapped || number % every != 0 {
                        continue;
                    }
                    if operation.leaves_a_mark() {
                        bench = Bench::new(fresh());
                    }
                    bench.card.borrow_mut().power_cycle();
                    let point = Point { operation, fault, at, usual: &usual, sent: &sent };
                    summary.points += 1;
                    let told = point.try_out(&bench, &persona, &mut summary.resumed);
                    match told {
                        Ok(outcome) => *summary.outcomes.entry(outcome).or_default() += 1,
                        Err(wrong) => {
                            summary.violations.push(format!("{name}, {operation:?}, {fault:?} at {at}: {wrong}"));
                        }
                    }
                }
            }
            if operation.leaves_a_mark() {
                bench = Bench::new(fresh());
            }
        }
    }
    summary
}

/// What an operation gives and sends when nothing goes wrong.
fn run(operation: Operation, bench: &Bench, persona: &Persona) -> (Outcome, Vec<Sent>) {
    let mut session = Session::new(bench.link(None));
    let outcome = poll_once(perform(operation, &mut session, &persona.secrets, &mut Buffer::default()));
    (outcome, bench.sent())
}

/// Tries that the card has lost, of all its secrets.
fn tries_lost(bench: &Bench) -> u8 {
    let card = bench.card.borrow();
    let pins = APPLICATIONS.iter().flat_map(|application| application.pins.iter().map(move |pin| (application, pin)));
    pins.filter_map(|(application, pin)| Some(pin.tries - card.left(application, pin.kind)?)).sum()
}

struct Point<'a> {
    operation: Operation,
    fault: Fault,
    at: usize,
    usual: &'a Outcome,
    sent: &'a [Sent],
}

/// More commands than usual after a fault: a READ tried again with less, shorter chunks after an extended one failed.
const MORE: usize = 16;

impl Point<'_> {
    fn try_out(&self, bench: &Bench, persona: &Persona, resumed: &mut usize) -> Result<String, String> {
        let mut buffer = Buffer::default();
        let mut session = Session::new(bench.link(Some((self.fault, self.at))));
        let outcome = poll_once(perform(self.operation, &mut session, &persona.secrets, &mut buffer));
        if !self.expected(&outcome) {
            return Err(format!("{outcome:?}"));
        }
        let sent = bench.sent();
        self.count(&sent)?;
        if self.ends() {
            // Whatever is asked of the old session now, it sends nothing.
            let after = poll_once(session.data_object(0x00F2, &mut [0; 300])).map(|result| result.map(drop));
            if after != Some(Err(Error::SessionOver)) || !bench.sent().is_empty() {
                return Err(format!("afterwards the old session says {after:?}"));
            }
        }
        let resumes = self.ends() && !self.fault.drops() && !matches!(self.fault, Fault::Truncated | Fault::Half);
        if resumes && !self.operation.leaves_a_mark() {
            self.resume(session, bench, persona, &mut buffer, &sent)?;
            *resumed += 1;
        }
        let lost = tries_lost(bench);
        if usize::from(lost) > usize::from(self.operation == Operation::WrongPin) {
            return Err(format!("{lost} tries are lost"));
        }
        self.begin_anew(bench, persona)?;
        let lost = tries_lost(bench);
        if self.operation != Operation::WrongPin && lost > 0 {
            return Err(format!("{lost} tries are lost in the fresh session"));
        }
        Ok(match &outcome {
            None => "dropped".to_owned(),
            Some(Ok(_)) => "went on".to_owned(),
            Some(Err(error)) => error.code().to_owned(),
        })
    }

    fn count(&self, sent: &[Sent]) -> Result<(), String> {
        let secrets = sent.iter().filter(|sent| sent.carries_a_secret()).count();
        if secrets > self.operation.secrets() {
            return Err(format!("{secrets} secrets were sent"));
        }
        if self.ends() && sent.len() > self.at + 1 {
            return Err(format!("{} commands after the link had failed", sent.len() - self.at - 1));
        }
        if sent.len() > self.sent.len() + MORE {
            return Err(format!("{} commands instead of {}", sent.len(), self.sent.len()));
        }
        Ok(())
    }

    /// The same card comes again. What needs no secret is read on, and at most one chunk is read again; what needs one needs it
    /// again, once.
    fn resume(
        &self,
        old: Session<Faulty<'_>>,
        bench: &Bench,
        persona: &Persona,
        buffer: &mut Buffer,
        before: &[Sent],
    ) -> Result<(), String> {
        let mut session = old.resume(bench.link(None));
        let outcome = poll_once(perform(self.operation, &mut session, &persona.secrets, buffer));
        let log = bench.sent();
        if !self.is_as_usual(&outcome) {
            return Err(format!("read on: {outcome:?}"));
        }
        if log.iter().filter(|sent| sent.carries_a_secret()).count() != self.operation.secrets() {
            return Err("read on without a secret, or with too many".to_owned());
        }
        if self.operation.secrets() > 0 {
            return Ok(());
        }
        // A READ by which the core finds out what the card takes brings no data.
        let brings = |sent: &&Sent| sent.ins == 0xB0 && sent.answer.is_some_and(|len| len > 2);
        let reads = |sent: &[Sent]| sent.iter().filter(brings).count();
        let (usual, first, second) = (reads(self.sent), reads(before), reads(&log));
        if first + second > usual + 1 {
            return Err(format!("{first} READs, then {second}, where {usual} do"));
        }
        Ok(())
    }

    /// A fresh session on the same card gives what it always gives, and leaves it closed.
    fn begin_anew(&self, bench: &Bench, persona: &Persona) -> Result<(), String> {
        if matches!(self.operation, Operation::ChangePin | Operation::ChangePassword | Operation::ChangeTextPin) {
            // Which secret is valid now is what nobody knows; the old one may be wrong.
            let mut session = Session::new(bench.link(None));
            let left = poll_once(async { session.jpki().await?.tries(kazasu_core::SecretKind::AuthPin).await });
            return if matches!(left, Some(Ok(_))) { Ok(()) } else { Err(format!("a fresh session: {left:?}")) };
        }
        let mut session = Session::new(bench.link(None));
        let outcome = poll_once(perform(self.operation, &mut session, &persona.secrets, &mut Buffer::default()));
        if !self.is_as_usual(&outcome) {
            return Err(format!("a fresh session: {outcome:?}"));
        }
        let closed = poll_once(session.close()).is_some_and(|(_, closed)| closed);
        if !closed || bench.card.borrow().is_open() { Err("a key is left open".to_owned()) } else { Ok(()) }
    }

    fn is_as_usual(&self, outcome: &Outcome) -> bool {
        match (outcome, self.usual) {
            (Some(Err(Error::WrongSecret { .. } | Error::LastTry { .. })), Some(Err(Error::WrongSecret { .. }))) => {
                true
            }
            (outcome, usual) => outcome == usual,
        }
    }

    fn at_fault(&self) -> &Sent {
        &self.sent[self.at]
    }

    /// READ or GET DATA in extended length: a link may fail at it somehow, and it is tried again with less.
    fn may_shrink(&self) -> bool {
        let extended = matches!(self.at_fault(), Sent { ins: 0xB0 | 0xCA, len: 7, .. });
        extended && matches!(self.fault, Fault::TooLong | Fault::Other)
    }

    /// Whether the session must be over after this fault.
    fn ends(&self) -> bool {
        match self.fault {
            Fault::Foreign | Fault::TooLong => false,
            Fault::Other => !self.may_shrink(),
            Fault::Half => self.at_fault().answer.is_some_and(|len| len / 2 < 2),
            _ => true,
        }
    }

    fn step(&self) -> Step {
        let sent = self.at_fault();
        match (sent.ins, sent.len) {
            (0xA4, _) => Step::Select,
            (0xB0 | 0xB2, _) => Step::Read,
            (0x20, 4) => Step::Query,
            (0x20, _) => Step::Verify,
            (0x24, _) => Step::Change,
            (0x2A, _) => Step::Sign,
            (0x88, _) => Step::Authenticate,
            _ => Step::GetData,
        }
    }

    fn link(&self) -> Option<LinkError> {
        Some(match self.fault {
            Fault::LostBefore | Fault::LostAfter => LinkError::CardLost,
            Fault::Late => LinkError::Timeout,
            Fault::Reset => LinkError::CardReset,
            Fault::ReaderLost => LinkError::ReaderLost,
            Fault::Overrun => LinkError::Overrun,
            Fault::Other => LinkError::Other,
            Fault::TooLong => LinkError::TooLong,
            Fault::Busy => LinkError::Busy,
            Fault::Cancelled => LinkError::Cancelled,
            _ => return None,
        })
    }

    /// The rule: what must come out of this fault at this command.
    fn expected(&self, outcome: &Outcome) -> bool {
        let step = self.step();
        let Some(outcome) = outcome else { return self.fault.drops() };
        if self.at_fault().carries_a_secret() {
            let lost = self.link().unwrap_or(LinkError::Other);
            return match (self.fault, outcome) {
                (Fault::TooLong, Err(Error::Link(LinkError::TooLong))) => true,
                (Fault::TooLong, _) => false,
                (Fault::Foreign, Err(Error::Refused { step: at, status })) => *at == step && status.0 == 0x6F42,
                (Fault::Foreign, _) => false,
                (_, Err(Error::OutcomeUnknown { step: at, link, .. })) => *at == step && *link == lost,
                _ => false,
            };
        }
        match (self.fault, outcome) {
            (_, Ok(_)) if self.may_shrink() => self.usual.as_ref() == Some(outcome),
            // What a link says is too long is asked for in a smaller piece.
            (Fault::TooLong, Ok(_)) if step == Step::Read => self.usual.as_ref() == Some(outcome),
            (Fault::LostBefore | Fault::LostAfter, Ok(kind)) => {
                self.operation == Operation::Recognise && kind == b"Nothing"
            }
            (Fault::Foreign, Ok(kind)) if self.operation == Operation::Recognise && step == Step::Select => {
                kind == b"Other"
            }
            (Fault::Foreign | Fault::Half, Ok(_)) => self.usual.as_ref() == Some(outcome),
            (Fault::Foreign, Err(Error::Refused { step: at, status })) => *at == step && status.0 == 0x6F42,
            (Fault::Truncated, Err(Error::Malformed { step: at, reason: Malformed::NoStatus })) => *at == step,
            // Half of an answer with data ends in any two bytes; what comes of it is typed, and that is all.
            (Fault::Half, Err(Error::Malformed { .. } | Error::Refused { .. })) => true,
            (_, Err(Error::Link(link))) => Some(*link) == self.link(),
            _ => false,
        }
    }
}

impl Fault {
    /// Whether the operation never ends by itself.
    #[must_use]
    pub const fn drops(self) -> bool {
        matches!(self, Self::DroppedBefore | Self::DroppedAfter)
    }
}
