//! The world as the link shows it: two cards, one of them in the field, faults that are armed, and a watcher that knows the true
//! counters and writes down the first promise that is broken.

use crate::card::{Card, Which};
use crate::random::Random;
use kazasu_core::{Capabilities, LinkError, ResponseBuf, Transport};
use std::cell::RefCell;
use std::future::pending;
use zeroize::Zeroize;

/// How the link may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The card left before it heard the command.
    LostBefore,
    /// The card acted and left.
    LostAfter,
    /// The card acted, too late.
    Late,
    /// Reset by another program: what was opened stays open.
    Reset,
    /// The reader went away before the card heard the command.
    ReaderLost,
    /// One byte of the answer came.
    Truncated,
    /// Half of the answer came.
    Half,
    /// A status word that has no place there; the card did not act.
    Foreign,
    /// The card acted and sent more than was asked for.
    Overrun,
    /// The card acted and the link failed somehow.
    Other,
    /// The link refused the command for its length.
    TooLong,
    /// Another program holds the reader.
    Busy,
    /// The host cancelled and its link says so; the card acted.
    Cancelled,
    /// The operation is dropped before the card heard the command.
    DroppedBefore,
    /// The operation is dropped after the card acted.
    DroppedAfter,
    /// The card left and another one came.
    Swapped,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::LostBefore,
        Self::LostAfter,
        Self::Late,
        Self::Reset,
        Self::ReaderLost,
        Self::Truncated,
        Self::Half,
        Self::Foreign,
        Self::Overrun,
        Self::Other,
        Self::TooLong,
        Self::Busy,
        Self::Cancelled,
        Self::DroppedBefore,
        Self::DroppedAfter,
        Self::Swapped,
    ];

    /// Whether the card carries the command out.
    pub(crate) const fn acts(self) -> bool {
        matches!(
            self,
            Self::LostAfter
                | Self::Late
                | Self::Truncated
                | Self::Half
                | Self::Overrun
                | Self::Other
                | Self::Cancelled
                | Self::DroppedAfter
        )
    }

    /// Whether the card is without power afterwards.
    pub(crate) const fn takes_the_power(self) -> bool {
        matches!(self, Self::LostBefore | Self::LostAfter | Self::ReaderLost | Self::Swapped)
    }
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After so many more commands.
    Command(u8),
    /// At the next command that carries a secret.
    Secret,
}

impl At {
    pub(super) fn any(random: &mut Random) -> Self {
        if random.below(3) == 0 { Self::Secret } else { Self::Command(random.below(12) as u8) }
    }
}

/// What is armed and strikes at this command.
pub(super) const fn due<F: Copy>(armed: &mut Option<(F, At)>, carries_a_secret: bool) -> Option<F> {
    let Some((fault, at)) = *armed else { return None };
    match at {
        At::Command(0) => {}
        At::Command(more) => {
            *armed = Some((fault, At::Command(more - 1)));
            return None;
        }
        At::Secret if carries_a_secret => {}
        At::Secret => return None,
    }
    *armed = None;
    Some(fault)
}

pub(super) const fn carries_a_secret(command: &[u8]) -> bool {
    matches!(command, [0x00, 0x20 | 0x24, _, _, _, _, ..])
}

/// A link that cannot carry an extended READ may say so by any failure.
pub(super) const fn is_extended(command: &[u8]) -> bool {
    matches!(command, [_, 0xB0 | 0xCA, _, _, 0, _, _])
}

/// A promise that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A VERIFY or CHANGE that nobody's secret pays for: sent twice, or sent without one.
    SentTwice,
    /// VERIFY without a query right before it, by the same reference, on the same card.
    NotAsked,
    /// A last try without its permission.
    LastTry,
    /// More tries lost than secrets handed in.
    TriesLost,
    /// A command after the link had failed, by the session that it failed for.
    SentAfterTheEnd,
    /// More commands than any operation needs.
    Unbounded,
    /// The error says something else about the try than what happened.
    UntrueAboutTheTry,
    /// A counter in an error that is not the card's.
    UntrueCounter,
    /// The operation says that it succeeded, and the card did not open.
    UntrueSuccess,
    /// A key stands open after leaving.
    LeftOpen,
    /// The PC/SC host sent what nobody asked for, or more than once.
    Resent,
    /// The PC/SC host kept the card although its transport was at its end.
    Stays,
    /// A plan sent a secret to another card than the one of which it had done something since it was typed.
    ToAnotherCard,
    /// What came of a plan is of two cards.
    MixedCards,
    /// A rule of the PC/SC double.
    Rule(&'static str),
}

/// What one operation may do, and what it has done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Operation {
    /// The caller allows the last try.
    pub permitted: bool,
    /// VERIFY commands that its secrets pay for.
    pub may_verify: u8,
    /// CHANGE commands that its secrets pay for.
    pub may_change: u8,
    /// It is a plan: what it sends is paid for by what was handed to that.
    pub plan: bool,
    /// Tries that it lost.
    pub lost: u8,
    /// The reference that answered last with its counter.
    asked: Option<Which>,
    /// Commands.
    pub commands: u32,
}

/// A secret that was handed to a plan and is not sent yet.
#[derive(Debug, Clone, Copy, Default)]
struct Handed {
    /// The session in which its last try was permitted.
    permitted: Option<u32>,
    /// The card of which the plan has done something first since then.
    card: Option<usize>,
}

/// Everything outside the session.
#[derive(Debug)]
pub struct World {
    /// Both cards.
    pub cards: [Card; 2],
    /// Which one is in the field.
    pub here: usize,
    /// What will go wrong.
    pub armed: Option<(Fault, At)>,
    /// The operation that runs.
    pub operation: Operation,
    /// What a plan holds, by [`Which`].
    handed: [Option<Handed>; 4],
    /// The session that may speak; it counts up.
    pub generation: u32,
    /// The link of that session has failed.
    pub failed: bool,
    /// Another program reset the card: the session that runs will be told.
    pub reset_pending: bool,
    /// The session is being closed: after a failed link this alone may still be tried.
    pub closing: bool,
    /// Secrets handed to the core.
    pub handed_in: u64,
    /// Tries that cards lost through us.
    pub tries_lost: u64,
    /// Last tries among them that nobody permitted.
    pub last_tries: u64,
    /// The first broken promise.
    pub broken: Option<Broken>,
}

const MOST_COMMANDS: u32 = 64;

impl World {
    /// Before anything happened.
    #[must_use]
    pub fn new(cards: [Card; 2]) -> Self {
        Self {
            cards,
            here: 0,
            armed: None,
            operation: Operation::default(),
            handed: [None; 4],
            generation: 0,
            failed: false,
            reset_pending: false,
            closing: false,
            handed_in: 0,
            tries_lost: 0,
            last_tries: 0,
            broken: None,
        }
    }

    /// The card in the field.
    pub const fn card(&mut self) -> &mut Card {
        &mut self.cards[self.here]
    }

    /// Notes a broken promise, the first one only.
    pub const fn note(&mut self, broken: Broken) {
        if self.broken.is_none() {
            self.broken = Some(broken);
        }
    }

    /// Begins an operation to which `secrets` were handed.
    pub fn begin(&mut self, permitted: bool, may_verify: u8, may_change: u8) {
        self.operation = Operation { permitted, may_verify, may_change, ..Operation::default() };
        self.handed_in += u64::from(may_verify) + u64::from(may_change);
    }

    /// A secret is handed to the plan.
    pub(super) fn hand(&mut self, which: Which) {
        self.handed[which as usize] = Some(Handed::default());
        self.handed_in += 1;
    }

    /// The last try of a secret that the plan holds may be spent, in the session that speaks now.
    pub(super) const fn permit(&mut self, which: Which) {
        if let Some(handed) = &mut self.handed[which as usize] {
            handed.permitted = Some(self.generation);
        }
    }

    /// The plan is given up, and what it holds with it.
    pub(super) const fn forget_handed(&mut self) {
        self.handed = [None; 4];
    }

    /// The plan goes, or goes on.
    pub(super) fn begin_plan(&mut self) {
        self.operation = Operation { plan: true, ..Operation::default() };
    }

    /// The plan has done something of the card that is here.
    pub(super) fn done_on_this_card(&mut self) {
        for handed in self.handed.iter_mut().flatten() {
            handed.card.get_or_insert(self.here);
        }
    }

    /// Whether a VERIFY of `target` is paid for, and whether it may be the last one.
    fn pays(&mut self, target: Option<Which>) -> (bool, bool) {
        let operation = &mut self.operation;
        if !operation.plan {
            let paid = operation.may_verify > 0;
            operation.may_verify = operation.may_verify.saturating_sub(1);
            return (paid, operation.permitted);
        }
        let Some(handed) = target.and_then(|which| self.handed[which as usize].take()) else { return (false, false) };
        if handed.card.is_some_and(|card| card != self.here) {
            self.note(Broken::ToAnotherCard);
        }
        (true, handed.permitted == Some(self.generation))
    }

    /// Watches one command of the session that is number `generation`; says whether it carries a secret.
    pub(super) fn watch(&mut self, command: &[u8], generation: u32) -> bool {
        if self.failed && !self.closing || generation != self.generation {
            self.note(Broken::SentAfterTheEnd);
        }
        self.operation.commands += 1;
        if self.operation.commands > MOST_COMMANDS {
            self.note(Broken::Unbounded);
        }
        let (here, reference) = (self.here, |p2: u8, card: &Card| card.reference(p2));
        match *command {
            [0x00, 0x20, _, p2, _, _, ..] => {
                let target = reference(p2, &self.cards[here]);
                let (paid, permitted) = self.pays(target);
                if !paid {
                    self.note(Broken::SentTwice);
                }
                if target.is_none() || self.operation.asked != target {
                    self.note(Broken::NotAsked);
                }
                if let Some(which) = target
                    && self.cards[here].left[which as usize] <= 1
                    && !permitted
                {
                    self.last_tries += 1;
                    self.note(Broken::LastTry);
                }
                self.operation.asked = None;
            }
            [0x00, 0x24, _, _, _, _, ..] => match self.operation.may_change.checked_sub(1) {
                Some(rest) => self.operation.may_change = rest,
                None => self.note(Broken::SentTwice),
            },
            _ => {}
        }
        carries_a_secret(command)
    }

    /// The fault that strikes now.
    fn strike(&mut self, carries_a_secret: bool) -> Option<Fault> {
        if std::mem::take(&mut self.reset_pending) {
            return Some(Fault::Reset);
        }
        due(&mut self.armed, carries_a_secret)
    }

    /// One command of the session that is number `generation`. `None` when the answer never comes and the operation is dropped.
    pub fn exchange(
        &mut self,
        generation: u32,
        command: &[u8],
        response: &mut ResponseBuf<'_>,
    ) -> Option<Result<(), LinkError>> {
        let carries_a_secret = self.watch(command, generation);
        match self.strike(carries_a_secret) {
            None => Some(self.act(command, response)),
            Some(fault) => self.fail(fault, command, response),
        }
    }

    /// The card acts, and the watcher counts.
    pub(super) fn act(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let before = self.card().left;
        let answered = self.card().command(command, response);
        let after = self.card().left;
        let lost = before.iter().zip(after).filter(|(before, after)| **before > *after).count();
        self.tries_lost += lost as u64;
        self.operation.lost += lost as u8;
        if self.tries_lost > self.handed_in {
            self.note(Broken::TriesLost);
        }
        if let [0x00, 0x20, 0x00, p2] = *command {
            self.operation.asked = self.card().reference(p2);
        }
        answered
    }

    fn fail(&mut self, fault: Fault, command: &[u8], response: &mut ResponseBuf<'_>) -> Option<Result<(), LinkError>> {
        let mut unheard = [0; 600];
        let mut len = 0;
        if fault.acts() {
            // What the card says is lost, but what it does is done.
            let mut answer = ResponseBuf::new(&mut unheard);
            let _ = self.act(command, &mut answer);
            len = answer.as_slice().len();
        }
        let by_length = fault == Fault::TooLong || fault == Fault::Other && is_extended(command);
        // Half an answer may look like a whole one with a strange word.
        let goes_on = by_length || fault == Fault::Foreign || fault == Fault::Half && len / 2 >= 2;
        self.failed = !goes_on;
        if fault.takes_the_power() {
            self.card().power_cycle();
        }
        let answer = match fault {
            Fault::LostBefore | Fault::LostAfter => Err(LinkError::CardLost),
            Fault::Late => Err(LinkError::Timeout),
            Fault::Reset => {
                self.card().warm_reset();
                Err(LinkError::CardReset)
            }
            Fault::ReaderLost => Err(LinkError::ReaderLost),
            Fault::Truncated => response.extend(&unheard[..1]),
            Fault::Half => response.extend(&unheard[..len / 2]),
            Fault::Foreign => {
                self.operation.asked = None;
                response.extend(&[0x6F, 0x42])
            }
            Fault::Overrun => Err(LinkError::Overrun),
            Fault::Other => Err(LinkError::Other),
            Fault::TooLong => Err(LinkError::TooLong),
            Fault::Busy => Err(LinkError::Busy),
            Fault::Cancelled => Err(LinkError::Cancelled),
            Fault::Swapped => {
                self.here ^= 1;
                Err(LinkError::CardLost)
            }
            Fault::DroppedBefore | Fault::DroppedAfter => {
                unheard.zeroize();
                return None;
            }
        };
        // What nobody heard may be a My Number.
        unheard.zeroize();
        Some(answer)
    }
}

/// The link of one session.
#[derive(Clone, Copy)]
pub struct Link<'w> {
    world: &'w RefCell<World>,
    generation: u32,
}

impl<'w> Link<'w> {
    /// A new link; the ones before it must stay silent.
    pub fn new(world: &'w RefCell<World>) -> Self {
        let mut inside = world.borrow_mut();
        inside.generation += 1;
        inside.failed = false;
        inside.reset_pending = false;
        Self { world, generation: inside.generation }
    }
}

impl Transport for Link<'_> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let answer = self.world.borrow_mut().exchange(self.generation, command, response);
        match answer {
            Some(answer) => answer,
            None => pending().await,
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::EXTENDED
    }
}
