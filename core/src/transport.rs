//! The one joint: everything that carries commands to a card is a [`Transport`].

/// What lies between this program and a card: a PC/SC reader, a phone, the simulated card, a transcript player,
/// a tracer around another transport.
///
/// An implementation moves bytes and nothing else: it never retries, never reads the status word, never logs.
#[allow(
    async_fn_in_trait,
    reason = "no executor is assumed, so no Send bound can be promised; hosts drive the future on one thread"
)]
pub trait Transport {
    /// Sends one command APDU and appends the whole response APDU (data and status word) to `response`.
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError>;

    /// What this link can carry; asked again before every command, so it must be cheap.
    fn capabilities(&self) -> Capabilities;

    /// Told while a file is being read: `done` bytes are here, of `total` if that is known. Nothing need be done about it.
    fn progress(&mut self, _done: usize, _total: Option<usize>) {}
}

impl<T: Transport + ?Sized> Transport for &mut T {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        (**self).transmit(command, response).await
    }

    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn progress(&mut self, done: usize, total: Option<usize>) {
        (**self).progress(done, total);
    }
}

/// No card: a session between two contacts. A link that has the card for itself must go before the next one is opened:
/// `session.resume(NoLink)` drops it, and the same again with the new link goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoLink;

impl Transport for NoLink {
    async fn transmit(&mut self, _: &[u8], _: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        Err(LinkError::CardLost)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::SHORT
    }
}

/// What a link can carry. Lengths are whole APDUs in bytes, header and status word included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The longest command APDU. 261 is the longest short one.
    pub max_command: usize,
    /// The longest response APDU. 258 is the longest short one.
    pub max_response: usize,
}

impl Capabilities {
    /// Short APDUs only (ISO/IEC 7816-3, 12.1.3): 261 bytes out, 258 bytes in.
    pub const SHORT: Self = Self { max_command: 261, max_response: 258 };
    /// Extended length: as much as one APDU can carry.
    pub const EXTENDED: Self = Self { max_command: 65_544, max_response: 65_538 };

    /// Whether an extended-length response is worth asking for.
    #[must_use]
    pub const fn extended(&self) -> bool {
        self.max_response > Self::SHORT.max_response
    }
}

/// Why a command or its response did not get across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// No card, or the card left the reader.
    #[error("the card is not there any more")]
    CardLost,
    /// The card was reset by somebody else; its state is gone.
    #[error("the card was reset by another program")]
    CardReset,
    /// No answer within the deadline; the card may still have acted.
    #[error("the card did not answer in time")]
    Timeout,
    /// Another program holds the reader or the card.
    #[error("another program is using the card")]
    Busy,
    /// The reader itself went away, or the service behind it.
    #[error("the reader is not there any more")]
    ReaderLost,
    /// The link refused the command for its length; nothing reached the card.
    #[error("the link cannot carry a command or a response of this length")]
    TooLong,
    /// The response did not fit the buffer that was handed in: the card sent more than it was asked for.
    #[error("the card answered with more bytes than it was asked for")]
    Overrun,
    /// The user or the program cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Anything else that a link may suffer.
    #[error("the link to the card failed")]
    Other,
}

/// Where a response goes: a caller's buffer that fills up and never grows.
pub struct ResponseBuf<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl core::fmt::Debug for ResponseBuf<'_> {
    /// How much is there; never what.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ResponseBuf({} of {} bytes)", self.len, self.bytes.len())
    }
}

impl<'a> ResponseBuf<'a> {
    /// An empty buffer over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, len: 0 }
    }

    /// How many bytes it can hold in all.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// What has arrived so far.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Appends `more`.
    ///
    /// # Errors
    /// [`LinkError::Overrun`] when it does not fit; the buffer is left as it was.
    pub fn extend(&mut self, more: &[u8]) -> Result<(), LinkError> {
        let end = self.len.checked_add(more.len()).ok_or(LinkError::Overrun)?;
        let room = self.bytes.get_mut(self.len..end).ok_or(LinkError::Overrun)?;
        room.copy_from_slice(more);
        self.len = end;
        Ok(())
    }
}
