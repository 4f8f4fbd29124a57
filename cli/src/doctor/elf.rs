//! How the segments of a library are aligned.

use super::form;
use kazasu_catalogue::ProjectFault;
use object::elf::PT_LOAD;
use object::read::elf::{ElfFile64, ProgramHeader};

/// A page of the newest phones; each segment that is loaded must be aligned to it.
pub(super) const PAGE: u64 = 0x4000;

/// The smallest alignment of the segments that are loaded.
pub(super) fn alignment(library: &[u8]) -> Result<u64, ProjectFault> {
    let file = ElfFile64::<object::Endianness>::parse(library).map_err(|error| form(&error))?;
    let endian = file.endian();
    let loaded = file.elf_program_headers().iter().filter(|segment| segment.p_type(endian) == PT_LOAD);
    loaded.map(|segment| segment.p_align(endian)).min().ok_or_else(|| form(&"no segment is loaded"))
}
