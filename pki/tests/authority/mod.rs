//! A test PKI of our own that can issue what no authority would: certificates are taken apart to their fields, changed, and signed
//! again with the keys of the demonstration cards' authorities, which come out of their seeds.
#![allow(dead_code, reason = "each test program uses a part")]

use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use kazasu_fixtures::Persona;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rsa::pkcs1::EncodeRsaPublicKey as _;
use rsa::pkcs8::EncodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::{Digest as _, Sha256, Sha384};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 2026-11-20T00:00:00Z.
pub(crate) fn today() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_132_800)
}

// ---- keys

static KEYS: LazyLock<Mutex<HashMap<String, &'static RsaPrivateKey>>> = LazyLock::new(Mutex::default);

/// The RSA key of this name, made once a program. `ca/sign-ca-2` and its kin are the authorities of the demonstration cards.
pub(crate) fn key(name: &str) -> &'static RsaPrivateKey {
    made(name, 2_048, 65_537)
}

pub(crate) fn made(name: &str, bits: usize, exponent: u32) -> &'static RsaPrivateKey {
    let mut keys = KEYS.lock().expect("keys");
    keys.entry(format!("{name} {bits} {exponent}")).or_insert_with(|| {
        // The forge's own way, so that its authorities' keys come out.
        let seed = Sha256::digest(format!("kazasu-forge 1 {name}"));
        let mut random = ChaCha20Rng::from_seed(seed.into());
        let key = RsaPrivateKey::new_with_exp(&mut random, bits, &BigUint::from(exponent)).expect("a key");
        Box::leak(Box::new(key))
    })
}

/// SubjectPublicKeyInfo, DER.
pub(crate) fn spki(key: &RsaPrivateKey) -> Vec<u8> {
    key.to_public_key().to_public_key_der().expect("a key").into_vec()
}

/// SubjectPublicKeyInfo of any two numbers, also of those that no library makes a key of.
pub(crate) fn spki_of(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let pkcs1 = sequence(&[integer(modulus), integer(exponent)]);
    sequence(&[algorithm("1.2.840.113549.1.1.1"), bit_string(&pkcs1)])
}

pub(crate) fn modulus(key: &RsaPrivateKey) -> Vec<u8> {
    key.n().to_bytes_be()
}

pub(crate) fn pkcs1(key: &RsaPrivateKey) -> Vec<u8> {
    key.to_public_key().to_pkcs1_der().expect("a key").into_vec()
}

pub(crate) fn p384_spki() -> Vec<u8> {
    let key = p384::ecdsa::SigningKey::from_slice(&[7; 48]).expect("a key");
    p384::ecdsa::VerifyingKey::from(&key).to_public_key_der().expect("a key").into_vec()
}

// ---- DER, of anything

pub(crate) fn tlv(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    match body.len() {
        short @ 0..0x80 => out.push(u8::try_from(short).expect("a length")),
        long => {
            let bytes = long.to_be_bytes();
            let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            out.push(0x80 | u8::try_from(bytes.len()).expect("a length"));
            out.extend(bytes);
        }
    }
    out.extend(body);
    out
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, parts)
}

pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    der::asn1::Uint::new(magnitude).expect("a number").to_der().expect("DER")
}

pub(crate) fn oid(id: &str) -> Vec<u8> {
    ObjectIdentifier::new(id).expect("an identifier").to_der().expect("DER")
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[vec![0], bytes.to_vec()])
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0C, &[text.as_bytes().to_vec()])
}

/// AlgorithmIdentifier with NULL.
pub(crate) fn algorithm(id: &str) -> Vec<u8> {
    sequence(&[oid(id), vec![5, 0]])
}

pub(crate) fn utc(text: &str) -> Vec<u8> {
    tlv(0x17, &[text.as_bytes().to_vec()])
}

pub(crate) fn generalized(text: &str) -> Vec<u8> {
    tlv(0x18, &[text.as_bytes().to_vec()])
}

pub(crate) const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";

// ---- certificates

/// An extension: its identifier, whether it is critical, its value.
#[derive(Clone)]
pub(crate) struct Ext {
    pub(crate) id: String,
    pub(crate) critical: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

/// BOOLEAN TRUE; what stands for FALSE is nothing.
pub(crate) const CRITICAL: [u8; 3] = [1, 1, 0xFF];

/// A certificate's fields, each as DER.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) algorithm_inside: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    /// Between key and extensions.
    pub(crate) unique_ids: Vec<u8>,
    pub(crate) extensions: Vec<Ext>,
    pub(crate) algorithm: Vec<u8>,
}

impl Draft {
    pub(crate) fn of(der: &[u8]) -> Self {
        let certificate = x509_cert::Certificate::from_der(der).expect("a certificate");
        let tbs = &certificate.tbs_certificate;
        let extensions = tbs.extensions.iter().flatten().map(|extension| Ext {
            id: extension.extn_id.to_string(),
            critical: if extension.critical { CRITICAL.to_vec() } else { Vec::new() },
            value: extension.extn_value.as_bytes().to_vec(),
        });
        Self {
            version: vec![0xA0, 3, 2, 1, 2],
            serial: tbs.serial_number.to_der().expect("DER"),
            algorithm_inside: tbs.signature.to_der().expect("DER"),
            issuer: tbs.issuer.to_der().expect("DER"),
            not_before: tbs.validity.not_before.to_der().expect("DER"),
            not_after: tbs.validity.not_after.to_der().expect("DER"),
            subject: tbs.subject.to_der().expect("DER"),
            spki: tbs.subject_public_key_info.to_der().expect("DER"),
            unique_ids: Vec::new(),
            extensions: extensions.collect(),
            algorithm: certificate.signature_algorithm.to_der().expect("DER"),
        }
    }

    pub(crate) fn ext(&mut self, id: &str) -> &mut Ext {
        self.extensions.iter_mut().find(|extension| extension.id == id).expect("the extension")
    }

    pub(crate) fn without(&mut self, id: &str) {
        self.ext(id);
        self.extensions.retain(|extension| extension.id != id);
    }

    pub(crate) fn add(&mut self, id: &str, critical: bool, value: Vec<u8>) {
        let critical = if critical { CRITICAL.to_vec() } else { Vec::new() };
        self.extensions.push(Ext { id: id.to_owned(), critical, value });
    }

    pub(crate) fn both_algorithms(&mut self, algorithm: Vec<u8>) {
        self.algorithm.clone_from(&algorithm);
        self.algorithm_inside = algorithm;
    }

    pub(crate) fn tbs(&self) -> Vec<u8> {
        let extensions = self.extensions.iter().map(|extension| {
            sequence(&[oid(&extension.id), extension.critical.clone(), tlv(4, std::slice::from_ref(&extension.value))])
        });
        let extensions: Vec<_> = extensions.collect();
        let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0xA3, &[sequence(&extensions)]) };
        sequence(&[
            self.version.clone(),
            self.serial.clone(),
            self.algorithm_inside.clone(),
            self.issuer.clone(),
            sequence(&[self.not_before.clone(), self.not_after.clone()]),
            self.subject.clone(),
            self.spki.clone(),
            self.unique_ids.clone(),
            extensions,
        ])
    }

    /// Signed in the usual way.
    pub(crate) fn signed_by(&self, key: &RsaPrivateKey) -> Vec<u8> {
        self.with_signature(&How::Sha256.sign(key, &self.tbs()))
    }

    pub(crate) fn with_signature(&self, signature: &[u8]) -> Vec<u8> {
        sequence(&[self.tbs(), self.algorithm.clone(), bit_string(signature)])
    }
}

/// Certificate of these changed bytes of the signed part.
pub(crate) fn signed(tbs: &[u8], key: &RsaPrivateKey) -> Vec<u8> {
    sequence(&[tbs.to_vec(), algorithm(SHA256_WITH_RSA), bit_string(&How::Sha256.sign(key, tbs))])
}

/// Ways to make a signature.
#[derive(Clone, Copy)]
pub(crate) enum How {
    Sha256,
    Sha384,
    Sha1,
    Pss,
    /// The digest without its DigestInfo.
    Bare,
}

impl How {
    pub(crate) fn sign(self, key: &RsaPrivateKey, message: &[u8]) -> Vec<u8> {
        let signature = match self {
            Self::Sha256 => key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)),
            Self::Sha384 => key.sign(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message)),
            Self::Sha1 => key.sign(Pkcs1v15Sign::new::<sha1::Sha1>(), &sha1::Sha1::digest(message)),
            Self::Pss => {
                let mut random = ChaCha20Rng::from_seed([9; 32]);
                key.sign_with_rng(&mut random, Pss::new::<Sha256>(), &Sha256::digest(message))
            }
            Self::Bare => key.sign(Pkcs1v15Sign::new_unprefixed(), &Sha256::digest(message)),
        };
        signature.expect("a signature")
    }
}

/// The adult's certificate in this file of the JPKI application: 0001 for signing, 000A for user authentication.
pub(crate) fn card(file: u16) -> Vec<u8> {
    Persona::named("adult").expect("a persona").file("jpki", file).expect("a certificate")
}

/// `sign-ca-1` and its kin, DER.
pub(crate) fn authority(name: &str) -> Vec<u8> {
    use der::DecodePem as _;
    let pem = std::fs::read(format!("{}/../fixtures/cards/pki/{name}.pem", env!("CARGO_MANIFEST_DIR")));
    x509_cert::Certificate::from_pem(pem.expect("an authority"))
        .and_then(|found| found.to_der())
        .expect("a certificate")
}

/// The parts of one constructed value, each with its header.
pub(crate) fn parts(der: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = SliceReader::new(der).expect("DER");
    let header = der::Header::decode(&mut reader).expect("DER");
    let mut inside = SliceReader::new(reader.read_slice(header.length).expect("DER")).expect("DER");
    let mut parts = Vec::new();
    while !inside.is_finished() {
        parts.push(inside.tlv_bytes().expect("DER").to_vec());
    }
    parts
}
