//! A PC/SC service made of software, for tests: one reader, a card in it, other programs beside us, and an [`Adversary`] that says
//! what goes wrong at which call. Built into this crate only by its feature `double`.
//!
//! It is strict: a command outside a transaction or after the connection's end is written down as a broken rule. It writes down every call and its result, and never a command.

use std::cell::Cell;
use std::ffi::{CStr, CString};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pcsc::State;
use pcsc::ffi::DWORD;
pub use pcsc::{Disposition, Error as Code};

use crate::error::PcscError;
use crate::plug::VirtualCard;
use crate::readers::{self, Reader};
use crate::service::{self, Service, Status};
use crate::transport::{OpenOptions, PcscTransport};

/// A call of the seam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the PC/SC call of that name")]
pub enum Call {
    Establish,
    ListReaders,
    StatusChange,
    Connect,
    Begin,
    Reconnect,
    Status,
    Control,
    Transmit,
    End,
    Disconnect,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What was called.
    pub call: Call,
    /// How the card was to be left, where the call says that.
    pub disposition: Option<Disposition>,
    /// What came of it.
    pub result: Result<(), Code>,
}

/// How a call does not go well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Fails, and nothing was done.
    Fail(Code),
    /// Fails, though it was done: the answer is lost.
    FailAfterwards(Code),
    /// Does not return until [`Double::wake`]; then it is done.
    Hang,
    /// As the `pcsc` crate does in a debug build when it meets a code that it does not know.
    Panic,
    /// Answers with so many bytes of the response.
    Truncate(usize),
    /// Just before it, another program resets the card; the card keeps what was verified.
    AfterReset,
    /// Just before it, the card is taken away; the driver says this.
    AfterRemoval(Code),
    /// Just before it, the service stops and starts again.
    AfterRestart,
}

/// The card in the double's reader, and what goes wrong with it.
pub trait Adversary: VirtualCard + Send + 'static {
    /// Whether a key stands open on the card.
    fn is_open(&self) -> bool;

    /// Told of every call before it is done, with the command if it carries one: what goes wrong with it?
    fn meets(&mut self, call: Call, command: &[u8]) -> Option<Does>;
}

/// One way to do what a host must not do: a double with a flaw answers as if the host above it had it. A check of the promises
/// that sees no difference is no check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// After "the card was reset" it reconnects and sends the command again.
    ResendsAfterReset,
    /// It sends the command again when another program had the card.
    ResendsWhenBusy,
    /// It sends the command again when the driver says that it failed.
    ResendsAfterFailure,
    /// After "the card was reset" it reconnects without a word, and the next command goes to the card.
    GoesOnAfterReset,
    /// It leaves the card as it is.
    KeepsThePower,
    /// It resets the card, which keeps what was verified.
    ResetsOnly,
    /// It ends the transaction first and takes the power then.
    LetsGoTooEarly,
    /// It says that the keys are closed, whatever the service said.
    SaysClosed,
    /// It does not take the card for itself.
    HoldsNothing,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ResendsAfterReset,
        Self::ResendsWhenBusy,
        Self::ResendsAfterFailure,
        Self::GoesOnAfterReset,
        Self::KeepsThePower,
        Self::ResetsOnly,
        Self::LetsGoTooEarly,
        Self::SaysClosed,
        Self::HoldsNothing,
    ];

    /// How a host with this flaw leaves the card where it should be left so.
    fn disposition(flaw: Option<Self>, call: Call, disposition: Disposition) -> Disposition {
        match flaw {
            Some(Self::KeepsThePower) => Disposition::LeaveCard,
            Some(Self::ResetsOnly) if disposition == Disposition::UnpowerCard => Disposition::ResetCard,
            Some(Self::LetsGoTooEarly) if call == Call::End => Disposition::LeaveCard,
            Some(Self::LetsGoTooEarly) => Disposition::UnpowerCard,
            _ => disposition,
        }
    }
}

/// The service, and a connection to it for each clone.
pub struct Double<A> {
    shared: Arc<(Mutex<Inner<A>>, Condvar)>,
    flaw: Option<Flaw>,
}

impl<A> Clone for Double<A> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), flaw: self.flaw }
    }
}

/// What another program does with the card when its turn comes.
type Visit<A> = Box<dyn FnOnce(&mut A) + Send>;

struct Inner<A> {
    card: A,
    present: bool,
    runs: bool,
    /// How the world stands; a connection knows how it stood.
    now: Standing,
    holder: Option<Holder>,
    /// Other programs that wait until our transaction ends.
    waiting: Vec<Visit<A>>,
    /// How many connections wait until a transaction ends.
    queue: usize,
    awake: bool,
    /// Cuts the response that is on its way.
    cut: Option<usize>,
    log: Vec<Entry>,
    exposed: bool,
    broken: Option<&'static str>,
}

/// How often somebody connected, the service was started, a card put in, and that card reset.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Standing {
    connections: u32,
    service: u32,
    card: u32,
    resets: u32,
}

/// Who has the card for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// A connection of ours, by its number.
    Ours(u32),
    Theirs {
        exclusive: bool,
    },
}

/// The name of the double's reader.
pub const READER: &str = "Double 00 00";

/// The reader tells that it carries extended length: `12 04` and a control code, then `0A 04` and 65536.
const FEATURES: &[u8] = &[0x12, 4, 0x42, 0x33, 0x00, 0x12];
const PROPERTIES: &[u8] = &[0x0A, 4, 0x00, 0x00, 0x01, 0x00];

impl<A: Adversary> Double<A> {
    /// A service that runs, with this card in its reader.
    pub fn around(mut card: A) -> Self {
        card.power_off();
        let inner = Inner {
            card,
            present: true,
            runs: true,
            now: Standing { connections: 0, service: 0, card: 0, resets: 0 },
            holder: None,
            waiting: Vec::new(),
            queue: 0,
            awake: false,
            cut: None,
            log: Vec::new(),
            exposed: false,
            broken: None,
        };
        Self { shared: Arc::new((Mutex::new(inner), Condvar::new())), flaw: None }
    }

    /// The same service, as a host with this flaw uses it.
    #[must_use]
    pub fn with_flaw(mut self, flaw: Option<Flaw>) -> Self {
        self.flaw = flaw;
        self
    }

    /// [`readers::list`] on this service.
    ///
    /// # Errors
    /// As there.
    pub fn list(&self) -> Result<Vec<Reader>, PcscError> {
        readers::list_on(self)
    }

    /// [`readers::wait_for_card`] on this service.
    ///
    /// # Errors
    /// As there.
    pub fn wait_for_card(&self, wanted: Option<&str>, patience: Duration) -> Result<Reader, PcscError> {
        readers::wait_for_card_on(self, wanted, patience)
    }

    /// [`OpenOptions::open`] on this service.
    ///
    /// # Errors
    /// As there.
    pub fn open(&self, options: &OpenOptions, reader: &Reader) -> Result<PcscTransport, PcscError> {
        options.open_on(self.clone(), reader)
    }

    /// Asks or changes the card.
    pub fn with<R>(&self, ask: impl FnOnce(&mut A) -> R) -> R {
        ask(&mut self.lock().card)
    }

    /// Every call that hangs returns.
    pub fn wake(&self) {
        self.lock().awake = true;
        self.shared.1.notify_all();
    }

    /// The card is taken out.
    pub fn remove(&self) {
        self.lock().remove();
        self.shared.1.notify_all();
    }

    /// The card, or what `change` makes of it, is put in; connections to the one before are dead.
    pub fn insert(&self, change: impl FnOnce(&mut A)) {
        let mut inner = self.lock();
        inner.remove();
        change(&mut inner.card);
        inner.card.power_on();
        inner.present = true;
        drop(inner);
        self.shared.1.notify_all();
    }

    /// Whether a card is in the reader.
    pub fn is_present(&self) -> bool {
        self.lock().present
    }

    /// Another program resets the card although it is not its own (Windows lets it after five idle seconds), and uses it.
    pub fn reset(&self, then: impl FnOnce(&mut A)) {
        let mut inner = self.lock();
        inner.reset();
        then(&mut inner.card);
    }

    /// Another program resets and uses the card, as soon as it is nobody's own.
    pub fn visit(&self, visit: impl FnOnce(&mut A) + Send + 'static) {
        let mut inner = self.lock();
        inner.waiting.push(Box::new(visit));
        inner.let_in();
    }

    /// Another program takes the card for itself, if it is nobody's; `exclusive` = nobody else may connect.
    pub fn take(&self, exclusive: bool) {
        let mut inner = self.lock();
        if inner.runs && inner.holder.is_none() {
            inner.holder = Some(Holder::Theirs { exclusive });
        }
    }

    /// Whether one has it.
    pub fn is_taken(&self) -> bool {
        matches!(self.lock().holder, Some(Holder::Theirs { .. }))
    }

    /// That program lets it go.
    pub fn give_back(&self) {
        let mut inner = self.lock();
        if matches!(inner.holder, Some(Holder::Theirs { .. })) {
            inner.holder = None;
            inner.let_in();
        }
        drop(inner);
        self.shared.1.notify_all();
    }

    /// The service dies. The card keeps its power, and what was verified: nobody is there to take it.
    pub fn stop(&self) {
        self.lock().stop();
        self.shared.1.notify_all();
    }

    /// The service is started again; what was connected before stays dead.
    pub fn start(&self) {
        let mut inner = self.lock();
        inner.runs = true;
        inner.let_in();
    }

    /// Waits until nobody is connected any more, but for those who wait for another program's transaction to end; `false` when
    /// somebody stays longer than `limit`.
    #[must_use]
    pub fn wait_until_left(&self, limit: Duration) -> bool {
        let start = Instant::now();
        while Arc::strong_count(&self.shared) > 1 + self.in_line() {
            if start.elapsed() > limit {
                return false;
            }
            thread::sleep(Duration::from_micros(20));
        }
        true
    }

    /// How many clones those have who wait for another program's transaction to end.
    fn in_line(&self) -> usize {
        // The worker's, its context's and its card's.
        const EACH: usize = 3;
        if self.is_taken() { EACH * self.lock().queue } else { 0 }
    }

    /// Every call so far, or since [`Double::forget`].
    pub fn log(&self) -> Vec<Entry> {
        self.lock().log.clone()
    }

    /// Begins a new log.
    pub fn forget(&self) {
        let mut inner = self.lock();
        inner.log.clear();
        inner.exposed = false;
    }

    /// Whether the card was let go while a key was open.
    pub fn exposed(&self) -> bool {
        self.lock().exposed
    }

    /// The last rule that was broken.
    pub fn broken(&self) -> Option<&'static str> {
        self.lock().broken
    }

    /// The card, out of the reader; `None` while somebody is connected.
    pub fn into_card(self) -> Option<A> {
        let inner = Arc::into_inner(self.shared)?.0;
        Some(inner.into_inner().unwrap_or_else(PoisonError::into_inner).card)
    }

    fn lock(&self) -> MutexGuard<'_, Inner<A>> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call: the adversary first, then `work`, then the log.
    fn call<R>(
        &self,
        call: Call,
        disposition: Option<Disposition>,
        command: &[u8],
        work: impl FnOnce(&mut Inner<A>) -> Result<R, Code>,
    ) -> Result<R, Code> {
        let mut inner = self.lock();
        let fault = inner.card.meets(call, command);
        // Written down as it begins, so that one that hangs is seen.
        let at = inner.log.len();
        inner.log.push(Entry { call, disposition, result: Ok(()) });
        let result = match fault {
            Some(Does::Fail(error)) => Err(error),
            Some(Does::FailAfterwards(error)) => work(&mut inner).and(Err(error)),
            Some(Does::Hang) => {
                inner.awake = false;
                inner = self.shared.1.wait_while(inner, |inner| !inner.awake).unwrap_or_else(PoisonError::into_inner);
                work(&mut inner)
            }
            Some(Does::Panic) => {
                drop(inner);
                panic!("this panic is part of the test");
            }
            Some(Does::Truncate(length)) => {
                inner.cut = Some(length);
                work(&mut inner)
            }
            Some(Does::AfterReset) => {
                inner.reset();
                work(&mut inner)
            }
            Some(Does::AfterRemoval(error)) => {
                inner.remove();
                Err(error)
            }
            Some(Does::AfterRestart) => {
                inner.stop();
                inner.runs = true;
                work(&mut inner)
            }
            None => work(&mut inner),
        };
        inner.log[at].result = result.as_ref().map(|_| ()).map_err(|error| *error);
        drop(inner);
        // Whoever waits for the card looks again.
        self.shared.1.notify_all();
        result
    }
}

impl<A: Adversary> Inner<A> {
    /// What the service says of a card that was taken away or reset behind our back.
    fn look(&self, known: Standing) -> Result<(), Code> {
        if !self.runs || known.service != self.now.service {
            return Err(Code::ServiceStopped);
        }
        if !self.present || known.card != self.now.card {
            return Err(Code::RemovedCard);
        }
        if known.resets == self.now.resets { Ok(()) } else { Err(Code::ResetCard) }
    }

    fn holds(&self, known: Standing) -> bool {
        self.holder == Some(Holder::Ours(known.connections))
    }

    fn serves(&self, since: u32) -> Result<(), Code> {
        if self.runs && since == self.now.service { Ok(()) } else { Err(Code::ServiceStopped) }
    }

    fn rule(&mut self, kept: bool, rule: &'static str) {
        if !kept {
            self.broken = Some(rule);
        }
    }

    /// A warm reset leaves what was verified (Measured); only the power takes it.
    fn reset(&mut self) {
        self.now.resets += 1;
        self.card.reset();
    }

    fn remove(&mut self) {
        self.present = false;
        self.now.card += 1;
        self.card.power_off();
    }

    fn stop(&mut self) {
        self.runs = false;
        self.now.service += 1;
        self.holder = None;
    }

    /// Those who wait have their turn.
    fn let_in(&mut self) {
        while self.runs && self.holder.is_none() && !self.waiting.is_empty() {
            let visit = self.waiting.remove(0);
            self.reset();
            visit(&mut self.card);
        }
    }

    fn part(&mut self, known: Standing, disposition: Disposition) {
        match disposition {
            Disposition::UnpowerCard => self.card.power_off(),
            Disposition::ResetCard => self.card.reset(),
            _ => {}
        }
        if self.holds(known) {
            self.exposed |= self.card.is_open();
            self.holder = None;
            self.let_in();
        }
    }
}

impl<A: Adversary> Service for Double<A> {
    type Context = Context<A>;

    fn establish(&self) -> Result<Context<A>, Code> {
        let since = self.call(Call::Establish, None, &[], |inner| {
            if inner.runs { Ok(inner.now.service) } else { Err(Code::NoService) }
        })?;
        Ok(Context { service: self.clone(), since })
    }
}

/// A connection to the double.
pub(crate) struct Context<A> {
    service: Double<A>,
    since: u32,
}

impl<A: Adversary> service::Context for Context<A> {
    type Card = Card<A>;
    type ReaderState = ReaderState;

    fn list_readers(&self) -> Result<Vec<CString>, Code> {
        self.service.call(Call::ListReaders, None, &[], |inner| {
            inner.serves(self.since)?;
            Ok(vec![CString::new(READER).expect("no NUL")])
        })
    }

    /// Nobody waits here: where nothing has changed, the time is over at once.
    fn get_status_change(&self, _time: Duration, states: &mut [ReaderState]) -> Result<(), Code> {
        self.service.call(Call::StatusChange, None, &[], |inner| {
            inner.serves(self.since)?;
            let now = if inner.present { State::PRESENT } else { State::EMPTY };
            let mut changed = false;
            for state in states.iter_mut() {
                changed |= state.known != Some(now);
                state.event = now;
                state.atr = if inner.present { inner.card.atr() } else { Vec::new() };
            }
            if changed { Ok(()) } else { Err(Code::Timeout) }
        })
    }

    fn connect(&self, _reader: &CStr) -> Result<Card<A>, Code> {
        let known = self.service.call(Call::Connect, None, &[], |inner| {
            inner.serves(self.since)?;
            match inner.holder {
                Some(Holder::Theirs { exclusive: true }) => Err(Code::SharingViolation),
                _ if inner.present => {
                    inner.now.connections += 1;
                    Ok(inner.now)
                }
                _ => Err(Code::NoSmartcard),
            }
        })?;
        Ok(Card { service: self.service.clone(), connected: true, known: Cell::new(known), over: Cell::new(false) })
    }
}

/// The double's reader, as it is known.
pub(crate) struct ReaderState {
    name: CString,
    known: Option<State>,
    event: State,
    atr: Vec<u8>,
}

impl service::ReaderState for ReaderState {
    fn unaware(name: CString) -> Self {
        Self { name, known: None, event: State::UNAWARE, atr: Vec::new() }
    }

    fn name(&self) -> &CStr {
        &self.name
    }

    fn event_state(&self) -> State {
        self.event
    }

    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn sync_current_state(&mut self) {
        self.known = Some(self.event);
    }
}

/// A connection to the double's card.
pub(crate) struct Card<A: Adversary> {
    service: Double<A>,
    connected: bool,
    /// How the world stood when it was connected.
    known: Cell<Standing>,
    /// The service has said that this card, or the way to it, is gone.
    over: Cell<bool>,
}

impl<A: Adversary> Card<A> {
    /// Takes note of a reset; what became of a card that is gone stays so.
    fn take_note(&self, inner: &Inner<A>) {
        self.known.set(Standing { resets: inner.now.resets, ..self.known.get() });
    }
}

impl<A: Adversary> service::Card for Card<A> {
    type Transaction<'c> = Transaction<'c, A>;

    fn begin_transaction(&mut self) -> Result<Transaction<'_, A>, (&mut Self, Code)> {
        if self.service.flaw == Some(Flaw::HoldsNothing) {
            return Ok(Transaction { card: self, ended: false });
        }
        // Whoever else has a transaction is waited for.
        let mut inner = self.service.lock();
        inner.queue += 1;
        let held = |inner: &mut Inner<A>| inner.holder.is_some() && inner.look(self.known.get()).is_ok();
        inner = self.service.shared.1.wait_while(inner, held).unwrap_or_else(PoisonError::into_inner);
        inner.queue -= 1;
        drop(inner);
        let begun = self.service.call(Call::Begin, None, &[], |inner| {
            inner.look(self.known.get())?;
            if inner.holder.is_some() {
                return Err(Code::SharingViolation);
            }
            inner.holder = Some(Holder::Ours(self.known.get().connections));
            Ok(())
        });
        match begun {
            Ok(()) => Ok(Transaction { card: self, ended: false }),
            Err(error) => Err((self, error)),
        }
    }

    fn reconnect(&mut self, disposition: Disposition) -> Result<(), Code> {
        self.service.call(Call::Reconnect, Some(disposition), &[], |inner| {
            self.take_note(inner);
            inner.part(self.known.get(), disposition);
            inner.look(self.known.get())
        })
    }

    fn disconnect(mut self, disposition: Disposition) -> Result<(), (Self, Code)> {
        let disposition = Flaw::disposition(self.service.flaw, Call::Disconnect, disposition);
        let known = self.known.get();
        let disconnected = self.service.call(Call::Disconnect, Some(disposition), &[], |inner| {
            // A connection that is dead can do nothing to the card that is there now.
            if let Err(gone @ (Code::ServiceStopped | Code::RemovedCard)) = inner.look(known) {
                return Err(gone);
            }
            inner.part(known, disposition);
            Ok(())
        });
        match disconnected {
            Ok(()) => {
                self.connected = false;
                Ok(())
            }
            Err(_) if self.service.flaw == Some(Flaw::SaysClosed) => Ok(()),
            Err(error) => Err((self, error)),
        }
    }
}

impl<A: Adversary> Drop for Card<A> {
    /// As the `pcsc` crate's. Whatever comes of it, with the connection its transaction ends.
    fn drop(&mut self) {
        let known = self.known.get();
        if self.connected {
            let _ = self.service.call(Call::Disconnect, Some(Disposition::ResetCard), &[], |inner| {
                inner.serves(known.service)?;
                if known.card == inner.now.card {
                    inner.part(known, Disposition::ResetCard);
                }
                Ok(())
            });
        }
        let mut inner = self.service.lock();
        if inner.serves(known.service).is_ok() {
            inner.part(known, Disposition::LeaveCard);
        }
        drop(inner);
        self.service.shared.1.notify_all();
    }
}

/// The double's card, ours alone.
pub(crate) struct Transaction<'c, A: Adversary> {
    card: &'c mut Card<A>,
    ended: bool,
}

impl<A: Adversary> Transaction<'_, A> {
    fn end_by(&self, disposition: Disposition) -> Result<(), Code> {
        let disposition = Flaw::disposition(self.card.service.flaw, Call::End, disposition);
        let known = self.card.known.get();
        self.card.service.call(Call::End, Some(disposition), &[], |inner| {
            inner.look(known)?;
            inner.rule(inner.holds(known), "the end of a transaction that is not there");
            inner.part(known, disposition);
            Ok(())
        })
    }

    fn carry(&self, command: &[u8], receive: &mut [u8]) -> Result<usize, Code> {
        let known = self.card.known.get();
        let carried = self.card.service.call(Call::Transmit, None, command, |inner| {
            inner.rule(!self.card.over.get(), "a command after the connection's end");
            inner.look(known)?;
            inner.rule(inner.holds(known), "a command outside a transaction");
            let mut response = inner.card.transmit(command).ok_or(Code::NotTransacted)?;
            response.truncate(inner.cut.take().unwrap_or(response.len()));
            let room = receive.get_mut(..response.len()).ok_or(Code::InsufficientBuffer)?;
            room.copy_from_slice(&response);
            Ok(response.len())
        });
        let gone = matches!(carried, Err(Code::ResetCard | Code::RemovedCard | Code::ServiceStopped));
        self.card.over.set(gone || self.card.over.get());
        carried
    }
}

impl<A: Adversary> service::Transaction for Transaction<'_, A> {
    fn status(&self) -> Result<Status, Code> {
        let known = self.card.known.get();
        self.card.service.call(Call::Status, None, &[], |inner| {
            inner.look(known)?;
            Ok(Status { atr: inner.card.atr(), t0: false })
        })
    }

    fn transmit(&self, command: &[u8], receive: &mut [u8]) -> Result<usize, Code> {
        let first = self.carry(command, receive);
        match (self.card.service.flaw, first) {
            (Some(Flaw::ResendsAfterReset), Err(Code::ResetCard)) => {
                self.card.take_note(&self.card.service.lock());
                self.carry(command, receive)
            }
            (Some(Flaw::GoesOnAfterReset), Err(Code::ResetCard)) => {
                self.card.take_note(&self.card.service.lock());
                Err(Code::NotTransacted)
            }
            (Some(Flaw::ResendsWhenBusy), Err(Code::SharingViolation))
            | (Some(Flaw::ResendsAfterFailure), Err(Code::NotTransacted | Code::CommError)) => {
                self.carry(command, receive)
            }
            (_, first) => first,
        }
    }

    fn control<'b>(&self, code: DWORD, receive: &'b mut [u8]) -> Result<&'b [u8], Code> {
        let says = if code == 0x4233_0012 { PROPERTIES } else { FEATURES };
        let known = self.card.known.get();
        self.card.service.call(Call::Control, None, &[], |inner| inner.look(known))?;
        receive[..says.len()].copy_from_slice(says);
        Ok(&receive[..says.len()])
    }

    fn end(mut self, disposition: Disposition) -> Result<(), (Self, Code)> {
        match self.end_by(disposition) {
            Ok(()) => {
                self.ended = true;
                Ok(())
            }
            Err(error) => Err((self, error)),
        }
    }
}

impl<A: Adversary> Drop for Transaction<'_, A> {
    /// As the `pcsc` crate's.
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.end_by(Disposition::LeaveCard);
        }
    }
}
