//! Kazasu over PC/SC, the smart-card service of Linux (pcscd), macOS and Windows.
//!
//! Two things are here, and they meet only in the tests:
//!
//! * [`PcscTransport`] carries commands to a card in a reader. [`readers`] finds the reader first.
//! * [`plug`] is the other end: it puts a card made of software into a virtual reader (vsmartcard's vpcd), so that any
//!   program that speaks PC/SC can use it.
//!
//! ```no_run
//! use std::time::Duration;
//! use kazasu_pcsc::{PcscError, PcscTransport, readers};
//!
//! let reader = readers::wait_for_card(None, Duration::from_secs(30))?;
//! let card = PcscTransport::open(&reader)?;
//! // … hand `card` to kazasu-core …
//! card.close()?; // or drop it: either way no key stays open on the card
//! # Ok::<(), PcscError>(())
//! ```
//!
//! # What is promised
//!
//! * A command is sent at most once. Nothing here retries, and the receive buffer always holds the longest response that
//!   PC/SC can carry, so "buffer too small, send again" cannot happen.
//! * The card is ours alone from [`PcscTransport::open`] until it is closed: one transaction is held all the while.
//! * After the card was reset, taken away or silent for too long, the transport is finished; no later command reaches a card.
//! * Nothing waits for ever for a driver or a service that hangs: each call has a deadline of its own.
//! * On leaving, the card loses its power, and with it every verified PIN. See [`transport`].
//! * No command or response is ever printed or logged; the buffers that carried them are wiped, and so is the worker's stack.
//!
//! # What is left out
//!
//! Exclusive mode (RC-S300 refuses it; the transaction does its work), PIN pads on readers, cancelling a wait
//! from another thread, and the name of the program that holds a reader (PC/SC does not tell).

#[cfg(any(test, feature = "double"))]
pub mod double;
mod error;
#[cfg(all(test, target_os = "linux"))]
mod forgetting;
pub mod plug;
pub mod readers;
mod service;
mod system;
pub mod transport;
#[cfg(test)]
mod under_fire;
mod worker;

pub use error::{PcscError, link_error};
pub use readers::Reader;
pub use transport::{OpenOptions, PcscTransport};
