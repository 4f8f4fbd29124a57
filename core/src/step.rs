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

#[allow(clippy::large_enum_variant, reason = "there is no heap to put the large one on")]
enum Slot<const N: usize> {
    Empty,
    Command(Command),
    /// The host has taken the command and not yet brought the answer.
    Sent,
    Response(Response<N>),
    Failed(LinkError),
}

struct Response<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Drop for Response<N> {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl<const N: usize> Mailbox<N> {
    /// An empty mailbox for a host whose link can carry so much; never more than `N` bytes a response.
    #[must_use]
    pub const fn new(capabilities: Capabilities) -> Self {
        let max_response = if capabilities.max_response < N { capabilities.max_response } else { N };
        let capabilities = Capabilities { max_response, ..capabilities };
        Self { capabilities, slot: RefCell::new(Slot::Empty) }
    }
}

impl<const N: usize> Transport for &Mailbox<N> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let command = Command::copy_of(command).ok_or(LinkError::TooLong)?;
        self.slot.replace(Slot::Command(command));
        poll_fn(|_| {
            let slot = self.slot.replace(Slot::Empty);
            match slot {
                Slot::Response(arrived) => Poll::Ready(response.extend(&arrived.bytes[..arrived.len])),
                Slot::Failed(link) => Poll::Ready(Err(link)),
                waiting => {
                    self.slot.replace(waiting);
                    Poll::Pending
                }
            }
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
    /// When the last command has not been answered with [`feed`](Self::feed), or the operation waits for something else than
    /// its mailbox: both are mistakes of the program.
    #[allow(clippy::should_implement_trait, reason = "an iterator has no answer fed back to it")]
    pub fn next(&mut self) -> Next<F::Output> {
        assert!(!matches!(*self.mailbox.slot.borrow(), Slot::Sent), "the last command has not been answered");
        if let Poll::Ready(output) = self.operation.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Next::Done(output);
        }
        match self.mailbox.slot.replace(Slot::Sent) {
            Slot::Command(command) => Next::Transmit(command),
            _ => panic!("the operation waits for something else than its mailbox"),
        }
    }

    /// Brings the answer to the last command: the response's bytes, or how the link failed.
    pub fn feed(&mut self, answer: Result<&[u8], LinkError>) {
        let slot = match answer {
            Err(link) => Slot::Failed(link),
            Ok(bytes) => {
                let mut response = Response { bytes: [0; N], len: bytes.len() };
                match response.bytes.get_mut(..bytes.len()) {
                    Some(room) => {
                        room.copy_from_slice(bytes);
                        Slot::Response(response)
                    }
                    None => Slot::Failed(LinkError::Overrun),
                }
            }
        };
        self.mailbox.slot.replace(slot);
    }
}
