//! A PC/SC service for tests: one reader with the simulated card in it, and a script of what goes wrong at which call.
//!
//! It is strict: a command outside a transaction, a second transaction, a command that it has seen before are written down as
//! broken rules. It writes down every call and its result, and never a command.

use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use kazasu_fixtures::SimCard;
use kazasu_fixtures::sim::Tally;
use pcsc::ffi::DWORD;
use pcsc::{Disposition, Error, State};

use crate::service::{self, Service, Status};

/// A call of the seam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
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

/// What happened: a call, how the card was to be left where the call says that, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) call: Call,
    pub(crate) disposition: Option<Disposition>,
    pub(crate) result: Result<(), Error>,
}

/// One line of the script: the `nth` call of this kind, counted from 0, does not go well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) call: Call,
    pub(crate) nth: usize,
    pub(crate) lasts: Lasts,
    pub(crate) does: Does,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// For this one call.
    Once,
    /// For every call of its kind from here on.
    ForThisCall,
    /// For every call of any kind from here on.
    ForEverything,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Fails, and nothing was done.
    Fail(Error),
    /// Fails, though it was done: the answer is lost.
    FailAfterwards(Error),
    /// Does not return until [`Double::wake`].
    Hang,
    /// As the `pcsc` crate does in a debug build when it meets a code that it does not know.
    Panic,
    /// Answers with so many bytes of the response.
    Truncate(usize),
    /// Just before it, another program resets the card; the card keeps what was verified.
    AfterReset,
    /// Just before it, the card is taken away; the driver says this.
    AfterRemoval(Error),
}

/// The service, and a connection to it for each clone.
#[derive(Clone)]
pub(crate) struct Double(Arc<(Mutex<Inner>, Condvar)>);

struct Inner {
    card: SimCard,
    /// What the card had seen when it came into the reader.
    before: Tally,
    present: bool,
    /// The connection does not know yet that the card was reset.
    reset: bool,
    /// A transaction is held.
    held: bool,
    awake: bool,
    script: Vec<Fault>,
    log: Vec<Entry>,
    commands: HashSet<u64>,
    /// The transaction was let go while a key was open.
    exposed: bool,
    broken: Option<&'static str>,
}

pub(crate) const READER: &str = "Double 00 00";

/// The reader tells that it carries extended length: `12 04` and a control code, then `0A 04` and 65536.
const FEATURES: &[u8] = &[0x12, 4, 0x42, 0x33, 0x00, 0x12];
const PROPERTIES: &[u8] = &[0x0A, 4, 0x00, 0x00, 0x01, 0x00];

impl Double {
    pub(crate) fn new(mut card: SimCard, script: Vec<Fault>) -> Self {
        card.power_cycle();
        let inner = Inner {
            before: card.tally(),
            card,
            present: true,
            reset: false,
            held: false,
            awake: false,
            script,
            log: Vec::new(),
            commands: HashSet::new(),
            exposed: false,
            broken: None,
        };
        Self(Arc::new((Mutex::new(inner), Condvar::new())))
    }

    /// Every call that hangs returns, now and from now on.
    pub(crate) fn wake(&self) {
        self.lock().awake = true;
        self.0.1.notify_all();
    }

    /// From now on nothing goes wrong, and the card is back in its reader, without power in between if it was away.
    pub(crate) fn heal(&self) {
        let mut inner = self.lock();
        inner.script.clear();
        if !inner.present {
            inner.card.power_cycle();
        }
        (inner.present, inner.reset, inner.awake) = (true, false, true);
        inner.commands.clear();
        drop(inner);
        self.0.1.notify_all();
    }

    /// Waits until nobody is connected any more.
    pub(crate) fn wait_until_left(&self) {
        let start = Instant::now();
        while Arc::strong_count(&self.0) > 1 {
            assert!(start.elapsed() < Duration::from_secs(20), "somebody stays connected: {:?}", self.log());
            thread::sleep(Duration::from_micros(50));
        }
    }

    pub(crate) fn log(&self) -> Vec<Entry> {
        self.lock().log.clone()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.log().iter().map(|entry| entry.call).collect()
    }

    pub(crate) fn count(&self, call: Call) -> usize {
        self.log().iter().filter(|entry| entry.call == call).count()
    }

    pub(crate) fn exposed(&self) -> bool {
        self.lock().exposed
    }

    pub(crate) fn broken(&self) -> Option<&'static str> {
        self.lock().broken
    }

    pub(crate) fn card<R>(&self, ask: impl FnOnce(&SimCard) -> R) -> R {
        ask(&self.lock().card)
    }

    /// VERIFY commands that the card has seen in this reader.
    pub(crate) fn secrets(&self) -> usize {
        let inner = self.lock();
        inner.card.tally().secrets - inner.before.secrets
    }

    /// The card, out of the reader.
    pub(crate) fn into_card(self) -> SimCard {
        let inner = Arc::into_inner(self.0).expect("everybody has left").0;
        inner.into_inner().unwrap_or_else(PoisonError::into_inner).card
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call: the script first, then `work`, then the log.
    fn call<R>(
        &self,
        call: Call,
        disposition: Option<Disposition>,
        work: impl FnOnce(&mut Inner) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut inner = self.lock();
        let fault = inner.fault(call);
        // Written down as it begins, so that one that hangs is seen.
        let at = inner.log.len();
        inner.log.push(Entry { call, disposition, result: Ok(()) });
        let result = match fault {
            Some(Does::Fail(error)) => Err(error),
            Some(Does::FailAfterwards(error)) => work(&mut inner).and(Err(error)),
            Some(Does::Hang) => {
                inner = self.0.1.wait_while(inner, |inner| !inner.awake).unwrap_or_else(PoisonError::into_inner);
                work(&mut inner)
            }
            Some(Does::Panic) => {
                drop(inner);
                panic!("this panic is part of the test");
            }
            Some(Does::AfterReset) => {
                inner.reset = true;
                work(&mut inner)
            }
            Some(Does::AfterRemoval(error)) => {
                inner.present = false;
                inner.card.power_cycle();
                Err(error)
            }
            Some(Does::Truncate(_)) | None => work(&mut inner),
        };
        inner.log[at].result = result.as_ref().map(|_| ()).map_err(|error| *error);
        result
    }
}

impl Inner {
    fn fault(&self, call: Call) -> Option<Does> {
        let count = |of| self.log.iter().filter(|entry| entry.call == of).count();
        let holds = |fault: &&Fault| match fault.lasts {
            Lasts::Once => fault.call == call && count(call) == fault.nth,
            Lasts::ForThisCall => fault.call == call && count(call) >= fault.nth,
            Lasts::ForEverything => count(fault.call) > fault.nth || fault.call == call && count(call) == fault.nth,
        };
        self.script.iter().find(holds).map(|fault| fault.does)
    }

    /// The script's word about the transmission that has just been written down.
    fn truncated(&self) -> Option<usize> {
        let nth = self.log.iter().filter(|entry| entry.call == Call::Transmit).count() - 1;
        self.script.iter().find_map(|fault| match fault.does {
            Does::Truncate(length) if fault.nth == nth => Some(length),
            _ => None,
        })
    }

    /// What the service says of a card that was taken away or reset behind our back.
    fn look(&self) -> Result<(), Error> {
        match (self.present, self.reset) {
            (false, _) => Err(Error::RemovedCard),
            (true, true) => Err(Error::ResetCard),
            (true, false) => Ok(()),
        }
    }

    fn rule(&mut self, kept: bool, rule: &'static str) {
        if !kept {
            self.broken = Some(rule);
        }
    }

    /// A warm reset leaves what was verified (Measured); only the power takes it.
    fn part(&mut self, disposition: Disposition) {
        if disposition == Disposition::UnpowerCard {
            self.card.power_cycle();
        }
        if self.held {
            self.exposed |= self.card.is_open();
        }
        self.held = false;
    }
}

impl Service for Double {
    type Context = Context;

    fn establish(&self) -> Result<Context, Error> {
        self.call(Call::Establish, None, |_| Ok(()))?;
        Ok(Context(self.clone()))
    }
}

pub(crate) struct Context(Double);

impl service::Context for Context {
    type Card = Card;
    type ReaderState = ReaderState;

    fn list_readers(&self) -> Result<Vec<CString>, Error> {
        self.0.call(Call::ListReaders, None, |_| Ok(vec![CString::new(READER).expect("no NUL")]))
    }

    /// Nobody waits here: where nothing has changed, the time is over at once.
    fn get_status_change(&self, _time: Duration, states: &mut [ReaderState]) -> Result<(), Error> {
        self.0.call(Call::StatusChange, None, |inner| {
            let now = if inner.present { State::PRESENT } else { State::EMPTY };
            let mut changed = false;
            for state in states.iter_mut() {
                changed |= state.known != Some(now);
                state.event = now;
                state.atr = if inner.present { inner.card.atr() } else { Vec::new() };
            }
            if changed { Ok(()) } else { Err(Error::Timeout) }
        })
    }

    fn connect(&self, _reader: &CStr) -> Result<Card, Error> {
        self.0.call(Call::Connect, None, |inner| if inner.present { Ok(()) } else { Err(Error::NoSmartcard) })?;
        Ok(Card { service: self.0.clone(), connected: true })
    }
}

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

pub(crate) struct Card {
    service: Double,
    connected: bool,
}

impl service::Card for Card {
    type Transaction<'c> = Transaction<'c>;

    fn begin_transaction(&mut self) -> Result<Transaction<'_>, (&mut Self, Error)> {
        let begun = self.service.call(Call::Begin, None, |inner| {
            inner.rule(!inner.held, "a second transaction");
            inner.look()?;
            inner.held = true;
            Ok(())
        });
        match begun {
            Ok(()) => Ok(Transaction { card: self, ended: false }),
            Err(error) => Err((self, error)),
        }
    }

    fn reconnect(&mut self, disposition: Disposition) -> Result<(), Error> {
        self.service.call(Call::Reconnect, Some(disposition), |inner| {
            inner.reset = false;
            inner.part(disposition);
            inner.look()
        })
    }

    fn disconnect(mut self, disposition: Disposition) -> Result<(), (Self, Error)> {
        let disconnected = self.service.call(Call::Disconnect, Some(disposition), |inner| {
            inner.part(disposition);
            if inner.present { Ok(()) } else { Err(Error::RemovedCard) }
        });
        match disconnected {
            Ok(()) => {
                self.connected = false;
                Ok(())
            }
            Err(error) => Err((self, error)),
        }
    }
}

impl Drop for Card {
    /// As the `pcsc` crate's. Whatever comes of it, with the connection its transaction ends.
    fn drop(&mut self) {
        if self.connected {
            let _ = self.service.call(Call::Disconnect, Some(Disposition::ResetCard), |inner| {
                inner.part(Disposition::ResetCard);
                Ok(())
            });
        }
        self.service.lock().part(Disposition::LeaveCard);
    }
}

pub(crate) struct Transaction<'c> {
    card: &'c mut Card,
    ended: bool,
}

impl Transaction<'_> {
    fn end_by(&self, disposition: Disposition) -> Result<(), Error> {
        self.card.service.call(Call::End, Some(disposition), |inner| {
            inner.rule(inner.held, "the end of a transaction that is not there");
            inner.look()?;
            inner.part(disposition);
            Ok(())
        })
    }
}

impl service::Transaction for Transaction<'_> {
    fn status(&self) -> Result<Status, Error> {
        self.card.service.call(Call::Status, None, |inner| {
            inner.look()?;
            Ok(Status { atr: inner.card.atr(), t0: false })
        })
    }

    fn transmit(&self, command: &[u8], receive: &mut [u8]) -> Result<usize, Error> {
        self.card.service.call(Call::Transmit, None, |inner| {
            inner.rule(inner.held, "a command outside a transaction");
            inner.look()?;
            let mut hasher = DefaultHasher::new();
            command.hash(&mut hasher);
            let new = inner.commands.insert(hasher.finish());
            // Selecting an application again is how core makes sure of its card after a failure that says nothing.
            let selects = command.starts_with(&[0x00, 0xA4, 0x04]);
            inner.rule(new || selects, "the same command a second time");
            let mut response = inner.card.command(command).ok_or(Error::NotTransacted)?;
            response.truncate(inner.truncated().unwrap_or(response.len()));
            let room = receive.get_mut(..response.len()).ok_or(Error::InsufficientBuffer)?;
            room.copy_from_slice(&response);
            Ok(response.len())
        })
    }

    fn control<'b>(&self, code: DWORD, receive: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let says = if code == 0x4233_0012 { PROPERTIES } else { FEATURES };
        self.card.service.call(Call::Control, None, |inner| inner.look())?;
        receive[..says.len()].copy_from_slice(says);
        Ok(&receive[..says.len()])
    }

    fn end(mut self, disposition: Disposition) -> Result<(), (Self, Error)> {
        match self.end_by(disposition) {
            Ok(()) => {
                self.ended = true;
                Ok(())
            }
            Err(error) => Err((self, error)),
        }
    }
}

impl Drop for Transaction<'_> {
    /// As the `pcsc` crate's.
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.end_by(Disposition::LeaveCard);
        }
    }
}
