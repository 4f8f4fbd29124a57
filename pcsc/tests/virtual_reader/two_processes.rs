//! Two programs on one card, each in a process of its own. This one knows the PIN: it verifies it and signs, again and again. The
//! other one does not, and tries to sign all the same: politely, as this crate would, and rudely, with no transaction at all.
//!
//! The card sees everything, and knows the other process by the digest that it wants signed.

use std::env;
use std::process::{Child, Command, Stdio};

use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate, JPKI};
use kazasu_core::{AuthPin, Counter, Digest, Error, LastTry, SecretKind, Session, Signature};
use kazasu_fixtures::{Persona, Profile, SimCard};

use super::*;

const ROLE: &str = "KAZASU_THE_OTHER_PROCESS";
const NAME: &str = "two_processes::another_process_never_signs_with_our_pin_and_no_answers_are_mixed";

/// How often the other process has its turn in each of its two manners.
const TURNS: u64 = 130;
const INTERLEAVINGS: usize = 200;
/// No deadlock: both are done by then.
const BOUND: Duration = Duration::from_secs(180);

const OURS: [u8; 32] = [0xA5; 32];
const THEIRS: [u8; 32] = [0xB5; 32];

/// What the card saw.
#[derive(Default)]
struct Seen {
    /// Whose turn it was: the last VERIFY was ours, the last attempt without a PIN was theirs.
    last: Option<&'static str>,
    interleavings: usize,
    attempts: usize,
    /// Attempts without a PIN while a key stood open. There shall be none.
    with_an_open_key: usize,
}

struct Watched {
    card: SimCard,
    seen: Arc<Mutex<Seen>>,
}

impl Watched {
    fn note(&mut self, who: &'static str, attempt: bool) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.interleavings += usize::from(seen.last.is_some_and(|last| last != who));
        seen.last = Some(who);
        seen.attempts += usize::from(attempt);
        seen.with_an_open_key += usize::from(attempt && self.card.is_open());
    }
}

impl VirtualCard for Watched {
    fn atr(&self) -> Vec<u8> {
        self.card.atr()
    }

    fn power_on(&mut self) {
        self.card.power_cycle();
    }

    fn power_off(&mut self) {
        self.card.power_cycle();
    }

    fn reset(&mut self) {} // leaves what was verified

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        if matches!(command, [0x00, 0x20, _, _, _, ..]) {
            self.note("we", false);
        } else if command.windows(THEIRS.len()).any(|window| window == THEIRS) {
            self.note("they", true);
        }
        self.card.command(command)
    }
}

/// What each process reads and signs, from a card that nobody else has.
struct Expected {
    ours: Vec<u8>,
    theirs: Vec<u8>,
    signature: Signature,
}

fn pin() -> AuthPin {
    AuthPin::new(&Persona::named("adult").expect("a demonstration card").secrets.auth_pin).expect("its PIN")
}

fn card() -> SimCard {
    SimCard::new(&Persona::named("adult").expect("a demonstration card"), Profile::default())
}

fn read<T: Transport>(session: &mut Session<T>, which: FreeCertificate) -> Result<Vec<u8>, Error> {
    let mut buf = [0; CERTIFICATE_BUFFER];
    pollster::block_on(async { Ok(session.jpki().await?.certificate(which, &mut buf).await?.to_vec()) })
}

fn sign<T: Transport>(session: &mut Session<T>) -> Result<Signature, Error> {
    pollster::block_on(async {
        session.jpki().await?.unlock(pin(), LastTry::Refuse).await?.sign(&Digest::Sha256(OURS)).await
    })
}

impl Expected {
    fn new() -> Self {
        let mut session = Session::new(card());
        let ours = read(&mut session, FreeCertificate::Auth).expect("ours");
        let theirs = read(&mut session, FreeCertificate::SignCa).expect("theirs");
        assert_ne!(ours, theirs);
        Self { ours, theirs, signature: sign(&mut session).expect("a signature") }
    }
}

/// Ends the other process with the test.
struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn another_process_never_signs_with_our_pin_and_no_answers_are_mixed() {
    if env::var_os(ROLE).is_some() {
        return the_other_process();
    }
    let _alone = alone();
    let expected = Expected::new();
    let (seen, stop) = (Arc::new(Mutex::new(Seen::default())), AtomicBool::new(false));
    let mut watched = Watched { card: card(), seen: Arc::clone(&seen) };
    let (start, mut sessions) = (Instant::now(), 0);
    thread::scope(|scope| {
        let served = scope.spawn(|| plug::serve(SLOT_0, &mut watched, &stop));
        // Also when something below fails: the card leaves the reader, and the scope can end.
        let _pull = Pull(&stop);
        readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
        let this = env::current_exe().expect("our own name");
        let mut other = Command::new(this);
        other.args(["--exact", NAME, "--ignored", "--nocapture"]).env(ROLE, "1").stdin(Stdio::null());
        let mut other = Other(other.spawn().expect("the other process"));

        let status = loop {
            if let Some(status) = other.0.try_wait().expect("our own child") {
                break status;
            }
            assert!(start.elapsed() < BOUND, "the other process does not come to an end");
            our_turn(&expected);
            sessions += 1;
            make_room(sessions);
        };
        assert!(status.success(), "the other process says what is wrong");
        our_turn(&expected);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(served.join().expect("no panic").expect("no error"), Left::Stopped);
    });

    let seen = seen.lock().expect("no panic");
    report(&format!(
        "{sessions} sessions with a PIN, {} attempts of another process without one, {} interleavings, {} s",
        seen.attempts,
        seen.interleavings,
        start.elapsed().as_secs()
    ));
    assert_eq!(seen.with_an_open_key, 0, "attempts of the other process that met an open key");
    assert!(seen.interleavings >= INTERLEAVINGS, "only {} interleavings", seen.interleavings);
    for pin in JPKI.pins {
        assert_eq!(watched.card.left(&JPKI, pin.kind), Some(pin.tries), "{:?}: no try is spent", pin.kind);
    }
    assert_eq!(watched.card.tally().secrets as u64, sessions + 1, "one VERIFY for each of our sessions");
}

struct Pull<'s>(&'s AtomicBool);

impl Drop for Pull<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn patient() -> PcscTransport {
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("the card is in its reader");
    OpenOptions::new().patience(Duration::from_secs(60)).open(&reader).expect("our turn comes")
}

/// pcsc-lite 1.9 has no queue: who waits for a card asks again every 100 ms. Mostly the other one gets its turn, sometimes it
/// has to fight.
fn make_room(turn: u64) {
    if turn % 4 != 3 {
        thread::sleep(Duration::from_millis(100 + turn * 7 % 16));
    }
}

/// Verifies once, then signs and reads twice with nobody in between.
fn our_turn(expected: &Expected) {
    let mut session = Session::new(patient());
    let done = pollster::block_on(async {
        let mut jpki = session.jpki().await?;
        let mut unlocked = jpki.unlock(pin(), LastTry::Refuse).await?;
        for _ in 0..2 {
            assert!(unlocked.sign(&Digest::Sha256(OURS)).await? == expected.signature, "not our signature");
            let mut buf = [0; CERTIFICATE_BUFFER];
            assert!(unlocked.certificate(&mut buf).await? == expected.ours, "not our certificate");
        }
        Ok::<(), Error>(())
    });
    assert_eq!(done, Ok(()));
    assert_eq!(session.into_transport().close(), Ok(()));
}

/// `80 2A 00 97 33 DigestInfo 00`: a signature with the user-authentication key, by its short id.
fn signing() -> Vec<u8> {
    const DIGEST_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ];
    [&[0x80, 0x2A, 0x00, 0x97, 0x33][..], &DIGEST_INFO, &THEIRS, &[0x00]].concat()
}

fn select() -> Vec<u8> {
    [&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], JPKI.aid].concat()
}

/// What ends this process makes its exit code bad, and with that the test.
fn the_other_process() {
    let expected = Expected::new();
    let context = Context::establish(Scope::User).expect("the service runs");
    let mut rude = context.connect(c"Virtual PCD 00 00", ShareMode::Shared, Protocols::T1).expect("a shared card");
    let (mut refused, mut resets) = (0, 0);
    for turn in 0..TURNS {
        politely(&expected);
        make_room(turn);
        for command in [signing(), select(), signing()] {
            let mut response = [0; 258];
            match rude.transmit(&command, &mut response) {
                Ok([0x90, 0x00]) if command == select() => {}
                Ok([_, _]) => refused += 1,
                Ok(answer) => panic!("{} bytes to an attempt without a PIN", answer.len()),
                Err(pcsc::Error::ResetCard) => {
                    resets += 1;
                    rude.reconnect(ShareMode::Shared, Protocols::T1, Disposition::LeaveCard)
                        .expect("the card is there");
                }
                Err(error) => panic!("{error:?} in turn {turn}"),
            }
        }
        make_room(turn);
    }
    report(&format!("the other process, rudely: {refused} times refused, told of {resets} resets"));
}

fn politely(expected: &Expected) {
    let mut card = patient();
    // Nothing is selected any more, unless it was by our own rude turn; and with it selected, the key is closed.
    let at_once = transmit(&mut card, &signing());
    assert!(at_once == Ok(vec![0x69, 0x86]) || at_once == Ok(vec![0x69, 0x82]), "an attempt without a PIN");
    assert_eq!(transmit(&mut card, &select()), Ok(vec![0x90, 0x00]));
    assert_eq!(transmit(&mut card, &signing()), Ok(vec![0x69, 0x82]));
    let mut session = Session::new(card);
    assert!(read(&mut session, FreeCertificate::SignCa).as_ref() == Ok(&expected.theirs), "not their certificate");
    let tries = pollster::block_on(async { session.jpki().await?.tries(SecretKind::AuthPin).await });
    assert_eq!(tries, Ok(Counter::Left(3)));
    assert_eq!(session.into_transport().close(), Ok(()));
}
