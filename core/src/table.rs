//! The words in which a card application is written down. One static [`Application`] per application is read by the
//! client, the simulated card, the tracer, the docs and the host manifests.

use crate::secret::SecretKind;

/// What is in the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CardKind {
    /// 個人番号カード (EF 0006 says `JPKIAPICCTOKEN2`).
    MyNumber,
    /// 住民基本台帳カード, issued until 2015 (`JPKIAPICCTOKEN`).
    Juki,
    /// スマホ用電子証明書 on Android (`JPKIAPGPSETOKEN`).
    AndroidToken,
    /// スマホ用電子証明書 on an iPhone (`JPKIAPIOSTOKEN`).
    IphoneToken,
    /// A card, but none of these.
    Other,
    /// Nothing.
    Nothing,
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// J-LIS, the Digital Agency or a standard.
    Official,
    /// At least one named author read it off a card.
    Measured,
    /// Concluded here from the two others.
    Inferred,
}

/// What must be shown to the card first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Free,
    /// Nothing on the card; any one of these where a phone plays the card.
    FreeOnCard(&'static [SecretKind]),
    /// Any one of these.
    AnyOf(&'static [SecretKind]),
}

impl Access {
    /// The secrets that open it, where any are needed.
    #[must_use]
    pub const fn kinds(self) -> &'static [SecretKind] {
        match self {
            Self::Free => &[],
            Self::FreeOnCard(kinds) | Self::AnyOf(kinds) => kinds,
        }
    }
}

/// How much of a file there is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One object with this tag; its own length says where it ends, filler may follow.
    Tlv(u32),
    /// One object with this tag in so many bytes, filler included: something else covers all of them.
    Padded(u32, usize),
    /// So many bytes, filler included.
    Bytes(usize),
    /// One record of a record file, read by READ RECORD.
    Record,
}

impl Content {
    /// The tag of the object that the file holds, where it holds one.
    #[must_use]
    pub const fn tag(self) -> Option<u32> {
        match self {
            Self::Tlv(tag) | Self::Padded(tag, _) => Some(tag),
            Self::Bytes(_) | Self::Record => None,
        }
    }
}

/// What a file tells about its holder; the tracer and the recorder go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// The same on many cards.
    Public,
    /// Tells holders or cards apart.
    Personal,
}

/// An elementary file.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// File identifier.
    pub id: u16,
    /// English name, unique in the application.
    pub name: &'static str,
    /// Japanese name.
    pub name_ja: &'static str,
    /// How much of it there is.
    pub content: Content,
    /// What opens it.
    pub read: Access,
    /// What it tells.
    pub privacy: Privacy,
    /// Who says so.
    pub evidence: Evidence,
}

impl File {
    /// A row of a table, in the order of the fields.
    #[must_use]
    pub const fn row(
        id: u16,
        name: &'static str,
        name_ja: &'static str,
        content: Content,
        read: Access,
        privacy: Privacy,
        evidence: Evidence,
    ) -> Self {
        Self { id, name, name_ja, content, read, privacy, evidence }
    }
}

/// A secret's reference.
#[derive(Debug, PartialEq, Eq)]
pub struct Pin {
    /// File identifier of the reference.
    pub id: u16,
    /// Which secret.
    pub kind: SecretKind,
    /// Tries on a fresh card.
    pub tries: u8,
    /// Who says so.
    pub evidence: Evidence,
}

impl Pin {
    /// A row of a table, in the order of the fields.
    #[must_use]
    pub const fn row(id: u16, kind: SecretKind, tries: u8, evidence: Evidence) -> Self {
        Self { id, kind, tries, evidence }
    }
}

/// A private key's reference.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// File identifier of the reference.
    pub id: u16,
    /// English name.
    pub name: &'static str,
    /// Japanese name.
    pub name_ja: &'static str,
    /// What opens it.
    pub usage: Access,
    /// How the card is asked to use it.
    pub operation: Operation,
    /// Who says so.
    pub evidence: Evidence,
}

impl Key {
    /// A row of a table, in the order of the fields.
    #[must_use]
    pub const fn row(
        id: u16,
        name: &'static str,
        name_ja: &'static str,
        usage: Access,
        operation: Operation,
        evidence: Evidence,
    ) -> Self {
        Self { id, name, name_ja, usage, operation, evidence }
    }
}

/// The command that uses a key. All keys are RSA-2048, PKCS#1 v1.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `80 2A 00 kk`: the key is selected or named by its short id.
    Sign,
    /// `80 2A 00 00`: the application's default key.
    SignDefault,
    /// `00 88 00 kk`.
    InternalAuthenticate,
}

/// A data object outside any file, read by GET DATA.
#[derive(Debug, PartialEq, Eq)]
pub struct DataObject {
    /// Tag, in P1-P2.
    pub tag: u16,
    /// English name.
    pub name: &'static str,
    /// Japanese name.
    pub name_ja: &'static str,
    /// What it tells.
    pub privacy: Privacy,
    /// Who says so.
    pub evidence: Evidence,
}

impl DataObject {
    /// A row of a table, in the order of the fields.
    #[must_use]
    pub const fn row(
        tag: u16,
        name: &'static str,
        name_ja: &'static str,
        privacy: Privacy,
        evidence: Evidence,
    ) -> Self {
        Self { tag, name, name_ja, privacy, evidence }
    }
}

/// A card application.
#[derive(Debug, PartialEq, Eq)]
pub struct Application {
    /// One word: `jpki`.
    pub name: &'static str,
    /// What it is called in English.
    pub title: &'static str,
    /// The official Japanese name.
    pub title_ja: &'static str,
    /// Application identifier.
    pub aid: &'static [u8],
    /// Its files.
    pub files: &'static [&'static File],
    /// Its secrets.
    pub pins: &'static [&'static Pin],
    /// Its keys.
    pub keys: &'static [&'static Key],
    /// Its data objects.
    pub objects: &'static [&'static DataObject],
    /// Who says so.
    pub evidence: Evidence,
}

/// What an application says of itself in its information file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Information {
    /// Version of the application's specification (Measured: 06 surface, 01 text).
    pub version: u8,
    /// The capability byte for extended length (Measured: 03 on every card seen; 00 is taken as "none").
    pub extended: u8,
}

/// The short EF identifier of a file: the low five bits, as every file of this card has 0001–001E.
#[must_use]
pub const fn short_id(id: u16) -> u8 {
    (id & 0x1F) as u8
}

impl Application {
    /// The reference of a secret, if this application has it.
    #[must_use]
    pub fn pin(&self, kind: SecretKind) -> Option<&'static Pin> {
        self.pins.iter().copied().find(|pin| pin.kind == kind)
    }

    /// The file with this id, if this application has it.
    #[must_use]
    pub fn file(&self, id: u16) -> Option<&'static File> {
        self.files.iter().copied().find(|file| file.id == id)
    }

    /// The key with this id, if this application has it.
    #[must_use]
    pub fn key(&self, id: u16) -> Option<&'static Key> {
        self.keys.iter().copied().find(|key| key.id == id)
    }

    /// What a file id names here, whatever it is.
    #[must_use]
    pub fn name_of(&self, id: u16) -> Option<&'static str> {
        let file = self.file(id).map(|file| file.name);
        let key = || self.key(id).map(|key| key.name);
        let pin = || self.pins.iter().find(|pin| pin.id == id).map(|pin| pin.kind.name());
        file.or_else(key).or_else(pin)
    }

    /// Stops the build when a table contradicts itself: an AID of a wrong length, an id outside 0001–001E or used twice, a
    /// file or key that is opened by a secret which the application does not have.
    pub const fn checked(self) -> Self {
        assert!(5 <= self.aid.len() && self.aid.len() <= 16, "an AID has 5 to 16 bytes");
        let mut used = 0_u32;
        let mut i = 0;
        while i < self.files.len() {
            used = claim(used, self.files[i].id);
            self.opened_here(self.files[i].read);
            i += 1;
        }
        i = 0;
        while i < self.pins.len() {
            used = claim(used, self.pins[i].id);
            i += 1;
        }
        i = 0;
        while i < self.keys.len() {
            used = claim(used, self.keys[i].id);
            self.opened_here(self.keys[i].usage);
            i += 1;
        }
        self
    }

    const fn opened_here(&self, access: Access) {
        let kinds = access.kinds();
        let mut i = 0;
        while i < kinds.len() {
            let mut found = false;
            let mut p = 0;
            while p < self.pins.len() {
                found |= self.pins[p].kind as u8 == kinds[i] as u8;
                p += 1;
            }
            assert!(found, "opened by a secret that this application does not have");
            i += 1;
        }
    }
}

const fn claim(used: u32, id: u16) -> u32 {
    assert!(id >= 1 && id <= 0x1E, "ids are 0001 to 001E, so that each has a short id");
    assert!(used & 1 << id == 0, "an id is used twice");
    used | 1 << id
}
