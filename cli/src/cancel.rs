//! Ctrl-C, and being told to end. While a card is held nothing more is sent to it and its power is taken away, so that
//! its keys are closed for the next program; otherwise the program ends at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

static CANCELLED: AtomicBool = AtomicBool::new(false);
static HELD: AtomicUsize = AtomicUsize::new(0);

/// How long a second signal waits for the card to be left.
const PATIENCE: Duration = Duration::from_secs(5);

/// What shells expect of a program that a signal ended.
const INTERRUPTED: i32 = 130;

/// Installs the handler. Where that cannot be done, signals end the program as they always do.
pub(crate) fn watch() {
    let _ = ctrlc::set_handler(|| {
        let before = CANCELLED.swap(true, Ordering::SeqCst);
        // A terminal that closes sends more than one signal, so a second one does not hurry what the first has begun;
        // it only gives up on a card that does not answer at all.
        let patience = Instant::now() + if before { PATIENCE } else { Duration::ZERO };
        while HELD.load(Ordering::SeqCst) != 0 {
            if !before || Instant::now() > patience {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
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
