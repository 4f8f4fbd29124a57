//! Signed files in CMS (RFC 5652), also the signatures in PDFs: made around a tap, and examined.

mod attributes;
mod make;

pub use make::{Extras, Prepared, Profile, prepare, size_bound};
