internal import KazasuPKIBindings
import Foundation
import Kazasu

/// A proof that was looked at: what a server does with the JSON of a ``CardProof``, so that a phone can show it, too.
public final class LookedAtProof: Sendable, Redacted {
    private let bridged: KazasuPKIBindings.LookedAtProof

    /// The table.
    public let findings: Findings
    /// What it says, as far as each link above it holds.
    public let said: Said

    /// What can be wanted of a proof.
    public enum Claim: Sendable, CaseIterable {
        /// A genuine card signed the nonce. Who held it is not said.
        case cardPresent
        /// Somebody who knows the PIN let the key for user authentication sign nonce and audience.
        case holderEnteredPIN
    }

    /// What a proof says, part by part; a part is here only where each link above it holds.
    public struct Said: Sendable, Redacted {
        /// The municipality's code, five digits.
        public let municipality: String?
        /// 氏名.
        public let name: String?
        /// 住所.
        public let address: String?
        /// 生年月日, `YYYYMMDD`.
        public let birth: String?
        /// 性別.
        public let sex: Sex?
        /// JPEG 2000.
        public let photo: Data?
        /// The name as printed, PNG.
        public let nameImage: Data?
        /// The address as printed, PNG.
        public let addressImage: Data?
    }

    /// For the verifier's own nonce. Nobody keeps nonces here: that the nonce was used once is not checked, and the
    /// table says so.
    ///
    /// - Parameters:
    ///   - json: what ``CardProof/json(from:)`` made.
    ///   - nonce: what the verifier drew.
    ///   - audience: where the holder is to have entered the PIN: the verifier's own name.
    ///   - authorities: whom to believe.
    /// - Throws: ``Kazasu/CardError`` 456: not a proof, or not a nonce.
    public init(
        _ json: Data, nonce: Data, audience: String? = nil, believing authorities: Authorities
    ) throws(CardError) {
        (bridged, findings, said) = try told {
            let proof = try KazasuPKIBindings.LookedAtProof(
                json: json, nonce: nonce, audience: audience, authorities: authorities.bridged)
            func text(_ field: ProvenField) throws -> String? { try proof.field(field: field)?.text }
            let said = Said(
                municipality: try text(.municipality), name: try text(.name), address: try text(.address),
                birth: try text(.birth), sex: try text(.sex).map { Sex(rawValue: $0) ?? .unknown },
                photo: try proof.field(field: .photo), nameImage: try proof.field(field: .nameImage),
                addressImage: try proof.field(field: .addressImage))
            return (proof, try Findings(proof.findings()), said)
        }
    }

    /// Whether one thing was proven, whatever else is in the table; but where any line fails, nothing is.
    ///
    /// - Parameters:
    ///   - claim: what is wanted of it.
    ///   - checks: the codes of those that you can do without (``Finding/check``); nothing is left out by itself.
    /// - Throws: ``Kazasu/CardError`` 456: there is no such check.
    public func proves(_ claim: Claim, without checks: [String] = []) throws(CardError) -> Conclusion {
        let claim: KazasuPKIBindings.Claim =
            switch claim {
            case .cardPresent: .cardPresent
            case .holderEnteredPIN: .holderEnteredPin
            }
        return try told { Conclusion(try bridged.proves(claim: claim, without: checks)) }
    }
}
