//! The simulated card behind a link that fails at one exchange, and writes down what it carried.

use crate::model::world::Fault;
use kazasu_core::{Capabilities, LinkError, ResponseBuf, Transport};
use kazasu_fixtures::SimCard;
use std::cell::RefCell;
use std::future::pending;

/// What went over the link: the command's first two bytes, its length, and whether the answer came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Class.
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Bytes of the command.
    pub len: usize,
    /// Bytes of the answer as it came through.
    pub answer: Option<usize>,
}

impl Sent {
    /// VERIFY with a secret, or CHANGE REFERENCE DATA.
    #[must_use]
    pub const fn carries_a_secret(&self) -> bool {
        matches!(self.ins, 0x20 | 0x24) && self.len > 4
    }
}

/// A card, and what was sent to it since the log was taken last.
pub struct Bench {
    /// The card.
    pub card: RefCell<SimCard>,
    log: RefCell<Vec<Sent>>,
}

impl Bench {
    /// With this card.
    #[must_use]
    pub fn new(card: SimCard) -> Self {
        Self { card: RefCell::new(card), log: RefCell::default() }
    }

    /// A link that fails as `fault` says, at the exchange with that number.
    pub fn link(&self, fault: Option<(Fault, usize)>) -> Faulty<'_> {
        self.log.take();
        Faulty { bench: self, fault }
    }

    /// Everything that was sent over the last link.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.log.take()
    }
}

/// The link.
pub struct Faulty<'b> {
    bench: &'b Bench,
    fault: Option<(Fault, usize)>,
}

impl Transport for Faulty<'_> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let number = self.bench.log.borrow().len();
        let byte = |at: usize| command.get(at).copied().unwrap_or_default();
        self.bench.log.borrow_mut().push(Sent {
            cla: byte(0),
            ins: byte(1),
            p1: byte(2),
            len: command.len(),
            answer: None,
        });
        let fault = self.fault.filter(|(_, at)| *at == number).map(|(fault, _)| fault);
        let answer = fault.is_none_or(Fault::acts).then(|| self.bench.card.borrow_mut().command(command)).flatten();
        let answer = answer.unwrap_or_default();
        if fault.is_some_and(Fault::takes_the_power) {
            self.bench.card.borrow_mut().power_cycle();
        }
        let through: &[u8] = match fault {
            None => &answer,
            Some(Fault::LostBefore | Fault::LostAfter | Fault::Swapped) => return Err(LinkError::CardLost),
            Some(Fault::Late) => return Err(LinkError::Timeout),
            Some(Fault::Reset) => return Err(LinkError::CardReset),
            Some(Fault::ReaderLost) => return Err(LinkError::ReaderLost),
            Some(Fault::Overrun) => return Err(LinkError::Overrun),
            Some(Fault::Other) => return Err(LinkError::Other),
            Some(Fault::TooLong) => return Err(LinkError::TooLong),
            Some(Fault::Busy) => return Err(LinkError::Busy),
            Some(Fault::Cancelled) => return Err(LinkError::Cancelled),
            Some(Fault::DroppedBefore | Fault::DroppedAfter) => return pending().await,
            Some(Fault::Truncated) => &answer[..1],
            Some(Fault::Half) => &answer[..answer.len() / 2],
            Some(Fault::Foreign) => &[0x6F, 0x42],
        };
        self.bench.log.borrow_mut()[number].answer = Some(through.len());
        response.extend(through)
    }

    fn capabilities(&self) -> Capabilities {
        self.bench.card.borrow().capabilities()
    }
}
