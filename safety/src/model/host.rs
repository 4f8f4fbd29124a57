//! The PC/SC side: the core over `kazasu-pcsc` over the double of the service, among other programs, drivers that fail and hang,
//! and a service that dies. What the host may do is what a program like the command line does with it.

use super::Side;
use super::plans::{App, Want, Watched};
use super::reader::{Cancel, Reader};
use super::schedule::{Ask, Outcome, Setting, Text, Typed, judge, perform, poll_once};
use super::world::{At, Broken, World, carries_a_secret, due, is_extended};
use crate::card::Which;
use crate::random::Random;
use kazasu_core::{Capabilities, LastTry, LinkError, ResponseBuf, Session, Transport};
use kazasu_pcsc::double::{Call, Code, Disposition, Does, Double, Flaw};
use kazasu_pcsc::{OpenOptions, PcscError, PcscTransport};
use std::cell::RefCell;
use std::future::pending;
use std::sync::OnceLock;
use std::time::Duration;

/// How a program leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// `PcscTransport::close`
    Close,
    /// The transport is dropped.
    Drop,
    /// `Session::close`, then `PcscTransport::close`.
    SessionToo,
}

/// One step of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An operation; it opens the card if that is not open.
    Do(Ask, Typed),
    /// A plan begins, or goes on; it opens the card if that is not open.
    Plan(Want, Typed),
    /// The service or its driver fails at a command.
    Arm(Does, At),
    /// It fails at the next call of this kind.
    ArmCall(Call, Does),
    /// The caller cancels at a command.
    Cancel(Cancel, At),
    /// The program lists the readers and waits for a card without patience.
    Look,
    /// The program leaves.
    Leave(Leave),
    /// The program leaves and opens the card again; `resumed` = its session goes on with what it learned.
    Reopen {
        /// By `Session::resume`.
        resumed: bool,
    },
    /// A new session over the same transport, whatever became of that.
    Again,
    /// The card is taken away and put back.
    Retap,
    /// Another card is put there.
    Swap,
    /// Another program presents a secret as soon as the card is nobody's own.
    OtherProgram {
        /// It knows the secret, and leaves the key open.
        right: bool,
    },
    /// The card is reset although it is our own, and another program presents a secret.
    Reset {
        /// As above.
        right: bool,
    },
    /// Another program takes the card for itself, if it is nobody's.
    Take {
        /// And lets nobody connect.
        exclusive: bool,
    },
    /// That program lets it go.
    GiveBack,
    /// The service dies.
    Stop,
    /// The service is started.
    Start,
    /// The service dies and is started.
    Restart,
}

/// The core over the PC/SC host, or over one with a flaw.
pub struct Pcsc(pub Option<Flaw>);

/// What a driver or the service may say: each kind of link error by at least one code, those that cannot be told apart by all.
const CODES: [Code; 22] = [
    Code::SharingViolation,
    Code::ServerTooBusy,
    Code::NotTransacted,
    Code::CommError,
    Code::CommDataLost,
    Code::InternalError,
    Code::UnknownError,
    Code::ResetCard,
    Code::UnpoweredCard,
    Code::RemovedCard,
    Code::NoSmartcard,
    Code::UnresponsiveCard,
    Code::Timeout,
    Code::Cancelled,
    Code::NoService,
    Code::ServiceStopped,
    Code::ReaderUnavailable,
    Code::InvalidHandle,
    Code::InsufficientBuffer,
    Code::InvalidParameter,
    Code::ProtoMismatch,
    Code::SecurityViolation,
];

const CALLS: [Call; 10] = [
    Call::Establish,
    Call::ListReaders,
    Call::StatusChange,
    Call::Connect,
    Call::Begin,
    Call::Reconnect,
    Call::Status,
    Call::Control,
    Call::End,
    Call::Disconnect,
];

fn any_trouble(random: &mut Random) -> Does {
    let code = random.pick(&CODES);
    match random.below(16) {
        // A service that says so of a card that is there would have the host believe that its power is gone.
        0..=4 if matches!(code, Code::RemovedCard | Code::NoSmartcard) => Does::AfterRemoval(code),
        0..=4 => Does::Fail(code),
        5..=9 => Does::FailAfterwards(code),
        10..=11 => Does::AfterReset,
        12..=13 => Does::AfterRemoval(random.pick(&[Code::RemovedCard, Code::NotTransacted, Code::CommError])),
        14 => Does::AfterRestart,
        _ => Does::Truncate(random.below(4) as usize),
    }
}

impl Side for Pcsc {
    type Action = Action;

    const TEN: [Action; 10] = [
        Action::Do(Ask::Unlock(Which::Auth), Typed::WRONG),
        Action::Do(Ask::Unlock(Which::Auth), Typed::WRONG_AT_ANY_PRICE),
        Action::Do(Ask::Use(Which::Auth), Typed::RIGHT),
        Action::Arm(Does::AfterReset, At::Secret),
        Action::Arm(Does::Fail(Code::SharingViolation), At::Secret),
        Action::Arm(Does::FailAfterwards(Code::CommError), At::Secret),
        Action::Arm(Does::Hang, At::Secret),
        Action::Leave(Leave::Close),
        Action::OtherProgram { right: false },
        Action::Restart,
    ];

    const PLANS: [Action; 10] = [
        Action::Plan(Want::Proven, Typed::WRONG),
        Action::Plan(Want::Proven, Typed::WRONG_AT_ANY_PRICE),
        Action::Plan(Want::Unproven, Typed::RIGHT),
        Action::Arm(Does::AfterReset, At::Command(3)),
        Action::Arm(Does::FailAfterwards(Code::CommError), At::Secret),
        Action::Arm(Does::Fail(Code::SharingViolation), At::Secret),
        Action::Cancel(Cancel::DroppedAfter, At::Secret),
        Action::Leave(Leave::Close),
        Action::Swap,
        Action::OtherProgram { right: false },
    ];

    /// Where a driver hangs, the deadline is waited for.
    const ABREAST: usize = 4;

    fn any(random: &mut Random) -> Action {
        let (ask, typed, at) = (Ask::any(random), Typed::any(random), At::any(random));
        match random.below(72) {
            64.. => Action::Plan(Want::any(random), typed),
            0..=27 => Action::Do(ask, typed),
            28..=37 => Action::Arm(any_trouble(random), at),
            38 => Action::Arm(Does::Hang, at),
            39..=42 => Action::ArmCall(random.pick(&CALLS), any_trouble(random)),
            43..=44 => Action::Cancel(random.pick(&[Cancel::Told, Cancel::DroppedBefore, Cancel::DroppedAfter]), at),
            45 => Action::Look,
            46..=48 => Action::Leave(random.pick(&[Leave::Close, Leave::Drop, Leave::SessionToo])),
            49..=50 => Action::Reopen { resumed: random.below(2) == 0 },
            51..=52 => Action::Again,
            53 => Action::Retap,
            54 => Action::Swap,
            55..=57 => Action::OtherProgram { right: random.below(3) == 0 },
            58..=59 => Action::Reset { right: random.below(3) == 0 },
            60 => Action::Take { exclusive: random.below(8) > 0 },
            61 => Action::GiveBack,
            62 => random.pick(&[Action::Stop, Action::Start]),
            _ => Action::Restart,
        }
    }

    /// Time is real here. A schedule in which something is waited for until time is over gets little of it; where it turns out
    /// that this was too little for what should not have waited, it is run again with more.
    fn run(&self, setting: &Setting, actions: &[Action]) -> Outcome {
        let waits = |action: &Action| matches!(action, Action::Arm(Does::Hang, _) | Action::Take { exclusive: false });
        let mut time = if actions.iter().any(waits) { SHORT } else { LONG };
        loop {
            match self.attempt(setting, actions, time) {
                Some(outcome) => return outcome,
                None => time *= 8,
            }
        }
    }
}

/// The double's reader: the same one for every schedule.
static READER: OnceLock<kazasu_pcsc::Reader> = OnceLock::new();

const SHORT: Duration = Duration::from_millis(8);
const LONG: Duration = Duration::from_secs(60);
/// A worker that may leave has left by then.
const SOON: Duration = Duration::from_secs(5);

impl Pcsc {
    /// `None` where time was over for no reason.
    fn attempt(&self, setting: &Setting, actions: &[Action], time: Duration) -> Option<Outcome> {
        let double = Double::around(Reader::new(setting.world())).with_flaw(self.0);
        let card = RefCell::new(None);
        let ours = Ours { double: &double, card: &card };
        let reader = READER.get_or_init(|| double.wait_for_card(None, Duration::ZERO).expect("nothing is armed yet"));
        let options = OpenOptions::new().deadline(time).patience(time);
        let (reader, app, resumes) = (reader.clone(), App::new(None), setting.resumes);
        let mut host = Host { ours, reader, options, session: None, app, wrong: 0, resumes, hasty: false };
        let mut broken = None;
        for (step, action) in actions.iter().enumerate() {
            host.step(*action);
            broken = host.broken().map(|broken| (step, broken));
            if broken.is_some() || host.hasty {
                break;
            }
        }
        if broken.is_none() {
            host.leave(Leave::Close);
            broken = host.broken().map(|broken| (actions.len(), broken));
        }
        let hasty = host.hasty;
        // Whoever still waits for the card finds that nobody waits for him.
        host.step(Action::GiveBack);
        (!hasty).then(|| double.with(|reader| Outcome::of(&reader.world, broken)))
    }
}

/// The transport of the program's session, which stays the program's own.
#[derive(Clone, Copy)]
struct Ours<'d> {
    double: &'d Double<Reader>,
    card: &'d RefCell<Option<PcscTransport>>,
}

/// After these the transport is at its end.
const fn is_final(link: LinkError) -> bool {
    use LinkError::{Cancelled, CardLost, CardReset, ReaderLost, Timeout};
    matches!(link, CardReset | CardLost | ReaderLost | Timeout | Cancelled)
}

impl Transport for Ours<'_> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let cancel = self.double.with(|reader| {
            if reader.world.failed && !reader.world.closing {
                reader.world.note(Broken::SentAfterTheEnd);
            }
            let cancel = due(&mut reader.cancel, carries_a_secret(command));
            if matches!(cancel, Some(Cancel::Told | Cancel::DroppedBefore)) {
                reader.world.failed = true;
            } else {
                reader.ask(command);
            }
            cancel
        });
        match cancel {
            Some(Cancel::Told) => return Err(LinkError::Cancelled),
            Some(Cancel::DroppedBefore) => pending().await,
            Some(Cancel::DroppedAfter) | None => {}
        }
        // Not borrowed while it works.
        let Some(mut card) = self.card.take() else { return Err(LinkError::ReaderLost) };
        let answer = card.transmit(command, response).await;
        self.card.replace(Some(card));
        self.double.with(|reader| {
            reader.answered();
            reader.world.failed |= cancel.is_some();
            if let Err(link) = answer {
                let goes_on = link == LinkError::TooLong || link == LinkError::Other && is_extended(command);
                reader.world.failed |= !goes_on;
                reader.over |= is_final(link);
            }
        });
        if cancel.is_some() {
            pending().await
        }
        answer
    }

    fn capabilities(&self) -> Capabilities {
        self.card.borrow().as_ref().map_or(Capabilities::SHORT, Transport::capabilities)
    }
}

impl Watched for &Double<Reader> {
    fn world<R>(self, ask: impl FnOnce(&mut World) -> R) -> R {
        self.with(|reader| ask(&mut reader.world))
    }
}

struct Host<'d> {
    ours: Ours<'d>,
    reader: kazasu_pcsc::Reader,
    options: OpenOptions,
    session: Option<Session<Ours<'d>>>,
    app: App,
    wrong: u32,
    resumes: bool,
    /// Time was over, and nothing had waited.
    hasty: bool,
}

impl<'d> Host<'d> {
    const fn double(&self) -> &'d Double<Reader> {
        self.ours.double
    }

    fn broken(&self) -> Option<Broken> {
        let rule = self.double().broken().map(Broken::Rule);
        self.double().with(|reader| reader.world.broken).or(rule)
    }

    fn step(&mut self, action: Action) {
        let double = self.double();
        match action {
            Action::Do(ask, typed) => self.operate(|host, ended| host.ask(ask, typed, ended)),
            Action::Plan(want, typed) => self.operate(|host, ended| host.plan(want, typed, ended)),
            Action::Arm(does, at) => double.with(|reader| reader.armed = Some((does, at))),
            Action::ArmCall(call, does) => double.with(|reader| reader.at_call.push((call, does))),
            Action::Cancel(cancel, at) => double.with(|reader| reader.cancel = Some((cancel, at))),
            Action::Look => {
                // Whether it finds something is not this model's question.
                let _ = (double.list(), double.wait_for_card(None, Duration::ZERO));
                self.settle();
            }
            Action::Leave(how) => self.leave(how),
            Action::Reopen { resumed } => self.reopen(resumed),
            Action::Again => {
                if self.session.take().is_some() {
                    double.with(|reader| {
                        reader.world.failed = false;
                        reader.world.generation += 1;
                    });
                    self.session = Some(Session::new(self.ours));
                }
            }
            Action::Retap => double.insert(|_| ()),
            Action::Swap => double.insert(|reader| reader.world.here ^= 1),
            Action::OtherProgram { right } => double.visit(move |reader| presents(reader, right)),
            Action::Reset { right } => double.reset(|reader| presents(reader, right)),
            Action::Take { exclusive } => double.take(exclusive),
            Action::GiveBack => {
                double.give_back();
                self.settle();
            }
            Action::Stop => self.stop(),
            Action::Start => double.start(),
            Action::Restart => {
                self.stop();
                double.start();
            }
        }
    }

    fn stop(&mut self) {
        self.double().stop();
        self.settle();
    }

    /// Waits until those have left who must: everybody without a transport, and the worker of one that is at its end.
    fn settle(&mut self) {
        let over = self.double().with(|reader| reader.over);
        if over {
            // The driver that hung wakes up after our deadline; the worker leaves then.
            self.double().wake();
        }
        let stays = self.ours.card.borrow().is_some() && !over;
        if !stays && !self.double().wait_until_left(SOON) {
            self.double().with(|reader| reader.world.note(Broken::Stays));
        }
        if over {
            self.parted(None);
        }
    }

    /// How the card was left, held against what the host said about it.
    fn parted(&self, said: Option<Result<(), PcscError>>) {
        let log = self.double().log();
        let could_not = |call| {
            log.iter().any(|entry| {
                entry.call == call && entry.disposition == Some(Disposition::UnpowerCard) && entry.result.is_err()
            })
        };
        // Where the service lets us neither end nor disconnect, nobody can close a key; but it must be said.
        let excused = could_not(Call::End) && could_not(Call::Disconnect) && !matches!(said, Some(Ok(())));
        let exposed = self.double().exposed();
        self.double().with(|reader| {
            let open = reader.world.card().is_open();
            if (open || exposed) && !excused {
                reader.world.note(Broken::LeftOpen);
            }
            if open && excused && said.is_some() {
                reader.world.card().disown();
            }
        });
    }

    /// Opens the card, where that can be done.
    fn open(&mut self) -> bool {
        let double = self.double();
        if !double.is_present() {
            double.insert(|_| ());
        }
        double.forget();
        double.with(|reader| {
            (reader.world.failed, reader.over, reader.may_time_out) = (false, false, false);
            reader.world.generation += 1;
        });
        match double.open(&self.options, &self.reader) {
            Ok(card) => {
                self.ours.card.replace(Some(card));
                true
            }
            Err(error) => {
                let in_time = !matches!(error, PcscError::Timeout | PcscError::Busy);
                let told = double.with(|reader| reader.may_time_out);
                self.hasty |= !in_time && !told && !double.is_taken();
                self.settle();
                false
            }
        }
    }

    fn close(&mut self) {
        if let Some(card) = self.ours.card.take() {
            let said = card.close();
            self.parted(Some(said));
        }
    }

    fn reopen(&mut self, resumed: bool) {
        let before = self.session.take();
        // Our own transaction would be waited for.
        self.close();
        if self.open() {
            self.session = Some(match before {
                Some(session) if resumed => session.resume(self.ours),
                _ => Session::new(self.ours),
            });
        }
    }

    fn leave(&mut self, how: Leave) {
        let Some(session) = self.session.take() else { return };
        if how == Leave::SessionToo {
            self.double().with(|reader| {
                reader.world.begin(false, 0, 0);
                reader.world.closing = true;
            });
            let _ = poll_once(session.close());
            self.double().with(|reader| reader.world.closing = false);
            self.look_at_the_clock();
            self.settle();
        }
        if how == Leave::Drop {
            drop(self.ours.card.take());
            self.parted(None);
            // Nobody was told; that is what `close` is for.
            self.double().with(|reader| {
                if reader.world.card().is_open() {
                    reader.world.card().disown();
                }
            });
        } else {
            self.close();
        }
    }

    /// Over a session that has ended it is tried all the same, and then over a new one.
    fn operate(&mut self, operation: impl Fn(&mut Self, bool)) {
        if self.session.is_none() {
            self.reopen(false);
        }
        let ended = self.double().with(|reader| reader.world.failed);
        operation(self, ended);
        if ended && self.session.is_some() {
            self.reopen(self.resumes);
            operation(self, false);
        }
    }

    fn plan(&mut self, want: Want, typed: Typed, ended: bool) {
        let Some(session) = &mut self.session else { return };
        self.wrong += 1;
        self.app.go((want, typed, self.wrong), session, self.ours.double);
        self.over(ended);
    }

    /// One operation, and what it says held against what happened.
    fn ask(&mut self, ask: Ask, typed: Typed, ended: bool) {
        let Some(session) = &mut self.session else { return };
        let double = self.ours.double;
        self.wrong += 1;
        let text = double.with(|reader| {
            let (verifies, changes) = ask.pays_for();
            reader.world.begin(typed.permitted, verifies, changes);
            Text { wrong: self.wrong, right: typed.right, card: reader.world.card() }.pick(ask)
        });
        let last_try = if typed.permitted { LastTry::Allow } else { LastTry::Refuse };
        let outcome = poll_once(perform(session, ask, &text, last_try));
        if let Some(outcome) = outcome {
            double.with(|reader| judge(&mut reader.world, ask, outcome));
        }
        self.over(ended);
    }

    /// An operation is over.
    fn over(&mut self, ended: bool) {
        self.double().with(|reader| {
            if ended && reader.world.operation.commands > 0 {
                reader.world.note(Broken::SentAfterTheEnd);
            }
        });
        self.look_at_the_clock();
        self.settle();
    }

    /// Whether time was over, and nothing had waited: the worker is late, and what it does then proves nothing.
    fn look_at_the_clock(&mut self) {
        let card = self.ours.card.borrow();
        let timeout = card.as_ref().is_some_and(|card| card.last_error() == Some(&PcscError::Timeout));
        self.hasty |= timeout && !self.ours.double.with(|reader| reader.may_time_out);
    }
}

/// Another program, with the card reset, presents a PIN.
fn presents(reader: &mut Reader, right: bool) {
    reader.world.card().verified_elsewhere(Which::Auth, right);
}
