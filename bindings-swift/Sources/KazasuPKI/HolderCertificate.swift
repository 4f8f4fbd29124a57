internal import KazasuPKIBindings
import Foundation
import Kazasu

/// A holder's certificate as a person reads it. Wiped when it is let go; what it hands out are ordinary values.
public final class HolderCertificate: Sendable, Redacted {
    private let bridged: KazasuPKIBindings.Certificate

    init(_ bridged: KazasuPKIBindings.Certificate) {
        self.bridged = bridged
    }

    /// From its DER, for the key that it is said to be of; ``examine(believing:)`` finds out.
    ///
    /// - Throws: ``Kazasu/CardError`` 253: no certificate.
    public init(_ der: Data, of key: SigningKey) throws(CardError) {
        bridged = try told { try .init(der: der, key: key.bridged) }
    }

    /// Which key's.
    public func key() throws(CardError) -> SigningKey {
        try told { SigningKey(try bridged.key()) }
    }

    /// What it says of its holder; nothing of one for user authentication, which does not say.
    ///
    /// - Throws: ``Kazasu/CardError`` 253: it says it in another way than certificates of J-LIS's do.
    public func holder() throws(CardError) -> Holder? {
        try told {
            func text(_ field: HolderField) throws -> String? { try bridged.holder(field: field)?.text }
            guard let name = try text(.name), let address = try text(.address), let birth = try text(.birth) else { return nil }
            return Holder(
                name: name, address: address, birth: birth, era: try text(.era).flatMap(Era.init),
                sex: try text(.sex).flatMap(Sex.init) ?? .unknown, nameSubstitutes: try text(.nameSubstitutes),
                addressSubstitutes: try text(.addressSubstitutes))
        }
    }

    /// When it can be used.
    public func validity() throws(CardError) -> Validity {
        try told {
            Validity(
                firstDay: try bridged.firstDay(), lastDay: try bridged.lastDay(),
                daysLeft: try bridged.daysLeft().map(Int.init))
        }
    }

    /// The key's algorithm: `RS256` or `ES384`; nothing for a key that no card has.
    public func algorithm() throws(CardError) -> String? {
        try told { try bridged.algorithm() }
    }

    /// The key's size.
    public func keyBits() throws(CardError) -> Int? {
        try told { try bridged.keyBits().map(Int.init) }
    }

    /// Under which policies it was issued: object identifiers.
    public func policies() throws(CardError) -> [String] {
        try told { try bridged.policies() }
    }

    /// Which authority of J-LIS's issued it, such as `signca03`; nothing where it is none of the pinned ones.
    public func authority(among authorities: Authorities) throws(CardError) -> String? {
        try told { try bridged.authority(authorities: authorities.bridged) }
    }

    /// Looks at everything that can be looked at without asking its authority, as of now.
    public func examine(believing authorities: Authorities) throws(CardError) -> Findings {
        try told { try Findings(try bridged.examine(authorities: authorities.bridged)) }
    }

    /// Whose signing certificate it is.
    public struct Holder: Sendable, Redacted {
        /// 氏名; parts are separated by U+3000.
        public let name: String
        /// 住所.
        public let address: String
        /// 生年月日, `YYYYMMDD`, Gregorian; parts that are not known are zeros.
        public let birth: String
        /// 元号 of the birth date; nothing where it is another.
        public let era: Era?
        /// 性別.
        public let sex: Sex
        /// The characters of the name that stand for others, which the certificate cannot write. Nothing where nobody
        /// can tell.
        public let nameSubstitutes: String?
        /// The same of the address.
        public let addressSubstitutes: String?
    }

    /// 元号.
    public enum Era: String, Sendable, CaseIterable {
        case meiji
        case taisho
        case showa
        case heisei
        case reiwa
    }

    /// Days in Japan.
    public struct Validity: Sendable, Hashable {
        /// `YYYY-MM-DD`.
        public let firstDay: String
        /// `YYYY-MM-DD`.
        public let lastDay: String
        /// From today: 0 on the last day itself, nothing when it is over.
        public let daysLeft: Int?
    }
}
