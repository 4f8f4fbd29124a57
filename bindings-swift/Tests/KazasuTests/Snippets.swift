import Foundation
import Kazasu
import KazasuDemo

// The code of the guide, compiled. SnippetTests compares the two.
struct Snippets {
    func name(pin: String) async throws -> String? {
        let plan = try Plan(.attributes)
        let secrets = Secrets()
        try secrets.give(.textPin, pin)
        let result = try await MyNumberCardReader().read(plan, secrets: secrets)
        return result.attributes?.name
    }

    func demoName() async throws -> String? {
        let card = try DemoCard("adult")
        let secrets = Secrets()
        try secrets.give(.textPin, card.secret(.textPin))
        let result = try await MyNumberCardReader(card).read(try Plan(.attributes), secrets: secrets)
        return result.attributes?.name
    }

    func message(for error: CardError) -> String? {
        switch error.code {
        case .cancelled, .userCancelled: return nil
        case .wrongSecret: return "\(error.what) \(error.triesLeft ?? 0)"
        default: return "\(error.what) \(error.next)"
        }
    }

    func sign(_ digest: Data, pin: String, askAgain: @escaping @Sendable (CardError) async -> String?) async throws -> Data? {
        let secrets = Secrets()
        try secrets.give(.authPin, pin)
        let plan = try Plan(.signature(.userAuthentication, digest: digest))
        let result = try await MyNumberCardReader().read(plan, secrets: secrets) { error in
            guard error.code == .wrongSecret, let pin = await askAgain(error) else { return nil }
            let again = Secrets()
            return (try? again.give(.authPin, pin)).map { again }
        }
        return result.signatures(.userAuthentication).first
    }
}
