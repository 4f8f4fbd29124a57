import Foundation
import Kazasu
import KazasuDemo
import XCTest

/// The plans of fixtures/plans, which every host must carry out alike.
final class PlanTests: XCTestCase {
    func testEveryPlanComesOutAsItsFileSays() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../fixtures/plans").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "txt" }
            .sorted { $0.path < $1.path }
        XCTAssertFalse(files.isEmpty)
        for file in files {
            let name = file.deletingPathExtension().lastPathComponent
            do {
                try await run(try PlanFile(String(contentsOf: file, encoding: .utf8)), name)
            } catch {
                XCTFail("\(name): \(error)")
            }
        }
        print("plans: \(files.count)")
    }

    private func run(_ file: PlanFile, _ name: String) async throws {
        let card = try DemoCard(file.card.0, profile: file.card.1, limits: file.limits)
        let channel: any CardChannel = file.slip.map { Pulled(card, after: $0) } ?? card
        let items = Items()
        var wants: [(at: Int, want: Want)] = []
        var documents: [(at: Int, document: OwnDocument)] = []
        for (at, asked) in file.asked.enumerated() {
            switch asked {
            case .want(let want): wants.append((at, want))
            case .later(let key, let digest): documents.append((at, OwnDocument(key) { _ in digest }))
            }
        }
        let places = wants.map(\.at)
        let plan = try Plan(wants.map(\.want), signing: documents.map(\.document))
        if let needs = file.needs { XCTAssertEqual(plan.secretsNeeded, needs, name) }
        let script = Script(file, name)
        var outcome: CardError?
        do throws(CardError) {
            let result = try await MyNumberCardReader(channel, language: .english).read(
                plan, secrets: try script.secrets(file.given)
            ) { error in
                script.hear(error)
            } onProgress: {
                switch $0 {
                case .cardLost(let error): _ = script.hear(error)
                case .read(let want, let item): items.keep(item, places[want])
                case .connected, .advanced: break
                }
            }
            for (at, document) in documents { items.keep(.signature(document.key, try result.signed(document)), at) }
        } catch {
            outcome = error
            script.end(error)
        }
        XCTAssertEqual(outcome != nil, file.endsBadly, "\(name): \(String(describing: outcome))")
        for (want, words) in file.expected {
            let described = items.of(want)?.described(words) ?? [words[0], words[1], "nothing"]
            XCTAssertEqual(described, words, "\(name): \(want)")
        }
        XCTAssertEqual(script.heard, file.endings.count, "\(name): endings")
        if let commands = file.commands { XCTAssertEqual(card.commands, commands, "\(name): commands") }
        if let secrets = file.secrets { XCTAssertEqual(card.secretsSent, secrets, "\(name): secrets") }
    }
}

/// What was read, also where the plan ended badly.
private final class Items: @unchecked Sendable {
    private let lock = NSLock()
    private var items: [Int: CardResult.Item] = [:]

    func keep(_ item: CardResult.Item, _ want: Int) { lock.withLock { items[want] = item } }
    func of(_ want: Int) -> CardResult.Item? { lock.withLock { items[want] } }
}

/// Hears the endings of contacts in the file's order, and gives what it gives after each.
private final class Script: @unchecked Sendable {
    private let lock = NSLock()
    private let file: PlanFile
    private let name: String
    private var at = 0
    private var last: CardError?

    init(_ file: PlanFile, _ name: String) {
        (self.file, self.name) = (file, name)
    }

    var heard: Int { lock.withLock { at } }

    func secrets(_ given: [PlanFile.Given]) throws(CardError) -> Secrets {
        let secrets = Secrets()
        for one in given {
            switch one {
            case .secret(let kind, let typed): try secrets.give(kind, typed)
            case .lastTry(let kind): secrets.allowLastTry(kind)
            }
        }
        return secrets
    }

    /// `nil` where the file ends here.
    func hear(_ error: CardError) -> Secrets? {
        let ending = lock.withLock { () -> PlanFile.Ending? in
            last = error
            guard at < file.endings.count else { return nil }
            defer { at += 1 }
            return file.endings[at]
        }
        guard let ending else {
            XCTFail("\(name): unexpected \(error)")
            return nil
        }
        XCTAssertEqual(Int(error.number), ending.number, name)
        if let left = ending.left { XCTAssertEqual(error.triesLeft.map(String.init) ?? "unknown", left, name) }
        if let spent = ending.spent {
            XCTAssertEqual(error.spent.map { $0 ? "yes" : "no" } ?? "unknown", spent, name)
        }
        XCTAssertFalse(error.what.isEmpty || error.next.isEmpty, name)
        if heard == file.endings.count, file.endsBadly { return nil }
        do {
            return try secrets(ending.given)
        } catch {
            XCTFail("\(name): \(error)")
            return nil
        }
    }

    /// What the reading threw: what was heard last, or the last ending.
    func end(_ error: CardError) {
        if lock.withLock({ last }) != error { _ = hear(error) }
    }
}

/// The card leaves the field once so many answers were given, before it sees the next command.
private final class Pulled: CardChannel, @unchecked Sendable {
    private let card: DemoCard
    private let lock = NSLock()
    private var left: Int

    init(_ card: DemoCard, after answers: Int) {
        (self.card, left) = (card, answers)
    }

    var limits: CardLimits { card.limits }
    var takesPower: Bool { true }

    func transceive(_ command: Data) async throws -> Data {
        if lock.withLock({
            left -= 1
            return left == -1
        }) {
            throw LinkFailure.cardLost
        }
        return try await card.transceive(command)
    }

    func reconnect(_ line: String) async throws {
        try await card.reconnect(line)
    }
}

extension CardResult.Item {
    /// In the words of a file's `expect:` line; `words` say which part.
    fileprivate func described(_ words: [String]) -> [String] {
        switch self {
        case .cardKind(let kind):
            let names: [CardKind: String] = [
                .myNumber: "my-number", .juki: "juki", .androidToken: "android-token", .iphoneToken: "iphone-token",
                .other: "other",
            ]
            return ["card-kind", names[kind]!]
        case .certificatesPresent(let present):
            return ["certificates", "sign", present.signing ? "yes" : "no", "auth", present.userAuthentication ? "yes" : "no"]
        case .tries(_, .left(let left)): return ["tries", "left", "\(left)"]
        case .tries(_, .blocked): return ["tries", "blocked"]
        case .tries(_, .unknown): return ["tries", "unknown"]
        default: break
        }
        guard let field = field(words[0]) else { return [words[0], words[1], "nothing"] }
        return [words[0], words[1]]
            + (words[1] == "text" ? String(decoding: field, as: UTF8.self).split(separator: " ").map(String.init) : [sha256(field)])
    }

    private func field(_ name: String) -> Data? {
        switch (self, name) {
        case (.certificate(_, let bytes), "value"), (.signingCertificate(let bytes), "value"),
            (.signature(_, let bytes), "value"), (.presence(_, let bytes), "value"),
            (.municipalityCertificate(_, let bytes), "value"), (.authenticationKey(let bytes), "value"),
            (.integrityRecord(let bytes), "value"):
            bytes
        case (.myNumber(let number), "value"): Data(number.digits.utf8)
        case (.cardRecord(let record), "serial"): Data(record.serial.utf8)
        case (.cardRecord(let record), "municipality"): Data(record.municipality.utf8)
        case (.cardRecord(let record), "expiry"): Data(record.expiry.utf8)
        case (.attributes(let it), "name"): Data(it.name.utf8)
        case (.attributes(let it), "address"): Data(it.address.utf8)
        case (.attributes(let it), "birth"): Data(it.birth.utf8)
        case (.attributes(let it), "sex"): Data(it.sex.rawValue.utf8)
        case (.attributes(let it), "record"): it.record
        case (.birthRecord(let it), "birth"): Data(it.birth.utf8)
        case (.birthRecord(let it), "record"): it.record
        case (.face(let it), "record"): it.record
        case (.face(let it), "birth"): Data(it.birth.utf8)
        case (.face(let it), "sex"): Data(it.sex.rawValue.utf8)
        case (.face(let it), "expiry"): Data(it.expiry.utf8)
        case (.face(let it), "photo"): it.photo
        case (.face(let it), "name-image"): it.nameImage
        case (.face(let it), "address-image"): it.addressImage
        case (.face(let it), "security-code-image"): it.securityCodeImage
        default: nil
        }
    }
}
