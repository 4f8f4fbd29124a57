//! Two of the three ways to run an operation: at once, over a transport that never waits ([`block_on`]); and step by step, where
//! the host fetches each command and brings each response ([`Stepper`]). The third is `.await` in any executor.

use crate::apdu::Command;
use crate::transport::{Capabilities, LinkError, ResponseBuf, Transport};
use core::cell::RefCell;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use zeroize::Zeroize;

/// Runs `operation` to its end. Its transport must be one that blocks until the answer is there.
///
/// # Panics
/// When the transport waits for an executor instead; use `.await` with that one.
pub fn block_on<F: Future>(operation: F) -> F::Output {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("block_on needs a transport that blocks; this one waits for an executor"),
    }
}

/// Between an operation and its host: holds the command that is to be sent, then the response that came. `N` is the longest
/// response that the host may bring.
pub struct Mailbox<const N: usize> {
    capabilities: Capabilities,
    slot: RefCell<Slot<N>>,
}

/// Filled and emptied in place: with `N` bytes in it, it is never moved.
struct Slot<const N: usize> {
    holds: Holds,
    command: Command,
    response: [u8; N],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Command,
    /// Nothing: the host has taken the command and not yet brought the answer.
    Sent,
    /// So many bytes.
    Response(usize),
    Failure(LinkError),
}

impl<const N: usize> Slot<N> {
    fn put(&mut self, command: &[u8]) -> Result<(), LinkError> {
        self.command.copy(command).ok_or(LinkError::TooLong)?;
        self.holds = Holds::Command;
        Ok(())
    }
}

impl<const N: usize> Drop for Slot<N> {
    fn drop(&mut self) {
        self.response.zeroize();
    }
}

impl<const N: usize> Mailbox<N> {
    /// An empty mailbox for a host whose link can carry so much; never more than `N` bytes a response.
    #[must_use]
    pub const fn new(capabilities: Capabilities) -> Self {
        let max_response = if capabilities.max_response < N { capabilities.max_response } else { N };
        let capabilities = Capabilities { max_response, ..capabilities };
        let slot = Slot { holds: Holds::Nothing, command: Command::empty(), response: [0; N] };
        Self { capabilities, slot: RefCell::new(slot) }
    }
}

impl<const N: usize> Transport for &Mailbox<N> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        self.slot.borrow_mut().put(command)?;
        poll_fn(|_| {
            let mut slot = self.slot.borrow_mut();
            let answer = match slot.holds {
                Holds::Response(len) => {
                    let arrived = &mut slot.response[..len];
                    let answer = response.extend(arrived);
                    arrived.zeroize();
                    answer
                }
                Holds::Failure(link) => Err(link),
                _ => return Poll::Pending,
            };
            slot.holds = Holds::Nothing;
            Poll::Ready(answer)
        })
        .await
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }
}

/// What the host does next.
#[allow(clippy::large_enum_variant, reason = "there is no heap to put the large one on")]
#[derive(Debug)]
pub enum Next<Output> {
    /// Send this command, then [`Stepper::feed`] the response or say how the link failed.
    Transmit(Command),
    /// The operation has ended; do not step it again.
    Done(Output),
}

/// An operation that is stepped by its host. Dropping it cancels it: nothing more is sent.
pub struct Stepper<'a, F, const N: usize> {
    operation: Pin<&'a mut F>,
    mailbox: &'a Mailbox<N>,
}

impl<'a, F: Future, const N: usize> Stepper<'a, F, N> {
    /// Steps `operation`, which must use `mailbox` as its transport.
    pub const fn new(operation: Pin<&'a mut F>, mailbox: &'a Mailbox<N>) -> Self {
        Self { operation, mailbox }
    }

    /// Goes on to the next command or to the end.
    ///
    /// # Panics
    /// When the last command has not been answered with [`feed`](Self::feed) (also when the operation before this one was
    /// cancelled then: a new session takes a new mailbox), or the operation waits for something else than
    /// its mailbox: both are mistakes of the program.
    #[allow(clippy::should_implement_trait, reason = "an iterator has no answer fed back to it")]
    pub fn next(&mut self) -> Next<F::Output> {
        assert!(self.mailbox.slot.borrow().holds != Holds::Sent, "the last command has not been answered");
        if let Poll::Ready(output) = self.operation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Next::Done(output);
        }
        let mut slot = self.mailbox.slot.borrow_mut();
        assert!(slot.holds == Holds::Command, "the operation waits for something else than its mailbox");
        slot.holds = Holds::Sent;
        Next::Transmit(slot.command.take())
    }

    /// Brings the answer to the last command: the response's bytes, or how the link failed.
    pub fn feed(&mut self, answer: Result<&[u8], LinkError>) {
        self.feed_with(|response| response.extend(answer?));
    }

    /// As [`feed`](Self::feed), for a host that can put the response where it is wanted: it needs no buffer of its own.
    pub fn feed_with(&mut self, answer: impl FnOnce(&mut ResponseBuf<'_>) -> Result<(), LinkError>) {
        let mut slot = self.mailbox.slot.borrow_mut();
        let mut response = ResponseBuf::new(&mut slot.response);
        let answered = answer(&mut response);
        let len = response.as_slice().len();
        slot.holds = match answered {
            Ok(()) => Holds::Response(len),
            Err(link) => Holds::Failure(link),
        };
    }
}
