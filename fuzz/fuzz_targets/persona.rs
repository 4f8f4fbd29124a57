//! A card from the text that the forge writes, and from text that nobody wrote; then it is asked for everything.
#![no_main]

use kazasu_core::mynumber::APPLICATIONS;
use kazasu_core::{Capabilities, SecretKind, Session};
use kazasu_fixtures::evil::Operation;
use kazasu_fixtures::{Persona, Profile, SimCard};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // The first line is a comment that names the profile.
    let first = text.lines().next().unwrap_or_default();
    let profile = Profile::named(first.trim_start_matches(['#', ' ']));
    let Ok(persona) = Persona::from_toml(text) else { return };
    for kind in SecretKind::ALL {
        let _ = (persona.secrets.of(kind).len(), persona.tries(kind));
    }
    for application in APPLICATIONS {
        for id in 0..=0x1F {
            let _ = (persona.file(application.name, id), persona.key(application.name, id));
        }
    }
    let profile = Profile { delay: std::time::Duration::ZERO, ..profile.unwrap_or_default() };
    for link in [Capabilities::EXTENDED, Capabilities::SHORT] {
        let mut card = SimCard::new(&persona, profile.clone()).behind(link);
        for operation in Operation::ALL {
            let mut buf = vec![0; operation.buffer()];
            let mut session = Session::new(&mut card);
            let _ = kazasu_core::step::block_on(operation.perform(&mut session, &mut buf));
        }
    }
});
