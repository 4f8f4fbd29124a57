//! Documents, login, proofs and their verification for Swift and Kotlin. There is no card here: what the card said
//! comes as bytes from the bridge (`kazasu-ffi`) through the host, and the digests that the card is to sign go back
//! that way. So an app that only reads does not carry this.
//!
//! The packages for app developers are built on this and hide it; names and shapes here may change with any version.

#![allow(clippy::result_large_err, reason = "as in the bridge: an error crosses with its words, and no Box crosses")]

pub mod believe;
pub mod certificate;
pub mod document;
pub mod error;
pub mod findings;
pub mod proof;
#[cfg(test)]
mod tests;
pub mod timestamp;
pub mod verify;

uniffi::setup_scaffolding!();

/// What is freed is wiped, as in the bridge.
#[cfg(feature = "alone")]
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Where the bridge is in the same library, it sees to that.
#[cfg(not(feature = "alone"))]
const fn keep_panics_quiet() {}

/// A panic's message could hold what a caller handed in; its place cannot.
#[cfg(feature = "alone")]
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
