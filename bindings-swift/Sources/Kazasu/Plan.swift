internal import KazasuBindings
import Foundation

/// A secret of the card.
public enum SecretKind: String, Sendable, CaseIterable {
    /// 利用者証明用電子証明書の暗証番号: 4 digits.
    case authPin = "auth-pin"
    /// 署名用電子証明書の暗証番号: 6 to 16 letters and digits.
    case signPassword = "sign-password"
    /// 券面事項入力補助用の暗証番号: 4 digits.
    case textPin = "text-pin"
    /// 照合番号A: the 12 digits of the My Number.
    case numberA = "number-a"
    /// 照合番号B: 14 digits: birth date, expiry year, security code.
    case numberB = "number-b"
    /// 生年月日: 6 digits.
    case birthKey = "birth-key"
    /// The card PIN, whose counter alone can be asked for.
    case cardPin = "card-pin"
}

/// A key that a secret opens.
public enum SigningKey: Sendable, CaseIterable {
    /// 利用者証明用: opened by ``SecretKind/authPin``.
    case userAuthentication
    /// 署名用: opened by ``SecretKind/signPassword``.
    case signature
}

/// An application of the card whose records a municipality signed, and in which the card has a key of its own.
public enum SignedRecords: Sendable, CaseIterable {
    /// 券面事項入力補助AP.
    case text
    /// 券面事項確認AP.
    case surface
}

/// A certificate that needs no secret.
public enum CertificateKind: Sendable, CaseIterable {
    /// 利用者証明用電子証明書.
    case userAuthentication
    /// The CA certificate over it.
    case userAuthenticationCA
    /// The CA certificate over the signing certificate.
    case signingCA
}

/// One thing that is wanted of the card.
public enum Want: Sendable, Hashable {
    /// What kind of card it is.
    case cardKind
    /// Which certificates exist.
    case certificatesPresent
    /// Serial number, municipality and expiry.
    case cardRecord
    /// Tries left of a secret.
    case tries(SecretKind)
    /// A certificate that needs no secret.
    case certificate(CertificateKind)
    /// The signing certificate: name, address, birth date and sex are in it.
    case signingCertificate
    /// A signature over a digest of 32, 48 or 64 bytes: SHA-256, SHA-384 or SHA-512.
    case signature(SigningKey, digest: Data)
    /// 個人番号.
    case myNumber
    /// 基本4情報: name, address, birth date, sex.
    case attributes
    /// The card's face, photo included.
    case face
    /// A signature over the digest of a verifier's nonce with the card's own key, which needs no secret: the chip is
    /// here.
    case presence(SignedRecords, digest: Data)
    /// The certificate over the municipality's key that signed the records; it needs no secret.
    case municipalityCertificate(SignedRecords)
    /// The card's own public key in the text application, signed by the municipality's.
    case authenticationKey
    /// Digests of My Number and attributes, signed by the municipality's key.
    case integrityRecord
    /// The birth date alone, with the card's own public key in the surface application, signed by the municipality's.
    case birthRecord
}

/// Everything that is wanted of one contact with the card: what it needs and costs is known before there is a card.
public struct Plan: Sendable {
    /// What is wanted, in order.
    public let wants: [Want]
    /// What is signed beside, with what is read in the same contact.
    public let documents: [any SignableDocument]
    /// The secrets that it needs: of each group any one, the one that most people know first.
    public let secretsNeeded: [[SecretKind]]
    /// What it will cost.
    public let estimate: Estimate

    /// With documents to sign: each is signed once, however often it is named here. All of one key's are signed with
    /// one secret.
    ///
    /// - Throws: ``CardError`` 403 where nothing is wanted, a digest has another length than 32, 48 or 64 bytes, or a
    ///   document is used up.
    public init(_ wants: [Want] = [], signing documents: [any SignableDocument] = []) throws(CardError) {
        self.wants = wants
        self.documents = documents.reduce(into: []) { kept, one in
            if !kept.contains(where: { $0 === one }) { kept.append(one) }
        }
        do {
            let operation = try CardOperation.plan(wants: try Asked(wants, self.documents).wants)
            secretsNeeded = try operation.needs().map { $0.oneOf.map(SecretKind.init) }
            let cost = try operation.estimate(maxResponse: UInt32(CardLimits.short.maxResponse))
            estimate = Estimate(
                commands: Int(cost.commands), bytes: Int(cost.bytes), seconds: TimeInterval(cost.milliseconds) / 1000)
        } catch {
            throw CardError(error)
        }
    }

    /// - Throws: ``CardError`` 403, as above.
    public init(_ wants: Want..., signing documents: [any SignableDocument] = []) throws(CardError) {
        try self.init(wants, signing: documents)
    }

    /// What a plan costs.
    public struct Estimate: Sendable, Hashable {
        /// Commands to the card.
        public let commands: Int
        /// Bytes of files.
        public let bytes: Int
        /// Inferred, for a phone.
        public let seconds: TimeInterval
    }
}

// MARK: - the bridge's words for it

extension SecretKind {
    init(_ kind: KazasuBindings.SecretKind) {
        self =
            switch kind {
            case .authPin: .authPin
            case .signPassword: .signPassword
            case .textPin: .textPin
            case .numberA: .numberA
            case .numberB: .numberB
            case .birthKey: .birthKey
            case .cardPin: .cardPin
            }
    }

    var bridged: KazasuBindings.SecretKind {
        switch self {
        case .authPin: .authPin
        case .signPassword: .signPassword
        case .textPin: .textPin
        case .numberA: .numberA
        case .numberB: .numberB
        case .birthKey: .birthKey
        case .cardPin: .cardPin
        }
    }
}

extension Want {
    var bridged: KazasuBindings.Want {
        switch self {
        case .cardKind: .cardKind
        case .certificatesPresent: .certificatesPresent
        case .cardRecord: .cardRecord
        case .tries(let secret): .tries(secret: secret.bridged)
        case .certificate(.userAuthentication): .certificate(which: .auth)
        case .certificate(.userAuthenticationCA): .certificate(which: .authCa)
        case .certificate(.signingCA): .certificate(which: .signCa)
        case .signingCertificate: .signingCertificate
        case .signature(.userAuthentication, let digest): .sign(key: .auth, digest: digest)
        case .signature(.signature, let digest): .sign(key: .sign, digest: digest)
        case .myNumber: .myNumber
        case .attributes: .attributes
        case .face: .face
        case .presence(let records, let digest): .presence(records: records.bridged, digest: digest)
        case .municipalityCertificate(let records): .municipalityCertificate(records: records.bridged)
        case .authenticationKey: .authenticationKey
        case .integrityRecord: .integrityRecord
        case .birthRecord: .birthRecord
        }
    }
}

extension SignedRecords {
    fileprivate var bridged: KazasuBindings.SignedRecords {
        switch self {
        case .text: .text
        case .surface: .surface
        }
    }
}
