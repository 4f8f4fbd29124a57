//! 券面事項入力補助AP: whatever its files hold.
#![no_main]

use kazasu_fixtures::evil::Operation::{
    self, Attributes, AttributesB, AuthenticationKey, Integrity, MyNumber, MyNumberA, TextInformation, TextMunicipality,
};
use libfuzzer_sys::fuzz_target;

const OPERATIONS: &[Operation] =
    &[Attributes, AttributesB, AuthenticationKey, Integrity, MyNumber, MyNumberA, TextInformation, TextMunicipality];

fuzz_target!(|input: &[u8]| kazasu_fuzz::file(OPERATIONS, input));
