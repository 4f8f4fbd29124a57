//! Scenarios and transcripts from text: the player ends, and both drivers come to the same.
#![no_main]

use kazasu_core::{Capabilities, ResponseBuf};
use kazasu_fixtures::replay::{Replay, bytes};
use kazasu_fixtures::scenario::{Driver, play};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    assert_eq!(play(text, Driver::Blocking), play(text, Driver::Stepping));
    let replay = Replay::new(text, Capabilities::EXTENDED);
    let mut lines = 0;
    while let Some(line) = replay.peek() {
        let mut buf = [0; 258];
        let mut response = ResponseBuf::new(&mut buf);
        // The command that is due is what stands there, if it is one.
        let due: Result<Vec<u8>, ()> = bytes(line.trim_start_matches('>')).collect();
        if replay.answer(&due.unwrap_or_default(), &mut response).is_err() {
            replay.pass();
        }
        let _ = replay.settled();
        lines += 1;
        assert!(lines <= text.len(), "the player does not end");
    }
});
