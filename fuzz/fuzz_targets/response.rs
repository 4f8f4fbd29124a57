//! One response to each operation, for ever: status words, and lengths that were not asked for.
#![no_main]

use kazasu_core::{Capabilities, Status};
use kazasu_fixtures::evil::{Behaviour, EvilCard, Operation, run};
use kazasu_fixtures::scenario::Driver;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [operation, how, response @ ..] = input else { return };
    let operation = Operation::ALL[usize::from(*operation) % Operation::ALL.len()];
    let link = if how & 1 == 0 { Capabilities::EXTENDED } else { Capabilities::SHORT };
    let driver = if how & 2 == 0 { Driver::Blocking } else { Driver::Stepping };
    if let [.., sw1, sw2] = response {
        let status = Status(u16::from_be_bytes([*sw1, *sw2]));
        assert!(status.tries().is_none_or(|left| left <= 15 && status.0 >> 4 == 0x63C));
        assert!(status.more().is_none_or(|more| (1..=256).contains(&more) && *sw1 == 0x61));
        assert!(status.exact_le().is_none_or(|exact| (1..=256).contains(&exact) && *sw1 == 0x6C));
        assert!(!status.is_blocked() || status.tries().is_none_or(|left| left == 0));
        assert!(!status.meaning().is_empty() && status.to_string().len() == 4);
    }
    let mut card = EvilCard::new(Behaviour::Says(response.to_vec())).after(usize::from(how >> 2));
    if let Err(error) = run(&mut card, operation, driver) {
        assert!(error.number() >= 100 && !error.code().is_empty() && !error.to_string().is_empty());
    }
    let _ = run(&mut EvilCard::new(Behaviour::Says(response.to_vec())).behind(link), operation, driver);
});
