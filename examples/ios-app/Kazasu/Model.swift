// What the screens show and do. Knows nothing of how they look, so that it is type-checked on Linux, too.
import Foundation
import Kazasu
import KazasuDemo
import Observation

@MainActor @Observable
final class Model {
    /// What the screen shows.
    enum Screen {
        case empty
        case attributes(Attributes)
        case signed(bytes: Int)
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
        read([.attributes], .textPin, pin, lastTry) { result in result.attributes.map(Screen.attributes) }
    }

    func sign(digest: Data, pin: String, lastTry: Bool = false) {
        read([.signature(.userAuthentication, digest: digest)], .authPin, pin, lastTry) { result in
            result.signatures(.userAuthentication).first.map { .signed(bytes: $0.count) }
        }
    }

    func readTries() {
        let kinds: [SecretKind] = [.authPin, .signPassword, .textPin]
        read(kinds.map(Want.tries), nil, "", false) { result in
            .tries(kinds.compactMap { kind in result.tries(kind).map { (kind, $0) } })
        }
    }

    /// The sheet has a button for it; this is for when there is no sheet.
    func cancel() {
        reading?.cancel()
    }

    private func read(
        _ wants: [Want], _ kind: SecretKind?, _ typed: String, _ lastTry: Bool,
        show: @escaping @MainActor (CardResult) -> Screen?
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
                let result = try await reader.read(
                    try Plan(wants), secrets: secrets,
                    onProgress: { event in
                        guard case .advanced(let commands, let of) = event else { return }
                        Task { @MainActor in self.progress = Double(commands) / Double(of) }
                    })
                screen = show(result) ?? .empty
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
