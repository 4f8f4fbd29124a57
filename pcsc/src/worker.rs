//! The thread that owns the connection to the card.
//!
//! It exists for two reasons. `SCardTransmit` has no deadline and some drivers hang; whoever waits for the worker's
//! answer can stop waiting. And a transaction borrows its card, which borrows its context: on one stack that is plain
//! safe Rust.
//!
//! The worker never decides anything about commands. It sends what it gets, once, and answers once.

use std::ffi::CStr;
use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use kazasu_core::stack::wiping_stack;
use pcsc::{Disposition, Error, State};
use zeroize::{Zeroize, Zeroizing};

use crate::service::{Card, Context, ReaderState, Service, Transaction};

/// A command or a response; wiped when dropped, as it may hold a PIN or a person's data.
pub(crate) type Apdu = Zeroizing<Vec<u8>>;

/// How far opening has come. The last step tells, when time runs out, who was waited for.
#[derive(Debug)]
pub(crate) enum Step {
    /// About to connect. pcscd waits here while another program holds a transaction.
    Connecting { in_use: bool },
    /// Connected; about to begin the transaction, which waits for other programs to end theirs.
    Beginning,
    /// The card is ours.
    Ready(Opened),
    /// It did not work.
    Failed(Error),
}

/// What is known about the card and its reader once the card is ours.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) atr: Vec<u8>,
    pub(crate) t0: bool,
    /// PC/SC part 10, dwMaxAPDUDataSize, where the reader tells it.
    pub(crate) max_apdu_data: Option<u32>,
}

/// The worker's ends of the channels.
pub(crate) struct Channels {
    pub(crate) steps: Sender<Step>,
    pub(crate) commands: Receiver<Apdu>,
    pub(crate) responses: Sender<Result<Apdu, Error>>,
}

/// Connects, carries commands until the other side hangs up, and leaves the card with its keys closed.
///
/// # Errors
/// When the keys could not be shown to be closed. (What goes wrong before that is told through the channels.)
pub(crate) fn work<S: Service>(service: &S, reader: &CStr, channels: &Channels) -> Result<(), Error> {
    let opening = || -> Result<(S::Context, HeldCard<_>), Error> {
        let context = service.establish()?;
        let _ = channels.steps.send(Step::Connecting { in_use: in_use(&context, reader) });
        let card = connect(&context, reader)?;
        let _ = channels.steps.send(Step::Beginning);
        Ok((context, HeldCard { card: Some(card), parting: Disposition::LeaveCard }))
    };
    let (context, mut held) = match opening() {
        Ok(opened) => opened,
        Err(error) => return fail(channels, error),
    };
    let Some(card) = held.card.as_mut() else { return Ok(()) };
    let ours = match begin(card) {
        Ok(transaction) => Ours { transaction: Some(transaction), parting: &mut held.parting },
        Err(error) => return fail(channels, error),
    };
    let Some(transaction) = &ours.transaction else { return Ok(()) };
    let opened = match look_at(transaction) {
        Ok(opened) => opened,
        Err(error) => return fail(channels, error),
    };
    if channels.steps.send(Step::Ready(opened)).is_err() {
        return Ok(()); // nobody waits any more, and no command was sent: leave the card as it was
    }

    let mut receive = Zeroizing::new(vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED]);
    while let Some(command) = next_command(&channels.commands, transaction) {
        // From here on, whatever happens, even a panic: the card loses its power.
        *ours.parting = Disposition::UnpowerCard;
        // What lies below this crate may keep copies on the stack.
        let carried = wiping_stack::<64, _>(|| carry(transaction, command, &mut receive));
        let response = carried.map_err(|error| what_happened(&context, reader, error));
        // If nobody listens any more the response is dropped, and wiped; the next turn ends.
        let _ = channels.responses.send(response);
    }
    drop(ours);
    held.part()
}

fn fail(channels: &Channels, error: Error) -> Result<(), Error> {
    let _ = channels.steps.send(Step::Failed(error));
    Ok(())
}

/// One command, once. Afterwards no copy of it or of its response is left in this thread's buffers.
fn carry(card: &impl Transaction, command: Apdu, receive: &mut [u8]) -> Result<Apdu, Error> {
    let result = card.transmit(&command, receive);
    drop(command);
    match result {
        // Not a response: two status bytes are the least. vpcd gives this when a card is torn away inside a command.
        Ok(0 | 1) => {
            receive[..1].zeroize();
            Err(Error::CommError)
        }
        Ok(length) => {
            let response = Zeroizing::new(receive[..length].to_vec());
            receive[..length].zeroize();
            Ok(response)
        }
        Err(error) => {
            receive.zeroize();
            Err(error)
        }
    }
}

/// A service may learn later than a command that the card is gone: it looks about every 0.4 s.
const NOTICE: Duration = Duration::from_millis(600);

/// Tells "the card was taken away" from "the reader did not like this command", for both of which a driver says the
/// same. Asks the service, not the card.
fn what_happened<C: Context>(context: &C, reader: &CStr, error: Error) -> Error {
    if !matches!(
        error,
        Error::NotTransacted | Error::CommError | Error::CommDataLost | Error::InternalError | Error::UnknownError
    ) {
        return error;
    }
    let start = Instant::now();
    let mut states = [C::ReaderState::unaware(reader.to_owned())];
    loop {
        match context.get_status_change(NOTICE.saturating_sub(start.elapsed()), &mut states) {
            Ok(()) => {}
            Err(
                gone @ (Error::NoService | Error::ServiceStopped | Error::UnknownReader | Error::ReaderUnavailable),
            ) => return gone,
            Err(_) => return error,
        }
        let event = states[0].event_state();
        if event.intersects(State::UNKNOWN | State::UNAVAILABLE) {
            return Error::ReaderUnavailable;
        }
        if !event.contains(State::PRESENT) {
            return Error::RemovedCard;
        }
        if start.elapsed() >= NOTICE {
            return error;
        }
        states[0].sync_current_state();
    }
}

/// A transaction that is ended in the way that `parting` says, on every path: still inside it, so that a program that waits
/// for its turn never meets an open key.
struct Ours<'h, T: Transaction> {
    transaction: Option<T>,
    parting: &'h mut Disposition,
}

impl<T: Transaction> Drop for Ours<'_, T> {
    fn drop(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        match transaction.end(*self.parting) {
            // pcsc-lite and Windows cut the power here. That macOS does is not known, so there the card is unpowered again.
            Ok(()) if cfg!(not(target_os = "macos")) => *self.parting = Disposition::LeaveCard,
            Ok(()) => {}
            // Dropped, it would be ended all the same, and the card given to the next program as it is. Disconnecting ends it.
            Err((transaction, _)) => mem::forget(transaction),
        }
    }
}

/// A card that is disconnected in the way that `parting` says, on every path.
struct HeldCard<C: Card> {
    card: Option<C>,
    parting: Disposition,
}

impl<C: Card> HeldCard<C> {
    fn part(mut self) -> Result<(), Error> {
        self.disconnect()
    }

    fn disconnect(&mut self) -> Result<(), Error> {
        let Some(card) = self.card.take() else { return Ok(()) };
        match card.disconnect(self.parting) {
            Ok(()) => Ok(()),
            // A card that is gone has no power.
            Err((_, Error::RemovedCard | Error::NoSmartcard)) => Ok(()),
            // Dropped, the card is still disconnected, with a reset.
            Err((_, error)) => Err(error),
        }
    }
}

impl<C: Card> Drop for HeldCard<C> {
    fn drop(&mut self) {
        let _ = self.disconnect();
    }
}

/// Another program may reset the card while we connect. Before the first command that costs nothing: try again.
const ATTEMPTS: usize = 5;

fn connect<C: Context>(context: &C, reader: &CStr) -> Result<C::Card, Error> {
    let mut last = Error::ResetCard;
    for _ in 0..ATTEMPTS {
        match context.connect(reader) {
            Err(Error::ResetCard) => last = Error::ResetCard,
            other => return other,
        }
    }
    Err(last)
}

fn begin<C: Card>(mut card: &mut C) -> Result<C::Transaction<'_>, Error> {
    for _ in 0..ATTEMPTS {
        match card.begin_transaction() {
            Ok(transaction) => return Ok(transaction),
            Err((same, Error::ResetCard)) => {
                card = same;
                // LeaveCard only takes note of the reset that has happened; it does nothing to the card.
                match card.reconnect(Disposition::LeaveCard) {
                    Ok(()) | Err(Error::ResetCard) => {}
                    Err(error) => return Err(error),
                }
            }
            Err((_, error)) => return Err(error),
        }
    }
    Err(Error::ResetCard)
}

fn look_at(card: &impl Transaction) -> Result<Opened, Error> {
    let status = card.status()?;
    Ok(Opened { atr: status.atr, t0: status.t0, max_apdu_data: part10::max_apdu_data(card) })
}

fn in_use<C: Context>(context: &C, reader: &CStr) -> bool {
    let mut states = [C::ReaderState::unaware(reader.to_owned())];
    // Only a hint for an error's text.
    let _ = context.get_status_change(Duration::ZERO, &mut states);
    states[0].event_state().intersects(State::INUSE | State::EXCLUSIVE)
}

/// Windows (since 8) resets a card whose transaction was idle for five seconds, and with it the PIN state, while the
/// user is still typing. Any call to the card starts the five seconds anew.
/// <https://learn.microsoft.com/windows/win32/api/winscard/nf-winscard-scardbegintransaction>
const KEEP_ALIVE: Option<Duration> = if cfg!(target_os = "windows") { Some(Duration::from_secs(2)) } else { None };

/// `None` when the other side has hung up.
fn next_command(commands: &Receiver<Apdu>, card: &impl Transaction) -> Option<Apdu> {
    let Some(interval) = KEEP_ALIVE else { return commands.recv().ok() };
    loop {
        match commands.recv_timeout(interval) {
            Ok(command) => return Some(command),
            Err(RecvTimeoutError::Disconnected) => return None,
            // An error will be met by the next command.
            Err(RecvTimeoutError::Timeout) => drop(card.status()),
        }
    }
}

/// PC/SC part 10: what the reader says about itself.
mod part10 {
    use crate::service::Transaction;

    /// `CM_IOCTL_GET_FEATURE_REQUEST`
    const GET_FEATURE_REQUEST: u32 = 3400;
    /// `FEATURE_GET_TLV_PROPERTIES`
    const GET_TLV_PROPERTIES: u8 = 0x12;
    /// `PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize`
    const MAX_APDU_DATA_SIZE: u8 = 0x0A;

    /// How much data one APDU may carry through this reader; `None` when it does not say.
    pub(super) fn max_apdu_data(card: &impl Transaction) -> Option<u32> {
        let mut buffer = [0; 256];
        let features = card.control(pcsc::ctl_code(GET_FEATURE_REQUEST.into()), &mut buffer).ok()?;
        let code = control_code(features)?;
        let mut buffer = [0; 256];
        let properties = card.control(code.into(), &mut buffer).ok()?;
        max_data(properties)
    }

    /// `12 04 <control code, most significant byte first>` among the features.
    pub(super) fn control_code(features: &[u8]) -> Option<u32> {
        let value = entry(features, GET_TLV_PROPERTIES)?;
        Some(u32::from_be_bytes(value.try_into().ok()?))
    }

    /// `0A 04 <size, least significant byte first>` among the properties.
    pub(super) fn max_data(properties: &[u8]) -> Option<u32> {
        let value = entry(properties, MAX_APDU_DATA_SIZE)?;
        Some(u32::from_le_bytes(value.try_into().ok()?))
    }

    /// The value of `tag` in a row of one-byte tags and one-byte lengths.
    fn entry(mut row: &[u8], tag: u8) -> Option<&[u8]> {
        loop {
            let (&[this, length], rest) = row.split_first_chunk()?;
            let (value, next) = rest.split_at_checked(length.into())?;
            if this == tag {
                return Some(value);
            }
            row = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::part10::{control_code, max_data};

    #[test]
    fn a_reader_that_offers_its_properties_is_understood() {
        // PC/SC part 10 on pcsc-lite: verify PIN 06, modify PIN 07, properties 12.
        let features =
            [0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x12, 4, 0x42, 0x33, 0x00, 0x12, 0x13, 4, 0x42, 0x33, 0x00, 0x13];
        assert_eq!(control_code(&features), Some(0x4233_0012));
        // wLcdLayout, bEntryValidationCondition, dwMaxAPDUDataSize = 65536
        let properties = [0x01, 2, 0, 0, 0x02, 1, 7, 0x0A, 4, 0x00, 0x00, 0x01, 0x00];
        assert_eq!(max_data(&properties), Some(65_536));
        assert_eq!(max_data(&[0x0A, 4, 0, 0, 0, 0]), Some(0));
    }

    #[test]
    fn a_reader_that_talks_nonsense_about_itself_says_nothing() {
        for row in [
            &[][..],
            &[0x12],
            &[0x12, 4],
            &[0x12, 4, 1, 2, 3],
            &[0x12, 0],
            &[0x12, 3, 1, 2, 3],
            &[0x0A, 5, 1, 2, 3, 4, 5],
            &[0x06, 255, 0x12, 4, 1, 2, 3, 4],
        ] {
            assert_eq!(control_code(row), None, "{row:02X?}");
            assert_eq!(max_data(row), None, "{row:02X?}");
        }
    }
}
