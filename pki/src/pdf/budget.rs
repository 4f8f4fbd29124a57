//! What reading a file may cost.

use super::PdfError;

/// What a file may cost. A value costs memory many times its length in the file, and a stream inflates to a thousand
/// times its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// How many may still be read.
    pub(super) values: usize,
    inflated: usize,
}

impl Budget {
    /// For one reading of a file: what a small one needs, and then in proportion to its length. A value takes about a
    /// quarter of a kilobyte while it is read (Measured).
    pub(super) fn of_one_reading(length: usize) -> Self {
        Self { values: length.saturating_add(500_000).min(4_000_000), inflated: 256 << 20 }
    }

    /// For all revisions of it together.
    pub(super) fn of_its_revisions(length: usize) -> Self {
        let one = Self::of_one_reading(length);
        Self { values: 3 * one.values, inflated: 3 * one.inflated }
    }

    pub(super) fn values(&mut self, count: usize) -> Result<(), PdfError> {
        self.values = self.values.checked_sub(count).ok_or(PdfError::TooLarge)?;
        Ok(())
    }

    pub(super) fn inflated(&mut self, length: usize) -> Result<(), PdfError> {
        self.inflated = self.inflated.checked_sub(length).ok_or(PdfError::TooLarge)?;
        Ok(())
    }
}
