internal import KazasuBindings
import Foundation

/// Reads, unlocks and signs with a My Number card: one call, one tap.
///
/// ```swift
/// let plan = try Plan(.attributes)
/// let secrets = Secrets()
/// try secrets.give(.textPin, pin)
/// let name = try await MyNumberCardReader().read(plan, secrets: secrets).attributes?.name
/// ```
public struct MyNumberCardReader: Sendable {
    private let channel: any CardChannel
    private let turn: Turn
    private let language: CardLanguage

    /// Over a channel of your own, such as the simulated card of `KazasuDemo`.
    public init(_ channel: any CardChannel, language: CardLanguage = .ofUser) {
        self.init(channel, turn: Turn(), language: language)
    }

    init(_ channel: any CardChannel, turn: Turn, language: CardLanguage) {
        (self.channel, self.turn, self.language) = (channel, turn, language)
    }

    /// What happens meanwhile.
    public enum Event: Sendable {
        /// A card is there.
        case connected
        /// So many commands were answered, of so many that it will be as estimated.
        case advanced(commands: Int, of: Int)
        /// What came of the want with this index. Where a slip made everything begin anew, it comes again.
        case read(Int, CardResult.Item)
        /// The card slipped away; it goes on when it is back.
        case cardLost(CardError)
    }

    /// Asked when the reading cannot go on without the holder: the secret was wrong (``CardError/triesLeft`` says how
    /// many are left), its last try needs a yes, it is blocked, or one is needed (again). What it returns is tried
    /// once, with the card still there; `nil` ends the reading with that error.
    public typealias Ask = @Sendable (CardError) async -> Secrets?

    /// Does all that the plan wants in one tap. Takes the secrets and wipes them.
    ///
    /// A secret is sent once: where it was wrong, or its outcome is not known, the reading ends unless `ask` gives
    /// another. A card that slips away may come back while the sheet is there, and the reading goes on. Where nothing
    /// that was read proves that it is the same card, everything is done again, signatures too; a plan with
    /// ``CertificateKind/userAuthentication`` in it has such a proof.
    ///
    /// Documents are signed in the same contact: each is asked for its digest when its certificate has been read, and
    /// finished when the card is let go. What ``CardResult/signed(_:)`` throws is that document's own error.
    ///
    /// Cancelling the task ends it within one exchange with the card.
    public func read(
        _ plan: Plan, secrets: Secrets = Secrets(), ask: Ask? = nil,
        onProgress: (@Sendable (Event) -> Void)? = nil
    ) async throws(CardError) -> CardResult {
        do {
            let asked = try Asked(plan.wants, plan.documents)
            let operation = try CardOperation.plan(wants: asked.wants)
            let contact = Contact(
                operation: operation, asked: asked, channel: channel, language: language, ask: ask,
                onProgress: onProgress)
            try contact.take(secrets)
            try await inTurn(contact)
            return try CardResult(asked, of: operation, language: language)
        } catch {
            throw CardError(error, language: language)
        }
    }

    /// Changes a PIN or the password: ``SecretKind/authPin``, ``SecretKind/signPassword`` or ``SecretKind/textPin``.
    /// Takes both secrets and wipes them. The card sees the old one, then the new one, each once; a card that slips
    /// away ends it.
    public func changePIN(
        _ kind: SecretKind, from old: Secret, to new: Secret, allowLastTry: Bool = false,
        onProgress: (@Sendable (Event) -> Void)? = nil
    ) async throws(CardError) {
        do {
            defer { [old, new].forEach { $0.wipe() } }
            let operation = try old.lend { old in
                try new.lend { new in try CardOperation.change(secret: kind.bridged, old: old, new: new) }
            }
            if allowLastTry { try operation.allowLastTry(secret: kind.bridged) }
            let contact = Contact(
                operation: operation, asked: try Asked([], []), channel: channel, language: language, ask: nil,
                onProgress: onProgress)
            try await inTurn(contact)
        } catch {
            throw CardError(error, language: language)
        }
    }

    private func inTurn(_ contact: Contact) async throws {
        do {
            try await turn.take()
        } catch {
            throw contact.cancelled(by: error)
        }
        let ending: CardEnding
        let outcome: Result<Void, any Error>
        do {
            try await contact.run()
            await contact.leave()
            outcome = .success(())
            ending = .done(language.line(.done))
        } catch {
            let told = CardError(error, language: language)
            // Where the link or the phone failed, the channel is all that can close anything.
            if ![3, 5].contains(told.number / 100) { await contact.leave() }
            outcome = .failure(told)
            ending = told.code == .cancelled || told.code == .userCancelled ? .cancelled : .failed(told.what)
        }
        // The caller does not wait for the sheet to go; the next reading does.
        Task { [channel, turn] in
            await channel.close(ending)
            await turn.pass()
        }
        try outcome.get()
    }
}

extension CardLanguage {
    func line(_ line: Prompt) -> String {
        (try? prompt(line: line, japanese: self == .japanese)) ?? ""
    }
}
