//! 基本4情報 in a signing certificate: six otherName entries of subjectAltName, 1.2.392.200149.8.5.5.1 to .6.

use crate::certificate::CertificateError;
use crate::glance::Glance;
use crate::strict::other_name;
use der::asn1::{AnyRef, ObjectIdentifier, Utf8StringRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use std::fmt;
use zeroize::Zeroizing;

/// subjectAltName.
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
/// The arc of the holder's attributes. Measured on test certificates, confirmed by several readers of real ones.
const ATTRIBUTES: &str = "1.2.392.200149.8.5.5.";

/// Who the holder is, as the certificate says. Not a word of it is shown by `Debug`, and it is wiped when it goes.
pub struct Holder {
    name: Zeroizing<String>,
    name_substitutes: Zeroizing<String>,
    address: Zeroizing<String>,
    address_substitutes: Zeroizing<String>,
    birth: Zeroizing<String>,
    sex: Sex,
    other: Vec<(ObjectIdentifier, Other)>,
}

/// Kept of an entry that this version does not know.
enum Other {
    Text(Zeroizing<String>),
    Der(Zeroizing<Vec<u8>>),
}

/// 性別 (JIS X 0303).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 1
    Male,
    /// 2
    Female,
    /// 9
    NotApplicable,
    /// 0, or another character.
    Unknown,
}

/// 元号: the first digit of the birth date.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// 1 明治. Inferred.
    Meiji,
    /// 2 大正. Inferred.
    Taisho,
    /// 3 昭和. Measured.
    Showa,
    /// 4 平成. Measured.
    Heisei,
    /// 5 令和. Measured.
    Reiwa,
    /// Another digit.
    Other(char),
}

/// 生年月日.
pub struct BirthDate<'h> {
    /// The era that the certificate names. The year beside it is Gregorian all the same.
    pub era: Era,
    /// `YYYYMMDD`, Gregorian; parts that are not known are `00` or `0000`.
    pub day: &'h str,
}

/// The otherName entries of GeneralNames, borrowed; entries of other kinds say nothing about a holder.
fn other_names(names: &[u8]) -> der::Result<Vec<(ObjectIdentifier, AnyRef<'_>)>> {
    let mut found = Vec::new();
    let mut file = SliceReader::new(names)?;
    file.sequence(|names| {
        while !names.is_finished() {
            let name = AnyRef::decode(names)?;
            if name.tag() == (Tag::ContextSpecific { constructed: true, number: TagNumber::N0 }) {
                found.push(other_name(name.value())?);
            }
        }
        Ok(())
    })?;
    file.finish(found)
}

/// A value of an otherName that this version does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OtherValue<'h> {
    /// A UTF8String.
    Text(&'h str),
    /// Anything else, DER.
    Der(&'h [u8]),
}

impl Holder {
    pub(crate) fn of(certificate: &Glance<'_>) -> Result<Self, CertificateError> {
        let names = certificate.extension(SUBJECT_ALT_NAME).ok_or(CertificateError::NoHolder)?;
        // Who is named twice is not named.
        if certificate.extensions().filter(|extension| extension.id == SUBJECT_ALT_NAME).count() != 1 {
            return Err(CertificateError::NoHolder);
        }
        let mut known: [Option<Zeroizing<String>>; 6] = Default::default();
        let mut other = Vec::new();
        for (id, value) in other_names(names.value).map_err(|_| CertificateError::Unreadable)? {
            let number = id.to_string().strip_prefix(ATTRIBUTES).and_then(|n| n.parse::<usize>().ok());
            let text = value.decode_as::<Utf8StringRef<'_>>().map(|text| Zeroizing::new(text.as_str().to_owned()));
            match (number.and_then(|n| known.get_mut(n.checked_sub(1)?)), text) {
                (Some(slot @ None), Ok(text)) => *slot = Some(text),
                // A second name is somebody's trick, whichever would be taken.
                (Some(_), _) => return Err(CertificateError::NoHolder),
                (None, Ok(text)) => other.push((id, Other::Text(text))),
                (None, Err(_)) => {
                    let der = value.to_der().map_err(|_| CertificateError::Unreadable)?;
                    other.push((id, Other::Der(Zeroizing::new(der))));
                }
            }
        }
        let [name, name_substitutes, sex, birth, address, address_substitutes] =
            known.map(|text| text.ok_or(CertificateError::NoHolder));
        let birth = birth?;
        let digits = birth.len() == 9 && birth.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return Err(CertificateError::NoHolder);
        }
        let sex = match sex?.as_str() {
            "1" => Sex::Male,
            "2" => Sex::Female,
            "9" => Sex::NotApplicable,
            _ => Sex::Unknown,
        };
        Ok(Self {
            name: name?,
            name_substitutes: name_substitutes?,
            address: address?,
            address_substitutes: address_substitutes?,
            birth,
            sex,
            other,
        })
    }

    /// 氏名; parts are separated by U+3000.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 住所.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// 生年月日.
    #[must_use]
    pub fn birth(&self) -> BirthDate<'_> {
        let (era, day) = self.birth.split_at(1);
        let era = match era.chars().next() {
            Some('1') => Era::Meiji,
            Some('2') => Era::Taisho,
            Some('3') => Era::Showa,
            Some('4') => Era::Heisei,
            Some('5') => Era::Reiwa,
            other => Era::Other(other.unwrap_or('0')),
        };
        BirthDate { era, day }
    }

    /// 性別.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Each character of the name, and whether it stands for one that the certificate's characters cannot write
    /// (氏名代替文字の使用位置情報). `None` where the card's flags do not match the name in length.
    #[must_use]
    pub fn name_characters(&self) -> Option<Vec<(char, bool)>> {
        flagged(&self.name, &self.name_substitutes)
    }

    /// The same of the address.
    #[must_use]
    pub fn address_characters(&self) -> Option<Vec<(char, bool)>> {
        flagged(&self.address, &self.address_substitutes)
    }

    /// Entries that this version does not know, such as a reading or a former name. Official: profile 3.2 may add
    /// some; which identifiers they have is not published where this was written.
    pub fn other(&self) -> impl Iterator<Item = (&ObjectIdentifier, OtherValue<'_>)> {
        self.other.iter().map(|(id, value)| match value {
            Other::Text(text) => (id, OtherValue::Text(text)),
            Other::Der(der) => (id, OtherValue::Der(der)),
        })
    }
}

/// `0` as registered; anything else a substitute. Measured: one flag a character, U+3000 included.
fn flagged(text: &str, flags: &str) -> Option<Vec<(char, bool)>> {
    (text.chars().count() == flags.chars().count())
        .then(|| text.chars().zip(flags.chars().map(|flag| flag != '0')).collect())
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder(…)")
    }
}
