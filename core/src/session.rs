//! A session with one card: which application is selected, what has been unlocked, what the card and the link can do.
//!
//! Everything that spends a try is here: a counter is asked for first, VERIFY is sent at most once per secret and with the
//! reference that has just answered, and after a lost answer the session is over.

use crate::error::{Error, Malformed, Step};
use crate::exchange::{Exchange, Fault, Repeat, Request};
use crate::secret::{Kind, Secret, SecretKind};
use crate::status::Status;
use crate::table::{Access, Application, Content, File, Information, Key, Operation, Pin, short_id};
use crate::tlv::{self, Header, Problem, Tlv, TlvError};
use crate::transport::{LinkError, Transport};
use core::fmt;
use zeroize::Zeroize;

/// Answers to one READ are put together from at most this many chunks.
const MAX_CHUNKS: usize = 1_000;
/// Offsets in READ BINARY have 15 bits.
const MAX_OFFSET: usize = 0x7FFF;
/// Enough for tag and length of every file of this card.
const HEADER: usize = 8;
/// Sizes of short chunks, largest first: some links carry less than a whole short APDU.
const CHUNKS: [usize; 3] = [256, 224, 160];

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

/// An RSA-2048 signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(pub [u8; 256]);

impl fmt::Debug for Signature {
    /// A signature leads to its holder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(256 bytes)")
    }
}

/// A digest to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256.
    Sha256([u8; 32]),
    /// SHA-384.
    Sha384([u8; 48]),
    /// SHA-512.
    Sha512([u8; 64]),
}

impl Digest {
    /// DER of the DigestInfo (RFC 8017, 9.2) at the start of a buffer, and its length.
    fn digest_info(&self) -> ([u8; 83], usize) {
        let (algorithm, digest): (u8, &[u8]) = match self {
            Self::Sha256(digest) => (0x01, digest),
            Self::Sha384(digest) => (0x02, digest),
            Self::Sha512(digest) => (0x03, digest),
        };
        let len = digest.len() as u8;
        let prefix = [
            0x30,
            len + 17,
            0x30,
            0x0D,
            0x06,
            0x09,
            0x60,
            0x86,
            0x48,
            0x01,
            0x65,
            0x03,
            0x04,
            0x02,
            algorithm,
            0x05,
            0x00,
            0x04,
            len,
        ];
        let mut info = [0; 83];
        info[..19].copy_from_slice(&prefix);
        info[19..19 + digest.len()].copy_from_slice(digest);
        (info, 19 + digest.len())
    }
}

/// Short EF identifiers: the card's word is taken from the first answer to a command that uses one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ShortIds {
    Untried,
    Work,
    Refused,
}

/// A session with the card behind a [`Transport`].
pub struct Session<T> {
    exchange: Exchange<T>,
    application: Option<&'static Application>,
    selected: Option<u16>,
    opened: [bool; SecretKind::ALL.len()],
    short_ids: ShortIds,
    extended: bool,
    past_end: bool,
    chunk: usize,
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
            extended: true,
            past_end: true,
            chunk: CHUNKS[0],
        }
    }

    /// Starts without what is known not to work on this card and link: no short file ids, no extended length.
    #[must_use]
    pub const fn without(mut self, short_ids: bool, extended: bool) -> Self {
        if short_ids {
            self.short_ids = ShortIds::Refused;
        }
        self.extended &= !extended;
        self
    }

    /// Leaves the card with its keys closed, for hosts that cannot take its power away: selecting another application
    /// (here the card manager) closes everything that was opened (Measured). Gives the transport back.
    ///
    /// `00 A4 04 0C 07 A0000001510000`
    pub async fn close(mut self) -> T {
        // Whether the card answers or not, there is nothing more to do.
        let _ = self.open(&crate::mynumber::master::MASTER).await;
        self.exchange.into_transport()
    }

    /// Gives the transport back without a word to the card.
    pub fn into_transport(self) -> T {
        self.exchange.into_transport()
    }

    /// `00 A4 04 0C Lc AID` → `9000`; `6A82` where the card has no such application, and what cards of other kinds say to a
    /// command that they do not know. Sent only if it is not selected already.
    pub(crate) async fn open(&mut self, application: &'static Application) -> Result<(), Error> {
        if self.application == Some(application) {
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

    /// The P2 that names a reference: its short id, or `80` with the file selected.
    async fn reference(&mut self, id: u16) -> Result<u8, Error> {
        if self.short_ids != ShortIds::Refused {
            return Ok(0x80 | short_id(id));
        }
        self.select(id).await?;
        Ok(0x80)
    }

    /// How many tries are left; spends nothing. Exactly four bytes: a fifth makes some cards answer `6700`.
    ///
    /// `00 20 00 80` (selected) or `00 20 00 80|sfi` → `63Cx`; blocked: `6983`, `6984`, `63C0`.
    pub(crate) async fn query(&mut self, pin: &Pin) -> Result<Counter, Error> {
        let p2 = self.reference(pin.id).await?;
        let (mut counter, mut status) = self.query_at(p2).await?;
        // A card without short ids may also say "blocked" of a reference that it does not know: ask again the long way.
        if p2 != 0x80 && self.short_ids == ShortIds::Untried {
            let unsure = status.0 == 0x6983 || status.0 == 0x6984 || names_nothing(status);
            self.short_ids = if unsure { ShortIds::Refused } else { ShortIds::Work };
            if unsure {
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
    pub(crate) async fn unlock<K: Kind>(&mut self, secret: Secret<K>, last_try: LastTry) -> Result<(), Error> {
        let pin = self.pin(K::KIND)?;
        self.allowed(pin, last_try).await?;
        // The same reference that has just answered with its counter.
        let p2 = self.reference(pin.id).await?;
        self.present(Step::Verify, [0x00, 0x20, 0x00, p2], &secret).await?;
        self.opened[K::KIND as usize] = true;
        Ok(())
    }

    /// VERIFY of the old one, then CHANGE REFERENCE DATA to the new one, each once. Only the form with the file selected is
    /// known to work (Measured), so short ids are left out.
    ///
    /// `00 24 01 80 Lc new` → `9000`
    pub(crate) async fn change<K: Kind>(
        &mut self,
        old: Secret<K>,
        new: Secret<K>,
        last_try: LastTry,
    ) -> Result<(), Error> {
        let pin = self.pin(K::KIND)?;
        self.short_ids = ShortIds::Refused;
        self.allowed(pin, last_try).await?;
        self.present(Step::Verify, [0x00, 0x20, 0x00, 0x80], &old).await?;
        self.opened[K::KIND as usize] = true;
        self.present(Step::Change, [0x00, 0x24, 0x01, 0x80], &new).await
    }

    /// Refuses a blocked secret, and a last try without permission.
    async fn allowed(&mut self, pin: &Pin, last_try: LastTry) -> Result<(), Error> {
        let kind = pin.kind;
        match (self.query(pin).await?, last_try) {
            (Counter::Blocked, _) => Err(Error::Blocked { kind, spent: false }),
            (Counter::Left(2..), _) | (_, LastTry::Allow) => Ok(()),
            (Counter::Left(left), LastTry::Refuse) => Err(Error::LastTry { kind, left: Some(left) }),
            (Counter::Unknown, LastTry::Refuse) => Err(Error::LastTry { kind, left: None }),
        }
    }

    /// VERIFY (`00 20 00 p2 Lc secret`) or CHANGE REFERENCE DATA → `9000`; wrong `63Cx`; blocked `6983`, `6984`, `63C0`.
    /// The only place from which a secret leaves.
    async fn present<K: Kind>(&mut self, step: Step, header: [u8; 4], secret: &Secret<K>) -> Result<(), Error> {
        let kind = K::KIND;
        let request = Request { header, data: secret.expose(), ne: 0 };
        let lost = |link| Error::OutcomeUnknown { step, kind, link };
        match self.exchange.send(request, &mut [0; 2], Repeat::Never).await {
            Ok((_, Status::OK)) => Ok(()),
            Ok((_, Status(0x63C0))) => Err(Error::Blocked { kind, spent: true }),
            Ok((_, Status(0x6983 | 0x6984))) => Err(Error::Blocked { kind, spent: false }),
            Ok((_, Status(0x6300))) => Err(Error::WrongSecret { kind, left: None }),
            Ok((_, status)) => match status.tries() {
                Some(left) => Err(Error::WrongSecret { kind, left: Some(left) }),
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

    /// Nothing is sent for a file or key whose secret this session has not given.
    fn require(&self, access: Access) -> Result<(), Error> {
        match access {
            Access::AnyOf(kinds) if !kinds.iter().any(|kind| self.opened[*kind as usize]) => {
                Err(Error::SecretRequired { kinds })
            }
            _ => Ok(()),
        }
    }

    /// The card closed what was open: the next use needs the secret again.
    fn closed(&mut self, access: Access) -> Error {
        for kind in access.kinds() {
            self.opened[*kind as usize] = false;
        }
        Error::SecretRequired { kinds: access.kinds() }
    }

    /// The application's information file; its capability byte decides about extended length before anything is tried.
    pub(crate) async fn information(
        &mut self,
        file: &'static File,
        tag: u32,
        buf: &mut [u8],
    ) -> Result<Information, Error> {
        let record = self.read(file, buf).await?;
        let object = Tlv::first(record).and_then(|record| record.child(tag));
        match *object.map_err(|reason| malformed(Malformed::Tlv(reason)))?.value {
            [version, extended, ..] => {
                self.extended &= extended != 0;
                Ok(Information { version, extended })
            }
            _ => Err(malformed(Malformed::Content)),
        }
    }

    /// Reads the whole `file` into `buf`, which needs two more bytes than the file for the status word.
    pub(crate) async fn read<'b>(&mut self, file: &'static File, buf: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let total = match file.content {
            Content::Bytes(total) => Some(total),
            Content::Tlv => None,
            Content::Record => {
                let len = self.read_record(file, buf).await?;
                return Ok(&buf[..len]);
            }
        };
        let len = self.read_binary(file, total, buf).await?;
        Ok(&buf[..len])
    }

    /// The first `len` bytes of `file`.
    pub(crate) async fn read_start(&mut self, file: &'static File, buf: &mut [u8], len: usize) -> Result<usize, Error> {
        self.read_binary(file, Some(len), buf).await
    }

    async fn read_binary(
        &mut self,
        file: &'static File,
        mut total: Option<usize>,
        buf: &mut [u8],
    ) -> Result<usize, Error> {
        self.require(file.read)?;
        let fixed = total.is_some();
        let mut at = 0;
        for _ in 0..MAX_CHUNKS {
            if let Some(total) = total
                && total + 2 > buf.len()
            {
                return Err(Error::BufferTooSmall { needed: total + 2 });
            }
            let (len, end) = self.read_chunk(file, at, total.map(|total| total - at), &mut buf[at..]).await?;
            at += len;
            if total.is_none() {
                total = match Header::parse(&buf[..at]) {
                    Ok(header) => Some(header.total_len()),
                    Err(Problem::Truncated) if !end => None,
                    Err(problem) => return Err(malformed(Malformed::Tlv(TlvError { problem, at: 0 }))),
                };
            }
            self.exchange.transport().progress(at.min(total.unwrap_or(at)), total);
            match total {
                Some(total) if total > tlv::MAX_VALUE => return Err(malformed(Malformed::Size)),
                Some(total) if at >= total => return Ok(total),
                // A file of a known size may be shorter on another card; an object may not.
                _ if end && fixed => return Ok(at),
                _ if end => return Err(malformed(Malformed::Tlv(TlvError { problem: Problem::Truncated, at: 0 }))),
                _ => {}
            }
        }
        Err(malformed(Malformed::Size))
    }

    /// One READ BINARY at `at`; `remaining` is how much is still wanted, if that is known. Returns the bytes read and whether the
    /// card said that the file ends here.
    ///
    /// `00 B0 80|sfi 00 Le` or, with the file selected, `00 B0 offset Le` → data `9000`; `6282` at the end of the file.
    async fn read_chunk(
        &mut self,
        file: &'static File,
        at: usize,
        remaining: Option<usize>,
        buf: &mut [u8],
    ) -> Result<(usize, bool), Error> {
        let mut header_first = remaining.is_none() && !self.past_end;
        // Each turn of this loop rules one thing out: short ids, extended length, reading past the end, two chunk sizes.
        for _ in 0..6 {
            let room = buf.len().saturating_sub(2);
            let capabilities = self.exchange.transport().capabilities();
            let most = match remaining {
                _ if header_first => HEADER,
                remaining if self.extended && capabilities.extended() => {
                    remaining.unwrap_or(room).min(capabilities.max_response - 2)
                }
                remaining => remaining.unwrap_or(room).min(self.chunk),
            };
            let ne = most.min(room);
            if ne == 0 {
                return Err(Error::BufferTooSmall { needed: at + HEADER + 2 });
            }
            let short = at == 0 && self.short_ids != ShortIds::Refused;
            if !short {
                self.select(file.id).await?;
            }
            let [high, low] = match at {
                0 if short => [0x80 | short_id(file.id), 0],
                0..=MAX_OFFSET => (at as u16).to_be_bytes(),
                _ => return Err(malformed(Malformed::Size)),
            };
            let request = Request { header: [0x00, 0xB0, high, low], data: &[], ne };
            let (len, status) = match self.exchange.send(request, buf, Repeat::Freely).await {
                Err(Fault::Link(LinkError::TooLong | LinkError::Other)) if ne > 256 => {
                    self.extended = false;
                    continue;
                }
                answer => answer.map_err(|fault| fault_at(Step::Read, fault))?,
            };
            match status {
                Status::OK | Status(0x6282) => {
                    if short {
                        self.short_ids = ShortIds::Work;
                        self.selected = Some(file.id);
                    }
                    if header_first {
                        self.past_end = false;
                    }
                    if len == 0 {
                        return Err(malformed(Malformed::Empty));
                    }
                    return Ok((len, status != Status::OK));
                }
                Status(0x6982) => return Err(self.closed(file.read)),
                status if short && self.short_ids == ShortIds::Untried && names_nothing(status) => {
                    self.short_ids = ShortIds::Refused;
                }
                Status(0x6A82) => return Err(Error::Absent { what: file.name }),
                status if !stumbles(status) => return Err(Error::Refused { step: Step::Read, status }),
                // Only a refusal for length is a word about extended length; 6B00 speaks of the offset.
                status if ne > 256 && status.0 != 0x6B00 => self.extended = false,
                _ if remaining.is_none() && !header_first => header_first = true,
                status => match CHUNKS.iter().find(|size| **size < ne) {
                    Some(smaller) if status.0 != 0x6B00 => self.chunk = *smaller,
                    _ => return Err(Error::Refused { step: Step::Read, status }),
                },
            }
        }
        Err(malformed(Malformed::Size))
    }

    /// Record 1 of a record file.
    ///
    /// `00 B2 01 sfi<<3|4 00` or, with the file selected, `00 B2 01 04 00` → record `9000`
    async fn read_record(&mut self, file: &'static File, buf: &mut [u8]) -> Result<usize, Error> {
        self.require(file.read)?;
        let ne = buf.len().saturating_sub(2).min(256);
        if ne == 0 {
            return Err(Error::BufferTooSmall { needed: 3 });
        }
        loop {
            let short = self.short_ids != ShortIds::Refused;
            if !short {
                self.select(file.id).await?;
            }
            let p2 = if short { short_id(file.id) << 3 | 4 } else { 4 };
            let request = Request { header: [0x00, 0xB2, 0x01, p2], data: &[], ne };
            let answer = self.exchange.send(request, buf, Repeat::Freely).await;
            match answer.map_err(|fault| fault_at(Step::Read, fault))? {
                (0, Status::OK) => return Err(malformed(Malformed::Empty)),
                (len, Status::OK | Status(0x6282)) => return Ok(len),
                (_, status) if self.short_ids == ShortIds::Untried && names_nothing(status) => {
                    self.short_ids = ShortIds::Refused;
                }
                (_, Status(0x6A82 | 0x6A83)) => return Err(Error::Absent { what: file.name }),
                (_, Status(0x6982)) => return Err(self.closed(file.read)),
                (_, status) => return Err(Error::Refused { step: Step::Read, status }),
            }
        }
    }

    /// `00 CA tag Le` → data `9000`; `6A88` where the card has no such object.
    pub(crate) async fn get_data(&mut self, tag: u16, name: &'static str, buf: &mut [u8]) -> Result<usize, Error> {
        let [high, low] = tag.to_be_bytes();
        let capabilities = self.exchange.transport().capabilities();
        let room = buf.len().saturating_sub(2);
        let most = if self.extended { capabilities.max_response - 2 } else { 256 };
        let request = Request { header: [0x00, 0xCA, high, low], data: &[], ne: room.min(most) };
        let answer = self.exchange.send(request, buf, Repeat::Freely).await;
        match answer.map_err(|fault| fault_at(Step::GetData, fault))? {
            (0, Status::OK) => Err(Error::Malformed { step: Step::GetData, reason: Malformed::Empty }),
            (len, Status::OK) => Ok(len),
            (_, Status(0x6A88 | 0x6A82)) => Err(Error::Absent { what: name }),
            (_, status) => Err(Error::Refused { step: Step::GetData, status }),
        }
    }

    /// The DigestInfo of `digest` signed with `key`.
    pub(crate) async fn sign(&mut self, key: &'static Key, digest: &Digest) -> Result<Signature, Error> {
        let (info, len) = digest.digest_info();
        self.compute(key, &info[..len]).await
    }

    /// `80 2A 00 p2 Lc DigestInfo 00`, with p2 = `80` (key selected), `80|sfi`, or `00` (default key); or
    /// `00 88 00 80|sfi Lc challenge 00` → 256 bytes `9000`; `6982` where the key is closed.
    pub(crate) async fn compute(&mut self, key: &'static Key, data: &[u8]) -> Result<Signature, Error> {
        self.require(key.usage)?;
        let step = match key.operation {
            Operation::InternalAuthenticate => Step::Authenticate,
            Operation::Sign | Operation::SignDefault => Step::Sign,
        };
        let mut buf = [0; 258];
        loop {
            let header = match key.operation {
                Operation::Sign => [0x80, 0x2A, 0x00, self.reference(key.id).await?],
                Operation::SignDefault => [0x80, 0x2A, 0x00, 0x00],
                Operation::InternalAuthenticate => [0x00, 0x88, 0x00, 0x80 | short_id(key.id)],
            };
            let request = Request { header, data, ne: 256 };
            let answer = self.exchange.send(request, &mut buf, Repeat::Freely).await;
            let (len, status) = answer.map_err(|fault| fault_at(step, fault))?;
            match status {
                Status::OK => {
                    let signature = buf.first_chunk().filter(|_| len == 256).map(|bytes| Signature(*bytes));
                    buf.zeroize();
                    return signature.ok_or(Error::Malformed { step, reason: Malformed::Size });
                }
                Status(0x6982) => return Err(self.closed(key.usage)),
                // That VERIFY took a short id does not prove that signing does.
                status
                    if key.operation == Operation::Sign
                        && self.short_ids != ShortIds::Refused
                        && names_nothing(status) =>
                {
                    self.short_ids = ShortIds::Refused;
                }
                Status(0x6A82 | 0x6A88) => return Err(Error::Absent { what: key.name }),
                status => return Err(Error::Refused { step, status }),
            }
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

/// Words with which a card or a reader refuses a READ for its length or its offset.
const fn stumbles(status: Status) -> bool {
    matches!(status.0, 0x6700 | 0x6B00 | 0x6F00..=0x6FFF)
}

const fn malformed(reason: Malformed) -> Error {
    Error::Malformed { step: Step::Read, reason }
}

fn fault_at(step: Step, fault: Fault) -> Error {
    match fault {
        Fault::Link(link) => Error::Link(link),
        Fault::NoStatus => Error::Malformed { step, reason: Malformed::NoStatus },
        Fault::Size => Error::Malformed { step, reason: Malformed::Size },
        Fault::Over => Error::SessionOver,
    }
}
