import Foundation
import XCTest

@testable import Kazasu

/// The numbers and names of errors are those of every other host.
final class ErrorTests: XCTestCase {
    func testEveryNumberThatTheBridgeDeclaresIsHereAndNoOther() throws {
        let declared = try numbers("ffi/src/error.rs", after: "/// ")
        XCTAssertGreaterThan(declared.count, 20)
        let ofDocuments = try numbers("ffi/pki/src/error.rs", after: "/// ")
        XCTAssertGreaterThan(ofDocuments.count, 10)
        XCTAssertEqual(
            Set(declared + ofDocuments).sorted(), CardError.Code.allCases.map { Int($0.rawValue) }.filter { $0 < 500 })
    }

    func testEveryNumberHasItsStableName() throws {
        let core = try names("core/src/error.rs", #"\((\d{3}), "([a-z-]+)"\)"#)
        let host = try names("catalogue/src/host.rs", #"= (\d{3}) "([a-z-]+)""#)
        let document = try names("catalogue/src/document.rs", #"\((\d{3}), "([a-z-]+)"\)"#)
        // The one behind these is the command line's.
        let pdf = try names("catalogue/src/refusals.rs", #"=> \((46[1-8]), "([a-z-]+)"\)"#)
        XCTAssertEqual(core.count + host.count + document.count + pdf.count, CardError.Code.allCases.count)
        for code in CardError.Code.allCases {
            XCTAssertEqual((core + host + document + pdf)[Int(code.rawValue)], code.id)
        }
    }

    func testAHostsErrorHasWordsInBothLanguagesAndSaysWhoMustAct() throws {
        let source = try text("catalogue/src/host.rs")
        for failure in HostFailure.allCases {
            let english = CardError(failure, language: .english)
            let japanese = CardError(failure, language: .japanese)
            XCTAssertEqual(english.number, failure.rawValue)
            XCTAssertTrue(english.what.hasSuffix(".") && english.next.hasSuffix("."))
            XCTAssertTrue(japanese.what.hasSuffix("。") && japanese.next.hasSuffix("。"))
            XCTAssertEqual(english.spent, false)
            let who = "\(english.who)".capitalized
            XCTAssertTrue(source.contains("= \(failure.rawValue) \"\(english.code.id)\" \(who)"), "\(failure): \(who)")
        }
    }

    func testWhoMustActIsInTheHundreds() {
        func error(_ code: CardError.Code) -> CardError {
            CardError(
                code, english: CardError.Words(what: "", next: ""), japanese: CardError.Words(what: "", next: ""))
        }
        XCTAssertEqual(error(.lastTry).who, .user)
        XCTAssertEqual(error(.blocked).who, .card)
        XCTAssertEqual(error(.outcomeUnknown).who, .link)
        XCTAssertEqual(error(.misuse).who, .caller)
        XCTAssertEqual("\(error(.missingAID))", "kazasu 504 missing-aid")
    }

    /// What holds something of a person shows nothing of it, whichever way it is printed.
    func testResultsShowNothing() {
        let attributes = Attributes(name: "山田", address: "東京", birth: "19990101", sex: .male, record: Data([1, 2]))
        let result = CardResult(items: [.attributes(attributes), .myNumber(MyNumber(digits: "123456789018"))])
        var printed = "\(result) \(attributes) \(String(reflecting: result)) \(result.items)"
        dump(result, to: &printed)
        dump(Secret("1234"), to: &printed)
        for shown in ["山田", "東京", "1999", "1234"] { XCTAssertFalse(printed.contains(shown), printed) }
        XCTAssertFalse((result as Any) is any Encodable)
        XCTAssertFalse((attributes as Any) is any Encodable)
    }

    func testThePrivacyManifestIsInThePackage() throws {
        let url = try XCTUnwrap(Bundle.module.url(forResource: "PrivacyInfo", withExtension: "xcprivacy"))
        let plist = try PropertyListSerialization.propertyList(from: Data(contentsOf: url), format: nil)
        XCTAssertEqual((plist as? [String: Any])?["NSPrivacyTracking"] as? Bool, false)
        XCTAssertEqual((plist as? [String: Any])?.count, 4)
    }

    private func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        return try String(contentsOf: root.appendingPathComponent(path).standardizedFileURL, encoding: .utf8)
    }

    private func numbers(_ path: String, after mark: String) throws -> [Int] {
        try text(path).split(separator: "\n").compactMap { line in
            let line = line.drop { $0 == " " }
            guard line.hasPrefix(mark), line.dropFirst(mark.count + 3).hasPrefix(". ") else { return nil }
            return Int(line.dropFirst(mark.count).prefix(3))
        }
    }

    private func names(_ path: String, _ pattern: String) throws -> [Int: String] {
        let text = try text(path)
        let pattern = try NSRegularExpression(pattern: pattern)
        var names: [Int: String] = [:]
        pattern.enumerateMatches(in: text, range: NSRange(text.startIndex..., in: text)) { match, _, _ in
            guard let match, let number = Range(match.range(at: 1), in: text), let name = Range(match.range(at: 2), in: text)
            else { return }
            names[Int(text[number])!] = String(text[name])
        }
        return names
    }
}

private func + (a: [Int: String], b: [Int: String]) -> [Int: String] { a.merging(b) { $1 } }
