internal import KazasuBindings
import Foundation

/// Carries an operation through to its end, over slips and questions.
struct Contact: Sendable {
    let operation: CardOperation
    /// Nothing for a change, which is made in one contact or not at all.
    let asked: Asked
    let channel: any CardChannel
    let language: CardLanguage
    let ask: MyNumberCardReader.Ask?
    let onProgress: (@Sendable (MyNumberCardReader.Event) -> Void)?

    /// Each slip needs a hand to hold the card there again. A channel whose card never stays must not go round for
    /// ever.
    private static let maxSlips = 8

    /// Gives what is given; where a secret is missing and nobody can be asked, says so before there is a card.
    func take(_ secrets: Secrets) throws {
        try give(secrets)
        if ask == nil, try !operation.needs().isEmpty {
            do {
                try operation.connected(maxCommand: 261, maxResponse: 258)
                _ = try operation.next()
            } catch {
                throw explained(error)
            }
        }
    }

    func run() async throws {
        do {
            try await channel.open(language.line(channel.place.hold))
            try connect()
            try await goOn()
        } catch let failure as KazasuError {
            throw explained(failure)
        } catch let failure as CardError {
            throw failure
        } catch {
            throw cancelled(by: error)
        }
    }

    /// What a secret opened stays open for whoever comes next to a card that keeps its power.
    func leave() async {
        guard !channel.takesPower, (try? operation.leave()) == true else { return }
        // Where the card does not say yes, there is nothing else that could be sent.
        while (try? operation.next()) == .transmit, channel.hasTime {
            guard let command = try? operation.command(), let response = try? await channel.transceive(command),
                (try? operation.feed(response: response)) != nil
            else { return }
        }
    }

    /// One contact after the other until the operation ends, or errs in a way that only the caller can mend.
    private func goOn() async throws {
        var unread = Unread(Set(asked.items.indices))
        var slips = 0
        var slip: CardError?
        while true {
            let told: CardError
            do {
                try await exchange(&unread)
                return
            } catch let error as KazasuError {
                told = explained(error)
            }
            switch told.code {
            case .cardLost, .cardReset, .timeout, .linkFailed:
                if asked.wants.isEmpty { throw told }
                slips += 1
                slip = told
                guard slips <= Self.maxSlips, ask != nil || isReady else { throw told }
                onProgress?(.cardLost(told))
                try await reconnect(slips, after: told)
            case .wrongSecret, .lastTry, .blocked, .secretRequired, .outcomeUnknown:
                // After a slip it is the slip that its holder knows of.
                guard try await mayGoOn(after: told) else { throw told.code == .secretRequired ? slip ?? told : told }
                if told.code == .outcomeUnknown {
                    slips += 1
                    try await reconnect(slips, after: told)
                }
            default:
                throw told
            }
        }
    }

    private var isReady: Bool { (try? operation.needs().isEmpty) == true }

    private func reconnect(_ slips: Int, after slip: CardError) async throws {
        do {
            try await channel.reconnect(language.line(slips == 1 ? .holdAgain : .otherPlace))
        } catch is LinkFailure {
            throw slip
        }
        try connect()
    }

    private func connect() throws {
        let limits = channel.limits
        try operation.connected(maxCommand: UInt32(limits.maxCommand), maxResponse: UInt32(limits.maxResponse))
        onProgress?(.connected)
    }

    /// Sends what there is to send.
    private func exchange(_ unread: inout Unread) async throws {
        defer { read(&unread) }
        while true {
            switch try operation.next() {
            case .done: return
            case .digest(let want):
                read(&unread)
                try await prepare(want)
                continue
            case .transmit: break
            }
            read(&unread)
            try Task.checkCancellation()
            guard channel.hasTime else { throw HostFailure.sessionTimeout }
            do {
                var response = try await channel.transceive(operation.command())
                defer { response.wipe() }
                try operation.feed(response: response)
            } catch let failure where failure is HostFailure || failure is CancellationError || failure is KazasuError {
                throw failure
            } catch {
                try operation.fail(link: ((error as? LinkFailure) ?? .other).bridged)
            }
            try report()
        }
    }

    /// Hands on what a document wants to have signed. Where it refuses, nothing is signed, and what its secret opened
    /// is closed: the link is in order, whatever the error is.
    private func prepare(_ want: UInt32) async throws {
        do {
            guard let signing = asked.signing.first(where: { $0.at == want }),
                let certificate = try operation.field(want: signing.certificate, field: .value)
            else { throw HostFailure.hostFailed }
            let authority = try signing.authority.flatMap { try operation.field(want: $0, field: .value) }
            try Task.checkCancellation()
            let digest = try signing.document.digest(certificate: certificate, authority: authority)
            try Task.checkCancellation()
            try operation.digest(digest: digest)
        } catch {
            let told = cancelled(by: error)
            await leave()
            throw told
        }
    }

    /// Tells what is there that was not.
    private func read(_ unread: inout Unread) {
        guard let onProgress, let items = try? operation.progress().items else { return }
        // Fewer than there were: everything began anew.
        if items < unread.items { unread.wants = Set(asked.items.indices) }
        unread.items = items
        for want in unread.wants.sorted() {
            guard let item = try? CardResult.Item(asked.items[want], UInt32(want), of: operation) else { continue }
            unread.wants.remove(want)
            onProgress(.read(want, item))
        }
    }

    /// The wants that were not told yet, and how many items were there the last time.
    private struct Unread {
        var wants: Set<Int>
        var items: UInt32 = 0

        init(_ wants: Set<Int>) { self.wants = wants }
    }

    private func report() throws {
        let progress = try operation.progress()
        let percent = 100 * progress.commands / max(progress.of, 1)
        channel.show("\(language.line(.reading)) \(percent)%")
        onProgress?(.advanced(commands: Int(progress.commands), of: Int(progress.of)))
    }

    /// Whether the holder gave something to go on with.
    private func mayGoOn(after error: CardError) async throws -> Bool {
        guard let ask else { return false }
        var told = error
        while true {
            guard let answer = await ask(told) else { return false }
            do {
                try give(answer)
                return true
            } catch let error as CardError {
                told = error
            }
        }
    }

    private func give(_ secrets: Secrets) throws {
        let (given, lastTries) = secrets.take()
        defer { given.values.forEach { $0.wipe() } }
        do {
            for (kind, secret) in given {
                try secret.lend { try operation.give(secret: kind.bridged, typed: $0) }
            }
            try lastTries.forEach { try operation.allowLastTry(secret: $0.bridged) }
        } catch {
            throw explained(error)
        }
    }

    /// Ends the operation, because of `cause`. Where a secret was on its way, that it may have counted matters more
    /// than the cause.
    func cancelled(by cause: any Error) -> CardError {
        do {
            try operation.cancel()
        } catch {
            let told = explained(error)
            if told.code == .outcomeUnknown || cause is CancellationError { return told }
        }
        return explained(cause)
    }

    private func explained(_ error: any Error) -> CardError {
        CardError(error, language: language)
    }
}

extension CardPlace? {
    var hold: Prompt {
        switch self {
        case nil: .hold
        case .top: .holdTop
        case .middle: .holdMiddle
        case .bottom: .holdBottom
        }
    }
}
