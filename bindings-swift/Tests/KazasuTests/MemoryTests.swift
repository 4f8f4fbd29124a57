#if os(Linux)
import Foundation
import Glibc
import KazasuBindings
import KazasuDemo
import KazasuPKI
import KazasuPKIBindings
import XCTest

@testable import Kazasu

/// What is typed and what is read, searched for in this process's own memory. The card here is a table of literal
/// answers: the simulated card would be one more place where it lies.
final class MemoryTests: XCTestCase {
    func testNoSecretStaysAfterItsReading() async throws {
        let password = Marked(of: 0x10)
        for answer: [UInt8] in [[0x90, 0x00], [0x63, 0xC4], [0x69, 0x84]] {
            let onItsWay = Heard<Int>()
            let card = Table { command in
                guard command.count > 5 else { return [0x63, 0xC5] }
                onItsWay.add((try? password.found()) ?? -1)
                return answer
            }
            let secrets = Secrets()
            var typed = password.typed()
            try secrets.give(.signPassword, Secret(wiping: &typed))
            _ = await failure { _ = try await MyNumberCardReader(card).read(try Plan(.signingCertificate), secrets: secrets) }
            XCTAssertEqual(card.secrets, 1)
            // The library's own, its command, and the one that goes to the channel.
            XCTAssertEqual(onItsWay.all, [3])
        }
        try await settles(password)
    }

    func testNoSecretStaysAfterAChange() async throws {
        let (old, new) = (Marked(of: 0x20), Marked(of: 0x30))
        let card = Table { command in command.count > 5 ? [0x90, 0x00] : [0x63, 0xC5] }
        var (first, second) = (old.typed(), new.typed())
        try await MyNumberCardReader(card).changePIN(
            .signPassword, from: Secret(wiping: &first), to: Secret(wiping: &second))
        XCTAssertEqual(card.secrets, 2)
        try await settles(old)
        try await settles(new)
    }

    /// Up to the point where it becomes a `String`, which nobody can wipe: Swift keeps one of twelve digits in each
    /// value that holds it.
    func testAMyNumberIsWipedUntilItIsAText() async throws {
        let number = Marked.number
        let card = Table(reads: { _ in number.filed() }) { command in command.count > 5 ? [0x90, 0x00] : [0x63, 0xC3] }
        func read() async throws {
            let operation = try CardOperation.plan(wants: [.myNumber])
            try operation.give(secret: .textPin, typed: Data([0x31, 0x32, 0x33, 0x34]))
            try operation.connected(maxCommand: 261, maxResponse: 258)
            while try operation.next() == .transmit {
                try operation.feed(response: try await card.transceive(operation.command()))
            }
            XCTAssertEqual(try operation.field(want: 0, field: .value)?.count, 12)
            XCTAssertGreaterThan(try number.found(), 0)
        }
        try await read()
        try await settles(number)
    }

    /// So long that what an allocator does next does not hide it.
    func testAFileThatTheLibraryHandsOverIsWipedWhenItIsLetGo() async throws {
        let content = Marked(of: 0x60)
        let card = Table(reads: { content.certificate($0) }) { _ in [0x63, 0xC3] }
        func read() async throws {
            let operation = try CardOperation.plan(wants: [.certificate(which: .auth)])
            try operation.connected(maxCommand: 261, maxResponse: 258)
            while try operation.next() == .transmit {
                try operation.feed(response: try await card.transceive(operation.command()))
            }
            XCTAssertEqual(try operation.field(want: 0, field: .value)?.count, 2_004)
        }
        try await read()
        try await settles(content)
    }

    /// As Core NFC takes it.
    func testACommandInPartsIsWipedWhenItIsLetGo() async throws {
        let password = Marked(of: 0x40)
        func send() {
            var command = [0x00, 0x20, 0x00, 0x9B, UInt8(12)] + password.typed()
            let parameters = CommandParameters(Data(wipedWhenFreed: command))
            command.withUnsafeMutableBytes { zero($0) }
            XCTAssertEqual(parameters?.data.count, 12)
        }
        send()
        try await settles(password)
    }

    /// The simulated card sees digests only.
    func testADocumentIsWipedWhenItIsLetGo() async throws {
        let content = Marked(of: 0x70)
        func sign() async throws {
            let card = try KazasuDemo.DemoCard()
            let inside = try KazasuPKI.Document.cms(content.der(), showing: .nameAddressBirthDateAndSex, place: .attached)
            let beside = try KazasuPKI.Document.cms(content.der(), showing: .nameAddressBirthDateAndSex)
            let result = try await MyNumberCardReader(card).read(
                try Plan(signing: [inside, beside]), secrets: .of(card, .signPassword))
            XCTAssertGreaterThan(try content.found(), 0)
            let looked = [
                try KazasuPKI.LookedAtFile.cms(result.signed(inside), believing: .demo),
                try KazasuPKI.LookedAtFile.cms(result.signed(beside), of: content.der(), believing: .demo),
            ]
            for one in looked {
                XCTAssertEqual(try one.signatures[0].findings.conclusion(without: ["revocation"]).outcome, .everythingAsked)
            }
        }
        try await sign()
        try await settles(content)
    }

    func testWhatAProofIsMadeOfIsWipedWhenItIsLetGo() async throws {
        let content = Marked(of: 0x80)
        func prove() throws {
            let proof = try Proof(nonce: Data(count: 32))
            try proof.text(
                certificate: content.der(), signature: Data(count: 256), key: content.der(), integrity: content.der(),
                attributes: content.der())
            XCTAssertGreaterThan(try proof.json().count, 3_600)
            XCTAssertGreaterThan(try content.found(), 0)
        }
        try prove()
        try await settles(content)
    }

    /// The search sees what it looks for.
    func testWhatIsKeptIsFound() throws {
        let password = Marked(of: 0x50)
        let kept = Array(password.typed())
        XCTAssertGreaterThan(try password.found(), 0)
        XCTAssertEqual(kept.count, 12)
    }

    /// The task that read may still be on its way out.
    private func settles(_ marked: Marked, line: UInt = #line) async throws {
        var found = try marked.found()
        for _ in 0..<20 where found > 0 {
            try await Task.sleep(nanoseconds: 20_000_000)
            found = try marked.found()
        }
        XCTAssertEqual(found, 0, line: line)
    }
}

/// Twelve letters and digits that stand nowhere until they are typed.
private struct Marked {
    private let masked: [UInt8]
    private static let mask: UInt8 = 0xA5

    /// A My Number that nobody has, its check digit last.
    static var number: Marked {
        let digits: [UInt8] = [7, 3, 9, 1, 8, 2, 6, 4, 0, 5, 7]
        var sum = 0
        for (at, digit) in digits.reversed().enumerated() { sum += Int(digit) * (at < 6 ? at + 2 : at - 4) }
        let check = sum % 11 <= 1 ? 0 : 11 - sum % 11
        return Marked(masked: (digits + [UInt8(check)]).map { ($0 + 0x30) ^ mask })
    }

    private init(masked: [UInt8]) { self.masked = masked }

    init(of seed: UInt8) {
        masked = (0..<12).map { (at: UInt8) -> UInt8 in
            let letter: UInt8 = 0x41 + (seed &* 7 &+ at &* 5) % 26
            let digit: UInt8 = 0x30 + (seed / 16 + at) % 10
            return (at % 3 == 2 ? digit : letter) ^ Self.mask
        }
    }

    func typed() -> [UInt8] { masked.map { $0 ^ Self.mask } }

    /// As the card's file has it, with its status word.
    func filed() -> Data {
        var file: [UInt8] = [0xFF, 0x10, 0x0C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0x90, 0x00]
        for (at, digit) in masked.enumerated() { file[3 + at] = digit ^ Self.mask }
        defer { file.withUnsafeMutableBytes { zero($0) } }
        return Data(wipedWhenFreed: file)
    }

    /// 900 bytes that are nothing else, in DER: so few that what an allocator does next does not hide them.
    func der() -> Data {
        var file: [UInt8] = [0x30, 0x82, 0x03, 0x84]
        file.reserveCapacity(904)
        for at in 0..<900 { file.append(masked[at % 12] ^ Self.mask) }
        defer { file.withUnsafeMutableBytes { zero($0) } }
        return Data(wipedWhenFreed: file)
    }

    /// What READ BINARY gives of a file of 2,000 bytes that are nothing else.
    func certificate(_ command: Data) -> Data {
        let start = command[2] & 0x80 != 0 ? Int(command[3]) : Int(command[2]) << 8 | Int(command[3])
        let head: [UInt8] = [0x30, 0x82, 0x07, 0xD0]
        var chunk = [UInt8](repeating: 0, count: min(256, 2_004 - start) + 2)
        for at in 0..<(chunk.count - 2) {
            chunk[at] = start + at < 4 ? head[start + at] : masked[(start + at - 4) % 12] ^ Self.mask
        }
        chunk[chunk.count - 2] = 0x90
        defer { chunk.withUnsafeMutableBytes { zero($0) } }
        return Data(wipedWhenFreed: chunk)
    }

    /// How often it lies in memory that this process can write to.
    func found() throws -> Int {
        let memory = open("/proc/self/mem", O_RDONLY)
        defer { close(memory) }
        let size = 1 << 20
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        defer { chunk.deallocate() }
        var found = 0
        for line in try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words[1].hasPrefix("rw"), !line.hasSuffix("[vvar]") else { continue }
            let ends = words[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            var at = ends[0]
            while at < ends[1] {
                // Its own place is read too, and must not hold what was read before.
                zero(chunk)
                let length = pread(memory, chunk.baseAddress, min(size, ends[1] - at), at)
                guard length > 0 else { break }
                found += count(in: UnsafeRawBufferPointer(start: chunk.baseAddress, count: length))
                // The next one begins where this one could have been cut.
                at += length < masked.count || at + length >= ends[1] ? length : length - masked.count + 1
            }
        }
        zero(chunk)
        return found
    }

    private func count(in bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        var (found, at) = (0, 0)
        while at + masked.count <= bytes.count,
            let hit = memchr(start + at, Int32(masked[0] ^ Self.mask), bytes.count - masked.count + 1 - at)
        {
            at = hit - UnsafeMutableRawPointer(mutating: start)
            if masked.indices.allSatisfy({ bytes[at + $0] ^ Self.mask == masked[$0] }) { found += 1 }
            at += 1
        }
        return found
    }
}

/// Says yes to SELECT, `answers` to VERIFY and to a change, and no to everything else.
private final class Table: CardChannel, @unchecked Sendable {
    private let answers: (Data) -> [UInt8]
    private let reads: (Data) -> Data
    private let lock = NSLock()
    private var sent = 0

    init(reads: @escaping (Data) -> Data = { _ in Data([0x6A, 0x82]) }, _ answers: @escaping (Data) -> [UInt8]) {
        (self.answers, self.reads) = (answers, reads)
    }

    var secrets: Int { lock.withLock { sent } }

    func transceive(_ command: Data) async throws -> Data {
        switch command[1] {
        case 0xA4: return Data([0x90, 0x00])
        case 0x20, 0x24:
            if command.count > 5 { lock.withLock { sent += 1 } }
            return Data(answers(command))
        case 0xB0: return reads(command)
        default: return Data([0x6A, 0x82])
        }
    }
}
#endif
