internal import KazasuPKIBindings
import Foundation
import Kazasu

/// What the holder was told that everybody who has the file will read in it: the signing certificate goes into it
/// whole.
public enum Disclosure: Sendable {
    case nameAddressBirthDateAndSex
}

/// Who will accept a signed PDF.
public enum PDFProfile: Sendable, CaseIterable {
    /// `adbe.pkcs7.detached`: what 登記・供託オンライン申請システム takes, and every PDF program knows.
    case registry
    /// `ETSI.CAdES.detached`: PAdES B-B.
    case pades
}

/// Where the content of a CMS signature is.
public enum Content: Sendable, CaseIterable {
    /// Beside the signature.
    case detached
    /// Inside it.
    case attached
}

/// What to do with an expired certificate.
public enum Expired: Sendable, CaseIterable {
    /// Refuse it; nothing is signed.
    case refuse
    /// Sign all the same; others will not accept the signature.
    case allow
}

/// What to do with a PDF that has a signature already which fails, or which nobody can look at.
public enum EarlierSignatures: Sendable, CaseIterable {
    /// Refuse it.
    case mustHold
    /// Sign it as it is, for a holder who was told; that signature goes on failing.
    case mayFail
}

/// A file, a message or a login that is to be signed with the card.
///
/// It is made before there is a card, and whatever stands against signing it is refused then. It goes into a
/// ``Kazasu/Plan`` beside what else is wanted, and what came of it is ``Kazasu/CardResult/signed(_:)``: nothing that
/// the card's certificate does not verify.
///
/// ```swift
/// let contract = try Document.pdf(file, showing: .nameAddressBirthDateAndSex)
/// let plan = try Plan(signing: [contract])
/// let signed = try await MyNumberCardReader().read(plan, secrets: secrets).signed(contract)
/// ```
///
/// One signature comes of it: for a second one, make another. A large file takes its time: not on the main actor.
public final class Document<Signed: Sendable>: SignableDocument, Redacted {
    private let made: KazasuPKIBindings.Document
    private let expired: Expired
    private let reads: @Sendable (Data) -> Signed
    public let wantsAuthority: Bool

    fileprivate init(
        _ expired: Expired, as reads: @escaping @Sendable (Data) -> Signed,
        _ make: () throws -> KazasuPKIBindings.Document
    ) throws(CardError) {
        (self.expired, self.reads) = (expired, reads)
        (made, wantsAuthority) = try told {
            let made = try make()
            return (made, try made.wantsAuthority())
        }
    }

    /// With which key it is signed.
    ///
    /// - Throws: ``Kazasu/CardError`` 403: it is used up.
    public var key: SigningKey {
        get throws(CardError) { try told { SigningKey(try made.key()) } }
    }

    /// - Throws: ``Kazasu/CardError`` 251: the certificate has expired; 253: it cannot be read; 403: it is of the other
    ///   key, or the document is used up.
    public func digest(certificate: Data, authority: Data?) throws -> Data {
        try told { try made.digest(certificate: certificate, authority: authority, expired: expired.bridged) }
    }

    /// - Throws: ``Kazasu/CardError`` 252: the certificate does not verify the signature; 403: there is no digest yet,
    ///   or the document is used up.
    public func finish(signature: Data) throws -> Signed {
        try told { reads(try made.finish(signature: signature)) }
    }
}

extension Document<Data> {
    /// A PDF with the signature inside, added behind what was there.
    ///
    /// - Parameters:
    ///   - content: the PDF.
    ///   - disclosure: what the holder was told that the file will show.
    ///   - profile: who will accept it.
    ///   - earlier: what to do where it has a signature already which fails, or which nobody can look at.
    ///   - expired: what to do with an expired certificate.
    /// - Throws: ``Kazasu/CardError`` 461 to 468: no PDF; damaged, encrypted, certified against changes, ambiguous, too
    ///   large; 472: an earlier signature fails or cannot be looked at.
    public static func pdf(
        _ content: Data, showing disclosure: Disclosure, profile: PDFProfile = .registry,
        earlier: EarlierSignatures = .mustHold, expired: Expired = .refuse
    ) throws(CardError) -> Document {
        try file(expired) {
            try .pdf(
                content: content, profile: profile.bridged, earlier: earlier.bridged, disclosure: disclosure.bridged)
        }
    }

    /// Any file with its signature in CMS (CAdES-B-B), DER.
    ///
    /// - Throws: ``Kazasu/CardError`` 456: too large to go inside the signature.
    public static func cms(
        _ content: Data, showing disclosure: Disclosure, place: Content = .detached, expired: Expired = .refuse
    ) throws(CardError) -> Document {
        try file(expired) { try .cms(content: content, place: place.bridged, disclosure: disclosure.bridged) }
    }

    /// The same beside a file that stays where it is: by its SHA-256, which the app makes piece by piece.
    ///
    /// - Throws: ``Kazasu/CardError`` 403: not 32 bytes.
    public static func cms(
        sha256: Data, showing disclosure: Disclosure, expired: Expired = .refuse
    ) throws(CardError) -> Document {
        try file(expired) { try .cmsOfDigest(sha256: sha256, disclosure: disclosure.bridged) }
    }

    /// Any file with the bare signature that the card makes (RSASSA-PKCS1-v1_5 over SHA-256): 256 bytes that name
    /// nobody. Whoever verifies it needs the file and the certificate of the key, which the same plan can read.
    ///
    /// - Throws: ``Kazasu/CardError`` where the library fails; there is no content that cannot be signed.
    public static func raw(
        _ content: Data, key: SigningKey, expired: Expired = .refuse
    ) throws(CardError) -> Document {
        try file(expired) { try .raw(content: content, key: key.bridged) }
    }

    /// The same of a file that stays where it is: by its SHA-256. It is looked at with the whole file only.
    ///
    /// - Throws: ``Kazasu/CardError`` 403: not 32 bytes.
    public static func raw(sha256: Data, key: SigningKey, expired: Expired = .refuse) throws(CardError) -> Document {
        try file(expired) { try .rawOfDigest(sha256: sha256, key: key.bridged) }
    }

    private static func file(
        _ expired: Expired, _ make: () throws -> KazasuPKIBindings.Document
    ) throws(CardError) -> Document {
        try Document(expired, as: { $0 }, make)
    }
}

extension Document<String> {
    /// A message to the app's own server: a JWS in compact form, with the certificate for user authentication in its
    /// header. Who sees the token sees that certificate, which has no name in it.
    ///
    /// - Throws: ``Kazasu/CardError`` 456: too large.
    public static func jws(_ content: Data, expired: Expired = .refuse) throws(CardError) -> Document {
        try token(expired) { try .jws(content: content) }
    }

    /// A login at a website: a token for its server (Web eID 1.0), JSON.
    ///
    /// - Parameters:
    ///   - origin: as the holder is shown it: `https://…`, without a path.
    ///   - nonce: what the server drew for this login, in base64.
    ///   - expired: what to do with an expired certificate.
    /// - Throws: ``Kazasu/CardError`` 456: no such origin or nonce.
    public static func login(
        origin: String, nonce: String, expired: Expired = .refuse
    ) throws(CardError) -> Document {
        try token(expired) { try .login(origin: origin, nonce: nonce) }
    }

    private static func token(
        _ expired: Expired, _ make: () throws -> KazasuPKIBindings.Document
    ) throws(CardError) -> Document {
        try Document(expired, as: { $0.text }, make)
    }
}

// MARK: - the library's words for it

extension Disclosure {
    fileprivate var bridged: KazasuPKIBindings.Disclosure {
        switch self {
        case .nameAddressBirthDateAndSex: .theFileWillShowNameAddressBirthDateAndSex
        }
    }
}

extension PDFProfile {
    fileprivate var bridged: PdfProfile {
        switch self {
        case .registry: .registry
        case .pades: .pades
        }
    }
}

extension EarlierSignatures {
    fileprivate var bridged: KazasuPKIBindings.EarlierSignatures {
        switch self {
        case .mustHold: .mustHold
        case .mayFail: .mayFail
        }
    }
}

extension Content {
    fileprivate var bridged: KazasuPKIBindings.Content {
        switch self {
        case .detached: .detached
        case .attached: .attached
        }
    }
}

extension Expired {
    fileprivate var bridged: KazasuPKIBindings.Expired {
        switch self {
        case .refuse: .refuse
        case .allow: .allow
        }
    }
}

extension SigningKey {
    init(_ key: Key) {
        self =
            switch key {
            case .auth: .userAuthentication
            case .sign: .signature
            }
    }

    var bridged: Key {
        switch self {
        case .userAuthentication: .auth
        case .signature: .sign
        }
    }
}
