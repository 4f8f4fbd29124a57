//! One request to the card, from its meaning to physical APDUs: GET RESPONSE after `61xx`, one repetition after `6Cxx` or
//! after the `6F00` that some cards give first of all; and the one place that knows what must never be sent twice.

use crate::apdu::{Command, Form};
use crate::status::Status;
use crate::transport::{LinkError, ResponseBuf, Transport};

/// More GET RESPONSE rounds than this would carry more than 64 KiB.
const MAX_ROUNDS: usize = 256;
/// What one reading may take, however little a card gives each time: the 1,000 chunks of the longest file with a GET RESPONSE
/// for each, and what comes around them. An honest card is far from it: 64 KiB in the smallest chunks are 410 commands, the
/// card face over short APDUs is twelve.
const MAX_COMMANDS: usize = 2_048;

/// A command before its lengths are written.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) header: [u8; 4],
    pub(crate) data: &'a [u8],
    /// Bytes expected at most; 0 = none.
    pub(crate) ne: usize,
}

/// Whether a request may be sent again when the card says that it did not carry it out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It changes nothing on the card.
    Freely,
    /// It may cost a try or change a secret: once, whatever happens.
    Never,
}

/// No usable answer.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Link(LinkError),
    /// Fewer than two bytes.
    NoStatus,
    /// More bytes than were asked for, or no end of them, or of the commands that fetch them.
    Size,
    /// Nothing was sent: the link failed before.
    Over,
}

pub(crate) struct Exchange<T> {
    transport: T,
    over: bool,
    fresh: bool,
    /// Commands since [`Self::begin`].
    sent: usize,
}

impl<T: Transport> Exchange<T> {
    pub(crate) const fn new(transport: T) -> Self {
        Self { transport, over: false, fresh: true, sent: 0 }
    }

    pub(crate) const fn transport(&mut self) -> &mut T {
        &mut self.transport
    }

    pub(crate) fn into_transport(self) -> T {
        self.transport
    }

    /// Counts anew: what follows is another operation of those that ask the card for bytes. The others (SELECT, VERIFY) take a
    /// handful of commands by their own build.
    pub(crate) const fn begin(&mut self) {
        self.sent = 0;
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// For the one command that may follow the end of a session, because it can only close.
    pub(crate) const fn reopen(&mut self) {
        self.over = false;
    }

    /// Ends the session from inside: nothing is sent any more.
    pub(crate) const fn end(&mut self) {
        self.over = true;
    }

    /// Sends `request`, leaves the answer's data at the start of `buf` and returns its length and the last status word.
    /// `buf` needs room for `request.ne` bytes and the status word.
    pub(crate) async fn send(
        &mut self,
        mut request: Request<'_>,
        buf: &mut [u8],
        repeat: Repeat,
    ) -> Result<(usize, Status), Fault> {
        request.ne = self.within_link(request.ne);
        let first = self.fresh;
        let (mut len, mut status) = self.round(request, buf).await?;
        if repeat == Repeat::Never {
            return Ok((len, status));
        }
        if first && status == Status(0x6F00) {
            (len, status) = self.round(request, buf).await?;
        }
        if let Some(exact) = status.exact_le()
            && exact <= request.ne
        {
            (len, status) = self.round(Request { ne: exact, ..request }, buf).await?;
        }
        let mut rounds = 0;
        while let Some(waiting) = status.more() {
            let room = buf.len().saturating_sub(len + 2);
            rounds += 1;
            if room == 0 || rounds > MAX_ROUNDS {
                return Err(Fault::Size);
            }
            // 00 C0 00 00 Le: GET RESPONSE.
            let ne = self.within_link(waiting.min(room));
            let request = Request { header: [0x00, 0xC0, 0x00, 0x00], data: &[], ne };
            let (more, next) = self.round(request, &mut buf[len..]).await?;
            if more == 0 && next.more().is_some() {
                return Err(Fault::Size);
            }
            (len, status) = (len + more, next);
        }
        Ok((len, status))
    }

    /// No more is asked for than the link can carry in one response.
    fn within_link(&self, ne: usize) -> usize {
        ne.min(self.transport.capabilities().max_response.saturating_sub(2))
    }

    /// One command, one response.
    async fn round(&mut self, request: Request<'_>, buf: &mut [u8]) -> Result<(usize, Status), Fault> {
        if self.over {
            return Err(Fault::Over);
        }
        if request.ne > 0 && self.sent >= MAX_COMMANDS {
            return Err(Fault::Size);
        }
        self.sent = self.sent.saturating_add(1);
        let form = if request.ne > 256 { Form::Extended } else { Form::Short };
        // Written where it stays: it lives across the wait, and a copy on the stack would cost as much again.
        let mut command = Command::empty();
        command.write(request.header, request.data, request.ne, form).map_err(|_| Fault::Size)?;
        let capabilities = self.transport.capabilities();
        if command.as_slice().len() > capabilities.max_command {
            return Err(Fault::Link(LinkError::TooLong));
        }
        let mut response = ResponseBuf::new(buf);
        // An operation that is dropped here leaves a command without an answer: the session ends with it.
        self.over = true;
        let sent = self.transport.transmit(command.as_slice(), &mut response).await;
        if let Err(link) = sent {
            // A reader that cannot carry extended length says so, or fails somehow; VERIFY never takes that form. After
            // anything else nobody knows what the card did, nor which card comes next.
            let for_length = link == LinkError::TooLong || link == LinkError::Other && form == Form::Extended;
            self.over = !for_length;
            return Err(Fault::Link(link));
        }
        let [data @ .., sw1, sw2] = response.as_slice() else { return Err(Fault::NoStatus) };
        if data.len() > request.ne {
            return Err(Fault::Size);
        }
        self.over = false;
        self.fresh = false;
        Ok((data.len(), Status(u16::from_be_bytes([*sw1, *sw2]))))
    }
}
