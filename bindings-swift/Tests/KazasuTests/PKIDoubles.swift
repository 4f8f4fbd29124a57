import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI

extension Authorities {
    /// Whoever believes these believes a card that anybody can make.
    static var demo: Authorities {
        get throws {
            try .testOnly(
                signing: DemoCard.authorities(over: .signature),
                userAuthentication: DemoCard.authorities(over: .userAuthentication),
                municipal: DemoCard.municipalAuthorities.map {
                    TestMunicipalAuthority(records: $0.records, id: $0.id, modulus: $0.modulus)
                })
        }
    }
}

/// One page, with what is asked for in its trailer.
func samplePDF(trailer: String = "") -> Data {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>", "<< /Filter /Standard /V 1 >>",
    ]
    var (file, table) = ("%PDF-1.7\n", "0000000000 65535 f \n")
    for (at, object) in objects.enumerated() {
        let offset = String(file.utf8.count)
        table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
        file += "\(at + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = file.utf8.count
    file += "xref\n0 \(objects.count + 1)\n\(table)trailer\n<< /Size \(objects.count + 1) /Root 1 0 R \(trailer)>>\n"
    return Data((file + "startxref\n\(start)\n%%EOF\n").utf8)
}

/// An app's own document.
final class OwnDocument: SignableDocument {
    let key: SigningKey
    let wantsAuthority = false
    private let makes: @Sendable (Data) throws -> Data

    init(_ key: SigningKey = .userAuthentication, _ makes: @escaping @Sendable (Data) throws -> Data) {
        (self.key, self.makes) = (key, makes)
    }

    func digest(certificate: Data, authority: Data?) throws -> Data { try makes(certificate) }
    func finish(signature: Data) throws -> Data { signature }
}

extension Secrets {
    /// Those of the card, as its holder types them.
    static func of(_ card: DemoCard, _ kinds: SecretKind...) throws -> Secrets {
        let secrets = Secrets()
        for kind in kinds { try secrets.give(kind, card.secret(kind)) }
        return secrets
    }
}
