//! What this layer says while a secret and a person's data go through it: nothing of them, whatever fails.

use kazasu_safety::canaries::Watch;

use super::*;
use crate::error::tests::TABLE;

/// Runs the job with `script` and looks at everything that can be printed of it.
fn look(watch: &mut Watch, script: Vec<Fault>) {
    let double = Double::new(adult(), script);
    let opened = readers::wait_for_card_on(&double, None, Duration::ZERO)
        .and_then(|reader| OpenOptions::new().open_on(double.clone(), &reader));
    match opened {
        Err(error) => watch.shown(&error),
        Ok(card) => {
            let mut session = Session::new(card);
            if let Err(error) = pollster::block_on(job(&mut session)) {
                watch.shown(&error);
                watch.error(&error);
            }
            let card = session.into_transport();
            watch.debugged(&card);
            card.last_error().into_iter().for_each(|error| watch.shown(error));
            if let Err(error) = card.close() {
                watch.shown(&error);
            }
        }
    }
    wait_until_left(&double);
}

#[test]
fn no_error_and_no_debug_output_tells_what_went_through() {
    let mut watch = Watch::new(&ADULT);
    look(&mut watch, Vec::new());
    let calls = [Call::Connect, Call::Begin, Call::Status].map(|call| (call, 0));
    for place in calls.into_iter().chain((0..COMMANDS).map(|nth| (Call::Transmit, nth))) {
        for (_, code, ..) in TABLE {
            look(&mut watch, once(place.0, place.1, Does::FailAfterwards(*code)));
        }
    }
    assert_eq!(watch.hits, Vec::<String>::new());
    // Each code has words of its own, or the words of those that mean the same.
    assert!(watch.texts > 100, "{}", watch.texts);
}
