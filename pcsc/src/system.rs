//! The system's own PC/SC service, by way of the `pcsc` crate.

use std::ffi::{CStr, CString};
use std::time::Duration;

use pcsc::ffi::DWORD;
use pcsc::{Disposition, Error, Protocol, Protocols, Scope, ShareMode, State};

use crate::service::{Card, Context, ReaderState, Service, Status, Transaction};

/// pcscd, or what macOS and Windows have in its place.
#[derive(Clone, Copy)]
pub(crate) struct System;

const ANY_PROTOCOL: Protocols = Protocols::T0.union(Protocols::T1);

impl Service for System {
    type Context = pcsc::Context;

    fn establish(&self) -> Result<pcsc::Context, Error> {
        pcsc::Context::establish(Scope::User)
    }
}

impl Context for pcsc::Context {
    type Card = pcsc::Card;
    type ReaderState = pcsc::ReaderState;

    fn list_readers(&self) -> Result<Vec<CString>, Error> {
        self.list_readers_owned()
    }

    fn get_status_change(&self, time: Duration, states: &mut [pcsc::ReaderState]) -> Result<(), Error> {
        self.get_status_change(time, states)
    }

    fn connect(&self, reader: &CStr) -> Result<pcsc::Card, Error> {
        self.connect(reader, ShareMode::Shared, ANY_PROTOCOL)
    }
}

impl ReaderState for pcsc::ReaderState {
    fn unaware(name: CString) -> Self {
        Self::new(name, State::UNAWARE)
    }

    fn name(&self) -> &CStr {
        self.name()
    }

    fn event_state(&self) -> State {
        self.event_state()
    }

    fn atr(&self) -> &[u8] {
        self.atr()
    }

    fn sync_current_state(&mut self) {
        self.sync_current_state();
    }
}

impl Card for pcsc::Card {
    type Transaction<'c> = pcsc::Transaction<'c>;

    fn begin_transaction(&mut self) -> Result<pcsc::Transaction<'_>, (&mut Self, Error)> {
        self.transaction2()
    }

    fn reconnect(&mut self, disposition: Disposition) -> Result<(), Error> {
        self.reconnect(ShareMode::Shared, ANY_PROTOCOL, disposition)
    }

    fn disconnect(self, disposition: Disposition) -> Result<(), (Self, Error)> {
        self.disconnect(disposition)
    }
}

impl Transaction for pcsc::Transaction<'_> {
    fn status(&self) -> Result<Status, Error> {
        let status = self.status2_owned()?;
        Ok(Status { atr: status.atr().to_vec(), t0: status.protocol2() == Some(Protocol::T0) })
    }

    fn transmit(&self, command: &[u8], receive: &mut [u8]) -> Result<usize, Error> {
        (**self).transmit(command, receive).map(<[u8]>::len)
    }

    fn control<'b>(&self, code: DWORD, receive: &'b mut [u8]) -> Result<&'b [u8], Error> {
        (**self).control(code, &[], receive)
    }

    fn end(self, disposition: Disposition) -> Result<(), (Self, Error)> {
        self.end(disposition)
    }
}
