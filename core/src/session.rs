//! A session with one card: which application is selected, what has been unlocked, what the card and the link can do.

mod read;
mod sign;
mod unlock;

pub use sign::{Digest, Signature};
pub use unlock::{Counter, LastTry};

use crate::error::{Error, Malformed, Step};
use crate::exchange::{Exchange, Fault, Repeat, Request};
use crate::secret::SecretKind;
use crate::status::Status;
use crate::table::{Access, Application, short_id};
use crate::transport::Transport;
use core::ptr;

/// Short EF identifiers: the card's word is taken from the first answer to a command that uses one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ShortIds {
    Untried,
    Work,
    Refused,
}

/// A session with the card behind a [`Transport`].
pub struct Session<T> {
    pub(crate) exchange: Exchange<T>,
    pub(crate) application: Option<&'static Application>,
    selected: Option<u16>,
    opened: [bool; SecretKind::ALL.len()],
    /// In READ.
    short_ids: ShortIds,
    /// In VERIFY and in signing: that a card reads by short id does not prove that it finds a secret by one.
    reference_ids: ShortIds,
    extended: bool,
    past_end: bool,
    chunk: usize,
    slip: Option<read::Slip>,
    /// Tells sessions apart for plans; 0 before one went over it.
    pub(crate) contact: u32,
}

impl<T: Transport> Session<T> {
    /// Starts a session; nothing is sent.
    pub const fn new(transport: T) -> Self {
        Self {
            exchange: Exchange::new(transport),
            application: None,
            selected: None,
            opened: [false; SecretKind::ALL.len()],
            short_ids: ShortIds::Untried,
            reference_ids: ShortIds::Untried,
            extended: true,
            past_end: true,
            chunk: read::CHUNKS[0],
            slip: None,
            contact: 0,
        }
    }

    /// Goes on over a new link after the old one failed. What was learned of the card is kept, and a file that needs no secret is
    /// read on from where it stopped, if it is read again into the same buffer and the card proves to be the same one. What was
    /// unlocked is closed. The old link is dropped here, after the new one was made; see [`NoLink`](crate::transport::NoLink) where it
    /// has to go first, as over PC/SC.
    pub fn resume<U: Transport>(self, transport: U) -> Session<U> {
        let Self { extended, past_end, chunk, slip, .. } = self;
        // What the card can do is asked again, as it may be another.
        Session { extended, past_end, chunk, slip, ..Session::new(transport) }
    }

    /// Starts without what is known not to work on this card and link: no short file ids, no extended length.
    #[must_use]
    pub const fn without(mut self, short_ids: bool, extended: bool) -> Self {
        if short_ids {
            self.refuse_short_ids();
        }
        self.extended &= !extended;
        self
    }

    /// Gives the transport back without a word to the card.
    pub fn into_transport(self) -> T {
        self.exchange.into_transport()
    }

    /// `00 A4 04 0C Lc AID` → `9000`; `6A82` where the card has no such application, and what cards of other kinds say to a
    /// command that they do not know. Sent only if it is not selected already.
    pub(crate) async fn open(&mut self, application: &'static Application) -> Result<(), Error> {
        if self.application.is_some_and(|open| ptr::eq(open, application)) {
            return Ok(());
        }
        self.application = None;
        self.selected = None;
        self.opened = [false; SecretKind::ALL.len()];
        match self.plain([0x00, 0xA4, 0x04, 0x0C], application.aid, Step::Select).await? {
            Status::OK => {
                self.application = Some(application);
                Ok(())
            }
            Status(0x6A82 | 0x6A81 | 0x6A86 | 0x6999 | 0x6D00 | 0x6E00) => {
                Err(Error::Absent { what: application.title })
            }
            status => Err(Error::Refused { step: Step::Select, status }),
        }
    }

    /// `00 A4 02 0C 02 id` → `9000`, also for files that need a secret.
    async fn select(&mut self, id: u16) -> Result<(), Error> {
        if self.selected == Some(id) {
            return Ok(());
        }
        self.selected = None;
        match self.plain([0x00, 0xA4, 0x02, 0x0C], &id.to_be_bytes(), Step::Select).await? {
            Status::OK => {
                self.selected = Some(id);
                Ok(())
            }
            Status(0x6A82) => Err(Error::Absent { what: self.name_of(id) }),
            status => Err(Error::Refused { step: Step::Select, status }),
        }
    }

    fn name_of(&self, id: u16) -> &'static str {
        self.application.and_then(|application| application.name_of(id)).unwrap_or("such file")
    }

    /// A card that does not read by short id does not find a secret by one either.
    const fn refuse_short_ids(&mut self) {
        self.short_ids = ShortIds::Refused;
        self.reference_ids = ShortIds::Refused;
    }

    /// The P2 that names a reference: its short id, or `80` with the file selected.
    async fn reference(&mut self, id: u16) -> Result<u8, Error> {
        if self.reference_ids != ShortIds::Refused {
            return Ok(0x80 | short_id(id));
        }
        self.select(id).await?;
        Ok(0x80)
    }

    /// Nothing is sent for a file or key whose secret this session has not given.
    fn require(&self, access: Access) -> Result<(), Error> {
        match access {
            Access::AnyOf(kinds) if !kinds.iter().any(|kind| self.opened[*kind as usize]) => {
                Err(Error::SecretRequired { kinds })
            }
            _ => Ok(()),
        }
    }

    /// The card closed what was open, and the next use needs the secret again; or it closes what no secret is known to open.
    fn closed(&mut self, access: Access, step: Step) -> Error {
        for kind in access.kinds() {
            self.opened[*kind as usize] = false;
        }
        match access.kinds() {
            [] => Error::Refused { step, status: Status(0x6982) },
            kinds => Error::SecretRequired { kinds },
        }
    }

    /// A command whose answer is a status word alone, and that changes nothing that counts.
    async fn plain(&mut self, header: [u8; 4], data: &[u8], step: Step) -> Result<Status, Error> {
        let request = Request { header, data, ne: 0 };
        let answer = self.exchange.send(request, &mut [0; 2], Repeat::Freely).await;
        answer.map(|(_, status)| status).map_err(|fault| fault_at(step, fault))
    }
}

/// Words with which a card says that P1-P2 name nothing that it knows: a short id that it does not support, a reference that
/// it does not have.
const fn names_nothing(status: Status) -> bool {
    matches!(status.0, 0x6981 | 0x6985 | 0x6986 | 0x6A80 | 0x6A81 | 0x6A82 | 0x6A86 | 0x6A88 | 0x6B00)
}

fn fault_at(step: Step, fault: Fault) -> Error {
    match fault {
        Fault::Link(link) => Error::Link(link),
        Fault::NoStatus => Error::Malformed { step, reason: Malformed::NoStatus },
        Fault::Size => Error::Malformed { step, reason: Malformed::Size },
        Fault::Over => Error::SessionOver,
    }
}
