//! Revocation lists and OCSP answers: whatever the bytes are, they say good only if the authority signed them.
#![no_main]

use kazasu_fixtures::Persona;
use kazasu_pki::crl::RevocationList;
use kazasu_pki::ocsp::OcspAnswer;
use kazasu_pki::revocation::Revocation as _;
use kazasu_pki::{RevocationStatus, TransientCertificate, UserAuthentication};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

static CARD: LazyLock<(TransientCertificate<UserAuthentication>, Vec<u8>)> = LazyLock::new(|| {
    let persona = Persona::named("adult").expect("a persona");
    let file = |id| persona.file("jpki", id).expect("a certificate");
    (TransientCertificate::new(&file(0x000A)).expect("a certificate"), file(0x000B))
});

/// The two that the authority did sign.
const SIGNED: [&[u8]; 2] = [include_bytes!("../corpus/revocation/list"), include_bytes!("../corpus/revocation/answer")];

fuzz_target!(|bytes: &[u8]| {
    let (certificate, authority) = &*CARD;
    let at = UNIX_EPOCH + Duration::from_secs(1_795_132_800);
    let list = RevocationList(bytes).status(certificate, authority, at);
    let answer = OcspAnswer { der: bytes, nonce: None }.status(certificate, authority, at);
    for status in [list, answer] {
        if !matches!(status, RevocationStatus::Unknown { .. }) {
            assert!(SIGNED.contains(&bytes), "{status:?}");
        }
    }
});
