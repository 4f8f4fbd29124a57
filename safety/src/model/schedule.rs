//! Schedules: what people, programs and links do, one after the other, with the core's public operations among it.

use super::Side;
use super::plans::{App, Flaw, Want, Watched};
use super::world::{At, Broken, Fault, Link, World};
use crate::card::{Card, Kind, Masked, Which};
use crate::random::Random;
use kazasu_core::mynumber::jpki::{FreeCertificate, JpkiSecret};
use kazasu_core::secret::{Auth, Secret, Sign};
use kazasu_core::{
    AuthPin, Counter, Digest, Error, LastTry, NumberA, SecretKind, Session, SignPassword, TextPin, Transport,
};
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs until the end, or until the first wait, where the operation is dropped: cancelled.
pub fn poll_once<F: Future>(operation: F) -> Option<F::Output> {
    match pin!(operation).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// What the core is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// What is in the reader.
    Recognise,
    /// Tries left.
    Query(Which),
    /// Which certificates there are, and one that needs no secret.
    ReadFree,
    /// The secret alone.
    Unlock(Which),
    /// The secret, then what it opens: certificate and signature, or number and attributes.
    Use(Which),
    /// Another value for the secret.
    Change(Which),
    /// The key that needs no secret.
    Authenticate,
    /// A data object of the card manager.
    Data,
}

impl Ask {
    /// Any, those that spend tries more often.
    pub(super) fn any(random: &mut Random) -> Self {
        let which = random.pick(&[Which::Auth, Which::Auth, Which::Sign, Which::Text, Which::Number]);
        match random.below(12) {
            0 => Self::Recognise,
            1 => Self::Query(which),
            2 => Self::ReadFree,
            3..=5 => Self::Unlock(which),
            6..=7 => Self::Use(which),
            8..=9 => Self::Change(which),
            10 => Self::Authenticate,
            _ => Self::Data,
        }
    }

    /// How many VERIFY and CHANGE commands its secrets pay for.
    pub(super) const fn pays_for(self) -> (u8, u8) {
        match self {
            Self::Unlock(_) | Self::Use(_) => (1, 0),
            Self::Change(_) => (1, 1),
            _ => (0, 0),
        }
    }
}

/// One step of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An operation; `right` = the holder types the right secret; `permitted` = the last try may be spent.
    Do(Ask, Typed),
    /// A plan begins, or goes on; what is missing is typed.
    Plan(Want, Typed),
    /// The link will fail.
    Arm(Fault, At),
    /// The program leaves: the session is closed. The next operation opens a new one.
    Leave,
    /// The program forgets its session without a word; `resumed` = it goes on with what it learned.
    Reconnect {
        /// By `Session::resume`.
        resumed: bool,
    },
    /// The card is taken away and put back.
    Retap,
    /// Another card is put there.
    Swap,
    /// Another program resets the card and presents a secret.
    OtherProgram {
        /// It knows the secret, and leaves the key open.
        right: bool,
    },
}

/// What the holder types and allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed {
    /// The right secret.
    pub right: bool,
    /// The last try may be spent.
    pub permitted: bool,
}

impl Typed {
    /// The right secret, and no last try.
    pub const RIGHT: Self = Self { right: true, permitted: false };
    /// A wrong secret, and no last try.
    pub const WRONG: Self = Self { right: false, permitted: false };
    /// A wrong secret, even if it is the last try.
    pub const WRONG_AT_ANY_PRICE: Self = Self { right: false, permitted: true };

    pub(super) fn any(random: &mut Random) -> Self {
        Self { right: random.below(2) == 0, permitted: random.below(4) == 0 }
    }
}

/// What a card of the model holds; the typed secrets are these.
const AUTH: [&str; 2] = ["2580", "0852"];
const SIGN: [&str; 2] = ["ZEBRA77", "77ARBEZ"];
const TEXT: [&str; 2] = ["1470", "0741"];
const NUMBER: [&str; 2] = ["123456789018", "210987654320"];

/// How a schedule's world is set up.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// What kind of card both are.
    pub kind: Kind,
    /// Tries left of each secret at the start, of the first card.
    pub left: [u8; 4],
    /// After a failed link a new session goes on with what was learned.
    pub resumes: bool,
}

impl Setting {
    /// How many kinds of cards and hosts there are.
    pub const ALL: u64 = 16;

    /// One of them: the words for "blocked", with and without short file ids, resuming or beginning anew.
    #[must_use]
    pub fn number(n: u64) -> Self {
        let blocked = [(0x63C0, 0x6984), (0x6983, 0x6983), (0x6984, 0x6984), (0x63C0, 0x63C0)][(n % 4) as usize];
        let kind = Kind { blocked, short_ids: (n / 4).is_multiple_of(2), ..Kind::default() };
        Self { kind, left: [3, 5, 3, 10], resumes: (n / 8).is_multiple_of(2) }
    }

    /// The same, where the user-authentication PIN has been wrong once before: short sequences come to its last try.
    #[must_use]
    pub fn with_a_try_gone(n: u64) -> Self {
        Self { left: [2, 5, 3, 10], ..Self::number(n) }
    }

    pub(super) fn world(&self) -> World {
        let secrets = |n: usize| [AUTH[n], SIGN[n], TEXT[n], NUMBER[n]].map(|secret| Masked::new(secret.as_bytes()));
        let card = |n, mark| Card::new(self.kind, secrets(n), Masked::new(b"\xFF\x10\x0C123456789018\xFF\xFF"), mark);
        let mut first = card(0, 0x11);
        first.left = self.left;
        World::new([first, card(1, 0x22)])
    }
}

/// What a run of a schedule came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The first broken promise, and at which step.
    pub broken: Option<(usize, Broken)>,
    /// Secrets handed in.
    pub handed_in: u64,
    /// Tries lost through them.
    pub tries_lost: u64,
    /// Last tries that nobody had permitted.
    pub last_tries: u64,
}

/// The core over the model's own link, with an app that uses plans, or with one that has a flaw.
pub struct Core(pub Option<Flaw>);

impl Watched for &RefCell<World> {
    fn world<R>(self, ask: impl FnOnce(&mut World) -> R) -> R {
        ask(&mut self.borrow_mut())
    }
}

impl Side for Core {
    type Action = Action;

    const TEN: [Action; 10] = [
        Action::Do(Ask::Query(Which::Auth), Typed::RIGHT),
        Action::Do(Ask::Unlock(Which::Auth), Typed::WRONG),
        Action::Do(Ask::Unlock(Which::Auth), Typed::WRONG_AT_ANY_PRICE),
        Action::Do(Ask::Use(Which::Auth), Typed::RIGHT),
        Action::Do(Ask::Change(Which::Auth), Typed::RIGHT),
        Action::Arm(Fault::LostBefore, At::Secret),
        Action::Arm(Fault::Late, At::Secret),
        Action::Arm(Fault::DroppedAfter, At::Secret),
        Action::Leave,
        Action::OtherProgram { right: false },
    ];

    const PLANS: [Action; 10] = [
        Action::Plan(Want::Proven, Typed::WRONG),
        Action::Plan(Want::Proven, Typed::WRONG_AT_ANY_PRICE),
        Action::Plan(Want::Unproven, Typed::RIGHT),
        // Before the counter was asked for, and after something was done.
        Action::Arm(Fault::LostBefore, At::Command(3)),
        Action::Arm(Fault::LostBefore, At::Command(4)),
        Action::Arm(Fault::Late, At::Secret),
        Action::Arm(Fault::DroppedAfter, At::Secret),
        Action::Leave,
        Action::Swap,
        Action::OtherProgram { right: false },
    ];

    const ABREAST: usize = 1;

    fn any(random: &mut Random) -> Action {
        let (ask, typed, at) = (Ask::any(random), Typed::any(random), At::any(random));
        match random.below(20) {
            16.. => Action::Plan(Want::any(random), typed),
            0..=7 => Action::Do(ask, typed),
            8..=11 => Action::Arm(random.pick(&Fault::ALL), at),
            12 => Action::Leave,
            13 => Action::Reconnect { resumed: random.below(2) == 0 },
            14 => random.pick(&[Action::Retap, Action::Swap]),
            _ => Action::OtherProgram { right: random.below(3) == 0 },
        }
    }

    fn run(&self, setting: &Setting, actions: &[Action]) -> Outcome {
        let world = RefCell::new(setting.world());
        let app = App::new(self.0);
        let mut host = Host { world: &world, session: None, app, wrong: 0, resumes: setting.resumes };
        let mut broken = None;
        for (step, action) in actions.iter().enumerate() {
            host.step(*action);
            broken = world.borrow().broken.map(|broken| (step, broken));
            if broken.is_some() {
                break;
            }
        }
        if broken.is_none() {
            host.leave();
            broken = world.borrow().broken.map(|broken| (actions.len(), broken));
        }
        Outcome::of(&world.borrow(), broken)
    }
}

impl Outcome {
    pub(super) const fn of(world: &World, broken: Option<(usize, Broken)>) -> Self {
        let World { handed_in, tries_lost, last_tries, .. } = *world;
        Self { broken, handed_in, tries_lost, last_tries }
    }
}

struct Host<'w> {
    world: &'w RefCell<World>,
    session: Option<Session<Link<'w>>>,
    app: App,
    wrong: u32,
    resumes: bool,
}

impl<'w> Host<'w> {
    fn step(&mut self, action: Action) {
        match action {
            Action::Do(ask, typed) => self.operate(|host, ended| host.ask(ask, typed, ended)),
            Action::Plan(want, typed) => self.operate(|host, ended| host.plan(want, typed, ended)),
            Action::Arm(fault, at) => self.world.borrow_mut().armed = Some((fault, at)),
            Action::Leave => self.leave(),
            Action::Reconnect { resumed } => self.reconnect(resumed),
            Action::Retap => self.gone(|world| world.card().power_cycle()),
            Action::Swap => self.gone(|world| {
                world.card().power_cycle();
                world.here ^= 1;
            }),
            Action::OtherProgram { right } => {
                let mut world = self.world.borrow_mut();
                world.card().warm_reset();
                world.card().verified_elsewhere(Which::Auth, right);
                world.reset_pending = self.session.is_some();
            }
        }
    }

    /// The card goes while no command is on its way: the session is told at its next command.
    fn gone(&mut self, how: impl FnOnce(&mut World)) {
        let mut world = self.world.borrow_mut();
        how(&mut world);
        world.reset_pending = self.session.is_some();
    }

    fn reconnect(&mut self, resumed: bool) {
        let link = Link::new(self.world);
        self.session = Some(match self.session.take() {
            Some(session) if resumed => session.resume(link),
            _ => Session::new(link),
        });
    }

    /// Closes the session. Where that says that it did not work, a host that cannot cut the power tries over a new link.
    fn leave(&mut self) {
        let Some(session) = self.session.take() else { return };
        let mut world = self.world.borrow_mut();
        world.begin(false, 0, 0);
        world.armed = None;
        world.closing = true;
        drop(world);
        let closed = poll_once(session.close()).is_some_and(|(_, closed)| closed);
        if closed && self.world.borrow_mut().card().is_open() {
            self.world.borrow_mut().note(Broken::LeftOpen);
        }
        if !closed {
            let _ = poll_once(Session::new(Link::new(self.world)).close());
        }
        let mut world = self.world.borrow_mut();
        world.closing = false;
        world.reset_pending = false;
        if world.card().is_open() {
            world.note(Broken::LeftOpen);
        }
    }

    /// Over a session that has ended it is tried all the same, and then over a new one.
    fn operate(&mut self, operation: impl Fn(&mut Self, bool)) {
        if self.session.is_none() {
            self.reconnect(false);
        }
        let ended = self.world.borrow().failed;
        operation(self, ended);
        if ended {
            self.reconnect(self.resumes);
            operation(self, false);
        }
    }

    fn plan(&mut self, want: Want, typed: Typed, ended: bool) {
        let Some(session) = &mut self.session else { return };
        self.wrong += 1;
        self.app.go((want, typed, self.wrong), session, self.world);
        let mut world = self.world.borrow_mut();
        if ended && world.operation.commands > 0 {
            world.note(Broken::SentAfterTheEnd);
        }
    }

    /// One operation, and what it says held against what happened.
    fn ask(&mut self, ask: Ask, typed: Typed, ended: bool) {
        let (verifies, changes) = ask.pays_for();
        self.world.borrow_mut().begin(typed.permitted, verifies, changes);
        self.wrong += 1;
        let text = Text { wrong: self.wrong, right: typed.right, card: self.world.borrow_mut().card() }.pick(ask);
        let Some(session) = &mut self.session else { return };
        let last_try = if typed.permitted { LastTry::Allow } else { LastTry::Refuse };
        let outcome = poll_once(perform(session, ask, &text, last_try));
        let mut world = self.world.borrow_mut();
        if ended && world.operation.commands > 0 {
            world.note(Broken::SentAfterTheEnd);
        }
        if let Some(outcome) = outcome {
            judge(&mut world, ask, outcome);
        }
    }
}

/// What the holder types: the right secret of the card that is there, or one that no card has and nobody typed before.
pub(super) struct Text<'c> {
    pub(super) wrong: u32,
    pub(super) right: bool,
    pub(super) card: &'c Card,
}

impl Text<'_> {
    pub(super) fn pick(&self, ask: Ask) -> [String; 2] {
        match ask {
            Ask::Unlock(which) | Ask::Use(which) | Ask::Change(which) => self.of(which),
            _ => Default::default(),
        }
    }

    /// The secret, and another one of its kind.
    pub(super) fn of(&self, which: Which) -> [String; 2] {
        let own: String = self.card.secrets[which as usize].plain().map(char::from).collect();
        let strange = match which {
            Which::Sign => format!("W{:05}", self.wrong),
            // The other card's holder's number: a number has a check digit.
            Which::Number => if own == NUMBER[0] { NUMBER[1] } else { NUMBER[0] }.to_owned(),
            _ => format!("{:04}", 3000 + self.wrong % 6000),
        };
        let [a, b] = match which {
            Which::Auth => AUTH,
            Which::Sign => SIGN,
            Which::Text => TEXT,
            Which::Number => NUMBER,
        };
        let other = if own == a { b } else { a };
        [if self.right { own } else { strange }, other.to_owned()]
    }
}

pub(super) async fn perform<T: Transport>(
    session: &mut Session<T>,
    ask: Ask,
    [old, new]: &[String; 2],
    last_try: LastTry,
) -> Result<Option<Counter>, Error> {
    let digest = Digest::Sha256([7; 32]);
    let mut buf = [0; 700];
    match ask {
        Ask::Recognise => {
            session.recognise().await?;
        }
        Ask::Query(Which::Text) => return session.text().await?.tries(SecretKind::TextPin).await.map(Some),
        Ask::Query(Which::Auth) => return session.jpki().await?.tries(SecretKind::AuthPin).await.map(Some),
        Ask::Query(Which::Sign) => return session.jpki().await?.tries(SecretKind::SignPassword).await.map(Some),
        Ask::Query(Which::Number) => return session.text().await?.tries(SecretKind::NumberA).await.map(Some),
        Ask::ReadFree => {
            let mut jpki = session.jpki().await?;
            jpki.certificates_present().await?;
            jpki.certificate(FreeCertificate::Auth, &mut buf).await?;
        }
        Ask::Unlock(Which::Auth) => {
            session.jpki().await?.unlock(auth(old)?, last_try).await?;
        }
        Ask::Unlock(Which::Sign) => {
            session.jpki().await?.unlock(sign(old)?, last_try).await?;
        }
        Ask::Unlock(Which::Text) => {
            session.text().await?.unlock(text(old)?, last_try).await?;
        }
        Ask::Unlock(Which::Number) => {
            session.text().await?.unlock(number(old)?, last_try).await?;
        }
        Ask::Use(Which::Auth) => use_key(session, auth(old)?, last_try).await?,
        Ask::Use(Which::Sign) => {
            session.jpki().await?.unlock(sign(old)?, last_try).await?.sign(&digest).await?;
        }
        Ask::Use(Which::Text) => {
            let mut applet = session.text().await?;
            let mut unlocked = applet.unlock(text(old)?, last_try).await?;
            unlocked.my_number().await?;
            unlocked.attributes(&mut buf).await?;
        }
        Ask::Use(Which::Number) => {
            session.text().await?.unlock(number(old)?, last_try).await?.my_number().await?;
        }
        Ask::Change(Which::Auth) => session.jpki().await?.change::<Auth>(auth(old)?, auth(new)?, last_try).await?,
        Ask::Change(Which::Sign) => session.jpki().await?.change::<Sign>(sign(old)?, sign(new)?, last_try).await?,
        Ask::Change(Which::Text) => session.text().await?.change(text(old)?, text(new)?, last_try).await?,
        // Nobody can change a number.
        Ask::Change(Which::Number) => {}
        Ask::Authenticate => {
            session.text().await?.internal_authenticate(&digest).await?;
        }
        Ask::Data => {
            session.data_object(0x00F2, &mut buf).await?;
        }
    }
    Ok(None)
}

async fn use_key<K: JpkiSecret, T: Transport>(
    session: &mut Session<T>,
    secret: Secret<K>,
    last_try: LastTry,
) -> Result<(), Error> {
    let mut buf = [0; 700];
    let mut jpki = session.jpki().await?;
    let mut unlocked = jpki.unlock(secret, last_try).await?;
    unlocked.certificate(&mut buf).await?;
    unlocked.sign(&Digest::Sha256([7; 32])).await.map(drop)
}

fn auth(text: &str) -> Result<AuthPin, Error> {
    AuthPin::new(text).map_err(|reason| Error::SecretFormat { kind: SecretKind::AuthPin, reason })
}

fn sign(text: &str) -> Result<SignPassword, Error> {
    SignPassword::new(text).map_err(|reason| Error::SecretFormat { kind: SecretKind::SignPassword, reason })
}

fn text(text: &str) -> Result<TextPin, Error> {
    TextPin::new(text).map_err(|reason| Error::SecretFormat { kind: SecretKind::TextPin, reason })
}

fn number(text: &str) -> Result<NumberA, Error> {
    NumberA::new(text).map_err(|reason| Error::SecretFormat { kind: SecretKind::NumberA, reason })
}

/// What the core says about tries is what happened to them.
pub(super) fn judge(world: &mut World, ask: Ask, outcome: Result<Option<Counter>, Error>) {
    let lost = world.operation.lost;
    let left = |world: &mut World, which: Which| world.card().left[which as usize];
    match (ask, outcome) {
        (Ask::Query(which), Ok(counter)) => {
            let expected = match left(world, which) {
                0 => Counter::Blocked,
                left => Counter::Left(left),
            };
            if counter != Some(expected) {
                world.note(Broken::UntrueCounter);
            }
        }
        (Ask::Unlock(_) | Ask::Use(_) | Ask::Change(_), Ok(_)) if lost > 0 => world.note(Broken::UntrueSuccess),
        (Ask::Unlock(which) | Ask::Use(which), Ok(_)) if left(world, which) != which.tries() => {
            world.note(Broken::UntrueSuccess);
        }
        (Ask::Unlock(which) | Ask::Use(which) | Ask::Change(which), Err(error)) => {
            if error.spent_a_try().is_some_and(|spent| spent != (lost > 0)) {
                world.note(Broken::UntrueAboutTheTry);
            }
            if error.tries_left().is_some_and(|told| told != left(world, which)) {
                world.note(Broken::UntrueCounter);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_core::ResponseBuf;

    /// What is noted when the core says this and so many tries were lost, of which so many are left.
    fn noted(lost: u8, left: u8, ask: Ask, says: Result<Option<Counter>, Error>) -> Option<Broken> {
        let mut world = Setting::number(0).world();
        world.operation.lost = lost;
        world.card().left[0] = left;
        judge(&mut world, ask, says);
        world.broken
    }

    #[test]
    fn what_the_core_says_untruly_about_tries_is_noted() {
        let (query, unlock, kind) = (Ask::Query(Which::Auth), Ask::Unlock(Which::Auth), SecretKind::AuthPin);
        assert_eq!(noted(0, 3, query, Ok(Some(Counter::Left(3)))), None);
        assert_eq!(noted(0, 3, query, Ok(Some(Counter::Left(2)))), Some(Broken::UntrueCounter));
        assert_eq!(noted(0, 0, query, Ok(Some(Counter::Left(3)))), Some(Broken::UntrueCounter));
        assert_eq!(noted(0, 3, unlock, Ok(None)), None);
        assert_eq!(noted(1, 2, unlock, Ok(None)), Some(Broken::UntrueSuccess));
        assert_eq!(noted(0, 2, unlock, Ok(None)), Some(Broken::UntrueSuccess));
        let wrong = |left| Err(Error::WrongSecret { kind, left: Some(left) });
        assert_eq!(noted(1, 2, unlock, wrong(2)), None);
        assert_eq!(noted(0, 3, unlock, wrong(3)), Some(Broken::UntrueAboutTheTry));
        assert_eq!(noted(1, 2, unlock, wrong(1)), Some(Broken::UntrueCounter));
    }

    #[test]
    fn a_try_that_no_secret_pays_for_and_an_operation_without_an_end_are_noted() {
        let mut world = Setting::number(0).world();
        let mut answers = [0; 64];
        let mut answers = ResponseBuf::new(&mut answers);
        for command in [&b"\0\xA4\x04\x0C\x0A\xD3\x92\xF0\0\x26\x01\0\0\0\x01"[..], b"\0\x20\0\x98\x041111"] {
            assert_eq!(world.act(command, &mut answers), Ok(()));
        }
        assert_eq!(world.broken, Some(Broken::TriesLost));

        let mut world = Setting::number(0).world();
        let mut after = |commands| {
            (0..commands).for_each(|_| assert!(!world.watch(b"\0\x20\0\x98", 0), "a query carries no secret"));
            world.broken
        };
        assert_eq!(after(64), None);
        assert_eq!(after(1), Some(Broken::Unbounded));
    }
}
