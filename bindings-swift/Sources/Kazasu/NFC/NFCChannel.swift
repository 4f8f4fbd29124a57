#if os(iOS) || os(Linux)
import CoreNFC
internal import KazasuBindings
import Foundation

/// The phone's own NFC. One reading at a time has it, in the whole app; the next one waits until the sheet of the last
/// is gone.
final class NFCChannel: CardChannel, @unchecked Sendable {
    static let turn = Turn()

    private let settings: @Sendable () -> AppSettings
    private let times: NFCSheet.Times
    private let language: CardLanguage
    // The lock is what makes this Sendable.
    private let lock = NSLock()
    private var sheet: NFCSheet?
    private var end: DispatchTime = .distantFuture

    init(
        language: CardLanguage, times: NFCSheet.Times = NFCSheet.Times(),
        settings: @escaping @Sendable () -> AppSettings = { .ofApp }
    ) {
        (self.language, self.times, self.settings) = (language, times, settings)
    }

    /// Every iPhone's (Inferred: Apple's own words for users are to hold the top of the phone near).
    let place: CardPlace? = .top

    var hasTime: Bool { lock.withLock { DispatchTime.now() + times.margin < end } }

    func open(_ line: String) async throws {
        if let missing = settings().missing(try applicationIds()) { throw missing }
        guard NFCTagReaderSession.readingAvailable else { throw HostFailure.nfcUnavailable }
        let sheet = NFCSheet(times: times, oneCard: language.line(.oneCard))
        lock.withLock {
            self.sheet = sheet
            end = .now() + times.session
        }
        try await sheet.open(line)
    }

    func reconnect(_ line: String) async throws {
        try await current().reconnect(line)
    }

    func transceive(_ command: Data) async throws -> Data {
        try await current().send(command)
    }

    func show(_ line: String) {
        lock.withLock { sheet }?.show(line)
    }

    func close(_ ending: CardEnding) async {
        let sheet = lock.withLock {
            defer { self.sheet = nil }
            return self.sheet
        }
        await sheet?.close(ending)
    }

    private func current() throws -> NFCSheet {
        guard let sheet = lock.withLock({ sheet }) else { throw LinkFailure.readerLost }
        return sheet
    }
}

extension MyNumberCardReader {
    /// Over the phone's own NFC.
    public init(language: CardLanguage = .ofUser) {
        self.init(NFCChannel(language: language), turn: NFCChannel.turn, language: language)
    }
}
#endif
