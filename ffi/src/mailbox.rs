//! Core's mailbox for objects that cross the bridge. Those must be `Sync`, and core's own is not.

use kazasu_core::{Capabilities, Digest, Error, LinkError, ResponseBuf, Transport};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use zeroize::Zeroizing;

/// Holds the command that is to be sent, then the response that came; or the question which digest is to be signed,
/// then the digest. Clones share it.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Mutex<Slot>>);

struct Slot {
    capabilities: Capabilities,
    holds: Holds,
    commands: u32,
    /// A VERIFY with data went to the host since the link was there.
    secret: bool,
}

enum Holds {
    Nothing,
    Command(Zeroizing<Vec<u8>>),
    /// Nothing: the host has taken the command and not yet brought the answer.
    Sent,
    Answer(Result<Zeroizing<Vec<u8>>, LinkError>),
    /// Which digest the want with this index signs.
    Question(u32),
    Digest(Digest),
}

/// What the host finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Empty,
    Command,
    Sent,
    Question(u32),
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        let slot = Slot { capabilities: Capabilities::SHORT, holds: Holds::Nothing, commands: 0, secret: false };
        Self(Arc::new(Mutex::new(slot)))
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Nothing in here is ever half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A link that carries so much; what was on its way over the last one is gone.
    pub(crate) fn connect(&self, capabilities: Capabilities) {
        let mut slot = self.slot();
        slot.capabilities = capabilities;
        slot.holds = Holds::Nothing;
        slot.secret = false;
    }

    /// Nothing is on its way any more.
    pub(crate) fn empty(&self) {
        self.slot().holds = Holds::Nothing;
    }

    pub(crate) fn state(&self) -> State {
        match self.slot().holds {
            Holds::Command(_) => State::Command,
            Holds::Sent => State::Sent,
            Holds::Question(want) => State::Question(want),
            Holds::Nothing | Holds::Answer(_) | Holds::Digest(_) => State::Empty,
        }
    }

    /// The command; only once.
    pub(crate) fn take(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut slot = self.slot();
        match std::mem::replace(&mut slot.holds, Holds::Sent) {
            Holds::Command(command) => {
                slot.commands += 1;
                slot.secret |= command.len() > 5 && command[1] == 0x20;
                Some(command)
            }
            other => {
                slot.holds = other;
                None
            }
        }
    }

    pub(crate) fn answer(&self, answer: Result<Zeroizing<Vec<u8>>, LinkError>) {
        self.slot().holds = Holds::Answer(answer);
    }

    /// Asks the host for the digest that a want signs.
    pub(crate) async fn ask(&self, want: u32) -> Result<Digest, Error> {
        self.slot().holds = Holds::Question(want);
        poll_fn(|_| {
            let mut slot = self.slot();
            match std::mem::replace(&mut slot.holds, Holds::Nothing) {
                Holds::Digest(digest) => Poll::Ready(Ok(digest)),
                // The host gave up instead.
                Holds::Answer(answer) => Poll::Ready(Err(answer.err().unwrap_or(LinkError::Cancelled).into())),
                other => {
                    slot.holds = other;
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The answer to a question.
    pub(crate) fn digest(&self, digest: Digest) {
        self.slot().holds = Holds::Digest(digest);
    }

    /// Whether a secret may stand verified on the card behind this link.
    pub(crate) fn may_be_open(&self) -> bool {
        self.slot().secret
    }

    /// Commands that the host has taken.
    pub(crate) fn commands(&self) -> u32 {
        self.slot().commands
    }
}

impl Transport for Mailbox {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        if command.len() > self.capabilities().max_command {
            return Err(LinkError::TooLong);
        }
        self.slot().holds = Holds::Command(Zeroizing::new(command.to_vec()));
        poll_fn(|_| {
            let mut slot = self.slot();
            match std::mem::replace(&mut slot.holds, Holds::Nothing) {
                Holds::Answer(Ok(bytes)) => Poll::Ready(response.extend(&bytes)),
                Holds::Answer(Err(link)) => Poll::Ready(Err(link)),
                other => {
                    slot.holds = other;
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn capabilities(&self) -> Capabilities {
        self.slot().capabilities
    }
}
