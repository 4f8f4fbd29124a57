//! 共通カードAP and the card manager: whatever their files and objects hold.
#![no_main]

use kazasu_fixtures::evil::Operation::{self, CardRecord, DataObject, KeyReference};
use libfuzzer_sys::fuzz_target;

const OPERATIONS: &[Operation] = &[CardRecord, DataObject, KeyReference];

fuzz_target!(|input: &[u8]| kazasu_fuzz::file(OPERATIONS, input));
