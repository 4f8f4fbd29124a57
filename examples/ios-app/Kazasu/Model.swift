// What the screens show and do. Knows nothing of how they look, so that it is type-checked on Linux, too.
import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI
import Observation

@MainActor @Observable
final class Model {
    /// What the screen shows.
    enum Screen {
        case empty
        case attributes(Attributes)
        case signed(bytes: Int)
        /// A signed PDF, which is nowhere but here until the holder shares it, and what was checked of it.
        case document(Data, [Finding], Conclusion)
        case tries([(SecretKind, Tries)])
        case error(CardError)
    }

    /// Uses the simulated card: in the Simulator, on a phone without NFC, without a card at hand.
    var noCard = false
    private(set) var screen = Screen.empty
    private(set) var progress: Double?
    /// The kind whose last try was refused; the screen asks, and calls again with `lastTry`.
    private(set) var lastTryOf: SecretKind?

    private var reading: Task<Void, Never>?
    // The simulated card remembers its counters, as a real one does.
    private let demoCard = try? DemoCard()

    var isReading: Bool { reading != nil }

    func readAttributes(pin: String, lastTry: Bool = false) {
        read(.textPin, pin, lastTry) {
            (try Plan(.attributes), { result in result.attributes.map(Screen.attributes) })
        }
    }

    func sign(digest: Data, pin: String, lastTry: Bool = false) {
        read(.authPin, pin, lastTry) {
            let plan = try Plan(.signature(.userAuthentication, digest: digest))
            return (plan, { result in result.signatures(.userAuthentication).first.map { .signed(bytes: $0.count) } })
        }
    }

    /// The screen has told the holder what everybody who has the file will read in it.
    func sign(pdf: Data, password: String, lastTry: Bool = false) {
        let authorities = noCard ? Self.demoAuthorities : Result { try Authorities.production() }
        read(.signPassword, password, lastTry) {
            // Looks at the whole file.
            let contract = try await Task.detached { try Document.pdf(pdf, showing: .nameAddressBirthDateAndSex) }.value
            let plan = try Plan(signing: [contract])
            return (
                plan,
                { result in
                    let signed = try result.signed(contract)
                    let believed = try authorities.get()
                    // Looks at the whole file, too.
                    let looked = try await Task.detached { try LookedAtFile.pdf(signed, believing: believed) }.value
                    guard let findings = looked.signatures.last?.findings else { return nil }
                    // A phone cannot ask about revocation; the table says so.
                    return .document(signed, findings.lines, try findings.conclusion(without: ["revocation"]))
                }
            )
        }
    }

    /// What the simulated card's certificates are under: every result says that it is a test's.
    private static var demoAuthorities: Result<Authorities, any Error> {
        Result {
            try .testOnly(
                signing: DemoCard.authorities(over: .signature),
                userAuthentication: DemoCard.authorities(over: .userAuthentication))
        }
    }

    func readTries() {
        let kinds: [SecretKind] = [.authPin, .signPassword, .textPin]
        read(nil, "", false) {
            let plan = try Plan(kinds.map(Want.tries))
            return (plan, { result in .tries(kinds.compactMap { kind in result.tries(kind).map { (kind, $0) } }) })
        }
    }

    /// The sheet has a button for it; this is for when there is no sheet.
    func cancel() {
        reading?.cancel()
    }

    private func read(
        _ kind: SecretKind?, _ typed: String, _ lastTry: Bool,
        prepare: @escaping @MainActor () async throws -> (Plan, show: @MainActor (CardResult) async throws -> Screen?)
    ) {
        guard reading == nil else { return }
        let reader = noCard ? demoCard.map { MyNumberCardReader($0) } ?? MyNumberCardReader() : MyNumberCardReader()
        (screen, lastTryOf) = (.empty, nil)
        reading = Task {
            do {
                let secrets = Secrets()
                if let kind {
                    try secrets.give(kind, typed)
                    if lastTry { secrets.allowLastTry(kind) }
                }
                let (plan, show) = try await prepare()
                let result = try await reader.read(
                    plan, secrets: secrets,
                    onProgress: { event in
                        guard case .advanced(let commands, let of) = event else { return }
                        Task { @MainActor in self.progress = Double(commands) / Double(of) }
                    })
                screen = try await show(result) ?? .empty
            } catch {
                tell(error)
            }
            (reading, progress) = (nil, nil)
        }
    }

    private func tell(_ error: any Error) {
        guard let error = error as? CardError else { return }
        switch error.code {
        // Who cancelled knows it.
        case .cancelled, .userCancelled: screen = .empty
        case .lastTry:
            lastTryOf = error.secret
            screen = .error(error)
        default: screen = .error(error)
        }
    }
}
