import Foundation
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
        let guide = try lines("../../Sources/Kazasu/Kazasu.docc/GettingStarted.md").joined(separator: "\n")
        let pieces = guide.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
        XCTAssertGreaterThan(pieces.count, 3)
        for piece in pieces { XCTAssertTrue(compiled.contains(piece), piece) }
        let name = try await Snippets().demoName()
        XCTAssertFalse(try XCTUnwrap(name).isEmpty)
    }
}
