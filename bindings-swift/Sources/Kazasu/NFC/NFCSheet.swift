#if os(iOS) || os(Linux)
import CoreNFC
import Foundation

/// One session of Core NFC, from the sheet's coming to its going.
///
/// Everything that Core NFC calls or is called with stays on one serial queue, and so does every field. At most one
/// caller waits at a time, for a tag or for a response; it is answered once, and what Core NFC says later about the
/// same thing is let go by its ticket.
final class NFCSheet: NSObject, NFCTagReaderSessionDelegate, @unchecked Sendable {
    private let queue = DispatchQueue(label: "jp.kazasu.nfc")
    private let times: Times
    private let oneCard: String

    private var session: NFCTagReaderSession?
    private var tag: (any NFCISO7816Tag)?
    private var waiting: Waiting?
    private var ticket: UInt64 = 0
    /// Why nothing is sent any more.
    private var over: (any Error)?
    private var isGone = false
    private var whenGone: CheckedContinuation<Void, Never>?
    /// Core NFC holds its delegate weakly; a sheet that is up stays.
    private var alive: NFCSheet?

    private enum Waiting {
        case tag(CheckedContinuation<Void, any Error>)
        case response(CheckedContinuation<Data, any Error>)

        func end(_ error: any Error) {
            switch self {
            case .tag(let caller): caller.resume(throwing: error)
            case .response(let caller): caller.resume(throwing: error)
            }
        }
    }

    /// Limits, in seconds.
    struct Times: Sendable {
        /// After which iOS ends a session (WWDC 2019, session 715).
        var session: TimeInterval = 60
        /// Less than this before the end nothing more is sent: a signature takes about a second.
        var margin: TimeInterval = 2
        /// How long Core NFC may take to say what it always says: that a session has ended, and why.
        var patience: TimeInterval = 5
    }

    init(times: Times, oneCard: String) {
        (self.times, self.oneCard) = (times, oneCard)
    }

    // MARK: what the channel asks for

    func open(_ line: String) async throws {
        try await tagComes { sheet in
            // Type A and B alike; the card is type B.
            guard let session = NFCTagReaderSession(pollingOption: .iso14443, delegate: sheet, queue: sheet.queue) else {
                return sheet.end(HostFailure.hostFailed)
            }
            sheet.session = session
            sheet.alive = sheet
            session.alertMessage = line
            session.begin()
            // Should Core NFC forget to.
            sheet.queue.asyncAfter(deadline: .now() + sheet.times.session + sheet.times.patience) { [weak sheet] in
                sheet?.end(HostFailure.sessionTimeout)
            }
        }
    }

    func reconnect(_ line: String) async throws {
        try await tagComes { sheet in
            sheet.tag = nil
            sheet.session?.alertMessage = line
            sheet.session?.restartPolling()
        }
    }

    func send(_ command: Data) async throws -> Data {
        guard let parameters = CommandParameters(command) else { throw LinkFailure.other }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                queue.async { self.send(parameters, for: caller) }
            }
        } onCancel: {
            queue.async { self.end(CancellationError()) }
        }
    }

    func show(_ line: String) {
        queue.async { if self.over == nil { self.session?.alertMessage = line } }
    }

    /// Returns when the sheet is gone, or Core NFC has not said so for too long.
    func close(_ ending: CardEnding) async {
        await withCheckedContinuation { (caller: CheckedContinuation<Void, Never>) in
            queue.async {
                self.end(CancellationError())
                guard let session = self.session, !self.isGone else { return caller.resume() }
                self.whenGone = caller
                switch ending {
                case .done(let line):
                    session.alertMessage = line
                    session.invalidate()
                case .failed(let line): session.invalidate(errorMessage: line)
                case .cancelled: session.invalidate()
                }
                self.queue.asyncAfter(deadline: .now() + self.times.patience) { self.goes() }
            }
        }
    }

    // MARK: on the queue

    private func tagComes(_ start: @escaping @Sendable (NFCSheet) -> Void) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (caller: CheckedContinuation<Void, any Error>) in
                queue.async {
                    if let over = self.over { return caller.resume(throwing: over) }
                    self.ticket += 1
                    self.waiting = .tag(caller)
                    start(self)
                }
            }
        } onCancel: {
            queue.async { self.end(CancellationError()) }
        }
    }

    private func send(_ command: CommandParameters, for caller: CheckedContinuation<Data, any Error>) {
        if let over { return caller.resume(throwing: over) }
        guard let tag else { return caller.resume(throwing: LinkFailure.cardLost) }
        ticket += 1
        waiting = .response(caller)
        let apdu = NFCISO7816APDU(
            instructionClass: command.cla, instructionCode: command.ins, p1Parameter: command.p1,
            p2Parameter: command.p2, data: command.data, expectedResponseLength: command.expectedResponseLength)
        tag.sendCommand(apdu: apdu) { [queue, ticket] data, sw1, sw2, error in
            let answer = error.map { Result<Data, any Error>.failure($0) } ?? .success(response(data, sw1, sw2))
            queue.async { self.answered(ticket, answer) }
        }
    }

    private func answered(_ ticket: UInt64, _ answer: Result<Data, any Error>) {
        guard ticket == self.ticket, case .response(let caller) = waiting else { return }
        switch answer {
        case .success(let response):
            waiting = nil
            caller.resume(returning: response)
        case .failure(let error) where number(error) == NFCMeaning.sessionInvalidated:
            // Why, comes next; if it does not, this must do.
            queue.asyncAfter(deadline: .now() + times.patience) {
                if ticket == self.ticket { self.end(self.meaning(error)) }
            }
        case .failure(let error):
            let error = meaning(error)
            if error is HostFailure { return end(error) }
            waiting = nil
            caller.resume(throwing: error)
        }
    }

    /// Nothing more is sent, and whoever waits hears why.
    private func end(_ error: any Error) {
        guard over == nil else { return }
        over = error
        let waiting = self.waiting
        self.waiting = nil
        waiting?.end(error)
    }

    private func goes() {
        guard !isGone else { return }
        isGone = true
        (session, tag, alive) = (nil, nil, nil)
        whenGone?.resume()
        whenGone = nil
    }

    private func number(_ error: any Error) -> Int {
        (error as? NFCReaderError)?.code.rawValue ?? 0
    }

    private func meaning(_ error: any Error) -> any Error {
        NFCMeaning(number(error)).error
    }

    // MARK: what Core NFC says

    func tagReaderSessionDidBecomeActive(_ session: NFCTagReaderSession) {}

    func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: any Error) {
        end(meaning(error))
        goes()
    }

    func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag]) {
        guard over == nil, case .tag = waiting, let first = tags.first else { return }
        guard tags.count == 1 else {
            session.alertMessage = oneCard
            return session.restartPolling()
        }
        guard case .iso7816(let tag) = first else { return end(HostFailure.wrongTag) }
        ticket += 1
        self.tag = tag
        session.connect(to: first) { [queue, ticket] error in
            queue.async { self.connected(ticket, error) }
        }
    }

    private func connected(_ ticket: UInt64, _ error: (any Error)?) {
        guard ticket == self.ticket, case .tag(let caller) = waiting else { return }
        switch error.map(meaning) {
        case nil:
            waiting = nil
            caller.resume()
        case let failure as HostFailure:
            end(failure)
        default:
            // It slipped before it was really there.
            tag = nil
            session?.restartPolling()
        }
    }
}
#endif
