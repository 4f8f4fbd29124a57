//! The bridge to Swift and Kotlin. An [`operation::Operation`] is stepped by its host: `next()` says whether there is a
//! command to send, `command()` gives it, `feed()` brings the response; or that a digest is wanted, which `digest()`
//! brings. Nothing here is asynchronous, calls back into the host or starts a thread, so dropping or cancelling an
//! operation ends it at once.
//!
//! The packages for app developers are built on this and hide it; names and shapes here may change with any version.

#![allow(
    clippy::result_large_err,
    reason = "an error crosses the bridge once a contact, and with its words; no Box crosses it"
)]

pub mod error;
pub mod host;
mod mailbox;
pub mod operation;
pub mod results;
#[cfg(test)]
mod tests;
pub mod wants;

/// Linked in, so that its symbols are in the library.
#[cfg(feature = "demo-card")]
pub use kazasu_demo;
/// Linked in, so that its symbols are in the library.
#[cfg(feature = "pki")]
pub use kazasu_pki_ffi;

use zeroizing_alloc::ZeroAlloc;

uniffi::setup_scaffolding!();

/// What is freed is wiped: the bridge's own buffers, which carry secrets and personal data, are freed as they are
/// otherwise.
#[global_allocator]
static WIPING: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// A panic's message could hold what a caller handed in; its place cannot.
#[cfg(not(test))]
fn keep_panics_quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            if let Some(place) = panic.location() {
                eprintln!("kazasu: a mistake of the program at {}:{}", place.file(), place.line());
            }
        }));
    });
}
