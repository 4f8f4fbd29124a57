internal import KazasuPKIBindings
import Foundation
import Kazasu

/// A request for a timestamp (RFC 3161) about one signed file. The app carries it to an authority of its choice, and
/// the answer back: nothing here has a network. What no answer could be put into is refused when it is made.
///
/// ```swift
/// let asked = try TimestampRequest.pdf(signed)
/// let answer = try await post(asked.request)
/// let stamped = try asked.attach(answer)
/// ```
public final class TimestampRequest: Sendable, Redacted {
    private let made: KazasuPKIBindings.TimestampRequest
    /// What goes to the authority: posted as `application/timestamp-query`. It holds a digest of the signature and a
    /// random number, and nothing else of the file.
    public let request: Data

    private init(_ make: () throws -> KazasuPKIBindings.TimestampRequest) throws(CardError) {
        (made, request) = try told {
            let made = try make()
            return (made, try made.request())
        }
    }

    /// About the last signature of a PDF that was signed with ``PDFProfile/pades``, where room was kept for a
    /// timestamp.
    ///
    /// - Throws: ``Kazasu/CardError`` 473: no signature, or one that fails, has a timestamp, or has no room for one;
    ///   460: it cannot be looked at.
    public static func pdf(_ file: Data) throws(CardError) -> TimestampRequest {
        try TimestampRequest { try .pdf(file: file) }
    }

    /// About the signature in CMS, DER, with its content inside or beside it.
    ///
    /// - Throws: ``Kazasu/CardError`` 473, as above.
    public static func cms(_ file: Data) throws(CardError) -> TimestampRequest {
        try TimestampRequest { try .cms(file: file) }
    }

    /// The signed file with the timestamp in it.
    ///
    /// - Parameter answer: what the authority answered (`application/timestamp-reply`). Whether the authority is
    ///   believed shows when the file is looked at.
    /// - Throws: ``Kazasu/CardError`` 473: no answer to this request.
    public func attach(_ answer: Data) throws(CardError) -> Data {
        try told { try made.attach(answer: answer) }
    }
}
