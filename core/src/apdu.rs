//! Command APDUs (ISO/IEC 7816-4, 5.1; lengths as in ISO/IEC 7816-3, 12.1.3).

use core::fmt;
use zeroize::Zeroize;

/// The longest command that the core ever sends: `CLA INS P1 P2 Lc` + 255 bytes + `Le`.
pub const MAX_COMMAND: usize = 261;

/// Whether lengths take one byte or three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lc in one byte (1–255), Le in one byte (1–256).
    Short,
    /// Lc in `00 hh ll` (1–65,535), Le in `hh ll` (1–65,536), after `00` where there is no Lc.
    Extended,
}

/// A command cannot be written that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a command APDU of {nc} bytes of data that expects {ne} does not fit")]
pub struct DoesNotFit {
    nc: usize,
    ne: usize,
}

/// Writes the APDU for `header` (CLA INS P1 P2), `data` (Nc bytes) and `ne` expected bytes into `out`; returns its length.
///
/// | case | short | extended |
/// |---|---|---|
/// | 1: no data, nothing expected | `header` | `header` |
/// | 2: Ne expected | `header Le` | `header 00 Le Le` |
/// | 3: data | `header Lc data` | `header 00 Lc Lc data` |
/// | 4: both | `header Lc data Le` | `header 00 Lc Lc data Le Le` |
///
/// # Errors
/// [`DoesNotFit`] when a length is past the form's range or the APDU is longer than `out`.
pub fn encode(header: [u8; 4], data: &[u8], ne: usize, form: Form, out: &mut [u8]) -> Result<usize, DoesNotFit> {
    let nc = data.len();
    let refuse = DoesNotFit { nc, ne };
    let (max_nc, max_ne) = match form {
        Form::Short => (255, 256),
        Form::Extended => (65_535, 65_536),
    };
    if nc > max_nc || ne > max_ne {
        return Err(refuse);
    }
    // The largest Le is written as zeros: 256 as 00, 65,536 as 00 00.
    let [.., lc_high, lc_low] = (nc as u32).to_be_bytes();
    let [.., le_high, le_low] = (ne as u32).to_be_bytes();
    let (lc, le): (&[u8], &[u8]) = match (form, nc, ne) {
        (_, 0, 0) => (&[], &[]),
        (Form::Short, 0, _) => (&[], &[le_low]),
        (Form::Short, _, 0) => (&[lc_low], &[]),
        (Form::Short, _, _) => (&[lc_low], &[le_low]),
        (Form::Extended, 0, _) => (&[], &[0, le_high, le_low]),
        (Form::Extended, _, 0) => (&[0, lc_high, lc_low], &[]),
        (Form::Extended, _, _) => (&[0, lc_high, lc_low], &[le_high, le_low]),
    };
    let mut len = 0;
    for part in [&header[..], lc, data, le] {
        out.get_mut(len..len + part.len()).ok_or(refuse)?.copy_from_slice(part);
        len += part.len();
    }
    Ok(len)
}

/// One command APDU in a fixed buffer that is wiped when it goes.
pub struct Command {
    bytes: [u8; MAX_COMMAND],
    len: usize,
}

impl Command {
    /// A command; see [`encode`].
    ///
    /// # Errors
    /// [`DoesNotFit`] when it is longer than [`MAX_COMMAND`] or a length is past the form's range.
    pub fn new(header: [u8; 4], data: &[u8], ne: usize, form: Form) -> Result<Self, DoesNotFit> {
        let mut command = Self::empty();
        command.write(header, data, ne, form)?;
        Ok(command)
    }

    /// A copy of bytes that are a command already.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Option<Self> {
        let mut command = Self::empty();
        command.copy(bytes)?;
        Some(command)
    }

    /// No command yet. This and the next two are for places where a command stays: returning one by value costs its size in
    /// stack again.
    pub(crate) const fn empty() -> Self {
        Self { bytes: [0; MAX_COMMAND], len: 0 }
    }

    pub(crate) fn write(&mut self, header: [u8; 4], data: &[u8], ne: usize, form: Form) -> Result<(), DoesNotFit> {
        self.len = encode(header, data, ne, form, &mut self.bytes)?;
        Ok(())
    }

    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Option<()> {
        self.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        self.len = bytes.len();
        Some(())
    }

    /// The command, which is wiped here.
    pub(crate) fn take(&mut self) -> Self {
        let taken = Self { bytes: self.bytes, len: self.len };
        self.bytes.zeroize();
        self.len = 0;
        taken
    }

    /// The APDU.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Command {
    /// The instruction and the length; never the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command(INS {:02X}, {} bytes)", self.bytes[1], self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> impl PartialEq<&'static str> + fmt::Debug + '_ {
        struct Hex<'a>(&'a [u8]);
        impl fmt::Debug for Hex<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
            }
        }
        impl PartialEq<&'static str> for Hex<'_> {
            fn eq(&self, other: &&'static str) -> bool {
                self.0.len() * 2 == other.len()
                    && self
                        .0
                        .iter()
                        .enumerate()
                        .all(|(i, byte)| u8::from_str_radix(&other[2 * i..2 * i + 2], 16) == Ok(*byte))
            }
        }
        Hex(bytes)
    }

    const H: [u8; 4] = [0x00, 0xB0, 0x8A, 0x00];

    #[test]
    fn the_four_cases_are_written_short_and_extended() {
        for (data, ne, form, apdu) in [
            (&[][..], 0, Form::Short, "00B08A00"),
            (&[], 1, Form::Short, "00B08A0001"),
            (&[], 255, Form::Short, "00B08A00FF"),
            (&[], 256, Form::Short, "00B08A0000"),
            (&[0xAA, 0xBB], 0, Form::Short, "00B08A0002AABB"),
            (&[0xAA, 0xBB], 256, Form::Short, "00B08A0002AABB00"),
            (&[], 0, Form::Extended, "00B08A00"),
            (&[], 1, Form::Extended, "00B08A00000001"),
            (&[], 257, Form::Extended, "00B08A00000101"),
            (&[], 65_536, Form::Extended, "00B08A00000000"),
            (&[0xAA], 0, Form::Extended, "00B08A00000001AA"),
            (&[0xAA], 65_536, Form::Extended, "00B08A00000001AA0000"),
            (&[0xAA], 0x1234, Form::Extended, "00B08A00000001AA1234"),
        ] {
            let mut out = [0; 32];
            let len = encode(H, data, ne, form, &mut out).expect("fits");
            assert_eq!(hex(&out[..len]), apdu);
        }
    }

    #[test]
    fn lengths_past_the_form_are_refused() {
        let mut out = [0; 70_000];
        let zeros = [0; 65_536];
        assert!(encode(H, &zeros[..255], 256, Form::Short, &mut out).is_ok());
        assert!(encode(H, &zeros[..256], 0, Form::Short, &mut out).is_err());
        assert!(encode(H, &[], 257, Form::Short, &mut out).is_err());
        assert!(encode(H, &zeros[..65_535], 65_536, Form::Extended, &mut out).is_ok());
        assert!(encode(H, &zeros, 0, Form::Extended, &mut out).is_err());
        assert!(encode(H, &[], 65_537, Form::Extended, &mut out).is_err());
        assert!(Command::new(H, &zeros[..256], 0, Form::Extended).is_err());
    }

    #[test]
    fn a_command_shows_its_instruction_and_never_its_data() {
        let command = Command::new([0x00, 0x20, 0x00, 0x98], b"9182", 0, Form::Short).expect("fits");
        extern crate std;
        assert_eq!(std::format!("{command:?}"), "Command(INS 20, 9 bytes)");
    }
}
