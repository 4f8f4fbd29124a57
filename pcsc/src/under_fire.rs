//! The whole way, from core's session to the calls of PC/SC, with something going wrong at each of these calls in each way
//! that PC/SC has a code for. The double is strict and has the simulated card in it.

mod every_code;
mod hanging;
mod script;
mod texts;
mod told;

use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate, JPKI};
use kazasu_core::{
    AuthPin, Capabilities, Counter, Digest, Error, LastTry, LinkError, ResponseBuf, SecretKind, Session, Transport,
};
use kazasu_fixtures::{Persona, Profile, SimCard};
use pcsc::Disposition;

use crate::double::{Call, Does, Entry};
use crate::error::PcscError;
use crate::readers;
use crate::transport::{OpenOptions, PcscTransport};
use script::{Fault, Lasts, Scripted};

type Double = crate::double::Double<Scripted>;

/// Where in [`job`] a command stands, and how many there are.
const SELECT: usize = 0;
const CERTIFICATE: usize = 2;
const VERIFY: usize = 4;
const SIGN: usize = 5;
const COMMANDS: usize = 6;

const TRIES: u8 = 3;

static ADULT: LazyLock<Persona> = LazyLock::new(|| Persona::named("adult").expect("a demonstration card"));

fn adult() -> SimCard {
    SimCard::new(&ADULT, Profile::default())
}

fn pin() -> AuthPin {
    AuthPin::new(&ADULT.secrets.auth_pin).expect("its PIN")
}

/// Tests that mostly sleep, side by side.
fn side_by_side<I: Send>(cases: impl IntoIterator<Item = I>, test: impl Fn(I) + Sync) {
    thread::scope(|scope| cases.into_iter().for_each(|case| drop(scope.spawn(|| test(case)))));
}

/// Counts what core asks for.
struct Asked<'t> {
    transport: &'t mut PcscTransport,
    commands: &'t mut usize,
}

impl Transport for Asked<'_> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        *self.commands += 1;
        self.transport.transmit(command, response).await
    }

    fn capabilities(&self) -> Capabilities {
        self.transport.capabilities()
    }
}

/// Something of everything: SELECT, a read with a short command, one with an extended command, a query, VERIFY, a signature.
async fn job<T: Transport>(session: &mut Session<T>) -> Result<(), Error> {
    let mut jpki = session.jpki().await?;
    jpki.token_kind().await?;
    jpki.certificate(FreeCertificate::Auth, &mut [0; CERTIFICATE_BUFFER]).await?;
    let mut unlocked = jpki.unlock(pin(), LastTry::Refuse).await?;
    unlocked.sign(&Digest::Sha256([0xA1; 32])).await?;
    Ok(())
}

/// What came of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// It did not begin.
    NotOpened(PcscError),
    /// What came of the job, and of closing the card.
    Closed(Result<(), Error>, Result<(), PcscError>),
}

/// What was seen of a job.
struct Run {
    outcome: Outcome,
    /// How many commands core asked for.
    asked: usize,
    log: Vec<Entry>,
    took: Duration,
}

/// Finds the reader, opens the card, does the job, closes the card. After a failure nothing more may get through, neither by the
/// session nor by the transport.
fn run(double: &Double, options: &OpenOptions) -> Run {
    let start = Instant::now();
    let mut asked = 0;
    let opened =
        readers::wait_for_card_on(double, None, Duration::ZERO).and_then(|r| options.open_on(double.clone(), &r));
    let outcome = match opened {
        Err(error) => Outcome::NotOpened(error),
        Ok(mut card) => {
            let mut session = Session::new(Asked { transport: &mut card, commands: &mut asked });
            let result = pollster::block_on(job(&mut session));
            if result.is_err() {
                let sent = double.count(Call::Transmit);
                let again = pollster::block_on(async { session.jpki().await?.tries(SecretKind::AuthPin).await });
                assert_eq!(again, Err(Error::SessionOver));
                assert_eq!(double.count(Call::Transmit), sent, "after the session's end");
            }
            Outcome::Closed(result, card.close())
        }
    };
    let took = start.elapsed();
    wait_until_left(double);
    Run { outcome, asked, log: double.log(), took }
}

/// Waits until nobody is connected any more.
fn wait_until_left(double: &Double) {
    assert!(double.wait_until_left(Duration::from_secs(20)), "somebody stays connected: {:?}", double.log());
}

/// What must hold whatever went wrong.
fn check_the_card(double: &Double, run: &Run) {
    assert_eq!(double.broken(), None);
    assert!(!double.repeated(), "the same command a second time");
    let transmitted = run.log.iter().filter(|entry| entry.call == Call::Transmit).count();
    assert!(transmitted <= run.asked, "{transmitted} commands for {} that core asked for", run.asked);
    let last = run.log.iter().rposition(|entry| entry.call == Call::Transmit);
    let unpowered = run.log.iter().rposition(|entry| entry.disposition == Some(Disposition::UnpowerCard));
    match last {
        Some(last) => assert!(unpowered > Some(last), "the power is cut after the last command: {:?}", run.log),
        None => assert_eq!(unpowered, None, "nothing was sent, so the card is left as it was"),
    }
    assert!(double.secrets() <= 1, "{} VERIFY commands", double.secrets());
    assert_eq!(double.card(|card| card.left(&JPKI, SecretKind::AuthPin)), Some(TRIES), "the PIN was right");
}

/// No key stands open, and none did when the next program could have had its turn.
fn check_that_no_key_was_left_open(double: &Double) {
    assert!(!double.card(SimCard::is_open), "a key is open");
    assert!(!double.exposed(), "the card was let go with a key open");
}

/// Once nothing goes wrong any more, the same card does the job in a new session.
fn check_that_a_new_session_works(double: &Double) {
    double.heal();
    let reader = readers::wait_for_card_on(double, Some(crate::double::READER), Duration::ZERO).expect("the card");
    let card = OpenOptions::new().open_on(double.clone(), &reader).expect("it opens");
    let mut session = Session::new(card);
    let tries = pollster::block_on(async { session.jpki().await?.tries(SecretKind::AuthPin).await });
    assert_eq!(tries, Ok(Counter::Left(TRIES)));
    assert_eq!(session.into_transport().close(), Ok(()));
    wait_until_left(double);
}

const fn fault(call: Call, nth: usize, lasts: Lasts, does: Does) -> Fault {
    Fault { call, nth, lasts, does }
}

fn once(call: Call, nth: usize, does: Does) -> Vec<Fault> {
    vec![fault(call, nth, Lasts::Once, does)]
}

fn closed_well(result: Error) -> Outcome {
    Outcome::Closed(Err(result), Ok(()))
}

#[test]
fn a_job_that_goes_well_makes_just_these_calls() {
    let double = Double::new(adult(), Vec::new());
    let run = run(&double, &OpenOptions::new());
    assert_eq!(run.outcome, Outcome::Closed(Ok(()), Ok(())));
    assert_eq!(run.asked, COMMANDS);
    let before = [
        // Which reader has a card?
        Call::Establish,
        Call::ListReaders,
        Call::StatusChange,
        // Does somebody use it? Then it is ours, and the reader says what it carries.
        Call::Establish,
        Call::StatusChange,
        Call::Connect,
        Call::Begin,
        Call::Status,
        Call::Control,
        Call::Control,
    ];
    assert_eq!(double.calls(), [&before[..], &[Call::Transmit; COMMANDS], &[Call::End, Call::Disconnect]].concat());
    check_the_card(&double, &run);
    check_that_no_key_was_left_open(&double);
    assert_eq!(double.secrets(), 1);
    check_that_a_new_session_works(&double);
}

#[test]
fn the_double_sees_a_key_that_is_left_open() {
    use crate::service::{Card, Context, Service, Transaction};
    let double = Double::new(adult(), Vec::new());
    let context = double.establish().expect("no fault");
    let mut card = context.connect(c"any").expect("no fault");
    let Ok(transaction) = card.begin_transaction() else { panic!("no fault") };
    for command in [
        &[&[0x00, 0xA4, 0x04, 0x0C, 0x0A][..], JPKI.aid].concat()[..],
        &[0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18],
        &[&[0x00, 0x20, 0x00, 0x80, 0x04][..], ADULT.secrets.auth_pin.as_bytes()].concat(),
    ] {
        let mut response = [0; 258];
        assert_eq!(transaction.transmit(command, &mut response).map(|len| response[..len].to_vec()), Ok(vec![0x90, 0]));
    }
    assert!(!double.exposed());
    drop(transaction);
    assert!(double.exposed());
    assert!(double.card(SimCard::is_open));
}
