//! PDFs: whatever the bytes are, they are looked at, prepared for a signature or refused; and only what the card signed
//! is believed.
#![no_main]

use kazasu_fuzz::{everything, today, trust};
use kazasu_pki::pdf::{EarlierSignatures, Options, Pdf, Profile, authorities, verify};
use libfuzzer_sys::fuzz_target;

/// What the card signed: each is believed for the bytes around its own signatures.
const SIGNED: [&[u8]; 3] = [
    include_bytes!("../corpus/pdf/once"),
    include_bytes!("../corpus/pdf/twice"),
    include_bytes!("../corpus/pdf/streams"),
];

fuzz_target!(|bytes: &[u8]| {
    if let Ok(verified) = verify(bytes, &trust()) {
        for signature in verified.signatures.iter().filter(|signature| everything(&signature.findings)) {
            let ranges = signature.ranges.as_ref().expect("what is believed has ranges");
            let same = |of: &[u8]| ranges.signed.iter().all(|range| of.get(range.clone()) == bytes.get(range.clone()));
            assert!(SIGNED.iter().any(|of| same(of)), "believed, and nobody signed it");
        }
    }
    let _ = authorities(bytes);
    let options = Options { profile: Profile::Registry, at: today(), authorities: &[], timestamp: false };
    let mut opened =
        [EarlierSignatures::MustHold, EarlierSignatures::MayFail].map(|earlier| Pdf::open(bytes.to_vec(), earlier));
    assert!(opened[0].is_err() || opened[1].is_ok(), "refused where more is let in");
    for pdf in opened.iter_mut().flatten() {
        let _ = pdf.rehearse(&options);
    }
});
