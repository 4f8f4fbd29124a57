//! The demonstration card's keys and certificates, and certificates that the test authorities would not issue.
#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod by_hand;

use der::asn1::OctetString;
use der::{Decode as _, Encode as _};
use kazasu_core::Digest;
use kazasu_fixtures::Persona;
use kazasu_forge::reissue::{Ca, Desk, Service};
use kazasu_pki::{Anchors, DigestToSign, Purpose, Signing, TransientCertificate, UserAuthentication};
use p384::ecdsa::signature::hazmat::PrehashSigner as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Sha256, Sha384, Sha512};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_cert::Certificate;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

/// What is signed in tests.
pub(crate) const CONTENT: &[u8] = b"The content.\r\n";

/// 2026-11-20.
pub(crate) fn today() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_132_800)
}

/// A purpose's files on the card and its test authority.
pub(crate) trait OnTheCard: Purpose {
    const FILE: u16;
    const KEY: u16;
    const SERVICE: Service;
    fn ca() -> &'static Ca;
}

static SIGN_CA: LazyLock<Ca> = LazyLock::new(|| Desk::default().ca(Service::Signature).expect("an authority"));
static AUTH_CA: LazyLock<Ca> = LazyLock::new(|| Desk::default().ca(Service::Authentication).expect("an authority"));

impl OnTheCard for Signing {
    const FILE: u16 = 0x01;
    const KEY: u16 = 0x1A;
    const SERVICE: Service = Service::Signature;
    fn ca() -> &'static Ca {
        &SIGN_CA
    }
}

impl OnTheCard for UserAuthentication {
    const FILE: u16 = 0x0A;
    const KEY: u16 = 0x17;
    const SERVICE: Service = Service::Authentication;
    fn ca() -> &'static Ca {
        &AUTH_CA
    }
}

pub(crate) fn adult() -> Persona {
    Persona::named("adult").expect("a persona")
}

/// Both generations of the test authorities.
pub(crate) fn anchors<P: OnTheCard>() -> Anchors<P> {
    let names = match P::SERVICE {
        Service::Signature => ["sign-ca-1", "sign-ca-2"],
        Service::Authentication => ["auth-ca-1", "auth-ca-2"],
    };
    let [first, second] = names.map(authority);
    Anchors::test_only(&[&first, &second]).expect("anchors")
}

/// A test authority's certificate in DER.
pub(crate) fn authority(name: &str) -> Vec<u8> {
    use der::DecodePem as _;
    let pem = std::fs::read(format!("{}/../fixtures/cards/pki/{name}.pem", env!("CARGO_MANIFEST_DIR")));
    Certificate::from_pem(pem.expect("an authority")).expect("a certificate").to_der().expect("DER")
}

/// A key that signs as the card does.
pub(crate) enum CardKey {
    Rsa(Box<RsaPrivateKey>),
    P384(Box<p384::ecdsa::SigningKey>),
}

impl CardKey {
    pub(crate) fn of<P: OnTheCard>() -> Self {
        let key = adult().key("jpki", P::KEY).expect("a key");
        Self::Rsa(Box::new(RsaPrivateKey::from_pkcs8_der(&key).expect("RSA")))
    }

    /// The next card's. Inferred: no such card exists yet.
    pub(crate) fn p384() -> Self {
        Self::P384(Box::new(p384::ecdsa::SigningKey::from_slice(&[0x38; 48]).expect("a scalar")))
    }

    pub(crate) fn sign(&self, what: &DigestToSign) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let (scheme, digest): (_, &[u8]) = match &what.digest {
                    Digest::Sha256(digest) => (Pkcs1v15Sign::new::<Sha256>(), digest),
                    Digest::Sha384(digest) => (Pkcs1v15Sign::new::<Sha384>(), digest),
                    Digest::Sha512(digest) => (Pkcs1v15Sign::new::<Sha512>(), digest),
                };
                key.sign(scheme, digest).expect("a signature")
            }
            Self::P384(key) => {
                let Digest::Sha384(digest) = &what.digest else { panic!("P-384 signs SHA-384") };
                let signature: p384::ecdsa::Signature = key.sign_prehash(digest).expect("a signature");
                signature.to_der().as_bytes().to_vec()
            }
        }
    }

    fn spki(&self) -> Vec<u8> {
        use rsa::pkcs8::EncodePublicKey as _;
        let spki = match self {
            Self::Rsa(key) => key.to_public_key().to_public_key_der(),
            Self::P384(key) => key.verifying_key().to_public_key_der(),
        };
        spki.expect("a public key").into_vec()
    }
}

/// The adult's certificate of this purpose, in DER.
pub(crate) fn certificate_der<P: OnTheCard>() -> Vec<u8> {
    adult().file("jpki", P::FILE).expect("a certificate")
}

pub(crate) fn certificate<P: OnTheCard>() -> TransientCertificate<P> {
    TransientCertificate::new(&certificate_der::<P>()).expect("a certificate")
}

/// The adult's certificate, changed and issued again by the second generation of its authority.
pub(crate) fn reissued<P: OnTheCard>(change: impl FnOnce(&mut x509_cert::TbsCertificate)) -> Vec<u8> {
    use der::oid::AssociatedOid as _;
    use x509_cert::ext::pkix::SubjectKeyIdentifier;
    let mut certificate = Certificate::from_der(&certificate_der::<P>()).expect("a certificate");
    let tbs = &mut certificate.tbs_certificate;
    let ca = Certificate::from_der(&P::ca().certificate).expect("a certificate").tbs_certificate;
    let (_, key_id) = ca.get::<SubjectKeyIdentifier>().expect("extensions").expect("a key identifier");
    tbs.issuer = ca.subject;
    let aki = AuthorityKeyIdentifier {
        key_identifier: Some(key_id.0),
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    for extension in tbs.extensions.iter_mut().flatten() {
        if extension.extn_id == AuthorityKeyIdentifier::OID {
            extension.extn_value = OctetString::new(aki.to_der().expect("DER")).expect("octets");
        }
    }
    change(tbs);
    let signature = kazasu_forge::reissue::sign(&P::ca().key, &tbs.to_der().expect("DER")).expect("a signature");
    certificate.signature = der::asn1::BitString::from_bytes(&signature).expect("bits");
    certificate.to_der().expect("DER")
}

/// The adult's certificate with another key in it.
pub(crate) fn with_key<P: OnTheCard>(key: &CardKey) -> TransientCertificate<P> {
    let der = reissued::<P>(|tbs| {
        tbs.subject_public_key_info = der::Decode::from_der(&key.spki()).expect("SubjectPublicKeyInfo");
    });
    TransientCertificate::new(&der).expect("a certificate")
}
