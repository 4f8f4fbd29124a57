internal import KazasuPKIBindings
import Foundation
import Kazasu

/// A signed file that was looked at, as of now. Revocation is not asked about: only accredited verifiers can, and the
/// tables say so.
public struct LookedAtFile: Sendable, Redacted {
    /// Its signatures, each with a table of its own; at least one.
    public let signatures: [LookedAtSignature]
    /// Of a PDF: bytes behind the last one that any signature covers. Nobody signed them.
    public let unsignedBytes: Range<Int>?
    /// What was signed, where the file has it inside: of a JWS the message, of attached CMS the content. It says
    /// something only when the table does.
    public let payload: Data?
    private let damage: KazasuPKIBindings.Damage?

    private init(_ look: () throws -> KazasuPKIBindings.LookedAtFile) throws(CardError) {
        (signatures, unsignedBytes, payload, damage) = try told {
            let file = try look()
            return (
                try file.signatures().map(LookedAtSignature.init), try file.unsignedBytes().map(Range.init), try file.payload(),
                try file.damage()
            )
        }
    }

    /// Of a PDF, for people: why it could not be read as one. Then its signatures were looked for in its bytes alone,
    /// and of each the structure fails. Nothing of a file that could be read.
    public func damage(in language: CardLanguage = .ofUser) -> String? {
        language == .japanese ? damage?.japanese : damage?.english
    }

    /// A PDF: every signature in it.
    ///
    /// - Throws: ``Kazasu/CardError`` 460: not signed, or not as anybody could look at it.
    public static func pdf(_ file: Data, believing authorities: Authorities) throws(CardError) -> LookedAtFile {
        try LookedAtFile { try .pdf(file: file, authorities: authorities.bridged) }
    }

    /// CMS, DER: every signature in it.
    ///
    /// - Parameters:
    ///   - file: the CMS.
    ///   - content: what a detached signature is about.
    ///   - authorities: whom to believe.
    /// - Throws: ``Kazasu/CardError`` 460, as above.
    public static func cms(
        _ file: Data, of content: Data? = nil, believing authorities: Authorities
    ) throws(CardError) -> LookedAtFile {
        try LookedAtFile { try .cms(file: file, content: content, authorities: authorities.bridged) }
    }

    /// The same about a content that stays where it is: by its SHA-256, which the app makes piece by piece. Where a
    /// signature names a digest of another hash function, the table says that the content was not checked.
    ///
    /// - Throws: ``Kazasu/CardError`` 460, as above; 403: not 32 bytes.
    public static func cms(
        _ file: Data, sha256: Data, believing authorities: Authorities
    ) throws(CardError) -> LookedAtFile {
        try LookedAtFile { try .cmsOfDigest(file: file, sha256: sha256, authorities: authorities.bridged) }
    }

    /// A bare signature. Anything may be one: what is none is one that fails.
    ///
    /// - Parameters:
    ///   - signature: the signature.
    ///   - certificate: the one that is said to be the signer's, DER.
    ///   - key: the key that it is said to be of.
    ///   - content: what the signature is about, whole: which hash function it was, only the signature knows.
    ///   - authorities: whom to believe.
    /// - Throws: ``Kazasu/CardError`` 253: no certificate.
    public static func raw(
        _ signature: Data, certificate: Data, key: SigningKey, of content: Data? = nil,
        believing authorities: Authorities
    ) throws(CardError) -> LookedAtFile {
        try LookedAtFile {
            try .raw(
                signature: signature, certificate: certificate, key: key.bridged, content: content,
                authorities: authorities.bridged)
        }
    }

    /// A JWS in compact form.
    ///
    /// - Throws: ``Kazasu/CardError`` 460, as above.
    public static func jws(_ token: String, believing authorities: Authorities) throws(CardError) -> LookedAtFile {
        try LookedAtFile { try .jws(token: token, authorities: authorities.bridged) }
    }
}

/// What was found about one signature.
public struct LookedAtSignature: Sendable, Redacted {
    /// The table.
    public let findings: Findings
    /// The signer's certificate, if the file carries it. Whose it is, is only as true as the table says. Of a JWS and a
    /// bare signature nothing is handed out.
    public let certificate: HolderCertificate?
    /// When the signer says that it was; a claim.
    public let claimedTime: Date?
    /// When a timestamp says that it was; as true as the lines of the timestamp say.
    public let timestamp: Date?
    /// In a PDF: the name of its field.
    public let field: String?
    /// In a PDF: whether it is a timestamp of the document, which is nobody's signature.
    public let isDocumentTimestamp: Bool
    /// In a PDF: the date as it stands there, such as `D:20261121023921+09'00'`; a claim.
    public let claimedDate: String?
    /// In a PDF: what it covers.
    public let signedBytes: [Range<Int>]
    /// In a PDF: where the bytes are that are not the signed ones any more, as near as the other signatures tell.
    public let changedBytes: [Range<Int>]
    /// In a PDF: what was added later, revision by revision.
    public let addedLater: [Range<Int>]

    init(_ found: KazasuPKIBindings.Signature) throws {
        func date(_ seconds: Int64?) -> Date? { seconds.map { Date(timeIntervalSince1970: TimeInterval($0)) } }
        findings = try Findings(found.findings())
        certificate = try found.certificate().map(HolderCertificate.init)
        (claimedTime, timestamp) = (date(try found.claimedTime()), date(try found.timestamp()))
        (field, claimedDate) = (try found.field(), try found.claimedDate())
        isDocumentTimestamp = try found.isDocumentTimestamp()
        signedBytes = try found.signedBytes().map(Range.init)
        changedBytes = try found.changedBytes().map(Range.init)
        addedLater = try found.addedLater().map(Range.init)
    }
}

extension Range<Int> {
    init(_ range: ByteRange) {
        self = Int(range.start)..<Int(range.end)
    }
}
