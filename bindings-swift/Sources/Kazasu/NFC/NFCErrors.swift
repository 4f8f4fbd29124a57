/// What an error of Core NFC means, by its number: newer SDKs have codes that older ones cannot name. Each has exactly
/// one meaning.
enum NFCMeaning: Equatable {
    case link(LinkFailure)
    case host(HostFailure)

    init(_ number: Int) {
        self =
            switch number {
            case 1: .host(.nfcUnavailable)  // readerErrorUnsupportedFeature
            case 2: .host(.missingEntitlement)  // readerErrorSecurityViolation; that the AIDs are listed was seen before
            case 6: .host(.nfcOff)  // readerErrorRadioDisabled
            case 7: .host(.nfcUnavailable)  // readerErrorIneligible
            case 8: .host(.userCancelled)  // readerErrorAccessNotAccepted
            case 100: .link(.cardLost)  // readerTransceiveErrorTagConnectionLost
            case 101: .link(.other)  // readerTransceiveErrorRetryExceeded
            case 102: .link(.other)  // readerTransceiveErrorTagResponseError
            case 103: .link(.readerLost)  // readerTransceiveErrorSessionInvalidated
            case 104: .link(.cardLost)  // readerTransceiveErrorTagNotConnected
            case 105: .link(.tooLong)  // readerTransceiveErrorPacketTooLong
            case 200: .host(.userCancelled)  // readerSessionInvalidationErrorUserCanceled
            case 201: .host(.sessionTimeout)  // readerSessionInvalidationErrorSessionTimeout
            case 203: .host(.systemBusy)  // readerSessionInvalidationErrorSystemIsBusy
            // Parameters that are ours to get right (3, 4, 5, 300), a session that ended for no reason that is told
            // (202), and what belongs to NDEF (204, 400 to 403).
            default: .host(.hostFailed)
            }
    }

    var error: any Error {
        switch self {
        case .link(let failure): failure
        case .host(let failure): failure
        }
    }

    /// `readerTransceiveErrorSessionInvalidated`: why, the session's delegate is told.
    static let sessionInvalidated = 103
}
