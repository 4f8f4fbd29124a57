//! What came of an operation. It stays here until the host asks for it piece by piece, so that no record of the bridge
//! holds it.

use kazasu_core::plan::Part;
use kazasu_core::{CardKind, Counter};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What is in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FoundCard {
    /// 個人番号カード.
    MyNumber,
    /// 住民基本台帳カード.
    Juki,
    /// スマホ用電子証明書 on Android.
    AndroidToken,
    /// スマホ用電子証明書 on an iPhone.
    IphoneToken,
    /// Another card.
    Other,
}

/// Tries left of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TriesLeft {
    /// So many; never 0.
    Left {
        /// How many.
        tries: u8,
    },
    /// None.
    Blocked,
    /// The card did not tell.
    Unknown,
}

/// Which certificates a card carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct CertificatesPresent {
    /// 署名用電子証明書; holders under 15 have none.
    pub sign: bool,
    /// 利用者証明用電子証明書.
    pub auth: bool,
}

/// A part of an item's result, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, uniffi::Enum)]
pub enum Field {
    /// The DER of a certificate, the signature, the 12 digits of the My Number, or the record: of items that have one
    /// part.
    Value,
    /// 氏名, UTF-8.
    Name,
    /// 住所, UTF-8.
    Address,
    /// 生年月日, `YYYYMMDD`.
    Birth,
    /// 性別: `1` male, `2` female, `9` not applicable, `0` unknown.
    Sex,
    /// The attributes', the card face's or the birth date's file, for a later verifier.
    Record,
    /// `YYYYMMDD`.
    Expiry,
    /// The photo, JPEG 2000.
    Photo,
    /// The name as printed, PNG.
    NameImage,
    /// The address as printed, PNG.
    AddressImage,
    /// The security code as printed, PNG.
    SecurityCodeImage,
    /// The card's serial number.
    Serial,
    /// The municipality's code.
    Municipality,
}

/// Results by the index of what was wanted.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) fields: BTreeMap<(u32, Field), Zeroizing<Vec<u8>>>,
    pub(crate) card: Option<FoundCard>,
    pub(crate) present: Option<CertificatesPresent>,
    pub(crate) tries: BTreeMap<u32, TriesLeft>,
}

impl Results {
    /// How many wants have come to something.
    pub(crate) fn items(&self) -> u32 {
        let mut wants: Vec<u32> = self.fields.keys().map(|(want, _)| *want).chain(self.tries.keys().copied()).collect();
        wants.sort_unstable();
        wants.dedup();
        wants.len() as u32 + u32::from(self.card.is_some()) + u32::from(self.present.is_some())
    }

    pub(crate) fn keep(&mut self, at: usize, part: Part<'_>) {
        let at = at as u32;
        let mut put = |field, bytes: &[u8]| {
            self.fields.insert((at, field), Zeroizing::new(bytes.to_vec()));
        };
        match part {
            Part::CardKind(kind) => {
                self.card = Some(match kind {
                    CardKind::MyNumber => FoundCard::MyNumber,
                    CardKind::Juki => FoundCard::Juki,
                    CardKind::AndroidToken => FoundCard::AndroidToken,
                    CardKind::IphoneToken => FoundCard::IphoneToken,
                    _ => FoundCard::Other,
                });
            }
            Part::CertificatesPresent(present) => {
                self.present = Some(CertificatesPresent { sign: present.sign, auth: present.auth });
            }
            Part::Tries(counter) => {
                self.tries.insert(
                    at,
                    match counter {
                        Counter::Left(tries) => TriesLeft::Left { tries },
                        Counter::Blocked => TriesLeft::Blocked,
                        Counter::Unknown => TriesLeft::Unknown,
                    },
                );
            }
            Part::CardRecord(record) => {
                put(Field::Serial, record.serial().as_bytes());
                put(Field::Municipality, record.municipality().as_bytes());
                put(Field::Expiry, record.expiry().as_bytes());
            }
            Part::Certificate(der) => put(Field::Value, der),
            Part::Signature(signature) => put(Field::Value, &signature.0),
            Part::MyNumber(number) => put(Field::Value, number.digits().as_bytes()),
            Part::Attributes(attributes) => {
                put(Field::Name, attributes.name.as_bytes());
                put(Field::Address, attributes.address.as_bytes());
                put(Field::Birth, attributes.birth.as_bytes());
                put(Field::Sex, attributes.sex.as_bytes());
                put(Field::Record, attributes.record);
            }
            Part::Face(face) => {
                put(Field::Birth, face.birth.as_bytes());
                put(Field::Sex, face.sex.as_bytes());
                put(Field::Expiry, face.expiry.as_bytes());
                put(Field::Photo, face.photo);
                put(Field::NameImage, face.name_image);
                put(Field::AddressImage, face.address_image);
                put(Field::SecurityCodeImage, face.security_code_image);
                put(Field::Record, face.record);
            }
            Part::Record(record) => put(Field::Value, record),
            Part::BirthRecord(birth) => {
                put(Field::Birth, birth.birth.as_bytes());
                put(Field::Record, birth.record);
            }
        }
    }
}
