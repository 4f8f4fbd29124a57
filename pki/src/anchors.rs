//! The authorities that are believed: known by fingerprint and key identifier, never by name, and one set a purpose.

use crate::authority::Authority;
use crate::purpose::Purpose;
use sha2::{Digest as _, Sha256};
use std::marker::PhantomData;
use thiserror::Error;

/// One authority of J-LIS (地方公共団体情報システム機構), without its certificate: that comes from the card or a file and must match.
pub struct Pin {
    /// The name of its file at J-LIS.
    pub name: &'static str,
    /// SHA-256 of its certificate in DER.
    pub fingerprint: [u8; 32],
    /// Its subjectKeyIdentifier.
    pub key_id: [u8; 20],
}

/// Makes the bytes of a hexadecimal literal.
pub(crate) const fn hex<const N: usize>(text: &str) -> [u8; N] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'F' => byte - b'A' + 10,
            _ => panic!("not a digit"),
        }
    }
    let text = text.as_bytes();
    assert!(text.len() == 2 * N);
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = digit(text[2 * i]) << 4 | digit(text[2 * i + 1]);
        i += 1;
    }
    bytes
}

const fn pin(name: &'static str, fingerprint: &str, key_id: &str) -> Pin {
    Pin { name, fingerprint: hex(fingerprint), key_id: hex(key_id) }
}

// Official files of J-LIS, byte-identical in two or three public repositories; authca02 in one only (Measured).
// The first generation ended on 2025-10-19 and stays for what was signed before.

/// 署名用認証局.
pub(crate) static SIGNING: [Pin; 3] = [
    pin(
        "signca01",
        "19645405A1FE14377434BD55957628AC4038557C542403A2243F21C706FC9355",
        "0D034CBB34D0714F45E45A1CAFD8FD143FAB54A7",
    ),
    pin(
        "signca02",
        "79679C33E4CC9319440F1AD120A597FF1844E2EF217063ADB176966FD5E6FBEB",
        "4DE017DE4B7F473DCD867A62D38B134ACE83558A",
    ),
    pin(
        "signca03",
        "D227F6CDE11D35C5252178F106F843D24651944975413B539FA2FB68DBFA365F",
        "D21EA55895617E93ADBF966B941AB4EDF653F08F",
    ),
];

/// 利用者証明用認証局.
pub(crate) static USER_AUTHENTICATION: [Pin; 3] = [
    pin(
        "authca01",
        "4DCFC4CA0AAF9FB2A3081B3F0C991C320B3ACC008667A341EEAEC5AF1D58CA7D",
        "9567951B5CA70D84A0FFF1D85A87F1AAB1340385",
    ),
    pin(
        "authca02",
        "0D98DE47FC11B7F67126874B7028B6026A803D2638D6EDFE53176953961FADE6",
        "8CD5586A891485E559379B7E29D410CFD28B3593",
    ),
    pin(
        "authca03",
        "64114F29620C24ED2631D46476A040E7EE740D956089C00B036A6A8118C322B5",
        "1AC100F596A3BC8C4B3DF195E32699249E9E308A",
    ),
];

/// An authority's certificate that is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnchorError {
    /// Not a certificate, or one without subjectKeyIdentifier.
    #[error("not the certificate of an authority")]
    Unreadable,
    /// Its fingerprint is none of the pinned ones of this purpose.
    #[error("this authority is none of those that are known for this purpose")]
    NotPinned,
    /// Another test authority claims the same key identifier.
    #[error("two test authorities claim the same key identifier")]
    Ambiguous,
}

/// The pinned authority of this purpose whose certificate this is, such as `signca03`: which of them, and so which
/// generation.
#[must_use]
pub fn pinned<P: Purpose>(der: &[u8]) -> Option<&'static Pin> {
    let fingerprint: [u8; 32] = Sha256::digest(der).into();
    P::PINS.iter().find(|pin| pin.fingerprint == fingerprint)
}

struct Anchor {
    key_id: Vec<u8>,
    /// The name of its pin; `None` for a test authority.
    name: Option<&'static str>,
    /// `None` for a pin whose certificate was not handed in.
    authority: Option<Authority>,
}

/// The authorities believed for one purpose; those of the other purpose are another type.
///
/// ```compile_fail,E0308
/// # use kazasu_pki::{Anchors, Signing, TransientCertificate, UserAuthentication, path, revocation::NotAsked};
/// # fn f(certificate: &TransientCertificate<Signing>, at: std::time::SystemTime) {
/// let anchors: Anchors<UserAuthentication> = Anchors::production();
/// let _ = path::examine(certificate, &anchors, at, &NotAsked);
/// # }
/// ```
/// ```
/// # use kazasu_pki::{Anchors, Signing, TransientCertificate, path, revocation::NotAsked};
/// # fn f(certificate: &TransientCertificate<Signing>, at: std::time::SystemTime) {
/// let anchors: Anchors<Signing> = Anchors::production();
/// let _ = path::examine(certificate, &anchors, at, &NotAsked);
/// # }
/// ```
pub struct Anchors<P> {
    anchors: Vec<Anchor>,
    pins: &'static [Pin],
    test: bool,
    purpose: PhantomData<fn() -> P>,
}

/// What is known of an issuer.
pub(crate) enum Issuer<'a> {
    Known(&'a Authority),
    OnlyPinned,
    Unknown,
}

impl<P: Purpose> Anchors<P> {
    /// The three of J-LIS. Their certificates are public but not in here: [`Anchors::admit`] takes them.
    #[must_use]
    pub fn production() -> Self {
        Self::pinned(P::PINS)
    }

    fn pinned(pins: &'static [Pin]) -> Self {
        let anchor = |pin: &Pin| Anchor { key_id: pin.key_id.to_vec(), name: Some(pin.name), authority: None };
        Self { anchors: pins.iter().map(anchor).collect(), pins, test: false, purpose: PhantomData }
    }

    /// Only these, and every result is stamped as a test's. Never in an app that meets real cards.
    ///
    /// # Errors
    /// [`AnchorError::Unreadable`], [`AnchorError::Ambiguous`].
    pub fn test_only(authorities: &[&[u8]]) -> Result<Self, AnchorError> {
        let mut anchors: Vec<Anchor> = Vec::new();
        for der in authorities {
            let (key_id, authority) = Authority::read(der).ok_or(AnchorError::Unreadable)?;
            if anchors.iter().any(|known| known.key_id == key_id) {
                return Err(AnchorError::Ambiguous);
            }
            anchors.push(Anchor { key_id, name: None, authority: Some(authority) });
        }
        Ok(Self { anchors, pins: &[], test: true, purpose: PhantomData })
    }

    /// Takes an authority's certificate, from the card (EF 0002, EF 000B) or from a file of J-LIS's, if it is a
    /// pinned one.
    ///
    /// # Errors
    /// [`AnchorError::Unreadable`], [`AnchorError::NotPinned`].
    pub fn admit(&mut self, der: &[u8]) -> Result<(), AnchorError> {
        let (id, authority) = Authority::read(der).ok_or(AnchorError::Unreadable)?;
        let fingerprint: [u8; 32] = Sha256::digest(der).into();
        let pinned = self.pins.iter().any(|pin| pin.fingerprint == fingerprint && pin.key_id[..] == id[..]);
        let anchor = self.anchors.iter_mut().find(|anchor| pinned && anchor.key_id == id);
        anchor.ok_or(AnchorError::NotPinned)?.authority = Some(authority);
        Ok(())
    }

    pub(crate) fn is_test(&self) -> bool {
        self.test
    }

    pub(crate) fn issuer(&self, key_id: &[u8]) -> Issuer<'_> {
        match self.anchors.iter().find(|anchor| anchor.key_id == key_id) {
            Some(Anchor { authority: Some(authority), .. }) => Issuer::Known(authority),
            Some(_) => Issuer::OnlyPinned,
            None => Issuer::Unknown,
        }
    }

    /// The pin's name, such as `signca03`: which authority of J-LIS, and so which generation.
    pub(crate) fn name(&self, key_id: &[u8]) -> Option<&'static str> {
        self.anchors.iter().find(|anchor| anchor.key_id == key_id)?.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::TransientCertificate;
    use crate::finding::{Check, Outcome, Reason, WhyNot};
    use crate::path::examine;
    use crate::purpose::Signing;
    use crate::revocation::NotAsked;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    /// The demonstration's authorities, as if they were J-LIS's.
    static PINS: [Pin; 2] = [
        pin(
            "first",
            "C669BE5F344DF91AE2A272FE500B77F41D7DCBE52C139212C09F75B35202E338",
            "18CC0D90EF9703830BAAAAE99626BCC6FF78CDDF",
        ),
        pin(
            "second",
            "0A0AA251FD388FA261636B7F47AE7141373B12FE649966F5160A7708D4CB6896",
            "580C9E0ADC33A2683F6AEC59048997CF365E8A09",
        ),
    ];

    fn file(persona: &str, id: u16) -> Vec<u8> {
        let persona = kazasu_fixtures::Persona::named(persona).expect("a persona");
        persona.file("jpki", id).expect("a certificate")
    }

    /// Whose certificate and authority are of the first generation, and ended on 2024-12-24.
    fn expired() -> (TransientCertificate<Signing>, Vec<u8>) {
        (TransientCertificate::new(&file("expired", 0x0001)).expect("a certificate"), file("expired", 0x0002))
    }

    fn year(year: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs((year - 1970) * 31_556_952)
    }

    #[test]
    fn a_pin_knows_the_issuer_and_its_certificate_makes_the_signature_checkable() {
        let (certificate, authority) = expired();
        let mut anchors = Anchors::<Signing>::pinned(&PINS);
        let before = examine(&certificate, &anchors, year(2024), &NotAsked).expect("findings");
        assert_eq!(before.findings.of(Check::Issuer), Some(Outcome::Holds));
        for check in [Check::IssuerSignature, Check::IssuerValidity, Check::IssuerCertificate] {
            let missing = Outcome::NotChecked(WhyNot::NoIssuerCertificate);
            assert_eq!(before.findings.of(check), Some(missing), "{}", check.code());
        }
        anchors.admit(&authority).expect("a pinned authority");
        let after = examine(&certificate, &anchors, year(2024), &NotAsked).expect("findings");
        for check in [Check::IssuerSignature, Check::IssuerValidity, Check::IssuerCertificate, Check::Validity] {
            assert_eq!(after.findings.of(check), Some(Outcome::Holds), "{}", check.code());
        }
        assert_eq!((before.authority, after.authority), (Some("first"), Some("first")));
        assert!(!after.findings.test());
        // What is pinned is no test: the test policy is refused.
        assert_eq!(after.findings.of(Check::Policy), Some(Outcome::Fails(Reason::Policy)));
    }

    #[test]
    fn an_authority_whose_time_is_over_still_counts_for_what_was_signed_before() {
        let (certificate, authority) = expired();
        let mut anchors = Anchors::<Signing>::pinned(&PINS);
        anchors.admit(&authority).expect("a pinned authority");
        let lines = |at| {
            let examined = examine(&certificate, &anchors, at, &NotAsked).expect("findings");
            [Check::Validity, Check::IssuerValidity, Check::IssuerSignature].map(|check| examined.findings.of(check))
        };
        let [holds, over] = [Some(Outcome::Holds), Some(Outcome::Fails(Reason::Expired))];
        assert_eq!(lines(year(2024)), [holds, holds, holds]);
        assert_eq!(lines(year(2026)), [over, holds, holds]);
        assert_eq!(lines(year(2035)), [over, over, holds]);
    }

    #[test]
    fn another_certificate_of_a_pinned_key_is_not_the_pinned_one() {
        let (_, mut authority) = expired();
        let last = authority.len() - 1;
        authority[last] ^= 1;
        assert_eq!(Anchors::<Signing>::pinned(&PINS).admit(&authority), Err(AnchorError::NotPinned));
        assert_eq!(Anchors::<Signing>::pinned(&PINS).admit(&[0x30, 0]), Err(AnchorError::Unreadable));
    }

    #[test]
    fn six_authorities_of_j_lis_are_pinned_three_for_each_purpose_and_none_for_both() {
        let all: Vec<_> = SIGNING.iter().chain(&USER_AUTHENTICATION).collect();
        let fingerprints: std::collections::BTreeSet<_> = all.iter().map(|pin| pin.fingerprint).collect();
        let key_ids: std::collections::BTreeSet<_> = all.iter().map(|pin| pin.key_id).collect();
        assert_eq!((all.len(), fingerprints.len(), key_ids.len()), (6, 6, 6));
        assert_eq!(all[2].fingerprint[..4], [0xD2, 0x27, 0xF6, 0xCD]);
        assert_eq!(all[5].key_id[16..], [0x9E, 0x9E, 0x30, 0x8A]);
    }
}
