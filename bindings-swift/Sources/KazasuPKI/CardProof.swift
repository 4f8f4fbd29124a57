internal import KazasuPKIBindings
import Foundation
import Kazasu

/// The proof that a genuine card was there, or that its holder entered the PIN, for a server that drew the nonce: what
/// to want of the card, and what to send.
///
/// ```swift
/// let proof = try CardProof(nonce: nonce, of: [.text])
/// let result = try await MyNumberCardReader().read(try Plan(proof.wants), secrets: secrets)
/// let json = try proof.json(from: result)
/// ```
///
/// The My Number is never in it.
public struct CardProof: Sendable, Redacted {
    /// What the card is to be asked for. They go into a plan, beside others if you like.
    public let wants: [Want]
    private let nonce: Data
    private let parts: Set<Part>

    /// What is proven.
    public enum Part: Sendable, Hashable {
        /// A genuine card signed the nonce with its key of the text application.
        case text
        /// The same, with name, address, birth date and sex.
        case attributes
        /// A genuine card signed the nonce with its key of the surface application; with the card's face, photo
        /// included.
        case face
        /// The same, with the birth date alone.
        case birthDate
        /// Somebody who knows the PIN let the key for user authentication sign the nonce for this audience: the
        /// server's own name, such as `https://example.jp`.
        case holder(audience: String)
    }

    /// - Parameters:
    ///   - nonce: what the server drew for this proof, 32 to 64 bytes.
    ///   - parts: what is to be proven; of the holder once.
    /// - Throws: ``Kazasu/CardError`` 456: not a nonce; 403: no part, or two audiences.
    public init(nonce: Data, of parts: Set<Part>) throws(CardError) {
        (self.nonce, self.parts) = (nonce, parts)
        guard !parts.isEmpty, parts.filter({ if case .holder = $0 { true } else { false } }).count <= 1 else {
            throw CardError.wrongOrder
        }
        wants = try told {
            let proof = try Proof(nonce: nonce)
            let digest = try proof.presenceDigest()
            var wants: [Want] = []
            if !parts.isDisjoint(with: [.text, .attributes]) {
                wants += [.municipalityCertificate(.text), .presence(.text, digest: digest), .authenticationKey]
            }
            if parts.contains(.attributes) { wants += [.integrityRecord, .attributes] }
            if !parts.isDisjoint(with: [.face, .birthDate]) {
                wants += [.municipalityCertificate(.surface), .presence(.surface, digest: digest)]
            }
            if parts.contains(.face) { wants.append(.face) }
            if parts.contains(.birthDate) { wants.append(.birthRecord) }
            for case .holder(let audience) in parts {
                wants += [
                    .certificate(.userAuthentication), .certificate(.userAuthenticationCA),
                    .signature(.userAuthentication, digest: try proof.holderDigest(audience: audience)),
                ]
            }
            return wants
        }
    }

    /// For the way to the server: JSON. It has personal data in it.
    ///
    /// - Throws: ``Kazasu/CardError`` 252: the certificate does not verify the holder's signature; 253: the card's
    ///   records cannot be read; 403: it is the result of another plan.
    public func json(from result: CardResult) throws(CardError) -> Data {
        try told {
            let proof = try Proof(nonce: nonce)
            // What the card said to just these, whatever else the plan had in it.
            var said = Dictionary(uniqueKeysWithValues: try wants.map { ($0, try Self.bytes(of: $0, in: result)) })
            func take(_ want: Want) throws -> Data {
                guard let bytes = said.removeValue(forKey: want) else { throw CardError.wrongOrder }
                return bytes
            }
            let digest = try proof.presenceDigest()
            if !parts.isDisjoint(with: [.text, .attributes]) {
                let whole = parts.contains(.attributes)
                try proof.text(
                    certificate: take(.municipalityCertificate(.text)), signature: take(.presence(.text, digest: digest)),
                    key: take(.authenticationKey), integrity: whole ? take(.integrityRecord) : nil,
                    attributes: whole ? take(.attributes) : nil)
            }
            if !parts.isDisjoint(with: [.face, .birthDate]) {
                try proof.surface(
                    certificate: take(.municipalityCertificate(.surface)),
                    signature: take(.presence(.surface, digest: digest)),
                    face: parts.contains(.face) ? take(.face) : nil,
                    birth: parts.contains(.birthDate) ? take(.birthRecord) : nil)
            }
            for case .holder(let audience) in parts {
                try proof.holder(
                    audience: audience, certificate: take(.certificate(.userAuthentication)),
                    signature: take(
                        .signature(.userAuthentication, digest: try proof.holderDigest(audience: audience))),
                    authority: take(.certificate(.userAuthenticationCA)))
            }
            return try proof.json()
        }
    }

    private static func bytes(of want: Want, in result: CardResult) throws -> Data {
        switch result.item(of: want) {
        case .certificate(_, let bytes), .signature(_, let bytes), .presence(_, let bytes),
            .municipalityCertificate(_, let bytes), .authenticationKey(let bytes), .integrityRecord(let bytes):
            bytes
        case .attributes(let it): it.record
        case .face(let it): it.record
        case .birthRecord(let it): it.record
        default: throw CardError.wrongOrder
        }
    }
}
