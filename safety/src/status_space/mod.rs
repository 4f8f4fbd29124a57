//! Part 3: every status word to every kind of command that the core sends, once and for ever, held against [`oracle`]. Whatever
//! the word, a secret is sent once and the operation ends after a few commands.

pub mod oracle;

use kazasu_core::error::Error;
use kazasu_core::mynumber::jpki::FreeCertificate;
use kazasu_core::step::block_on;
use kazasu_core::{
    AuthPin, Capabilities, Counter, Digest, LastTry, LinkError, ResponseBuf, SecretKind, Session, Transport,
};
use oracle::{Class, Row};

/// A kind of command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// SELECT of an application.
    SelectApplication,
    /// SELECT of a file.
    SelectFile,
    /// READ BINARY at the start.
    ReadFirst,
    /// READ BINARY further on.
    ReadOn,
    /// READ RECORD.
    ReadRecord,
    /// GET RESPONSE.
    GetResponse,
    /// VERIFY without data.
    Query,
    /// VERIFY.
    Verify,
    /// CHANGE REFERENCE DATA.
    Change,
    /// COMPUTE DIGITAL SIGNATURE.
    Sign,
    /// INTERNAL AUTHENTICATE.
    Authenticate,
    /// GET DATA.
    GetData,
}

fn command(bytes: &[u8]) -> Option<Command> {
    Some(match *bytes {
        [0x00, 0xA4, 0x04, ..] => Command::SelectApplication,
        [0x00, 0xA4, 0x02, ..] => Command::SelectFile,
        [0x00, 0xB0, 0x80..=0xFF, ..] | [0x00, 0xB0, 0, 0, ..] => Command::ReadFirst,
        [0x00, 0xB0, ..] => Command::ReadOn,
        [0x00, 0xB2, ..] => Command::ReadRecord,
        [0x00, 0xC0, ..] => Command::GetResponse,
        [0x00, 0x20, _, _] => Command::Query,
        [0x00, 0x20, ..] => Command::Verify,
        [0x00, 0x24, ..] => Command::Change,
        [0x80, 0x2A, ..] => Command::Sign,
        [0x00, 0x88, ..] => Command::Authenticate,
        [0x00, 0xCA, ..] => Command::GetData,
        _ => return None,
    })
}

/// An operation in which the command in question is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    Text,
    Tries,
    Certificate,
    Record,
    Unlock,
    Change,
    Sign,
    SignDefault,
    Authenticate,
    Data,
}

/// A kind of command in one of its forms.
struct Case {
    command: Command,
    job: Job,
    link: Capabilities,
    short_ids: bool,
    table: &'static [Row],
}

const fn case(command: Command, job: Job, extended: bool, short_ids: bool, table: &'static [Row]) -> Case {
    let link = if extended { Capabilities::EXTENDED } else { Capabilities::SHORT };
    Case { command, job, link, short_ids, table }
}

const CASES: &[Case] = &[
    case(Command::SelectApplication, Job::Text, true, true, oracle::SELECT_APPLICATION),
    case(Command::SelectFile, Job::Tries, true, false, oracle::SELECT_FILE),
    case(Command::SelectFile, Job::Certificate, false, false, oracle::SELECT_FILE),
    case(Command::ReadFirst, Job::Certificate, true, true, oracle::READ),
    case(Command::ReadFirst, Job::Certificate, false, true, oracle::READ),
    case(Command::ReadFirst, Job::Certificate, false, false, oracle::READ),
    case(Command::ReadOn, Job::Certificate, false, true, oracle::READ),
    case(Command::ReadRecord, Job::Record, true, true, oracle::READ_RECORD),
    case(Command::ReadRecord, Job::Record, false, false, oracle::READ_RECORD),
    case(Command::GetResponse, Job::Certificate, false, true, oracle::GET_RESPONSE),
    case(Command::Query, Job::Tries, true, true, oracle::QUERY),
    case(Command::Query, Job::Tries, true, false, oracle::QUERY),
    case(Command::Verify, Job::Unlock, true, true, oracle::VERIFY),
    case(Command::Verify, Job::Unlock, true, false, oracle::VERIFY),
    case(Command::Verify, Job::Change, true, true, oracle::VERIFY),
    case(Command::Change, Job::Change, true, true, oracle::CHANGE),
    case(Command::Sign, Job::Sign, true, true, oracle::SIGN),
    case(Command::Sign, Job::Sign, true, false, oracle::SIGN),
    case(Command::Sign, Job::SignDefault, true, true, oracle::AUTHENTICATE),
    case(Command::Authenticate, Job::Authenticate, true, true, oracle::AUTHENTICATE),
    case(Command::GetData, Job::Data, true, true, oracle::GET_DATA),
    case(Command::GetData, Job::Data, false, true, oracle::GET_DATA),
];

/// What a run over all words came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Words times cases, once and for ever.
    pub checks: u64,
    /// What went wrong.
    pub violations: Vec<String>,
}

/// Every word, or every so many of those that no table names.
#[must_use]
pub fn check(every: usize) -> Summary {
    let mut summary = Summary::default();
    for case in CASES {
        for word in 0..=u16::MAX {
            let named =
                oracle::class(case.table, word) != Class::Refused || matches!(word >> 8, 0x69 | 0x6A | 0x6C | 0x6F);
            if !named && usize::from(word) % every != 0 {
                continue;
            }
            for always in [true, false] {
                summary.checks += 1;
                if let Err(wrong) = try_out(case, word, always) {
                    let how = if always { "always" } else { "once" };
                    let Case { command, job, short_ids, .. } = case;
                    let case = format!("{command:?} in {job:?}, short ids {short_ids}");
                    summary.violations.push(format!("{case}, {word:04X} {how}: {wrong}"));
                }
            }
        }
    }
    summary
}

/// More than any of these operations needs, with everything that a word can make the core try.
const MOST_COMMANDS: usize = 24;

fn try_out(case: &Case, word: u16, always: bool) -> Result<(), String> {
    let mut card = Card::new(case, word, always);
    let mut session = Session::new(&mut card).without(!case.short_ids, false);
    let outcome = block_on(perform(case.job, &mut session));
    let came = match classify(outcome, word) {
        // Only to a query the counter is the answer; elsewhere it says that the command did its work.
        Ok(Class::Left(3)) if case.command == Command::SelectFile => Ok(Class::Done),
        came => came,
    };
    let expected = oracle::class(case.table, word);
    // A word that comes once may be recovered from where the table says "refused"; where it names an outcome, that holds.
    let recovered = !always && came == Ok(Class::Done);
    // A length that the card names once and then keeps to may be a wrong one.
    let misled = !always && word >> 8 == 0x6C && came == Ok(Class::Unusable);
    let repeats_blocked = !always && came == Ok(Class::Left(3)) && matches!(expected, Class::Blocked | Class::Absent);
    let most_secrets = if case.job == Job::Change { 2 } else { 1 };
    if card.secrets > most_secrets || card.verifies > 1 {
        return Err(format!("{} VERIFY, {} secrets", card.verifies, card.secrets));
    }
    if card.commands > MOST_COMMANDS {
        return Err(format!("{} commands", card.commands));
    }
    match came {
        Ok(class) if class == expected || recovered || misled || repeats_blocked => Ok(()),
        other => Err(format!("{other:?} instead of {expected:?}")),
    }
}

async fn perform(job: Job, session: &mut Session<&mut Card>) -> Result<Option<Counter>, Error> {
    let digest = Digest::Sha256([0x5A; 32]);
    let pin = |text| AuthPin::new(text).map_err(|_| Error::Misuse("not a PIN"));
    let mut buf = [0; 700];
    let refuse = LastTry::Refuse;
    match job {
        Job::Text => {
            session.text().await?;
        }
        Job::Tries => return session.jpki().await?.tries(SecretKind::AuthPin).await.map(Some),
        Job::Certificate => {
            session.jpki().await?.certificate(FreeCertificate::Auth, &mut buf).await?;
        }
        Job::Record => {
            session.common().await?.card_record().await?;
        }
        Job::Unlock => {
            session.jpki().await?.unlock(pin("1234")?, refuse).await?;
        }
        Job::Change => session.jpki().await?.change(pin("1234")?, pin("4321")?, refuse).await?,
        Job::Sign => {
            session.jpki().await?.unlock(pin("1234")?, refuse).await?.sign(&digest).await?;
        }
        Job::SignDefault => {
            session.text().await?.internal_authenticate(&digest).await?;
        }
        Job::Authenticate => {
            session.common().await?.internal_authenticate(&[1, 2, 3]).await?;
        }
        Job::Data => {
            session.data_object(0x00F2, &mut buf).await?;
        }
    }
    Ok(None)
}

/// The core's outcome in the oracle's words; an error where it has no word for it.
fn classify(outcome: Result<Option<Counter>, Error>, word: u16) -> Result<Class, String> {
    Ok(match outcome {
        Ok(None) => Class::Done,
        Ok(Some(Counter::Left(left))) => Class::Left(left),
        Ok(Some(Counter::Blocked)) => Class::Blocked,
        Ok(Some(Counter::Unknown)) => Class::Untold,
        Err(Error::Absent { .. }) => Class::Absent,
        Err(Error::Malformed { .. }) => Class::Unusable,
        Err(Error::SecretRequired { kinds }) if !kinds.is_empty() => Class::SecretFirst,
        Err(Error::Blocked { spent: Some(false), .. }) => Class::Blocked,
        Err(Error::Blocked { spent: Some(true), .. }) => Class::JustBlocked,
        Err(Error::Blocked { spent: None, .. }) => Class::BlockedSomehow,
        Err(Error::WrongSecret { left: Some(left), .. }) => Class::Wrong(left),
        Err(Error::WrongSecret { left: None, .. }) => Class::WrongUntold,
        Err(Error::Refused { status, .. }) if status.0 == word => Class::Refused,
        Err(other) => return Err(format!("{other:?}")),
    })
}

/// A card that answers everything well and briefly, but one kind of command with one word.
struct Card {
    link: Capabilities,
    target: Command,
    word: u16,
    always: bool,
    struck: bool,
    commands: usize,
    verifies: usize,
    secrets: usize,
    waiting: Data,
}

/// Bytes of an answer: of which command, from where, how many.
#[derive(Clone, Copy)]
struct Data {
    of: Command,
    at: usize,
    len: usize,
}

const FILE: usize = 600;

impl Card {
    const fn new(case: &Case, word: u16, always: bool) -> Self {
        let waiting = Data { of: Command::Query, at: 0, len: 0 };
        let (link, target) = (case.link, case.command);
        Self { link, target, word, always, struck: false, commands: 0, verifies: 0, secrets: 0, waiting }
    }

    /// What the answer to `bytes` holds.
    fn due(kind: Command, bytes: &[u8]) -> Data {
        let (at, there) = match kind {
            Command::ReadFirst => (0, FILE),
            Command::ReadOn => {
                let at = usize::from(bytes[2]) << 8 | usize::from(bytes[3]);
                (at, FILE.saturating_sub(at))
            }
            Command::ReadRecord => (0, 30),
            Command::Sign | Command::Authenticate => (0, 256),
            Command::GetData => (0, 8),
            _ => (0, 0),
        };
        Data { of: kind, at, len: there.min(ne(bytes)) }
    }

    fn byte(kind: Command, at: usize) -> u8 {
        match kind {
            Command::ReadRecord => [0x01, 0x1C].get(at).copied().unwrap_or(b'7'),
            _ => [0x30, 0x82, 0x02, 0x54].get(at).copied().unwrap_or(at as u8),
        }
    }

    /// Whether the word in question is the answer now.
    fn strikes(&mut self, kind: Command) -> bool {
        let strikes = kind == self.target && (self.always || !self.struck);
        self.struck |= strikes;
        strikes
    }
}

/// Bytes that a command asks for.
fn ne(bytes: &[u8]) -> usize {
    match *bytes {
        [_, _, _, _, le @ 1..=255] => usize::from(le),
        [_, _, _, _, 0, high, low] => usize::from(u16::from_be_bytes([high, low])),
        _ => 256,
    }
}

impl Transport for &mut Card {
    async fn transmit(&mut self, bytes: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        self.commands += 1;
        let Some(kind) = command(bytes) else { return response.extend(&[0x6D, 0x00]) };
        self.verifies += usize::from(kind == Command::Verify);
        self.secrets += usize::from(matches!(kind, Command::Verify | Command::Change));
        if self.strikes(kind) {
            if self.word >> 8 == 0x61 && kind != Command::GetResponse {
                self.waiting = Card::due(kind, bytes);
            }
            return response.extend(&self.word.to_be_bytes());
        }
        // Where the word to GET RESPONSE is in question, something must wait.
        if self.target == Command::GetResponse && matches!(kind, Command::ReadFirst | Command::ReadOn) {
            self.waiting = Card::due(kind, bytes);
            return response.extend(&[0x61, 0x00]);
        }
        let mut data = Card::due(kind, bytes);
        if kind == Command::GetResponse {
            data = Data { len: self.waiting.len.min(ne(bytes)), ..self.waiting };
            self.waiting.at += data.len;
            self.waiting.len -= data.len;
        }
        for at in data.at..data.at + data.len {
            response.extend(&[Card::byte(data.of, at)])?;
        }
        response.extend(&match (kind, self.waiting.len) {
            (Command::Query, _) => [0x63, 0xC3],
            (Command::GetResponse, rest @ 1..=255) => [0x61, rest as u8],
            (Command::GetResponse, 256..) => [0x61, 0x00],
            _ => [0x90, 0x00],
        })
    }

    fn capabilities(&self) -> Capabilities {
        self.link
    }
}
