import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI
import XCTest

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
func samplePDF(trailer: String = "", catalog: String = "", more: [String] = []) -> Data {
    let objects =
        [
            "<< /Type /Catalog /Pages 2 0 R \(catalog)>>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>", "<< /Filter /Standard /V 1 >>",
        ] + more
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

/// An answer to a request for a timestamp (RFC 3161), written by hand, of 2026-11-20; `nonce` is another one than that
/// of the request.
func timestamp(answering request: Data, nonce: [UInt8]? = nil) async throws -> Data {
    func tlv(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        let body = parts.flatMap { $0 }
        let (high, low) = (UInt8(body.count >> 8), UInt8(body.count & 0xFF))
        let length = body.count < 0x80 ? [low] : high == 0 ? [0x81, low] : [0x82, high, low]
        return [tag] + length + body
    }
    // Of each TLV in these bytes, all of it, and where its contents begin.
    func parts(_ der: [UInt8]) -> [(all: [UInt8], contents: [UInt8])] {
        var (rest, parts) = (der[...], [(all: [UInt8], contents: [UInt8])]())
        while rest.count > 1 {
            let first = rest[rest.startIndex + 1]
            let more = first < 0x80 ? 0 : Int(first & 0x7F)
            let digits = rest.dropFirst(2).prefix(more)
            let length = more == 0 ? Int(first) : digits.reduce(0) { $0 << 8 | Int($1) }
            let all = rest.prefix(2 + more + length)
            parts.append((Array(all), Array(all.dropFirst(2 + more))))
            rest = rest.dropFirst(all.count)
        }
        return parts
    }
    let card = try DemoCard()
    let reader = MyNumberCardReader(card)
    let read = try await reader.read(try Plan(.certificate(.userAuthentication)))
    let certificate = [UInt8](try XCTUnwrap(read.certificate(.userAuthentication)))
    // version, serialNumber, signature, issuer
    let names = parts(parts(parts(certificate)[0].contents)[0].contents)
    // version, messageImprint, nonce
    let asked = parts(parts([UInt8](request))[0].contents)
    let sha256OID: [UInt8] = [0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]
    let pkcs9: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9]
    let type = tlv(0x06, pkcs9 + [0x10, 1, 4])
    let info = tlv(
        0x30, [2, 1, 1], [0x06, 3, 0x2A, 3, 4], asked[1].all, [2, 1, 9], tlv(0x18, Array("20261120000000Z".utf8)),
        nonce ?? asked[2].all)
    let attributes =
        tlv(0x30, tlv(0x06, pkcs9 + [3]), tlv(0x31, type))
        + tlv(0x30, tlv(0x06, pkcs9 + [4]), tlv(0x31, tlv(0x04, [UInt8](Data(hex: sha256(Data(info)))))))
    let digest = Data(hex: sha256(Data(tlv(0x31, attributes))))
    let plan = try Plan(.signature(.userAuthentication, digest: digest))
    let made = try await reader.read(plan, secrets: .of(card, .authPin)).signatures(.userAuthentication)
    let signature = [UInt8](try XCTUnwrap(made.first))
    let hash = tlv(0x30, sha256OID)
    let rsa: [UInt8] = [0x30, 0x0D, 0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 0x0B, 5, 0]
    let signer = tlv(
        0x30, [2, 1, 1], tlv(0x30, names[3].all, names[1].all), hash, tlv(0xA0, attributes), rsa, tlv(0x04, signature))
    let signed = tlv(
        0x30, [2, 1, 3], tlv(0x31, hash), tlv(0x30, type, tlv(0xA0, tlv(0x04, info))), tlv(0xA0, certificate),
        tlv(0x31, signer))
    let token = tlv(0x30, tlv(0x06, Array(pkcs9.dropLast()) + [7, 2]), tlv(0xA0, signed))
    return Data(tlv(0x30, tlv(0x30, [2, 1, 0]), token))
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
