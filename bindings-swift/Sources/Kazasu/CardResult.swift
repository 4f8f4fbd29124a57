internal import KazasuBindings
import Foundation

/// What came of a plan. Shows nothing of it in logs; keep it no longer than you need it.
public struct CardResult: Sendable, Redacted {
    /// One for each want, in their order.
    public let items: [Item]

    let wants: [Want]
    let signed: [(document: any SignableDocument, outcome: Result<any Sendable, CardError>)]

    /// What came of one want.
    public enum Item: Sendable, Redacted {
        case cardKind(CardKind)
        case certificatesPresent(CertificatesPresent)
        case cardRecord(CardRecord)
        case tries(SecretKind, Tries)
        /// DER.
        case certificate(CertificateKind, Data)
        /// DER.
        case signingCertificate(Data)
        /// PKCS #1 v1.5, 256 bytes.
        case signature(SigningKey, Data)
        case myNumber(MyNumber)
        case attributes(Attributes)
        case face(Face)
        /// PKCS #1 v1.5, 256 bytes.
        case presence(SignedRecords, Data)
        /// As the card holds it.
        case municipalityCertificate(SignedRecords, Data)
        /// As the card holds it.
        case authenticationKey(Data)
        /// As the card holds it.
        case integrityRecord(Data)
        case birthRecord(BirthRecord)
    }
}

/// What is in the field.
public enum CardKind: Sendable {
    /// 個人番号カード.
    case myNumber
    /// 住民基本台帳カード.
    case juki
    /// スマホ用電子証明書 on Android.
    case androidToken
    /// スマホ用電子証明書 on an iPhone.
    case iphoneToken
    /// Another card.
    case other
}

/// Which certificates a card carries.
public struct CertificatesPresent: Sendable, Hashable {
    /// 署名用電子証明書; holders under 15 have none.
    public let signing: Bool
    /// 利用者証明用電子証明書.
    public let userAuthentication: Bool
}

/// Tries left of a secret.
public enum Tries: Sendable, Hashable {
    /// So many; never 0.
    case left(Int)
    /// None: only an office can help.
    case blocked
    /// The card did not tell.
    case unknown
}

/// What the card says about itself.
public struct CardRecord: Sendable, Redacted {
    /// The card's serial number.
    public let serial: String
    /// The municipality's code.
    public let municipality: String
    /// `YYYYMMDD`.
    public let expiry: String
}

/// 個人番号.
public struct MyNumber: Sendable, Redacted {
    /// 12 digits.
    public let digits: String
}

/// 性別, as the card has it.
public enum Sex: String, Sendable {
    case unknown = "0"
    case male = "1"
    case female = "2"
    case notApplicable = "9"
}

/// 基本4情報.
public struct Attributes: Sendable, Redacted {
    /// 氏名.
    public let name: String
    /// 住所.
    public let address: String
    /// 生年月日, `YYYYMMDD`.
    public let birth: String
    /// 性別.
    public let sex: Sex
    /// The file as the card holds it, for a later verifier.
    public let record: Data
}

/// The card's face.
public struct Face: Sendable, Redacted {
    /// 生年月日, `YYYYMMDD`.
    public let birth: String
    /// 性別.
    public let sex: Sex
    /// `YYYYMMDD`.
    public let expiry: String
    /// JPEG 2000.
    public let photo: Data
    /// The name as printed, PNG.
    public let nameImage: Data
    /// The address as printed, PNG.
    public let addressImage: Data
    /// The security code as printed, PNG.
    public let securityCodeImage: Data
    /// The file as the card holds it, for a later verifier.
    public let record: Data
}

/// The birth date alone, signed.
public struct BirthRecord: Sendable, Redacted {
    /// 生年月日, `YYYYMMDD`.
    public let birth: String
    /// The file as the card holds it, for a later verifier.
    public let record: Data
}

// MARK: - by what was wanted

extension CardResult {
    /// Of ``Want/attributes``.
    public var attributes: Attributes? { first { if case .attributes(let it) = $0 { it } else { nil } } }
    /// Of ``Want/face``.
    public var face: Face? { first { if case .face(let it) = $0 { it } else { nil } } }
    /// Of ``Want/myNumber``.
    public var myNumber: MyNumber? { first { if case .myNumber(let it) = $0 { it } else { nil } } }
    /// Of ``Want/cardKind``.
    public var cardKind: CardKind? { first { if case .cardKind(let it) = $0 { it } else { nil } } }
    /// Of ``Want/cardRecord``.
    public var cardRecord: CardRecord? { first { if case .cardRecord(let it) = $0 { it } else { nil } } }
    /// Of ``Want/certificatesPresent``.
    public var certificatesPresent: CertificatesPresent? {
        first { if case .certificatesPresent(let it) = $0 { it } else { nil } }
    }
    /// Of ``Want/signingCertificate``: DER.
    public var signingCertificate: Data? { first { if case .signingCertificate(let der) = $0 { der } else { nil } } }

    /// Of ``Want/certificate(_:)``: DER.
    public func certificate(_ which: CertificateKind) -> Data? {
        first { if case .certificate(which, let der) = $0 { der } else { nil } }
    }

    /// Of every ``Want/signature(_:digest:)`` with this key, in their order: PKCS #1 v1.5, 256 bytes.
    public func signatures(_ key: SigningKey) -> [Data] {
        items.compactMap { if case .signature(key, let bytes) = $0 { bytes } else { nil } }
    }

    /// What came of a document of the plan's: the signed file, the token.
    ///
    /// - Throws: What its ``SignableDocument/finish(signature:)`` threw; ``CardError`` 403 where it was not in the
    ///   plan.
    public func signed<Signed>(_ document: some SignableDocument<Signed>) throws(CardError) -> Signed {
        let outcome = signed.first { $0.document === document }?.outcome
        guard let signed = try outcome?.get() as? Signed else { throw CardError.wrongOrder }
        return signed
    }

    /// What came of just this want.
    package func item(of want: Want) -> Item? {
        zip(wants, items).first { $0.0 == want }?.1
    }

    /// Of ``Want/birthRecord``.
    public var birthRecord: BirthRecord? { first { if case .birthRecord(let it) = $0 { it } else { nil } } }

    /// Of ``Want/tries(_:)``.
    public func tries(_ secret: SecretKind) -> Tries? {
        first { if case .tries(secret, let left) = $0 { left } else { nil } }
    }

    private func first<T>(_ pick: (Item) -> T?) -> T? {
        items.lazy.compactMap(pick).first
    }
}

// MARK: - from the bridge

extension CardResult {
    /// Of an operation that has ended well.
    init(_ asked: Asked, of operation: CardOperation, language: CardLanguage) throws {
        wants = asked.items
        items = try asked.items.enumerated().map { at, want in try Item(want, UInt32(at), of: operation) }
        signed = try asked.signing.map { signing in
            guard let signature = try operation.field(want: signing.at, field: .value) else { throw HostFailure.hostFailed }
            return (
                signing.document,
                Result { try signing.document.finish(signature: signature) as any Sendable }
                    .mapError { CardError($0, language: language) }
            )
        }
    }

    /// Of these, whatever they are.
    init(items: [Item]) {
        (self.items, wants, signed) = (items, [], [])
    }
}

extension CardResult.Item {
    init(_ want: Want, _ at: UInt32, of operation: CardOperation) throws {
        // Not there: not read yet. Of an operation that has ended well, all is.
        func bytes(_ field: Field) throws -> Data {
            guard let bytes = try operation.field(want: at, field: field) else { throw HostFailure.hostFailed }
            return bytes
        }
        func text(_ field: Field) throws -> String { String(decoding: try bytes(field), as: UTF8.self) }
        func sex() throws -> Sex { Sex(rawValue: try text(.sex)) ?? .unknown }
        func there<T>(_ part: T?) throws -> T {
            guard let part else { throw HostFailure.hostFailed }
            return part
        }
        self =
            switch want {
            case .cardKind:
                switch try there(operation.cardKind()) {
                case .myNumber: .cardKind(.myNumber)
                case .juki: .cardKind(.juki)
                case .androidToken: .cardKind(.androidToken)
                case .iphoneToken: .cardKind(.iphoneToken)
                case .other: .cardKind(.other)
                }
            case .certificatesPresent:
                .certificatesPresent(CertificatesPresent(try there(operation.certificatesPresent())))
            case .cardRecord:
                .cardRecord(
                    CardRecord(
                        serial: try text(.serial), municipality: try text(.municipality), expiry: try text(.expiry)))
            case .tries(let secret):
                switch try there(operation.tries(want: at)) {
                case .left(let tries): .tries(secret, .left(Int(tries)))
                case .blocked: .tries(secret, .blocked)
                case .unknown: .tries(secret, .unknown)
                }
            case .certificate(let which): .certificate(which, try bytes(.value))
            case .signingCertificate: .signingCertificate(try bytes(.value))
            case .signature(let key, _): .signature(key, try bytes(.value))
            case .myNumber: .myNumber(MyNumber(digits: try text(.value)))
            case .attributes:
                .attributes(
                    Attributes(
                        name: try text(.name), address: try text(.address), birth: try text(.birth), sex: try sex(),
                        record: try bytes(.record)))
            case .face:
                .face(
                    Face(
                        birth: try text(.birth), sex: try sex(), expiry: try text(.expiry), photo: try bytes(.photo),
                        nameImage: try bytes(.nameImage), addressImage: try bytes(.addressImage),
                        securityCodeImage: try bytes(.securityCodeImage), record: try bytes(.record)))
            case .presence(let records, _): .presence(records, try bytes(.value))
            case .municipalityCertificate(let records): .municipalityCertificate(records, try bytes(.value))
            case .authenticationKey: .authenticationKey(try bytes(.value))
            case .integrityRecord: .integrityRecord(try bytes(.value))
            case .birthRecord: .birthRecord(BirthRecord(birth: try text(.birth), record: try bytes(.record)))
            }
    }
}

extension CertificatesPresent {
    fileprivate init(_ present: KazasuBindings.CertificatesPresent) {
        (signing, userAuthentication) = (present.sign, present.auth)
    }
}
