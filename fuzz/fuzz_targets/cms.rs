//! Signed files: whatever the bytes are, they are read or refused; and only what the card signed is believed.
#![no_main]

use kazasu_fuzz::{SIGNING, everything, trust};
use kazasu_pki::cms::{SignedFile, without_padding};
use libfuzzer_sys::fuzz_target;
use std::io::Write as _;

/// What the seeds are about.
const CONTENT: &[u8] = b"The content.\r\n";

fuzz_target!(|bytes: &[u8]| {
    let Some(file) = without_padding(bytes).and_then(|der| SignedFile::parse(der).ok()) else { return };
    let mut hasher = file.hasher();
    hasher.write_all(CONTENT).expect("memory");
    for signer in file.verify(Some(&hasher.finish()), &trust()) {
        if everything(&signer.findings) {
            let certificate = signer.certificate.expect("whose key made the signature");
            certificate.with_der(|der| assert_eq!(der, SIGNING.certificate));
            assert!(file.content().is_none_or(|content| content == CONTENT));
        }
    }
    let _ = file.authorities().count();
    // Without the content, nothing is said about it.
    assert!(file.content().is_some() || !file.verify(None, &trust()).iter().any(|signer| everything(&signer.findings)));
});
