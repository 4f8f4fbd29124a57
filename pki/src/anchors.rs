//! The authorities that are believed: known by fingerprint and key identifier, never by name, and one set a purpose.

use crate::certificate::{CertificateError, LONGEST_CERTIFICATE};
use crate::glance::Glance;
use crate::purpose::Purpose;
use der::Decode as _;
use sha2::{Digest as _, Sha256};
use std::marker::PhantomData;
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

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
}

impl From<CertificateError> for AnchorError {
    fn from(_: CertificateError) -> Self {
        Self::Unreadable
    }
}

struct Anchor {
    key_id: Vec<u8>,
    /// `None` for a pin whose certificate was not handed in.
    certificate: Option<Vec<u8>>,
}

/// The authorities believed for one purpose.
pub struct Anchors<P> {
    anchors: Vec<Anchor>,
    test: bool,
    purpose: PhantomData<fn() -> P>,
}

/// What is known of an issuer.
pub(crate) enum Issuer<'a> {
    Known(&'a [u8]),
    OnlyPinned,
    Unknown,
}

impl<P: Purpose> Anchors<P> {
    /// The three of J-LIS. Their certificates are public but not in here: [`Anchors::admit`] takes them.
    #[must_use]
    pub fn production() -> Self {
        let anchors = P::PINS.iter().map(|pin| Anchor { key_id: pin.key_id.to_vec(), certificate: None }).collect();
        Self { anchors, test: false, purpose: PhantomData }
    }

    /// Only these, and every result is stamped as a test's. Never in an app that meets real cards.
    ///
    /// # Errors
    /// [`AnchorError::Unreadable`].
    pub fn test_only(authorities: &[&[u8]]) -> Result<Self, AnchorError> {
        let anchors: Result<_, _> = authorities
            .iter()
            .map(|der| Ok(Anchor { key_id: key_id(der)?, certificate: Some(der.to_vec()) }))
            .collect();
        anchors.map(|anchors| Self { anchors, test: true, purpose: PhantomData })
    }

    /// Takes an authority's certificate, from the card (EF 0002, EF 000B) or from a file of J-LIS's, if it is a pinned one.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn admit(&mut self, der: &[u8]) -> Result<(), AnchorError> {
        let id = key_id(der)?;
        let fingerprint: [u8; 32] = Sha256::digest(der).into();
        let pinned = P::PINS.iter().any(|pin| pin.fingerprint == fingerprint && pin.key_id[..] == id[..]);
        let anchor = self.anchors.iter_mut().find(|anchor| anchor.key_id == id).filter(|_| pinned && !self.test);
        anchor.ok_or(AnchorError::NotPinned)?.certificate = Some(der.to_vec());
        Ok(())
    }

    pub(crate) fn is_test(&self) -> bool {
        self.test
    }

    pub(crate) fn issuer(&self, key_id: &[u8]) -> Issuer<'_> {
        match self.anchors.iter().find(|anchor| anchor.key_id == key_id) {
            Some(Anchor { certificate: Some(der), .. }) => Issuer::Known(der),
            Some(_) => Issuer::OnlyPinned,
            None => Issuer::Unknown,
        }
    }
}

fn key_id(der: &[u8]) -> Result<Vec<u8>, AnchorError> {
    if der.len() > LONGEST_CERTIFICATE {
        return Err(AnchorError::Unreadable);
    }
    Glance::at(der)?;
    let certificate = Certificate::from_der(der).map_err(|_| AnchorError::Unreadable)?;
    let id = certificate.tbs_certificate.get::<SubjectKeyIdentifier>().ok().flatten();
    Ok(id.ok_or(AnchorError::Unreadable)?.1.0.as_bytes().to_vec())
}
