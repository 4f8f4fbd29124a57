//! A card small enough to be understood at a glance: true counters, what VERIFY opened, a few files of dummy bytes. Written from
//! the facts, not from the core's tables, and apart from the simulated card. Its secrets are kept masked, so that a search of the
//! process's memory finds those that the core left behind and no others.

use kazasu_core::{LinkError, ResponseBuf};

const MASK: u8 = 0xA5;

/// Up to 17 bytes that memory never holds as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Masked {
    bytes: [u8; 17],
    len: usize,
}

impl Masked {
    /// `plain`, masked. In a constant, the plain bytes do not reach the program.
    #[must_use]
    pub const fn new(plain: &[u8]) -> Self {
        let mut bytes = [0; 17];
        let mut i = 0;
        while i < plain.len() {
            bytes[i] = plain[i] ^ MASK;
            i += 1;
        }
        Self { bytes, len: plain.len() }
    }

    /// Whether it masks `plain`.
    #[must_use]
    pub fn is(&self, plain: &[u8]) -> bool {
        self.len == plain.len() && self.plain().eq(plain.iter().copied())
    }

    /// The bytes, one at a time.
    pub fn plain(&self) -> impl Iterator<Item = u8> + '_ {
        self.bytes[..self.len].iter().map(|byte| byte ^ MASK)
    }

    /// Writes the bytes into `out` and returns how many there are.
    pub fn write(&self, out: &mut [u8]) -> usize {
        self.plain().zip(out).for_each(|(byte, slot)| *slot = byte);
        self.len
    }
}

/// The secrets of the model, in the order of [`Card::left`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// 0018 of the key application, 3 tries.
    Auth,
    /// 001B of the key application, 5 tries.
    Sign,
    /// 0011 of the text application, 3 tries.
    Text,
    /// 0014 of the text application, 10 tries.
    Number,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auth, Self::Sign, Self::Text, Self::Number];
    /// Tries on a fresh card.
    #[must_use]
    pub const fn tries(self) -> u8 {
        match self {
            Self::Auth | Self::Text => 3,
            Self::Sign => 5,
            Self::Number => 10,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Application {
    Keys,
    Text,
    Manager,
}

const KEYS: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
const TEXT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
const MANAGER: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";

/// How model cards differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// What a blocked secret answers to a query and to VERIFY.
    pub blocked: (u16, u16),
    /// Takes short file ids.
    pub short_ids: bool,
    /// How many bytes of a file one READ gives at most.
    pub gives: usize,
}

impl Default for Kind {
    fn default() -> Self {
        Self { blocked: (0x63C0, 0x6984), short_ids: true, gives: 256 }
    }
}

/// The card.
#[derive(Debug, Clone)]
pub struct Card {
    /// How it differs.
    pub kind: Kind,
    /// Tries left, by [`Which`].
    pub left: [u8; 4],
    /// What opens it, by [`Which`].
    pub secrets: [Masked; 4],
    /// The record of EF 0001 of the text application.
    pub number: Masked,
    /// The byte that its files are made of.
    pub mark: u8,
    opened: [bool; 4],
    /// Which of them another program opened.
    theirs: [bool; 4],
    application: Option<Application>,
    selected: u16,
}

impl Card {
    /// A fresh card, powered.
    #[must_use]
    pub const fn new(kind: Kind, secrets: [Masked; 4], number: Masked, mark: u8) -> Self {
        let left = [Which::Auth.tries(), Which::Sign.tries(), Which::Text.tries(), Which::Number.tries()];
        Self {
            kind,
            left,
            secrets,
            number,
            mark,
            opened: [false; 4],
            theirs: [false; 4],
            application: None,
            selected: 0,
        }
    }

    /// Power off and on: what was opened closes.
    pub const fn power_cycle(&mut self) {
        self.warm_reset();
        self.opened = [false; 4];
    }

    /// A reset that keeps the power: what was opened stays open (Measured).
    pub const fn warm_reset(&mut self) {
        self.application = None;
        self.selected = 0;
    }

    /// Whether anything stands verified that another program has not opened.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.opened.iter().zip(self.theirs).any(|(opened, theirs)| *opened && !theirs)
    }

    /// What is open counts as another program's: whoever opened it could not close it, and said so.
    pub const fn disown(&mut self) {
        self.theirs = self.opened;
    }

    /// The secret that `p2` of a VERIFY names here and now.
    #[must_use]
    pub fn reference(&self, p2: u8) -> Option<Which> {
        let id = match p2 {
            0x80 => self.selected,
            0x81..=0x9E if self.kind.short_ids => u16::from(p2 & 0x1F),
            _ => return None,
        };
        match (self.application?, id) {
            (Application::Keys, 0x18) => Some(Which::Auth),
            (Application::Keys, 0x1B) => Some(Which::Sign),
            (Application::Text, 0x11) => Some(Which::Text),
            (Application::Text, 0x14) => Some(Which::Number),
            _ => None,
        }
    }

    /// What another program does that knows the secret (`right`) or does not.
    pub fn verified_elsewhere(&mut self, which: Which, right: bool) {
        if self.left[which as usize] == 0 {
            return;
        }
        if right {
            self.left[which as usize] = which.tries();
        } else {
            self.left[which as usize] -= 1;
        }
        self.opened[which as usize] = right;
        self.theirs[which as usize] = right;
    }

    /// Answers one command.
    ///
    /// # Errors
    /// [`LinkError::Overrun`] when the answer does not fit.
    pub fn command(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        let status = match *command {
            [0x00, 0xA4, 0x04, 0x0C, lc, ref aid @ ..] if usize::from(lc) == aid.len() => self.select(aid),
            [0x00, 0xA4, 0x02, 0x0C, 2, high, low] => self.select_file(u16::from_be_bytes([high, low])),
            [0x00, 0x20, 0x00, p2] => self.query(p2),
            [0x00, 0x20, 0x00, p2, lc, ref secret @ ..] if usize::from(lc) == secret.len() => self.verify(p2, secret),
            [0x00, 0x24, 0x01, 0x80, lc, ref secret @ ..] if usize::from(lc) == secret.len() => self.change(secret),
            [0x00, 0xB0, p1, p2, ref le @ ..] => self.read(p1, p2, le, response)?,
            [0x80, 0x2A, 0x00, p2, ..] => self.sign(p2, response)?,
            [0x00, 0xCA, 0x00, 0xF2, ..] if self.application == Some(Application::Manager) => {
                response.extend(&[0x30 | self.mark & 7; 8])?;
                0x9000
            }
            [_, 0xA4 | 0x20 | 0x24 | 0xCA, ..] => 0x6A86,
            _ => 0x6D00,
        };
        response.extend(&status.to_be_bytes())
    }

    fn select(&mut self, aid: &[u8]) -> u16 {
        let application = match aid {
            KEYS => Application::Keys,
            TEXT => Application::Text,
            MANAGER => Application::Manager,
            _ => return 0x6A82,
        };
        if self.application != Some(application) {
            self.opened = [false; 4];
        }
        self.application = Some(application);
        self.selected = 0;
        0x9000
    }

    fn select_file(&mut self, id: u16) -> u16 {
        let there = match self.application {
            Some(Application::Keys) => matches!(id, 0x06 | 0x08 | 0x0A | 0x0B | 0x17 | 0x18 | 0x1A | 0x1B),
            Some(Application::Text) => matches!(id, 0x01 | 0x02 | 0x11 | 0x13 | 0x14),
            _ => false,
        };
        self.selected = if there { id } else { 0 };
        if there { 0x9000 } else { 0x6A82 }
    }

    fn query(&self, p2: u8) -> u16 {
        match self.reference(p2) {
            None => 0x6A88,
            Some(which) => match self.left[which as usize] {
                0 => self.kind.blocked.0,
                left => 0x63C0 | u16::from(left),
            },
        }
    }

    fn verify(&mut self, p2: u8, secret: &[u8]) -> u16 {
        let Some(which) = self.reference(p2) else { return 0x6A88 };
        let at = which as usize;
        if self.left[at] == 0 {
            return self.kind.blocked.1;
        }
        self.opened[at] = self.secrets[at].is(secret);
        self.theirs[at] = false;
        if self.opened[at] {
            self.left[at] = which.tries();
            return 0x9000;
        }
        self.left[at] -= 1;
        0x63C0 | u16::from(self.left[at])
    }

    fn change(&mut self, secret: &[u8]) -> u16 {
        match self.reference(0x80) {
            None => 0x6A88,
            Some(which) if !self.opened[which as usize] => 0x6982,
            Some(which) => {
                self.secrets[which as usize] = Masked::new(secret);
                0x9000
            }
        }
    }

    /// The file that a READ names, and where it begins.
    fn place(&mut self, p1: u8, p2: u8) -> Option<usize> {
        if p1 & 0x80 == 0 {
            return Some(usize::from(p1) << 8 | usize::from(p2));
        }
        if !self.kind.short_ids {
            return None;
        }
        self.selected = u16::from(p1 & 0x1F);
        Some(usize::from(p2))
    }

    fn read(&mut self, p1: u8, p2: u8, le: &[u8], response: &mut ResponseBuf<'_>) -> Result<u16, LinkError> {
        let ne = match *le {
            [0] => 256,
            [le] => usize::from(le),
            [0, high, low] => usize::from(u16::from_be_bytes([high, low])),
            _ => return Ok(0x6700),
        };
        let Some(at) = self.place(p1, p2) else { return Ok(0x6A86) };
        let (len, mark, number) = (self.file_len(), self.mark, self.number);
        let (keys, text) = (self.application == Some(Application::Keys), self.application == Some(Application::Text));
        let Some(len) = len else { return Ok(0x6A82) };
        let number_alone = self.opened[Which::Number as usize] && self.selected == 0x01;
        if text && !self.opened[Which::Text as usize] && !number_alone {
            return Ok(0x6982);
        }
        if at >= len {
            return Ok(0x6B00);
        }
        let id = self.selected;
        for i in at..len.min(at + ne.min(self.kind.gives)) {
            let byte = match id {
                0x06 if keys => *b"JPKIAPICCTOKEN2".get(i).unwrap_or(&b' '),
                0x08 if keys => 0x8F,
                0x01 if text => number.plain().nth(i).unwrap_or(0xFF),
                0x02 if text => ATTRIBUTES.get(i).copied().unwrap_or_default(),
                _ => [0x30, 0x82, 0x02, 0x54].get(i).copied().unwrap_or(mark ^ i as u8),
            };
            response.extend(&[byte])?;
        }
        Ok(0x9000)
    }

    fn file_len(&self) -> Option<usize> {
        match (self.application?, self.selected) {
            (Application::Keys, 0x06) => Some(160),
            (Application::Keys, 0x08) => Some(3),
            (Application::Keys, 0x0A | 0x0B) => Some(600),
            (Application::Text, 0x01) => Some(17),
            (Application::Text, 0x02) => Some(ATTRIBUTES.len()),
            _ => None,
        }
    }

    fn sign(&self, p2: u8, response: &mut ResponseBuf<'_>) -> Result<u16, LinkError> {
        let id = match p2 {
            0x80 => self.selected,
            0x81..=0x9E if self.kind.short_ids => u16::from(p2 & 0x1F),
            0x00 => 0,
            _ => return Ok(0x6A86),
        };
        let opened = match (self.application, id) {
            (Some(Application::Keys), 0x17) => self.opened[Which::Auth as usize],
            (Some(Application::Keys), 0x1A) => self.opened[Which::Sign as usize],
            (Some(Application::Text), 0) => true,
            _ => return Ok(0x6A88),
        };
        if !opened {
            return Ok(0x6982);
        }
        response.extend(&[self.mark; 256])?;
        Ok(0x9000)
    }
}

/// EF 0002 of the text application: four empty-looking fields.
const ATTRIBUTES: &[u8] = b"\xFF\x20\x11\xDF\x22\x01N\xDF\x23\x02AD\xDF\x24\x011\xDF\x25\x012";
