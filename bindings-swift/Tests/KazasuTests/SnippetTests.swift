import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI
import XCTest

/// What the guide shows is what is compiled.
final class SnippetTests: XCTestCase {
    func testEveryPieceOfCodeInTheGuideIsCompiled() async throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        func lines(_ path: String) throws -> [Substring] {
            try String(contentsOf: here.appendingPathComponent(path).standardizedFileURL, encoding: .utf8)
                .split(separator: "\n").map { $0.drop { $0 == " " } }
        }
        let compiled = try lines("Snippets.swift").joined(separator: "\n")
        for guide in ["Kazasu.docc/GettingStarted.md", "Kazasu.docc/Documents.md"] {
            let text = try lines("../../Sources/Kazasu/\(guide)").joined(separator: "\n")
            let pieces = text.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
            XCTAssertGreaterThan(pieces.count, 3)
            for piece in pieces { XCTAssertTrue(compiled.contains(piece), piece) }
        }
        let name = try await Snippets().demoName()
        XCTAssertFalse(try XCTUnwrap(name).isEmpty)
        let card = try DemoCard()
        let reader = MyNumberCardReader(card)
        let signed = try await Snippets(reader: reader).sign(
            samplePDF(), password: card.secret(.signPassword))
        let table = try Snippets().table(of: signed, believing: .demo)
        XCTAssertGreaterThan(table.count, 10)
        XCTAssertFalse(table.contains { $0.contains("valid") && !$0.contains("validity") }, "\(table)")
        let pades = try Document.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex, profile: .pades)
        let plan = try Plan(signing: [pades])
        let kept = try await reader.read(plan, secrets: .of(card, .signPassword)).signed(pades)
        let stamped = try await Snippets().stamped(kept) { try await timestamp(answering: $0) }
        XCTAssertNotNil(try LookedAtFile.pdf(stamped, believing: .demo).signatures.first?.timestamp)
        let digest = Data(hex: sha256(Data("contract".utf8)))
        let beside = try await Snippets(reader: reader).signBeside(
            sha256: digest, password: card.secret(.signPassword))
        for (content, outcome) in [("contract", Conclusion.Outcome.everythingAsked), ("another", .fails)] {
            let conclusions = try Snippets().conclusions(
                of: beside, about: Data(content.utf8), believing: Snippets().demoAuthorities())
            XCTAssertEqual(conclusions.map { $0.outcome }, [outcome])
        }
        let token = try await Snippets(reader: reader).logIn(
            nonce: Data(count: 32).base64EncodedString(), pin: card.secret(.authPin))
        XCTAssertEqual(token.first, "{")
        let proof = try await Snippets(reader: reader).prove(
            nonce: Data(count: 32), pin: card.secret(.textPin))
        XCTAssertEqual(proof.first, UInt8(ascii: "{"))
    }
}
