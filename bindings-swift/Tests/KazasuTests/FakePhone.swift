import CoreNFC
import Foundation
import Kazasu
import KazasuDemo

/// Plays the system's part of Core NFC: one sheet, one antenna, one card. What it does is decided, one step at a time,
/// by whoever made it.
final class FakePhone: NFCStub.System, @unchecked Sendable {
    /// What the phone does when a session polls.
    enum Polling {
        case card
        case cards(Int)
        case otherCard
        case ends(NFCReaderError.Code)
        case nothing
    }

    /// What comes of a command.
    enum Answer {
        case answer
        case answerTwice
        case fails(NFCReaderError.Code)
        /// The card acted, the answer is lost, and its power is gone.
        case slips
        case nothing
        /// The session ends; the command's own error comes before or after that is told.
        case ends(NFCReaderError.Code, commandFirst: Bool)
    }

    struct Decisions: Sendable {
        var polls: @Sendable () -> Polling = { .card }
        var connects: @Sendable () -> NFCReaderError.Code? = { nil }
        var answers: @Sendable () -> Answer = { .answer }
        /// Whether it says that a session is invalidated, when it is asked to.
        var tells: @Sendable () -> Bool = { true }
        var delay: @Sendable () -> TimeInterval = { 0 }
    }

    /// The card of the first session.
    let card: DemoCard
    let readingAvailable: Bool
    private let decisions: Decisions
    private let lock = NSLock()
    private var up: Set<ObjectIdentifier> = []
    /// Sessions whose delegate was told of their end.
    private var told: Set<ObjectIdentifier> = []
    private var seen = Seen()
    /// Each session has its own, so that a command which is late for one is not heard by the next.
    private var cards: [ObjectIdentifier: DemoCard] = [:]
    private var allCards: [DemoCard]

    /// What the phone saw.
    struct Seen {
        var sessions = 0
        var restarts = 0
        var commands = 0
        var lines: [String] = []
        var endedWith: [String?] = []
        /// A sheet that came while another was up.
        var collisions = 0
        /// Commands after the adapter was told that the session had ended.
        var strays = 0
    }

    init(_ card: DemoCard, available: Bool = true, _ decisions: Decisions = Decisions()) {
        (self.card, readingAvailable, self.decisions, allCards) = (card, available, decisions, [card])
        NFCStub.system = self
    }

    var secretsSent: Int { lock.withLock { allCards }.reduce(0) { $0 + $1.secretsSent } }
    var saw: Seen { lock.withLock { seen } }
    var sheetsUp: Int { lock.withLock { up.count } }

    func begins(_ session: NFCStub.Session) {
        lock.withLock {
            seen.sessions += 1
            if seen.sessions > 1, let next = try? DemoCard() { allCards.append(next) }
            cards[session.id] = allCards.last
            if !up.isEmpty { seen.collisions += 1 }
            up.insert(session.id)
            told.remove(session.id)
        }
        session.becomesActive()
        polls(session)
    }

    func restartsPolling(_ session: NFCStub.Session) {
        lock.withLock { seen.restarts += 1 }
        polls(session)
    }

    func invalidates(_ session: NFCStub.Session, message: String?) {
        guard isUp(session) else { return }
        lock.withLock { seen.endedWith.append(message) }
        if decisions.tells() {
            later { self.ends(session, .readerSessionInvalidationErrorUserCanceled) }
        } else {
            // The sheet goes; nobody is told.
            lock.withLock { _ = up.remove(session.id) }
        }
    }

    func connects(_ session: NFCStub.Session, _ completionHandler: @escaping @Sendable ((any Error)?) -> Void) {
        let error = decisions.connects().map { NFCReaderError($0) }
        later { session.onQueue { completionHandler(error) } }
    }

    func shows(_ line: String) {
        lock.withLock { seen.lines.append(line) }
    }

    private func polls(_ session: NFCStub.Session) {
        switch decisions.polls() {
        case .card: detects(session, 1)
        case .cards(let count): detects(session, count)
        case .otherCard:
            struct Transit: NFCMiFareTag {}
            later { if self.isUp(session) { session.detects { [.miFare(Transit())] } } }
        case .ends(let code): later { self.ends(session, code) }
        case .nothing: break
        }
    }

    private func detects(_ session: NFCStub.Session, _ count: Int) {
        later {
            guard self.isUp(session) else { return }
            let card = self.lock.withLock { self.cards[session.id] ?? self.card }
            session.detects { (0..<count).map { _ in .iso7816(FakeTag(phone: self, session: session, card: card)) } }
        }
    }

    private func ends(_ session: NFCStub.Session, _ code: NFCReaderError.Code) {
        // Taken off before it is told, as the system does: the adapter may open the next one in that very call.
        guard lock.withLock({ up.remove(session.id) }) != nil else { return }
        session.onQueue { self.lock.withLock { _ = self.told.insert(session.id) } }
        session.isInvalidated(NFCReaderError(code))
    }

    private func isUp(_ session: NFCStub.Session) -> Bool { lock.withLock { up.contains(session.id) } }

    fileprivate func send(
        _ command: Data, to card: DemoCard, _ session: NFCStub.Session,
        _ completionHandler: @escaping @Sendable (Data, UInt8, UInt8, (any Error)?) -> Void
    ) {
        let isUp = lock.withLock {
            seen.commands += 1
            if told.contains(session.id) { seen.strays += 1 }
            return up.contains(session.id)
        }
        @Sendable func complete(_ response: Data) {
            session.onQueue { completionHandler(response.dropLast(2), response.suffix(2).first!, response.last!, nil) }
        }
        @Sendable func complete(_ code: NFCReaderError.Code) {
            session.onQueue { completionHandler(Data(), 0, 0, NFCReaderError(code)) }
        }
        if !isUp { return complete(.readerTransceiveErrorSessionInvalidated) }
        let answer = decisions.answers()
        later {
            switch answer {
            case .answer, .answerTwice:
                guard let response = try? await card.transceive(command) else {
                    return complete(.readerTransceiveErrorTagConnectionLost)
                }
                complete(response)
                if case .answerTwice = answer { complete(response) }
            case .fails(let code): complete(code)
            case .slips:
                _ = try? await card.transceive(command)
                try? await card.reconnect("")
                complete(.readerTransceiveErrorTagConnectionLost)
            case .nothing: break
            case .ends(let code, let commandFirst):
                if commandFirst { complete(.readerTransceiveErrorSessionInvalidated) }
                self.ends(session, code)
                if !commandFirst { complete(.readerTransceiveErrorSessionInvalidated) }
            }
        }
    }

    private func later(_ body: @escaping @Sendable () async -> Void) {
        let delay = decisions.delay()
        Task {
            if delay > 0 { try? await Task.sleep(nanoseconds: UInt64(delay * 1_000_000_000)) }
            await body()
        }
    }
}

/// The card on the phone's antenna.
private struct FakeTag: NFCISO7816Tag {
    let phone: FakePhone
    let session: NFCStub.Session
    let card: DemoCard

    var initialSelectedAID: String { "D392F000260100000001" }

    func sendCommand(
        apdu: NFCISO7816APDU, completionHandler: @escaping @Sendable (Data, UInt8, UInt8, (any Error)?) -> Void
    ) {
        // As short APDUs: more is not asked for over NFC.
        var command = Data([apdu.instructionClass, apdu.instructionCode, apdu.p1Parameter, apdu.p2Parameter])
        if let data = apdu.data, !data.isEmpty { command += [UInt8(data.count)] + data }
        if apdu.expectedResponseLength > 0 { command.append(UInt8(apdu.expectedResponseLength & 0xFF)) }
        phone.send(command, to: card, session, completionHandler)
    }
}
