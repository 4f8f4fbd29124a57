//! A certificate as a person reads it, piece by piece: no record of the bridge holds who somebody is.

use crate::believe::Authorities;
use crate::document::Key;
use crate::error::Answer;
use crate::findings::Findings;
use kazasu_pki::glance::{Glance, day_in_japan};
use kazasu_pki::holder::{Era, Holder, Sex};
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{CertificateError, Signing, TransientCertificate, UserAuthentication};
use std::iter::empty;
use std::sync::Arc;
use std::time::SystemTime;

/// A part of what a signing certificate says of its holder, UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HolderField {
    /// 氏名; parts are separated by U+3000.
    Name,
    /// 住所.
    Address,
    /// 生年月日, `YYYYMMDD`, Gregorian; parts that are not known are zeros.
    Birth,
    /// 元号: `meiji`, `taisho`, `showa`, `heisei` or `reiwa`; nothing where it is another.
    Era,
    /// 性別: `1` male, `2` female, `9` not applicable, `0` unknown.
    Sex,
    /// The characters of the name that stand for others, which the certificate cannot write. Nothing where nobody can
    /// tell.
    NameSubstitutes,
    /// The same of the address.
    AddressSubstitutes,
}

/// A certificate of a holder's, in memory for as long as it is needed and wiped when it goes.
#[derive(uniffi::Object)]
pub struct Certificate(Held);

/// By its key.
pub(crate) enum Held {
    Sign(TransientCertificate<Signing>),
    Auth(TransientCertificate<UserAuthentication>),
}

#[uniffi::export]
impl Certificate {
    /// From its DER, for the key that it is said to be of; [`Self::examine`] finds out.
    #[uniffi::constructor]
    pub fn new(der: &[u8], key: Key) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        Ok(Arc::new(Self(match key {
            Key::Sign => Held::Sign(TransientCertificate::new(der)?),
            Key::Auth => Held::Auth(TransientCertificate::new(der)?),
        })))
    }

    /// Which key's.
    pub fn key(&self) -> Answer<Key> {
        Ok(match &self.0 {
            Held::Sign(_) => Key::Sign,
            Held::Auth(_) => Key::Auth,
        })
    }

    /// What it says of its holder; nothing of one for user authentication, which does not say.
    pub fn holder(&self, field: HolderField) -> Answer<Option<Vec<u8>>> {
        let Held::Sign(certificate) = &self.0 else { return Ok(None) };
        let holder = certificate.holder()?;
        let text = match field {
            HolderField::Name => holder.name(),
            HolderField::Address => holder.address(),
            HolderField::Birth => holder.birth().day,
            HolderField::Era => match holder.birth().era {
                Era::Meiji => "meiji",
                Era::Taisho => "taisho",
                Era::Showa => "showa",
                Era::Heisei => "heisei",
                Era::Reiwa => "reiwa",
                Era::Other(_) => return Ok(None),
            },
            HolderField::Sex => match holder.sex() {
                Sex::Male => "1",
                Sex::Female => "2",
                Sex::NotApplicable => "9",
                Sex::Unknown => "0",
            },
            HolderField::NameSubstitutes => return Ok(substitutes(&holder, Holder::name_characters)),
            HolderField::AddressSubstitutes => return Ok(substitutes(&holder, Holder::address_characters)),
        };
        Ok(Some(text.as_bytes().to_vec()))
    }

    /// The first day in Japan, `YYYY-MM-DD`.
    pub fn first_day(&self) -> Answer<String> {
        Ok(day_in_japan(self.glance()?.not_before))
    }

    /// The last day in Japan, `YYYY-MM-DD`.
    pub fn last_day(&self) -> Answer<String> {
        Ok(self.glance()?.last_day())
    }

    /// Days in Japan from today to the last one: 0 on the last day itself, nothing when it is over.
    pub fn days_left(&self) -> Answer<Option<u32>> {
        let left = self.glance()?.days_left(SystemTime::now());
        Ok(left.map(|days| u32::try_from(days).unwrap_or(u32::MAX)))
    }

    /// The key's algorithm: `RS256` or `ES384`; nothing for a key that no card has.
    pub fn algorithm(&self) -> Answer<Option<String>> {
        Ok(self.glance()?.key().map(|key| key.algorithm().name().to_owned()))
    }

    /// The key's size.
    pub fn key_bits(&self) -> Answer<Option<u32>> {
        Ok(self.glance()?.key().map(|key| key.bits() as u32))
    }

    /// Under which policies it was issued: object identifiers.
    pub fn policies(&self) -> Answer<Vec<String>> {
        let policies = match &self.0 {
            Held::Sign(certificate) => certificate.policies()?,
            Held::Auth(certificate) => certificate.policies()?,
        };
        Ok(policies.iter().map(ToString::to_string).collect())
    }

    /// Which authority of J-LIS's issued it, such as `signca03`; nothing where it is none of the pinned ones.
    pub fn authority(&self, authorities: Arc<Authorities>) -> Answer<Option<String>> {
        let authority = match &self.0 {
            Held::Sign(it) => examine(it, &authorities.signing(empty())?, SystemTime::now(), &NotAsked)?.authority,
            Held::Auth(it) => {
                examine(it, &authorities.authentication(empty())?, SystemTime::now(), &NotAsked)?.authority
            }
        };
        Ok(authority.map(str::to_owned))
    }

    /// Looks at everything that can be looked at without asking its authority, as of now.
    pub fn examine(&self, authorities: Arc<Authorities>) -> Answer<Arc<Findings>> {
        let now = SystemTime::now();
        Ok(Findings::new(match &self.0 {
            Held::Sign(it) => examine(it, &authorities.signing(empty())?, now, &NotAsked)?.findings,
            Held::Auth(it) => examine(it, &authorities.authentication(empty())?, now, &NotAsked)?.findings,
        }))
    }
}

impl Certificate {
    /// The one that a signature carries.
    pub(crate) fn signing(certificate: TransientCertificate<Signing>) -> Arc<Self> {
        Arc::new(Self(Held::Sign(certificate)))
    }

    fn glance(&self) -> Result<Glance<'_>, CertificateError> {
        match &self.0 {
            Held::Sign(certificate) => certificate.glance(),
            Held::Auth(certificate) => certificate.glance(),
        }
    }
}

fn substitutes(holder: &Holder, characters: impl Fn(&Holder) -> Option<Vec<(char, bool)>>) -> Option<Vec<u8>> {
    let standing = |(it, stands): (char, bool)| stands.then_some(it);
    characters(holder).map(|all| all.into_iter().filter_map(standing).collect::<String>().into_bytes())
}
