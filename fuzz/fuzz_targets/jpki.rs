//! 公的個人認証AP: whatever its files hold.
#![no_main]

use kazasu_fixtures::evil::Operation::{
    self, AuthCa, AuthCertificate, LargestFile, Present, Recognise, SignCa, SignCertificate, TinyBuffer,
};
use libfuzzer_sys::fuzz_target;

const OPERATIONS: &[Operation] =
    &[AuthCa, AuthCertificate, LargestFile, Present, Recognise, SignCa, SignCertificate, TinyBuffer];

fuzz_target!(|input: &[u8]| kazasu_fuzz::file(OPERATIONS, input));
