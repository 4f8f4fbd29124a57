//! Ctrl-C, and being told to end. While a card is held nothing more is sent to it and its power is taken away, so that its keys
//! are closed for the next program; otherwise the program ends at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static CANCELLED: AtomicBool = AtomicBool::new(false);
static HELD: AtomicUsize = AtomicUsize::new(0);

/// What shells expect of a program that a signal ended.
const INTERRUPTED: i32 = 130;

/// Installs the handler. Where that cannot be done, signals end the program as they always do.
pub(crate) fn watch() {
    let _ = ctrlc::set_handler(|| {
        let before = CANCELLED.swap(true, Ordering::SeqCst);
        // A second signal means it.
        if before || HELD.load(Ordering::SeqCst) == 0 {
            std::process::exit(INTERRUPTED);
        }
    });
}

/// Raised by the first signal.
pub(crate) fn flag() -> &'static AtomicBool {
    &CANCELLED
}

/// While one of these is there, a signal waits for the card to be left.
pub(crate) struct Held(());

impl Held {
    pub(crate) fn new() -> Self {
        HELD.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::SeqCst);
    }
}
