//! The seam: the calls to a PC/SC service that this crate makes, and nothing else of it.
//!
//! `system` is the real service; the tests put a scripted double in its place. Each method is one call, mirrored from the `pcsc`
//! crate: a [`Transaction`] borrows its [`Card`], and what cannot be given back comes back with the error. What a dropped
//! transaction or card does is also the `pcsc` crate's: end with "leave", disconnect with "reset".

use std::ffi::{CStr, CString};
use std::time::Duration;

use pcsc::ffi::DWORD;
use pcsc::{Disposition, Error, State};

/// A way to the service.
pub(crate) trait Service: Clone + Send + 'static {
    type Context: Context;

    /// `SCardEstablishContext`
    fn establish(&self) -> Result<Self::Context, Error>;
}

/// A connection to the service.
pub(crate) trait Context {
    type Card: Card;
    type ReaderState: ReaderState;

    /// `SCardListReaders`; none is no error.
    fn list_readers(&self) -> Result<Vec<CString>, Error>;

    /// `SCardGetStatusChange`
    fn get_status_change(&self, time: Duration, states: &mut [Self::ReaderState]) -> Result<(), Error>;

    /// `SCardConnect`, shared, T=0 or T=1.
    fn connect(&self, reader: &CStr) -> Result<Self::Card, Error>;
}

/// `SCARD_READERSTATE`: a reader as it is known to us, and as the service tells it.
pub(crate) trait ReaderState {
    /// Nothing is known yet.
    fn unaware(name: CString) -> Self;
    fn name(&self) -> &CStr;
    fn event_state(&self) -> State;
    fn atr(&self) -> &[u8];
    /// What was told is known from now on.
    fn sync_current_state(&mut self);
}

/// A connection to a card.
pub(crate) trait Card: Sized {
    type Transaction<'c>: Transaction
    where
        Self: 'c;

    /// `SCardBeginTransaction`
    fn begin_transaction(&mut self) -> Result<Self::Transaction<'_>, (&mut Self, Error)>;

    /// `SCardReconnect`, shared, T=0 or T=1.
    fn reconnect(&mut self, disposition: Disposition) -> Result<(), Error>;

    /// `SCardDisconnect`
    fn disconnect(self, disposition: Disposition) -> Result<(), (Self, Error)>;
}

/// A card that is ours alone.
pub(crate) trait Transaction: Sized {
    /// `SCardStatus`
    fn status(&self) -> Result<Status, Error>;

    /// `SCardTransmit`; the length of the response.
    fn transmit(&self, command: &[u8], receive: &mut [u8]) -> Result<usize, Error>;

    /// `SCardControl` without data; what the reader's driver says.
    fn control<'b>(&self, code: DWORD, receive: &'b mut [u8]) -> Result<&'b [u8], Error>;

    /// `SCardEndTransaction`
    fn end(self, disposition: Disposition) -> Result<(), (Self, Error)>;
}

/// What `SCardStatus` tells, as far as it is used here.
pub(crate) struct Status {
    pub(crate) atr: Vec<u8>,
    pub(crate) t0: bool,
}
