//! A whole conversation in which the fuzzer is the card.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kazasu_fuzz::script(input));
