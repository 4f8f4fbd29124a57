//! What sits in the PC/SC double's reader: the world of the two cards with its watcher, and what is armed against the host. Every
//! command is watched where the host hands it to the service: what a driver then says of it proves nothing about the card.

use super::world::{At, Broken, World, due};
use kazasu_core::ResponseBuf;
use kazasu_pcsc::double::{Adversary, Call, Code, Does};
use kazasu_pcsc::plug::VirtualCard;
use std::hash::{DefaultHasher, Hash, Hasher};
use zeroize::Zeroize;

/// How the caller cancels, at the edge of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// Nothing more is sent, and the core is told so.
    Told,
    /// The operation is dropped before the command is sent.
    DroppedBefore,
    /// The operation is dropped after it.
    DroppedAfter,
}

/// The world, as the double knows it.
#[derive(Debug)]
pub struct Reader {
    /// Cards and watcher.
    pub world: World,
    /// What goes wrong with a command.
    pub armed: Option<(Does, At)>,
    /// What goes wrong with the next call of this kind.
    pub at_call: Vec<(Call, Does)>,
    /// The caller cancels.
    pub cancel: Option<(Cancel, At)>,
    /// The transport has said that it is at its end.
    pub over: bool,
    /// The driver hangs in this command or while we open, or has said itself that time was over: only then may time be over.
    pub may_time_out: bool,
    /// The command that the core has handed to its transport.
    asked: Option<u64>,
}

impl Reader {
    /// Before anything happened.
    #[must_use]
    pub const fn new(world: World) -> Self {
        let (armed, cancel, asked) = (None, None, None);
        Self { world, armed, at_call: Vec::new(), cancel, over: false, may_time_out: false, asked }
    }

    /// The core hands this command to its transport, which may send it once.
    pub fn ask(&mut self, command: &[u8]) {
        self.asked = Some(hash(command));
        // What was said before is no reason for this one; but a transport that is at its end says so again.
        self.may_time_out &= self.over;
    }

    /// The transport has answered.
    pub const fn answered(&mut self) {
        self.asked = None;
    }
}

fn hash(command: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    command.hash(&mut hasher);
    hasher.finish()
}

impl Adversary for Reader {
    fn is_open(&self) -> bool {
        self.world.cards[self.world.here].is_open()
    }

    fn meets(&mut self, call: Call, command: &[u8]) -> Option<Does> {
        let does = if call == Call::Transmit {
            if self.asked.take() != Some(hash(command)) {
                self.world.note(Broken::Resent);
            }
            if self.over {
                self.world.note(Broken::SentAfterTheEnd);
            }
            let carries_a_secret = self.world.watch(command, self.world.generation);
            due(&mut self.armed, carries_a_secret)
        } else {
            let at = self.at_call.iter().position(|(which, _)| *which == call);
            at.map(|at| self.at_call.remove(at).1)
        };
        self.may_time_out |= match does {
            Some(Does::Hang) => true,
            Some(Does::Fail(code) | Does::FailAfterwards(code)) => {
                matches!(code, Code::Timeout | Code::SharingViolation | Code::ServerTooBusy)
            }
            _ => false,
        };
        does
    }
}

impl VirtualCard for Reader {
    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0x80, 0x80, 0x01, 0x01]
    }

    fn power_on(&mut self) {}

    fn power_off(&mut self) {
        self.world.card().power_cycle();
    }

    fn reset(&mut self) {
        self.world.card().warm_reset();
    }

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = [0; 600];
        let mut response = ResponseBuf::new(&mut bytes);
        let answered = self.world.act(command, &mut response);
        let response = response.as_slice().to_vec();
        bytes.zeroize();
        answered.ok().map(|()| response)
    }
}
