#if os(Linux)
import Foundation
import Glibc
import KazasuBindings
import XCTest

@testable import Kazasu

/// What is typed and what is read, searched for in this process's own memory. The card here is a table of literal answers: the simulated
/// card would be one more place where it lies.
final class MemoryTests: XCTestCase {
    func testNoSecretStaysAfterItsReading() async throws {
        let password = Marked(of: 0x10)
        for answer: [UInt8] in [[0x90, 0x00], [0x63, 0xC4], [0x69, 0x84]] {
            let card = Table { command in command.count > 5 ? answer : [0x63, 0xC5] }
            let secrets = Secrets()
            var typed = password.typed()
            try secrets.give(.signPassword, Secret(wiping: &typed))
            _ = await failure { _ = try await MyNumberCardReader(card).read(try Plan(.signingCertificate), secrets: secrets) }
            XCTAssertEqual(card.secrets, 1)
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

    init(of seed: UInt8) {
        masked = (0..<12).map { (at: UInt8) -> UInt8 in
            let letter: UInt8 = 0x41 + (seed &* 7 &+ at &* 5) % 26
            let digit: UInt8 = 0x30 + (seed / 16 + at) % 10
            return (at % 3 == 2 ? digit : letter) ^ Self.mask
        }
    }

    func typed() -> [UInt8] { masked.map { $0 ^ Self.mask } }

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
    private let lock = NSLock()
    private var sent = 0

    init(_ answers: @escaping (Data) -> [UInt8]) { self.answers = answers }

    var secrets: Int { lock.withLock { sent } }

    func transceive(_ command: Data) async throws -> Data {
        switch command[1] {
        case 0xA4: return Data([0x90, 0x00])
        case 0x20, 0x24:
            if command.count > 5 { lock.withLock { sent += 1 } }
            return Data(answers(command))
        default: return Data([0x6A, 0x82])
        }
    }
}
#endif
