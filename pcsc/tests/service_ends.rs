//! What becomes of an open card when the PC/SC service itself ends, and that everything works again when it is back. These tests
//! kill the service and start another, so they have one of their own:
//!
//! `.ci/virtual-reader cargo test -p kazasu-pcsc --test service_ends -- --ignored`

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kazasu_core::error::Step;
use kazasu_core::transport::{LinkError, ResponseBuf, Transport};
use kazasu_core::{AuthPin, Counter, Digest, Error, LastTry, SecretKind, Session};
use kazasu_fixtures::{Persona, Profile, SimCard};
use kazasu_pcsc::plug::{self, Left, PlugError, SLOT_0, VirtualCard};
use kazasu_pcsc::{OpenOptions, PcscError, PcscTransport, readers};

const SOON: Duration = Duration::from_secs(10);

/// The service, which runs whenever no test is at work on it.
struct Service {
    id: String,
    /// The harness has started the first one.
    child: Option<Child>,
}

static SERVICE: Mutex<Option<Service>> = Mutex::new(None);

/// One test at a time has the service.
struct Alone(MutexGuard<'static, Option<Service>>);

impl Alone {
    fn new() -> Self {
        let mut guard = SERVICE.lock().unwrap_or_else(PoisonError::into_inner);
        let id = std::env::var("KAZASU_VIRTUAL_READER_SERVICE").expect("run this in .ci/virtual-reader");
        guard.get_or_insert(Service { id, child: None });
        let mut alone = Self(guard);
        if readers::list() == Err(PcscError::NoService) {
            alone.start(); // the test before has failed
        }
        let start = Instant::now();
        while readers::list().expect("the service").iter().any(|reader| reader.card != readers::Card::Absent) {
            assert!(start.elapsed() < SOON, "the readers do not become empty");
            thread::sleep(Duration::from_millis(50));
        }
        alone
    }

    fn service(&mut self) -> &mut Service {
        self.0.as_mut().expect("put there when the test began")
    }

    fn signal(&mut self, signal: &str) {
        let id = self.service().id.clone();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill runs").success());
    }

    /// The service is gone when this returns.
    fn kill(&mut self) {
        self.signal("-KILL");
        let service = self.service();
        if let Some(mut child) = service.child.take() {
            child.wait().expect("our own child");
        }
        let (start, process) = (Instant::now(), format!("/proc/{}", service.id));
        while std::path::Path::new(&process).exists() {
            assert!(start.elapsed() < SOON, "the service does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The service is there, with its readers, when this returns.
    fn start(&mut self) {
        let mut command = Command::new("pcscd");
        command.arg("--foreground").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let help = Command::new("pcscd").arg("--help").output().expect("pcscd is installed");
        if [help.stdout, help.stderr].concat().windows(16).any(|window| window == b"--disable-polkit") {
            command.arg("--disable-polkit");
        }
        let child = command.spawn().expect("pcscd starts");
        *self.service() = Service { id: child.id().to_string(), child: Some(child) };
        let start = Instant::now();
        while readers::list().map(|there| there.len()) != Ok(2) {
            assert!(start.elapsed() < SOON, "the service does not come back: {:?}", readers::list());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The simulated card, which lasts from one stay in the reader to the next.
#[derive(Clone)]
struct Shared {
    card: Arc<Mutex<SimCard>>,
    /// VERIFY waits until this is lowered.
    hold_verify: Arc<AtomicBool>,
}

impl Shared {
    fn new() -> Self {
        let persona = Persona::named("adult").expect("a demonstration card");
        Self {
            card: Arc::new(Mutex::new(SimCard::new(&persona, Profile::default()))),
            hold_verify: Arc::new(AtomicBool::new(false)),
        }
    }

    fn card(&self) -> MutexGuard<'_, SimCard> {
        self.card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plug(&self) -> Plugged {
        let (mut card, stop) = (self.clone(), Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&stop);
        Plugged { stop, thread: thread::spawn(move || plug::serve(SLOT_0, &mut card, &flag)) }
    }
}

struct Plugged {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Left, PlugError>>,
}

impl Plugged {
    fn open(&self) -> PcscTransport {
        let reader = readers::wait_for_card(None, SOON).expect("a card is put in");
        PcscTransport::open(&reader).expect("the card opens")
    }

    /// The service has ended.
    fn join_told(self) {
        let outcome = self.thread.join().expect("no panic");
        assert!(matches!(outcome, Err(PlugError::ReaderGone)), "{outcome:?}");
    }

    fn pull(self) {
        self.stop.store(true, Ordering::Relaxed);
        assert_eq!(self.thread.join().expect("no panic").expect("the reader is there"), Left::Stopped);
    }
}

impl VirtualCard for Shared {
    fn atr(&self) -> Vec<u8> {
        self.card().atr()
    }

    fn power_on(&mut self) {
        self.card().power_cycle();
    }

    fn power_off(&mut self) {
        self.card().power_cycle();
    }

    fn reset(&mut self) {} // leaves what was verified

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let response = self.card().command(command);
        // It has acted; its answer is kept back.
        while matches!(command, [0x00, 0x20, _, _, _, ..]) && self.hold_verify.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        response
    }
}

fn pin() -> AuthPin {
    AuthPin::new(&Persona::named("adult").expect("a demonstration card").secrets.auth_pin).expect("its PIN")
}

/// All the way to a signature, and away with the keys closed.
fn a_new_session_signs(plugged: &Plugged) {
    let mut session = Session::new(plugged.open());
    let signed = pollster::block_on(async {
        session.jpki().await?.unlock(pin(), LastTry::Refuse).await?.sign(&Digest::Sha256([1; 32])).await
    });
    assert!(signed.is_ok(), "{signed:?}");
    assert_eq!(session.into_transport().close(), Ok(()));
}

fn select(card: &mut PcscTransport) -> Result<Vec<u8>, LinkError> {
    let mut bytes = [0; 258];
    let mut response = ResponseBuf::new(&mut bytes);
    let command = [&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], kazasu_core::mynumber::jpki::JPKI.aid].concat();
    pollster::block_on(card.transmit(&command, &mut response))?;
    Ok(response.as_slice().to_vec())
}

#[test]
#[ignore = "ends the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn when_the_service_ends_the_reader_is_lost_and_the_plug_is_told() {
    let mut service = Alone::new();
    let shared = Shared::new();
    let plugged = shared.plug();
    let mut card = plugged.open();
    assert_eq!(select(&mut card), Ok(vec![0x90, 0x00]));

    service.kill();
    plugged.join_told();
    assert_eq!(select(&mut card), Err(LinkError::ReaderLost), "{:?}", card.last_error());
    assert_eq!(select(&mut card), Err(LinkError::ReaderLost));
    assert!(card.close().is_err(), "nobody can say that the keys are closed");
    assert_eq!(readers::list(), Err(PcscError::NoService));
    assert_eq!(readers::wait_for_card(None, SOON), Err(PcscError::NoService));
    let nobody = plug::serve(SLOT_0, &mut shared.clone(), &AtomicBool::new(false));
    assert!(matches!(nobody, Err(PlugError::NoReader { .. })), "{nobody:?}");
    service.start();
}

#[test]
#[ignore = "ends the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn a_service_that_dies_inside_a_session_ends_it_and_once_it_is_back_a_new_one_signs() {
    let mut service = Alone::new();
    let shared = Shared::new();
    let plugged = shared.plug();
    let mut session = Session::new(plugged.open());
    pollster::block_on(async {
        let mut jpki = session.jpki().await.expect("selected");
        let mut unlocked = jpki.unlock(pin(), LastTry::Refuse).await.expect("verified");
        let digest = Digest::Sha256([1; 32]);
        assert!(unlocked.sign(&digest).await.is_ok());
        service.kill();
        assert_eq!(unlocked.sign(&digest).await, Err(Error::Link(LinkError::ReaderLost)));
        assert_eq!(unlocked.sign(&digest).await, Err(Error::SessionOver));
    });
    plugged.join_told();
    assert!(!shared.card().is_open(), "the card lost its power with the service");
    service.start();
    let plugged = shared.plug();
    readers::wait_for_card(None, SOON).expect("the card is back");

    // The old session stays over, and its old transport reaches nothing.
    let seen = shared.card().tally().commands;
    let again = pollster::block_on(async { session.jpki().await?.tries(SecretKind::AuthPin).await });
    assert_eq!(again, Err(Error::SessionOver));
    let mut card = session.into_transport();
    assert_eq!(select(&mut card), Err(LinkError::ReaderLost));
    assert!(card.close().is_err());
    assert_eq!(shared.card().tally().commands, seen);

    a_new_session_signs(&plugged);
    assert_eq!(shared.card().tally().secrets, 2, "one VERIFY for each session");
    plugged.pull();
}

#[test]
#[ignore = "ends the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn a_service_that_was_replaced_behind_an_open_card_is_noticed_at_the_next_command() {
    let mut service = Alone::new();
    let shared = Shared::new();
    let plugged = shared.plug();
    let mut card = plugged.open();
    assert_eq!(select(&mut card), Ok(vec![0x90, 0x00]));
    service.kill();
    plugged.join_told();
    service.start();
    let plugged = shared.plug();
    readers::wait_for_card(None, SOON).expect("the card is back");
    let seen = shared.card().tally().commands;
    assert_eq!(select(&mut card), Err(LinkError::ReaderLost), "{:?}", card.last_error());
    assert!(card.close().is_err());
    assert_eq!(shared.card().tally().commands, seen, "nothing reached the card");
    a_new_session_signs(&plugged);
    plugged.pull();
}

#[test]
#[ignore = "ends the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn a_service_that_dies_inside_verify_leaves_the_outcome_open_and_the_next_session_asks_for_the_counter() {
    let mut service = Alone::new();
    let shared = Shared::new();
    shared.hold_verify.store(true, Ordering::Relaxed);
    let plugged = shared.plug();
    let mut session = Session::new(plugged.open());
    thread::scope(|scope| {
        let verifying = scope.spawn(|| {
            pollster::block_on(async { session.jpki().await?.unlock(pin(), LastTry::Refuse).await.map(|_| ()) })
        });
        let start = Instant::now();
        while shared.card().tally().secrets == 0 {
            assert!(start.elapsed() < SOON, "VERIFY does not come");
            thread::sleep(Duration::from_millis(5));
        }
        service.kill();
        let (step, kind, link) = (Step::Verify, SecretKind::AuthPin, LinkError::ReaderLost);
        assert_eq!(verifying.join().expect("no panic"), Err(Error::OutcomeUnknown { step, kind, link }));
    });
    assert!(session.into_transport().close().is_err());
    shared.hold_verify.store(false, Ordering::Relaxed);
    let _ = plugged.thread.join().expect("no panic");
    service.start();
    let plugged = shared.plug();
    let mut session = Session::new(plugged.open());
    let tries = pollster::block_on(async { session.jpki().await?.tries(SecretKind::AuthPin).await });
    assert_eq!(tries, Ok(Counter::Left(3)));
    assert_eq!(session.into_transport().close(), Ok(()));
    assert_eq!(shared.card().tally().secrets, 1, "VERIFY was not sent again");
    plugged.pull();
}

#[test]
#[ignore = "ends the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn a_service_that_dies_between_sessions_is_told_as_such_and_once_it_is_back_even_the_old_reader_opens() {
    let mut service = Alone::new();
    let shared = Shared::new();
    let plugged = shared.plug();
    let reader = readers::wait_for_card(None, SOON).expect("a card is put in");
    a_new_session_signs(&plugged);
    for _ in 0..2 {
        service.kill();
        assert_eq!(readers::list(), Err(PcscError::NoService));
        assert_eq!(readers::find("00 00"), Err(PcscError::NoService));
        let start = Instant::now();
        assert_eq!(readers::wait_for_card(None, SOON), Err(PcscError::NoService));
        assert_eq!(PcscTransport::open(&reader).map(|_| ()), Err(PcscError::NoService));
        assert!(start.elapsed() < Duration::from_secs(2), "at once: {:?}", start.elapsed());
        service.start();
    }
    plugged.join_told();
    assert_eq!(PcscTransport::open(&reader).map(|_| ()), Err(PcscError::NoCard));
    let plugged = shared.plug();
    a_new_session_signs(&plugged);
    assert_eq!(PcscTransport::open(&reader).and_then(PcscTransport::close), Ok(()));
    assert_eq!(shared.card().tally().secrets, 2);
    plugged.pull();
}

#[test]
#[ignore = "stops the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn a_service_that_stands_still_is_given_up_at_our_own_deadline() {
    let mut service = Alone::new();
    let shared = Shared::new();
    let plugged = shared.plug();
    let reader = readers::wait_for_card(None, SOON).expect("a card is put in");
    let hasty = OpenOptions::new().deadline(Duration::from_millis(300)).patience(Duration::from_millis(300));
    let mut card = hasty.open(&reader).expect("it opens");
    assert_eq!(select(&mut card), Ok(vec![0x90, 0x00]));
    service.signal("-STOP");
    let start = Instant::now();
    let late = select(&mut card);
    let closed = card.close();
    let opened = hasty.open(&reader).map(|_| ());
    let took = start.elapsed();
    let listed = readers::list();
    service.signal("-CONT");
    assert_eq!(late, Err(LinkError::Timeout));
    assert_eq!(closed, Err(PcscError::Timeout));
    assert!(matches!(opened, Err(PcscError::Timeout | PcscError::Busy)), "{opened:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(listed, Err(PcscError::Timeout));
    a_new_session_signs(&plugged);
    plugged.pull();
}
