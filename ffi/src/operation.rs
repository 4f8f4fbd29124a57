//! An operation: everything that is wanted of the card, or the change of a secret, stepped by its host.

use crate::error::KazasuError;
use crate::mailbox::{Mailbox, State};
use crate::results::{CertificatesPresent, Field, FoundCard, Results, TriesLeft};
use crate::wants::{LinkFailure, SecretKind, Want, digest_of};
use kazasu_core::plan::{Item, PLAN_BUFFER, Part, Plan, Receive, Run, Secrets, leave};
use kazasu_core::secret::{Auth, Secret, Sign, Text};
use kazasu_core::stack::wiping_stack;
use kazasu_core::{Capabilities, Digest, Error, LastTry, LinkError, Session};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use zeroize::Zeroizing;

/// What the host does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Next {
    /// Send [`Operation::command`], then [`Operation::feed`] the response or tell [`Operation::fail`].
    Transmit,
    /// Tell [`Operation::digest`] what the [`Want::SignLater`] with this index signs. Everything else that its secret
    /// opens has been read; [`Operation::field`] has it. The card is held meanwhile. [`Operation::cancel`] where there
    /// is none: nothing is signed then.
    Digest {
        /// The index.
        want: u32,
    },
    /// The operation has ended well; its results are here.
    Done,
}

/// Any one of these secrets is needed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Need {
    /// The one that most people know comes first.
    pub one_of: Vec<SecretKind>,
}

/// What an operation will cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Estimate {
    /// Commands.
    pub commands: u32,
    /// Bytes of files.
    pub bytes: u32,
    /// Milliseconds (Inferred).
    pub milliseconds: u32,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Progress {
    /// Commands sent.
    pub commands: u32,
    /// Commands that it will be, as estimated; never less than were sent.
    pub of: u32,
    /// Items done.
    pub items: u32,
}

/// An operation on a card.
#[derive(uniffi::Object)]
pub struct Operation {
    inner: Mutex<Inner>,
    results: Arc<Mutex<Results>>,
}

struct Inner {
    mailbox: Mailbox,
    estimate: u32,
    stage: Stage,
}

/// Boxed, so that secrets stay where they are while it is moved.
type Idle = Box<Contact>;
/// Nothing comes back of one that leaves the card.
type Outcome = (Option<Idle>, Result<(), Error>);
type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

enum Stage {
    /// Between contacts, or after an error that the same contact can outlive.
    Idle(Idle),
    Running(Running),
    /// What is left is to leave the card.
    Ended(Box<Session<Mailbox>>),
    Over,
}

/// What outlives a contact with the card.
struct Contact {
    job: Job,
    session: Session<Mailbox>,
    buf: Zeroizing<Vec<u8>>,
}

#[allow(clippy::large_enum_variant, reason = "there is one, and it is boxed")]
enum Job {
    Plan { run: Run<Vec<Item>>, secrets: Secrets },
    Change(Option<Change>),
}

/// Consumed by the first contact, whatever comes of it.
struct Change {
    kind: SecretKind,
    old: Zeroizing<String>,
    new: Zeroizing<String>,
    last_try: LastTry,
}

type Answer<T> = Result<T, KazasuError>;

const ORDER: Error = Error::Misuse("a call in the wrong order");

#[uniffi::export]
impl Operation {
    /// Everything that is wanted of one contact with the card.
    #[uniffi::constructor]
    pub fn plan(wants: Vec<Want>) -> Answer<Arc<Self>> {
        let items = wants.into_iter().map(Item::try_from).collect::<Answer<Vec<_>>>()?;
        let plan = Plan::new(items)?;
        let estimate = plan.estimate(Capabilities::SHORT, &[]).commands;
        Ok(Self::new(Job::Plan { run: Run::new(plan), secrets: Secrets::new() }, PLAN_BUFFER, estimate))
    }

    /// The change of a secret: 利用者証明用, 署名用 or 券面事項入力補助用. Both are checked here; the card sees the old one, then the
    /// new one, each once. Both are UTF-8, and lent: they are read where the host holds them.
    #[uniffi::constructor]
    pub fn change(secret: SecretKind, old: &[u8], new: &[u8]) -> Answer<Arc<Self>> {
        let (old, new) = (text(old)?, text(new)?);
        for typed in [&old, &new] {
            wiping_stack::<STACK, _>(|| Secrets::new().give(secret.into(), typed))?;
        }
        if !matches!(secret, SecretKind::AuthPin | SecretKind::SignPassword | SecretKind::TextPin) {
            return Err(Error::Misuse("this secret is not changed").into());
        }
        Ok(Self::new(Job::Change(Some(Change { kind: secret, old, new, last_try: LastTry::Refuse })), 0, 5))
    }

    /// The secrets that are still needed: any one of each. After a slip, those of the next contact.
    pub fn needs(&self) -> Answer<Vec<Need>> {
        let inner = self.inner();
        let Stage::Idle(contact) = &inner.stage else { return Ok(Vec::new()) };
        let Job::Plan { run, secrets } = &contact.job else { return Ok(Vec::new()) };
        let one_of =
            |kinds: &[kazasu_core::SecretKind]| Need { one_of: kinds.iter().map(|kind| (*kind).into()).collect() };
        if run.starts_anew(&contact.session) {
            return Ok(run.plan().secrets().map(one_of).collect());
        }
        let mut needs: Vec<Need> = Vec::new();
        for need in run.missing(secrets).map(one_of) {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        Ok(needs)
    }

    /// What it will cost over a link that carries so many bytes a response.
    pub fn estimate(&self, max_response: u32) -> Answer<Estimate> {
        let inner = self.inner();
        let Stage::Idle(contact) = &inner.stage else { return Err(ORDER.into()) };
        let Job::Plan { run, secrets } = &contact.job else {
            return Ok(Estimate { commands: inner.estimate, bytes: 0, milliseconds: inner.estimate * 12 });
        };
        let given: Vec<_> = kazasu_core::SecretKind::ALL.into_iter().filter(|kind| secrets.holds(*kind)).collect();
        let link = Capabilities { max_response: max_response as usize, ..Capabilities::SHORT };
        let estimate = run.plan().estimate(link, &given);
        Ok(Estimate { commands: estimate.commands, bytes: estimate.bytes, milliseconds: estimate.milliseconds() })
    }

    /// Takes a secret, as UTF-8; its format is checked here. It is read where the host holds it, who wipes it.
    pub fn give(&self, secret: SecretKind, typed: &[u8]) -> Answer<()> {
        let typed = text(typed)?;
        let mut inner = self.inner();
        let Stage::Idle(contact) = &mut inner.stage else { return Err(ORDER.into()) };
        let Job::Plan { secrets, .. } = &mut contact.job else { return Err(ORDER.into()) };
        Ok(wiping_stack::<STACK, _>(|| secrets.give(secret.into(), &typed))?)
    }

    /// The holder has been told that this is the last try, or that nobody knows, and said yes.
    pub fn allow_last_try(&self, secret: SecretKind) -> Answer<()> {
        let mut inner = self.inner();
        let Stage::Idle(contact) = &mut inner.stage else { return Err(ORDER.into()) };
        match &mut contact.job {
            Job::Plan { secrets, .. } => secrets.allow_last_try(secret.into()),
            Job::Change(Some(change)) => change.last_try = LastTry::Allow,
            Job::Change(None) => return Err(ORDER.into()),
        }
        Ok(())
    }

    /// A card is there, behind a link that carries so many bytes a command and a response (261 and 258: short APDUs).
    /// Called again when a card comes back after a slip.
    pub fn connected(&self, max_command: u32, max_response: u32) -> Answer<()> {
        let mut inner = self.inner();
        let capabilities = Capabilities { max_command: max_command as usize, max_response: max_response as usize };
        if capabilities.max_command < Capabilities::SHORT.max_command
            || capabilities.max_response < Capabilities::SHORT.max_response
        {
            return Err(Error::Misuse("a link carries at least a short APDU").into());
        }
        // An operation that runs goes on running.
        if !matches!(inner.stage, Stage::Idle(_)) {
            return Err(ORDER.into());
        }
        let Stage::Idle(mut contact) = std::mem::replace(&mut inner.stage, Stage::Over) else {
            return Err(ORDER.into());
        };
        inner.mailbox.connect(capabilities);
        let mailbox = inner.mailbox.clone();
        let before = std::mem::replace(&mut contact.session, Session::new(mailbox.clone()));
        contact.session = before.resume(mailbox);
        inner.stage = Stage::Idle(contact);
        Ok(())
    }

    /// Goes on to the next command or to the end. After an error of the holder's ([`Operation::give`] another secret,
    /// [`Operation::allow_last_try`]) a plan goes on in the same contact; after a link error, with
    /// [`Operation::connected`]. A change is made at once or not at all: whatever it ends with, it does not go on, and
    /// [`Operation::allow_last_try`] comes before it.
    pub fn next(&self) -> Answer<Next> {
        let mut inner = self.inner();
        if matches!(inner.mailbox.state(), State::Sent | State::Question(_)) {
            return Err(ORDER.into());
        }
        let mut running = match std::mem::replace(&mut inner.stage, Stage::Over) {
            Stage::Running(running) => running,
            Stage::Idle(contact) => Box::pin(run(contact, Arc::clone(&self.results), inner.mailbox.clone())),
            other => {
                inner.stage = other;
                return Err(ORDER.into());
            }
        };
        match step(&mut running) {
            Poll::Pending => {
                inner.stage = Stage::Running(running);
                Ok(match inner.mailbox.state() {
                    State::Question(want) => Next::Digest { want },
                    _ => Next::Transmit,
                })
            }
            Poll::Ready((contact, Ok(()))) => {
                inner.stage = Stage::ended(contact);
                Ok(Next::Done)
            }
            Poll::Ready((contact, Err(error))) => {
                inner.stage = contact.map_or(Stage::Over, Stage::Idle);
                Err(error.into())
            }
        }
    }

    /// The command that is to be sent; once. The host wipes it when it has been sent.
    pub fn command(&self) -> Answer<Vec<u8>> {
        let command = self.inner().mailbox.take().ok_or(ORDER)?;
        Ok(command.to_vec())
    }

    /// Brings the response: data and status word. It is read where the host holds it, who wipes it.
    pub fn feed(&self, response: &[u8]) -> Answer<()> {
        self.answer(Ok(Zeroizing::new(response.to_vec())))
    }

    /// What is signed, where [`Operation::next`] asked for it: 32, 48 or 64 bytes, SHA-256, SHA-384 or SHA-512. A
    /// digest of another length is refused, and can be given again.
    pub fn digest(&self, digest: &[u8]) -> Answer<()> {
        let inner = self.inner();
        if !matches!(inner.mailbox.state(), State::Question(_)) {
            return Err(ORDER.into());
        }
        inner.mailbox.digest(digest_of(digest)?);
        Ok(())
    }

    /// Says that the link failed instead.
    pub fn fail(&self, link: LinkFailure) -> Answer<()> {
        self.answer(Err(link.into()))
    }

    /// Ends the operation: nothing more of it is sent. The error says what is known of a command that was on its way.
    pub fn cancel(&self) -> Answer<()> {
        let mut inner = self.inner();
        let sent = inner.mailbox.state() == State::Sent;
        let (contact, outcome) = match std::mem::replace(&mut inner.stage, Stage::Over) {
            Stage::Running(mut running) => {
                inner.mailbox.answer(Err(LinkError::Cancelled));
                match step(&mut running) {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending => (None, Ok(())),
                }
            }
            Stage::Idle(contact) => (Some(contact), Ok(())),
            Stage::Ended(_) | Stage::Over => (None, Ok(())),
        };
        inner.stage = Stage::ended(contact);
        inner.mailbox.empty();
        // Of a command that was not sent it is known that nothing came of it.
        let cancelled = Error::Link(LinkError::Cancelled);
        Err(if sent { outcome.err().unwrap_or(cancelled) } else { cancelled }.into())
    }

    /// Ends the operation, however it went, and says whether a secret may stand verified on the card. If so,
    /// [`Operation::next`] gives the commands that close what it opened; its end says that the card said yes, and an
    /// error that it did not. For links that do not take the card's power away: what is open stays open for whoever
    /// comes next.
    pub fn leave(&self) -> Answer<bool> {
        let mut inner = self.inner();
        let session = match std::mem::replace(&mut inner.stage, Stage::Over) {
            Stage::Idle(contact) => contact.session,
            Stage::Ended(session) => *session,
            Stage::Over => return Ok(false),
            running => {
                inner.stage = running;
                return Err(ORDER.into());
            }
        };
        let open = inner.mailbox.may_be_open();
        if open {
            let leaving = async { (None, if leave(session).await { Ok(()) } else { Err(Error::SessionOver) }) };
            inner.stage = Stage::Running(Box::pin(leaving));
        }
        Ok(open)
    }

    /// How far it is.
    pub fn progress(&self) -> Answer<Progress> {
        let inner = self.inner();
        let commands = inner.mailbox.commands();
        let items = results(&self.results).items();
        Ok(Progress { commands, of: inner.estimate.max(commands), items })
    }

    /// A part of what came of the want with this index.
    pub fn field(&self, want: u32, field: Field) -> Answer<Option<Vec<u8>>> {
        Ok(results(&self.results).fields.get(&(want, field)).map(|bytes| bytes.to_vec()))
    }

    /// Of [`Want::Tries`] with this index.
    pub fn tries(&self, want: u32) -> Answer<Option<TriesLeft>> {
        Ok(results(&self.results).tries.get(&want).copied())
    }

    /// Of [`Want::CardKind`].
    pub fn card_kind(&self) -> Answer<Option<FoundCard>> {
        Ok(results(&self.results).card)
    }

    /// Of [`Want::CertificatesPresent`].
    pub fn certificates_present(&self) -> Answer<Option<CertificatesPresent>> {
        Ok(results(&self.results).present)
    }
}

impl Operation {
    fn new(job: Job, buf: usize, estimate: u32) -> Arc<Self> {
        // A test that fails should say why.
        #[cfg(not(test))]
        crate::keep_panics_quiet();
        let mailbox = Mailbox::new();
        let session = Session::new(mailbox.clone());
        let contact = Box::new(Contact { job, session, buf: Zeroizing::new(vec![0; buf]) });
        let inner = Inner { mailbox, estimate, stage: Stage::Idle(contact) };
        Arc::new(Self { inner: Mutex::new(inner), results: Arc::default() })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // After a panic the stage is `Over`, and every call says so.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, answer: Result<Zeroizing<Vec<u8>>, LinkError>) -> Answer<()> {
        let inner = self.inner();
        if inner.mailbox.state() != State::Sent {
            return Err(ORDER.into());
        }
        inner.mailbox.answer(answer);
        Ok(())
    }
}

impl Stage {
    /// The secrets that are left and what was read go here.
    fn ended(contact: Option<Idle>) -> Self {
        contact.map_or(Self::Over, |contact| Self::Ended(Box::new(contact.session)))
    }
}

/// KiB of stack that are overwritten after each step: a secret goes through it on its way to the command.
const STACK: usize = 64;

fn step(running: &mut Running) -> Poll<Outcome> {
    wiping_stack::<STACK, _>(|| running.as_mut().poll(&mut Context::from_waker(Waker::noop())))
}

fn results(results: &Mutex<Results>) -> MutexGuard<'_, Results> {
    results.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what comes, and asks the host for digests.
struct Keeping<'a> {
    kept: &'a Mutex<Results>,
    mailbox: Mailbox,
}

impl Receive for Keeping<'_> {
    fn got(&mut self, at: usize, part: Part<'_>) {
        results(self.kept).keep(at, part);
    }

    async fn digest(&mut self, at: usize) -> Result<Digest, Error> {
        self.mailbox.ask(at as u32).await
    }
}

/// One contact, to its end.
async fn run(mut contact: Idle, kept: Arc<Mutex<Results>>, mailbox: Mailbox) -> Outcome {
    let Contact { job, session, buf } = &mut *contact;
    let outcome = match job {
        Job::Plan { run, secrets } => {
            if run.starts_anew(session) {
                // Two cards' data shall not be handed out as one's.
                *results(&kept) = Results::default();
            }
            run.go_with(session, secrets, buf, &mut Keeping { kept: &kept, mailbox }).await
        }
        Job::Change(change) => match change.take() {
            Some(change) => change_secret(session, &change).await,
            None => Err(ORDER),
        },
    };
    (Some(contact), outcome)
}

async fn change_secret(session: &mut Session<Mailbox>, change: &Change) -> Result<(), Error> {
    fn typed<K: kazasu_core::secret::Kind>(text: &str) -> Result<Secret<K>, Error> {
        Secret::new(text).map_err(|reason| Error::SecretFormat { kind: K::KIND, reason })
    }
    let Change { kind, old, new, last_try } = change;
    match kind {
        SecretKind::AuthPin => session.jpki().await?.change::<Auth>(typed(old)?, typed(new)?, *last_try).await,
        SecretKind::SignPassword => session.jpki().await?.change::<Sign>(typed(old)?, typed(new)?, *last_try).await,
        _ => session.text().await?.change(typed::<Text>(old)?, typed(new)?, *last_try).await,
    }
}

/// A secret as it was typed. What is no text has a character that no secret has.
fn text(typed: &[u8]) -> Result<Zeroizing<String>, Error> {
    str::from_utf8(typed).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| Error::Misuse("a secret is UTF-8"))
}
