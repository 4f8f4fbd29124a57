//! Everything that is wanted of one contact with the card, said beforehand: a [`Plan`] tells which secrets it needs and what it will
//! cost before a card is there, and a [`Run`] does it in the fewest commands, over several contacts if the card slips away.

mod estimate;
mod secrets;

pub use estimate::Estimate;
pub use secrets::Secrets;

use crate::error::{Error, Step};
use crate::mynumber::common::{self, COMMON, CardRecord};
use crate::mynumber::jpki::{self, CertificatesPresent, FreeCertificate, JPKI};
use crate::mynumber::surface::{self, BirthRecord, Face, SURFACE};
use crate::mynumber::text::{self, Attributes, MyNumber, TEXT};
use crate::secret::SecretKind;
use crate::session::{Counter, Digest, Session, Signature};
use crate::status::Status;
use crate::table::{Access, Application, CardKind, File, Key, Privacy};
use crate::transport::Transport;
use core::sync::atomic::{AtomicU32, Ordering};
use core::{fmt, ptr};
use zeroize::Zeroizing;

/// Most items of a plan.
pub const MAX_ITEMS: usize = 64;

/// A buffer of this size is enough for every item.
pub const PLAN_BUFFER: usize = surface::FACE_BUFFER;

/// The applications in the order in which a plan visits them, twice: first for what needs no secret, so that a card that slips away
/// early costs nobody one, and so that neither a wrong secret nor a blocked one keeps anything from being read that needs none.
static ORDER: [&Application; 4] = [&COMMON, &JPKI, &TEXT, &SURFACE];

/// The applications that plans select: those that a phone's app must declare.
#[must_use]
pub fn applications() -> &'static [&'static Application] {
    &ORDER
}

/// A key that a secret opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKey {
    /// 利用者証明用: opened by the PIN of four digits.
    Auth,
    /// 署名用: opened by the password.
    Sign,
}

/// An application whose records a municipality signed, and in which the card has a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedRecords {
    /// 券面事項入力補助AP.
    Text,
    /// 券面事項確認AP.
    Surface,
}

/// One thing that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// What kind of card it is.
    CardKind,
    /// Which certificates exist.
    CertificatesPresent,
    /// Serial, municipality and expiry.
    CardRecord,
    /// Tries left of a secret.
    Tries(SecretKind),
    /// A certificate that needs no secret.
    Certificate(FreeCertificate),
    /// The signature certificate: name, address, birth date and sex are in it.
    SigningCertificate,
    /// A signature over a digest.
    Sign(SigningKey, Digest),
    /// A signature over a digest that is made in the contact, when everything else that the key's secret opens has been read: what is
    /// signed in a document names its certificate. See [`Receive::digest`].
    SignLater(SigningKey),
    /// 個人番号.
    MyNumber,
    /// 基本4情報.
    Attributes,
    /// The card face, photo included.
    Face,
    /// A signature over the digest of a verifier's nonce with the card's own key, which needs no secret: the chip is here.
    Presence(SignedRecords, Digest),
    /// The certificate over the key that signed the records; it needs no secret.
    MunicipalityCertificate(SignedRecords),
    /// The card's own public key in the text application, signed by the municipality's.
    AuthenticationKey,
    /// Digests of My Number and attributes, signed by the municipality's key.
    IntegrityRecord,
    /// The birth date alone, with the card's own public key in the surface application, signed by the municipality's.
    BirthRecord,
}

/// Where an item is on the card.
#[derive(Clone, Copy)]
enum Place {
    File(&'static File),
    Key(&'static Key),
    Counter,
}

impl Item {
    fn place(&self) -> Place {
        match self {
            Self::CardKind => Place::File(&jpki::TOKEN),
            Self::CertificatesPresent => Place::File(&jpki::PRESENT),
            Self::CardRecord => Place::File(&common::CARD),
            Self::Tries(_) => Place::Counter,
            Self::Certificate(which) => Place::File(which.file()),
            Self::SigningCertificate => Place::File(&jpki::SIGN_CERTIFICATE),
            Self::Sign(SigningKey::Auth, _) | Self::SignLater(SigningKey::Auth) => Place::Key(&jpki::AUTH_KEY),
            Self::Sign(SigningKey::Sign, _) | Self::SignLater(SigningKey::Sign) => Place::Key(&jpki::SIGN_KEY),
            Self::MyNumber => Place::File(&text::NUMBER),
            Self::Attributes => Place::File(&text::ATTRIBUTES),
            Self::Face => Place::File(&surface::FACE),
            Self::Presence(SignedRecords::Text, _) => Place::Key(&text::KEY),
            Self::Presence(SignedRecords::Surface, _) => Place::Key(&surface::KEY),
            Self::MunicipalityCertificate(SignedRecords::Text) => Place::File(&text::MUNICIPALITY),
            Self::MunicipalityCertificate(SignedRecords::Surface) => Place::File(&surface::MUNICIPALITY),
            Self::AuthenticationKey => Place::File(&text::AUTHENTICATION_KEY),
            Self::IntegrityRecord => Place::File(&text::INTEGRITY),
            Self::BirthRecord => Place::File(&surface::BIRTH_RECORD),
        }
    }

    /// The application that has it; `None` for the counter of a secret that no application of a plan has.
    fn application(&self) -> Option<&'static Application> {
        ORDER.into_iter().find(|application| match (self, self.place()) {
            (Self::Tries(kind), _) => application.pin(*kind).is_some(),
            (_, Place::File(file)) => application.files.iter().any(|row| ptr::eq(*row, file)),
            (_, Place::Key(key)) => application.keys.iter().any(|row| ptr::eq(*row, key)),
            (_, Place::Counter) => false,
        })
    }

    /// The secrets that open it: any one of them. Empty where none is needed.
    #[must_use]
    pub fn opened_by(&self) -> &'static [SecretKind] {
        match self.place() {
            Place::File(File { read: Access::AnyOf(kinds), .. })
            | Place::Key(Key { usage: Access::AnyOf(kinds), .. }) => kinds,
            _ => &[],
        }
    }
}

/// What came of an item.
pub enum Part<'b> {
    /// Of [`Item::CardKind`].
    CardKind(CardKind),
    /// Of [`Item::CertificatesPresent`].
    CertificatesPresent(CertificatesPresent),
    /// Of [`Item::CardRecord`].
    CardRecord(CardRecord),
    /// Of [`Item::Tries`].
    Tries(Counter),
    /// Of [`Item::Certificate`] and [`Item::SigningCertificate`]: DER.
    Certificate(&'b [u8]),
    /// Of [`Item::Sign`], [`Item::SignLater`] and [`Item::Presence`].
    Signature(Signature),
    /// Of [`Item::MyNumber`].
    MyNumber(MyNumber),
    /// Of [`Item::Attributes`].
    Attributes(Attributes<'b>),
    /// Of [`Item::Face`].
    Face(Face<'b>),
    /// Of [`Item::MunicipalityCertificate`], [`Item::AuthenticationKey`] and [`Item::IntegrityRecord`]: the file's object, for a
    /// verifier.
    Record(&'b [u8]),
    /// Of [`Item::BirthRecord`].
    BirthRecord(BirthRecord<'b>),
}

impl fmt::Debug for Part<'_> {
    /// Which one; never what it holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CardKind(_) => "CardKind(…)",
            Self::CertificatesPresent(_) => "CertificatesPresent(…)",
            Self::CardRecord(_) => "CardRecord(…)",
            Self::Tries(_) => "Tries(…)",
            Self::Certificate(_) => "Certificate(…)",
            Self::Signature(_) => "Signature(…)",
            Self::MyNumber(_) => "MyNumber(…)",
            Self::Attributes(_) => "Attributes(…)",
            Self::Face(_) => "Face(…)",
            Self::Record(_) => "Record(…)",
            Self::BirthRecord(_) => "BirthRecord(…)",
        })
    }
}

/// What takes the results of a run.
#[allow(
    async_fn_in_trait,
    reason = "as of `Transport`: whoever runs it knows the type, and so whether its futures may be sent"
)]
pub trait Receive {
    /// An item's index and what came of it.
    fn got(&mut self, at: usize, part: Part<'_>);

    /// What the [`Item::SignLater`] with this index signs. Every other item of its secret has been handed to [`Self::got`]. It may
    /// be asked for again in a later contact, when the card slipped away before the signature was here.
    ///
    /// # Errors
    /// Any; the run ends with it, and nothing is signed.
    async fn digest(&mut self, at: usize) -> Result<Digest, Error>;
}

/// Takes results, and knows no digest.
struct Results<'g, G>(&'g mut G);

impl<G: FnMut(usize, Part<'_>)> Receive for Results<'_, G> {
    fn got(&mut self, at: usize, part: Part<'_>) {
        (self.0)(at, part);
    }

    async fn digest(&mut self, _: usize) -> Result<Digest, Error> {
        Err(Error::Misuse("a signature whose digest is made later needs Run::go_with"))
    }
}

/// What is wanted of one contact: items in a slice, an array or whatever else holds them.
#[derive(Debug, Clone, Copy)]
pub struct Plan<P> {
    items: P,
}

impl<P: AsRef<[Item]>> Plan<P> {
    /// A plan of these items. Results come in the order in which they cost the fewest commands.
    ///
    /// # Errors
    /// [`Error::Misuse`] for none, or more than [`MAX_ITEMS`], or a counter that no plan can ask for.
    pub fn new(items: P) -> Result<Self, Error> {
        if !(1..=MAX_ITEMS).contains(&items.as_ref().len()) {
            return Err(Error::Misuse("a plan has 1 to 64 items"));
        }
        if items.as_ref().iter().any(|item| item.application().is_none()) {
            return Err(Error::Misuse("this counter is not on the card"));
        }
        Ok(Self { items })
    }

    /// The items as they were handed in.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        self.items.as_ref()
    }

    /// For each item that needs one: the secrets of which any one opens it.
    pub fn secrets(&self) -> impl Iterator<Item = &'static [SecretKind]> + '_ {
        let opened_by = |at: usize| self.items()[at].opened_by();
        // Two items that the same secrets open ask once.
        (0..self.items().len())
            .filter(move |at| !opened_by(*at).is_empty() && (0..*at).all(|before| opened_by(before) != opened_by(*at)))
            .map(opened_by)
    }
}

/// So much of a file tells cards apart.
const PROOF: usize = 64;

/// A plan on its way: what is done, and which card it was.
pub struct Run<P> {
    plan: Plan<P>,
    done: u64,
    /// The number of its last contact; 0 before the first.
    contact: u32,
    /// The start of the first whole file that was read, needs no secret and is no other card's.
    card: Option<(&'static Application, &'static File, [u8; PROOF])>,
}

impl<P: AsRef<[Item]>> Run<P> {
    /// Nothing is done yet.
    #[must_use]
    pub const fn new(plan: Plan<P>) -> Self {
        Self { plan, done: 0, contact: 0, card: None }
    }

    /// How many items are done.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.done.count_ones() as usize
    }

    /// The secrets that what is left still needs and `secrets` does not hold: any one of each.
    pub fn missing<'a>(&'a self, secrets: &'a Secrets) -> impl Iterator<Item = &'static [SecretKind]> + 'a {
        self.left(|kinds| !kinds.is_empty() && !secrets.opens(kinds)).map(|at| self.plan.items()[at].opened_by())
    }

    /// The plan.
    pub const fn plan(&self) -> &Plan<P> {
        &self.plan
    }

    /// Items left whose secrets fulfil `wanted`.
    fn left<'a>(&'a self, wanted: impl Fn(&'static [SecretKind]) -> bool + 'a) -> impl Iterator<Item = usize> + 'a {
        let is_left = move |at: &usize| self.done & 1 << at == 0 && wanted(self.plan.items()[*at].opened_by());
        (0..self.plan.items().len()).filter(is_left)
    }

    /// Does what is left: first what needs no secret, then each secret is sent at most once. An application is opened once, or twice
    /// where another one comes between the two. `got` is told each item's index and what came of it. `buf` ([`PLAN_BUFFER`]) must be the same for all contacts; it holds personal data until it is wiped.
    ///
    /// A secret that opens something in two applications is asked for once more when it has been sent to the first of them.
    ///
    /// After a link error, hold [`Session::resume`]'s session to the card and call it again: an unprotected file goes on where it stopped. What
    /// was done is kept if a file that was read proves the card to be the same one; if there is none, everything is done
    /// again, and every secret is needed again. Otherwise one that was sent is ([`Self::missing`]), and one that was not is kept.
    ///
    /// # Errors
    /// [`Error::SecretRequired`] before anything is sent; [`Error::OtherCard`]; and whatever an item ends with.
    pub async fn go<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        secrets: &mut Secrets,
        buf: &mut [u8],
        got: &mut impl FnMut(usize, Part<'_>),
    ) -> Result<(), Error> {
        self.go_with(session, secrets, buf, &mut Results(got)).await
    }

    /// [`Self::go`], for plans that have an [`Item::SignLater`].
    ///
    /// # Errors
    /// Those of [`Self::go`], and what [`Receive::digest`] ends with.
    pub async fn go_with<T: Transport>(
        &mut self,
        session: &mut Session<T>,
        secrets: &mut Secrets,
        buf: &mut [u8],
        got: &mut impl Receive,
    ) -> Result<(), Error> {
        if self.starts_anew(session) {
            // It may be another card, and these were typed for the one before.
            self.done = 0;
            *secrets = Secrets::new();
        }
        if let Some(kinds) = self.missing(secrets).next() {
            return Err(Error::SecretRequired { kinds });
        }
        if self.is_new(session) {
            // A last try was permitted with the last contact's counter in view.
            if self.contact != 0 {
                secrets.forbid_last_tries();
            }
            self.prove_same_card(session).await?;
            self.contact = number(session);
        }
        for application in ORDER {
            self.free_items(application, session, buf, got).await?;
        }
        for application in ORDER {
            for pin in application.pins {
                self.items_of(application, pin.kind, session, secrets, buf, got).await?;
            }
        }
        // A secret that two applications have is sent to each, so it has to be handed in for each.
        match self.left(|_| true).next() {
            Some(at) => Err(Error::SecretRequired { kinds: self.plan.items()[at].opened_by() }),
            None => Ok(()),
        }
    }

    /// Whether [`Self::go`] does everything again over this session, or over the next one where this one has ended: some of it was
    /// done, and nothing that was read can prove that it will be the same card. What came of it belongs to the other contact, and
    /// every secret is needed again.
    pub const fn starts_anew<T: Transport>(&self, session: &Session<T>) -> bool {
        self.done != 0 && self.card.is_none() && (self.is_new(session) || session.exchange.is_over())
    }

    /// Whether this is another contact than the last one, whatever else has been done over its session.
    const fn is_new<T>(&self, session: &Session<T>) -> bool {
        self.contact == 0 || self.contact != session.contact
    }

    async fn free_items<T: Transport>(
        &mut self,
        application: &'static Application,
        session: &mut Session<T>,
        buf: &mut [u8],
        got: &mut impl Receive,
    ) -> Result<(), Error> {
        while let Some(at) = self.next_of(application, <[_]>::is_empty) {
            open(session, application).await?;
            self.item(at, application, session, buf, got).await?;
        }
        Ok(())
    }

    async fn items_of<T: Transport>(
        &mut self,
        application: &'static Application,
        kind: SecretKind,
        session: &mut Session<T>,
        secrets: &mut Secrets,
        buf: &mut [u8],
        got: &mut impl Receive,
    ) -> Result<(), Error> {
        let opens = |kinds: &[SecretKind]| kinds.contains(&kind);
        if !secrets.holds(kind) || self.next_of(application, opens).is_none() {
            return Ok(());
        }
        open(session, application).await?;
        secrets.present(kind, session).await?;
        while let Some(at) = self.next_of(application, opens) {
            self.item(at, application, session, buf, got).await?;
        }
        Ok(())
    }

    fn next_of(
        &self,
        application: &'static Application,
        wanted: impl Fn(&'static [SecretKind]) -> bool,
    ) -> Option<usize> {
        let here = |at: &usize| self.plan.items()[*at].application().is_some_and(|owner| ptr::eq(owner, application));
        // What is signed later may need to know what is read before.
        self.left(wanted).filter(here).min_by_key(|at| matches!(self.plan.items()[*at], Item::SignLater(_)))
    }

    async fn item<T: Transport>(
        &mut self,
        at: usize,
        application: &'static Application,
        session: &mut Session<T>,
        buf: &mut [u8],
        got: &mut impl Receive,
    ) -> Result<(), Error> {
        let item = match self.plan.items()[at] {
            Item::SignLater(key) => &Item::Sign(key, got.digest(at).await?),
            _ => &self.plan.items()[at],
        };
        let part = match perform(item, session, buf).await {
            // What is free on a card wants a secret here, as on a phone: no plan has one for it.
            Err(Error::SecretRequired { .. }) if item.opened_by().is_empty() => {
                return Err(Error::Refused { step: Step::Read, status: Status(0x6982) });
            }
            part => part?,
        };
        got.got(at, part);
        // A CA's certificate is the same on many cards.
        if let Item::Certificate(which) = item
            && which.file().privacy == Privacy::Personal
            && let (None, Some(start)) = (self.card, buf.first_chunk())
        {
            self.card = Some((application, which.file(), *start));
        }
        self.done |= 1 << at;
        Ok(())
    }

    /// What was done came from this card.
    async fn prove_same_card<T: Transport>(&self, session: &mut Session<T>) -> Result<(), Error> {
        let Some((application, file, start)) = self.card else { return Ok(()) };
        open(session, application).await?;
        let mut again = [0; PROOF + 2];
        let len = session.read_start(file, &mut again, PROOF).await?;
        if again[..len] == start { Ok(()) } else { Err(Error::OtherCard) }
    }
}

/// Leaves the card with its keys closed, as [`Session::close`] does it, and says whether the card said yes. Selects none but
/// [`applications`]: a phone's system lets no others through.
pub async fn leave<T: Transport>(mut session: Session<T>) -> bool {
    let before = session.application;
    session.close_by(ORDER.iter(), before).await
}

/// A session's number, given where a plan first goes over it: sessions are moved and look alike, and may have been used before.
fn number<T>(session: &mut Session<T>) -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    if session.contact == 0 {
        session.contact = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    session.contact
}

/// A card that lacks an application of a plan is asked what it is: only of a My Number card it is worth saying what is missing.
async fn open<T: Transport>(session: &mut Session<T>, application: &'static Application) -> Result<(), Error> {
    if ptr::eq(application, &JPKI) {
        return session.jpki().await.map(|_| ());
    }
    let absent = match session.open(application).await {
        Err(absent @ Error::Absent { .. }) => absent,
        outcome => return outcome,
    };
    match session.jpki().await?.token_kind().await? {
        CardKind::MyNumber => Err(absent),
        found => Err(Error::WrongCard { found }),
    }
}

/// Does one item in its application, opened, with its secret given.
async fn perform<'b, T: Transport>(
    item: &Item,
    session: &mut Session<T>,
    buf: &'b mut [u8],
) -> Result<Part<'b>, Error> {
    Ok(match (item, item.place()) {
        (Item::CardKind, _) => Part::CardKind(session.jpki().await?.token_kind().await?),
        (Item::CertificatesPresent, _) => {
            Part::CertificatesPresent(session.jpki().await?.certificates_present().await?)
        }
        (Item::CardRecord, _) => Part::CardRecord(session.common().await?.card_record().await?),
        (Item::Tries(kind), _) => Part::Tries(session.tries(*kind).await?),
        (Item::Sign(_, digest) | Item::Presence(_, digest), Place::Key(key)) => {
            Part::Signature(session.sign(key, digest).await?)
        }
        // In a buffer of its own, which is wiped.
        (Item::MyNumber, Place::File(file)) => {
            let mut buf = Zeroizing::new([0; 19]);
            Part::MyNumber(MyNumber::parse(session.read(file, &mut *buf).await?)?)
        }
        (_, Place::File(file)) => {
            let record = session.read(file, buf).await?;
            match item {
                Item::Attributes => Part::Attributes(Attributes::parse(record)?),
                Item::Face => Part::Face(Face::parse(record)?),
                Item::BirthRecord => Part::BirthRecord(BirthRecord::parse(record)?),
                Item::MunicipalityCertificate(_) | Item::AuthenticationKey | Item::IntegrityRecord => {
                    Part::Record(record)
                }
                _ => Part::Certificate(record),
            }
        }
        (_, Place::Key(_) | Place::Counter) => return Err(Error::Misuse("this item is no file")),
    })
}
