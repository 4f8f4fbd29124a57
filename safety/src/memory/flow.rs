//! What is done with marked secrets before memory is searched.

use super::scan::Needle;
use crate::card::{Card, Kind, Masked};
use crate::model::schedule::poll_once;
use crate::model::world::{At, Fault, Link, World};
use kazasu_core::apdu::{Command, Form};
use kazasu_core::secret::{A, Auth, Kind as SecretType, Secret, Sign};
use kazasu_core::step::{Mailbox, Next, Stepper};
use kazasu_core::{
    AuthPin, Capabilities, Digest, Error, LastTry, LinkError, NumberA, ResponseBuf, Session, SignPassword, TextPin,
    Transport,
};
use std::cell::RefCell;
use std::hint::black_box;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use zeroize::Zeroize;

const AUTH: Masked = Masked::new(b"8316");
const NEW_AUTH: Masked = Masked::new(b"6138");
const WRONG_AUTH: Masked = Masked::new(b"9574");
/// A password that stands nowhere by chance.
pub const SIGN: Masked = Masked::new(b"QX7ZJV5KW3YP9D2M");
const TEXT: Masked = Masked::new(b"7429");
const NUMBER: Masked = Masked::new(b"739204815637");
const RECORD: Masked = Masked::new(b"\xFF\x10\x0C739204815637\xFF\xFF");

/// Everything that must not stay, of at least so many bytes: four digits stand in a busy process by chance.
#[must_use]
pub fn needles(at_least: usize) -> Vec<Needle> {
    let needles = [
        Needle { name: "the PIN in VERIFY", bytes: Masked::new(&[0x20, 0x00, 0x98, 4, 0x38, 0x33, 0x31, 0x36]) },
        Needle { name: "the PIN", bytes: AUTH },
        Needle { name: "the new PIN", bytes: NEW_AUTH },
        Needle { name: "the wrong PIN", bytes: WRONG_AUTH },
        Needle { name: "the password", bytes: SIGN },
        Needle { name: "the text PIN", bytes: TEXT },
        Needle { name: "the My Number", bytes: NUMBER },
    ];
    needles.into_iter().filter(|needle| needle.bytes.plain().count() >= at_least).collect()
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The right PIN, then a signature.
    Sign,
    /// The right password, then the same.
    SignWithPassword,
    /// A wrong PIN.
    Wrong,
    /// Another PIN.
    Change,
    /// The PIN of the text application, then the My Number.
    Number,
    /// The My Number as a secret, then the record that it opens.
    ByNumber,
    /// A secret of a wrong format.
    BadFormat,
}

impl Flow {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Sign, Self::SignWithPassword, Self::Wrong, Self::Change, Self::Number, Self::ByNumber, Self::BadFormat];

    /// At least as many commands as it sends.
    #[must_use]
    pub const fn commands(self) -> u8 {
        match self {
            Self::BadFormat => 0,
            Self::Wrong => 3,
            Self::Change => 5,
            _ => 6,
        }
    }
}

/// How it is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// Polled once on the stack, over a transport that blocks.
    Blocking,
    /// Step by step, operation and mailbox on the heap, as a host keeps them from one call to the next.
    Stepping,
    /// As an executor keeps it: on the heap. The link panics instead of failing.
    Boxed,
}

impl Driver {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Blocking, Self::Stepping, Self::Boxed];
}

/// One run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// What is asked for.
    pub flow: Flow,
    /// How it is driven.
    pub driver: Driver,
    /// What goes wrong.
    pub fault: Option<(Fault, At)>,
}

/// Does it, and forgets everything.
#[inline(never)]
pub fn run(run: Run) {
    let world = RefCell::new(world(run.fault));
    match run.driver {
        Driver::Blocking => {
            let _ = poll_once(perform(run.flow, &mut Session::new(Link::new(&world))));
        }
        Driver::Stepping => step(run.flow, &world),
        Driver::Boxed => {
            let mut session = Session::new(Panicking(Link::new(&world)));
            let operation = Box::pin(perform(run.flow, &mut session));
            let _ = catch_unwind(AssertUnwindSafe(|| poll_once(operation)));
        }
    }
}

/// The card that knows the secrets, and what will go wrong with it.
#[must_use]
pub fn world(fault: Option<(Fault, At)>) -> World {
    // Files are given out in two pieces, so that a number can be on its way when a fault strikes.
    let kind = Kind { gives: 16, ..Kind::default() };
    let card = || Card::new(kind, [AUTH, SIGN, TEXT, NUMBER], RECORD, 0x5A);
    let mut world = World::new([card(), card()]);
    world.begin(true, 9, 9);
    world.armed = fault;
    world
}

fn step(flow: Flow, world: &RefCell<World>) {
    let mailbox = Box::new(Mailbox::<512>::new(Capabilities::EXTENDED));
    let _ = Link::new(world);
    let mut session = Session::new(&*mailbox);
    let mut operation = Box::pin(perform(flow, &mut session));
    let mut stepper = Stepper::new(operation.as_mut(), &mailbox);
    while let Next::Transmit(command) = stepper.next() {
        let mut dropped = false;
        stepper.feed_with(|response| {
            let answer = world.borrow_mut().exchange(1, command.as_slice(), response);
            dropped = answer.is_none();
            answer.unwrap_or(Ok(()))
        });
        if dropped {
            return;
        }
    }
}

/// A link that panics where the inner one fails.
struct Panicking<T>(T);

impl<T: Transport> Transport for Panicking<T> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let answer = self.0.transmit(command, response).await;
        // A panic that nobody is told of.
        answer.map_err(|_| resume_unwind(Box::new("the host's transport panics")))
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

/// Asks the card behind `session` for it. Each secret is typed into a name of its own: one that is typed in the midst of a
/// call that is awaited would be kept twice.
///
/// # Errors
/// What came of it.
pub async fn perform<T: Transport>(flow: Flow, session: &mut Session<T>) -> Result<(), Error> {
    let digest = Digest::Sha256([7; 32]);
    match flow {
        Flow::Sign => {
            let mut jpki = session.jpki().await?;
            let pin: AuthPin = typed(AUTH)?;
            jpki.unlock(pin, LastTry::Refuse).await?.sign(&digest).await?;
        }
        Flow::SignWithPassword => {
            let mut jpki = session.jpki().await?;
            let password: SignPassword = typed(SIGN)?;
            jpki.unlock(password, LastTry::Refuse).await?.sign(&digest).await?;
        }
        Flow::Wrong => {
            let mut jpki = session.jpki().await?;
            let pin: AuthPin = typed(WRONG_AUTH)?;
            jpki.unlock(pin, LastTry::Refuse).await?;
        }
        Flow::Change => {
            let mut jpki = session.jpki().await?;
            let old: AuthPin = typed(AUTH)?;
            let new: AuthPin = typed(NEW_AUTH)?;
            jpki.change(old, new, LastTry::Refuse).await?;
        }
        Flow::Number => {
            let mut text = session.text().await?;
            let pin: TextPin = typed(TEXT)?;
            let mut unlocked = text.unlock(pin, LastTry::Refuse).await?;
            let number = unlocked.my_number().await?;
            black_box(&number);
        }
        Flow::ByNumber => {
            let mut text = session.text().await?;
            let number: NumberA = typed(NUMBER)?;
            let mut unlocked = text.unlock(number, LastTry::Refuse).await?;
            let number = unlocked.my_number().await?;
            black_box(&number);
        }
        Flow::BadFormat => {
            let _ = typed::<Sign>(AUTH);
            let _ = typed::<Auth>(SIGN);
            let _ = typed::<A>(SIGN);
        }
    }
    Ok(())
}

/// Leaves a secret behind on purpose: in a block of the heap that was given back, or in a stack frame that is no more.
#[inline(never)]
pub fn leak(on_the_heap: bool) {
    if on_the_heap {
        let mut block = vec![0; 1 << 12];
        SIGN.write(&mut block[FAR..]);
        drop(black_box(block));
    } else {
        let mut frame = [0; 1 << 14];
        SIGN.write(&mut frame[FAR..]);
        black_box(&mut frame);
    }
}

/// Far from the ends: a free block's first bytes are the allocator's own, and the next call begins at the frame's end.
const FAR: usize = 1_000;

/// What wipes itself when it goes.
#[derive(Debug, Clone, Copy)]
pub enum Thing {
    /// A VERIFY.
    Command,
    /// A password.
    Secret,
    /// A mailbox with an answer in it that nobody has fetched.
    Answer,
}

/// Puts a thing on the heap and gives the block back; `dropped` = the thing is dropped first, as it should be.
#[inline(never)]
pub fn give_back(thing: Thing, dropped: bool) {
    match thing {
        Thing::Command => {
            let mut plain = [0; 17];
            let len = SIGN.write(&mut plain);
            let command = Command::new([0x00, 0x20, 0x00, 0x9B], &plain[..len], 0, Form::Short);
            give_block_back(command, dropped);
        }
        Thing::Secret => give_block_back(typed::<Sign>(SIGN), dropped),
        Thing::Answer => {
            let mailbox = Mailbox::<64>::new(Capabilities::SHORT);
            {
                let mut session = Session::new(&mailbox);
                let operation = pin!(session.text());
                let mut stepper = Stepper::new(operation, &mailbox);
                drop(stepper.next());
                let mut plain = [0; 17];
                let len = RECORD.write(&mut plain);
                stepper.feed(Ok(&plain[..len]));
            }
            give_block_back(mailbox, dropped);
        }
    }
}

fn give_block_back<T>(thing: T, dropped: bool) {
    /// In the order in which it is written.
    #[repr(C)]
    struct Block<T> {
        far: [u8; FAR],
        thing: T,
    }
    let far = [0; FAR];
    if dropped {
        drop(black_box(Box::new(Block { far, thing })));
    } else {
        drop(black_box(Box::new(Block { far, thing: ManuallyDrop::new(thing) })));
    }
}

/// What a careful host does with what is typed: one buffer, wiped.
fn typed<K: SecretType>(masked: Masked) -> Result<Secret<K>, Error> {
    let mut plain = [0; 17];
    let len = masked.write(&mut plain);
    let secret = std::str::from_utf8(&plain[..len]).map(Secret::new);
    plain.zeroize();
    match secret {
        Ok(Ok(secret)) => Ok(secret),
        Ok(Err(reason)) => Err(Error::SecretFormat { kind: K::KIND, reason }),
        Err(_) => Err(Error::Misuse("not text")),
    }
}
