//! Signatures in CMS written by hand, value by value, so that they can be wrong in one place.

use super::CardKey;
use der::{Decode as _, Encode as _};
use kazasu_pki::Algorithm;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;

/// A value in DER.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let mut value = vec![tag];
    match contents.len() {
        length @ ..=0x7F => value.push(length as u8),
        length @ ..=0xFF => value.extend([0x81, length as u8]),
        length @ ..=0xFFFF => value.extend([0x82, (length >> 8) as u8, length as u8]),
        length => value.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    value.extend(contents);
    value
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).expect("hexadecimal")
}

/// A signature written by hand, to be wrong in one place.
pub(crate) struct ByHand {
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) id: Vec<u8>,
    pub(crate) digest_algorithm: Vec<u8>,
    pub(crate) attributes: Vec<Vec<u8>>,
    pub(crate) signature_algorithm: Vec<u8>,
    pub(crate) content_type: Vec<u8>,
    pub(crate) unsigned: Vec<u8>,
}

pub(crate) fn content_type() -> Vec<u8> {
    hex("3018 06092A864886F70D010903 310B 06092A864886F70D010701")
}

pub(crate) fn message_digest(content: &[u8]) -> Vec<u8> {
    let digest = tlv(0x31, &[&tlv(0x04, &[&Sha256::digest(content)])]);
    tlv(0x30, &[&hex("06092A864886F70D010904"), &digest])
}

pub(crate) fn signing_certificate(certificate: &[u8]) -> Vec<u8> {
    let id = tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&tlv(0x04, &[&Sha256::digest(certificate)])])])]);
    tlv(0x30, &[&hex("060B2A864886F70D010910022F"), &tlv(0x31, &[&id])])
}

/// As older time-stamping authorities do.
pub(crate) fn signing_certificate_by_sha1(certificate: &[u8]) -> Vec<u8> {
    let id = tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&tlv(0x04, &[&sha1::Sha1::digest(certificate)])])])]);
    tlv(0x30, &[&hex("060B2A864886F70D010910020C"), &tlv(0x31, &[&id])])
}

pub(crate) fn id_of(certificate: &[u8]) -> Vec<u8> {
    let tbs = Certificate::from_der(certificate).expect("a certificate").tbs_certificate;
    tlv(0x30, &[&tbs.issuer.to_der().expect("DER"), &tbs.serial_number.to_der().expect("DER")])
}

impl ByHand {
    pub(crate) fn new(certificate: &[u8]) -> Self {
        Self {
            certificates: vec![certificate.to_vec()],
            id: id_of(certificate),
            digest_algorithm: hex("300B 0609608648016503040201"),
            attributes: vec![content_type(), message_digest(super::CONTENT), signing_certificate(certificate)],
            signature_algorithm: hex("300D 06092A864886F70D01010B 0500"),
            content_type: hex("06092A864886F70D010701"),
            unsigned: Vec::new(),
        }
    }

    pub(crate) fn info(&self, key: &CardKey) -> Vec<u8> {
        let attributes: Vec<_> = self.attributes.iter().map(Vec::as_slice).collect();
        let signature = key.sign(&Algorithm::Rs256.digest(&tlv(0x31, &attributes)));
        let (set, signature) = (tlv(0xA0, &attributes), tlv(0x04, &[&signature]));
        let version: &[u8] = if self.id[0] == 0x80 { &[2, 1, 3] } else { &[2, 1, 1] };
        let algorithms: [&[u8]; 2] = [&self.digest_algorithm, &self.signature_algorithm];
        tlv(0x30, &[version, &self.id, algorithms[0], &set, algorithms[1], &signature, &self.unsigned])
    }

    pub(crate) fn file(&self, infos: &[Vec<u8>]) -> Vec<u8> {
        self.file_with(infos, if self.id[0] == 0x80 { 3 } else { 1 }, None)
    }

    pub(crate) fn file_with(&self, infos: &[Vec<u8>], version: u8, content: Option<&[u8]>) -> Vec<u8> {
        let infos: Vec<_> = infos.iter().map(Vec::as_slice).collect();
        let certificates: Vec<_> = self.certificates.iter().map(Vec::as_slice).collect();
        let content = content.map_or(Vec::new(), |content| tlv(0xA0, &[&tlv(0x04, &[content])]));
        let signed = tlv(
            0x30,
            &[
                &[2, 1, version],
                &tlv(0x31, &[&self.digest_algorithm]),
                &tlv(0x30, &[&self.content_type, &content]),
                &tlv(0xA0, &certificates),
                &tlv(0x31, &infos),
            ],
        );
        tlv(0x30, &[&hex("06092A864886F70D010702"), &tlv(0xA0, &[&signed])])
    }

    pub(crate) fn signed(&self, key: &CardKey) -> Vec<u8> {
        self.file(&[self.info(key)])
    }
}
