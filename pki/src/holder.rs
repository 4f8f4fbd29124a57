//! 基本4情報 in a signing certificate: six otherName entries of subjectAltName, 1.2.392.200149.8.5.5.1 to .6.

use crate::certificate::CertificateError;
use der::asn1::{ObjectIdentifier, Utf8StringRef};
use std::fmt;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use zeroize::Zeroizing;

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
    other: Vec<(ObjectIdentifier, Zeroizing<Vec<u8>>)>,
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

impl Holder {
    pub(crate) fn of(certificate: &Certificate) -> Result<Self, CertificateError> {
        let names = certificate.tbs_certificate.get::<SubjectAltName>();
        let (_, SubjectAltName(names)) =
            names.map_err(|_| CertificateError::Unreadable)?.ok_or(CertificateError::NoHolder)?;
        let mut known: [Option<Zeroizing<String>>; 6] = Default::default();
        let mut other = Vec::new();
        for name in names {
            let GeneralName::OtherName(name) = name else { continue };
            let id = name.type_id.to_string();
            let slot = id.strip_prefix(ATTRIBUTES).and_then(|n| n.parse::<usize>().ok()).and_then(|n| n.checked_sub(1));
            let text = name.value.decode_as::<Utf8StringRef<'_>>().map(|text| Zeroizing::new(text.as_str().to_owned()));
            match (slot.and_then(|slot| known.get_mut(slot)), text) {
                (Some(slot @ None), Ok(text)) => *slot = Some(text),
                // The first one counts; a second one is somebody's trick.
                (Some(_), _) => return Err(CertificateError::NoHolder),
                (None, _) => other.push((name.type_id, Zeroizing::new(name.value.value().to_vec()))),
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

    /// Entries that this version does not know, such as a reading or a former name: identifier and value, as DER contents.
    pub fn other(&self) -> impl Iterator<Item = (&ObjectIdentifier, &[u8])> {
        self.other.iter().map(|(id, value)| (id, value.as_slice()))
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
