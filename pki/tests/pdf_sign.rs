//! A PDF gets its signature as an update: what was there stays, whatever shape it has.

mod common;
mod pdfs;

use common::{CardKey, certificate};
use kazasu_pki::pdf::{Pdf, Prepared, Profile};
use kazasu_pki::{Signing, UserAuthentication};
use pdfs::{TOLD, all, options, signed};

#[test]
fn each_shape_of_file_is_signed_for_each_profile_and_stays_as_it_was_in_front() {
    for (shape, file) in all() {
        for profile in [Profile::Registry, Profile::Pades] {
            let once = signed(&file, profile);
            assert!(once.starts_with(&file), "{shape}");
            let twice = signed(&once, profile);
            assert!(twice.starts_with(&once), "{shape}");
            if let Ok(folder) = std::env::var("KAZASU_SIGNED_PDFS") {
                std::fs::write(format!("{folder}/{}-{profile:?}-1.pdf", shape.replace(' ', "-")), &once).expect("written");
                std::fs::write(format!("{folder}/{}-{profile:?}-2.pdf", shape.replace(' ', "-")), &twice).expect("written");
            }
        }
    }
}
