//! Everything that spends a try. A counter is asked for first, VERIFY is sent at most once per secret and with the reference that
//! has just answered, and after a lost answer the session is over.

use super::{Session, ShortIds, names_nothing};
use crate::error::{Error, Step};
use crate::exchange::{Fault, Repeat, Request};
use crate::secret::{Kind, Secret, SecretKind};
use crate::status::Status;
use crate::table::Pin;
use crate::transport::{LinkError, Transport};

/// Tries left of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// So many; never 0.
    Left(u8),
    /// None, and only an office can change that.
    Blocked,
    /// The card did not tell.
    Unknown,
}

/// What to do when one try is left, or when the card does not tell how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LastTry {
    /// Refuse, and send nothing.
    #[default]
    Refuse,
    /// Go on: the holder has been told and said yes.
    Allow,
}

impl<T: Transport> Session<T> {
    /// How many tries are left; spends nothing. Exactly four bytes: a fifth makes some cards answer `6700`.
    ///
    /// `00 20 00 80` (selected) or `00 20 00 80|sfi` → `63Cx`; blocked: `6983`, `6984`, `63C0`.
    pub(crate) async fn query(&mut self, pin: &Pin) -> Result<Counter, Error> {
        let p2 = self.reference(pin.id).await?;
        let (mut counter, mut status) = self.query_at(p2).await?;
        // A card without short ids may also say "blocked" of a reference that it does not know: ask again the long way.
        if p2 != 0x80 {
            let untried = self.reference_ids == ShortIds::Untried;
            let unsure = names_nothing(status) || untried && matches!(status.0, 0x6983 | 0x6984);
            self.reference_ids = if unsure { ShortIds::Refused } else { ShortIds::Work };
            if unsure {
                // Until a READ has shown otherwise, a card that does not find a secret by short id does not read by one either.
                if self.short_ids == ShortIds::Untried {
                    self.refuse_short_ids();
                }
                let p2 = self.reference(pin.id).await?;
                (counter, status) = self.query_at(p2).await?;
            }
        }
        match counter {
            Some(counter) => Ok(counter),
            None if names_nothing(status) => Err(Error::Absent { what: pin.kind.name() }),
            None => Err(Error::Refused { step: Step::Query, status }),
        }
    }

    async fn query_at(&mut self, p2: u8) -> Result<(Option<Counter>, Status), Error> {
        let status = self.plain([0x00, 0x20, 0x00, p2], &[], Step::Query).await?;
        let counter = match status {
            status if status.is_blocked() => Some(Counter::Blocked),
            // 9000 says "verified already", 6300 "no counter": neither tells how many are left.
            Status::OK | Status(0x6300) => Some(Counter::Unknown),
            status => status.tries().map(Counter::Left),
        };
        Ok((counter, status))
    }

    /// [`Self::query`] for a secret of the open application.
    pub(crate) async fn tries(&mut self, kind: SecretKind) -> Result<Counter, Error> {
        self.query(self.pin(kind)?).await
    }

    /// Asks for the counter, then sends `secret` once.
    pub(crate) async fn unlock<K: Kind>(&mut self, secret: &Secret<K>, last_try: LastTry) -> Result<(), Error> {
        let pin = self.pin(K::KIND)?;
        let before = self.allowed(pin, last_try).await?;
        // The same reference that has just answered with its counter.
        let p2 = self.reference(pin.id).await?;
        self.verify(p2, before, secret).await
    }

    /// VERIFY of the old one, then CHANGE REFERENCE DATA to the new one, each once. Only the form with the file selected is
    /// known to work (Measured), so short ids are left out.
    ///
    /// `00 24 01 80 Lc new` → `9000`
    pub(crate) async fn change<K: Kind>(
        &mut self,
        old: &Secret<K>,
        new: &Secret<K>,
        last_try: LastTry,
    ) -> Result<(), Error> {
        let pin = self.pin(K::KIND)?;
        let reference_ids = core::mem::replace(&mut self.reference_ids, ShortIds::Refused);
        let changed = self.change_selected(pin, old, new, last_try).await;
        self.reference_ids = reference_ids;
        changed
    }

    async fn change_selected<K: Kind>(
        &mut self,
        pin: &Pin,
        old: &Secret<K>,
        new: &Secret<K>,
        last_try: LastTry,
    ) -> Result<(), Error> {
        let before = self.allowed(pin, last_try).await?;
        self.verify(0x80, before, old).await?;
        // A card that counts here counts the old one, which has just been right.
        self.present(Step::Change, [0x00, 0x24, 0x01, 0x80], Counter::Unknown, new).await
    }

    /// VERIFY, with the counter as the card has just told it.
    async fn verify<K: Kind>(&mut self, p2: u8, before: Counter, secret: &Secret<K>) -> Result<(), Error> {
        // A wrong one closes what an earlier right one opened.
        self.opened[K::KIND as usize] = false;
        self.present(Step::Verify, [0x00, 0x20, 0x00, p2], before, secret).await?;
        self.opened[K::KIND as usize] = true;
        Ok(())
    }

    /// Refuses a blocked secret, and a last try without permission; returns the counter.
    async fn allowed(&mut self, pin: &Pin, last_try: LastTry) -> Result<Counter, Error> {
        let kind = pin.kind;
        let counter = self.query(pin).await?;
        match (counter, last_try) {
            (Counter::Blocked, _) => Err(Error::Blocked { kind, spent: Some(false) }),
            (Counter::Left(2..), _) | (_, LastTry::Allow) => Ok(counter),
            (Counter::Left(left), LastTry::Refuse) => Err(Error::LastTry { kind, left: Some(left) }),
            (Counter::Unknown, LastTry::Refuse) => Err(Error::LastTry { kind, left: None }),
        }
    }

    /// VERIFY (`00 20 00 p2 Lc secret`) or CHANGE REFERENCE DATA → `9000`; wrong `63Cx`; blocked `6983`, `6984`, `63C0`.
    /// The only place from which a secret leaves.
    async fn present<K: Kind>(
        &mut self,
        step: Step,
        header: [u8; 4],
        before: Counter,
        secret: &Secret<K>,
    ) -> Result<(), Error> {
        let kind = K::KIND;
        let request = Request { header, data: secret.expose(), ne: 0 };
        let lost = |link| Error::OutcomeUnknown { step, kind, link };
        match self.exchange.send(request, &mut [0; 2], Repeat::Never).await {
            Ok((_, Status::OK)) => Ok(()),
            Ok((_, Status(0x63C0))) => Err(Error::Blocked { kind, spent: Some(true) }),
            // There were tries a moment ago, so this one was the last; where the card did not tell, nobody knows.
            Ok((_, Status(0x6983 | 0x6984))) => {
                Err(Error::Blocked { kind, spent: matches!(before, Counter::Left(_)).then_some(true) })
            }
            Ok((_, Status(0x6300))) => Err(Error::WrongSecret { kind, left: None }),
            Ok((_, status)) => match status.tries() {
                // A counter that does not fall is not believed.
                Some(left) => {
                    let falls = !matches!(before, Counter::Left(before) if left >= before);
                    Err(Error::WrongSecret { kind, left: falls.then_some(left) })
                }
                None => Err(Error::Refused { step, status }),
            },
            Err(Fault::Over) => Err(Error::SessionOver),
            Err(Fault::Link(LinkError::TooLong)) => Err(LinkError::TooLong.into()),
            Err(Fault::Link(link)) => Err(lost(link)),
            Err(Fault::NoStatus | Fault::Size) => {
                self.exchange.end();
                Err(lost(LinkError::Other))
            }
        }
    }

    fn pin(&self, kind: SecretKind) -> Result<&'static Pin, Error> {
        let pin = self.application.and_then(|application| application.pin(kind));
        pin.ok_or(Error::Misuse("this application has no such secret"))
    }
}
