//! Tokens with a message: only the message that the card signed is believed.
#![no_main]

use kazasu_fuzz::{AUTHENTICATION, everything, today};
use kazasu_pki::jws::verify;
use kazasu_pki::revocation::NotAsked;
use libfuzzer_sys::fuzz_target;

/// What the seed says.
const MESSAGE: &[u8] = br#"{"nonce":"4f2a"}"#;

fuzz_target!(|token: &str| {
    if let Ok(looked) = verify(token, &AUTHENTICATION.anchors, today(), &NotAsked)
        && everything(&looked.findings)
    {
        assert_eq!(looked.payload, MESSAGE);
    }
});
