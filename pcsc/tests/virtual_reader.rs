//! The transport and the plug against a real PC/SC service with a virtual reader.
//!
//! `.ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored --test-threads=1`
//!
//! Without that harness the tests are ignored, or fail when they are run all the same.
//! The card here answers a handful of literal bytes and is strict: what it does not know fails the test.

#[path = "virtual_reader/any_atr.rs"]
mod any_atr;
#[path = "virtual_reader/plan_files.rs"]
mod plan_files;
#[path = "virtual_reader/two_processes.rs"]
mod two_processes;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kazasu_core::transport::{Capabilities, LinkError, ResponseBuf, Transport};
use kazasu_pcsc::plug::{self, Left, PlugError, SLOT_0, SLOT_1, VirtualCard};
use kazasu_pcsc::readers::{self, Card, Sharing};
use kazasu_pcsc::{OpenOptions, PcscError, PcscTransport};
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode};

const FIRST: &str = "Virtual PCD 00 00";
const SECOND: &str = "Virtual PCD 00 01";
const ATR: [u8; 9] = [0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14];
const SOON: Duration = Duration::from_secs(10);

const SELECT: &[u8] = &[0x00, 0xA4, 0x04, 0x0C, 0x02, 0xA0, 0x01];
const CHALLENGE: &[u8] = &[0x00, 0x84, 0x00, 0x00, 0x08];
const READ_ALL: &[u8] = &[0x00, 0xB0, 0x00, 0x00, 0x00, 0x00, 0x00];
const TEAR: &[u8] = &[0x00, 0xB0, 0x00, 0x01, 0x01];
const SLEEP: &[u8] = &[0x00, 0xB0, 0x00, 0x02, 0x01];
/// Only the other program in these tests sends it.
const FOREIGN: &[u8] = &[0x80, 0xCA, 0x00, 0x00, 0x00];

/// What happened to the card, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    On,
    Off,
    Reset,
    Command(&'static str),
}

#[derive(Clone, Default)]
struct Notes(Arc<(Mutex<Vec<Event>>, Condvar)>);

impl Notes {
    fn add(&self, event: Event) {
        self.lock().push(event);
        self.0.1.notify_all();
    }

    fn all(&self) -> Vec<Event> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `event` after the first `skip` events.
    fn wait_for(&self, skip: usize, event: Event) {
        let there = |notes: &mut Vec<Event>| !notes.iter().skip(skip).any(|seen| *seen == event);
        let (notes, time) = self.0.1.wait_timeout_while(self.lock(), SOON, there).expect("no panic holds the notes");
        assert!(!time.timed_out(), "{event:?} did not come: {notes:?}");
    }

    /// Waits for what pcscd makes of "unpower": off, and on again. (A card that nobody uses any more it switches off by
    /// itself after a while, and not on again: that does not count.)
    fn wait_for_power_cycle(&self, skip: usize) {
        self.wait_for(skip, Event::On);
        assert_eq!(self.all()[skip..], [Event::Off, Event::On]);
    }

    /// Where the last event of this kind is.
    fn last(&self, event: Event) -> usize {
        self.all().iter().rposition(|seen| *seen == event).unwrap_or_else(|| panic!("no {event:?}: {:?}", self.all()))
    }
}

struct LiteralCard {
    notes: Notes,
    wake: Arc<AtomicBool>,
}

impl VirtualCard for LiteralCard {
    fn atr(&self) -> Vec<u8> {
        ATR.to_vec()
    }

    fn power_on(&mut self) {
        self.notes.add(Event::On);
    }

    fn power_off(&mut self) {
        self.notes.add(Event::Off);
    }

    fn reset(&mut self) {
        self.notes.add(Event::Reset);
    }

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let (name, answer) = match command {
            SELECT => ("select", Some(vec![0x90, 0x00])),
            CHALLENGE => ("challenge", Some(vec![1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00])),
            READ_ALL => ("read all", Some([vec![0x5A; 4000], vec![0x90, 0x00]].concat())),
            TEAR => ("tear", None),
            SLEEP => ("sleep", Some(vec![0x5A, 0x90, 0x00])),
            [0x00, 0x20, 0x00, 0x80, 0x10, pin @ ..] if pin.len() == 16 => ("verify", Some(vec![0x90, 0x00])),
            FOREIGN => ("foreign", Some(vec![0x6D, 0x00])),
            _ => panic!("a command that no test sends: {} bytes", command.len()),
        };
        self.notes.add(Event::Command(name));
        while name == "sleep" && !self.wake.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(10));
        }
        answer
    }
}

/// A card in the first virtual reader, until it is pulled or dropped.
struct Plugged {
    notes: Notes,
    wake: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Left, PlugError>>>,
}

impl Plugged {
    fn new() -> Self {
        let (notes, wake, stop) = (Notes::default(), Arc::default(), Arc::new(AtomicBool::new(false)));
        let mut card = LiteralCard { notes: notes.clone(), wake: Arc::clone(&wake) };
        let flag = Arc::clone(&stop);
        let thread = thread::spawn(move || plug::serve(SLOT_0, &mut card, &flag));
        Self { notes, wake, stop, thread: Some(thread) }
    }

    fn pull(&mut self) -> Left {
        self.wake.store(true, Ordering::Relaxed);
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("pulled once");
        thread.join().expect("every command was known").expect("the reader is still there")
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        if self.thread.is_some() && !thread::panicking() {
            let_the_service_finish();
            self.pull();
        }
        self.wake.store(true, Ordering::Relaxed);
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// A card that is pulled while pcscd 1.9.9 gives it power, and replaced at once, may never be noticed to be gone. So it is pulled
/// when nobody has used it for a moment.
fn let_the_service_finish() {
    let start = Instant::now();
    let mut idle = Instant::now();
    while idle.elapsed() < Duration::from_millis(200) && start.elapsed() < Duration::from_secs(2) {
        let in_use = |readers: Vec<readers::Reader>| readers.iter().any(|reader| reader.sharing != Sharing::Free);
        if readers::list().is_ok_and(in_use) {
            idle = Instant::now();
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// One test at a time has the reader, and the next one starts when it is empty.
fn alone() -> MutexGuard<'static, ()> {
    static READER: Mutex<()> = Mutex::new(());
    assert!(
        std::env::var_os("KAZASU_VIRTUAL_READER").is_some_and(|value| value == "1"),
        "no virtual reader here: run this in .ci/virtual-reader"
    );
    let guard = READER.lock().unwrap_or_else(PoisonError::into_inner);
    wait_until_empty();
    guard
}

fn wait_until_empty() {
    let start = Instant::now();
    while readers::list().expect("the virtual readers").iter().any(|reader| reader.card != Card::Absent) {
        assert!(start.elapsed() < SOON, "the readers do not become empty");
        thread::sleep(Duration::from_millis(50));
    }
}

fn open() -> (Plugged, PcscTransport) {
    open_with(&OpenOptions::new())
}

fn open_with(options: &OpenOptions) -> (Plugged, PcscTransport) {
    let plugged = Plugged::new();
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let card = options.open(&reader).expect("the card opens");
    (plugged, card)
}

fn transmit(card: &mut PcscTransport, command: &[u8]) -> Result<Vec<u8>, LinkError> {
    let mut bytes = vec![0; Capabilities::EXTENDED.max_response];
    let mut response = ResponseBuf::new(&mut bytes);
    pollster::block_on(card.transmit(command, &mut response))?;
    Ok(response.as_slice().to_vec())
}

/// For what is worth knowing and no promise.
fn report(text: &str) {
    let _ = writeln!(std::io::stderr(), "\n    observed: {text}");
}

/// Another program that uses the card in its own way.
fn other_program() -> (Context, pcsc::Card) {
    let context = Context::establish(Scope::User).expect("the service runs");
    let card = context.connect(c"Virtual PCD 00 00", ShareMode::Shared, Protocols::T1).expect("a shared card");
    (context, card)
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn both_virtual_readers_are_listed_and_empty() {
    let _alone = alone();
    let there = readers::list().expect("the service runs");
    let names: Vec<&str> = there.iter().map(|reader| reader.name.as_str()).collect();
    assert_eq!(names, [FIRST, SECOND]);
    assert!(there.iter().all(|reader| reader.card == Card::Absent && reader.atr.is_empty()), "{there:?}");
    assert_eq!(readers::find("00 01").map(|reader| reader.name), Ok(SECOND.to_owned()));
    assert!(matches!(readers::find("virtual pcd"), Err(PcscError::ReaderAmbiguous { .. })));
    assert!(matches!(readers::find("RC-S300"), Err(PcscError::ReaderNotFound { .. })));
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn waiting_for_a_card_that_never_comes_ends_in_time() {
    let _alone = alone();
    let start = Instant::now();
    assert_eq!(readers::wait_for_card(None, Duration::from_millis(700)), Err(PcscError::NoCard));
    assert!(start.elapsed() >= Duration::from_millis(700));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(matches!(readers::wait_for_card(Some("RC-S300"), Duration::ZERO), Err(PcscError::ReaderNotFound { .. })));
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn an_empty_reader_cannot_be_opened() {
    let _alone = alone();
    let reader = readers::find(FIRST).expect("the reader");
    assert_eq!(PcscTransport::open(&reader).map(|_| ()), Err(PcscError::NoCard));
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_card_that_is_put_in_while_we_wait_is_seen() {
    let _alone = alone();
    let waiting = thread::spawn(|| readers::wait_for_card(None, SOON));
    thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    let _card = Plugged::new();
    let reader = waiting.join().expect("no panic").expect("a card came");
    report(&format!("a card is seen {} ms after it was put in", start.elapsed().as_millis()));
    assert_eq!((reader.name.as_str(), reader.card), (FIRST, Card::Present));
    assert_eq!(reader.atr, ATR);
    assert_eq!(reader.sharing, Sharing::Free);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn answers_come_back_byte_for_byte() {
    let _alone = alone();
    let (plugged, mut card) = open();
    assert_eq!(card.atr(), ATR);
    assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
    assert_eq!(transmit(&mut card, CHALLENGE), Ok(vec![1, 2, 3, 4, 5, 6, 7, 8, 0x90, 0x00]));
    let long = transmit(&mut card, READ_ALL).expect("an extended answer");
    assert_eq!((long.len(), &long[3998..]), (4002, &[0x5A, 0x5A, 0x90, 0x00][..]));
    let seen: Vec<Event> = plugged.notes.all().into_iter().filter(|e| matches!(e, Event::Command(_))).collect();
    assert_eq!(seen, [Event::Command("select"), Event::Command("challenge"), Event::Command("read all")]);
    report(&format!("the virtual reader's capabilities: {:?}", card.capabilities()));
    assert_eq!(readers::find(FIRST).map(|reader| reader.sharing), Ok(Sharing::Shared));
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn with_short_only_the_transport_says_so() {
    let _alone = alone();
    let (_plugged, card) = open_with(&OpenOptions::new().short_only());
    assert_eq!(card.capabilities(), Capabilities::SHORT);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_card_that_is_pulled_between_commands_is_lost_for_good() {
    let _alone = alone();
    let (mut plugged, mut card) = open();
    assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
    assert_eq!(plugged.pull(), Left::Stopped);
    assert_eq!(transmit(&mut card, CHALLENGE), Err(LinkError::CardLost), "{:?}", card.last_error());
    // Back in the reader, it is another card to us.
    let back = Plugged::new();
    readers::wait_for_card(Some(FIRST), SOON).expect("the card is back");
    assert_eq!(transmit(&mut card, CHALLENGE), Err(LinkError::CardLost));
    assert_eq!(back.notes.all().iter().filter(|e| matches!(e, Event::Command(_))).count(), 0);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_card_that_is_torn_away_inside_a_command_is_lost_and_nothing_is_sent_again() {
    let _alone = alone();
    let (mut plugged, mut card) = open();
    assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
    let first = transmit(&mut card, TEAR);
    report(&format!("torn inside a command: {first:?}, PC/SC says {:?}", card.last_error()));
    assert_eq!(first, Err(LinkError::CardLost));
    assert_eq!(plugged.pull(), Left::Torn);
    assert_eq!(transmit(&mut card, CHALLENGE), Err(LinkError::CardLost));
    let commands: Vec<Event> = plugged.notes.all().into_iter().filter(|e| matches!(e, Event::Command(_))).collect();
    assert_eq!(commands, [Event::Command("select"), Event::Command("tear")]);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_dropped_transport_leaves_the_card_without_power_and_so_does_a_closed_one() {
    let _alone = alone();
    for close in [false, true] {
        let (plugged, mut card) = open();
        assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
        let before = plugged.notes.all().len();
        let start = Instant::now();
        if close {
            assert_eq!(card.close(), Ok(()));
        } else {
            drop(card);
        }
        let took = start.elapsed();
        // The power closes the keys, and no command does.
        plugged.notes.wait_for_power_cycle(before);
        report(&format!("close: {close}; took {} µs", took.as_micros()));
        drop(plugged);
        while readers::find(FIRST).expect("the reader").card != Card::Absent {
            thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_transport_that_sent_nothing_leaves_the_card_as_it_was() {
    let _alone = alone();
    let (plugged, card) = open();
    let before = plugged.notes.all().len();
    assert_eq!(card.close(), Ok(()));
    assert_eq!(plugged.notes.all()[before..], []);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn after_closing_the_card_opens_again() {
    let _alone = alone();
    let (_plugged, mut card) = open();
    assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
    for _ in 0..3 {
        assert_eq!(card.close(), Ok(()));
        let reader = readers::wait_for_card(Some(FIRST), SOON).expect("the card is still in");
        card = PcscTransport::open(&reader).expect("it opens again");
        assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
    }
}

/// Waits until the card is free, sends one command, and gives what was said meanwhile.
fn wait_for_their_turn(theirs: &mut pcsc::Card) -> Vec<pcsc::Error> {
    let mut said = Vec::new();
    loop {
        match theirs.transaction2() {
            Ok(transaction) => {
                transaction.transmit(FOREIGN, &mut [0; 258]).expect("their turn");
                return said;
            }
            Err((_, error)) => said.push(error),
        }
        // A program that takes note of a reset and goes on.
        theirs.reconnect(ShareMode::Shared, Protocols::T1, Disposition::LeaveCard).expect("the card is there");
    }
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn another_program_that_waits_for_its_turn_never_meets_the_powered_card() {
    let _alone = alone();
    let plugged = Plugged::new();
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let (_context, mut theirs) = other_program();
    let mut ours = PcscTransport::open(&reader).expect("shared");
    assert_eq!(transmit(&mut ours, SELECT), Ok(vec![0x90, 0x00]));
    let waiting = thread::spawn(move || wait_for_their_turn(&mut theirs));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(plugged.notes.last(Event::Command("select")), plugged.notes.all().len() - 1, "they had to wait");
    drop(ours);
    let said = waiting.join().expect("no panic");
    report(&format!("while it waited for its turn the other program was told {said:?}"));
    let all = plugged.notes.all();
    let (ours, theirs) = (plugged.notes.last(Event::Command("select")), plugged.notes.last(Event::Command("foreign")));
    assert_eq!(all[ours + 1..theirs], [Event::Off, Event::On]);
}

/// The worker counts on this where the service refuses to end its transaction. (pcsc-lite gives the power back when the next
/// program needs it.)
#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_transaction_that_was_not_ended_ends_with_its_connection_and_the_power_first() {
    let _alone = alone();
    let plugged = Plugged::new();
    readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let ((_one, mut ours), (_other, mut theirs)) = (other_program(), other_program());
    let transaction = ours.transaction().expect("free");
    transaction.transmit(SELECT, &mut [0; 258]).expect("our turn");
    std::mem::forget(transaction);
    let waiting = thread::spawn(move || wait_for_their_turn(&mut theirs));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(plugged.notes.last(Event::Command("select")), plugged.notes.all().len() - 1, "they had to wait");
    assert!(ours.disconnect(Disposition::UnpowerCard).is_ok());
    waiting.join().expect("no panic");
    let all = plugged.notes.all();
    let (ours, theirs) = (plugged.notes.last(Event::Command("select")), plugged.notes.last(Event::Command("foreign")));
    assert_eq!(all[ours + 1..theirs].first(), Some(&Event::Off));
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn another_program_cannot_reset_the_card_while_we_hold_it() {
    let _alone = alone();
    let plugged = Plugged::new();
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let (_context, mut theirs) = other_program();
    let mut ours = PcscTransport::open(&reader).expect("shared");
    assert_eq!(transmit(&mut ours, SELECT), Ok(vec![0x90, 0x00]));
    let before = plugged.notes.all().len();

    let (tell, told) = mpsc::channel();
    let meddler = thread::spawn(move || {
        let _ = tell.send(theirs.reconnect(ShareMode::Shared, Protocols::T1, Disposition::ResetCard));
        // Gives the card back with a reset.
        let _ = tell.send(theirs.disconnect(Disposition::ResetCard).map_err(|(_, error)| error));
    });
    let reconnect = told.recv_timeout(Duration::from_secs(1));
    let disconnect = told.recv_timeout(Duration::from_secs(1));
    report(&format!(
        "while we hold the card, another program's reconnect with reset: {reconnect:?}; its disconnect with reset: {disconnect:?}; \
         the card saw {:?}",
        &plugged.notes.all()[before..]
    ));
    let challenge = transmit(&mut ours, CHALLENGE);
    report(&format!("our next command then: {challenge:?}"));
    if plugged.notes.all()[before..].contains(&Event::Reset) {
        assert_eq!(challenge, Err(LinkError::CardReset));
    } else {
        assert_eq!(challenge.map(|bytes| bytes.len()), Ok(10));
    }
    drop(ours);
    meddler.join().expect("no panic");
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_reset_that_happened_before_we_open_is_not_our_concern() {
    let _alone = alone();
    let _plugged = Plugged::new();
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let (_context, mut theirs) = other_program();
    for _ in 0..3 {
        theirs.reconnect(ShareMode::Shared, Protocols::T1, Disposition::ResetCard).expect("nobody holds it");
        let mut ours = PcscTransport::open(&reader).expect("opens");
        assert_eq!(transmit(&mut ours, SELECT), Ok(vec![0x90, 0x00]));
        assert_eq!(ours.close(), Ok(()));
        let _ = theirs.reconnect(ShareMode::Shared, Protocols::T1, Disposition::LeaveCard);
    }
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_card_that_another_program_holds_is_busy_after_our_patience() {
    let _alone = alone();
    let plugged = Plugged::new();
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let (_context, mut theirs) = other_program();
    let transaction = theirs.transaction().expect("free");
    let start = Instant::now();
    let result = OpenOptions::new().patience(Duration::from_millis(500)).open(&reader).map(|_| ());
    assert_eq!(result, Err(PcscError::Busy));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let before = plugged.notes.all().len();
    drop(transaction);
    // Our worker gets its turn now, finds nobody waiting, and goes without touching the card of the other program.
    thread::sleep(Duration::from_millis(500));
    assert_eq!(plugged.notes.all()[before..], []);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_card_that_another_program_holds_exclusively_is_busy_at_once() {
    let _alone = alone();
    let _plugged = Plugged::new();
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let context = Context::establish(Scope::User).expect("the service runs");
    let _theirs = context.connect(c"Virtual PCD 00 00", ShareMode::Exclusive, Protocols::T1).expect("free");
    assert_eq!(readers::find(FIRST).map(|reader| reader.sharing), Ok(Sharing::Exclusive));
    assert_eq!(OpenOptions::new().patience(Duration::from_secs(2)).open(&reader).map(|_| ()), Err(PcscError::Busy));
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_card_that_never_answers_is_given_up_at_our_own_deadline() {
    let _alone = alone();
    let (plugged, mut card) = open_with(&OpenOptions::new().deadline(Duration::from_millis(400)));
    assert_eq!(transmit(&mut card, SELECT), Ok(vec![0x90, 0x00]));
    let start = Instant::now();
    assert_eq!(transmit(&mut card, SLEEP), Err(LinkError::Timeout));
    let took = start.elapsed();
    assert!((Duration::from_millis(400)..Duration::from_secs(3)).contains(&took), "{took:?}");
    assert_eq!(transmit(&mut card, SELECT), Err(LinkError::Timeout), "a finished transport sends nothing");
    let before = plugged.notes.all().len();
    assert_eq!(plugged.notes.all()[before - 1], Event::Command("sleep"));
    // The card wakes up. Its late answer interests nobody, and it loses its power without being asked anything more.
    plugged.wake.store(true, Ordering::Relaxed);
    plugged.notes.wait_for_power_cycle(before);
    assert_eq!(card.close(), Ok(()));
    let commands: Vec<Event> = plugged.notes.all().into_iter().filter(|e| matches!(e, Event::Command(_))).collect();
    assert_eq!(commands, [Event::Command("select"), Event::Command("sleep")]);
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn dropping_a_transport_whose_card_hangs_does_not_hang() {
    let _alone = alone();
    let (plugged, mut card) = open_with(&OpenOptions::new().deadline(Duration::from_millis(200)));
    assert_eq!(transmit(&mut card, SLEEP), Err(LinkError::Timeout));
    let start = Instant::now();
    assert_eq!(card.close(), Err(PcscError::Timeout));
    report(&format!("closing a card that hangs took {} ms", start.elapsed().as_millis()));
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    let before = plugged.notes.all().len();
    plugged.wake.store(true, Ordering::Relaxed);
    plugged.notes.wait_for_power_cycle(before);
    // pcscd restores the power. A card that is pulled before that is done confuses it: it looks only every 0.4 s, and
    // takes the next card for this one.
    let start = Instant::now();
    while readers::find(FIRST).map(|reader| reader.sharing) != Ok(Sharing::Free) {
        assert!(start.elapsed() < SOON, "the worker does not leave");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn a_second_card_does_not_fit_into_the_same_reader() {
    let _alone = alone();
    let _first = Plugged::new();
    readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let mut second = LiteralCard { notes: Notes::default(), wake: Arc::default() };
    let result = plug::serve(SLOT_0, &mut second, &AtomicBool::new(false));
    assert!(matches!(result, Err(PlugError::Occupied { .. })), "{result:?}");
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn the_second_slot_takes_a_card_of_its_own() {
    let _alone = alone();
    let stop = AtomicBool::new(false);
    let mut card = LiteralCard { notes: Notes::default(), wake: Arc::default() };
    thread::scope(|scope| {
        let served = scope.spawn(|| plug::serve(SLOT_1, &mut card, &stop));
        let reader = readers::wait_for_card(None, SOON).map(|reader| reader.name);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(reader, Ok(SECOND.to_owned()));
        assert_eq!(served.join().expect("no panic").expect("no error"), Left::Stopped);
    });
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn after_closing_no_copy_of_a_pin_is_left_in_this_process() {
    let _alone = alone();
    let (_plugged, mut card) = open();
    // Byte by byte, so that the stack never holds it whole.
    let mut command = zeroize::Zeroizing::new(Vec::with_capacity(21));
    command.extend_from_slice(&[0x00, 0x20, 0x00, 0x80, 0x10]);
    for byte in &memory::MASKED {
        command.push(memory::unmask(*byte));
    }
    assert_ne!(memory::copies_of_the_mark(), 0, "the search must find what is there");
    assert_eq!(transmit(&mut card, &command), Ok(vec![0x90, 0x00]));
    drop(command);
    assert_eq!(memory::copies_of_the_mark(), 0, "while the card is still open");
    assert_eq!(card.close(), Ok(()));
    assert_eq!(memory::copies_of_the_mark(), 0, "after closing");
}

/// Searches this process's memory for a PIN that never stands in it in clear, unless somebody keeps it.
#[cfg(target_os = "linux")]
mod memory {
    use std::fs::{self, File};
    use std::os::unix::fs::FileExt;

    pub(super) const MASKED: [u8; 16] = *b"MASKED-PIN-16-by";

    pub(super) fn unmask(byte: u8) -> u8 {
        byte ^ 0xA5
    }

    pub(super) fn copies_of_the_mark() -> usize {
        let maps = fs::read_to_string("/proc/self/maps").expect("the map of our memory");
        let memory = File::open("/proc/self/mem").expect("our memory");
        let mut copies = 0;
        for line in maps.lines().filter(|line| line.contains(" rw")) {
            let (from, to) = line.split_once(' ').and_then(|(range, _)| range.split_once('-')).expect("a range");
            let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).expect("an address"));
            let mut bytes = zeroize::Zeroizing::new(vec![0; usize::try_from(to - from).expect("fits")]);
            // A region may have gone meanwhile.
            let Ok(read) = memory.read_at(&mut bytes, from) else { continue };
            copies += bytes[..read]
                .windows(MASKED.len())
                .filter(|window| window.iter().zip(MASKED).all(|(here, masked)| unmask(*here) == masked))
                .count();
        }
        copies
    }
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn fifty_commands_take_so_long() {
    let _alone = alone();
    let (_plugged, mut card) = open();
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(transmit(&mut card, CHALLENGE).map(|bytes| bytes.len()), Ok(10));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    report(&format!(
        "one APDU takes {} µs (median of 50), {} µs at most",
        times[25].as_micros(),
        times[49].as_micros()
    ));
}
