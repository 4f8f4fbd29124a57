//! What can go wrong with readers and cards, in our own words, and the table that gets there from PC/SC's.

use kazasu_core::transport::LinkError;
use pcsc::Error as Code;

/// Why a reader or a card could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PcscError {
    /// The smart-card service does not run, or refuses every connection.
    #[error("the smart-card service is not running (on Linux: pcscd)")]
    NoService,
    /// The system's rules keep this program from readers or cards (on Linux: polkit).
    #[error("the system does not allow this program to use the card reader")]
    Denied,
    /// No reader is connected.
    #[error("no card reader is connected")]
    NoReader,
    /// Readers are connected, but none is called so.
    #[error("no card reader is called {wanted:?}; there are: {}", there.join(", "))]
    ReaderNotFound {
        /// The name, or the part of a name, that was asked for.
        wanted: String,
        /// The names of the readers that are there.
        there: Vec<String>,
    },
    /// More than one reader is called so.
    #[error("more than one card reader is called {wanted:?}: {}", found.join(", "))]
    ReaderAmbiguous {
        /// The part of a name that was asked for.
        wanted: String,
        /// The names of the readers that match it.
        found: Vec<String>,
    },
    /// The reader is empty.
    #[error("there is no card in the reader")]
    NoCard,
    /// Something is in the reader, and it does not speak: a card the wrong way round, or not well placed.
    #[error("the card in the reader does not answer; turn it over or place it again")]
    Mute,
    /// Another program holds the reader or the card.
    #[error("another program is using the card")]
    Busy,
    /// No answer within the deadline.
    #[error("the reader or the card did not answer in time")]
    Timeout,
    /// The card was reset, or lost its power; its state is gone.
    #[error("the card was reset by another program")]
    CardReset,
    /// The card was taken out of the reader.
    #[error("the card was taken out of the reader")]
    CardLost,
    /// The reader was unplugged, or the service stopped.
    #[error("the card reader is not there any more")]
    ReaderLost,
    /// Anything else, in PC/SC's own words.
    #[error("the smart-card service reports: {0}")]
    Other(pcsc::Error),
}

impl From<pcsc::Error> for PcscError {
    fn from(code: pcsc::Error) -> Self {
        match code {
            Code::NoService => Self::NoService,
            Code::NoAccess | Code::SecurityViolation => Self::Denied,
            Code::NoReadersAvailable => Self::NoReader,
            Code::NoSmartcard => Self::NoCard,
            Code::UnresponsiveCard | Code::UnsupportedCard | Code::CardUnsupported => Self::Mute,
            Code::SharingViolation | Code::ServerTooBusy => Self::Busy,
            Code::Timeout | Code::WaitedTooLong => Self::Timeout,
            Code::ResetCard | Code::UnpoweredCard => Self::CardReset,
            Code::RemovedCard => Self::CardLost,
            Code::UnknownReader
            | Code::ReaderUnavailable
            | Code::ServiceStopped
            | Code::Shutdown
            | Code::InvalidHandle => Self::ReaderLost,
            other => Self::Other(other),
        }
    }
}

impl From<&PcscError> for LinkError {
    fn from(error: &PcscError) -> Self {
        match error {
            PcscError::NoCard | PcscError::Mute | PcscError::CardLost => Self::CardLost,
            PcscError::CardReset => Self::CardReset,
            PcscError::Timeout => Self::Timeout,
            PcscError::Busy => Self::Busy,
            PcscError::NoService
            | PcscError::NoReader
            | PcscError::ReaderNotFound { .. }
            | PcscError::ReaderAmbiguous { .. }
            | PcscError::ReaderLost => Self::ReaderLost,
            PcscError::Other(code) => link_error(*code),
            PcscError::Denied => Self::Other,
        }
    }
}

/// What an error of `SCardTransmit` means for the link.
///
/// Every code is named, so that a new one in the `pcsc` crate stops the build instead of becoming "other".
/// `Other` leaves open whether the card acted; it does not end the transport, because a reader that refuses an
/// extended-length command reports itself so, and core then goes on with short ones.
#[must_use]
pub const fn link_error(code: pcsc::Error) -> LinkError {
    match code {
        Code::RemovedCard
        | Code::NoSmartcard
        | Code::UnresponsiveCard
        | Code::UnsupportedCard
        | Code::CardUnsupported => LinkError::CardLost,

        // No power is no state either.
        Code::ResetCard | Code::UnpoweredCard => LinkError::CardReset,

        Code::Timeout | Code::WaitedTooLong => LinkError::Timeout,

        Code::SharingViolation | Code::ServerTooBusy => LinkError::Busy,

        Code::NoService
        | Code::ServiceStopped
        | Code::Shutdown
        | Code::UnknownReader
        | Code::ReaderUnavailable
        | Code::NoReadersAvailable
        | Code::InvalidHandle => LinkError::ReaderLost,

        // We hand in the largest buffer there is: this is a response that no buffer holds, and the card has acted.
        Code::InsufficientBuffer => LinkError::Overrun,

        Code::Cancelled | Code::CancelledByUser | Code::SystemCancelled => LinkError::Cancelled,

        Code::InternalError
        | Code::InvalidParameter
        | Code::InvalidTarget
        | Code::NoMemory
        | Code::UnknownCard
        | Code::CantDispose
        | Code::ProtoMismatch
        | Code::NotReady
        | Code::InvalidValue
        | Code::CommError
        | Code::UnknownError
        | Code::InvalidAtr
        | Code::NotTransacted
        | Code::PciTooSmall
        | Code::ReaderUnsupported
        | Code::DuplicateReader
        | Code::IccInstallation
        | Code::IccCreateorder
        | Code::UnsupportedFeature
        | Code::DirNotFound
        | Code::FileNotFound
        | Code::NoDir
        | Code::NoFile
        | Code::NoAccess
        | Code::WriteTooMany
        | Code::BadSeek
        | Code::InvalidChv
        | Code::UnknownResMng
        | Code::NoSuchCertificate
        | Code::CertificateUnavailable
        | Code::CommDataLost
        | Code::NoKeyContainer
        | Code::SecurityViolation
        | Code::WrongChv
        | Code::ChvBlocked
        | Code::Eof
        | Code::CardNotAuthenticated
        | Code::CacheItemNotFound
        | Code::CacheItemStale
        | Code::CacheItemTooBig => LinkError::Other,

        #[cfg(target_os = "windows")]
        Code::Unexpected => LinkError::Other,
    }
}

/// Whether the transport is over after `error`: the card, its state or the way to it is gone.
pub(crate) const fn is_final(error: LinkError) -> bool {
    !matches!(error, LinkError::TooLong | LinkError::Overrun | LinkError::Busy | LinkError::Other)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// PC/SC's number, its name in the `pcsc` crate, what the link says, what the user is told, and whether it is the end.
    pub(crate) const TABLE: &[(u32, Code, &str, &str, bool)] = &[
        (0x8010_0001, Code::InternalError, "Other", "Other", false),
        (0x8010_0002, Code::Cancelled, "Cancelled", "Other", true),
        (0x8010_0003, Code::InvalidHandle, "ReaderLost", "ReaderLost", true),
        (0x8010_0004, Code::InvalidParameter, "Other", "Other", false),
        (0x8010_0005, Code::InvalidTarget, "Other", "Other", false),
        (0x8010_0006, Code::NoMemory, "Other", "Other", false),
        (0x8010_0007, Code::WaitedTooLong, "Timeout", "Timeout", true),
        (0x8010_0008, Code::InsufficientBuffer, "Overrun", "Other", false),
        (0x8010_0009, Code::UnknownReader, "ReaderLost", "ReaderLost", true),
        (0x8010_000A, Code::Timeout, "Timeout", "Timeout", true),
        (0x8010_000B, Code::SharingViolation, "Busy", "Busy", false),
        (0x8010_000C, Code::NoSmartcard, "CardLost", "NoCard", true),
        (0x8010_000D, Code::UnknownCard, "Other", "Other", false),
        (0x8010_000E, Code::CantDispose, "Other", "Other", false),
        (0x8010_000F, Code::ProtoMismatch, "Other", "Other", false),
        (0x8010_0010, Code::NotReady, "Other", "Other", false),
        (0x8010_0011, Code::InvalidValue, "Other", "Other", false),
        (0x8010_0012, Code::SystemCancelled, "Cancelled", "Other", true),
        (0x8010_0013, Code::CommError, "Other", "Other", false),
        (0x8010_0014, Code::UnknownError, "Other", "Other", false),
        (0x8010_0015, Code::InvalidAtr, "Other", "Other", false),
        (0x8010_0016, Code::NotTransacted, "Other", "Other", false),
        (0x8010_0017, Code::ReaderUnavailable, "ReaderLost", "ReaderLost", true),
        (0x8010_0018, Code::Shutdown, "ReaderLost", "ReaderLost", true),
        (0x8010_0019, Code::PciTooSmall, "Other", "Other", false),
        (0x8010_001A, Code::ReaderUnsupported, "Other", "Other", false),
        (0x8010_001B, Code::DuplicateReader, "Other", "Other", false),
        (0x8010_001C, Code::CardUnsupported, "CardLost", "Mute", true),
        (0x8010_001D, Code::NoService, "ReaderLost", "NoService", true),
        (0x8010_001E, Code::ServiceStopped, "ReaderLost", "ReaderLost", true),
        #[cfg(not(target_os = "windows"))]
        (0x8010_001F, Code::UnsupportedFeature, "Other", "Other", false),
        #[cfg(target_os = "windows")]
        (0x8010_001F, Code::Unexpected, "Other", "Other", false),
        (0x8010_0020, Code::IccInstallation, "Other", "Other", false),
        (0x8010_0021, Code::IccCreateorder, "Other", "Other", false),
        #[cfg(target_os = "windows")]
        (0x8010_0022, Code::UnsupportedFeature, "Other", "Other", false),
        (0x8010_0023, Code::DirNotFound, "Other", "Other", false),
        (0x8010_0024, Code::FileNotFound, "Other", "Other", false),
        (0x8010_0025, Code::NoDir, "Other", "Other", false),
        (0x8010_0026, Code::NoFile, "Other", "Other", false),
        (0x8010_0027, Code::NoAccess, "Other", "Denied", false),
        (0x8010_0028, Code::WriteTooMany, "Other", "Other", false),
        (0x8010_0029, Code::BadSeek, "Other", "Other", false),
        (0x8010_002A, Code::InvalidChv, "Other", "Other", false),
        (0x8010_002B, Code::UnknownResMng, "Other", "Other", false),
        (0x8010_002C, Code::NoSuchCertificate, "Other", "Other", false),
        (0x8010_002D, Code::CertificateUnavailable, "Other", "Other", false),
        (0x8010_002E, Code::NoReadersAvailable, "ReaderLost", "NoReader", true),
        (0x8010_002F, Code::CommDataLost, "Other", "Other", false),
        (0x8010_0030, Code::NoKeyContainer, "Other", "Other", false),
        (0x8010_0031, Code::ServerTooBusy, "Busy", "Busy", false),
        (0x8010_0065, Code::UnsupportedCard, "CardLost", "Mute", true),
        (0x8010_0066, Code::UnresponsiveCard, "CardLost", "Mute", true),
        (0x8010_0067, Code::UnpoweredCard, "CardReset", "CardReset", true),
        (0x8010_0068, Code::ResetCard, "CardReset", "CardReset", true),
        (0x8010_0069, Code::RemovedCard, "CardLost", "CardLost", true),
        (0x8010_006A, Code::SecurityViolation, "Other", "Denied", false),
        (0x8010_006B, Code::WrongChv, "Other", "Other", false),
        (0x8010_006C, Code::ChvBlocked, "Other", "Other", false),
        (0x8010_006D, Code::Eof, "Other", "Other", false),
        (0x8010_006E, Code::CancelledByUser, "Cancelled", "Other", true),
        (0x8010_006F, Code::CardNotAuthenticated, "Other", "Other", false),
        (0x8010_0070, Code::CacheItemNotFound, "Other", "Other", false),
        (0x8010_0071, Code::CacheItemStale, "Other", "Other", false),
        (0x8010_0072, Code::CacheItemTooBig, "Other", "Other", false),
    ];

    fn first_word(text: &str) -> &str {
        text.split(['(', ' ']).next().unwrap_or_default()
    }

    #[test]
    fn r14_every_code_of_pcsc_means_what_the_table_says() {
        for &(number, code, link, user, is_the_end) in TABLE {
            assert_eq!(code as u32, number, "{code:?}");
            assert_eq!(format!("{:?}", link_error(code)), link, "{code:?} on the link");
            assert_eq!(first_word(&format!("{:?}", PcscError::from(code))), user, "{code:?} to the user");
            assert_eq!(is_final(link_error(code)), is_the_end, "{code:?} as the end");
        }
    }

    #[test]
    fn the_table_leaves_no_number_out() {
        let mut expected: Vec<u32> = (0x8010_0001..=0x8010_0031).chain(0x8010_0065..=0x8010_0072).collect();
        if cfg!(not(target_os = "windows")) {
            expected.retain(|number| *number != 0x8010_0022); // only Windows has this one
        }
        assert_eq!(TABLE.iter().map(|row| row.0).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_code_means_the_same_to_the_link_whichever_way_it_comes() {
        for &(_, code, ..) in TABLE {
            assert_eq!(LinkError::from(&PcscError::from(code)), link_error(code), "{code:?}");
        }
    }

    #[test]
    fn a_reader_that_is_not_found_names_those_that_are() {
        let error = PcscError::ReaderNotFound { wanted: "RC-S380".into(), there: vec!["A 00".into(), "B 01".into()] };
        assert_eq!(error.to_string(), "no card reader is called \"RC-S380\"; there are: A 00, B 01");
    }
}
