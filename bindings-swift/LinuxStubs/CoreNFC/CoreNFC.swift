// Stands in for Apple's Core NFC where there is none, so that the adapter is type-checked and driven on Linux. Never
// shipped.
//
// The declarations are those of Apple's documentation (developer.apple.com/documentation/corenfc, iOS 13 to 26), with
// the stricter form wherever releases of the SDK differ: completion handlers are `@Sendable`, sessions and tags are not
// `Sendable`. What the adapter does not use is not here.
import Dispatch
import Foundation

open class NFCReaderSession: NSObject {
    public class var readingAvailable: Bool { NFCStub.system?.readingAvailable ?? false }

    public let sessionQueue: DispatchQueue
    public internal(set) var isReady = false
    /// Read and set by the adapter on its queue, by the system on its own.
    public var alertMessage: String {
        get { lock.withLock { message } }
        set {
            lock.withLock { message = newValue }
            system?.shows(newValue)
        }
    }

    private let lock = NSLock()
    private var message = ""
    let system = NFCStub.system

    init(queue: DispatchQueue) { sessionQueue = queue }

    public func begin() {}
    public func invalidate() {}
    public func invalidate(errorMessage: String) {}
}

public class NFCTagReaderSession: NFCReaderSession {
    public struct PollingOption: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public static let iso14443 = PollingOption(rawValue: 1)
        public static let iso15693 = PollingOption(rawValue: 2)
        public static let iso18092 = PollingOption(rawValue: 4)
    }

    /// As Core NFC does, weakly.
    weak var delegate: (any NFCTagReaderSessionDelegate)?
    public private(set) var connectedTag: NFCTag?

    public init?(
        pollingOption: PollingOption, delegate: any NFCTagReaderSessionDelegate, queue: DispatchQueue? = nil
    ) {
        guard !pollingOption.isEmpty else { return nil }
        self.delegate = delegate
        super.init(queue: queue ?? DispatchQueue(label: "nfc"))
    }

    public override func begin() { system?.begins(NFCStub.Session(self)) }
    public override func invalidate() { system?.invalidates(NFCStub.Session(self), message: nil) }
    public override func invalidate(errorMessage: String) {
        system?.invalidates(NFCStub.Session(self), message: errorMessage)
    }

    public func restartPolling() {
        connectedTag = nil
        system?.restartsPolling(NFCStub.Session(self))
    }

    public func connect(to tag: NFCTag, completionHandler: @escaping @Sendable ((any Error)?) -> Void) {
        connectedTag = tag
        system?.connects(NFCStub.Session(self), completionHandler)
    }
}

public protocol NFCTagReaderSessionDelegate: NSObjectProtocol {
    func tagReaderSessionDidBecomeActive(_ session: NFCTagReaderSession)
    func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: any Error)
    func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag])
}

public protocol NFCISO7816Tag {
    var initialSelectedAID: String { get }
    func sendCommand(
        apdu: NFCISO7816APDU, completionHandler: @escaping @Sendable (Data, UInt8, UInt8, (any Error)?) -> Void)
}

public protocol NFCMiFareTag {}
public protocol NFCFeliCaTag {}
public protocol NFCISO15693Tag {}

public enum NFCTag {
    case feliCa(any NFCFeliCaTag)
    case iso7816(any NFCISO7816Tag)
    case iso15693(any NFCISO15693Tag)
    case miFare(any NFCMiFareTag)
}

public class NFCISO7816APDU: NSObject {
    public let instructionClass: UInt8
    public let instructionCode: UInt8
    public let p1Parameter: UInt8
    public let p2Parameter: UInt8
    public let data: Data?
    public let expectedResponseLength: Int

    public init(
        instructionClass: UInt8, instructionCode: UInt8, p1Parameter: UInt8, p2Parameter: UInt8, data: Data,
        expectedResponseLength: Int
    ) {
        self.instructionClass = instructionClass
        self.instructionCode = instructionCode
        self.p1Parameter = p1Parameter
        self.p2Parameter = p2Parameter
        self.data = data
        self.expectedResponseLength = expectedResponseLength
    }
}

public struct NFCReaderError: CustomNSError, Equatable, Sendable {
    /// Every code of the SDK of iOS 26; 7 and 8 are new in it.
    public enum Code: Int, CaseIterable, Sendable {
        case readerErrorUnsupportedFeature = 1
        case readerErrorSecurityViolation = 2
        case readerErrorInvalidParameter = 3
        case readerErrorInvalidParameterLength = 4
        case readerErrorParameterOutOfBound = 5
        case readerErrorRadioDisabled = 6
        case readerErrorIneligible = 7
        case readerErrorAccessNotAccepted = 8
        case readerTransceiveErrorTagConnectionLost = 100
        case readerTransceiveErrorRetryExceeded = 101
        case readerTransceiveErrorTagResponseError = 102
        case readerTransceiveErrorSessionInvalidated = 103
        case readerTransceiveErrorTagNotConnected = 104
        case readerTransceiveErrorPacketTooLong = 105
        case readerSessionInvalidationErrorUserCanceled = 200
        case readerSessionInvalidationErrorSessionTimeout = 201
        case readerSessionInvalidationErrorSessionTerminatedUnexpectedly = 202
        case readerSessionInvalidationErrorSystemIsBusy = 203
        case readerSessionInvalidationErrorFirstNDEFTagRead = 204
        case tagCommandConfigurationErrorInvalidParameters = 300
        case ndefReaderSessionErrorTagNotWritable = 400
        case ndefReaderSessionErrorTagUpdateFailure = 401
        case ndefReaderSessionErrorTagSizeTooSmall = 402
        case ndefReaderSessionErrorZeroLengthMessage = 403
    }

    public let code: Code
    public init(_ code: Code) { self.code = code }
    public static var errorDomain: String { "NFCError" }
    public var errorCode: Int { code.rawValue }
}
