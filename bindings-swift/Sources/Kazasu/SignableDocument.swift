internal import KazasuBindings
import Foundation

/// Something that is signed in the tap, and whose digest is made there, because the certificate that is read in the
/// same contact is a part of what is signed. `KazasuPKI` has PDF, CMS, JWS and the login; write your own for another
/// format.
///
/// What can be refused without a card is best refused when the document is made.
public protocol SignableDocument<Signed>: AnyObject, Sendable {
    /// What comes of it: a file, a token.
    associatedtype Signed: Sendable

    /// With which key. Asked before there is a card: what can no more be signed throws here.
    var key: SigningKey { get throws }

    /// Whether the certificate of the authority over the key's is read, too.
    var wantsAuthority: Bool { get }

    /// What the card signs: 32, 48 or 64 bytes; SHA-256, SHA-384 or SHA-512. The card is held meanwhile. After a slip
    /// it may be asked again. If it throws, nothing is signed, and the reading ends with that error.
    ///
    /// - Parameters:
    ///   - certificate: of ``key``, DER.
    ///   - authority: the certificate over it, DER, where ``wantsAuthority`` says so.
    func digest(certificate: Data, authority: Data?) throws -> Data

    /// What comes of the card's signature: PKCS #1 v1.5, 256 bytes. Once, after the card said all that was wanted.
    func finish(signature: Data) throws -> Signed
}

/// What a bridge is asked for: what the app wants, then what its documents take.
struct Asked: Sendable {
    /// What the app wants.
    let items: [Want]
    /// All that the bridge is asked for; these come first.
    let wants: [KazasuBindings.Want]
    let signing: [Signing]

    /// A document, and where the bridge has what belongs to it.
    struct Signing: Sendable {
        let document: any SignableDocument
        /// Of its signature.
        let at: UInt32
        let certificate: UInt32
        let authority: UInt32?
    }

    init(_ items: [Want], _ documents: [any SignableDocument]) throws {
        self.items = items
        var all = items.map(\.bridged)
        // Read once, whoever wants it.
        func index(of want: KazasuBindings.Want) -> UInt32 {
            if let at = all.firstIndex(of: want) { return UInt32(at) }
            all.append(want)
            return UInt32(all.count - 1)
        }
        signing = try documents.map { document in
            let (certificate, authority, key): (KazasuBindings.Want, KazasuBindings.Want, KazasuBindings.SigningKey) =
                switch try document.key {
                case .userAuthentication: (.certificate(which: .auth), .certificate(which: .authCa), .auth)
                case .signature: (.signingCertificate, .certificate(which: .signCa), .sign)
                }
            let own = index(of: certificate)
            let above = document.wantsAuthority ? index(of: authority) : nil
            all.append(.signLater(key: key))
            return Signing(document: document, at: UInt32(all.count - 1), certificate: own, authority: above)
        }
        wants = all
    }
}
