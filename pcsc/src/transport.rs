//! A card in a reader, as core's [`Transport`].
//!
//! # How the card is left
//!
//! Once a command was sent, leaving means cutting the card's power (`SCARD_UNPOWER_CARD`), while our transaction is still held, so
//! that a program that waits for its turn never meets an open key. Ending the connection or a warm reset is not enough: a real My Number
//! card keeps a verified PIN through both. Selecting another application (the issuer's) would also close the
//! keys, but it is one more command to a card that may be in trouble; power works always, so that is what is done,
//! and nothing is sent. It happens on [`PcscTransport::close`], on drop, after every final error, and when the worker thread panics.
//!
//! Two cases are beyond us. A driver that hangs inside a command keeps the card until it comes back; the worker
//! cuts the power then, unless the program has ended before: a program that is killed leaves the card to the service, which
//! resets it, and (pcsc-lite) cuts the power of a card that nobody uses after a few seconds.

use std::fmt;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kazasu_core::transport::{Capabilities, LinkError, ResponseBuf, Transport};
use zeroize::Zeroizing;

use crate::error::{PcscError, is_final, link_error};
use crate::readers::Reader;
use crate::service::Service;
use crate::system::System;
use crate::worker::{self, Apdu, Channels, Opened, Step};

/// How to open a card; start from [`OpenOptions::new`] and end with [`OpenOptions::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct OpenOptions {
    deadline: Duration,
    patience: Duration,
    short_only: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(30), patience: Duration::from_secs(10), short_only: false }
    }
}

impl OpenOptions {
    /// 30 seconds for each command, 10 seconds to wait for other programs, extended length where the reader carries it.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the card may take to answer one command. After that the transport is finished.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long opening may take, most of it waiting for another program to let the card go.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Short APDUs only, whatever the reader says about itself.
    pub fn short_only(mut self) -> Self {
        self.short_only = true;
        self
    }

    /// Connects to the card in `reader` and takes it for us alone.
    ///
    /// # Errors
    /// [`PcscError::NoCard`], [`PcscError::Mute`], [`PcscError::ReaderLost`], [`PcscError::Timeout`];
    /// [`PcscError::Busy`] when another program did not let go in time; or what else the service reports.
    pub fn open(&self, reader: &Reader) -> Result<PcscTransport, PcscError> {
        self.open_on(System, reader)
    }

    pub(crate) fn open_on<S: Service>(&self, service: S, reader: &Reader) -> Result<PcscTransport, PcscError> {
        let (steps_out, steps) = mpsc::channel();
        let (commands, commands_in) = mpsc::channel();
        let (responses_out, responses) = mpsc::channel();
        let (end_out, end) = mpsc::channel();
        let id = reader.id().to_owned();
        let channels = Channels { steps: steps_out, commands: commands_in, responses: responses_out };
        let thread = thread::Builder::new()
            .name("kazasu-pcsc".to_owned())
            .spawn(move || {
                let result = worker::work(&service, &id, &channels);
                // The channels close first: nobody shall wait for a response while the worker reports its end.
                drop(channels);
                let _ = end_out.send(result);
            })
            .map_err(|_| PcscError::Other(pcsc::Error::NoMemory))?;
        // On an error the command channel closes here, and the worker leaves as soon as it can.
        let opened = wait_until_ready(&steps, self.patience)?;

        Ok(PcscTransport {
            capabilities: if self.short_only { Capabilities::SHORT } else { carries(&opened) },
            atr: opened.atr,
            deadline: self.deadline,
            state: State::Open { commands, responses },
            last_error: None,
            end,
            thread: Some(thread),
        })
    }
}

/// A card in a reader. Ours alone until it is closed or dropped.
pub struct PcscTransport {
    state: State,
    capabilities: Capabilities,
    atr: Vec<u8>,
    deadline: Duration,
    last_error: Option<PcscError>,
    end: Receiver<Result<(), pcsc::Error>>,
    thread: Option<JoinHandle<()>>,
}

enum State {
    Open {
        commands: Sender<Apdu>,
        responses: Receiver<Result<Apdu, pcsc::Error>>,
    },
    /// The worker was told to leave. Every later command gets the same error and reaches no card.
    Finished(LinkError),
}

impl PcscTransport {
    /// Connects to the card in `reader` as [`OpenOptions`] does by default.
    ///
    /// # Errors
    /// As [`OpenOptions::open`].
    pub fn open(reader: &Reader) -> Result<Self, PcscError> {
        OpenOptions::new().open(reader)
    }

    /// The card's answer to reset. For information only: see [`Reader::atr`].
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// What the service said about the last command that failed: [`LinkError::Other`] in full.
    #[must_use]
    pub fn last_error(&self) -> Option<&PcscError> {
        self.last_error.as_ref()
    }

    /// Lets the card go with its keys closed, as dropping does, and says whether that is certain.
    ///
    /// # Errors
    /// [`PcscError::Timeout`] when the driver hangs, or what the service reports. The user should then take the card out.
    pub fn close(mut self) -> Result<(), PcscError> {
        self.leave(LinkError::Cancelled)
    }

    /// One command, one response. Blocks.
    fn exchange(&mut self, command: &[u8]) -> Result<Apdu, LinkError> {
        let (commands, responses) = match &self.state {
            State::Open { commands, responses } => (commands, responses),
            State::Finished(error) => return Err(*error),
        };
        if command.len() > self.capabilities.max_command {
            return Err(LinkError::TooLong);
        }
        let outcome = match commands.send(Zeroizing::new(command.to_vec())) {
            Ok(()) => responses.recv_timeout(self.deadline),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        let (error, reported) = match outcome {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(code)) => (link_error(code), PcscError::from(code)),
            Err(RecvTimeoutError::Timeout) => (LinkError::Timeout, PcscError::Timeout),
            // The worker has panicked. That is ours to mend, but the card's state is unknown all the same.
            Err(RecvTimeoutError::Disconnected) => {
                (LinkError::ReaderLost, PcscError::Other(pcsc::Error::InternalError))
            }
        };
        self.last_error = Some(reported);
        if is_final(error) {
            self.finish(error);
        }
        Err(error)
    }

    /// Hangs up: the worker leaves the card as soon as it is free. Does not wait.
    fn finish(&mut self, error: LinkError) {
        if matches!(self.state, State::Open { .. }) {
            self.state = State::Finished(error);
        }
    }

    fn leave(&mut self, error: LinkError) -> Result<(), PcscError> {
        // A driver that has just hung for the whole deadline is not given much more.
        let patience = match self.state {
            State::Finished(LinkError::Timeout) => PARTING_AFTER_TIMEOUT,
            _ => PARTING,
        };
        self.finish(error);
        let Some(thread) = self.thread.take() else { return Ok(()) };
        match self.end.recv_timeout(patience) {
            Ok(result) => {
                // It has nothing left to do.
                let _ = thread.join();
                result.map_err(PcscError::from)
            }
            Err(RecvTimeoutError::Timeout) => Err(PcscError::Timeout), // left to itself: see the module's text
            Err(RecvTimeoutError::Disconnected) => Err(PcscError::Other(pcsc::Error::InternalError)),
        }
    }
}

/// How long leaving may take: cutting and restoring the power of a slow contact card takes a second or two.
const PARTING: Duration = Duration::from_secs(5);
const PARTING_AFTER_TIMEOUT: Duration = Duration::from_secs(1);

impl Drop for PcscTransport {
    fn drop(&mut self) {
        let _ = self.leave(LinkError::Cancelled);
    }
}

impl Transport for PcscTransport {
    /// Blocks until the card has answered or the deadline has passed; the future is ready at its first poll.
    ///
    /// # Errors
    /// After [`LinkError::CardReset`], [`LinkError::CardLost`], [`LinkError::ReaderLost`], [`LinkError::Timeout`] and
    /// [`LinkError::Cancelled`] the transport is finished: every later call gives the same error and sends nothing.
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        response.extend(&self.exchange(command)?)
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }
}

impl fmt::Debug for PcscTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Open { .. } => None,
            State::Finished(error) => Some(error),
        };
        f.debug_struct("PcscTransport")
            .field("capabilities", &self.capabilities)
            .field("deadline", &self.deadline)
            .field("finished", &state)
            .finish_non_exhaustive()
    }
}

fn wait_until_ready(steps: &Receiver<Step>, patience: Duration) -> Result<Opened, PcscError> {
    let start = Instant::now();
    let mut too_late = PcscError::Timeout;
    loop {
        match steps.recv_timeout(patience.saturating_sub(start.elapsed())) {
            Ok(Step::Connecting { in_use: true } | Step::Beginning) => too_late = PcscError::Busy,
            Ok(Step::Connecting { in_use: false }) => {}
            Ok(Step::Ready(opened)) => return Ok(opened),
            Ok(Step::Failed(error)) => return Err(error.into()),
            Err(RecvTimeoutError::Timeout) => return Err(too_late),
            Err(RecvTimeoutError::Disconnected) => return Err(PcscError::Other(pcsc::Error::InternalError)),
        }
    }
}

/// What the card and its reader carry. A reader that says nothing (as most contactless ones on Windows do) is taken
/// to carry extended length; core falls back when it does not.
fn carries(opened: &Opened) -> Capabilities {
    if opened.t0 {
        // T=0 has no extended length: more than 256 bytes come by GET RESPONSE.
        return Capabilities::SHORT;
    }
    match opened.max_apdu_data.map(|size| size as usize) {
        None | Some(0x1_0000..) => Capabilities::EXTENDED,
        Some(0..=256) => Capabilities::SHORT,
        // CLA INS P1 P2, 00 Lc Lc, the data, Le Le; and the data, SW1 SW2.
        Some(size) => Capabilities { max_command: 7 + size + 2, max_response: size + 2 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader_says(t0: bool, max_apdu_data: Option<u32>) -> Capabilities {
        carries(&Opened { atr: Vec::new(), t0, max_apdu_data })
    }

    #[test]
    fn extended_length_is_used_unless_the_reader_denies_it() {
        assert_eq!(reader_says(false, None), Capabilities::EXTENDED);
        assert_eq!(reader_says(false, Some(65_536)), Capabilities::EXTENDED);
        assert_eq!(reader_says(false, Some(u32::MAX)), Capabilities::EXTENDED);
        assert_eq!(reader_says(false, Some(0)), Capabilities::SHORT);
        assert_eq!(reader_says(false, Some(256)), Capabilities::SHORT);
        assert_eq!(reader_says(false, Some(2048)), Capabilities { max_command: 2057, max_response: 2050 });
    }

    #[test]
    fn t_equals_0_is_always_short() {
        assert_eq!(reader_says(true, None), Capabilities::SHORT);
        assert_eq!(reader_says(true, Some(65_536)), Capabilities::SHORT);
    }

    /// A transport whose worker is this function.
    fn with_worker(
        work: impl FnOnce(Receiver<Apdu>, Sender<Result<Apdu, pcsc::Error>>) -> Result<(), pcsc::Error> + Send + 'static,
    ) -> PcscTransport {
        let (commands, commands_in) = mpsc::channel();
        let (responses_out, responses) = mpsc::channel();
        let (end_out, end) = mpsc::channel();
        let thread = thread::spawn(move || {
            let _ = end_out.send(work(commands_in, responses_out));
        });
        PcscTransport {
            state: State::Open { commands, responses },
            capabilities: Capabilities::SHORT,
            atr: Vec::new(),
            deadline: Duration::from_millis(100),
            last_error: None,
            end,
            thread: Some(thread),
        }
    }

    /// Answers every command with the same thing, and reports at the end how many there were.
    fn counting(answer: Result<&'static [u8], pcsc::Error>, count: &Sender<usize>) -> PcscTransport {
        let count = count.clone();
        with_worker(move |commands, responses| {
            let mut seen = 0;
            while commands.recv().is_ok() {
                seen += 1;
                let _ = responses.send(answer.map(|bytes| Zeroizing::new(bytes.to_vec())));
            }
            let _ = count.send(seen);
            Ok(())
        })
    }

    fn transmit(card: &mut PcscTransport, command: &[u8], room: usize) -> Result<Vec<u8>, LinkError> {
        let mut bytes = vec![0; room];
        let mut response = ResponseBuf::new(&mut bytes);
        pollster::block_on(card.transmit(command, &mut response))?;
        Ok(response.as_slice().to_vec())
    }

    #[test]
    fn after_a_final_error_no_command_reaches_the_worker() {
        for (code, error) in [
            (pcsc::Error::ResetCard, LinkError::CardReset),
            (pcsc::Error::RemovedCard, LinkError::CardLost),
            (pcsc::Error::ReaderUnavailable, LinkError::ReaderLost),
            (pcsc::Error::Timeout, LinkError::Timeout),
            (pcsc::Error::Cancelled, LinkError::Cancelled),
        ] {
            let (count, counted) = mpsc::channel();
            let mut card = counting(Err(code), &count);
            for _ in 0..3 {
                assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 8], 258), Err(error));
            }
            assert_eq!(counted.recv(), Ok(1), "{code:?}");
            assert_eq!(card.last_error(), Some(&PcscError::from(code)));
        }
    }

    #[test]
    fn after_an_error_that_is_not_final_the_next_command_is_sent() {
        let (count, counted) = mpsc::channel();
        let mut card = counting(Err(pcsc::Error::NotTransacted), &count);
        for _ in 0..3 {
            assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 8], 258), Err(LinkError::Other));
        }
        assert_eq!(card.close(), Ok(()));
        assert_eq!(counted.recv(), Ok(3));
    }

    #[test]
    fn a_command_that_is_too_long_is_not_sent() {
        let (count, counted) = mpsc::channel();
        let mut card = counting(Ok(&[0x90, 0x00]), &count);
        assert_eq!(transmit(&mut card, &[0; 262], 258), Err(LinkError::TooLong));
        assert_eq!(transmit(&mut card, &[0; 261], 258), Ok(vec![0x90, 0x00]));
        drop(card);
        assert_eq!(counted.recv(), Ok(1));
    }

    #[test]
    fn a_response_that_does_not_fit_is_an_error_and_the_command_is_not_sent_again() {
        let (count, counted) = mpsc::channel();
        let mut card = counting(Ok(&[1, 2, 3, 0x90, 0x00]), &count);
        assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 3], 4), Err(LinkError::Overrun));
        drop(card);
        assert_eq!(counted.recv(), Ok(1));
    }

    #[test]
    fn a_late_answer_is_never_taken_for_the_next_one() {
        let (go, gate) = mpsc::channel::<()>();
        let mut card = with_worker(move |commands, responses| {
            let _ = commands.recv();
            let _ = gate.recv();
            let _ = responses.send(Ok(Zeroizing::new(vec![0x90, 0x00])));
            assert!(commands.recv().is_err(), "a second command was sent");
            Ok(())
        });
        assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 8], 258), Err(LinkError::Timeout));
        go.send(()).expect("the worker waits");
        assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 8], 258), Err(LinkError::Timeout));
        assert_eq!(card.close(), Ok(()));
    }

    #[test]
    fn a_worker_that_panics_ends_the_transport() {
        let mut card = with_worker(|commands, _responses| {
            let _ = commands.recv();
            panic!("this panic is part of the test");
        });
        card.deadline = Duration::from_secs(30); // printing the panic may take its time
        assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 8], 258), Err(LinkError::ReaderLost));
        assert_eq!(transmit(&mut card, &[0, 0x84, 0, 0, 8], 258), Err(LinkError::ReaderLost));
        assert_eq!(card.close(), Err(PcscError::Other(pcsc::Error::InternalError)));
    }

    #[test]
    fn an_error_while_leaving_is_told_by_close() {
        let card = with_worker(|commands, _responses| {
            let _ = commands.recv();
            Err(pcsc::Error::ReaderUnavailable)
        });
        assert_eq!(card.close(), Err(PcscError::ReaderLost));
    }

    #[test]
    fn debug_output_shows_no_bytes() {
        let mut card = with_worker(|_, _| Ok(()));
        card.atr = vec![0x3B, 0xAA];
        let shown = format!("{card:?}");
        assert!(!shown.contains("170") && !shown.contains("AA"), "{shown}");
    }

    #[test]
    fn when_opening_takes_too_long_the_error_says_who_was_waited_for() {
        let wait = |so_far: &[fn() -> Step]| {
            let (out, steps) = mpsc::channel();
            so_far.iter().for_each(|step| out.send(step()).expect("we hold the receiver"));
            let result = wait_until_ready(&steps, Duration::from_millis(20)).map(|_| ());
            drop(out);
            result
        };
        assert_eq!(wait(&[]), Err(PcscError::Timeout));
        assert_eq!(wait(&[|| Step::Connecting { in_use: false }]), Err(PcscError::Timeout));
        assert_eq!(wait(&[|| Step::Connecting { in_use: true }]), Err(PcscError::Busy));
        assert_eq!(wait(&[|| Step::Connecting { in_use: false }, || Step::Beginning]), Err(PcscError::Busy));
        assert_eq!(wait(&[|| Step::Failed(pcsc::Error::NoSmartcard)]), Err(PcscError::NoCard));
    }
}
