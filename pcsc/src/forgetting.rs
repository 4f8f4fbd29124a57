//! What the worker carried does not stay in memory. The worker is searched while it waits for the next command: when it
//! ends, its stack goes with it.

use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kazasu_core::stack::wiping_stack;
use kazasu_core::{LinkError, ResponseBuf, Session, step};
use kazasu_safety::memory::flow::{Flow, needles, perform, world};
use kazasu_safety::memory::watched;
use kazasu_safety::model::world::{At, Fault, World};
use pcsc::ffi::DWORD;
use pcsc::{Disposition, Error, State};

use crate::readers;
use crate::service::{self, Service, Status};
use crate::transport::{OpenOptions, PcscTransport};

/// A service with a card that keeps its secrets masked, and a driver that is careless with its stack.
#[derive(Clone)]
struct Careless(Arc<Mutex<World>>);

impl Service for Careless {
    type Context = Self;

    fn establish(&self) -> Result<Self, Error> {
        Ok(self.clone())
    }
}

impl service::Context for Careless {
    type Card = Self;
    type ReaderState = Reader;

    fn list_readers(&self) -> Result<Vec<CString>, Error> {
        Ok(vec![c"Careless 00 00".to_owned()])
    }

    fn get_status_change(&self, _time: Duration, _states: &mut [Reader]) -> Result<(), Error> {
        Err(Error::Timeout)
    }

    fn connect(&self, _reader: &CStr) -> Result<Self, Error> {
        Ok(self.clone())
    }
}

struct Reader(CString);

impl service::ReaderState for Reader {
    fn unaware(name: CString) -> Self {
        Self(name)
    }

    fn name(&self) -> &CStr {
        &self.0
    }

    fn event_state(&self) -> State {
        State::PRESENT
    }

    fn atr(&self) -> &[u8] {
        &[]
    }

    fn sync_current_state(&mut self) {}
}

impl service::Card for Careless {
    type Transaction<'c> = Self;

    fn begin_transaction(&mut self) -> Result<Self, (&mut Self, Error)> {
        Ok(self.clone())
    }

    fn reconnect(&mut self, _disposition: Disposition) -> Result<(), Error> {
        Ok(())
    }

    fn disconnect(self, _disposition: Disposition) -> Result<(), (Self, Error)> {
        Ok(())
    }
}

impl service::Transaction for Careless {
    fn status(&self) -> Result<Status, Error> {
        Ok(Status { atr: Vec::new(), t0: false })
    }

    #[inline(never)]
    fn transmit(&self, command: &[u8], receive: &mut [u8]) -> Result<usize, Error> {
        let mut frame = [0; 1 << 14];
        frame[1_000..1_000 + command.len()].copy_from_slice(command);
        black_box(&mut frame);
        let mut response = ResponseBuf::new(receive);
        let mut world = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An operation that is dropped is no matter of the worker's: for it, no answer came.
        match world.exchange(0, command, &mut response).unwrap_or(Err(LinkError::Timeout)) {
            Ok(()) => Ok(response.as_slice().len()),
            Err(LinkError::CardLost) => Err(Error::RemovedCard),
            Err(LinkError::CardReset) => Err(Error::ResetCard),
            Err(LinkError::Timeout) => Err(Error::Timeout),
            Err(LinkError::ReaderLost) => Err(Error::ReaderUnavailable),
            Err(LinkError::Cancelled) => Err(Error::Cancelled),
            Err(_) => Err(Error::NotTransacted),
        }
    }

    fn control<'b>(&self, _code: DWORD, _receive: &'b mut [u8]) -> Result<&'b [u8], Error> {
        Err(Error::UnsupportedFeature)
    }

    fn end(self, _disposition: Disposition) -> Result<(), (Self, Error)> {
        Ok(())
    }
}

#[test]
fn nothing_that_the_worker_carried_stays_in_memory_after_any_flow_and_any_fault() {
    let faults = Fault::ALL.map(Some).into_iter().chain([None]);
    let runs = faults.flat_map(|fault| {
        let at = move |flow: Flow| {
            (0..flow.commands().max(1)).map(move |n| (flow, fault.map(|fault| (fault, At::Command(n)))))
        };
        Flow::ALL.into_iter().flat_map(at)
    });
    // The worker stays until the next run begins. Other tests run beside this one.
    let kept = RefCell::<Option<PcscTransport>>::default();
    let found = watched(needles(8), runs, move |(flow, fault)| {
        kept.take();
        let service = Careless(Arc::new(Mutex::new(world(fault))));
        let reader = readers::list_on(&service).expect("a reader").remove(0);
        let mut card = OpenOptions::new().open_on(service, &reader).expect("a card");
        let _ = wiping_stack::<64, _>(|| step::block_on(perform(flow, &mut Session::new(&mut card))));
        kept.replace(Some(card));
    });
    let found = found.expect("/proc/self/mem");
    assert!(found.runs > 500, "{}", found.runs);
    assert_eq!(found.found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}
