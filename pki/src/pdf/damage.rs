//! What makes programs disagree about a file: noticed first, and where.

use super::PdfError;
use thiserror::Error;

/// What was noticed first in a PDF that is damaged or not made by the rules. `at` is an offset in bytes from the
/// beginning of the file, or, within an object stream, of what it inflates to; `number` is an object's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Damage {
    // ---- the file
    /// No `startxref` with a number and `%%EOF`.
    #[error("the end of the file is not there (startxref)")]
    NoEnd,
    /// So many that some programs do not find what stands before them.
    #[error("there are too many blanks at the end of the file")]
    BlanksAtEnd,

    // ---- its tables
    /// A table is reached from itself.
    #[error("the table at byte {at} leads back to itself")]
    TableCircle {
        /// Where the table begins.
        at: usize,
    },
    /// A table, or its trailer, is not in the form of the standard.
    #[error("the table at byte {at} is not exact")]
    Table {
        /// Where the table begins.
        at: usize,
    },
    /// `Prev` is no number.
    #[error("the place of the table before is no number")]
    PreviousTable,
    /// `Size` is not above the highest object number.
    #[error("there are more objects than the file announces")]
    Size,
    /// `Size` is beyond what the standard asks programs to take.
    #[error("it announces object numbers that not every program takes")]
    HighNumbers,
    /// Two readers came to different tables.
    #[error("its tables can be read in more than one way")]
    TwoReadings,
    /// Another filter than FlateDecode, or parameters that nobody uses.
    #[error("a table or an object stream is packed in an unusual way")]
    Packing,

    // ---- its objects
    /// Here no object can be read.
    #[error("no object can be read at byte {at}")]
    NoObject {
        /// Where the reading began.
        at: usize,
    },
    /// A dictionary says two things of one key.
    #[error("a dictionary has a key twice at byte {at}")]
    TwiceTheKey {
        /// Where the reading began.
        at: usize,
    },
    /// Objects within objects.
    #[error("objects nest too deep at byte {at}")]
    TooDeep {
        /// Where the reading began.
        at: usize,
    },
    /// Something else stands where a dictionary has to.
    #[error("there is no dictionary at byte {at}")]
    NoDictionary {
        /// Where the reading began.
        at: usize,
    },
    /// The table names a place where the object is not.
    #[error("object {number} is not at byte {at}")]
    Elsewhere {
        /// Which object.
        number: u32,
        /// Where the table says it is.
        at: usize,
    },
    /// No `endobj`, and no stream either.
    #[error("object {number} does not end")]
    Unended {
        /// Which object.
        number: u32,
    },
    /// Two objects share bytes.
    #[error("an object begins at byte {at} within another")]
    Within {
        /// Where the inner one begins.
        at: usize,
    },
    /// An object stream has another object there.
    #[error("object {number} is not in the place that the table says")]
    NotInStream {
        /// Which object.
        number: u32,
    },
    /// `Length` is missing, no number, or beyond the end of the file.
    #[error("stream {number} has no length")]
    NoLength {
        /// Of the stream's object.
        number: u32,
    },
    /// No `endstream` where `Length` says.
    #[error("stream {number} is not as long as it says")]
    OtherLength {
        /// Of the stream's object.
        number: u32,
    },
    /// The list of an object stream's members is not exact.
    #[error("object stream {number} lists an object twice, or badly")]
    ObjectStream {
        /// Of the stream's object.
        number: u32,
    },
    /// No table of any revision leads to it.
    #[error("no table leads to the object at byte {at}")]
    Unlisted {
        /// Where the object begins.
        at: usize,
    },
    /// Something refers to an object that is not there.
    #[error("object {number} is missing")]
    Missing {
        /// Which object.
        number: u32,
    },

    // ---- its document
    /// The trailer's `Root` leads to no catalog.
    #[error("there is no catalog (Root)")]
    NoCatalog,
    /// The catalog's form is no dictionary.
    #[error("the form is not a dictionary (AcroForm)")]
    Form,
    /// `Fields` or `Kids` is no array.
    #[error("a list of fields is none")]
    FieldList,
    /// A field is not an object of its own.
    #[error("a field is not an object of its own")]
    FieldInside,
    /// A field is reached in two ways.
    #[error("a field is listed twice")]
    FieldTwice,
    /// A list names a field that is not there.
    #[error("a field is missing")]
    NoField,
    /// A field names a signature that is not there.
    #[error("a signature is missing")]
    NoSignature,
    /// A field's signature is something else.
    #[error("a signature is not a dictionary")]
    SignatureKind,

    // ---- what would be added
    /// What a reference is to be added to is no array, or one of something else than dictionaries.
    #[error("a list is no array")]
    List,
    /// One more would be too high.
    #[error("object numbers run out")]
    NumbersRunOut,
    /// Read back, the place of the new signature is another one.
    #[error("a new signature would be found elsewhere than where it is")]
    SignatureElsewhere,

    // ---- anything else
    /// The library refuses it; in which words is nothing to rely on.
    #[error("it cannot be read as a whole")]
    Unread,
}

impl From<Damage> for PdfError {
    fn from(why: Damage) -> Self {
        Self::Malformed { why }
    }
}
