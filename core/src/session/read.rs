//! Reading files: whole, in as few commands as card and link allow, and no byte more than the caller's buffer holds.

use super::{Session, ShortIds, fault_at, names_nothing};
use crate::error::{Error, Malformed, Step};
use crate::exchange::{Fault, Repeat, Request};
use crate::status::Status;
use crate::table::{Access, Content, File, Information, short_id};
use crate::tlv::{self, Header, Problem, Tlv, TlvError};
use crate::transport::{LinkError, Transport};
use core::ptr;

/// Answers to one READ are put together from at most this many chunks.
const MAX_CHUNKS: usize = 1_000;
/// Offsets in READ BINARY have 15 bits.
const MAX_OFFSET: usize = 0x7FFF;
/// Enough for tag and length of every file of this card.
const HEADER: usize = 8;
/// Sizes of short chunks, largest first: some links carry less than a whole short APDU.
pub(super) const CHUNKS: [usize; 3] = [256, 224, 160];

/// So much of a file is read again to see that a card is the same one: a certificate's serial number stands within it.
const PROOF: usize = 64;

/// Where a read stopped when the link failed.
#[derive(Clone, Copy)]
pub(super) struct Slip {
    file: &'static File,
    at: usize,
    total: Option<usize>,
    /// Over what had been read, so that another buffer is not taken for it.
    sum: u32,
}

/// Tells buffers apart; no more than that (FNV-1a).
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

impl<T: Transport> Session<T> {
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
            Content::Bytes(total) | Content::Padded(_, total) => Some(total),
            Content::Tlv(_) => None,
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
        self.exchange.begin();
        let fixed = total.is_some();
        let mut at = 0;
        if let Some(slip) = self.slip
            && ptr::eq(slip.file, file)
            && buf.get(..slip.at).is_some_and(|before| sum(before) == slip.sum)
        {
            let same = self.prove_same_card(file, &buf[..slip.at]).await;
            // The place is kept while the link goes on failing.
            if !matches!(same, Err(Error::Link(_) | Error::SessionOver)) {
                self.slip = None;
            }
            same?;
            (at, total) = (slip.at, slip.total);
        }
        for _ in 0..MAX_CHUNKS {
            if let Some(total) = total
                && total + 2 > buf.len()
            {
                return Err(Error::BufferTooSmall { needed: total + 2 });
            }
            let (len, end) = match self.read_chunk(file, at, total.map(|total| total - at), &mut buf[at..]).await {
                Ok(chunk) => chunk,
                // A file of a known size is shorter on this card, and an offset past its end is 6B00.
                Err(Error::Refused { status: Status(0x6B00), .. }) if fixed && at > 0 => return Ok(at),
                Err(error) => {
                    let resumable = at > 0 && self.exchange.is_over() && !matches!(file.read, Access::AnyOf(_));
                    if resumable {
                        self.slip = Some(Slip { file, at, total, sum: sum(&buf[..at]) });
                    }
                    return Err(error);
                }
            };
            at += len;
            if let Some(tag) = file.content.tag() {
                match Header::parse(&buf[..at]) {
                    // A file of zeros is an empty object to a reader of objects; it is not the one that belongs here.
                    Ok(header) if header.tag != tag => return Err(malformed(Malformed::Tag(tag))),
                    Ok(header) => total = total.or(Some(header.total_len())),
                    Err(Problem::Truncated) if !end => {}
                    Err(problem) => return Err(malformed(Malformed::Tlv(TlvError { problem, at: 0 }))),
                }
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

    /// After a failure that need not mean anything: selects the application again, so that nothing goes to a card that does not
    /// have it. What was opened stays open on the same card (Measured), and another one refuses.
    async fn select_again(&mut self) -> Result<(), Error> {
        let Some(application) = self.application.take() else { return Ok(()) };
        let opened = self.opened;
        self.open(application).await?;
        self.opened = opened;
        Ok(())
    }

    /// Reads the start of `file` again and compares it with what was read before.
    async fn prove_same_card(&mut self, file: &'static File, before: &[u8]) -> Result<(), Error> {
        let mut again = [0; PROOF + 2];
        let wanted = before.len().min(PROOF);
        let (len, _) = self.read_chunk(file, 0, Some(wanted), &mut again).await?;
        if len == wanted && before[..len] == again[..len] { Ok(()) } else { Err(Error::OtherCard) }
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
                Err(Fault::Link(link @ (LinkError::TooLong | LinkError::Other))) if ne > 256 => {
                    self.extended = false;
                    if link == LinkError::Other {
                        self.select_again().await?;
                    }
                    continue;
                }
                // Some phones carry less than they say. Where the link is still there, less is asked for at once; where it
                // failed somehow, by the session that resumes this one.
                Err(Fault::Link(link @ (LinkError::TooLong | LinkError::Other))) => {
                    let smaller = smaller_than(ne);
                    self.chunk = smaller.unwrap_or(self.chunk);
                    match link {
                        LinkError::TooLong if smaller.is_some() => continue,
                        link => return Err(Error::Link(link)),
                    }
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
                Status(0x6982) => return Err(self.closed(file.read, Step::Read)),
                status if short && self.short_ids != ShortIds::Refused && names_nothing(status) => {
                    self.refuse_short_ids();
                }
                Status(0x6A82) => return Err(Error::Absent { what: file.name }),
                status if !stumbles(status) => return Err(Error::Refused { step: Step::Read, status }),
                // Only a refusal for length is a word about extended length; 6B00 speaks of the offset.
                status if ne > 256 && status.0 != 0x6B00 => self.extended = false,
                _ if remaining.is_none() && !header_first => header_first = true,
                status => match smaller_than(ne) {
                    Some(smaller) if status.0 != 0x6B00 => self.chunk = smaller,
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
        self.exchange.begin();
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
                // Also where the card says that the record ended before Le: nothing is no record.
                (0, Status::OK | Status(0x6282)) => return Err(malformed(Malformed::Empty)),
                (len, Status::OK | Status(0x6282)) => return Ok(len),
                (_, status) if self.short_ids != ShortIds::Refused && names_nothing(status) => {
                    self.refuse_short_ids();
                }
                (_, Status(0x6A82 | 0x6A83)) => return Err(Error::Absent { what: file.name }),
                (_, Status(0x6982)) => return Err(self.closed(file.read, Step::Read)),
                (_, status) => return Err(Error::Refused { step: Step::Read, status }),
            }
        }
    }

    /// `00 CA tag Le` → data `9000`; `6A88` where the card has no such object.
    pub(crate) async fn get_data(&mut self, tag: u16, name: &'static str, buf: &mut [u8]) -> Result<usize, Error> {
        self.exchange.begin();
        let [high, low] = tag.to_be_bytes();
        loop {
            let capabilities = self.exchange.transport().capabilities();
            let extended = self.extended && capabilities.extended();
            let most = if extended { capabilities.max_response - 2 } else { 256 };
            // An object that fills the buffer may have been cut, so one byte must stay free.
            let needed = buf.len() + 1;
            let ne = buf.len().saturating_sub(2).min(most);
            if ne < 2 {
                return Err(Error::BufferTooSmall { needed });
            }
            let request = Request { header: [0x00, 0xCA, high, low], data: &[], ne };
            match self.exchange.send(request, buf, Repeat::Freely).await {
                Ok((0, Status::OK)) => return Err(Error::Malformed { step: Step::GetData, reason: Malformed::Empty }),
                Ok((len, Status::OK)) if len + 2 == buf.len() => return Err(Error::BufferTooSmall { needed }),
                Ok((len, Status::OK)) => return Ok(len),
                Ok((_, Status(0x6A88 | 0x6A82))) => return Err(Error::Absent { what: name }),
                Ok((_, status)) if ne > 256 && stumbles(status) => self.extended = false,
                Ok((_, status)) => return Err(Error::Refused { step: Step::GetData, status }),
                Err(Fault::Link(link @ (LinkError::TooLong | LinkError::Other))) if ne > 256 => {
                    self.extended = false;
                    if link == LinkError::Other {
                        self.select_again().await?;
                    }
                }
                Err(fault) => return Err(fault_at(Step::GetData, fault)),
            }
        }
    }
}

/// The next smaller size of a chunk.
fn smaller_than(ne: usize) -> Option<usize> {
    CHUNKS.iter().copied().find(|size| *size < ne)
}

/// Words with which a card or a reader refuses a READ for its length or its offset.
const fn stumbles(status: Status) -> bool {
    matches!(status.0, 0x6700 | 0x6B00 | 0x6F00..=0x6FFF)
}

const fn malformed(reason: Malformed) -> Error {
    Error::Malformed { step: Step::Read, reason }
}
