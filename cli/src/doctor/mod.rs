//! What `kazasu doctor` looks at: an app's project, file by file, or the readers of this computer.

pub(crate) mod android;
mod elf;
mod gradle;
pub(crate) mod ios;
pub(crate) mod machine;
pub(crate) mod tree;

use kazasu_catalogue::{Finding, ProjectFault};

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Found>,
    /// Files of the project, or things of the machine.
    pub(crate) looked_at: Vec<String>,
}

/// A finding and where it is.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) finding: Finding,
    /// A file, with its line where there is one; a reader; a USB device.
    pub(crate) place: String,
}

/// A file that is not in the form of its kind.
fn form(said: &dyn std::fmt::Display) -> ProjectFault {
    ProjectFault::Form(said.to_string())
}

impl Report {
    fn found(&mut self, finding: Finding, place: impl Into<String>) {
        self.findings.push(Found { finding, place: place.into() });
    }
}
