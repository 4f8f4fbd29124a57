//! The secrets of a plan, each sent at most once.

use crate::error::Error;
use crate::secret::{
    AuthPin, BirthKey, FormatError, Kind, NumberA, NumberB, Secret, SecretKind, SignPassword, TextPin,
};
use crate::session::{LastTry, Session};
use crate::transport::{LinkError, Transport};

/// What a holder has typed for a plan. Wiped when it goes; each one is wiped as soon as it has been sent.
#[derive(Default)]
pub struct Secrets {
    auth: Option<AuthPin>,
    sign: Option<SignPassword>,
    text: Option<TextPin>,
    a: Option<NumberA>,
    b: Option<NumberB>,
    birth: Option<BirthKey>,
    last_try: [LastTry; SecretKind::ALL.len()],
}

impl Secrets {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a secret, in the place of an earlier one of its kind.
    ///
    /// # Errors
    /// [`Error::SecretFormat`]; [`Error::Misuse`] for a secret that Kazasu never sends.
    pub fn give(&mut self, kind: SecretKind, text: &str) -> Result<(), Error> {
        fn put<K: Kind>(slot: &mut Option<Secret<K>>, text: &str) -> Result<(), FormatError> {
            *slot = None;
            *slot = Some(Secret::new(text)?);
            Ok(())
        }
        match kind {
            SecretKind::AuthPin => put(&mut self.auth, text),
            SecretKind::SignPassword => put(&mut self.sign, text),
            SecretKind::TextPin => put(&mut self.text, text),
            SecretKind::NumberA => put(&mut self.a, text),
            SecretKind::NumberB => put(&mut self.b, text),
            SecretKind::BirthKey => put(&mut self.birth, text),
            SecretKind::CardPin => return Err(Error::Misuse("this secret is never sent")),
        }
        .map_err(|reason| Error::SecretFormat { kind, reason })
    }

    /// The holder has been told that one try is left, or that nobody knows how many, and said yes: for the next time that this
    /// secret is sent.
    pub fn allow_last_try(&mut self, kind: SecretKind) {
        self.last_try[kind as usize] = LastTry::Allow;
    }

    pub(super) const fn forbid_last_tries(&mut self) {
        self.last_try = [LastTry::Refuse; SecretKind::ALL.len()];
    }

    /// Whether it is here and has not been sent.
    #[must_use]
    pub const fn holds(&self, kind: SecretKind) -> bool {
        match kind {
            SecretKind::AuthPin => self.auth.is_some(),
            SecretKind::SignPassword => self.sign.is_some(),
            SecretKind::TextPin => self.text.is_some(),
            SecretKind::NumberA => self.a.is_some(),
            SecretKind::NumberB => self.b.is_some(),
            SecretKind::BirthKey => self.birth.is_some(),
            SecretKind::CardPin => false,
        }
    }

    /// Whether any one of these is here.
    pub(super) fn opens(&self, kinds: &[SecretKind]) -> bool {
        kinds.iter().any(|kind| self.holds(*kind))
    }

    /// Sends the secret of the open application.
    pub(super) async fn present<T: Transport>(
        &mut self,
        kind: SecretKind,
        session: &mut Session<T>,
    ) -> Result<(), Error> {
        let last_try = core::mem::take(&mut self.last_try[kind as usize]);
        match kind {
            SecretKind::AuthPin => spend(&mut self.auth, session, last_try).await,
            SecretKind::SignPassword => spend(&mut self.sign, session, last_try).await,
            SecretKind::TextPin => spend(&mut self.text, session, last_try).await,
            SecretKind::NumberA => spend(&mut self.a, session, last_try).await,
            SecretKind::NumberB => spend(&mut self.b, session, last_try).await,
            SecretKind::BirthKey => spend(&mut self.birth, session, last_try).await,
            SecretKind::CardPin => Err(Error::Misuse("this secret is never sent")),
        }
    }
}

/// Empties its slot, wherever the operation ends or is dropped, unless it is known that nothing was sent.
struct Spent<'a, K> {
    slot: &'a mut Option<Secret<K>>,
    sent: bool,
}

impl<K> Drop for Spent<'_, K> {
    fn drop(&mut self) {
        if self.sent {
            *self.slot = None;
        }
    }
}

async fn spend<T: Transport, K: Kind>(
    slot: &mut Option<Secret<K>>,
    session: &mut Session<T>,
    last_try: LastTry,
) -> Result<(), Error> {
    let mut spent = Spent { slot, sent: true };
    let Some(secret) = spent.slot.as_ref() else { return Err(Error::Misuse("this secret has been sent")) };
    let outcome = session.unlock(secret, last_try).await;
    // Once VERIFY is on its way, a lost answer is `OutcomeUnknown`: these come before it. That a link found VERIFY itself too long is
    // what it says of a command that it was given.
    spent.sent = match outcome {
        Err(Error::LastTry { .. } | Error::SessionOver) => false,
        Err(Error::Link(link)) => link == LinkError::TooLong,
        _ => true,
    };
    outcome
}
