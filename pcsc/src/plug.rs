//! The other end: puts a card made of software into a virtual reader.
//!
//! The reader is `vpcd` from vsmartcard, a driver that pcscd loads. It listens on a TCP port for each of its slots, and a
//! card is whoever connects there. Every program that speaks PC/SC then sees a card like any other. On Debian:
//! `apt-get install pcscd vsmartcard-vpcd`.
//!
//! # The wire
//!
//! Both ways: two bytes of length, most significant first, then that many bytes.
//!
//! | from the reader | means | the card answers |
//! |---|---|---|
//! | `00 01 00` | power off | – |
//! | `00 01 01` | power on | – |
//! | `00 01 02` | reset | – |
//! | `00 01 04` | tell your ATR; comes every half second, to see whether the card is still there | the ATR |
//! | anything else | a command APDU | the response APDU |
//!
//! The card is taken out by closing the connection.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use socket2::SockRef;
use zeroize::Zeroizing;

/// Where the first virtual reader ("Virtual PCD 00 00") waits for its card.
pub const SLOT_0: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 35963));
/// Where the second virtual reader ("Virtual PCD 00 01") waits for its card.
pub const SLOT_1: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 35964));

/// A card made of software.
pub trait VirtualCard {
    /// The answer to reset: 2 to 33 bytes.
    fn atr(&self) -> Vec<u8>;

    /// The reader gives power.
    fn power_on(&mut self);

    /// The power is gone, and with it every verified PIN. Also called when the card leaves the reader.
    fn power_off(&mut self);

    /// The reader resets the card without taking its power.
    fn reset(&mut self);

    /// The response to a command, or `None` when the card is torn from the reader while it works.
    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>>;
}

/// How a card left its reader without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Left {
    /// The stop flag was raised.
    Stopped,
    /// The card tore itself away: [`VirtualCard::transmit`] gave `None`.
    Torn,
}

/// Why a card could not be put into a virtual reader, or could not stay there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlugError {
    /// Nothing listens there.
    #[error(
        "no virtual reader listens on {address}: is pcscd running, with vsmartcard's vpcd? \
         (pcscd starts it; Debian packages: pcscd, vsmartcard-vpcd)"
    )]
    NoReader {
        /// Where we tried.
        address: SocketAddr,
    },
    /// The reader took the connection and never spoke.
    #[error("the virtual reader on {address} does not speak to this card; is another card in it?")]
    Occupied {
        /// Where we tried.
        address: SocketAddr,
    },
    /// The reader closed the connection: pcscd has ended.
    #[error("the virtual reader went away; pcscd has ended")]
    ReaderGone,
    /// The reader began a message and did not finish it.
    #[error("the virtual reader stopped in the middle of a message")]
    Stalled,
    /// The reader announced a message without content.
    #[error("the virtual reader sent an empty message")]
    EmptyMessage,
    /// The card's answer to reset is not 2 to 33 bytes long.
    #[error("the card's ATR has {length} bytes; 2 to 33 are possible")]
    BadAtr {
        /// Its length.
        length: usize,
    },
    /// The card's response is longer than the wire can carry.
    #[error("the card's response has {length} bytes; the virtual reader carries 65535")]
    ResponseTooLong {
        /// Its length.
        length: usize,
    },
    /// Anything else that the network reports.
    #[error("the connection to the virtual reader failed: {0}")]
    Io(#[source] io::Error),
}

/// Puts `card` into the virtual reader at `address` and keeps it there until `stop` is raised, the card tears itself away,
/// or the reader goes. `stop` is looked at several times a second, and not while the card works on a command.
///
/// # Errors
/// [`PlugError`]; the card is out of the reader then.
pub fn serve(address: SocketAddr, card: &mut dyn VirtualCard, stop: &AtomicBool) -> Result<Left, PlugError> {
    let mut wire = Wire::connect(address, stop)?;
    let outcome = converse(&mut wire, card);
    // Out of the field, whatever the reason.
    drop(wire);
    card.power_off();
    match outcome {
        Err(End::Stopped) => Ok(Left::Stopped),
        Err(End::Torn) => Ok(Left::Torn),
        Err(End::Failed(error)) => Err(error),
        Ok(never) => match never {},
    }
}

/// How long the first message may take. The reader asks for the ATR twice a second.
const FIRST_WORD: Duration = Duration::from_secs(5);
/// How long the rest of a begun message may take, and the reader to read ours.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the stop flag is looked at.
const GLANCE: Duration = Duration::from_millis(50);

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const TELL_ATR: u8 = 4;

enum Never {}

enum End {
    Stopped,
    Torn,
    Failed(PlugError),
}

impl From<PlugError> for End {
    fn from(error: PlugError) -> Self {
        Self::Failed(error)
    }
}

fn converse(wire: &mut Wire<'_>, card: &mut dyn VirtualCard) -> Result<Never, End> {
    loop {
        let message = wire.receive()?;
        match message[..] {
            [POWER_OFF] => card.power_off(),
            [POWER_ON] => card.power_on(),
            [RESET] => card.reset(),
            [TELL_ATR] => {
                let atr = card.atr();
                if !(2..=33).contains(&atr.len()) {
                    return Err(PlugError::BadAtr { length: atr.len() }.into());
                }
                wire.send(&atr)?;
            }
            // Also what is too short for a command: any program can send that, and a card answers it (with an error).
            _ => match card.transmit(&message) {
                Some(response) => wire.send(&response)?,
                None => return Err(End::Torn),
            },
        }
    }
}

struct Wire<'a> {
    stream: TcpStream,
    address: SocketAddr,
    stop: &'a AtomicBool,
    has_spoken: bool,
}

impl<'a> Wire<'a> {
    fn connect(address: SocketAddr, stop: &'a AtomicBool) -> Result<Self, PlugError> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => PlugError::NoReader { address },
            _ => PlugError::Io(error),
        })?;
        stream.set_nodelay(true).map_err(PlugError::Io)?;
        stream.set_read_timeout(Some(GLANCE)).map_err(PlugError::Io)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(PlugError::Io)?;
        Ok(Self { stream, address, stop, has_spoken: false })
    }

    /// The next message; never empty, at most 65,535 bytes. Wiped when dropped, as it may hold a PIN.
    fn receive(&mut self) -> Result<Zeroizing<Vec<u8>>, End> {
        let mut length = [0; 2];
        let first = if self.has_spoken { None } else { Some(FIRST_WORD) };
        self.fill(&mut length[..1], first, |address| PlugError::Occupied { address })?;
        self.has_spoken = true;
        self.fill(&mut length[1..], Some(PATIENCE), |_| PlugError::Stalled)?;
        let length = usize::from(u16::from_be_bytes(length));
        if length == 0 {
            return Err(PlugError::EmptyMessage.into());
        }
        let mut message = Zeroizing::new(vec![0; length]);
        self.fill(&mut message, Some(PATIENCE), |_| PlugError::Stalled)?;
        Ok(message)
    }

    fn send(&mut self, message: &[u8]) -> Result<(), PlugError> {
        let length = u16::try_from(message.len()).map_err(|_| PlugError::ResponseTooLong { length: message.len() })?;
        // Length and body in one write: see `acknowledge_at_once` for what two cost.
        let mut frame = Zeroizing::new(Vec::with_capacity(2 + message.len()));
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(message);
        self.stream.write_all(&frame).map_err(gone_or_failed)
    }

    fn fill(
        &mut self,
        mut buffer: &mut [u8],
        patience: Option<Duration>,
        too_late: fn(SocketAddr) -> PlugError,
    ) -> Result<(), End> {
        let start = Instant::now();
        while !buffer.is_empty() {
            if self.stop.load(Ordering::Relaxed) {
                return Err(End::Stopped);
            }
            if patience.is_some_and(|patience| start.elapsed() > patience) {
                return Err(too_late(self.address).into());
            }
            acknowledge_at_once(&self.stream);
            match self.stream.read(buffer) {
                Ok(0) => return Err(PlugError::ReaderGone.into()),
                Ok(read) => buffer = &mut buffer[read..],
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => {}
                    _ => return Err(gone_or_failed(error).into()),
                },
            }
        }
        Ok(())
    }
}

fn gone_or_failed(error: io::Error) -> PlugError {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            PlugError::ReaderGone
        }
        _ => PlugError::Io(error),
    }
}

/// vpcd 3.3 writes length and body apart, so its kernel keeps the body back until we acknowledge the length, which ours
/// puts off for 40 ms, once for each command. Linux forgets this setting by itself, so it is set before every read.
fn acknowledge_at_once(stream: &TcpStream) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // Slow is not wrong: without it every command takes 40 ms.
    let _ = SockRef::from(stream).set_tcp_quickack(true);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = SockRef::from(stream);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// Strict: answers two commands, and writes down everything.
    #[derive(Default)]
    struct Card {
        seen: Vec<String>,
        atr: Option<Vec<u8>>,
    }

    impl VirtualCard for Card {
        fn atr(&self) -> Vec<u8> {
            self.atr.clone().unwrap_or_else(|| vec![0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14])
        }

        fn power_on(&mut self) {
            self.seen.push("on".into());
        }

        fn power_off(&mut self) {
            self.seen.push("off".into());
        }

        fn reset(&mut self) {
            self.seen.push("reset".into());
        }

        fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
            self.seen.push(format!("{command:02X?}"));
            match command {
                [0x00, 0x84, 0x00, 0x00, 0x02] => Some(vec![0xAB, 0xCD, 0x90, 0x00]),
                [0x00, 0x20, ..] => None,
                [0x00, 0xCB, ..] => Some(vec![0; 65_536]),
                _ => Some(vec![0x67, 0x00]),
            }
        }
    }

    /// Runs `reader` as the reader's side and gives what came of the card.
    fn meet(mut card: Card, reader: impl FnOnce(TcpStream) + Send + 'static) -> (Result<Left, PlugError>, Vec<String>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let reader = thread::spawn(move || reader(listener.accept().expect("the card connects").0));
        let outcome = serve(address, &mut card, &AtomicBool::new(false));
        reader.join().expect("the reader's side holds");
        (outcome, card.seen)
    }

    /// As vpcd does: length and body in two writes.
    fn say(stream: &mut TcpStream, message: &[u8]) {
        let length = u16::try_from(message.len()).expect("a short message");
        stream.write_all(&length.to_be_bytes()).expect("the length");
        thread::sleep(Duration::from_millis(5));
        stream.write_all(message).expect("the body");
    }

    /// Exactly these bytes, and nothing after them for now.
    fn expect(stream: &mut TcpStream, wire: &[u8]) {
        let mut got = vec![0; wire.len()];
        stream.read_exact(&mut got).expect("an answer");
        assert_eq!(got, wire);
        stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
        assert!(stream.read(&mut [0]).is_err(), "more than one answer");
        stream.set_read_timeout(None).expect("no timeout");
    }

    #[test]
    fn a_card_answers_its_atr_and_commands_and_nothing_else() {
        let (outcome, seen) = meet(Card::default(), |mut reader| {
            say(&mut reader, &[4]);
            expect(&mut reader, &[0, 9, 0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14]);
            say(&mut reader, &[1]);
            say(&mut reader, &[2]);
            say(&mut reader, &[0x00, 0x84, 0x00, 0x00, 0x02]);
            expect(&mut reader, &[0, 4, 0xAB, 0xCD, 0x90, 0x00]);
            say(&mut reader, &[0]);
        });
        assert!(matches!(outcome, Err(PlugError::ReaderGone)), "{outcome:?}");
        assert_eq!(seen, ["on", "reset", "[00, 84, 00, 00, 02]", "off", "off"]);
    }

    #[test]
    fn a_message_may_come_byte_by_byte() {
        let (_, seen) = meet(Card::default(), |mut reader| {
            for byte in [0, 5, 0x00, 0x84, 0x00, 0x00, 0x02] {
                reader.write_all(&[byte]).expect("a byte");
                thread::sleep(Duration::from_millis(60)); // longer than the card's glance at its stop flag
            }
            expect(&mut reader, &[0, 4, 0xAB, 0xCD, 0x90, 0x00]);
        });
        assert_eq!(seen, ["[00, 84, 00, 00, 02]", "off"]);
    }

    #[test]
    fn two_messages_in_one_packet_are_two_messages() {
        let (_, seen) = meet(Card::default(), |mut reader| {
            reader.write_all(&[0, 1, 1, 0, 5, 0x00, 0x84, 0x00, 0x00, 0x02, 0, 1, 2]).expect("all at once");
            expect(&mut reader, &[0, 4, 0xAB, 0xCD, 0x90, 0x00]);
        });
        assert_eq!(seen, ["on", "[00, 84, 00, 00, 02]", "reset", "off"]);
    }

    #[test]
    fn a_torn_card_closes_the_connection_without_an_answer() {
        let (outcome, seen) = meet(Card::default(), |mut reader| {
            say(&mut reader, &[0x00, 0x20, 0x00, 0x80]);
            assert_eq!(reader.read(&mut [0; 8]).expect("a clean end"), 0);
        });
        assert_eq!(outcome.expect("not an error"), Left::Torn);
        assert_eq!(seen, ["[00, 20, 00, 80]", "off"]);
    }

    #[test]
    fn what_is_too_short_for_a_command_is_the_cards_to_refuse() {
        for nonsense in [&[3][..], &[5], &[0xFF], &[0, 0], &[0, 0x20, 1]] {
            let nonsense = nonsense.to_vec();
            let (outcome, _) = meet(Card { atr: None, seen: Vec::new() }, move |mut reader| {
                say(&mut reader, &nonsense);
                if nonsense[..] != [0, 0x20, 1] {
                    expect(&mut reader, &[0, 2, 0x67, 0x00]);
                }
            });
            assert!(matches!(outcome, Err(PlugError::ReaderGone) | Ok(Left::Torn)), "{outcome:?}");
        }
    }

    #[test]
    fn an_empty_message_ends_the_card() {
        let (outcome, seen) = meet(Card::default(), |mut reader| {
            reader.write_all(&[0, 0]).expect("a length");
            assert_eq!(reader.read(&mut [0; 8]).expect("a clean end"), 0);
        });
        assert!(matches!(outcome, Err(PlugError::EmptyMessage)), "{outcome:?}");
        assert_eq!(seen, ["off"]);
    }

    #[test]
    fn a_reader_that_breaks_off_inside_a_message_is_gone() {
        for part in [&[0xFF][..], &[0xFF, 0xFF], &[0, 5, 0x00, 0x84]] {
            let part = part.to_vec();
            let (outcome, seen) = meet(Card::default(), move |mut reader| reader.write_all(&part).expect("a part"));
            assert!(matches!(outcome, Err(PlugError::ReaderGone)), "{outcome:?}");
            assert_eq!(seen, ["off"]);
        }
    }

    #[test]
    fn the_longest_message_is_carried_and_a_longer_answer_is_refused() {
        let (outcome, seen) = meet(Card::default(), |mut reader| {
            say(&mut reader, &vec![0x11; 65_535]);
            expect(&mut reader, &[0, 2, 0x67, 0x00]);
            say(&mut reader, &[0x00, 0xCB, 0x3F, 0xFF]);
            assert_eq!(reader.read(&mut [0; 8]).expect("a clean end"), 0);
        });
        assert!(matches!(outcome, Err(PlugError::ResponseTooLong { length: 65_536 })), "{outcome:?}");
        assert_eq!(seen.len(), 3);
    }

    #[test]
    fn an_atr_that_no_reader_takes_is_refused() {
        for length in [0, 1, 34] {
            let card = Card { atr: Some(vec![0x3B; length]), seen: Vec::new() };
            let (outcome, _) = meet(card, |mut reader| {
                say(&mut reader, &[4]);
                assert_eq!(reader.read(&mut [0; 8]).expect("a clean end"), 0);
            });
            assert!(matches!(outcome, Err(PlugError::BadAtr { length: bad }) if bad == length), "{outcome:?}");
        }
    }

    #[test]
    fn where_nothing_listens_the_error_says_what_to_start() {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a free port");
        let error = serve(address, &mut Card::default(), &AtomicBool::new(false)).expect_err("nobody is there");
        assert!(matches!(error, PlugError::NoReader { .. }), "{error:?}");
        assert!(error.to_string().contains("vpcd") && error.to_string().contains("pcscd"), "{error}");
    }

    #[test]
    fn the_stop_flag_takes_the_card_out_even_inside_a_message() {
        for part in [&[][..], &[0], &[0, 5, 0x00]] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
            let address = listener.local_addr().expect("its address");
            let stop = AtomicBool::new(false);
            let mut card = Card::default();
            thread::scope(|scope| {
                let served = scope.spawn(|| serve(address, &mut card, &stop));
                let mut reader = listener.accept().expect("the card connects").0;
                reader.write_all(part).expect("a part");
                stop.store(true, Ordering::Relaxed);
                assert_eq!(served.join().expect("no panic").expect("no error"), Left::Stopped);
            });
            assert_eq!(card.seen, ["off"]);
        }
    }
}
