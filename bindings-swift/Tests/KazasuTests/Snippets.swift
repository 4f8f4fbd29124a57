import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI

// The code of the guide, compiled. SnippetTests compares the two.
struct Snippets {
    var reader = MyNumberCardReader()

    func sign(_ file: Data, password: String) async throws -> Data {
        let contract = try Document.pdf(file, showing: .nameAddressBirthDateAndSex)
        let plan = try Plan(signing: [contract])
        let secrets = Secrets()
        try secrets.give(.signPassword, password)
        let result = try await reader.read(plan, secrets: secrets)
        return try result.signed(contract)
    }

    func logIn(nonce: String, pin: String) async throws -> String {
        let login = try Document.login(origin: "https://example.jp", nonce: nonce)
        let secrets = Secrets()
        try secrets.give(.authPin, pin)
        return try await reader.read(try Plan(signing: [login]), secrets: secrets).signed(login)
    }

    func prove(nonce: Data, pin: String) async throws -> Data {
        let proof = try CardProof(nonce: nonce, of: [.attributes])
        let secrets = Secrets()
        try secrets.give(.textPin, pin)
        let result = try await reader.read(try Plan(proof.wants), secrets: secrets)
        return try proof.json(from: result)
    }

    func table(of file: Data, believing authorities: Authorities) throws -> [String] {
        try LookedAtFile.pdf(file, believing: authorities).signatures.flatMap { signature in
            let lines = signature.findings.lines.map { line in
                let words = line.words()
                return "\(line.outcome): \(words.check) \(words.because ?? "") (\(words.by))"
            }
            return try lines + [signature.findings.conclusion(without: ["revocation"]).text()]
        }
    }

    func signBeside(sha256: Data, password: String) async throws -> Data {
        let contract = try Document.cms(sha256: sha256, showing: .nameAddressBirthDateAndSex)
        let secrets = Secrets()
        try secrets.give(.signPassword, password)
        return try await reader.read(try Plan(signing: [contract]), secrets: secrets).signed(contract)
    }

    func stamped(_ signed: Data, post: (Data) async throws -> Data) async throws -> Data {
        let asked = try TimestampRequest.pdf(signed)
        return try asked.attach(try await post(asked.request))
    }

    func authorities(ofTimestamps certificate: Data) throws -> Authorities {
        try Authorities.production(timestampAuthorities: [certificate])
    }

    func conclusions(of signature: Data, about content: Data, believing authorities: Authorities) throws -> [Conclusion] {
        let looked = try LookedAtFile.cms(signature, of: content, believing: authorities)
        return try looked.signatures.map { try $0.findings.conclusion(without: ["revocation"]) }
    }

    func demoAuthorities() throws -> Authorities {
        try Authorities.testOnly(
            signing: DemoCard.authorities(over: .signature),
            userAuthentication: DemoCard.authorities(over: .userAuthentication))
    }

    func lastDay(of certificate: Data) throws -> String {
        let validity = try HolderCertificate(certificate, of: .signature).validity()
        return "\(validity.lastDay), \(validity.daysLeft ?? 0)"
    }

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
