//! Which readers there are, which of them hold a card, and waiting for one.
//!
//! Every call opens its own connection to the service, so an answer is never stale: on Windows the service stops when the
//! last reader is unplugged, and an old connection would be dead from then on.
//!
//! And every call asks from a thread of its own, because a service that stands still answers nothing, for ever. Whoever waits for
//! that thread can stop waiting.

use std::ffi::{CStr, CString};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use pcsc::{PNP_NOTIFICATION, State};

use crate::error::PcscError;
use crate::service::{Context, ReaderState, Service};
use crate::system::System;

/// A card reader, as it was when we looked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reader {
    /// Its name, as the service tells it.
    pub name: String,
    /// What is in it.
    pub card: Card,
    /// Who uses it.
    pub sharing: Sharing,
    /// The card's answer to reset; empty without a card. For information only: My Number cards have many, and
    /// behind a contactless reader it is made up by the reader.
    pub atr: Vec<u8>,
    /// The name in the service's own bytes, which is what it wants back.
    id: CString,
}

/// What is in a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Card {
    /// Nothing.
    Absent,
    /// A card.
    Present,
    /// Something that does not speak.
    Mute,
}

/// Whether programs use a reader. PC/SC does not tell which ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing {
    /// Nobody is connected to the card.
    Free,
    /// Somebody is connected to the card and lets others in.
    Shared,
    /// Somebody is connected to the card and lets nobody in.
    Exclusive,
}

impl Reader {
    pub(crate) fn id(&self) -> &CStr {
        &self.id
    }

    fn from_state(state: &impl ReaderState) -> Self {
        let event = state.event_state();
        let card = if !event.contains(State::PRESENT) {
            Card::Absent
        } else if event.contains(State::MUTE) {
            Card::Mute
        } else {
            Card::Present
        };
        let sharing = if event.contains(State::EXCLUSIVE) {
            Sharing::Exclusive
        } else if event.contains(State::INUSE) {
            Sharing::Shared
        } else {
            Sharing::Free
        };
        let atr = if card == Card::Present { state.atr().to_vec() } else { Vec::new() };
        Self { name: state.name().to_string_lossy().into_owned(), card, sharing, atr, id: state.name().to_owned() }
    }
}

/// The readers that are connected now. None is not an error.
///
/// # Errors
/// [`PcscError::NoService`] when the service does not run, [`PcscError::Timeout`] when it stands still for ten seconds, or
/// what else it reports.
pub fn list() -> Result<Vec<Reader>, PcscError> {
    list_on(&System)
}

pub(crate) fn list_on<S: Service>(service: &S) -> Result<Vec<Reader>, PcscError> {
    let service = service.clone();
    within(STANDSTILL, move || {
        let context = match service.establish() {
            Err(error) if nobody_home(error) => return Ok(Vec::new()),
            other => other?,
        };
        Ok(look(&context)?.iter().map(Reader::from_state).collect())
    })
}

/// The reader with this name, or the only one with this part of a name (upper or lower case).
///
/// # Errors
/// [`PcscError::NoReader`], [`PcscError::ReaderNotFound`], [`PcscError::ReaderAmbiguous`], or as [`list`].
pub fn find(wanted: &str) -> Result<Reader, PcscError> {
    let there = list()?;
    let mut found = matching(&there, Some(wanted));
    match (found.len(), there.is_empty()) {
        (1, _) => Ok(found.remove(0).clone()),
        (0, true) => Err(PcscError::NoReader),
        (0, false) => Err(PcscError::ReaderNotFound { wanted: wanted.to_owned(), there: names(&there) }),
        _ => Err(PcscError::ReaderAmbiguous {
            wanted: wanted.to_owned(),
            found: found.iter().map(|reader| reader.name.clone()).collect(),
        }),
    }
}

/// Waits until a reader holds a card, and gives that reader: any reader, or one whose name contains `wanted`.
/// Readers may be plugged in meanwhile. With no patience at all it looks once.
///
/// # Errors
/// When the time is over, what was missing: [`PcscError::NoReader`], [`PcscError::ReaderNotFound`],
/// [`PcscError::Mute`] or [`PcscError::NoCard`]. At once: [`PcscError::NoService`], or what else the service reports. Ten seconds
/// later, when the service stands still: [`PcscError::Timeout`].
pub fn wait_for_card(wanted: Option<&str>, patience: Duration) -> Result<Reader, PcscError> {
    wait_for_card_on(&System, wanted, patience)
}

pub(crate) fn wait_for_card_on<S: Service>(
    service: &S,
    wanted: Option<&str>,
    patience: Duration,
) -> Result<Reader, PcscError> {
    let (service, wanted) = (service.clone(), wanted.map(str::to_owned));
    within(patience.saturating_add(STANDSTILL), move || watch(&service, wanted.as_deref(), patience))
}

fn watch<S: Service>(service: &S, wanted: Option<&str>, patience: Duration) -> Result<Reader, PcscError> {
    let start = Instant::now();
    let mut pnp = Some(<S::Context as Context>::ReaderState::unaware(PNP_NOTIFICATION().to_owned()));
    loop {
        let turn = Instant::now();
        // A new connection each time round: see above about Windows.
        let context = match service.establish() {
            Err(error) if nobody_home(error) => None,
            other => Some(other?),
        };
        let mut states = match &context {
            Some(context) => look(context)?,
            None => Vec::new(),
        };
        let there: Vec<Reader> = states.iter().map(Reader::from_state).collect();
        let candidates = matching(&there, wanted);
        if let Some(reader) = candidates.iter().find(|reader| reader.card == Card::Present) {
            return Ok((*reader).clone());
        }

        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(what_is_missing(&there, &candidates, wanted));
        }
        if let Some(context) = &context {
            wait_for_change(context, &mut states, &mut pnp, left.min(GLANCE));
        }
        // Whatever the service does, never a busy loop.
        thread::sleep(BREATH.saturating_sub(turn.elapsed()).min(left));
    }
}

/// However well a service reports changes, look again this often.
const GLANCE: Duration = Duration::from_millis(500);
/// Look at most this often.
const BREATH: Duration = Duration::from_millis(50);
/// The service is given up when it has not answered for so long.
const STANDSTILL: Duration = Duration::from_secs(10);
/// Readers come and go between the list and the question about each; ask again this often.
const LOOKS: usize = 5;

/// Runs `ask` on a thread of its own, and after `time` leaves it to itself.
fn within<R: Send + 'static>(
    time: Duration,
    ask: impl FnOnce() -> Result<R, PcscError> + Send + 'static,
) -> Result<R, PcscError> {
    let (out, answer) = mpsc::channel();
    thread::Builder::new()
        .name("kazasu-readers".to_owned())
        .spawn(move || out.send(ask()))
        .map_err(|_| PcscError::Other(pcsc::Error::NoMemory))?;
    match answer.recv_timeout(time) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(PcscError::Timeout),
        // It has panicked.
        Err(RecvTimeoutError::Disconnected) => Err(PcscError::Other(pcsc::Error::InternalError)),
    }
}

/// On Windows the service stops without a reader: that is no reader, not no service.
fn nobody_home(error: pcsc::Error) -> bool {
    cfg!(target_os = "windows") && matches!(error, pcsc::Error::NoService | pcsc::Error::ServiceStopped)
}

fn look<C: Context>(context: &C) -> Result<Vec<C::ReaderState>, pcsc::Error> {
    let mut last = Ok(Vec::new());
    for _ in 0..LOOKS {
        last = look_once(context);
        match last {
            Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable | pcsc::Error::InsufficientBuffer) => {}
            _ => break,
        }
    }
    last
}

fn look_once<C: Context>(context: &C) -> Result<Vec<C::ReaderState>, pcsc::Error> {
    let mut states: Vec<_> = context.list_readers()?.into_iter().map(C::ReaderState::unaware).collect();
    if !states.is_empty() {
        match context.get_status_change(Duration::ZERO, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(states)
}

/// Sleeps until a card or a reader comes or goes, at most `time`. Only a hint: errors mean "look again".
fn wait_for_change<C: Context>(
    context: &C,
    states: &mut Vec<C::ReaderState>,
    pnp: &mut Option<C::ReaderState>,
    time: Duration,
) {
    for state in states.iter_mut() {
        state.sync_current_state();
    }
    let hot_plug = pnp.take();
    let asked_pnp = hot_plug.is_some();
    states.extend(hot_plug);
    if states.is_empty() {
        thread::sleep(time);
        return;
    }
    // An error is answered by the next look.
    let _ = context.get_status_change(time, states);
    if asked_pnp && let Some(mut state) = states.pop() {
        // macOS does not know this pseudo-reader; then only the glances find a new reader.
        if !state.event_state().contains(State::UNKNOWN) {
            state.sync_current_state();
            *pnp = Some(state);
        }
    }
}

/// The readers that `wanted` may mean: the one with that very name, else all with that part of a name.
fn matching<'r>(there: &'r [Reader], wanted: Option<&str>) -> Vec<&'r Reader> {
    let Some(wanted) = wanted else { return there.iter().collect() };
    if let Some(exact) = there.iter().find(|reader| reader.name == wanted) {
        return vec![exact];
    }
    let wanted = wanted.to_lowercase();
    there.iter().filter(|reader| reader.name.to_lowercase().contains(&wanted)).collect()
}

fn what_is_missing(there: &[Reader], candidates: &[&Reader], wanted: Option<&str>) -> PcscError {
    match wanted {
        _ if there.is_empty() => PcscError::NoReader,
        Some(wanted) if candidates.is_empty() => {
            PcscError::ReaderNotFound { wanted: wanted.to_owned(), there: names(there) }
        }
        _ if candidates.iter().any(|reader| reader.card == Card::Mute) => PcscError::Mute,
        _ => PcscError::NoCard,
    }
}

fn names(readers: &[Reader]) -> Vec<String> {
    readers.iter().map(|reader| reader.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(name: &str, card: Card) -> Reader {
        let id = CString::new(name).expect("no NUL in a test's name");
        Reader { name: name.to_owned(), card, sharing: Sharing::Free, atr: Vec::new(), id }
    }

    fn found(there: &[Reader], wanted: &str) -> Vec<String> {
        matching(there, Some(wanted)).iter().map(|reader| reader.name.clone()).collect()
    }

    #[test]
    fn a_part_of_a_name_in_any_case_finds_a_reader() {
        let there = [reader("SONY FeliCa RC-S300/P 00 00", Card::Absent), reader("ACS ACR1252 01 00", Card::Absent)];
        assert_eq!(found(&there, "rc-s300"), ["SONY FeliCa RC-S300/P 00 00"]);
        assert_eq!(found(&there, "0"), ["SONY FeliCa RC-S300/P 00 00", "ACS ACR1252 01 00"]);
        assert_eq!(found(&there, "Gemalto"), [""; 0]);
    }

    #[test]
    fn a_whole_name_wins_over_names_that_contain_it() {
        let there =
            [reader("Reader 1", Card::Absent), reader("Reader 10", Card::Present), reader("Reader", Card::Absent)];
        assert_eq!(found(&there, "Reader 1"), ["Reader 1"]);
        assert_eq!(found(&there, "Reader"), ["Reader"]);
    }

    #[test]
    fn when_the_time_is_over_the_error_says_what_was_missing() {
        let missing = |there: &[Reader], wanted| what_is_missing(there, &matching(there, wanted), wanted);
        assert_eq!(missing(&[], None), PcscError::NoReader);
        assert_eq!(missing(&[], Some("x")), PcscError::NoReader);
        let empty = [reader("A", Card::Absent)];
        assert_eq!(missing(&empty, None), PcscError::NoCard);
        assert_eq!(
            missing(&empty, Some("x")),
            PcscError::ReaderNotFound { wanted: "x".into(), there: vec!["A".into()] }
        );
        assert_eq!(missing(&[reader("A", Card::Absent), reader("B", Card::Mute)], None), PcscError::Mute);
        assert_eq!(missing(&[reader("A", Card::Absent), reader("B", Card::Mute)], Some("A")), PcscError::NoCard);
    }
}
